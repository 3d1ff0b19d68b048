//! ReLU: the rectifier, with a slope below, a threshold and an upper limit.

use crate::activations::functions::relu;
use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{Error, Tensor};

layer! {
    /// `max_value` from there on, `x` from `threshold` on, `negative_slope · (x - threshold)` below it.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([3])?;
    /// assert_eq!(ReLU::new().max_value(6.0).on(&x)?.shape().to_string(), "(None, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct ReLU () {
        /// The upper limit.
        max_value: Option<f64> = None,
        /// The slope below the threshold.
        negative_slope: f64 = 0.0,
        /// Where it begins.
        threshold: f64 = 0.0,
    }
}

impl Layer for ReLU {
    fn supports_masking(&self) -> bool {
        true
    }

    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        let (slope, threshold) = (self.negative_slope, self.threshold);
        let wrong = [
            ("max_value", self.max_value.unwrap_or(0.0)),
            ("negative_slope", slope),
            ("threshold", threshold),
        ];
        if let Some((what, got)) = wrong.iter().find(|(_, v)| v.is_nan() || *v < 0.0) {
            return Tensor::failed(Error::value(*what).expected("at least 0").got(got));
        }
        relu(x, slope, self.max_value, threshold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};
    use addax_core::Value;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(ReLU::new(), &[&[2, 3]]);
        check_layer(ReLU::new().max_value(0.5).negative_slope(0.1).threshold(0.2), &[&[2, 3]]);
    }

    #[test]
    fn pieces_by_hand() {
        let x = Tensor::from(Value::new([1, 4], vec![-3f32, 0.5, 2.0, 9.0]).unwrap());
        let y = run(ReLU::new().max_value(6.0).negative_slope(0.5).threshold(1.0), &[x]);
        assert_eq!(y.to_f64(), [-2.0, -0.25, 2.0, 6.0]);
    }
}
