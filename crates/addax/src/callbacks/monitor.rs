//! A value that callbacks look at, and which way it gets better.

use super::Control;
use crate::metrics::{Direction, Reading};
use crate::training::Logs;
use addax_core::{Error, Result};

/// A value to look at.
#[derive(Clone, Debug)]
pub struct Monitor {
    name: String,
    mode: String,
    min_delta: f64,
    direction: Option<Direction>,
}

impl Monitor {
    /// A value by its name in the logs; `auto` takes the metric's own direction.
    pub fn new(name: &str, min_delta: f64) -> Monitor {
        Monitor { name: name.to_string(), mode: "auto".into(), min_delta: min_delta.abs(), direction: None }
    }

    /// Another name.
    pub fn set_name(&mut self, name: &str) {
        self.name = name.to_string();
    }

    /// `auto`, `min` or `max`.
    pub fn set_mode(&mut self, mode: &str) {
        self.mode = mode.to_string();
    }

    /// Improvements must be larger than this.
    pub fn set_min_delta(&mut self, delta: f64) {
        self.min_delta = delta.abs();
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Finds out which way is better; an unknown name is not guessed at.
    pub fn open(&mut self, who: &str, cx: &Control) -> Result<()> {
        let plain = self.name.strip_prefix("val_").unwrap_or(&self.name);
        self.direction = Some(match self.mode.as_str() {
            "min" => Direction::Down,
            "max" => Direction::Up,
            "auto" => cx.session.direction(plain).ok_or_else(|| {
                let e = Error::value(who).expected("a metric whose direction is known").got(&self.name);
                e.hint("Say mode \"min\" or \"max\".")
            })?,
            other => return Err(Error::unknown("mode", other, ["auto", "min", "max"]).at(who)),
        });
        Ok(())
    }

    #[cfg(test)]
    pub(super) fn opened(mut self, direction: Direction) -> Monitor {
        self.direction = Some(direction);
        self
    }

    /// The value, or a warning that there is none.
    pub fn value(&self, who: &str, logs: &Logs) -> Option<f64> {
        let value = logs.get(&self.name).and_then(Reading::number);
        if value.is_none() {
            let known: Vec<&str> = logs.keys().map(String::as_str).collect();
            eprintln!("warning: {who}: \"{}\" is not a number among {}", self.name, known.join(", "));
        }
        value
    }

    /// Whether `value` improves on `best` by more than `min_delta`; on nothing, always. NaN is never better.
    pub fn improves(&self, value: f64, best: Option<f64>) -> bool {
        match (best, self.direction) {
            (None, _) => true,
            (Some(best), Some(Direction::Up)) => value - self.min_delta > best,
            (Some(best), _) => value + self.min_delta < best,
        }
    }
}
