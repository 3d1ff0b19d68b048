//! Adam (Kingma and Ba 2015), with AMSGrad (Reddi et al. 2018).

use super::{Optimize, Step, optimizer};
use addax_core::Tensor;

optimizer! {
    /// `m += (1 - β₁)(g - m)`, `v += (1 - β₂)(g² - v)`, `w -= α m / (√v + ε)` with
    /// `α = lr √(1 - β₂ᵗ) / (1 - β₁ᵗ)`; AMSGrad takes the largest v so far.
    Adam ["adam"] default "adam", learning_rate = 0.001 {
        /// How much of the average gradient stays.
        beta_1: f64 = 0.9,
        /// How much of the average square stays.
        beta_2: f64 = 0.999,
        /// Keeps quotients finite; added to the uncorrected root.
        epsilon: f64 = 1e-7,
        /// Whether the largest average square counts.
        amsgrad: bool = false,
    }
    slots |this| if this.amsgrad { vec!["momentum", "velocity", "velocity_hat"] } else { vec!["momentum", "velocity"] };
    shared |this, step| {
        let power = |beta: f64| 1.0 - Tensor::constant(step.number.dtype(), beta).power(&step.number);
        vec![&step.learning_rate * power(this.beta_2).sqrt() / power(this.beta_1)]
    };
    update |this, w, g, s, step| {
        let alpha = &step.shared[0];
        let m = &s[0] + (g - &s[0]) * (1.0 - this.beta_1);
        let v = &s[1] + (g.square() - &s[1]) * (1.0 - this.beta_2);
        let largest = this.amsgrad.then(|| s[2].maximum(&v));
        let root = largest.as_ref().unwrap_or(&v).sqrt();
        let w = w - &m * alpha / (root + this.epsilon);
        (w, [m, v].into_iter().chain(largest).collect())
    };
}
