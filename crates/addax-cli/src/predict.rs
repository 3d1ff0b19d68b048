//! `addax predict`: the outputs of a model for arrays or a table.

use super::data::{input, named, texts};
use addax::data::{Array, Arrays, Strings, files};
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
    let x = inputs(&model.input_names(), &texts(&model), &arrays).map_err(|e| e.at(args.data.display()))?;
    let y = model.predict_all(x, args.batch_size)?;
    let mut outputs = Arrays::new();
    let network = model.network()?;
    for ((name, v), output) in names(&network.output_names()).iter().zip(y).zip(network.outputs()) {
        let array = if output.is_text() { Strings::from_value(&v)?.into() } else { Array::from(v) };
        outputs.insert(name, array)?;
    }
    files::write(&args.output, &outputs)
}

/// The inputs of a model: by their names; a single one may also be the only array there is.
fn inputs(names: &[String], texts: &[bool], arrays: &Arrays) -> Result<Vec<Value>> {
    match (names, arrays.len()) {
        ([_], 1) => arrays.iter().zip(texts).map(|(a, text)| input(a, *text)).collect(),
        _ => named(names, arrays, "", "x")?
            .iter()
            .zip(texts)
            .map(|((n, a), text)| input((n, a), *text))
            .collect(),
    }
}

/// The names of the outputs if they differ, else `output_0`, `output_1`, …
fn names(own: &[String]) -> Vec<String> {
    let unique = own.iter().enumerate().all(|(i, n)| !own[..i].contains(n));
    if unique { own.to_vec() } else { (0..own.len()).map(|i| format!("output_{i}")).collect() }
}
