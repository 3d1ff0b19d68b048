//! Losses (`keras.losses`): one number per sample, and step. What is shared — reduction, sample weights, masks — is
//! done once, in [`reduced`].

mod align;
mod circle;
mod crossentropy;
mod ctc;
mod focal;
mod generalized;
mod hinge;
mod probabilistic;
mod reduction;
mod regression;
mod segmentation;
mod wrapper;

pub use align::{align, same_rank};
pub use circle::Circle;
pub use crossentropy::{
    BinaryCrossentropy, CategoricalCrossentropy, SparseCategoricalCrossentropy, is_class,
};
pub use ctc::CTC;
pub(crate) use ctc::ctc_log_loss;
pub use focal::{BinaryFocalCrossentropy, CategoricalFocalCrossentropy};
pub use generalized::CategoricalGeneralizedCrossEntropy;
pub use hinge::{CategoricalHinge, Hinge, SquaredHinge};
pub use probabilistic::{KLDivergence, Poisson};
pub use reduction::{Reduction, mask_weight, reduced, spread};
pub use regression::{
    CosineSimilarity, Huber, LogCosh, MeanAbsoluteError, MeanAbsolutePercentageError, MeanSquaredError,
    MeanSquaredLogarithmicError,
};
pub use segmentation::{Dice, Tversky};
pub use wrapper::{LossFunctionWrapper, function};
pub(crate) use wrapper::{function_name, function_object};

use crate::class::{Class, Def, Handle, Kind};
use addax_core::{DType, Result, Shape, Tensor};

/// The smallest number that keeps logarithms and quotients finite (`keras.config.epsilon()`).
pub const EPSILON: f64 = 1e-7;

/// A loss.
pub trait Loss: Class {
    /// The loss of each sample (and step), before weights and reduction. Targets and outputs have the loss's own
    /// element type; their ranks have been brought together by [`same_rank`].
    fn per_sample(&self, y_true: &Tensor, y_pred: &Tensor) -> Tensor;

    /// Which of these values count, for a loss that leaves some out.
    fn counted(&self, _y_true: &Tensor, _values: &Tensor) -> Option<Tensor> {
        None
    }

    /// How the values become one number.
    fn reduction(&self) -> &Reduction;

    /// The element type it computes in; float32 unless said.
    fn dtype(&self) -> Option<DType> {
        None
    }

    /// How targets are given, to be checked before the first step.
    fn labels(&self) -> Labels {
        Labels::Same
    }

    /// Finds arguments out of range.
    fn check(&self) -> Result<()> {
        Ok(())
    }
}

/// How a loss wants its targets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// In the shape of the output.
    Same,
    /// A class number per sample, without the axis of the classes; one number may stand for "none".
    ClassNumbers {
        /// The axis of the classes in the output.
        axis: isize,
        /// A label that is not looked at.
        ignored: Option<i64>,
    },
    /// In the shape of the output, each row a distribution (one-hot).
    Distribution,
    /// In the shape of the output, each number between 0 and 1.
    Probabilities,
    /// Any whole number per sample: those of the same number belong together.
    Groups,
    /// A sequence of class numbers per sample, ended by zeros.
    Sequences,
}

impl Labels {
    /// The element type that targets are given to the loss in.
    pub fn dtype(self) -> DType {
        match self {
            Labels::ClassNumbers { .. } | Labels::Groups | Labels::Sequences => DType::I32,
            _ => DType::F32,
        }
    }
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
    &Hinge::DEF,
    &SquaredHinge::DEF,
    &CategoricalHinge::DEF,
    &KLDivergence::DEF,
    &Poisson::DEF,
    &BinaryCrossentropy::DEF,
    &BinaryFocalCrossentropy::DEF,
    &CategoricalCrossentropy::DEF,
    &CategoricalFocalCrossentropy::DEF,
    &SparseCategoricalCrossentropy::DEF,
    &CategoricalGeneralizedCrossEntropy::DEF,
    &CTC::DEF,
    &Dice::DEF,
    &Tversky::DEF,
    &Circle::DEF,
    &LossFunctionWrapper::DEF,
];

