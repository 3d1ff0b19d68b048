//! Metrics (`keras.metrics`): totals added up inside the step, read when somebody asks.

mod accuracy;
mod auc;
mod confusion;
mod correlation;
mod counts;
mod errors;
mod f_score;
mod iou;
mod mean;
mod operating_point;
mod r2_score;
mod reading;
mod running;
mod top_k;
mod wrapper;

pub use accuracy::{Accuracy, BinaryAccuracy, CategoricalAccuracy, SparseCategoricalAccuracy};
pub use auc::AUC;
pub use correlation::{ConcordanceCorrelation, PearsonCorrelation};
pub use counts::{FalseNegatives, FalsePositives, Precision, Recall, TrueNegatives, TruePositives};
pub use errors::{
    BinaryCrossentropy, CategoricalCrossentropy, CategoricalHinge, CosineSimilarity, Hinge, KLDivergence,
    LogCoshError, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
    MeanSquaredLogarithmicError, Poisson, RootMeanSquaredError, SparseCategoricalCrossentropy, SquaredHinge,
};
pub use f_score::{F1Score, FBetaScore};
pub use iou::{BinaryIoU, IoU, MeanIoU, OneHotIoU, OneHotMeanIoU};
pub use mean::{Mean, Sum};
pub use operating_point::{
    PrecisionAtRecall, RecallAtPrecision, SensitivityAtSpecificity, SpecificityAtSensitivity,
};
pub use r2_score::R2Score;
pub use reading::Reading;
pub use running::Running;
pub use top_k::{SparseTopKCategoricalAccuracy, TopKCategoricalAccuracy};
pub use wrapper::{LossMetric, MeanMetricWrapper, of_function};

use crate::class::{Class, Def, Handle, Kind};
use crate::fields::Name;
use addax_core::{DType, Result, Shape, Tensor, Value};

/// What a metric sees of a batch.
#[derive(Clone, Copy)]
pub struct Batch<'a> {
    /// The targets.
    pub y_true: &'a Tensor,
    /// The outputs.
    pub y_pred: &'a Tensor,
    /// Weights of samples, or of samples and steps; only for metrics that are to be weighted.
    pub weight: Option<&'a Tensor>,
    /// Which steps of the output there are.
    pub mask: Option<&'a Tensor>,
}

impl<'a> Batch<'a> {
    /// Targets and outputs, all of them counting alike.
    pub fn new(y_true: &'a Tensor, y_pred: &'a Tensor) -> Self {
        Batch { y_true, y_pred, weight: None, mask: None }
    }
}

/// Which way a metric gets better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// The larger the better.
    Up,
    /// The smaller the better.
    Down,
}

/// A metric. Its totals are arrays of float64; what batches add to them does not depend on how the rows are batched.
pub trait Metric: Class {
    /// Its name in History, unless it was asked for by a string.
    fn name(&self) -> &Name;

    /// The shapes of its totals for targets and outputs of these shapes.
    fn totals(&self, y_true: &Shape, y_pred: &Shape) -> Result<Vec<Shape>>;

    /// What a batch adds to the totals.
    fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>>;

    /// The totals after a batch.
    fn update(&self, totals: &[Tensor], batch: &Batch) -> Result<Vec<Tensor>> {
        let added = self.batch(batch).map_err(|e| e.at(self.class_name()))?;
        Ok(totals.iter().zip(added).map(|(t, a)| t + a.cast(DType::F64)).collect())
    }

    /// What the totals say.
    fn result(&self, totals: &[Value]) -> Result<Reading>;

    /// Which way it gets better, where that is known.
    fn direction(&self) -> Option<Direction>;

    /// Whether it is given values, not targets and outputs: then it cannot be compiled into a model.
    fn takes_values(&self) -> bool {
        false
    }

