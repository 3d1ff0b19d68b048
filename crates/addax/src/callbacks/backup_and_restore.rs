//! BackupAndRestore: a training that was cut off goes on where it was.

use super::Callback;
use crate::training::Checkpoints;
use std::path::Path;

/// Keeps the run in a folder, and goes on from there when `fit` is called again after the process has ended: same
/// weights, bit for bit, as if it had never ended. Once `fit` is through, the folder is removed.
///
/// It stands on the same code as [`Checkpoints`]: two are kept, whole and checksummed, so that Keras's
/// `double_checkpoint` is always on. Weights may begin with other numbers, since they are restored.
///
/// ```no_run
/// use addax::callbacks::BackupAndRestore;
/// use addax::prelude::*;
/// # fn fit(model: &mut Model, x: &Value, y: &Value) -> addax::Result<()> {
/// let mut backup = BackupAndRestore::new("backup");
/// model.fit(x, y, Fit::new().epochs(10).callback(&mut backup))?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct BackupAndRestore {
    checkpoints: Checkpoints,
}

impl BackupAndRestore {
    /// In a folder, after each epoch.
    pub fn new(backup_dir: impl AsRef<Path>) -> BackupAndRestore {
        let mut checkpoints = Checkpoints::new(backup_dir).resume();
        (checkpoints.first, checkpoints.passing) = (false, true);
        BackupAndRestore { checkpoints }
    }

    /// After every so many steps instead.
    pub fn save_freq(mut self, steps: usize) -> Self {
        (self.checkpoints.every, self.checkpoints.epochs) = (Some(steps), false);
        self
    }

    /// Whether the folder is removed once `fit` is through.
    pub fn delete_checkpoint(mut self, delete: bool) -> Self {
        self.checkpoints.passing = delete;
        self
    }
}

impl Callback for BackupAndRestore {
    fn checkpoints(&self) -> Option<Checkpoints> {
        Some(self.checkpoints.clone())
    }
}
