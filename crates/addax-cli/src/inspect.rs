//! `addax inspect`: what is in a file; the graph and the plan of a model.

use super::out::say;
use addax::data::{Array, files};
use addax::prelude::*;
use addax::saving::{Contents, contents};
use std::fmt::Write;
use std::path::PathBuf;

/// What is in a file.
#[derive(clap::Args)]
pub struct Args {
    /// A model, weights, or arrays.
    file: PathBuf,
    /// The graph that predicts.
    #[arg(long, conflicts_with_all = ["plan", "weights"])]
    graph: bool,
    /// The plan that predicts 32 rows: its memory, and the time that each step takes.
    #[arg(long, conflicts_with = "weights")]
    plan: bool,
    /// Every array with its place, element type and shape.
    #[arg(long)]
    weights: bool,
}

pub fn run(args: &Args) -> Result<()> {
    if args.graph {
        return say(&Model::load(&args.file)?.network()?.inference_graph()?.to_string());
    }
    if args.plan {
        return say(&plan(&mut Model::load(&args.file)?)?);
    }
    let ending = args.file.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    if matches!(ending.as_str(), "npz" | "npy" | "csv" | "tsv") {
        return say(&arrays(args)?);
    }
    let Contents { about, arrays } = contents(&args.file)?;
    let mut text = String::new();
    if !args.weights {
        about.iter().for_each(|(what, value)| text += &format!("{what:<12} {value}\n"));
    } else {
        arrays.iter().for_each(|(path, dtype, shape)| text += &format!("{path} {dtype} {shape}\n"));
    }
    say(&text)
}

fn arrays(args: &Args) -> Result<String> {
    let mut text = String::new();
    for (name, array) in files::read(&args.file, None)?.iter() {
        let dtype = match array {
            Array::Numbers(v) => v.dtype().name(),
            Array::Strings(_) => "str",
        };
        text += &format!("{name} {dtype} {}\n", Shape::of(array.shape()));
    }
    Ok(text)
}

/// The plan for 32 rows of zeros, run a few times.
fn plan(model: &mut Model) -> Result<String> {
    const ROWS: usize = 32;
    let inputs = model.network()?.inputs().to_vec();
    let zeros = |s: &Symbolic| {
        let dims = s.shape().dims().iter().skip(1).map(|d| d.known().unwrap_or(1));
        Value::zeros(s.dtype(), &[ROWS].into_iter().chain(dims).collect::<Vec<_>>())
    };
    let report = model.timed_plan(inputs.iter().map(zeros).collect::<Vec<_>>())?;
    let total: f64 = report.steps.iter().map(|s| s.seconds).sum();
    let mut text = format!(
        "{ROWS} rows: {} steps, {} floating-point operations, {} bytes of working memory, {:.1} us\n",
        report.steps.len(),
        report.flops,
        report.arena_bytes,
        total * 1e6
    );
    for step in &report.steps {
        let share = if total > 0.0 { step.seconds / total * 100.0 } else { 0.0 };
        let _ =
            writeln!(text, "{:>9.2} us {share:>5.1}%  {:<28} {}", step.seconds * 1e6, step.name, step.scope);
    }
    Ok(text)
}
