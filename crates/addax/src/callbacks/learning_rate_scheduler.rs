//! LearningRateScheduler: the learning rate as a function of the epoch.

use super::{Callback, Control};
use crate::training::Logs;
use addax_core::{Error, Result};

/// Sets the learning rate to `schedule(epoch, rate)` before each epoch and logs it.
pub struct LearningRateScheduler<F> {
    schedule: F,
}

impl<F: FnMut(usize, f64) -> f64> LearningRateScheduler<F> {
    /// With a function of the epoch (from 0) and the rate so far.
    pub fn new(schedule: F) -> Self {
        LearningRateScheduler { schedule }
    }
}

impl<F: FnMut(usize, f64) -> f64> Callback for LearningRateScheduler<F> {
    fn on_epoch_begin(&mut self, epoch: usize, cx: &mut Control) -> Result<()> {
        let rate = (self.schedule)(epoch, cx.session.learning_rate()?);
        if !rate.is_finite() {
            return Err(Error::value("LearningRateScheduler").expected("a finite rate").got(rate));
        }
        cx.session.set_learning_rate(rate)
    }

    fn on_epoch_end(&mut self, _: usize, logs: &mut Logs, cx: &mut Control) -> Result<()> {
        logs.insert("learning_rate".into(), cx.session.learning_rate()?.into());
        Ok(())
    }
}
