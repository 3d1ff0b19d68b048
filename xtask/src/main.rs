//! Development tasks: `cargo xtask goldens`, `cargo xtask parity`, `cargo xtask tidy`.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The activations whose values are recorded.
const ACTIVATIONS: &str = "linear,relu,relu6,leaky_relu,sigmoid,tanh,softmax,log_softmax,softplus,softsign,silu,gelu,elu,celu,\
selu,exponential,hard_sigmoid,hard_silu,hard_tanh,hard_shrink,soft_shrink,tanh_shrink,log_sigmoid,mish,squareplus,\
sparse_plus,sparse_sigmoid";

/// What they are recorded from.
const PACKAGES: [&str; 3] = ["keras==3.15.1", "jax==0.10.2", "scikit-learn==1.9.1"];

/// The scripts that record, in `xtask/goldens`.
const RECORDERS: [&str; 4] = ["record", "ops", "keras_ops", "splits_and_scores"];

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).unwrap_or_default()
}

/// Runs a command; whether it succeeded.
fn run(command: &mut Command) -> bool {
    match command.status() {
        Ok(status) => status.success(),
        Err(e) => {
            eprintln!("error: {command:?}: {e}");
            false
        }
    }
}

/// Installs Keras in a virtual environment, if it is not there, and records what it computes.
fn goldens() -> bool {
    let (root, venv) = (root(), root().join(".goldens-venv"));
    let python = venv.join("bin/python");
    let ready = python.exists() || {
        run(Command::new("python3").args(["-m", "venv"]).arg(&venv))
            && run(Command::new(&python).args(["-m", "pip", "install", "-q"]).args(PACKAGES))
    };
    let folder = root.join("goldens");
    let record = |file: &str| run(Command::new(&python).arg(root.join(file)).arg(&folder).arg(ACTIVATIONS));
    ready && RECORDERS.iter().all(|name| record(&format!("xtask/goldens/{name}.py")))
}

fn tidy() -> bool {
    let found = xtask::tidy::check(&root());
    found.iter().for_each(|f| println!("{f}"));
    found.is_empty()
}

fn main() -> ExitCode {
    let done = match std::env::args().nth(1).as_deref() {
        Some("goldens") => goldens(),
        Some("parity") => xtask::parity::run(&root(), &std::env::args().skip(2).collect::<Vec<_>>()),
        Some("tidy") => tidy(),
        _ => {
            eprintln!("usage: cargo xtask goldens|parity|tidy");
            false
        }
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
