//! `addax predict`: the outputs of a model for arrays or a table.

use super::data::{Data, inputs};
use addax::data::{Arrays, atomic, npz};
use addax::prelude::*;
use std::path::{Path, PathBuf};

/// Predicts for arrays or a table.
#[derive(clap::Args)]
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
    let data = Data::read(&args.data)?;
    let csv = matches!(data, Data::Table(_));
    let x = features(&model, data, args.target.as_deref()).map_err(|e| e.at(args.data.display()))?;
    let y = model.predict_all(x, args.batch_size)?;
    let names = names(&model.network()?.output_names());
    if ends_in(&args.output, "csv") || (csv && args.output.as_os_str() == "-") {
        return atomic::write(&args.output, table(&names, &y)?.as_bytes());
    }
    let mut arrays = Arrays::new();
    names.iter().zip(y).try_for_each(|(n, v)| arrays.insert(n, v))?;
    atomic::with_writer(&args.output, |out| npz::write(&arrays, out).map(drop))
}

fn ends_in(path: &Path, ending: &str) -> bool {
    path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending))
}

/// The inputs of a model out of a data file.
pub fn features(model: &Model, data: Data, target: Option<&str>) -> Result<Vec<Value>> {
    let names = model.input_names();
    match data {
        Data::Arrays(arrays) => inputs(&names, &arrays, "")?.iter().map(|a| a.numbers().cloned()).collect(),
        Data::Table(table) => {
            let left_out = target.map(|t| table.column(t)).transpose()?;
            let columns: Vec<usize> = (0..table.names.len()).filter(|c| Some(*c) != left_out).collect();
            Ok(vec![table.features(&columns)?])
        }
    }
}

/// The names of the outputs if they differ, else `output_0`, `output_1`, …
fn names(own: &[String]) -> Vec<String> {
    let unique = own.iter().enumerate().all(|(i, n)| !own[..i].contains(n));
    if unique { own.to_vec() } else { (0..own.len()).map(|i| format!("output_{i}")).collect() }
}

/// The outputs as CSV: a column for each number of a row.
fn table(names: &[String], outputs: &[Value]) -> Result<String> {
    let mut columns: Vec<(String, Vec<f64>)> = Vec::new();
    for (name, v) in names.iter().zip(outputs) {
        let (numbers, width) = (v.to_f64(), v.len() / v.rows().max(1));
        for c in 0..width {
            let title = if width == 1 { name.clone() } else { format!("{name}_{c}") };
            columns.push((title, numbers.iter().skip(c).step_by(width).copied().collect()));
        }
    }
    let rows = outputs.first().map_or(0, Value::rows);
    let line = |cells: Vec<String>| cells.join(",") + "\n";
    let mut text = line(columns.iter().map(|(n, _)| quoted(n)).collect());
    for r in 0..rows {
        text +=
            &line(columns.iter().map(|(_, v)| v.get(r).map(f64::to_string).unwrap_or_default()).collect());
    }
    Ok(text)
}

fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_string()
    }
}
