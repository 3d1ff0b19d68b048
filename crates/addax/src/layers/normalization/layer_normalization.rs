//! LayerNormalization (Ba, Kiros and Hinton 2016).

use crate::constraints::{Axes, Constraint};
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::Layer;
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{DType, Dim, Result, Tensor};

layer! {
    /// `γ (x - μ) / √(σ² + ε) + β` with the mean and (biased) variance of each sample along `axis`.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([5, 8])?;
    /// assert_eq!(LayerNormalization::new().on(&x)?.shape().to_string(), "(None, 5, 8)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct LayerNormalization () {
        /// The axis or axes that are normalized together.
        axis: Axes = Axes::from(-1),
        /// Keeps the quotient finite.
        epsilon: f64 = 0.001,
        /// Whether β is added.
        center: bool = true,
        /// Whether γ multiplies.
        scale: bool = true,
        /// Whether `γ x / √(σ² + ε)` is taken instead, without the mean and β.
        rms_scaling: bool = false,
        /// First values of β.
        beta_initializer: Initializer = "zeros".into(),
        /// First values of γ.
        gamma_initializer: Initializer = "ones".into(),
        /// Penalty on β.
        beta_regularizer: Option<Regularizer> = None,
        /// Penalty on γ.
        gamma_regularizer: Option<Regularizer> = None,
        /// Constraint of β.
        beta_constraint: Option<Constraint> = None,
        /// Constraint of γ.
        gamma_constraint: Option<Constraint> = None,
    }
}

impl LayerNormalization {
    fn normalized(&self, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
        let mut axes = self.axis.0.iter().map(|a| x.check()?.axis(*a)).collect::<Result<Vec<usize>>>()?;
        axes.sort_unstable();
        let weight_shape: Vec<Dim> = axes.iter().map(|a| x.dim(*a as isize)).collect();
        let spread = |w: Tensor, like: &Tensor| {
            let dims = (0..x.rank()).map(|a| if axes.contains(&a) { x.dim(a as isize) } else { Dim::new(1) });
            w.reshape(dims.collect::<Vec<_>>()).cast(like.dtype())
        };
        let gamma = (self.scale || self.rms_scaling).then(|| {
            let w = cx.weight("gamma", weight_shape.clone(), &self.gamma_initializer);
            w.regularizer(&self.gamma_regularizer).constraint(&self.gamma_constraint).get()
        });
        let beta = (self.center && !self.rms_scaling).then(|| {
            let w = cx.weight("beta", weight_shape.clone(), &self.beta_initializer);
            w.regularizer(&self.beta_regularizer).constraint(&self.beta_constraint).get()
        });
        // Half precision has too few digits for a variance.
        let half = matches!(x.dtype(), DType::F16 | DType::BF16);
        let wide = if half { x.cast(DType::F32) } else { x.clone() };
        let centred = &wide - wide.mean(&axes).keep_axes(&axes);
        let mut factor = (centred.square().mean(&axes).keep_axes(&axes) + self.epsilon).rsqrt();
        if let Some(gamma) = gamma {
            factor = factor * spread(gamma, &wide);
        }
        let mut y = if self.rms_scaling { wide * factor } else { centred * factor };
        if let Some(beta) = beta {
            y = &y + spread(beta, &y);
        }
        Ok(y.cast(x.dtype()))
    }
}

impl Layer for LayerNormalization {
    fn supports_masking(&self) -> bool {
        true
    }

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
        check_layer(LayerNormalization::new(), &[&[2, 4]]);
        check_layer(LayerNormalization::new().axis([1, 2]), &[&[2, 3]]);
        check_layer(LayerNormalization::new().rms_scaling(true), &[&[4]]);
        check_layer(LayerNormalization::new().center(false).scale(false), &[&[4]]);
    }

    #[test]
    fn each_row_has_mean_zero_and_variance_one() {
        let x = Tensor::from(Value::new([1, 4], vec![1f32, 2.0, 3.0, 4.0]).unwrap());
        let y = run(LayerNormalization::new(), &[x]).to_f64();
        assert!((y[3] - 1.5 / 1.251f64.sqrt()).abs() < 1e-6 && (y[0] + y[3]).abs() < 1e-6, "{y:?}");
    }
}
