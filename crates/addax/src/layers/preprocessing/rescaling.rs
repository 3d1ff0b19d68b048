//! Rescaling: another unit of measurement.

use super::Numbers;
use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::Tensor;

layer! {
    /// `x · scale + offset`; one number for all, or one for each place along the last axis.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([28, 28, 1])?;
    /// let y = addax::layers::Rescaling::new(1.0 / 255.0).on(&x)?;
    /// assert_eq!(y.shape().to_string(), "(None, 28, 28, 1)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct Rescaling (
        /// What is multiplied by.
        scale: Numbers,
    ) {
        /// What is added.
        offset: Numbers = 0.0.into(),
    }
}

impl Layer for Rescaling {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        let dtype = cx.policy().compute;
        Tensor::from_result(|| {
            Ok(x.check()?.cast(dtype) * self.scale.tensor(dtype)? + self.offset.tensor(dtype)?)
        })
    }

    fn supports_masking(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};
    use addax_core::Value;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(Rescaling::new(2.0).offset(-1.0), &[&[2, 3]]);
        check_layer(Rescaling::new([1.0, 2.0]).offset([0.5, 3.0]), &[&[3, 2]]);
        let bytes = Tensor::from(Value::new([1, 2], vec![0u8, 255]).unwrap());
        assert_eq!(run(Rescaling::new(1.0 / 255.0), &[bytes]).to_f64(), [0.0, 1.0]);
    }
}
