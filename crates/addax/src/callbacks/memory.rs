//! What a callback must remember of a run to go on with it after the process has ended.

use addax_core::{Error, Result, Value};

/// Arrays by name, and whose they are. Every bit of a number is kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Memory {
    /// The class of the callback.
    pub of: String,
    /// The arrays in order.
    pub arrays: Vec<(String, Value)>,
}

impl Memory {
    /// Of a class, nothing yet.
    pub fn new(of: &str) -> Memory {
        Memory { of: of.to_string(), arrays: Vec::new() }
    }

    /// With an array.
    pub fn with(mut self, name: &str, value: Value) -> Memory {
        self.arrays.push((name.to_string(), value));
        self
    }

    /// With a number that may be missing.
    pub fn with_number(self, name: &str, number: Option<f64>) -> Memory {
        self.with(name, Value::from(number.into_iter().collect::<Vec<f64>>()))
    }

    /// With a count that may be missing.
    pub fn with_count(self, name: &str, count: impl Into<Option<usize>>) -> Memory {
        self.with_number(name, count.into().map(|n| n as f64))
    }

    /// An array by its name.
    pub fn get(&self, name: &str) -> Result<&Value> {
        let found = self.arrays.iter().find(|(n, _)| n == name).map(|(_, v)| v);
        let missing = || Error::unknown("array", name, self.arrays.iter().map(|(n, _)| n.as_str()));
        found.ok_or_else(|| missing().at(&self.of))
    }

    /// A number that may be missing.
    pub fn number(&self, name: &str) -> Result<Option<f64>> {
        Ok(self.get(name)?.to_f64().first().copied())
    }

    /// A count that may be missing.
    pub fn maybe_count(&self, name: &str) -> Result<Option<usize>> {
        Ok(self.number(name)?.map(|n| n as usize))
    }

    /// A count.
    pub fn count(&self, name: &str) -> Result<usize> {
        let missing = || Error::value(&self.of).expected(format_args!("a number \"{name}\"")).got("none");
        self.maybe_count(name)?.ok_or_else(missing)
    }
}
