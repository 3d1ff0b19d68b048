//! Ftrl: follow the regularized leader (McMahan et al. 2013).

use super::{Base, Optimize, Slot, Step, WeightInfo, optimizer};
use crate::fields::within;
use addax_core::{Result, Tensor};

optimizer! {
    /// `n' = n + g²`, `z += g' - (n'^-p - n^-p) / lr · w` with `g' = g + 2 s w`,
    /// `w = (clip(z, ±l₁) - z) / (n'^-p / lr + 2 l₂ + β / lr)`
    Ftrl ["ftrl"] learning_rate = 0.001 {
        /// p: how the learning rate falls; 0 for a constant one.
        learning_rate_power: f64 = -0.5,
        /// What the sum of squares begins with.
        initial_accumulator_value: f64 = 0.1,
        /// The strength of the absolute penalty.
        l1_regularization_strength: f64 = 0.0,
        /// The strength of the square penalty.
        l2_regularization_strength: f64 = 0.0,
        /// s: the strength of a square penalty on the gradient alone.
        l2_shrinkage_regularization_strength: f64 = 0.0,
        /// β of the paper.
        beta: f64 = 0.0,
    }
}

impl Optimize for Ftrl {
    fn base(&self) -> Base {
        self.shared_arguments()
    }

    fn slots(&self, _: &WeightInfo) -> Vec<Vec<Slot>> {
        vec![vec![Slot::filled("accumulator", self.initial_accumulator_value), Slot::zeros("linear")]]
    }

    fn update(&self, w: &Tensor, g: &Tensor, slots: &[Tensor], step: &Step) -> (Tensor, Vec<Tensor>) {
        let (lr, p, l1) = (&step.learning_rate, -self.learning_rate_power, self.l1_regularization_strength);
        let gradient = match self.l2_shrinkage_regularization_strength {
            0.0 => g.clone(),
            s => g + w * (2.0 * s),
        };
        let sum = &slots[0] + g.square();
        let power = sum.powf(p);
        let linear = &slots[1] + (gradient - (&power - slots[0].powf(p)) / lr * w);
        let quadratic = power / lr + ((self.beta / 2.0) / lr + self.l2_regularization_strength) * 2.0;
        ((linear.clip(-l1, l1) - &linear) / quadratic, vec![sum, linear])
    }

    fn check(&self) -> Result<()> {
        within("learning_rate_power", self.learning_rate_power, f64::NEG_INFINITY, 0.0)?;
        for (name, x) in [
            ("initial_accumulator_value", self.initial_accumulator_value),
            ("l1_regularization_strength", self.l1_regularization_strength),
            ("l2_regularization_strength", self.l2_regularization_strength),
            ("l2_shrinkage_regularization_strength", self.l2_shrinkage_regularization_strength),
        ] {
            within(name, x, 0.0, f64::INFINITY)?;
        }
        Ok(())
    }
}
