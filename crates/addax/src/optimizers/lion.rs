//! Lion: steps of one size (Chen et al. 2023).

use super::{Base, Optimize, Slot, Step, WeightInfo, optimizer};
use addax_core::{Error, Result, Tensor};

optimizer! {
    /// `w -= lr · sign(β₁ m + (1 - β₁) g)`, then `m = β₂ m + (1 - β₂) g`
    Lion ["lion"] learning_rate = 0.001 {
        /// How much the average counts in the step.
        beta_1: f64 = 0.9,
        /// How much of the average stays.
        beta_2: f64 = 0.99,
    }
}

impl Optimize for Lion {
    fn base(&self) -> Base {
        self.shared_arguments()
    }

    fn slots(&self, _: &WeightInfo) -> Vec<Vec<Slot>> {
        vec![vec![Slot::zeros("momentum")]]
    }

    fn update(&self, w: &Tensor, g: &Tensor, slots: &[Tensor], step: &Step) -> (Tensor, Vec<Tensor>) {
        let mix = |beta: f64| &slots[0] * beta + g * (1.0 - beta);
        (w - mix(self.beta_1).sign() * &step.learning_rate, vec![mix(self.beta_2)])
    }

    fn check(&self) -> Result<()> {
        match self.beta_1 > 0.0 && self.beta_1 <= 1.0 {
            true => Ok(()),
            false => Err(Error::value("beta_1").expected("a number above 0, at most 1").got(self.beta_1)),
        }
    }
}
