//! Metrics that are the running mean of a loss.

use super::Metric;
use crate::class;
use crate::losses::{self, Loss};
use addax_core::Tensor;

macro_rules! mean_of {
    ($($(#[doc = $doc:literal])* $name:ident [$($id:literal),*] default $default:literal { $($(#[doc = $fdoc:literal])* $field:ident: $ty:ty = $value:expr),* }
     = |$this:ident| $loss:expr;)*) => {$(
        class! {
            $(#[doc = $doc])*
            pub struct $name: dyn Metric in "keras.metrics" [$($id),*] keeping ["dtype"] () {
                /// Its name.
                name: String = $default.to_string(),
                $($(#[doc = $fdoc])* $field: $ty = $value),*
            }
        }

        impl Metric for $name {
            fn per_sample(&self, t: &Tensor, p: &Tensor) -> Tensor {
                let $this = self;
                let _ = $this;
                $loss.per_sample(t, p)
            }

            fn name(&self) -> String {
                self.name.clone()
            }
        }
    )*};
}

mean_of! {
    /// Mean of `(t - p)²`.
    MeanSquaredError ["mse", "MSE", "mean_squared_error"] default "mean_squared_error" {}
        = |this| losses::MeanSquaredError::new();
    /// Mean of `|t - p|`.
    MeanAbsoluteError ["mae", "MAE", "mean_absolute_error"] default "mean_absolute_error" {}
        = |this| losses::MeanAbsoluteError::new();
    /// Mean of `100 · |t - p| / |t|`.
    MeanAbsolutePercentageError ["mape", "MAPE", "mean_absolute_percentage_error"] default "mean_absolute_percentage_error" {}
        = |this| losses::MeanAbsolutePercentageError::new();
    /// Mean of the squared difference of logarithms.
    MeanSquaredLogarithmicError ["msle", "MSLE", "mean_squared_logarithmic_error"] default "mean_squared_logarithmic_error" {}
        = |this| losses::MeanSquaredLogarithmicError::new();
    /// Mean of `ln cosh(p - t)`.
    LogCoshError ["logcosh"] default "logcosh" {}
        = |this| losses::LogCosh::new();
    /// Mean of the binary cross-entropy.
    BinaryCrossentropy ["binary_crossentropy", "bce", "BCE"] default "binary_crossentropy" {
        /// Whether outputs are logits.
        from_logits: bool = false,
        /// Moves targets towards ½ by this share.
        label_smoothing: f64 = 0.0
    } = |this| losses::BinaryCrossentropy::new().from_logits(this.from_logits).label_smoothing(this.label_smoothing);
    /// Mean of the categorical cross-entropy.
    CategoricalCrossentropy ["categorical_crossentropy"] default "categorical_crossentropy" {
        /// Whether outputs are logits.
        from_logits: bool = false,
        /// Moves targets towards the uniform distribution by this share.
        label_smoothing: f64 = 0.0,
        /// The axis of the classes.
        axis: isize = -1
    } = |this| losses::CategoricalCrossentropy::new().from_logits(this.from_logits).label_smoothing(this.label_smoothing);
    /// Mean of the cross-entropy with class numbers.
    SparseCategoricalCrossentropy ["sparse_categorical_crossentropy"] default "sparse_categorical_crossentropy" {
        /// Whether outputs are logits.
        from_logits: bool = false,
        /// The axis of the classes.
        axis: isize = -1
    } = |this| losses::SparseCategoricalCrossentropy::new().from_logits(this.from_logits);
    /// Mean of `Σ t ln(t / p)`.
    KLDivergence ["kl_divergence"] default "kl_divergence" {}
        = |this| losses::KLDivergence::new();
    /// Mean of `p - t ln p`.
    Poisson ["poisson"] default "poisson" {}
        = |this| losses::Poisson::new();
}

class! {
    /// Mean of the cosine between target and output (positive, where the loss is negative).
    pub struct CosineSimilarity: dyn Metric in "keras.metrics" ["cosine_similarity"] keeping ["dtype"] () {
        /// Its name.
        name: String = "cosine_similarity".to_string(),
        /// Along which axis.
        axis: isize = -1,
    }
}

impl Metric for CosineSimilarity {
    fn per_sample(&self, t: &Tensor, p: &Tensor) -> Tensor {
        losses::CosineSimilarity::new().axis(self.axis).per_sample(t, p).negate()
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}

class! {
    /// The root of the running mean of squares over all elements.
    pub struct RootMeanSquaredError: dyn Metric in "keras.metrics" [] keeping ["dtype"] () {
        /// Its name.
        name: String = "root_mean_squared_error".to_string(),
    }
}

impl Metric for RootMeanSquaredError {
    fn per_sample(&self, t: &Tensor, p: &Tensor) -> Tensor {
        (losses::align(t, p) - p).square()
    }

    fn finish(&self, mean: f64) -> f64 {
        mean.sqrt()
    }

    fn name(&self) -> String {
        self.name.clone()
    }
}
