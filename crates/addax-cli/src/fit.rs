//! `addax fit`: trains a compiled model as it was saved, or a network for a table that is built from flags.

use super::data::Labelled;
use super::tables;
use addax::data::atomic;
use addax::prelude::*;
use std::path::{Path, PathBuf};

/// Trains a model.
#[derive(clap::Args)]
pub struct Args {
    /// The model (`.keras` or `.h5`, compiled) and the data (`.npz` with `x` and `y`, or CSV with `--target`); a table
    /// alone is trained on by a network that is built for it.
    #[arg(num_args = 1..=2, required = true, value_names = ["MODEL", "DATA"])]
    files: Vec<PathBuf>,
    /// The column of the table to predict, by name or number.
    #[arg(long)]
    target: Option<String>,
    #[command(flatten)]
    network: tables::Args,
    /// Epochs; without a model 50.
    #[arg(long)]
    epochs: Option<usize>,
    /// Rows per step.
    #[arg(long, default_value_t = 32)]
    batch_size: usize,
    /// Rows in the order of the data, each epoch.
    #[arg(long)]
    no_shuffle: bool,
    /// The share of the last rows to validate on; without a model 0.2.
    #[arg(long, conflicts_with = "validation")]
    validation_split: Option<f64>,
    /// Data to validate on.
    #[arg(long)]
    validation: Option<PathBuf>,
    /// Weights of classes, as JSON: `{"0": 1, "1": 5}`.
    #[arg(long)]
    class_weight: Option<String>,
    /// Seed of first weights, shuffles and dropout; without it each run differs.
    #[arg(long)]
    seed: Option<u64>,
    /// Threads to work with; without it one for each processor.
    #[arg(long)]
    threads: Option<usize>,
    /// Stop at the first loss that is no number; no model is written then.
    #[arg(long)]
    terminate_on_nan: bool,
    /// The device to train on.
    #[arg(long, default_value = "cpu")]
    device: String,
    /// 0 silent, 1 the progress line, 2 one line per epoch.
    #[arg(long, default_value_t = 1)]
    verbose: u8,
    /// Where History goes, as JSON.
    #[arg(long)]
    history: Option<PathBuf>,
    /// Where the trained model goes.
    #[arg(short, long)]
    output: PathBuf,
}

/// All that a training is: the model, the data, and how they are gone through.
struct Run {
    model: Model,
    data: Labelled,
    validation: Option<Labelled>,
    epochs: usize,
    validation_split: f64,
    class_weight: Vec<(i64, f64)>,
}

pub fn run(args: &Args) -> Result<()> {
    if args.device != "cpu" {
        return Err(Error::unknown("device", &args.device, ["cpu"]));
    }
    if args.epochs == Some(0) {
        return Err(Error::value("--epochs").expected("at least 1").got(0));
    }
    if let Some(threads) = args.threads {
        addax::devices::set_threads(threads).map_err(|e| e.at("--threads"))?;
    }
    if let Some(seed) = args.seed {
        set_random_seed(seed);
    }
    let run = match &args.files[..] {
        [model, data] => Run::of_model(args, model, data)?,
        files => Run::of_table(args, &files[0])?,
    };
    train(args, run)
}

impl Run {
    /// A model as it was saved.
    fn of_model(args: &Args, model: &Path, data: &Path) -> Result<Run> {
        args.network.none_given()?;
        let model = Model::load(model)?;
        let (inputs, outputs) = (model.input_names(), model.output_names());
        let read = |path: &Path| Labelled::read(path, args.target.as_deref(), &inputs, &outputs);
        let data = read(data)?;
        let validation = args.validation.as_deref().map(read).transpose()?;
        let class_weight = args.class_weight.as_deref().map(class_weights).transpose()?.unwrap_or_default();
        let (epochs, validation_split) = (args.epochs.unwrap_or(1), args.validation_split.unwrap_or(0.0));
        Ok(Run { model, data, validation, epochs, validation_split, class_weight })
    }

    /// A network for a table.
    fn of_table(args: &Args, table: &Path) -> Result<Run> {
        let target = args.target.as_deref().ok_or_else(|| {
            let error = Error::value("--target").expected("the column to predict").got("none");
            error.hint("Give a model and data, or a table and its target.")
        })?;
        let (model, data) = args.network.build(table, target)?;
        let read =
            |path: &Path| Labelled::read(path, Some(target), &model.input_names(), &model.output_names());
        let validation = args.validation.as_deref().map(read).transpose()?;
        let share = if validation.is_some() { 0.0 } else { 0.2 };
        let class_weight = args.class_weight.as_deref().map(class_weights).transpose()?.unwrap_or_default();
        let (epochs, validation_split) = (args.epochs.unwrap_or(50), args.validation_split.unwrap_or(share));
        Ok(Run { model, data, validation, epochs, validation_split, class_weight })
    }
}

fn train(args: &Args, mut run: Run) -> Result<()> {
    let mut watch = TerminateOnNaN::new();
    // The model itself may go to the standard output.
    let verbose = if args.output == Path::new("-") { 0 } else { args.verbose };
    let mut fit = Fit::new()
        .epochs(run.epochs)
        .batch_size(args.batch_size)
        .shuffle(!args.no_shuffle)
        .validation_split(run.validation_split)
        .class_weight(run.class_weight)
        .verbose(verbose);
    if let Some(seed) = args.seed {
        fit = fit.seed(seed);
    }
    if let Some(weights) = run.data.weights {
        fit = fit.sample_weight(weights);
    }
    if let Some(v) = run.validation {
        fit = fit.validation_data(v.x, v.y);
        if let Some(weights) = v.weights {
            fit = fit.validation_sample_weight(weights);
        }
    }
    if args.terminate_on_nan {
        fit = fit.callback(&mut watch);
    }
    let history = run.model.fit(run.data.x, run.data.y, fit)?;
    if let Some(path) = &args.history {
        atomic::write(path, format!("{}\n", history.to_json()).as_bytes())?;
    }
    if let Some(step) = watch.stopped_batch {
        let error =
            Error::value("loss").expected("a number").got(format_args!("NaN or infinity in step {step}"));
        return Err(error.hint("No model was written."));
    }
    run.model.save(&args.output)
}

/// `{"0": 1, "1": 5}`.
fn class_weights(text: &str) -> Result<Vec<(i64, f64)>> {
    let wrong = || Error::value("--class-weight").expected("JSON such as {\"0\": 1, \"1\": 5}").got(text);
    let json: serde_json::Value = serde_json::from_str(text).map_err(|_| wrong())?;
    let entries = json.as_object().ok_or_else(wrong)?.iter();
    entries.map(|(k, v)| Some((k.parse().ok()?, v.as_f64()?))).collect::<Option<_>>().ok_or_else(wrong)
}
