//! TerminateOnNaN: stops at the first loss that is not a number.

use super::{Callback, Control};
use crate::metrics::Reading;
use crate::training::Logs;
use addax_core::{Error, Result};

/// Stops when the running loss is NaN or infinite.
#[derive(Clone, Copy, Debug, Default)]
pub struct TerminateOnNaN {
    raise_error: bool,
    /// The batch it stopped after, if it did.
    pub stopped_batch: Option<usize>,
}

impl TerminateOnNaN {
    /// Watches every batch.
    pub fn new() -> TerminateOnNaN {
        TerminateOnNaN::default()
    }

    /// Whether `fit` ends with an error.
    pub fn raise_error(mut self, raise: bool) -> Self {
        self.raise_error = raise;
        self
    }
}

impl Callback for TerminateOnNaN {
    fn wants_batches(&self) -> bool {
        true
    }

    fn allows_checkpoint(&self, cx: &Control) -> Result<bool> {
        // A loss is that of the weights before the step; those after it may be spoilt already.
        Ok(self.stopped_batch.is_none() && cx.session.is_finite()?)
    }

    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, cx: &mut Control) -> Result<()> {
        let loss = logs.get("loss").and_then(Reading::number).filter(|l| !l.is_finite());
        let Some(loss) = loss else { return Ok(()) };
        self.stopped_batch = Some(batch);
        cx.stop_training = true;
        match self.raise_error {
            true => Err(Error::value(format!("loss of batch {batch}")).expected("a finite number").got(loss)),
            false => Ok(()),
        }
    }
}
