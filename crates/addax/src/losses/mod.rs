//! Losses: one number per sample (`keras.losses`). Reduction and sample weights are applied once, here.

mod classification;
mod regression;

pub use classification::{
    BinaryCrossentropy, CategoricalCrossentropy, CategoricalHinge, Hinge, KLDivergence, Poisson,
    SparseCategoricalCrossentropy, SquaredHinge,
};
pub use regression::{
    CosineSimilarity, Huber, LogCosh, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
    MeanSquaredLogarithmicError,
};

use crate::class::{Class, Def, Handle, Kind};
use addax_core::{DType, Error, Result, Shape, Tensor};

/// The smallest number that keeps logarithms and quotients finite (`keras.config.epsilon()`).
pub const EPSILON: f64 = 1e-7;

/// A loss.
pub trait Loss: Class {
    /// The loss of each sample (and step): the shape of `y_pred` without its last axis.
    fn per_sample(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor;

    /// How the samples' losses become one number, by Keras's name.
    fn reduction(&self) -> &str;

    /// How labels are given, to be checked before the first step.
    fn labels(&self) -> Labels {
        Labels::Same
    }
}

/// How a loss wants its targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// In the shape of the output.
    Same,
    /// A class number per sample, below the output's last axis.
    ClassNumbers,
    /// In the shape of the output, each row a distribution (one-hot).
    Distribution,
    /// In the shape of the output, each number between 0 and 1.
    Probabilities,
}

/// A loss, as an instance or by name.
pub type LossHandle = Handle<dyn Loss>;

impl Kind for dyn Loss {
    const WHAT: &'static str = "loss";

    fn defs() -> &'static [&'static Def<dyn Loss>] {
        LOSSES
    }
}

/// All losses.
pub const LOSSES: &[&Def<dyn Loss>] = &[
    &MeanSquaredError::DEF,
    &MeanAbsoluteError::DEF,
    &MeanAbsolutePercentageError::DEF,
    &MeanSquaredLogarithmicError::DEF,
    &CosineSimilarity::DEF,
    &Huber::DEF,
    &LogCosh::DEF,
    &BinaryCrossentropy::DEF,
    &CategoricalCrossentropy::DEF,
    &SparseCategoricalCrossentropy::DEF,
    &KLDivergence::DEF,
    &Poisson::DEF,
    &Hinge::DEF,
    &SquaredHinge::DEF,
    &CategoricalHinge::DEF,
];

/// Targets of one axis fewer, or with a last axis of 1 too many, get the output's rank; the element type is the
/// output's.
pub fn align(y_true: &Tensor, y_pred: &Tensor) -> Tensor {
    let y = y_true.cast(y_pred.dtype());
    match (y.rank(), y_pred.rank()) {
        (a, b) if a + 1 == b && y_pred.dim(-1) == 1usize => y.expand_dims(-1),
        (a, b) if a == b + 1 && y.dim(-1) == 1usize => y.squeeze(-1),
        _ => y,
    }
}

/// The reduced loss of a batch: Keras's `sum_over_batch_size` divides by the number of losses, whatever the weights.
///
/// `weight` has the shape of the losses, or one number per sample.
pub fn reduced(loss: &dyn Loss, y_true: &Tensor, y_pred: &Tensor, weight: Option<&Tensor>) -> Tensor {
    let each = loss.per_sample(y_true, y_pred);
    let weighted = match weight {
        Some(w) => &each * spread(&w.cast(each.dtype()), &each.shape()),
        None => each.clone(),
    };
    match loss.reduction() {
        "sum" => weighted.sum_all(),
        "sum_over_batch_size" | "mean" => weighted.mean_all(),
        "mean_with_sample_weight" => match weight {
            Some(w) => weighted.sum_all() / spread(&w.cast(each.dtype()), &each.shape()).sum_all(),
            None => weighted.mean_all(),
        },
        other => Tensor::failed(Error::unknown("reduction", other, ["sum", "sum_over_batch_size", "mean"])),
    }
}

/// One weight per sample, for each of its losses.
fn spread(weight: &Tensor, shape: &Shape) -> Tensor {
    let mut w = weight.clone();
    while w.rank() > shape.rank() && w.dim(-1) == 1usize {
        w = w.squeeze(-1);
    }
    while w.rank() < shape.rank() {
        w = w.expand_dims(-1);
    }
    w.broadcast_to(shape)
}

/// Whether element `[…, c]` is the class numbered by the label: a bool tensor in the shape of `like`.
pub fn is_class(labels: &Tensor, like: &Tensor) -> Tensor {
    let labels = if labels.rank() == like.rank() { labels.clone() } else { labels.expand_dims(-1) };
    let classes = Tensor::iota(DType::I32, like.shape(), like.rank().saturating_sub(1));
    labels.cast(DType::I32).broadcast_to(like.shape()).equal(&classes)
}

/// Resolves Keras's `"crossentropy"` by the shapes of output and targets.
pub fn crossentropy_for(output: &Shape, y: &Shape) -> Result<LossHandle> {
    let name = if output.get(-1).is_some_and(|d| d == 1usize) {
        "binary_crossentropy"
    } else if y.rank() < output.rank() || y.get(-1).is_some_and(|d| d == 1usize) {
        "sparse_categorical_crossentropy"
    } else {
        "categorical_crossentropy"
    };
    let handle = LossHandle::from(name);
    handle.get()?;
    Ok(handle)
}
