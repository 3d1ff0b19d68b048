//! LeakyReLU: a rectifier that lets a little through below zero (Maas, Hannun and Ng 2013).

use crate::activations::functions::leaky_relu;
use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{Error, Tensor};

layer! {
    /// `x` if x ≥ 0, else `negative_slope · x`.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([3])?;
    /// assert_eq!(LeakyReLU::new().negative_slope(0.1).on(&x)?.shape().to_string(), "(None, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct LeakyReLU () {
        /// The slope below zero.
        negative_slope: f64 = 0.3,
    }
}

impl Layer for LeakyReLU {
    fn supports_masking(&self) -> bool {
        true
    }

    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        if self.negative_slope.is_nan() || self.negative_slope < 0.0 {
            return Tensor::failed(
                Error::value("negative_slope").expected("at least 0").got(self.negative_slope),
            );
        }
        leaky_relu(x, self.negative_slope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};
    use addax_core::Value;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(LeakyReLU::new(), &[&[2, 3]]);
        let x = Tensor::from(Value::new([1, 2], vec![-2f32, 2.0]).unwrap());
        assert_eq!(run(LeakyReLU::new().negative_slope(0.25), &[x]).to_f64(), [-0.5, 2.0]);
    }
}
