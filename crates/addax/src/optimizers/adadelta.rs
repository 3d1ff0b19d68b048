//! Adadelta (Zeiler 2012).

use super::{Base, Optimize, Slot, Step, WeightInfo, optimizer};
use addax_core::Tensor;

optimizer! {
    /// `a = ρ a + (1 - ρ) g²`, `d = -√(D + ε) / √(a + ε) · g`, `D = ρ D + (1 - ρ) d²`, `w += lr · d`
    Adadelta ["adadelta"] learning_rate = 0.001 {
        /// How much of the averages stays.
        rho: f64 = 0.95,
        /// Keeps roots and quotients finite.
        epsilon: f64 = 1e-7,
    }
}

impl Optimize for Adadelta {
    fn base(&self) -> Base {
        self.shared_arguments()
    }

    fn slots(&self, _: &WeightInfo) -> Vec<Vec<Slot>> {
        vec![vec![Slot::zeros("accumulated_grad"), Slot::zeros("accumulated_delta_var")]]
    }

    fn update(&self, w: &Tensor, g: &Tensor, slots: &[Tensor], step: &Step) -> (Tensor, Vec<Tensor>) {
        let average = |old: &Tensor, x: &Tensor| old * self.rho + x.square() * (1.0 - self.rho);
        let root = |x: &Tensor| (x + self.epsilon).sqrt();
        let gradients = average(&slots[0], g);
        let delta = (root(&slots[1]) * g / root(&gradients)).negate();
        let deltas = average(&slots[1], &delta);
        (w + delta * &step.learning_rate, vec![gradients, deltas])
    }
}
