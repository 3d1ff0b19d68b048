//! Rates that fall along a cosine (Loshchilov and Hutter 2017).

use super::{Schedule, number, steps};
use crate::class;
use addax_core::{DType, Result, Tensor};
use std::f64::consts::PI;

class! {
    /// `lr · ((1 - α) ½ (1 + cos(π · step / decay_steps)) + α)`; with a target, first up to it along a line
    pub struct CosineDecay: dyn Schedule in "keras.optimizers.schedules" [] keeping [] (
        /// The rate to begin with.
        initial_learning_rate: f64,
        /// Over how many steps it falls.
        decay_steps: f64,
    ) {
        /// The share of the rate that stays.
        alpha: f64 = 0.0,
        /// Its name.
        name: String = "CosineDecay".to_string(),
        /// The rate to warm up to.
        warmup_target: Option<f64> = None,
        /// Over how many steps it warms up.
        warmup_steps: f64 = 0.0,
    }
}

class! {
    /// Cosines one after another: period n lasts `first_decay_steps · t_mulⁿ` and begins at `lr · m_mulⁿ`
    pub struct CosineDecayRestarts: dyn Schedule in "keras.optimizers.schedules" [] keeping [] (
        /// The rate to begin with.
        initial_learning_rate: f64,
        /// How long the first period lasts.
        first_decay_steps: f64,
    ) {
        /// The length of a period by that before it.
        t_mul: f64 = 2.0,
        /// The height of a period by that before it.
        m_mul: f64 = 1.0,
        /// The share of the rate that stays.
        alpha: f64 = 0.0,
        /// Its name.
        name: String = "SGDRDecay".to_string(),
    }
}

impl Schedule for CosineDecay {
    fn rate(&self, step: &Tensor) -> Tensor {
        let step = step.cast(DType::F32);
        let fall = |step: &Tensor, from: f64| {
            let done = step.min_scalar(self.decay_steps) / self.decay_steps;
            (((done * PI).cos() + 1.0) * 0.5 * (1.0 - self.alpha) + self.alpha) * from
        };
        let Some(target) = self.warmup_target else { return fall(&step, self.initial_learning_rate) };
        let after = fall(&(&step - self.warmup_steps).max_scalar(0.0), target);
        if self.warmup_steps <= 0.0 {
            return after;
        }
        let start = number(self.initial_learning_rate);
        let rise = &step / self.warmup_steps * (target - &start) + start;
        step.lt_scalar(self.warmup_steps).select(&rise, &after)
    }

    fn check(&self) -> Result<()> {
        steps("decay_steps", self.decay_steps)
    }
}

impl Schedule for CosineDecayRestarts {
    fn rate(&self, step: &Tensor) -> Tensor {
        let done = step.cast(DType::F32) / self.first_decay_steps;
        let (period, done) = if self.t_mul == 1.0 {
            let period = done.floor();
            (period.clone(), done - period)
        } else {
            let t = number(self.t_mul);
            let period = ((1.0 - &done * (1.0 - self.t_mul)).log() / t.log()).floor();
            let length = t.power(&period);
            let before = (1.0 - &length) / (1.0 - self.t_mul);
            (period, (done - before) / length)
        };
        let height = number(self.m_mul).power(&period) * 0.5;
        let wave = height * ((done * PI).cos() + 1.0);
        (wave * (1.0 - self.alpha) + self.alpha) * self.initial_learning_rate
    }

    fn check(&self) -> Result<()> {
        steps("first_decay_steps", self.first_decay_steps)?;
        steps("t_mul", self.t_mul)
    }
}
