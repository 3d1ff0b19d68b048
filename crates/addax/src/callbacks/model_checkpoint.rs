//! ModelCheckpoint: keeps weights of epochs.

use super::{Callback, Control, Memory, Monitor};
use crate::training::Logs;
use addax_core::{Result, Value};

/// When weights are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Frequency {
    /// After each epoch.
    Epoch,
    /// After every so many batches.
    Batches(usize),
}

/// Weights that were kept.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The epoch, from 0.
    pub epoch: usize,
    /// What the epoch, or the batch, said.
    pub logs: Logs,
    /// The weights in Keras's order.
    pub weights: Vec<Value>,
}

/// Keeps the weights after each epoch, or those of the best only.
#[derive(Clone, Debug)]
pub struct ModelCheckpoint {
    monitor: Monitor,
    save_best_only: bool,
    save_freq: Frequency,
    best: Option<f64>,
    epoch: usize,
    batches: usize,
    last_batch: Option<usize>,
    /// What was kept.
    pub saved: Vec<Saved>,
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
            monitor: Monitor::new("val_loss", 0.0),
            save_best_only: false,
            save_freq: Frequency::Epoch,
            best: None,
            epoch: 0,
            batches: 0,
            last_batch: None,
            saved: Vec::new(),
        }
    }

    /// The value that best is judged by.
    pub fn monitor(mut self, name: &str) -> Self {
        self.monitor.set_name(name);
        self
    }

    /// `auto`, `min` or `max`.
    pub fn mode(mut self, mode: &str) -> Self {
        self.monitor.set_mode(mode);
        self
    }

    /// Whether only weights better than all before are kept.
    pub fn save_best_only(mut self, best: bool) -> Self {
        self.save_best_only = best;
        self
    }

    /// After each epoch, or after so many batches.
    pub fn save_freq(mut self, frequency: Frequency) -> Self {
        self.save_freq = frequency;
        self
    }

    /// A value that the first weights must beat already.
    pub fn initial_value_threshold(mut self, value: f64) -> Self {
        self.best = Some(value);
        self
    }

    fn save(&mut self, logs: &Logs, cx: &mut Control) -> Result<()> {
        if self.save_best_only {
            self.monitor.open("ModelCheckpoint", cx)?;
            // Without the value, weights are kept rather than lost.
            if let Some(value) = self.monitor.value("ModelCheckpoint", logs) {
                if !self.monitor.improves(value, self.best) {
                    return Ok(());
                }
                self.best = Some(value);
            }
        }
        self.saved.push(Saved { epoch: self.epoch, logs: logs.clone(), weights: cx.session.weights()? });
        Ok(())
    }
}

impl Callback for ModelCheckpoint {
    fn wants_batches(&self) -> bool {
        self.save_freq != Frequency::Epoch
    }

    fn on_epoch_begin(&mut self, epoch: usize, _: &mut Control) -> Result<()> {
        self.epoch = epoch;
        Ok(())
    }

    fn on_train_batch_end(&mut self, batch: usize, logs: &Logs, cx: &mut Control) -> Result<()> {
        let Frequency::Batches(n) = self.save_freq else { return Ok(()) };
        // One call may stand for several batches.
        let new = self.last_batch.filter(|last| batch > *last).map_or(batch + 1, |last| batch - last);
        self.last_batch = Some(batch);
        self.batches += new;
        if self.batches < n.max(1) {
            return Ok(());
        }
        self.batches = 0;
        self.save(logs, cx)
    }

    fn on_epoch_end(&mut self, _: usize, logs: &mut Logs, cx: &mut Control) -> Result<()> {
        if self.save_freq == Frequency::Epoch { self.save(logs, cx) } else { Ok(()) }
    }

    /// The best value and the counts; weights that are kept in memory alone end with the process.
    fn memory(&self) -> Option<Memory> {
        let memory = Memory::new("ModelCheckpoint").with_number("best", self.best);
        let memory = memory.with_count("epoch", self.epoch).with_count("batches", self.batches);
        Some(memory.with_count("last_batch", self.last_batch))
    }

    fn recall(&mut self, memory: &Memory) -> Result<()> {
        self.best = memory.number("best")?;
        (self.epoch, self.batches) = (memory.count("epoch")?, memory.count("batches")?);
        self.last_batch = memory.maybe_count("last_batch")?;
        Ok(())
    }
}
