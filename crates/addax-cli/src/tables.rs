//! A network for a table, built from flags: its features are brought to mean 0 and deviation 1 inside the model, so that
//! the model file alone is enough to predict.

use super::data::Labelled;
use addax::arguments::{Argument, Arguments};
use addax::data::Table;
use addax::ops::NanToNum;
use addax::prelude::*;
use std::path::Path;

/// What the network for a table is like.
#[derive(clap::Args, Clone, Default)]
#[group(skip)]
pub struct Args {
    /// Without a model: units of the hidden layers [default: 64,64].
    #[arg(long, value_delimiter = ',')]
    pub layers: Option<Vec<usize>>,
    /// Without a model: activation of the hidden layers [default: relu].
    #[arg(long)]
    pub activation: Option<String>,
    /// Without a model: dropout after each hidden layer.
    #[arg(long)]
    pub dropout: Option<f64>,
    /// Without a model: a name that Keras knows; else it is found by the target.
    #[arg(long)]
    pub loss: Option<String>,
}

/// What the target asks for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Task {
    /// A number.
    Number,
    /// One of so many classes.
    Classes(usize),
}

impl Task {
    /// Text, or few different whole numbers from 0 on, are classes; anything else is a number.
    pub fn of(table: &Table, column: usize) -> Task {
        if let Some(names) = &table.classes[column] {
            return Task::Classes(names.len());
        }
        let values = &table.columns[column];
        let most = values.iter().copied().fold(0.0, f64::max);
        let whole = values.iter().all(|v| v.fract() == 0.0 && *v >= 0.0);
        if whole && (1.0..50.0).contains(&most) && (most as usize + 1) * 5 <= values.len() {
            Task::Classes(most as usize + 1)
        } else {
            Task::Number
        }
    }

    /// Outputs, their activation, the loss and the metric.
    pub fn head(self) -> (usize, &'static str, &'static str, &'static str) {
        match self {
            Task::Number => (1, "linear", "mse", "mae"),
            Task::Classes(0..=2) => (1, "sigmoid", "binary_crossentropy", "accuracy"),
            Task::Classes(n) => (n, "softmax", "sparse_categorical_crossentropy", "accuracy"),
        }
    }
}

/// Mean and deviation of numbers, those that are missing left out; a constant has deviation 1.
fn spread(values: &[f64]) -> (f64, f64) {
    let known = || values.iter().filter(|v| v.is_finite());
    let n = known().count().max(1) as f64;
    let mean = known().sum::<f64>() / n;
    let deviation = (known().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    (mean, if deviation > 0.0 { deviation } else { 1.0 })
}

impl Args {
    /// A model that was saved says all of this itself.
    pub fn none_given(&self) -> Result<()> {
        let given = [
            ("--layers", self.layers.is_some()),
            ("--activation", self.activation.is_some()),
            ("--dropout", self.dropout.is_some()),
            ("--loss", self.loss.is_some()),
        ];
        match given.iter().find(|(_, given)| *given) {
            Some((flag, _)) => Err(Error::value(*flag)
                .expected("a table without a model")
                .got("a model, which says it itself")),
            None => Ok(()),
        }
    }

    /// The network for a table, compiled, and the table's rows.
    pub fn build(&self, path: &Path, target: &str) -> Result<(Model, Labelled)> {
        let table = Table::read(path)?;
        let column = table.column(target).map_err(|e| e.at(path.display()))?;
        let task = Task::of(&table, column);
        let features: Vec<usize> = (0..table.names.len()).filter(|c| *c != column).collect();
        if features.is_empty() {
            let error = Error::value("table").expected("at least one column beside the target").got("none");
            return Err(error.at(path.display()));
        }
        let columns: Vec<&[f64]> = features.iter().map(|c| &table.columns[*c][..]).collect();
        let mut model = Model::new(self.network(&columns, &table.columns[column], task)?);
        let (_, _, loss, metric) = task.head();
        let loss = self.loss.as_deref().unwrap_or(loss);
        model.compile(Compile::new("adam").loss(loss).metrics([metric]))?;
        let data = Labelled::read(path, Some(target), &model)?;
        Ok((model, data))
    }

    /// The network for columns of features and a target.
    pub fn network(&self, features: &[&[f64]], target: &[f64], task: Task) -> Result<Network> {
        let spreads: Vec<(f64, f64)> = features.iter().map(|c| spread(c)).collect();
        let row = |f: fn(&(f64, f64)) -> f64| {
            let numbers: Vec<f32> = spreads.iter().map(|s| f(s) as f32).collect();
            Value::new([1, numbers.len()], numbers).map(Tensor::from)
        };
        let x = Input([features.len()])?;
        let mut last = x.minus(row(|s| s.0)?)?.over(row(|s| s.1)?)?;
        if features.iter().any(|c| c.iter().any(|v| v.is_nan())) {
            // A missing feature counts as the mean.
            let arguments = Arguments { positional: vec![Argument::Tensor(last)], named: Vec::new() };
            last = LayerRef::from(NanToNum::new()).on_with(arguments)?.remove(0);
        }
        for units in self.layers.as_deref().unwrap_or(&[64, 64]) {
            last = Dense::new(*units).activation(self.activation.as_deref().unwrap_or("relu")).on(&last)?;
            if let Some(rate) = self.dropout.filter(|r| *r > 0.0) {
                last = Dropout::new(rate).on(&last)?;
            }
        }
        let (outputs, activation, ..) = task.head();
        let mut y = Dense::new(outputs).activation(activation).on(&last)?;
        if task == Task::Number {
            let (mean, deviation) = spread(target);
            y = y.times(deviation)?.plus(mean)?;
        }
        Network::new(&[&x], &[&y])
    }
}
