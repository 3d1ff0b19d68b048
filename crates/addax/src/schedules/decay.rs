//! Rates that fall along a curve.

use super::{Schedule, number, steps};
use crate::class;
use addax_core::{DType, Result, Tensor};

class! {
    /// `lr · rate^(step / decay_steps)`
    pub struct ExponentialDecay: dyn Schedule in "keras.optimizers.schedules" [] keeping [] (
        /// The rate to begin with.
        initial_learning_rate: f64,
        /// How many steps make one decay.
        decay_steps: f64,
        /// The factor of one decay.
        decay_rate: f64,
    ) {
        /// Whether the rate falls in steps.
        staircase: bool = false,
        /// Its name.
        name: String = "ExponentialDecay".to_string(),
    }
}

class! {
    /// `lr / (1 + rate · step / decay_steps)`
    pub struct InverseTimeDecay: dyn Schedule in "keras.optimizers.schedules" [] keeping [] (
        /// The rate to begin with.
        initial_learning_rate: f64,
        /// How many steps make one decay.
        decay_steps: f64,
        /// How fast it falls.
        decay_rate: f64,
    ) {
        /// Whether the rate falls in steps.
        staircase: bool = false,
        /// Its name.
        name: String = "InverseTimeDecay".to_string(),
    }
}

class! {
    /// `(lr - end)(1 - step / decay_steps)^power + end`, then `end`; or cycles, each as long as it takes to come past
    /// the step
    pub struct PolynomialDecay: dyn Schedule in "keras.optimizers.schedules" [] keeping [] (
        /// The rate to begin with.
        initial_learning_rate: f64,
        /// After how many steps it ends.
        decay_steps: f64,
    ) {
        /// The rate to end with.
        end_learning_rate: f64 = 0.0001,
        /// 1 for a line.
        power: f64 = 1.0,
        /// Whether it begins anew.
        cycle: bool = false,
        /// Its name.
        name: String = "PolynomialDecay".to_string(),
    }
}

/// Decays so far, whole ones only for a staircase.
fn decays(step: &Tensor, steps: f64, staircase: bool) -> Tensor {
    let p = step.cast(DType::F32) / steps;
    if staircase { p.floor() } else { p }
}

impl Schedule for ExponentialDecay {
    fn rate(&self, step: &Tensor) -> Tensor {
        number(self.decay_rate).power(&decays(step, self.decay_steps, self.staircase))
            * self.initial_learning_rate
    }

    fn check(&self) -> Result<()> {
        steps("decay_steps", self.decay_steps)
    }
}

impl Schedule for InverseTimeDecay {
    fn rate(&self, step: &Tensor) -> Tensor {
        let p = decays(step, self.decay_steps, self.staircase);
        self.initial_learning_rate / (p * self.decay_rate + 1.0)
    }

    fn check(&self) -> Result<()> {
        steps("decay_steps", self.decay_steps)
    }
}

impl Schedule for PolynomialDecay {
    fn rate(&self, step: &Tensor) -> Tensor {
        let step = step.cast(DType::F32);
        let p = if self.cycle {
            let cycles = (&step / self.decay_steps).ceil();
            let cycles = step.equal(&step.filled(0.0)).select(&step.filled(1.0), &cycles);
            step / (cycles * self.decay_steps)
        } else {
            step.min_scalar(self.decay_steps) / self.decay_steps
        };
        let end = number(self.end_learning_rate);
        (1.0 - p).powf(self.power) * (self.initial_learning_rate - &end) + end
    }

    fn check(&self) -> Result<()> {
        steps("decay_steps", self.decay_steps)
    }
}
