//! UnitNormalization: each sample with norm 1.

use crate::constraints::Axes;
use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{Result, Tensor};

layer! {
    /// `x / ‖x‖` with the Euclidean norm along `axis`; where everything is 0 it stays 0.
    ///
    /// ```
    /// use addax::layers::UnitNormalization;
    /// use addax::prelude::*;
    /// let x = Input([3])?;
    /// assert_eq!(UnitNormalization::new().on(&x)?.shape().to_string(), "(None, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct UnitNormalization () {
        /// The axis or axes whose norm is 1 together.
        axis: Axes = Axes::from(-1),
    }
}

/// `x / max(‖x‖, ε)` along axes.
pub(in crate::layers) fn normalized(x: &Tensor, axes: &[usize], epsilon: f64) -> Tensor {
    let squares = x.square().sum(axes).keep_axes(axes);
    x * squares.max_scalar(epsilon * epsilon).rsqrt()
}

impl Layer for UnitNormalization {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let axes = self.axis.0.iter().map(|a| x.check()?.axis(*a)).collect::<Result<Vec<usize>>>()?;
            Ok(normalized(x, &axes, 1e-12))
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
        check_layer(UnitNormalization::new(), &[&[2, 3]]);
        check_layer(UnitNormalization::new().axis([1, 2]), &[&[2, 3]]);
        let x = Tensor::from(Value::new([2, 2], vec![3f32, 4.0, 0.0, 0.0]).unwrap());
        let y = run(UnitNormalization::new(), &[x]).to_f64();
        assert!((y[0] - 0.6).abs() < 1e-6 && (y[1] - 0.8).abs() < 1e-6 && y[2..] == [0.0, 0.0]);
    }
}
