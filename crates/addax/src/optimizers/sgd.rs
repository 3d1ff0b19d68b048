//! Stochastic gradient descent.

use super::{Base, Optimize, Slot, Step, WeightInfo, optimizer};
use crate::fields::within;
use addax_core::{Result, Tensor};

optimizer! {
    /// `w -= lr · g`; with momentum `m = μ m - lr g, w += m`; Nesterov's `w += μ m - lr g` with the new m.
    SGD ["sgd"] learning_rate = 0.01 {
        /// How much of the last step stays.
        momentum: f64 = 0.0,
        /// Whether the step looks ahead.
        nesterov: bool = false,
    }
}

impl Optimize for SGD {
    fn base(&self) -> Base {
        self.shared_arguments()
    }

    fn slots(&self, _: &WeightInfo) -> Vec<Vec<Slot>> {
        if self.momentum == 0.0 { Vec::new() } else { vec![vec![Slot::zeros("momentum")]] }
    }

    fn update(&self, w: &Tensor, g: &Tensor, slots: &[Tensor], step: &Step) -> (Tensor, Vec<Tensor>) {
        let down = g * &step.learning_rate;
        let [m] = slots else { return (w - down, Vec::new()) };
        let m = m * self.momentum - &down;
        let w = if self.nesterov { w + (&m * self.momentum - down) } else { w + &m };
        (w, vec![m])
    }

    fn check(&self) -> Result<()> {
        within("momentum", self.momentum, 0.0, 1.0)
    }
}
