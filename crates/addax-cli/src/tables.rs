//! `addax fit` and `addax predict` on a CSV table, the model built from flags.

use super::saved::Saved;
use addax::data::{Table, atomic};
use addax::prelude::*;
use std::path::{Path, PathBuf};

/// Trains on a table.
#[derive(clap::Args)]
pub struct FitArgs {
    /// The table.
    data: PathBuf,
    /// The column to predict, by name or number.
    #[arg(long)]
    target: String,
    /// Units of the hidden layers.
    #[arg(long, value_delimiter = ',', default_value = "64,64")]
    layers: Vec<usize>,
    /// Activation of the hidden layers.
    #[arg(long, default_value = "relu")]
    activation: String,
    /// Dropout after each hidden layer.
    #[arg(long, default_value_t = 0.0)]
    dropout: f64,
    /// `auto` finds it by the target; else a name that Keras knows.
    #[arg(long, default_value = "auto")]
    loss: String,
    /// Epochs.
    #[arg(long, default_value_t = 50)]
    epochs: usize,
    /// Rows per step.
    #[arg(long, default_value_t = 32)]
    batch_size: usize,
    /// The share of the last rows to validate on.
    #[arg(long, default_value_t = 0.2)]
    validation_split: f64,
    /// Seed of weights, shuffles and dropout.
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// 0 silent, 1 the progress line, 2 one line per epoch.
    #[arg(long, default_value_t = 1)]
    verbose: u8,
    /// Where History goes, as JSON.
    #[arg(long)]
    history: Option<PathBuf>,
    /// Where the model goes, for `addax predict`.
    #[arg(short, long)]
    output: PathBuf,
}

/// Predicts for a table.
#[derive(clap::Args)]
pub struct PredictArgs {
    /// What `addax fit` wrote.
    model: PathBuf,
    /// The table; a target column in it is left out.
    data: PathBuf,
    /// Where the predictions go, as CSV.
    #[arg(short, long)]
    output: PathBuf,
}

/// What the target asks for.
#[derive(Clone, Debug, PartialEq)]
pub enum Task {
    /// A number.
    Number,
    /// One of some classes, told by their names.
    Classes(Vec<String>),
}

impl Task {
    /// Text, or few different whole numbers from 0 on, are classes; anything else is a number.
    fn of(table: &Table, column: usize) -> Task {
        if let Some(names) = &table.classes[column] {
            return Task::Classes(names.clone());
        }
        let values = &table.columns[column];
        let most = values.iter().copied().fold(0.0, f64::max);
        let whole = values.iter().all(|v| v.fract() == 0.0 && *v >= 0.0);
        if whole && (1.0..50.0).contains(&most) && (most as usize + 1) * 5 <= values.len() {
            Task::Classes((0..=most as usize).map(|c| c.to_string()).collect())
        } else {
            Task::Number
        }
    }

    fn outputs(&self) -> usize {
        match self {
            Task::Number => 1,
            Task::Classes(names) if names.len() == 2 => 1,
            Task::Classes(names) => names.len(),
        }
    }

    fn loss(&self) -> &'static str {
        match (self, self.outputs()) {
            (Task::Number, _) => "mse",
            (Task::Classes(_), 1) => "binary_crossentropy",
            (Task::Classes(_), _) => "sparse_categorical_crossentropy",
        }
    }

    fn activation(&self) -> &'static str {
        match (self, self.outputs()) {
            (Task::Number, _) => "linear",
            (Task::Classes(_), 1) => "sigmoid",
            (Task::Classes(_), _) => "softmax",
        }
    }
}

/// The network for a table.
pub fn network(
    features: usize,
    layers: &[usize],
    activation: &str,
    dropout: f64,
    task: &Task,
) -> Result<Model> {
    let x = Input([features])?;
    let mut last = x.clone();
    for units in layers {
        last = Dense::new(*units).activation(activation).on(&last)?;
        if dropout > 0.0 {
            last = Dropout::new(dropout).on(&last)?;
        }
    }
    let y = Dense::new(task.outputs()).activation(task.activation()).on(&last)?;
    Ok(Model::new(Network::new(&[&x], &[&y])?))
}

pub fn fit(args: &FitArgs) -> Result<()> {
    let table = Table::read(&args.data)?;
    let target = table.column(&args.target)?;
    let task = Task::of(&table, target);
    let (x, y) = table.split(&args.target)?;
    if let Some(i) = y.to_f64().iter().position(|v| v.is_nan()) {
        return Err(Error::value(format!("column \"{}\"", table.names[target]))
            .expected("a target in every row")
            .got(format!("none in row {i}")));
    }
    let names =
        table.names.iter().enumerate().filter(|(c, _)| *c != target).map(|(_, n)| n.clone()).collect();
    let mut saved = Saved::new(names, &args.layers, &args.activation, args.dropout, task.clone(), &x, &y)?;
    set_random_seed(args.seed);
    let mut model = saved.model()?;
    let loss = if args.loss == "auto" { task.loss() } else { args.loss.as_str() };
    let metric = if task == Task::Number { "mae" } else { "accuracy" };
    model.compile(Compile::new("adam").loss(loss).metrics([metric]))?;
    let options =
        Fit::new().epochs(args.epochs).batch_size(args.batch_size).verbose(args.verbose).seed(args.seed);
    let options = options.validation_split(args.validation_split);
    let history = model.fit(saved.scale(&x)?, saved.scale_target(&y), options)?;
    saved.weights = model.get_weights()?;
    saved.write(&args.output)?;
    if let Some(path) = &args.history {
        write_history(path, &history)?;
    }
    Ok(())
}

/// Strict JSON: what is not a number is null.
fn write_history(path: &Path, history: &History) -> Result<()> {
    let json = history.to_json();
    atomic::write(path, format!("{json}\n").as_bytes())
}

pub fn predict(args: &PredictArgs) -> Result<()> {
    let saved = Saved::read(&args.model)?;
    let table = Table::read(&args.data)?;
    let columns = saved.features.iter().map(|n| table.column(n)).collect::<Result<Vec<_>>>();
    let columns = columns.map_err(|e| e.at(args.data.display()))?;
    let mut model = saved.model()?;
    model.set_weights(&saved.weights)?;
    let y = model.predict(saved.scale(&table.features(&columns)?)?)?;
    let width = y.len() / y.rows().max(1);
    let numbers = y.to_f64();
    let mut text = match &saved.task {
        Task::Number => "prediction\n".to_string(),
        Task::Classes(names) if width == 1 => format!("prediction,probability_{}\n", quoted(&names[1])),
        Task::Classes(names) => {
            let columns: Vec<String> = names.iter().map(|n| format!("probability_{}", quoted(n))).collect();
            format!("prediction,{}\n", columns.join(","))
        }
    };
    for row in numbers.chunks(width.max(1)) {
        text += &match &saved.task {
            Task::Number => format!("{}\n", saved.unscale(row[0])),
            Task::Classes(names) => {
                let best = if width == 1 { usize::from(row[0] > 0.5) } else { largest(row) };
                let chances: Vec<String> = row.iter().map(f64::to_string).collect();
                format!("{},{}\n", quoted(&names[best]), chances.join(","))
            }
        };
    }
    atomic::write(&args.output, text.as_bytes())
}

fn largest(row: &[f64]) -> usize {
    (0..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best })
}

fn quoted(name: &str) -> String {
    if name.contains([',', '"', '\n']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.to_string()
    }
}
