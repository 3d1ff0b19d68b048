//! RMSNormalization (Zhang and Sennrich 2019).

use super::moments::{along, wide};
use crate::constraints::Axes;
use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{Result, Tensor};

layer! {
    /// `scale · x / √(mean x² + ε)` with the mean along `axis`.
    ///
    /// ```
    /// use addax::layers::RMSNormalization;
    /// use addax::prelude::*;
    /// let x = Input([5, 8])?;
    /// assert_eq!(RMSNormalization::new().on(&x)?.shape().to_string(), "(None, 5, 8)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct RMSNormalization () {
        /// The axis or axes that are normalized together.
        axis: Axes = Axes::from(-1),
        /// Keeps the quotient finite.
        epsilon: f64 = 1e-6,
    }
}

impl RMSNormalization {
    fn normalized(&self, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
        let (axes, dims) = along(&self.axis, x)?;
        let scale = cx.weight("scale", dims, &"ones".into()).get();
        let wide = wide(x);
        let factor = (wide.square().mean(&axes).keep_axes(&axes) + self.epsilon).rsqrt();
        // As Keras has it, the scale meets the last axes, whichever were normalized.
        Ok((&wide * factor * scale.cast(wide.dtype())).cast(x.dtype()))
    }
}

impl Layer for RMSNormalization {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| self.normalized(cx, x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};
    use addax_core::Value;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(RMSNormalization::new(), &[&[2, 3]]);
        check_layer(RMSNormalization::new().axis([1, 2]), &[&[2, 3]]);
        let x = Tensor::from(Value::new([1, 2], vec![1f32, 7.0]).unwrap());
        let y = run(RMSNormalization::new(), &[x]).to_f64();
        assert!((y[0] - 0.2).abs() < 1e-6 && (y[1] - 1.4).abs() < 1e-6);
    }
}
