//! BatchNormalization (Ioffe and Szegedy 2015).

use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::Layer;
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{Dim, Error, Tensor};

layer! {
    /// `γ (x - μ) / √(σ² + ε) + β` along `axis`: with the batch's mean and (biased) variance in training, with their
    /// moving averages `a = momentum · a + (1 - momentum) · batch` otherwise.
    pub struct BatchNormalization () {
        /// The axis of the features.
        axis: isize = -1,
        /// How much of the moving averages stays.
        momentum: f64 = 0.99,
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
        /// First values of the moving mean.
        moving_mean_initializer: Initializer = "zeros".into(),
        /// First values of the moving variance.
        moving_variance_initializer: Initializer = "ones".into(),
        /// Penalty on β.
        beta_regularizer: Option<Regularizer> = None,
        /// Penalty on γ.
        gamma_regularizer: Option<Regularizer> = None,
        /// Constraint of β.
        beta_constraint: Option<Constraint> = None,
        /// Constraint of γ.
        gamma_constraint: Option<Constraint> = None,
        /// Whether statistics are taken over several devices.
        synchronized: bool = false,
        /// Whether the variance is corrected and averages are renormalized.
        renorm: bool = false,
        /// Limits of the corrections of renormalization.
        renorm_clipping: Option<String> = None,
        /// How much of the averages of renormalization stays.
        renorm_momentum: f64 = 0.99,
    }
}

impl Layer for BatchNormalization {
    fn supports_masking(&self) -> bool {
        true
    }

    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            if self.renorm {
                return Err(Error::unsupported("BatchNormalization with renorm"));
            }
            let axis = x.check()?.axis(self.axis)?;
            let width = x.dim(axis as isize);
            let along = |t: &Tensor| {
                let mut dims = vec![Dim::new(1); x.rank()];
                dims[axis] = width;
                t.reshape(dims)
            };
            let gamma = self.scale.then(|| {
                let w = cx.weight("gamma", [width], &self.gamma_initializer);
                w.regularizer(&self.gamma_regularizer).constraint(&self.gamma_constraint).get()
            });
            let beta = self.center.then(|| {
                let w = cx.weight("beta", [width], &self.beta_initializer);
                w.regularizer(&self.beta_regularizer).constraint(&self.beta_constraint).get()
            });
            let moving_mean = cx.weight("moving_mean", [width], &self.moving_mean_initializer).fixed().get();
            let moving_variance =
                cx.weight("moving_variance", [width], &self.moving_variance_initializer).fixed().get();
            let (mean, variance) = if cx.layer_training() {
                let others: Vec<usize> = (0..x.rank()).filter(|a| *a != axis).collect();
                // Two passes: the squares of what is left after the mean are exact where the mean is large.
                let mean = x.mean(&others);
                let variance = (x - along(&mean)).square().mean(&others);
                let moved = |old: &Tensor, new: &Tensor| {
                    old * self.momentum + new.stop_gradient() * (1.0 - self.momentum)
                };
                cx.update("moving_mean", moved(&moving_mean, &mean));
                cx.update("moving_variance", moved(&moving_variance, &variance));
                (mean, variance)
            } else {
                (moving_mean, moving_variance)
            };
            let mut factor = (variance + self.epsilon).rsqrt();
            if let Some(gamma) = gamma {
                factor = factor * gamma;
            }
            let y = (x - along(&mean)) * along(&factor);
            Ok(match beta {
                Some(beta) => y + along(&beta),
                None => y,
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::LayerRef;
    use crate::layers::check::{check_layer, run};
    use addax_core::{DType, Trace, Value, evaluate};

    #[test]
    fn behaves_like_a_layer() {
        check_layer(BatchNormalization::new(), &[&[3]]);
        check_layer(BatchNormalization::new().axis(1isize).center(false), &[&[2, 3, 2]]);
        check_layer(BatchNormalization::new().scale(false), &[&[2, 2]]);
        let x = Tensor::from(Value::new([1, 2], vec![1f32, -2.0]).unwrap());
        let y = run(BatchNormalization::new().epsilon(3.0), &[x]);
        assert_eq!(y.to_f64(), [0.5, -1.0]);
    }

    #[test]
    fn moving_averages_go_towards_the_batch() {
        let layer = LayerRef::new(BatchNormalization::new().momentum(0.75));
        let trace = Trace::new();
        let entered = trace.enter();
        let x = trace.parameter("x", DType::F32, [2, 1]);
        let mut scope = Scope::new(&trace, true);
        let y = scope.call(&layer, &[x]).unwrap().remove(0);
        let updates: Vec<Tensor> = scope.updates.iter().map(|(_, t)| t.clone()).collect();
        drop(entered);
        let graph = trace.finish(&[&updates[..], &[y]].concat()).unwrap();
        let x = Value::new([2, 1], vec![1f32, 5.0]).unwrap();
        let values: Vec<Value> =
            [x].into_iter().chain(layer.own_weights().iter().map(|w| w.value().unwrap())).collect();
        let results = evaluate(&graph, &values).unwrap();
        // Mean 3, variance 4 (not 8): a quarter of the way from 0 and 1.
        assert_eq!((results[0].to_f64(), results[1].to_f64()), (vec![0.75], vec![1.75]));
        assert!((results[2].to_f64()[0] + 2.0 / 4.001f64.sqrt()).abs() < 1e-6);
    }
}
