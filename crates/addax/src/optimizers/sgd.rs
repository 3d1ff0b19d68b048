//! Stochastic gradient descent.

use super::{Optimize, Step, optimizer};
use addax_core::Tensor;

optimizer! {
    /// `w -= lr · g`; with momentum `m = μ m - lr g, w += m`; Nesterov's `w += μ m - lr g` with the new m.
    SGD ["sgd"] default "SGD", learning_rate = 0.01 {
        /// How much of the last step stays.
        momentum: f64 = 0.0,
        /// Whether the step looks ahead.
        nesterov: bool = false,
    }
    slots |this| if this.momentum == 0.0 { vec![] } else { vec!["momentum"] };
    shared |this, step| vec![];
    update |this, w, g, s, step| {
        let down = &step.learning_rate * g;
        let [m] = s else { return (w - down, vec![]) };
        let m = m * this.momentum - &down;
        let w = if this.nesterov { w + (&m * this.momentum - down) } else { w + &m };
        (w, vec![m])
    };
}
