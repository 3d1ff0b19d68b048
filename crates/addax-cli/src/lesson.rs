//! `addax lesson`: the lesson's steps in order, then its homework.

use addax::data::plot::{plot_confusion_matrix, plot_predictions, plot_roc};
use addax::data::scores::{Averaging, Confusion, Fbeta, Ranking, report};
use addax::data::selection::{GridSearchCV, ParamGrid, Params, Validation};
use addax::data::{Figure, Split, synthetic, train_test_split};
use addax::prelude::*;
use addax::random::with_seed;
use addax::report::RunReport;
use addax::wrappers::KerasRegressor;
use std::path::{Path, PathBuf};
use std::time::Instant;

/// The lesson end to end.
#[derive(clap::Args)]
#[command(allow_negative_numbers = true)]
pub struct Args {
    /// Epochs of the first training.
    #[arg(long, default_value_t = 10)]
    epochs: usize,
    /// Folder for the pictures; none are drawn without it.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Seed of data, split, weights, shuffles and dropout.
    #[arg(long, default_value_t = 42)]
    seed: u64,
    /// The device to train on.
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Only the lesson's first training, without the homework.
    #[arg(long)]
    short: bool,
}

/// The data of the lesson, split.
struct Data {
    x_train: Value,
    x_test: Value,
    y_train: Value,
    y_test: Value,
}

/// The lesson's model with hidden layers of these sizes; with `rate`, Dropout and L2 after each of them.
pub fn layers(units: &[usize], rate: Option<f64>) -> Sequential {
    let mut model = Sequential::new();
    for (i, units) in units.iter().enumerate() {
        let mut dense = Dense::new(*units).activation("relu");
        if rate.is_some() {
            dense = dense.kernel_regularizer(L2::new().l2(1e-4));
        }
        model = if i == 0 { model.add(dense.input_shape([10])) } else { model.add(dense) };
        if let Some(rate) = rate {
            model = model.add(Dropout::new(rate));
        }
    }
    model.add(Dense::new(1usize))
}

pub fn run(args: &Args) -> Result<()> {
    addax::devices::select(&args.device)?;
    if args.epochs == 0 {
        return Err(Error::value("--epochs").expected("at least 1").got(0));
    }
    if let Some(folder) = &args.out {
        std::fs::create_dir_all(folder).map_err(|e| Error::io(folder.display(), e))?;
    }
    set_random_seed(args.seed);
    let (x, y) = synthetic::sums(1000, args.seed)?;
    let parts = train_test_split(&[&x, &y], &Split::new(0.2).random_state(args.seed as u32))?;
    let [(x_train, x_test), (y_train, y_test)] =
        <[_; 2]>::try_from(parts).map_err(|_| Error::value("split"))?;
    let data = Data { x_train, x_test, y_train, y_test };
    println!(
        "Data: {} rows to train on, {} to test on, 10 features each",
        data.x_train.rows(),
        data.x_test.rows()
    );

    let (mut model, history, _) = train(&data, layers(&[64, 64], None), args.epochs, 32, 1, args.seed)?;
    print!("\n{}", model.summary());
    picture(args, "loss.png", |p| curves(&history, "Loss по эпохам").save(p))?;
    if args.short {
        return Ok(());
    }
    let test = model.evaluate(&data.x_test, &data.y_test, 32)?;
    println!("\nThe lesson's model on the test set: {}", describe(&test));
    compare(args, &data)?;
    let page = RunReport::new("addax lesson").history(&history).model(&model);
    let page = regularized(args, &data, page)?;
    let page = binary(args, &data, page)?;
    let page = grid(args, &data, page)?.environment();
    picture(args, "report.html", |p| page.save(p))
}

fn describe(logs: &addax::training::Logs) -> String {
    let each = logs.iter().map(|(k, v)| format!("{k} {}", addax::training::format_reading(v)));
    each.collect::<Vec<_>>().join(", ")
}

