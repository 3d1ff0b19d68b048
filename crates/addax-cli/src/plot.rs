//! `addax plot`: the curves of a history.

use addax::data::{Figure, Table};
use addax::{Error, Result};
use serde_json::Value as Json;
use std::path::PathBuf;

/// Draws the history of a training.
#[derive(clap::Args)]
pub struct Args {
    /// HISTORY.json or HISTORY.csv.
    history: PathBuf,
    /// OUT.png, OUT.svg or OUT.html.
    #[arg(short, long)]
    output: PathBuf,
}

pub fn run(args: &Args) -> Result<()> {
    let series = match args.history.extension().and_then(|e| e.to_str()) {
        Some("csv") => {
            let table = Table::read(&args.history)?;
            let columns = table.names.into_iter().zip(table.columns);
            columns.filter(|(name, _)| name != "epoch").collect()
        }
        _ => json(args)?,
    };
    draw(&series)?.save(&args.output)
}

fn json(args: &Args) -> Result<Vec<(String, Vec<f64>)>> {
    let name = args.history.display();
    let text = std::fs::read_to_string(&args.history).map_err(|e| Error::io(&name, e))?;
    let json: Json = serde_json::from_str(&text).map_err(|e| Error::io(&name, e))?;
    let object =
        json.as_object().ok_or_else(|| Error::value(name.to_string()).expected("an object of lists"))?;
    let number = |v: &Json| if v.is_null() { Some(f64::NAN) } else { v.as_f64() };
    let list = |(key, v): (&String, &Json)| {
        let values = v.as_array().and_then(|a| a.iter().map(number).collect::<Option<Vec<f64>>>());
        let error = || Error::value(format!("{name} > {key}")).expected("a list of numbers").got(v);
        Ok((key.clone(), values.ok_or_else(error)?))
    };
    object.iter().map(list).collect()
}

/// Loss and validation loss if they are there, else everything.
fn draw(series: &[(String, Vec<f64>)]) -> Result<Figure> {
    let losses: Vec<_> = series.iter().filter(|(n, _)| n == "loss" || n == "val_loss").collect();
    let shown: Vec<_> = if losses.is_empty() { series.iter().collect() } else { losses };
    if shown.iter().all(|(_, v)| v.is_empty()) {
        return Err(Error::value("history").expected("at least one epoch").got("none"));
    }
    let figure = Figure::new().title("Loss по эпохам").x_label("Эпохи").y_label("loss").grid(true);
    Ok(shown.into_iter().fold(figure, |f, (name, values)| f.line(name, values)))
}
