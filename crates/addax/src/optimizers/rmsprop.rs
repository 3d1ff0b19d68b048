//! RMSprop (Hinton 2012).

use super::{Base, Optimize, Slot, Step, WeightInfo, optimizer};
use addax_core::Tensor;

optimizer! {
    /// `v = ρ v + (1 - ρ) g²`, `w -= lr · g / √(v + ε)`; centered: `√(v - a² + ε)` with `a = ρ a + (1 - ρ) g`;
    /// with momentum `m = μ m + step, w -= m`.
    RMSprop ["rmsprop"] learning_rate = 0.001 {
        /// How much of the average of squares stays.
        rho: f64 = 0.9,
        /// How much of the last step stays.
        momentum: f64 = 0.0,
        /// Keeps roots and quotients finite.
        epsilon: f64 = 1e-7,
        /// Whether the average gradient is taken off.
        centered: bool = false,
    }
}

impl Optimize for RMSprop {
    fn base(&self) -> Base {
        self.shared_arguments()
    }

    fn slots(&self, _: &WeightInfo) -> Vec<Vec<Slot>> {
        let mut groups = vec![vec![Slot::zeros("velocity")]];
        if self.momentum > 0.0 {
            groups.push(vec![Slot::zeros("momentum")]);
        }
        if self.centered {
            groups.push(vec![Slot::zeros("average_gradient")]);
        }
        groups
    }

    fn update(&self, w: &Tensor, g: &Tensor, s: &[Tensor], step: &Step) -> (Tensor, Vec<Tensor>) {
        let average = |old: &Tensor, x: &Tensor| old * self.rho + x * (1.0 - self.rho);
        let v = average(&s[0], &g.square());
        let mut new = vec![v.clone()];
        let mean = self.centered.then(|| average(&s[s.len() - 1], g));
        let spread = match &mean {
            Some(a) => &v - a.square() + self.epsilon,
            None => &v + self.epsilon,
        };
        let mut down = g * &step.learning_rate / spread.sqrt();
        if self.momentum > 0.0 {
            down = &s[1] * self.momentum + down;
            new.push(down.clone());
        }
        new.extend(mean);
        (w - down, new)
    }
}
