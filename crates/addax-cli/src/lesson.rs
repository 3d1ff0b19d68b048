//! `addax lesson`: the lesson's steps in order, then its homework.

use addax::data::plot::Heatmap;
use addax::data::{Figure, Split, scores, synthetic, train_test_split};
use addax::prelude::*;
use std::path::PathBuf;
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

/// The lesson's model with other sizes; with `rate`, Dropout and L2 after each hidden layer.
pub fn layers(first: usize, second: usize, rate: Option<f64>) -> Sequential {
    let dense = |units: usize| {
        let layer = Dense::new(units).activation("relu");
        if rate.is_some() { layer.kernel_regularizer(L2::new().l2(1e-4)) } else { layer }
    };
    let mut model = Sequential::new().add(dense(first).input_shape([10]));
    if let Some(rate) = rate {
        model = model.add(Dropout::new(rate));
    }
    model = model.add(dense(second));
    if let Some(rate) = rate {
        model = model.add(Dropout::new(rate)).add(dense(32));
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

    let (mut model, history, _) = train(&data, layers(64, 64, None), args.epochs, 32, 1, args.seed)?;
    print!("\n{}", model.summary());
    curves(args, &history, "loss.png", "Loss по эпохам")?;
    if args.short {
        return Ok(());
    }
    homework(args, &data)?;
    binary(args, &data)?;
    let test = model.evaluate(&data.x_test, &data.y_test, 32)?;
    println!("\nThe first model on the test set: {}", describe(&test));
    Ok(())
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
    let mut model = Model::sequential(layers)?;
    model.compile(Compile::new("adam").loss("mse").metrics(["mae"]))?;
    let begun = Instant::now();
    let fit = Fit::new().epochs(epochs).batch_size(batch).verbose(verbose).seed(seed);
    let history = model.fit(&data.x_train, &data.y_train, fit.validation_data(&data.x_test, &data.y_test))?;
    Ok((model, history, begun.elapsed().as_secs_f64()))
}

fn curves(args: &Args, history: &History, file: &str, title: &str) -> Result<()> {
    let Some(folder) = &args.out else { return Ok(()) };
    let values = |name: &str| history.get(name).unwrap_or_default();
    let figure = Figure::new().title(title).x_label("Эпохи").y_label("MSE").grid(true);
    figure
        .line("Train Loss", values("loss"))
        .line("Validation Loss", values("val_loss"))
        .save(folder.join(file))?;
    println!("wrote {}", folder.join(file).display());
    Ok(())
}

/// Wider and deeper with Dropout and L2; batch sizes compared; 50 epochs; predictions against truth.
fn homework(args: &Args, data: &Data) -> Result<()> {
    println!("\nHomework: Dense 128, 128, 32 with Dropout(0.2) and L2, 50 epochs");
    println!("{:>10} {:>10} {:>10} {:>10}", "batch_size", "loss", "val_loss", "time");
    let mut kept = None;
    for batch in [16, 32, 64] {
        let (model, history, seconds) = train(data, layers(128, 128, Some(0.2)), 50, batch, 0, args.seed)?;
        let last = |name: &str| history.last(name).unwrap_or(f64::NAN);
        println!("{batch:>10} {:>10.4} {:>10.4} {:>8.0}ms", last("loss"), last("val_loss"), seconds * 1e3);
        if batch == 32 {
            kept = Some((model, history));
        }
    }
    let Some((mut model, history)) = kept else { return Ok(()) };
    println!("{}", verdict(&history));
    curves(args, &history, "homework_loss.png", "Loss по эпохам: Dropout и L2")?;
    if let Some(folder) = &args.out {
        let predicted = model.predict(&data.x_test)?.to_f64();
        let path = folder.join("predictions.png");
        let figure = Figure::new()
            .title("Предсказания на тестовой выборке")
            .x_label("y_test")
            .y_label("y_pred")
            .grid(true);
        figure.scatter("", &data.y_test.to_f64(), &predicted).diagonal().save(&path)?;
        println!("wrote {}", path.display());
    }
    Ok(())
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
fn binary(args: &Args, data: &Data) -> Result<()> {
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
    let (_, _, f1) = scores::precision_recall_f1(&truth, &named, 1)?;
    println!("\nTwo classes (is the sum above its median?), 20 epochs:");
    println!(
        "accuracy {:.4}, F1 {f1:.4}, ROC-AUC {:.4}",
        scores::accuracy(&truth, &named)?,
        scores::roc_auc(&truth, &chance)?
    );
    let (classes, counts) = scores::confusion_matrix(&truth, &named)?;
    println!("confusion matrix (rows true, columns predicted, classes {classes:?}): {counts:?}");
    if let Some(folder) = &args.out {
        let rows: Vec<Vec<f64>> = counts.iter().map(|r| r.iter().map(|c| *c as f64).collect()).collect();
        let path = folder.join("confusion_matrix.png");
        let heatmap = Heatmap::new(&rows).title("Матрица ошибок").axes("Предсказано", "На самом деле");
        heatmap.labels(&["ниже", "выше"]).save(&path)?;
        println!("wrote {}", path.display());
    }
    Ok(())
}
