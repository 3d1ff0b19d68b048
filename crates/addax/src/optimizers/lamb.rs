//! Lamb: Adam with a step as long as the weight is large (You et al. 2019).

use super::adam::{missing, towards};
use super::{Base, Optimize, Slot, Step, WeightInfo, optimizer};
use addax_core::Tensor;

optimizer! {
    /// `u = m / (1 - β₁ᵗ) / (√(v / (1 - β₂ᵗ)) + ε)`, `w -= lr · ‖w‖ / ‖u‖ · u`
    Lamb ["lamb"] learning_rate = 0.001 {
        /// How much of the average gradient stays.
        beta_1: f64 = 0.9,
        /// How much of the average square stays.
        beta_2: f64 = 0.999,
        /// Keeps quotients finite.
        epsilon: f64 = 1e-7,
    }
}

impl Optimize for Lamb {
    fn base(&self) -> Base {
        self.shared_arguments()
    }

    fn slots(&self, _: &WeightInfo) -> Vec<Vec<Slot>> {
        vec![vec![Slot::zeros("momentum"), Slot::zeros("velocity")]]
    }

    fn prepare(&self, step: &Step, _: &[Tensor]) -> (Vec<Tensor>, Vec<Tensor>) {
        (vec![missing(self.beta_1, step), missing(self.beta_2, step)], Vec::new())
    }

    fn update(&self, w: &Tensor, g: &Tensor, slots: &[Tensor], step: &Step) -> (Tensor, Vec<Tensor>) {
        let (m, v) = (towards(&slots[0], g, self.beta_1), towards(&slots[1], &g.square(), self.beta_2));
        let update = &m / &step.shared[0] / ((&v / &step.shared[1]).sqrt() + self.epsilon);
        let norm = |x: &Tensor| x.square().sum_all().sqrt();
        let (own, other) = (norm(w), norm(&update));
        let one = own.filled(1.0);
        // Where one of them is 0 the step keeps its length.
        let known = own.gt_scalar(0.0).and(&other.gt_scalar(0.0));
        let ratio = known.select(&(&own / known.select(&other, &one)), &one);
        (w - update * (ratio * &step.learning_rate), vec![m, v])
    }
}
