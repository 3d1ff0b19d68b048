//! `addax fit`: trains a compiled model as it was saved, or a network for a table that is built from flags.

use super::data::Labelled;
use super::signals;
use super::tables;
use addax::core::ErrorKind;
use addax::data::atomic;
use addax::prelude::*;
use addax::random::fresh_seed;
use addax::saving::Format;
use addax::training::{Checkpoints, Run};
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;

/// Trains a model.
#[derive(clap::Args)]
#[command(allow_negative_numbers = true)]
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
    /// Where the run is kept after each epoch, so that it can go on after a crash; the last two are there.
    #[arg(long, value_name = "DIR")]
    checkpoint: Option<PathBuf>,
    /// Keep the run after every so many steps, too.
    #[arg(long, value_name = "STEPS")]
    checkpoint_every: Option<usize>,
    /// Go on with the run that is kept there, to the same weights bit for bit; it is kept on there unless
    /// `--checkpoint` says where.
    #[arg(long, value_name = "DIR")]
    resume: Option<PathBuf>,
    /// Stop at the first loss that is no number; no model is written then.
    #[arg(long)]
    terminate_on_nan: bool,
    /// The device to train on.
    #[arg(long, default_value = "cpu")]
    device: String,
    /// 0 silent, 1 the progress line, 2 one line per epoch.
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u8).range(0..=2))]
    verbose: u8,
    /// Where History goes, as JSON.
    #[arg(long)]
    history: Option<PathBuf>,
    /// Where the trained model goes.
    #[arg(short, long)]
    output: PathBuf,
}

/// The model, the data, and how they are gone through.
struct Task {
    model: Model,
    data: Labelled,
    validation: Option<Labelled>,
    epochs: usize,
    validation_split: f64,
    class_weight: Vec<(i64, f64)>,
}

pub fn run(args: &Args) -> Result<()> {
    signals::watch()?;
    addax::devices::select(&args.device)?;
    if args.epochs == Some(0) {
        return Err(Error::value("--epochs").expected("at least 1").got(0));
    }
    if let Some(threads) = args.threads {
        addax::devices::set_threads(threads).map_err(|e| e.at("--threads"))?;
    }
    Format::named(&args.output)?;
    [Some(&args.output), args.history.as_ref()].into_iter().flatten().try_for_each(|p| atomic::check(p))?;
    let kept = kept(args)?;
    // A run that is kept has a seed of its own, by which it goes on.
    let of_run = |(_, run): &(_, Option<Run>)| run.as_ref().map_or_else(fresh_seed, |run| run.seed);
    let seed = args.seed.or(kept.as_ref().map(of_run));
    if let Some(seed) = seed {
        set_random_seed(seed);
    }
    let task = match &args.files[..] {
        [model, data] => Task::of_model(args, model, data)?,
        files => Task::of_table(args, &files[0])?,
    };
    train(args, task, seed, kept.map(|(checkpoints, _)| checkpoints))
}

/// Where the run is kept, and the one that is there already if it is to go on.
fn kept(args: &Args) -> Result<Option<(Checkpoints, Option<Run>)>> {
    let Some(folder) = args.checkpoint.as_ref().or(args.resume.as_ref()) else {
        return match args.checkpoint_every {
            Some(_) => {
                Err(Error::value("--checkpoint-every").expected("--checkpoint DIR beside it").got("none"))
            }
            None => Ok(None),
        };
    };
    let mut checkpoints = Checkpoints::new(folder);
    if let Some(steps) = args.checkpoint_every {
        if steps == 0 {
            return Err(Error::value("--checkpoint-every").expected("at least 1").got(0));
        }
        checkpoints = checkpoints.every(steps);
    }
    let Some(old) = &args.resume else { return Ok(Some((checkpoints, None))) };
    let run = Checkpoints::new(old).latest().map_err(|e| e.at("--resume"))?;
    if run.is_none() {
        eprintln!("warning: no checkpoint in {}, the training begins anew", old.display());
    }
    Ok(Some((checkpoints.resume_from(old), run)))
}

