//! `addax predict`: the outputs of a model for arrays or a table.

use super::data::named;
use addax::data::{Array, Arrays, files};
use addax::prelude::*;
use std::path::PathBuf;

/// Predicts for arrays or a table.
#[derive(clap::Args)]
#[command(allow_negative_numbers = true)]
pub struct Args {
    /// The model: `.keras` or `.h5`.
    model: PathBuf,
    /// `.npz` with one array per input, under its name; or CSV.
    data: PathBuf,
    /// Where the outputs go: `.npz`, or `.csv` with a column per number.
    #[arg(short, long)]
    output: PathBuf,
    /// Rows per step.
    #[arg(long, default_value_t = 32)]
    batch_size: usize,
    /// A column of the table that is no feature, by name or number.
    #[arg(long)]
    target: Option<String>,
}

pub fn run(args: &Args) -> Result<()> {
    let mut model = Model::load(&args.model)?;
    let arrays = files::read(&args.data, args.target.as_deref())?;
    let x = inputs(&model.input_names(), &arrays).map_err(|e| e.at(args.data.display()))?;
    let y = model.predict_all(x, args.batch_size)?;
    let mut outputs = Arrays::new();
    for (name, v) in names(&model.network()?.output_names()).iter().zip(y) {
        outputs.insert(name, v)?;
    }
    files::write(&args.output, &outputs)
}

/// The inputs of a model: by their names; a single one may also be the only array there is.
fn inputs(names: &[String], arrays: &Arrays) -> Result<Vec<Value>> {
    let numbers =
        |(name, a): (&str, &Array)| a.numbers().cloned().map_err(|e| e.at(format_args!("array \"{name}\"")));
    match (names, arrays.len()) {
        ([_], 1) => arrays.iter().map(numbers).collect(),
        _ => named(names, arrays, "", "x")?.iter().map(|(n, a)| numbers((n, a))).collect(),
    }
}

/// The names of the outputs if they differ, else `output_0`, `output_1`, …
fn names(own: &[String]) -> Vec<String> {
    let unique = own.iter().enumerate().all(|(i, n)| !own[..i].contains(n));
    if unique { own.to_vec() } else { (0..own.len()).map(|i| format!("output_{i}")).collect() }
}
