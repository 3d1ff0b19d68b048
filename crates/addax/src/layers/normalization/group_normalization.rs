//! GroupNormalization (Wu and He 2018).

use super::moments::{moments, wide};
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::Layer;
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{Dim, Error, Result, Tensor};

layer! {
    /// `γ (x - μ) / √(σ² + ε) + β` with the mean and (biased) variance of each sample over a group of channels and all
    /// other axes.
    ///
    /// ```
    /// use addax::layers::GroupNormalization;
    /// use addax::prelude::*;
    /// let x = Input([5, 5, 8])?;
    /// assert_eq!(GroupNormalization::new().groups(4isize).on(&x)?.shape().to_string(), "(None, 5, 5, 8)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct GroupNormalization () {
        /// How many groups; -1 means one for each channel.
        groups: isize = 32,
        /// The axis of the channels.
        axis: isize = -1,
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
    }
}

impl GroupNormalization {
    /// The axis, its length, and how many groups it has.
    fn divided(&self, x: &Tensor) -> Result<(usize, usize, usize)> {
        let axis = x.check()?.axis(self.axis)?;
        let channels = x.dim(self.axis).known().filter(|n| *n > 0).ok_or_else(|| {
            Error::value("input").expected(format_args!("a known length along axis {axis}")).got(x.shape())
        })?;
        let groups = if self.groups == -1 { channels } else { usize::try_from(self.groups).unwrap_or(0) };
        if axis == 0 || groups == 0 || !channels.is_multiple_of(groups) {
            let e = Error::value("groups").expected(format_args!("a divisor of {channels} channels"));
            return Err(e.got(self.groups));
        }
        Ok((axis, channels, groups))
    }

    fn normalized(&self, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
        let (axis, channels, groups) = self.divided(x)?;
        // The channels as two axes: groups, and those of a group.
        let split = |mut dims: Vec<Dim>| {
            dims.splice(axis..=axis, [Dim::new(groups), Dim::new(channels / groups)]);
            dims
        };
        let grouped = wide(x).reshape(split(x.shape().dims().to_vec()));
        let ones = split(vec![Dim::new(1); x.rank()]);
        let mut weight = |name, initializer: &Initializer, regularizer, constraint| {
            let w = cx.weight(name, [channels], initializer).uncast();
            let w = w.regularizer(regularizer).constraint(constraint).get();
            w.cast(grouped.dtype()).reshape(ones.clone())
        };
        let gamma = self.scale.then(|| {
            weight("gamma", &self.gamma_initializer, &self.gamma_regularizer, &self.gamma_constraint)
        });
        let beta = self
            .center
            .then(|| weight("beta", &self.beta_initializer, &self.beta_regularizer, &self.beta_constraint));
        let others: Vec<usize> = (1..grouped.rank()).filter(|a| *a != axis).collect();
        let (mean, variance) = moments(&grouped, &others);
        let mut factor = (variance + self.epsilon).rsqrt();
        if let Some(gamma) = gamma {
            factor = factor * gamma;
        }
        let mut y = (grouped - mean) * factor;
        if let Some(beta) = beta {
            y = y + beta;
        }
        Ok(y.reshape(x.shape()).cast(x.dtype()).cast(cx.policy().compute))
    }
}

impl Layer for GroupNormalization {
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
    use crate::layers::{LayerExt, LayerRef};
    use crate::models::Input;
    use addax_core::Value;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(GroupNormalization::new().groups(2isize), &[&[3, 4]]);
        check_layer(GroupNormalization::new().groups(-1isize).axis(1isize).center(false), &[&[2, 3, 2]]);
        check_layer(GroupNormalization::new().groups(1isize).scale(false), &[&[4]]);
    }

    #[test]
    fn each_group_has_mean_zero_and_variance_one() {
        let x = Tensor::from(Value::new([1, 4], vec![1f32, 3.0, 10.0, 14.0]).unwrap());
        let y = run(GroupNormalization::new().groups(2isize).epsilon(0.0), &[x]).to_f64();
        assert!(y.iter().zip([-1.0, 1.0, -1.0, 1.0]).all(|(a, b)| (a - b).abs() < 1e-6), "{y:?}");
    }

    #[test]
    fn says_what_it_wanted() {
        let layer: LayerRef = GroupNormalization::new().groups(3isize).named("g");
        assert_eq!(
            layer.on(&Input([4]).unwrap()).unwrap_err().to_string(),
            "GroupNormalization \"g\" > groups: expected a divisor of 4 channels, got 3"
        );
    }
}
