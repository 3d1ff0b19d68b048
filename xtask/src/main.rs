//! Development tasks: `cargo xtask exchange`, `cargo xtask goldens`, `cargo xtask parity`, `cargo xtask tidy`.
#![forbid(unsafe_code)]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// The activations whose values are recorded.
const ACTIVATIONS: &str = "linear,relu,relu6,leaky_relu,sigmoid,tanh,softmax,log_softmax,softplus,softsign,silu,gelu,elu,celu,\
selu,exponential,hard_sigmoid,hard_silu,hard_tanh,hard_shrink,soft_shrink,tanh_shrink,log_sigmoid,mish,squareplus,\
sparse_plus,sparse_sigmoid";

/// What they are recorded from.
const PACKAGES: [&str; 3] = ["keras==3.15.1", "jax==0.10.2", "scikit-learn==1.9.1"];

/// What files are exchanged with.
const READERS: [&str; 6] = ["keras==3.15.1", "jax==0.10.2", "h5py", "onnx", "onnxruntime", "safetensors"];

/// The scripts that record, in `xtask/goldens`.
const RECORDERS: [&str; 5] = ["record", "ops", "keras_ops", "splits_and_scores", "selection"];

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

/// A virtual environment with some packages, made if it is not there; its Python.
fn python_with(venv: &Path, packages: &[&str]) -> Option<PathBuf> {
    let python = venv.join("bin/python");
    let ready = python.exists()
        || (run(Command::new("python3").args(["-m", "venv"]).arg(venv))
            && run(Command::new(&python).args(["-m", "pip", "install", "-q"]).args(packages)));
    ready.then_some(python)
}

/// Keras writes, addax predicts, evaluates, trains on and converts, Keras reads again: a case for each class of the
/// tables. `ADDAX_PYTHON` names a Python that has Keras; without it one is made.
fn exchange(words: &[String]) -> bool {
    let (root, folder) = (root(), root().join("target/exchange"));
    let given = std::env::var_os("ADDAX_PYTHON").map(PathBuf::from);
    let made = || python_with(&root.join("target/exchange-venv"), &READERS);
    let Some(python) = given.or_else(made) else { return false };
    let mut record = Command::new(&python);
    record.arg(root.join("xtask/src/parity/exchange.py")).arg(&folder).args(words);
    let Ok(this) = std::env::current_exe() else { return false };
    let mut examine = Command::new(this);
    examine.arg("parity").args(words.is_empty().then_some("--cover")).arg(&folder).args(words);
    run(&mut record) && run(examine.env("ADDAX_PYTHON", &python))
}

/// Installs Keras in a virtual environment, if it is not there, and records what it computes.
fn goldens() -> bool {
    let root = root();
    let Some(python) = python_with(&root.join(".goldens-venv"), &PACKAGES) else { return false };
    let folder = root.join("goldens");
    let record = |file: &str| run(Command::new(&python).arg(root.join(file)).arg(&folder).arg(ACTIVATIONS));
    RECORDERS.iter().all(|name| record(&format!("xtask/goldens/{name}.py")))
}

fn tidy() -> bool {
    let found = xtask::tidy::check(&root());
    found.iter().for_each(|f| println!("{f}"));
    found.is_empty()
}

fn main() -> ExitCode {
    let rest: Vec<String> = std::env::args().skip(2).collect();
    let done = match std::env::args().nth(1).as_deref() {
        Some("exchange") => exchange(&rest),
        Some("goldens") => goldens(),
        Some("parity") => xtask::parity::run(&root(), &rest),
        Some("tidy") => tidy(),
        _ => {
            eprintln!("usage: cargo xtask exchange|goldens|parity|tidy");
            false
        }
    };
    if done { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
