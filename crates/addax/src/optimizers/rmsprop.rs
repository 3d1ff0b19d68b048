//! RMSprop (Hinton 2012).

use super::{Optimize, Step, optimizer};
use addax_core::Tensor;

optimizer! {
    /// `v = ρ v + (1 - ρ) g²`, `w -= lr · g / √(v + ε)`; centered: `√(v - a² + ε)` with `a = ρ a + (1 - ρ) g`;
    /// with momentum `m = μ m + step, w -= m`.
    RMSprop ["rmsprop"] default "rmsprop", learning_rate = 0.001 {
        /// How much of the average of squares stays.
        rho: f64 = 0.9,
        /// How much of the last step stays.
        momentum: f64 = 0.0,
        /// Keeps roots and quotients finite.
        epsilon: f64 = 1e-7,
        /// Whether the average gradient is taken off.
        centered: bool = false,
    }
    slots |this| {
        let mut slots = vec!["velocity"];
        if this.momentum > 0.0 { slots.push("momentum") }
        if this.centered { slots.push("average_gradient") }
        slots
    };
    shared |this, step| vec![];
    update |this, w, g, s, step| {
        let v = &s[0] * this.rho + g.square() * (1.0 - this.rho);
        let mut new = vec![v.clone()];
        let average = this.centered.then(|| &s[s.len() - 1] * this.rho + g * (1.0 - this.rho));
        let spread = match &average {
            Some(a) => &v - a.square() + this.epsilon,
            None => &v + this.epsilon,
        };
        let down = &step.learning_rate * g / spread.sqrt();
        let down = if this.momentum > 0.0 {
            let m = &s[1] * this.momentum + &down;
            new.push(m.clone());
            m
        } else {
            down
        };
        new.extend(average);
        (w - down, new)
    };
}
