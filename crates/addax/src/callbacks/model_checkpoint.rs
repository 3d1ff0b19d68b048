//! ModelCheckpoint: keeps weights of epochs.

use super::{Better, Callback, Control, warn_missing};
use crate::training::Logs;
use addax_core::{Result, Value};

/// Keeps the weights after each epoch, or those of the best only.
#[derive(Clone, Debug)]
pub struct ModelCheckpoint {
    monitor: String,
    mode: String,
    save_best_only: bool,
    best: Option<f64>,
    /// The weights kept: epoch, logs and weights.
    pub saved: Vec<(usize, Logs, Vec<Value>)>,
}

impl Default for ModelCheckpoint {
    fn default() -> Self {
        ModelCheckpoint::new()
    }
}

impl ModelCheckpoint {
    /// Keeps every epoch's weights; `val_loss` is what best is judged by.
    pub fn new() -> ModelCheckpoint {
        ModelCheckpoint {
            monitor: "val_loss".into(),
            mode: "auto".into(),
            save_best_only: false,
            best: None,
            saved: Vec::new(),
        }
    }

    /// The value that best is judged by.
    pub fn monitor(mut self, name: &str) -> Self {
        self.monitor = name.to_string();
        self
    }

    /// `auto`, `min` or `max`.
    pub fn mode(mut self, mode: &str) -> Self {
        self.mode = mode.to_string();
        self
    }

    /// Whether only weights better than all before are kept.
    pub fn save_best_only(mut self, best: bool) -> Self {
        self.save_best_only = best;
        self
    }
}

impl Callback for ModelCheckpoint {
    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, cx: &mut Control) -> Result<()> {
        if self.save_best_only {
            let Some(value) = logs.get(&self.monitor).copied() else {
                warn_missing("ModelCheckpoint", &self.monitor, logs);
                return Ok(());
            };
            let better = Better::of(&self.mode, &self.monitor)?;
            if self.best.is_some_and(|best| !better.improves(value, best, 0.0)) || value.is_nan() {
                return Ok(());
            }
            self.best = Some(value);
        }
        self.saved.push((epoch, logs.clone(), cx.session.weights()?));
        Ok(())
    }
}
