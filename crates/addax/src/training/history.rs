//! What an epoch says of itself, and what all epochs said.

use std::collections::BTreeMap;

/// Values by name, in Keras's order: sorted by name.
pub type Logs = BTreeMap<String, f64>;

/// The values of all epochs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The numbers of the epochs, from 0.
    pub epoch: Vec<usize>,
    /// By name, one value per epoch in which it was known.
    pub history: BTreeMap<String, Vec<f64>>,
}

impl History {
    /// The values of one name.
    pub fn get(&self, name: &str) -> Option<&[f64]> {
        self.history.get(name).map(Vec::as_slice)
    }

    /// The last value of one name.
    pub fn last(&self, name: &str) -> Option<f64> {
        self.get(name).and_then(|v| v.last()).copied()
    }

    pub(crate) fn push(&mut self, epoch: usize, logs: &Logs) {
        self.epoch.push(epoch);
        for (name, value) in logs {
            self.history.entry(name.clone()).or_default().push(*value);
        }
    }
}
