//! EarlyStopping: ends the training when a value no longer gets better.

use super::{Callback, Control, Memory, Monitor};
use crate::training::Logs;
use addax_core::{Result, Value};

/// Stops when `monitor` has not improved for `patience` epochs.
///
/// An epoch improves if its value beats the best by more than `min_delta`; the first always does; NaN never.
#[derive(Clone, Debug)]
pub struct EarlyStopping {
    monitor: Monitor,
    patience: usize,
    baseline: Option<f64>,
    restore_best_weights: bool,
    start_from_epoch: usize,
    best: Option<f64>,
    wait: usize,
    best_weights: Option<Vec<Value>>,
    /// The epoch it stopped in, if it did.
    pub stopped_epoch: Option<usize>,
}

impl Default for EarlyStopping {
    fn default() -> Self {
        EarlyStopping::new()
    }
}

impl EarlyStopping {
    /// Keras's defaults: `val_loss`, patience 0.
    pub fn new() -> EarlyStopping {
        EarlyStopping {
            monitor: Monitor::new("val_loss", 0.0),
            patience: 0,
            baseline: None,
            restore_best_weights: false,
            start_from_epoch: 0,
            best: None,
            wait: 0,
            best_weights: None,
            stopped_epoch: None,
        }
    }

    /// The value to look at.
    pub fn monitor(mut self, name: &str) -> Self {
        self.monitor.set_name(name);
        self
    }

    /// Improvements must be larger than this.
    pub fn min_delta(mut self, delta: f64) -> Self {
        self.monitor.set_min_delta(delta);
        self
    }

    /// How many epochs without improvement are borne.
    pub fn patience(mut self, epochs: usize) -> Self {
        self.patience = epochs;
        self
    }

    /// `auto`, `min` or `max`.
    pub fn mode(mut self, mode: &str) -> Self {
        self.monitor.set_mode(mode);
        self
    }

    /// A value that must be beaten too for the patience to begin anew.
    pub fn baseline(mut self, value: f64) -> Self {
        self.baseline = Some(value);
        self
    }

    /// Whether the weights of the best epoch come back at the end.
    pub fn restore_best_weights(mut self, restore: bool) -> Self {
        self.restore_best_weights = restore;
        self
    }

    /// Epochs before this are not looked at.
    pub fn start_from_epoch(mut self, epoch: usize) -> Self {
        self.start_from_epoch = epoch;
        self
    }

    /// Takes in a value; whether to stop, and whether it is the best.
    fn look(&mut self, epoch: usize, value: f64) -> (bool, bool) {
        self.wait += 1;
        if self.monitor.improves(value, self.best) {
            self.best = Some(value);
            if self.baseline.is_none() || self.monitor.improves(value, self.baseline) {
                self.wait = 0;
            }
            return (false, true);
        }
        (self.wait >= self.patience && epoch > 0, false)
    }
}

impl Callback for EarlyStopping {
    fn on_train_begin(&mut self, _: &mut Control) -> Result<()> {
        (self.best, self.wait, self.best_weights, self.stopped_epoch) = (None, 0, None, None);
        Ok(())
    }

    fn on_epoch_end(&mut self, epoch: usize, logs: &mut Logs, cx: &mut Control) -> Result<()> {
        self.monitor.open("EarlyStopping", cx)?;
        let Some(value) = self.monitor.value("EarlyStopping", logs) else { return Ok(()) };
        if epoch < self.start_from_epoch {
            return Ok(());
        }
        let (stop, best) = self.look(epoch, value);
        if best && self.restore_best_weights {
            self.best_weights = Some(cx.session.weights()?);
        }
        if stop {
            self.stopped_epoch = Some(epoch);
            cx.stop_training = true;
        }
        Ok(())
    }

    fn memory(&self) -> Option<Memory> {
        let memory = Memory::new("EarlyStopping")
            .with_number("best", self.best)
            .with_count("wait", self.wait)
            .with_count("stopped_epoch", self.stopped_epoch)
            .with_count("weights", self.best_weights.as_ref().map(Vec::len));
        let weights = self.best_weights.iter().flatten().enumerate();
        Some(weights.fold(memory, |m, (i, w)| m.with(&i.to_string(), w.clone())))
    }

    fn recall(&mut self, memory: &Memory) -> Result<()> {
        self.best = memory.number("best")?;
        self.wait = memory.count("wait")?;
        self.stopped_epoch = memory.maybe_count("stopped_epoch")?;
        let weight = |i: usize| memory.get(&i.to_string()).cloned();
        self.best_weights =
            memory.maybe_count("weights")?.map(|n| (0..n).map(weight).collect()).transpose()?;
        Ok(())
    }

    fn on_train_end(&mut self, _: &Logs, cx: &mut Control) -> Result<()> {
        match &self.best_weights {
            Some(weights) if self.restore_best_weights => cx.session.set_weights(weights),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Direction;

    fn stops_after(mut callback: EarlyStopping, values: &[f64]) -> Option<usize> {
        callback.monitor = callback.monitor.opened(Direction::Down);
        let from = callback.start_from_epoch;
        values.iter().enumerate().skip(from).find(|(e, v)| callback.look(*e, **v).0).map(|(e, _)| e)
    }

    #[test]
    fn stops_where_keras_does() {
        let new = EarlyStopping::new;
        assert_eq!(stops_after(new(), &[5.0, 4.0, 4.5, 3.0]), Some(2));
        assert_eq!(stops_after(new().patience(1), &[5.0, 4.0, 4.5, 3.0]), Some(2));
        assert_eq!(stops_after(new().patience(2), &[5.0, 4.0, 4.5, 4.2, 3.9]), Some(3));
        assert_eq!(stops_after(new().patience(1).min_delta(0.5), &[5.0, 4.6, 4.4, 4.2, 3.0]), Some(1));
        assert_eq!(stops_after(new().patience(2).min_delta(0.5), &[5.0, 4.6, 4.4, 4.2, 3.0]), None);
        assert_eq!(stops_after(new().patience(2), &[5.0, 5.0, 5.0]), Some(2));
        assert_eq!(stops_after(new().patience(1).start_from_epoch(2), &[1.0, 5.0, 6.0, 7.0]), Some(3));
        assert_eq!(stops_after(new().patience(2), &[f64::NAN, 4.0, 3.0]), Some(2));
        assert_eq!(stops_after(new().patience(3).baseline(1.0), &[5.0, 4.0, 4.0, 3.0]), Some(2));
    }
}
