//! Callbacks: told of epochs and batches, able to stop, to change the learning rate, to keep weights.

mod early_stopping;
mod learning_rate_scheduler;
mod model_checkpoint;
mod terminate_on_nan;

pub use early_stopping::EarlyStopping;
pub use learning_rate_scheduler::LearningRateScheduler;
pub use model_checkpoint::ModelCheckpoint;
pub use terminate_on_nan::TerminateOnNaN;

use crate::training::{Logs, Session};
use addax_core::{Error, Result};

/// What a callback may do to the training.
pub struct Control<'a> {
    /// The state of the model.
    pub session: &'a mut Session,
    /// Set it to end the training after this epoch (or batch).
    pub stop_training: bool,
}

/// Told of the course of training. Every method does nothing unless written.
pub trait Callback {
    /// Before the first epoch.
    fn on_train_begin(&mut self, _cx: &mut Control) -> Result<()> {
        Ok(())
    }
    /// After the last epoch.
    fn on_train_end(&mut self, _cx: &mut Control) -> Result<()> {
        Ok(())
    }
    /// Before an epoch.
    fn on_epoch_begin(&mut self, _epoch: usize, _cx: &mut Control) -> Result<()> {
        Ok(())
    }
    /// After an epoch; what is added to `logs` is shown and kept in History.
    fn on_epoch_end(&mut self, _epoch: usize, _logs: &mut Logs, _cx: &mut Control) -> Result<()> {
        Ok(())
    }
    /// Whether batches are to be told of: reading their values costs time.
    fn wants_batches(&self) -> bool {
        false
    }
    /// After a batch, with the running values.
    fn on_train_batch_end(&mut self, _batch: usize, _logs: &Logs, _cx: &mut Control) -> Result<()> {
        Ok(())
    }
}

/// Which way a monitored value gets better.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Better {
    Lower,
    Higher,
}

impl Better {
    /// From `mode` and, for `auto`, the metric's own direction.
    pub fn of(mode: &str, monitor: &str) -> Result<Better> {
        let name = monitor.strip_prefix("val_").unwrap_or(monitor);
        match mode {
            "min" => Ok(Better::Lower),
            "max" => Ok(Better::Higher),
            "auto"
                if name.ends_with("acc")
                    || name.ends_with("accuracy")
                    || name.ends_with("cosine_similarity") =>
            {
                Ok(Better::Higher)
            }
            "auto" => Ok(Better::Lower),
            other => Err(Error::unknown("mode", other, ["auto", "min", "max"])),
        }
    }

    /// Whether `a` improves on `b` by more than `delta`. NaN is never better.
    pub fn improves(self, a: f64, b: f64, delta: f64) -> bool {
        match self {
            Better::Lower => a < b - delta,
            Better::Higher => a > b + delta,
        }
    }
}

/// Tells on the error stream that a monitored value is not there.
pub(crate) fn warn_missing(who: &str, monitor: &str, logs: &Logs) {
    let known: Vec<&str> = logs.keys().map(String::as_str).collect();
    eprintln!("warning: {who}: \"{monitor}\" is not among {}", known.join(", "));
}