fn train(
    data: &Data,
    layers: Sequential,
    epochs: usize,
    batch: usize,
    verbose: u8,
    seed: u64,
) -> Result<(Model, History, f64)> {
    // Every training begins with the same seed, so that what is compared differs in nothing else.
    with_seed(seed, || {
        let mut model = Model::sequential(layers)?;
        model.compile(Compile::new("adam").loss("mse").metrics(["mae"]))?;
        let begun = Instant::now();
        let fit = Fit::new().epochs(epochs).batch_size(batch).verbose(verbose).seed(seed);
        let fit = fit.validation_data(&data.x_test, &data.y_test);
        let history = model.fit(&data.x_train, &data.y_train, fit)?;
        Ok((model, history, begun.elapsed().as_secs_f64()))
    })
}

/// Writes a file into the folder for pictures, if there is one.
fn picture(args: &Args, file: &str, save: impl FnOnce(&Path) -> Result<()>) -> Result<()> {
    let Some(folder) = &args.out else { return Ok(()) };
    let path = folder.join(file);
    save(&path)?;
    println!("wrote {}", path.display());
    Ok(())
}

fn curves(history: &History, title: &str) -> Figure {
    let values = |name: &str| history.get(name).unwrap_or_default();
    let figure = Figure::new().title(title).x_label("Эпохи").y_label("MSE").grid(true);
    figure.line("Train Loss", values("loss")).line("Validation Loss", values("val_loss"))
}

/// The first homework: wider and deeper, with each batch size.
fn compare(args: &Args, data: &Data) -> Result<()> {
    println!("\nHomework 1: wider and deeper, batch sizes compared, {} epochs", args.epochs);
    println!("{:<28} {:>10} {:>10} {:>10} {:>10}", "model", "batch_size", "loss", "val_loss", "time");
    let models: [(&str, &[usize], Option<f64>); 3] = [
        ("Dense 64, 64", &[64, 64], None),
        ("Dense 64, 128, 32", &[64, 128, 32], None),
        ("Dense 128, 128, 32, Dropout", &[128, 128, 32], Some(0.2)),
    ];
    let mut drawn = None;
    for (name, units, rate) in models {
        for batch in [16, 32, 64] {
            let (_, history, seconds) = train(data, layers(units, rate), args.epochs, batch, 0, args.seed)?;
            let last = |name: &str| history.last(name).unwrap_or(f64::NAN);
            let (loss, val) = (last("loss"), last("val_loss"));
            println!("{name:<28} {batch:>10} {loss:>10.4} {val:>10.4} {:>8.0}ms", seconds * 1e3);
            if (rate, batch) == (None, 32) && units.len() == 3 {
                drawn = Some(curves(&history, "Loss по эпохам: Dense 64, 128, 32"));
            }
        }
    }
    drawn.map_or(Ok(()), |figure| picture(args, "homework_loss.png", |p| figure.save(p)))
}

/// The second homework: 128 units, Dropout and L2, 50 epochs with validation; predictions against truth.
fn regularized(args: &Args, data: &Data, page: RunReport) -> Result<RunReport> {
    println!("\nHomework 2: Dense 128, 128, 32 with Dropout(0.2) and L2, 50 epochs");
    let (mut model, history, seconds) =
        train(data, layers(&[128, 128, 32], Some(0.2)), 50, 32, 0, args.seed)?;
    let keys: Vec<&str> = history.history.keys().map(String::as_str).collect();
    let last = keys.iter().map(|k| format!("{k} {:.4}", history.last(k).unwrap_or(f64::NAN)));
    println!("{} ({:.0} ms)", last.collect::<Vec<_>>().join(", "), seconds * 1e3);
    let verdict = verdict(&history);
    println!("{verdict}");
    let title = "Loss по эпохам: Dropout и L2";
    picture(args, "dropout_loss.png", |p| curves(&history, title).save(p))?;
    let (truth, predicted) = (data.y_test.to_f64(), model.predict(&data.x_test)?.to_f64());
    let figure = plot_predictions(&truth, &predicted).title("Предсказания на тестовой выборке");
    picture(args, "predictions.png", |p| figure.save(p))?;
    let page = page.section("Dropout and L2", &verdict).history(&history);
    Ok(page.predictions(&truth, &predicted))
}