impl Task {
    /// A model as it was saved.
    fn of_model(args: &Args, model: &Path, data: &Path) -> Result<Task> {
        args.network.none_given()?;
        let model = Model::load(model)?;
        let read = |path: &Path| Labelled::read(path, args.target.as_deref(), &model);
        let data = read(data)?;
        let validation = args.validation.as_deref().map(read).transpose()?;
        let class_weight = args.class_weight.as_deref().map(class_weights).transpose()?.unwrap_or_default();
        let (epochs, validation_split) = (args.epochs.unwrap_or(1), args.validation_split.unwrap_or(0.0));
        Ok(Task { model, data, validation, epochs, validation_split, class_weight })
    }

    /// A network for a table.
    fn of_table(args: &Args, table: &Path) -> Result<Task> {
        let target = args.target.as_deref().ok_or_else(|| {
            let error = Error::value("--target").expected("the column to predict").got("none");
            error.hint("Give a model and data, or a table and its target.")
        })?;
        let (model, data) = args.network.build(table, target)?;
        let read = |path: &Path| Labelled::read(path, Some(target), &model);
        let validation = args.validation.as_deref().map(read).transpose()?;
        let share = if validation.is_some() { 0.0 } else { 0.2 };
        let class_weight = args.class_weight.as_deref().map(class_weights).transpose()?.unwrap_or_default();
        let (epochs, validation_split) = (args.epochs.unwrap_or(50), args.validation_split.unwrap_or(share));
        Ok(Task { model, data, validation, epochs, validation_split, class_weight })
    }
}

fn train(args: &Args, mut task: Task, seed: Option<u64>, checkpoints: Option<Checkpoints>) -> Result<()> {
    let mut watch = TerminateOnNaN::new();
    // The model itself may go to the standard output.
    let verbose = if args.output == Path::new("-") { 0 } else { args.verbose };
    let stop = signals::stop_flag();
    let mut fit = Fit::new()
        .epochs(task.epochs)
        .batch_size(args.batch_size)
        .shuffle(!args.no_shuffle)
        .validation_split(task.validation_split)
        .class_weight(task.class_weight)
        .verbose(verbose)
        .stop_flag(stop);
    if let Some(seed) = seed {
        fit = fit.seed(seed);
    }
    if let Some(weights) = task.data.weights {
        fit = fit.sample_weight(weights);
    }
    if let Some(v) = task.validation {
        fit = fit.validation_data(v.x, v.y);
        if let Some(weights) = v.weights {
            fit = fit.validation_sample_weight(weights);
        }
    }
    if args.terminate_on_nan {
        fit = fit.callback(&mut watch);
    }
    if let Some(checkpoints) = checkpoints {
        fit = fit.checkpoints(checkpoints);
    }
    let history = task.model.fit(task.data.x, task.data.y, fit)?;
    if let Some(path) = &args.history {
        atomic::write(path, format!("{}\n", history.to_json()).as_bytes())?;
    }
    if args.terminate_on_nan {
        finite(&task.model, &watch)?;
    }
    let done = history.epoch.last().map_or(0, |e| e + 1);
    if stop.load(Ordering::SeqCst) && done < task.epochs {
        let message = format!("interrupted after {done} of {} epochs", task.epochs);
        let error = Error::new(ErrorKind::Interrupted, message);
        return Err(match args.checkpoint.as_ref().or(args.resume.as_ref()) {
            Some(folder) => error.hint(format_args!("--resume {} goes on.", folder.display())),
            None => error,
        });
    }
    task.model.save(&args.output)
}

/// Refuses a model that NaN has spoilt.
fn finite(model: &Model, watch: &TerminateOnNaN) -> Result<()> {
    let wrong = |what: &str, got: String| {
        let error = Error::value(what).expected("a number").got(got);
        Err(error.hint("No model was written."))
    };
    if let Some(step) = watch.stopped_batch {
        return wrong("loss", format!("NaN or infinity in step {step}"));
    }
    match model.session().map_or(Ok(true), |s| s.is_finite())? {
        true => Ok(()),
        false => wrong("weights", "NaN or infinity after the last step".into()),
    }
}

/// `{"0": 1, "1": 5}`.
fn class_weights(text: &str) -> Result<Vec<(i64, f64)>> {
    let wrong = || Error::value("--class-weight").expected("JSON such as {\"0\": 1, \"1\": 5}").got(text);
    let json: serde_json::Value = serde_json::from_str(text).map_err(|_| wrong())?;
    let entries = json.as_object().ok_or_else(wrong)?.iter();
    entries.map(|(k, v)| Some((k.parse().ok()?, v.as_f64()?))).collect::<Option<_>>().ok_or_else(wrong)
}
