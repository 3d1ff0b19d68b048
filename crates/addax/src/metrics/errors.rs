//! Metrics that are the running mean of a loss's formula.

use super::{Batch, Direction, Metric, Reading, mean, mean_metric, metric_arguments, metric_class};
use crate::losses::{self, Loss, align, same_rank};
use addax_core::{DType, Result, Shape, Tensor, Value};

/// The values of a loss's formula, ranks brought together first.
fn of(loss: &dyn Loss, t: &Tensor, p: &Tensor) -> Tensor {
    let (t, p) = same_rank(t, p);
    loss.per_sample(&t, &p)
}

macro_rules! means_of_losses {
    ($($(#[doc = $doc:literal])* $name:ident [$($id:literal),*] $default:literal;)*) => {$(
        mean_metric! {
            $(#[doc = $doc])* $name [$($id),*] $default; {} {} Down;
            |this, t, p| of(&losses::$name::new(), t, p)
        }
    )*};
}

means_of_losses! {
    /// Mean of `(t - p)²`.
    MeanSquaredError ["mse", "MSE", "mean_squared_error"] "mean_squared_error";
    /// Mean of `|t - p|`.
    MeanAbsoluteError ["mae", "MAE", "mean_absolute_error"] "mean_absolute_error";
    /// Mean of `100 · |t - p| / |t|`.
    MeanAbsolutePercentageError ["mape", "MAPE", "mean_absolute_percentage_error"] "mean_absolute_percentage_error";
    /// Mean of the squared difference of logarithms.
    MeanSquaredLogarithmicError ["msle", "MSLE", "mean_squared_logarithmic_error"] "mean_squared_logarithmic_error";
    /// Mean of `max(1 - t p, 0)`.
    Hinge ["hinge"] "hinge";
    /// Mean of `max(1 - t p, 0)²`.
    SquaredHinge ["squared_hinge"] "squared_hinge";
    /// Mean of `max(max((1 - t) p) - Σ t p + 1, 0)`.
    CategoricalHinge ["categorical_hinge"] "categorical_hinge";
    /// Mean of `Σ t ln(t / p)`.
    KLDivergence ["kl_divergence"] "kl_divergence";
    /// Mean of `p - t ln p`.
    Poisson ["poisson"] "poisson";
}

mean_metric! {
    /// Mean of `ln cosh(p - t)`.
    LogCoshError ["log_cosh_error", "logcosh"] "logcosh"; {} {} Down;
    |this, t, p| of(&losses::LogCosh::new(), t, p)
}

mean_metric! {
    /// Mean of the cosine between target and output (positive, where the loss is negative).
    CosineSimilarity ["cosine_similarity"] "cosine_similarity"; {} {
        /// Along which axis.
        axis: isize = -1,
    } Up;
    |this, t, p| of(&losses::CosineSimilarity::new().axis(this.axis), t, p).negate()
}

mean_metric! {
    /// Mean of the binary cross-entropy.
    BinaryCrossentropy ["binary_crossentropy", "bce", "BCE"] "binary_crossentropy"; {} {
        /// Whether outputs are logits.
        from_logits: bool = false,
        /// Moves targets towards ½ by this share.
        label_smoothing: f64 = 0.0,
    } Down;
    |this, t, p| {
        let loss = losses::BinaryCrossentropy::new().from_logits(this.from_logits);
        of(&loss.label_smoothing(this.label_smoothing), t, p)
    }
}

mean_metric! {
    /// Mean of the categorical cross-entropy.
    CategoricalCrossentropy ["categorical_crossentropy"] "categorical_crossentropy"; {} {
        /// Whether outputs are logits.
        from_logits: bool = false,
        /// Moves targets towards the uniform distribution by this share.
        label_smoothing: f64 = 0.0,
        /// The axis of the classes.
        axis: isize = -1,
    } Down;
    |this, t, p| {
        let loss = losses::CategoricalCrossentropy::new().from_logits(this.from_logits).axis(this.axis);
        of(&loss.label_smoothing(this.label_smoothing), t, p)
    }
}

metric_class! {
    /// Mean of the cross-entropy with class numbers.
    SparseCategoricalCrossentropy ["sparse_categorical_crossentropy"] "sparse_categorical_crossentropy".into(); () {} {
        /// Whether outputs are logits.
        from_logits: bool = false,
        /// A label whose samples count as 0, or, with weights, not at all.
        ignore_class: Option<i64> = None,
        /// The axis of the classes.
        axis: isize = -1,
    }
}

impl Metric for SparseCategoricalCrossentropy {
    metric_arguments!(Some(Direction::Down));

    fn totals(&self, _: &Shape, _: &Shape) -> Result<Vec<Shape>> {
        Ok(mean::totals())
    }

    fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>> {
        let loss = losses::SparseCategoricalCrossentropy::new().from_logits(self.from_logits).axis(self.axis);
        let loss = loss.ignore_class(self.ignore_class);
        let (t, p) = same_rank(batch.y_true, batch.y_pred);
        let values = loss.per_sample(&t, &p);
        mean::sums(&mean::typed(values.clone(), self.dtype), loss.counted(&t, &values), batch)
    }

    fn result(&self, totals: &[Value]) -> Result<Reading> {
        Ok(mean::result(totals)?.into())
    }
}

metric_class! {
    /// The root of the running mean of squares over all elements. Masks do not count here, as in Keras.
    RootMeanSquaredError ["root_mean_squared_error"] "root_mean_squared_error".into(); () {} {}
}

impl Metric for RootMeanSquaredError {
    metric_arguments!(Some(Direction::Down));

    fn totals(&self, _: &Shape, _: &Shape) -> Result<Vec<Shape>> {
        Ok(mean::totals())
    }

    fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>> {
        let (t, p) = align(batch.y_true, &batch.y_pred.cast(self.dtype.unwrap_or(DType::F32)));
        mean::sums(&(t - p).square(), None, &Batch { mask: None, ..*batch })
    }

    fn result(&self, totals: &[Value]) -> Result<Reading> {
        Ok(mean::result(totals)?.sqrt().into())
    }
}
