//! LayerNormalization (Ba, Kiros and Hinton 2016).

use super::moments::{along, moments, spread, wide};
use crate::constraints::{Axes, Constraint};
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::Layer;
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{Result, Tensor};

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
        /// Whether `γ x / √(σ² + ε)` is taken instead, without the mean and β.
        rms_scaling: bool = false,
    }
}

impl LayerNormalization {
    fn normalized(&self, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
        let (axes, dims) = along(&self.axis, x)?;
        let wide = wide(x);
        let gamma = (self.scale || self.rms_scaling).then(|| {
            let w = cx.weight("gamma", dims.clone(), &self.gamma_initializer).uncast();
            let w = w.regularizer(&self.gamma_regularizer).constraint(&self.gamma_constraint).get();
            spread(&w, &axes, &wide)
        });
        let beta = (self.center && !self.rms_scaling).then(|| {
            let w = cx.weight("beta", dims, &self.beta_initializer).uncast();
            let w = w.regularizer(&self.beta_regularizer).constraint(&self.beta_constraint).get();
            spread(&w, &axes, &wide)
        });
        let (mean, variance) = moments(&wide, &axes);
        let mut factor = (variance + self.epsilon).rsqrt();
        if let Some(gamma) = gamma {
            factor = factor * gamma;
        }
        let mut y = if self.rms_scaling { wide * factor } else { (wide - mean) * factor };
        if let Some(beta) = beta {
            y = y + beta;
        }
        Ok(y.cast(cx.policy().compute))
    }
}

impl Layer for LayerNormalization {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| self.normalized(cx, x))
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn autocasts(&self) -> bool {
        false
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
