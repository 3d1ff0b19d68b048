//! Metrics: totals added up inside the step, read when somebody asks (`keras.metrics`).

mod accuracy;
mod errors;

pub use accuracy::{Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy};
pub use errors::{
    BinaryCrossentropy, CategoricalCrossentropy, CosineSimilarity, KLDivergence, LogCoshError,
    MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError, MeanSquaredLogarithmicError, Poisson,
    RootMeanSquaredError, SparseCategoricalCrossentropy,
};

use crate::class::{Class, Def, Handle, Kind, find};
use addax_core::{Result, Shape, Tensor};

/// A metric. Totals of batches add up; the result is a function of the totals.
pub trait Metric: Class {
    /// The value of each sample (and step).
    fn per_sample(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor;

    /// From the mean of the values to the result.
    fn finish(&self, mean: f64) -> f64 {
        mean
    }

    /// Its name in History, unless it was given by a string.
    fn name(&self) -> String;
}

/// A metric, as an instance or by name.
pub type MetricHandle = Handle<dyn Metric>;

impl Kind for dyn Metric {
    const WHAT: &'static str = "metric";

    fn defs() -> &'static [&'static Def<dyn Metric>] {
        METRICS
    }
}

/// All metrics.
pub const METRICS: &[&Def<dyn Metric>] = &[
    &MeanSquaredError::DEF,
    &RootMeanSquaredError::DEF,
    &MeanAbsoluteError::DEF,
    &MeanAbsolutePercentageError::DEF,
    &MeanSquaredLogarithmicError::DEF,
    &CosineSimilarity::DEF,
    &LogCoshError::DEF,
    &Accuracy::DEF,
    &BinaryAccuracy::DEF,
    &CategoricalAccuracy::DEF,
    &SparseCategoricalAccuracy::DEF,
    &BinaryCrossentropy::DEF,
    &CategoricalCrossentropy::DEF,
    &SparseCategoricalCrossentropy::DEF,
    &KLDivergence::DEF,
    &Poisson::DEF,
];

/// Sum and count of a batch, weighted if weights are given: what is added to the totals.
pub fn totals(metric: &dyn Metric, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> [Tensor; 2] {
    let each = metric.per_sample(y_true, y_pred);
    match weight {
        None => {
            let axes: Vec<usize> = (0..each.rank()).collect();
            [each.sum_all(), each.count(&axes)]
        }
        Some(w) => {
            let mut w = w.cast(each.dtype());
            while w.rank() < each.rank() {
                w = w.expand_dims(-1);
            }
            let w = w.broadcast_to(each.shape());
            [(&each * &w).sum_all(), w.sum_all()]
        }
    }
}

/// Whether a name means "accuracy of the fitting kind".
pub fn is_accuracy(name: &str) -> bool {
    matches!(name, "accuracy" | "acc")
}

/// The accuracy that fits: binary for one output, sparse for class numbers, else categorical.
pub fn accuracy_for(output: &Shape, y: &Shape) -> Result<MetricHandle> {
    let name = if output.get(-1).is_some_and(|d| d == 1usize) {
        "BinaryAccuracy"
    } else if y.rank() < output.rank() || y.get(-1).is_some_and(|d| d == 1usize) {
        "SparseCategoricalAccuracy"
    } else {
        "CategoricalAccuracy"
    };
    find::<dyn Metric>(name).and_then(|d| (d.from_config)(&Default::default())).map(Handle::shared)
}
