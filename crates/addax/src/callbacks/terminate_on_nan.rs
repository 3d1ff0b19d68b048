//! TerminateOnNaN: stops at the first loss that is not a number.

use super::{Callback, Control};
use crate::training::Logs;
use addax_core::Result;

/// Stops when the running loss is NaN or infinite.
#[derive(Clone, Copy, Debug, Default)]
pub struct TerminateOnNaN {
    /// The batch it stopped after, if it did.
    pub stopped_batch: Option<usize>,
}

impl TerminateOnNaN {
    /// Watches every batch.
    pub fn new() -> TerminateOnNaN {
        TerminateOnNaN::default()
    }
}

impl Callback for TerminateOnNaN {
    fn wants_batches(&self) -> bool {
        true
    }

    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, cx: &mut Control) -> Result<()> {
        if logs.get("loss").is_some_and(|l| !l.is_finite()) {
            self.stopped_batch = Some(batch);
            cx.stop_training = true;
        }
        Ok(())
    }
}
