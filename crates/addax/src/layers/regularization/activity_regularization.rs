//! ActivityRegularization: a penalty on what passes through.

use crate::layer;
use crate::layers::Layer;
use crate::regularizers::{L1L2, Regularizer};
use crate::scope::Scope;
use addax_core::Tensor;

layer! {
    /// Adds `(l1 · Σ |x| + l2 · Σ x²) / rows` to the loss and passes its input on.
    ///
    /// ```
    /// use addax::layers::ActivityRegularization;
    /// use addax::prelude::*;
    /// let x = Input([3])?;
    /// assert_eq!(ActivityRegularization::new().l2(0.01).on(&x)?.shape().to_string(), "(None, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct ActivityRegularization () {
        /// The factor of the absolute values.
        l1: f64 = 0.0,
        /// The factor of the squares.
        l2: f64 = 0.0,
    }
}

impl Layer for ActivityRegularization {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        let penalty = Regularizer::from(L1L2::new().l1(self.l1).l2(self.l2));
        cx.penalize(&Some(penalty), x);
        x.clone()
    }

    fn supports_masking(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(ActivityRegularization::new().l1(0.1), &[&[2, 3]]);
    }
}
