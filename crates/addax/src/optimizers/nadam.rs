//! Nadam: Adam with Nesterov's look ahead (Dozat 2015).

use super::adam::{missing, towards};
use super::{Base, Optimize, Slot, Step, WeightInfo, optimizer};
use addax_core::{DType, Tensor};

optimizer! {
    /// `uₜ = β₁ (1 - ½ · 0.96ᵗ)`, `Pₜ = Pₜ₋₁ uₜ`, `m̂ = uₜ₊₁ m / (1 - Pₜ uₜ₊₁) + (1 - uₜ) g / (1 - Pₜ)`,
    /// `w -= lr · m̂ / (√(v / (1 - β₂ᵗ)) + ε)`
    Nadam ["nadam"] learning_rate = 0.001 {
        /// How much of the average gradient stays.
        beta_1: f64 = 0.9,
        /// How much of the average square stays.
        beta_2: f64 = 0.999,
        /// Keeps quotients finite.
        epsilon: f64 = 1e-7,
    }
}

impl Nadam {
    /// `uₜ` for the step `ahead` of this one.
    fn decayed(&self, step: &Step, ahead: f64) -> Tensor {
        let power = Tensor::constant(step.number.dtype(), 0.96).power(&(&step.number + ahead));
        (1.0 - power * 0.5) * self.beta_1
    }
}

impl Optimize for Nadam {
    fn base(&self) -> Base {
        self.shared_arguments()
    }

    fn slots(&self, _: &WeightInfo) -> Vec<Vec<Slot>> {
        vec![vec![Slot::zeros("momentum"), Slot::zeros("velocity")]]
    }

    fn own_slots(&self) -> Vec<Slot> {
        vec![Slot::scalar("u_product", DType::F32, 1.0)]
    }

    fn prepare(&self, step: &Step, own: &[Tensor]) -> (Vec<Tensor>, Vec<Tensor>) {
        let (now, next) = (self.decayed(step, 0.0), self.decayed(step, 1.0));
        let product = &own[0] * &now;
        let of_average = &next / (1.0 - &product * &next);
        let of_gradient = (1.0 - now) / (1.0 - &product);
        (vec![of_average, of_gradient, missing(self.beta_2, step)], vec![product])
    }

    fn update(&self, w: &Tensor, g: &Tensor, slots: &[Tensor], step: &Step) -> (Tensor, Vec<Tensor>) {
        let (m, v) = (towards(&slots[0], g, self.beta_1), towards(&slots[1], &g.square(), self.beta_2));
        let ahead = &m * &step.shared[0] + g * &step.shared[1];
        let root = (&v / &step.shared[2]).sqrt();
        (w - ahead * &step.learning_rate / (root + self.epsilon), vec![m, v])
    }
}