/// Resolves Keras's `"crossentropy"` by the shapes of output and targets: the name of a loss.
pub fn crossentropy_for(output: &Shape, y: &Shape) -> &'static str {
    if output.get(-1).is_some_and(|d| d == 1usize) {
        "binary_crossentropy"
    } else if y.rank() < output.rank() || y.get(-1).is_some_and(|d| d == 1usize) {
        "sparse_categorical_crossentropy"
    } else {
        "categorical_crossentropy"
    }
}

/// Declares the struct of a loss: its own arguments where Keras has them, among those that all losses share.
macro_rules! loss_class {
    (
        $(#[doc = $doc:literal])*
        $name:ident [$($id:literal),*] $default:literal
        { $($(#[doc = $d1:literal])* $f1:ident: $t1:ty = $v1:expr),* $(,)? }
        { $($(#[doc = $d2:literal])* $f2:ident: $t2:ty = $v2:expr),* $(,)? }
        { $($(#[doc = $d3:literal])* $f3:ident: $t3:ty = $v3:expr),* $(,)? }
    ) => {
        $crate::class! {
            $(#[doc = $doc])*
            pub struct $name: dyn Loss in "keras.losses" [$($id),*] keeping [] () {
                $($(#[doc = $d1])* $f1: $t1 = $v1,)*
                /// How the losses of the samples become one number.
                reduction: $crate::losses::Reduction = $crate::losses::Reduction::SumOverBatchSize,
                $($(#[doc = $d2])* $f2: $t2 = $v2,)*
                /// Its name.
                name: $crate::fields::Name = $default.into(),
                $($(#[doc = $d3])* $f3: $t3 = $v3,)*
                /// The element type it computes in; float32 if not said.
                dtype: Option<addax_core::DType> = None,
            }
        }
    };
}
use loss_class;

/// The answers of a loss about its shared arguments.
macro_rules! loss_arguments {
    () => {
        fn reduction(&self) -> &$crate::losses::Reduction {
            &self.reduction
        }

        fn dtype(&self) -> Option<addax_core::DType> {
            self.dtype
        }
    };
}
use loss_arguments;

/// Declares a loss that is one formula.
macro_rules! loss {
    (
        $(#[doc = $doc:literal])*
        $name:ident [$($id:literal),*] $default:literal { $($own:tt)* } $labels:expr;
        |$this:ident, $t:ident, $p:ident| $body:expr
    ) => {
        $crate::losses::loss_class! { $(#[doc = $doc])* $name [$($id),*] $default { $($own)* } {} {} }

        impl Loss for $name {
            fn per_sample(&self, $t: &Tensor, $p: &Tensor) -> Tensor {
                let $this = self;
                let _ = $this;
                $body
            }

            $crate::losses::loss_arguments!();

            fn labels(&self) -> $crate::losses::Labels {
                $labels
            }
        }
    };
}
use loss;

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;
    use addax_core::testing::check_gradient;
    use serde_json::json;

    #[test]
    fn gradients_match_finite_differences() {
        let same = Tensor::from(Value::new([2, 3], vec![0f64, 1.0, 0.0, 0.0, 0.0, 1.0]).unwrap());
        let classes = Tensor::from(Value::from(vec![1i32, 2]));
        let groups = Tensor::from(Value::from(vec![1i32, 1, 2]));
        for def in LOSSES {
            let config = json!({"fn": "poisson"});
            let none = json!({});
            let wraps = (def.args)().first().is_some_and(|a| a.name == "fn");
            let config = if wraps { &config } else { &none };
            let loss = (def.from_config)(config.as_object().unwrap()).unwrap();
            let (t, shape): (_, &[usize]) = match loss.labels() {
                Labels::Sequences => continue,
                Labels::ClassNumbers { .. } => (&classes, &[2, 3]),
                Labels::Groups => (&groups, &[3, 2]),
                _ => (&same, &[2, 3]),
            };
            check_gradient(def.name, |x| reduced(&*loss, t, &x[0], None, None), &[(shape, (0.1, 0.8))]);
        }
    }
}
