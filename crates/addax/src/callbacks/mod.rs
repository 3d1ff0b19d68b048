//! Callbacks (`keras.callbacks`): told of epochs and batches, able to stop, to change the learning rate, to keep weights.

mod backup_and_restore;
mod csv_logger;
mod early_stopping;
mod lambda_callback;
mod learning_rate_scheduler;
mod memory;
mod model_checkpoint;
mod monitor;
mod reduce_lr_on_plateau;
mod terminate_on_nan;

pub use backup_and_restore::BackupAndRestore;
pub use csv_logger::CSVLogger;
pub use early_stopping::EarlyStopping;
pub use lambda_callback::LambdaCallback;
pub use learning_rate_scheduler::LearningRateScheduler;
pub use memory::Memory;
pub use model_checkpoint::{Frequency, ModelCheckpoint, Saved};
pub use monitor::Monitor;
pub use reduce_lr_on_plateau::ReduceLROnPlateau;
pub use terminate_on_nan::TerminateOnNaN;

use crate::training::{Checkpoints, Logs, Session};
use addax_core::Result;

/// What a callback may do to the training.
pub struct Control<'a> {
    /// The state of the model.
    pub session: &'a mut Session,
    /// Set it to end the training after this epoch (or batch).
    pub stop_training: bool,
}

/// Told of the course of training. Every method does nothing unless written. Callbacks are told in the order in which they
/// were given; `History` and the progress line come after them.
pub trait Callback {
    /// Before the first epoch.
    fn on_train_begin(&mut self, _cx: &mut Control) -> Result<()> {
        Ok(())
    }
    /// After the last epoch, with its values.
    fn on_train_end(&mut self, _logs: &Logs, _cx: &mut Control) -> Result<()> {
        Ok(())
    }
    /// Before an epoch.
    fn on_epoch_begin(&mut self, _epoch: usize, _cx: &mut Control) -> Result<()> {
        Ok(())
    }
    /// After an epoch and its validation; what is added to `logs` is shown and kept in History.
    fn on_epoch_end(&mut self, _epoch: usize, _logs: &mut Logs, _cx: &mut Control) -> Result<()> {
        Ok(())
    }
    /// Whether batches are to be told of: reading their values costs time.
    fn wants_batches(&self) -> bool {
        false
    }
    /// Before a batch.
    fn on_train_batch_begin(&mut self, _batch: usize, _cx: &mut Control) -> Result<()> {
        Ok(())
    }
    /// After a batch, with the running values.
    fn on_train_batch_end(&mut self, _batch: usize, _logs: &Logs, _cx: &mut Control) -> Result<()> {
        Ok(())
    }
    /// Before an evaluation or validation.
    fn on_test_begin(&mut self, _cx: &mut Control) -> Result<()> {
        Ok(())
    }
    /// After an evaluation or validation.
    fn on_test_end(&mut self, _logs: &Logs, _cx: &mut Control) -> Result<()> {
        Ok(())
    }
    /// Before a batch of an evaluation or validation.
    fn on_test_batch_begin(&mut self, _batch: usize, _cx: &mut Control) -> Result<()> {
        Ok(())
    }
    /// After a batch of an evaluation or validation, with the running values.
    fn on_test_batch_end(&mut self, _batch: usize, _logs: &Logs, _cx: &mut Control) -> Result<()> {
        Ok(())
    }
    /// What it must remember to go on with a run after the process has ended, if anything.
    fn memory(&self) -> Option<Memory> {
        None
    }
    /// Remembers; called after [`Callback::on_train_begin`] by a run that goes on.
    fn recall(&mut self, _memory: &Memory) -> Result<()> {
        Ok(())
    }
    /// Whether the run as it stands may be kept in a checkpoint.
    fn allows_checkpoint(&self, _cx: &Control) -> Result<bool> {
        Ok(true)
    }
    /// Where it wants the run to be kept, if it does.
    fn checkpoints(&self) -> Option<Checkpoints> {
        None
    }
}
