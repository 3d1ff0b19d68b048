//! Adamax: Adam by the largest gradient (Kingma and Ba 2015).

use super::adam::{missing, towards};
use super::{Base, Optimize, Slot, Step, WeightInfo, optimizer};
use addax_core::Tensor;

optimizer! {
    /// `m += (1 - β₁)(g - m)`, `u = max(β₂ u, |g|)`, `w -= lr · m / ((1 - β₁ᵗ)(u + ε))`
    Adamax ["adamax"] learning_rate = 0.001 {
        /// How much of the average gradient stays.
        beta_1: f64 = 0.9,
        /// How fast the largest gradient is forgotten.
        beta_2: f64 = 0.999,
        /// Keeps quotients finite.
        epsilon: f64 = 1e-7,
    }
}

impl Optimize for Adamax {
    fn base(&self) -> Base {
        self.shared_arguments()
    }

    fn slots(&self, _: &WeightInfo) -> Vec<Vec<Slot>> {
        vec![vec![Slot::zeros("momentum"), Slot::zeros("norm")]]
    }

    fn prepare(&self, step: &Step, _: &[Tensor]) -> (Vec<Tensor>, Vec<Tensor>) {
        (vec![missing(self.beta_1, step)], Vec::new())
    }

    fn update(&self, w: &Tensor, g: &Tensor, slots: &[Tensor], step: &Step) -> (Tensor, Vec<Tensor>) {
        let m = towards(&slots[0], g, self.beta_1);
        let u = (&slots[1] * self.beta_2).maximum(&g.abs());
        let w = w - &m * &step.learning_rate / ((&u + self.epsilon) * &step.shared[0]);
        (w, vec![m, u])
    }
}
