//! AdamW without a schedule (Defazio et al. 2024).

use super::adam::{missing, towards};
use super::{Base, Optimize, Slot, Step, WeightInfo, optimizer};
use addax_core::Tensor;

optimizer! {
    /// `v += (1 - β₂)(g² - v)`, `z -= lr · g / (√(v / (1 - β₂ᵗ)) + ε)`, `x = (1 - 1/t) x + z / t`,
    /// `w = (1 - β₁) z + β₁ x`; z begins as the weight
    ScheduleFreeAdamW ["schedulefreeadamw"] learning_rate = 0.0025 {
        /// How much the average counts in the weight.
        beta_1: f64 = 0.9,
        /// How much of the average square stays.
        beta_2: f64 = 0.999,
        /// Keeps quotients finite.
        epsilon: f64 = 1e-8,
        /// Over how many steps the learning rate rises.
        warmup_steps: i64 = 0,
    }
}

impl Optimize for ScheduleFreeAdamW {
    fn base(&self) -> Base {
        self.shared_arguments()
    }

    fn slots(&self, _: &WeightInfo) -> Vec<Vec<Slot>> {
        vec![vec![Slot::copy("momentum"), Slot::zeros("velocity")]]
    }

    fn prepare(&self, step: &Step, _: &[Tensor]) -> (Vec<Tensor>, Vec<Tensor>) {
        let rate = match self.warmup_steps {
            n if n > 0 => &step.learning_rate * (&step.number / n as f64).min_scalar(1.0),
            _ => step.learning_rate.clone(),
        };
        (vec![rate, missing(self.beta_2, step), step.number.reciprocal()], Vec::new())
    }

    fn update(&self, w: &Tensor, g: &Tensor, slots: &[Tensor], step: &Step) -> (Tensor, Vec<Tensor>) {
        let [rate, correction, share] = &step.shared[..] else { return (w.clone(), slots.to_vec()) };
        let v = towards(&slots[1], &g.square(), self.beta_2);
        let z = &slots[0] - g * rate / ((&v / correction).sqrt() + self.epsilon);
        let x = (w - &slots[0] * (1.0 - self.beta_1)) / self.beta_1;
        let x = x * (1.0 - share) + &z * share;
        (&z * (1.0 - self.beta_1) + x * self.beta_1, vec![z, v])
    }
}
