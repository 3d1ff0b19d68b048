//! `addax evaluate`: loss and metrics of a compiled model.

use super::data::Labelled;
use super::out::say;
use addax::prelude::*;
use addax::training::{Evaluate, format_reading};
use std::path::PathBuf;

/// Loss and metrics on a data set.
#[derive(clap::Args)]
#[command(allow_negative_numbers = true)]
pub struct Args {
    /// The model: `.keras` or `.h5`, compiled.
    model: PathBuf,
    /// `.npz` with `x` and `y` (or `x_<input>`, `y_<output>`), perhaps `sample_weight`; or CSV with `--target`.
    data: PathBuf,
    /// Rows per step.
    #[arg(long, default_value_t = 32)]
    batch_size: usize,
    /// The column of the table to predict, by name or number.
    #[arg(long)]
    target: Option<String>,
    /// As one JSON object.
    #[arg(long)]
    json: bool,
}

pub fn run(args: &Args) -> Result<()> {
    let mut model = Model::load(&args.model)?;
    let data = Labelled::read(&args.data, args.target.as_deref(), &model)?;
    let mut asked = Evaluate::new().batch_size(args.batch_size);
    if let Some(weights) = data.weights {
        asked = asked.sample_weight(weights);
    }
    let logs = model.evaluate_with(data.x, data.y, asked)?;
    if args.json {
        let object: serde_json::Map<_, _> = logs.iter().map(|(k, v)| (k.clone(), v.to_json())).collect();
        return say(&format!("{}\n", serde_json::Value::Object(object)));
    }
    let each: Vec<String> = logs.iter().map(|(k, v)| format!("{k}: {}", format_reading(v))).collect();
    say(&format!("{}\n", each.join(" - ")))
}