/// Whether it overfits: by the lesson's rule, val_loss rises while loss falls.
fn verdict(history: &History) -> String {
    let third = |name: &str, part: usize| {
        let v = history.get(name).unwrap_or_default();
        let n = (v.len() / 3).max(1);
        let piece = &v[(part * n).min(v.len().saturating_sub(1))..((part + 1) * n).min(v.len())];
        // Single epochs jump with Dropout; the median does not follow them.
        let mut sorted = piece.to_vec();
        sorted.sort_by(f64::total_cmp);
        sorted.get(sorted.len() / 2).copied().unwrap_or(f64::NAN)
    };
    let (loss, val) = ((third("loss", 1), third("loss", 2)), (third("val_loss", 1), third("val_loss", 2)));
    let told = format!(
        "median of the middle third of the epochs to that of the last: loss {:.4} to {:.4}, val_loss {:.4} to {:.4}",
        loss.0, loss.1, val.0, val.1
    );
    match (loss.1 < loss.0, val.1 > val.0 * 1.05) {
        (true, true) => format!("It overfits: val_loss rises while loss falls ({told})."),
        (_, false) => format!("It does not overfit: val_loss does not rise ({told})."),
        (false, true) => format!(
            "val_loss rises, but loss does not fall either ({told}): not overfitting, but no progress."
        ),
    }
}

/// The same rows as two classes: is the sum above its median?
fn binary(args: &Args, data: &Data, page: RunReport) -> Result<RunReport> {
    let (y_train, y_test) = (synthetic::above_median(&data.y_train), synthetic::above_median(&data.y_test));
    let layers = Sequential::new()
        .add(Dense::new(64usize).activation("relu").input_shape([10]))
        .add(Dense::new(64usize).activation("relu"))
        .add(Dense::new(1usize).activation("sigmoid"));
    let mut model = Model::sequential(layers)?;
    model.compile(Compile::new("adam").loss("binary_crossentropy").metrics(["accuracy"]))?;
    let fit = Fit::new().epochs(20).batch_size(32).verbose(0).seed(args.seed);
    model.fit(&data.x_train, &y_train, fit.validation_data(&data.x_test, &y_test))?;
    let chance = model.predict(&data.x_test)?.to_f64();
    let truth: Vec<i64> = y_test.to_i64();
    let named: Vec<i64> = chance.iter().map(|p| i64::from(*p > 0.5)).collect();
    let confusion = Confusion::new(&truth, &named, None)?;
    let (score, ranking) =
        (Fbeta::default().average(&confusion, Averaging::Binary(1)), Ranking::of_class(&truth, &chance, 1)?);
    println!("\nTwo classes (is the sum above its median?), 20 epochs:");
    println!("accuracy {:.4}, F1 {:.4}, ROC-AUC {:.4}", confusion.accuracy(), score.f, ranking.roc_auc()?);
    let names = ["ниже", "выше"];
    print!("{}", report(&confusion, &Fbeta::default(), Some(&names), 3));
    let heatmap = plot_confusion_matrix(&confusion, &names).title("Матрица ошибок");
    let heatmap = heatmap.axes("Предсказано", "На самом деле");
    picture(args, "confusion_matrix.png", |p| heatmap.save(p))?;
    let roc = ranking.roc(true);
    let figure = plot_roc(&[("", &roc)])?.title("ROC-кривая");
    picture(args, "roc.png", |p| figure.save(p))?;
    page.classes(&confusion, &names).roc(&[("", &roc)])
}

/// The lesson's grid search, with its scoring.
fn grid(args: &Args, data: &Data, page: RunReport) -> Result<RunReport> {
    println!("\nGrid search, cv=3, scoring=neg_mean_squared_error:");
    let build = |p: &Params| {
        let mut model = Model::sequential(layers(&[p.int("units", 64)?, 64], None))?;
        model.compile(Compile::new("adam").loss("mse").metrics(["mae"]))?;
        Ok(model)
    };
    let grid =
        ParamGrid::new().vary("units", [32, 64, 128]).vary("batch_size", [16, 32]).vary("epochs", [10, 20]);
    let judged = Validation::new().folds(3).scoring(&["neg_mean_squared_error"])?.seed(args.seed);
    let found = GridSearchCV::new(grid)
        .fit(&data.x_train, &data.y_train, &judged, |p, seed| Ok(KerasRegressor::new(build, p, seed)))?;
    let table = found.table();
    print!("{table}");
    println!("best: {} with {:.4}", found.best_params(), found.best_score());
    Ok(page.section("Grid search", &table))
}
