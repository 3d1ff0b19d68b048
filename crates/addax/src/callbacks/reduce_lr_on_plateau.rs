//! ReduceLROnPlateau: smaller steps when a value no longer gets better.

use super::{Callback, Control, Memory, Monitor};
use crate::training::Logs;
use addax_core::{Error, Result};

/// Multiplies the learning rate by `factor` when `monitor` has not improved for `patience` epochs, then waits `cooldown`
/// epochs. The rate that an epoch used is logged as `learning_rate`.
#[derive(Clone, Debug)]
pub struct ReduceLROnPlateau {
    monitor: Monitor,
    factor: f64,
    patience: usize,
    cooldown: usize,
    min_lr: f64,
    best: Option<f64>,
    wait: usize,
    cooling: usize,
}

impl Default for ReduceLROnPlateau {
    fn default() -> Self {
        ReduceLROnPlateau::new()
    }
}

impl ReduceLROnPlateau {
    /// Keras's defaults: `val_loss`, factor 0.1, patience 10.
    pub fn new() -> ReduceLROnPlateau {
        ReduceLROnPlateau {
            monitor: Monitor::new("val_loss", 1e-4),
            factor: 0.1,
            patience: 10,
            cooldown: 0,
            min_lr: 0.0,
            best: None,
            wait: 0,
            cooling: 0,
        }
    }

    /// The value to look at.
    pub fn monitor(mut self, name: &str) -> Self {
        self.monitor.set_name(name);
        self
    }

    /// What the rate is multiplied by, below 1.
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
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

    /// Improvements must be larger than this.
    pub fn min_delta(mut self, delta: f64) -> Self {
        self.monitor.set_min_delta(delta);
        self
    }

    /// How many epochs after a reduction are not looked at.
    pub fn cooldown(mut self, epochs: usize) -> Self {
        self.cooldown = epochs;
        self
    }

    /// The rate never falls below this.
    pub fn min_lr(mut self, rate: f64) -> Self {
        self.min_lr = rate;
        self
    }

    /// Takes in a value and the rate; the new rate, if it is to change.
    fn look(&mut self, value: f64, rate: f64) -> Option<f64> {
        if self.cooling > 0 {
            self.cooling -= 1;
            self.wait = 0;
        }
        if self.monitor.improves(value, self.best) {
            self.best = Some(value);
            self.wait = 0;
            return None;
        }
        if self.cooling > 0 {
            return None;
        }
        self.wait += 1;
        if self.wait < self.patience || rate <= f64::from(self.min_lr as f32) {
            return None;
        }
        (self.cooling, self.wait) = (self.cooldown, 0);
        Some((rate * self.factor).max(self.min_lr))
    }
}

impl Callback for ReduceLROnPlateau {
    fn on_train_begin(&mut self, _: &mut Control) -> Result<()> {
        if self.factor.is_nan() || self.factor >= 1.0 {
            return Err(Error::value("ReduceLROnPlateau").expected("a factor below 1").got(self.factor));
        }
        (self.best, self.wait, self.cooling) = (None, 0, 0);
        Ok(())
    }

    fn on_epoch_end(&mut self, _: usize, logs: &mut Logs, cx: &mut Control) -> Result<()> {
        self.monitor.open("ReduceLROnPlateau", cx)?;
        let rate = cx.session.learning_rate()?;
        logs.insert("learning_rate".into(), rate.into());
        let Some(value) = self.monitor.value("ReduceLROnPlateau", logs) else { return Ok(()) };
        self.look(value, rate).map_or(Ok(()), |new| cx.session.set_learning_rate(new))
    }

    fn memory(&self) -> Option<Memory> {
        let memory = Memory::new("ReduceLROnPlateau").with_number("best", self.best);
        Some(memory.with_count("wait", self.wait).with_count("cooling", self.cooling))
    }

    fn recall(&mut self, memory: &Memory) -> Result<()> {
        self.best = memory.number("best")?;
        (self.wait, self.cooling) = (memory.count("wait")?, memory.count("cooling")?);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Direction;

    /// The rate that each epoch used.
    fn rates(mut callback: ReduceLROnPlateau, values: &[f64]) -> Vec<f64> {
        callback.monitor = callback.monitor.opened(Direction::Down);
        let mut rate = 1.0;
        values
            .iter()
            .map(|v| {
                let used = rate;
                rate = callback.look(*v, rate).unwrap_or(rate);
                used
            })
            .collect()
    }

    #[test]
    fn reduces_where_keras_does() {
        let new = || ReduceLROnPlateau::new().factor(0.5).patience(2);
        assert_eq!(rates(new(), &[1.0; 8]), [1.0, 1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.125]);
        let cooled = rates(new().cooldown(2), &[1.0; 10]);
        assert_eq!(cooled, [1.0, 1.0, 1.0, 0.5, 0.5, 0.5, 0.25, 0.25, 0.25, 0.125]);
        let floored = rates(new().factor(0.1).patience(1).min_lr(0.05), &[1.0; 5]);
        assert_eq!(floored, [1.0, 1.0, 0.1, 0.05, 0.05]);
        let near = rates(new(), &[5.0, 4.99995, 4.9999, 4.0]);
        assert_eq!(near, [1.0, 1.0, 1.0, 0.5]);
    }
}
