//! Adagrad (Duchi et al. 2011).

use super::{Base, Optimize, Slot, Step, WeightInfo, optimizer};
use addax_core::Tensor;

optimizer! {
    /// `a += g²`, `w -= lr · g / √(a + ε)`
    Adagrad ["adagrad"] learning_rate = 0.001 {
        /// What the sum of squares begins with.
        initial_accumulator_value: f64 = 0.1,
        /// Keeps roots and quotients finite.
        epsilon: f64 = 1e-7,
    }
}

impl Optimize for Adagrad {
    fn base(&self) -> Base {
        self.shared_arguments()
    }

    fn slots(&self, _: &WeightInfo) -> Vec<Vec<Slot>> {
        vec![vec![Slot::filled("accumulator", self.initial_accumulator_value)]]
    }

    fn update(&self, w: &Tensor, g: &Tensor, slots: &[Tensor], step: &Step) -> (Tensor, Vec<Tensor>) {
        let sum = &slots[0] + g.square();
        (w - g * &step.learning_rate / (&sum + self.epsilon).sqrt(), vec![sum])
    }
}