    /// Finds arguments out of range.
    fn check(&self) -> Result<()> {
        Ok(())
    }
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
    &Mean::DEF,
    &Sum::DEF,
    &MeanMetricWrapper::DEF,
    &MeanSquaredError::DEF,
    &RootMeanSquaredError::DEF,
    &MeanAbsoluteError::DEF,
    &MeanAbsolutePercentageError::DEF,
    &MeanSquaredLogarithmicError::DEF,
    &CosineSimilarity::DEF,
    &LogCoshError::DEF,
    &R2Score::DEF,
    &AUC::DEF,
    &FalseNegatives::DEF,
    &FalsePositives::DEF,
    &TrueNegatives::DEF,
    &TruePositives::DEF,
    &Precision::DEF,
    &Recall::DEF,
    &PrecisionAtRecall::DEF,
    &RecallAtPrecision::DEF,
    &SensitivityAtSpecificity::DEF,
    &SpecificityAtSensitivity::DEF,
    &ConcordanceCorrelation::DEF,
    &PearsonCorrelation::DEF,
    &Hinge::DEF,
    &SquaredHinge::DEF,
    &CategoricalHinge::DEF,
    &KLDivergence::DEF,
    &Poisson::DEF,
    &BinaryCrossentropy::DEF,
    &CategoricalCrossentropy::DEF,
    &SparseCategoricalCrossentropy::DEF,
    &Accuracy::DEF,
    &BinaryAccuracy::DEF,
    &CategoricalAccuracy::DEF,
    &SparseCategoricalAccuracy::DEF,
    &TopKCategoricalAccuracy::DEF,
    &SparseTopKCategoricalAccuracy::DEF,
    &F1Score::DEF,
    &FBetaScore::DEF,
    &IoU::DEF,
    &BinaryIoU::DEF,
    &MeanIoU::DEF,
    &OneHotIoU::DEF,
    &OneHotMeanIoU::DEF,
];

/// Whether a name means "accuracy of the fitting kind".
pub fn is_accuracy(name: &str) -> bool {
    matches!(name.to_lowercase().as_str(), "accuracy" | "acc")
}

/// The accuracy that fits: binary for one output, sparse for class numbers, else categorical. The name of a metric.
pub fn accuracy_for(output: &Shape, y: &Shape) -> &'static str {
    if output.get(-1).is_some_and(|d| d == 1usize) {
        "BinaryAccuracy"
    } else if y.rank() < output.rank() || y.get(-1).is_some_and(|d| d == 1usize) {
        "SparseCategoricalAccuracy"
    } else {
        "CategoricalAccuracy"
    }
}

/// Declares the struct of a metric: its own arguments where Keras has them, among those that all metrics share.
macro_rules! metric_class {
    (
        $(#[doc = $doc:literal])*
        $name:ident [$($id:literal),*] $default:expr;
        ( $($(#[doc = $d0:literal])* $f0:ident: $t0:ty),* $(,)? )
        { $($(#[doc = $d1:literal])* $f1:ident: $t1:ty = $v1:expr),* $(,)? }
        { $($(#[doc = $d2:literal])* $f2:ident: $t2:ty = $v2:expr),* $(,)? }
    ) => {
        $crate::class! {
            $(#[doc = $doc])*
            pub struct $name: dyn Metric in "keras.metrics" [$($id),*] keeping [] (
                $($(#[doc = $d0])* $f0: $t0,)*
            ) {
                $($(#[doc = $d1])* $f1: $t1 = $v1,)*
                /// Its name.
                name: $crate::fields::Name = $default,
                /// The element type it computes in.
                dtype: Option<addax_core::DType> = None,
                $($(#[doc = $d2])* $f2: $t2 = $v2,)*
            }
        }
    };
}
use metric_class;

/// The answers of a metric about its name and direction.
macro_rules! metric_arguments {
    ($direction:expr) => {
        fn name(&self) -> &$crate::fields::Name {
            &self.name
        }

        fn direction(&self) -> Option<$crate::metrics::Direction> {
            $direction
        }
    };
}
use metric_arguments;

/// Declares a metric that is the running mean of one formula's values.
macro_rules! mean_metric {
    (
        $(#[doc = $doc:literal])*
        $name:ident [$($id:literal),*] $default:literal; { $($before:tt)* } { $($after:tt)* } $direction:ident;
        |$this:ident, $t:ident, $p:ident| $body:expr
    ) => {
        $crate::metrics::metric_class! {
            $(#[doc = $doc])* $name [$($id),*] $default.into(); () { $($before)* } { $($after)* }
        }

        impl $name {
            /// The values that the mean is taken of.
            pub fn values(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor {
                let ($this, $t, $p) = (self, y_true, y_pred);
                let _ = $this;
                $body
            }
        }

        impl $crate::metrics::Metric for $name {
            $crate::metrics::metric_arguments!(Some($crate::metrics::Direction::$direction));

            fn totals(&self, _: &addax_core::Shape, _: &addax_core::Shape) -> addax_core::Result<Vec<addax_core::Shape>> {
                Ok($crate::metrics::mean::totals())
            }

            fn batch(&self, batch: &$crate::metrics::Batch) -> addax_core::Result<Vec<Tensor>> {
                let values = self.values(batch.y_true, batch.y_pred);
                $crate::metrics::mean::sums(&$crate::metrics::mean::typed(values, self.dtype), None, batch)
            }

            fn result(&self, totals: &[addax_core::Value]) -> addax_core::Result<$crate::metrics::Reading> {
                Ok($crate::metrics::mean::result(totals)?.into())
            }
        }
    };
}
use mean_metric;
