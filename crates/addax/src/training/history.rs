//! What an epoch says of itself, and what all epochs said.

use crate::metrics::Reading;
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;

/// Values by name, in Keras's order: sorted by name.
pub type Logs = BTreeMap<String, Reading>;

/// The values of one name: a number per epoch, or a list per epoch.
#[derive(Clone, Debug, PartialEq)]
pub enum Series {
    /// A number per epoch.
    Numbers(Vec<f64>),
    /// A list per epoch.
    Lists(Vec<Vec<f64>>),
}

impl Series {
    /// As JSON; a NaN is null.
    pub fn to_json(&self) -> Json {
        let list = |v: &Vec<f64>| Json::Array(v.iter().map(|x| Json::from(*x)).collect());
        match self {
            Series::Numbers(v) => list(v),
            Series::Lists(lists) => Json::Array(lists.iter().map(list).collect()),
        }
    }
}

/// The values of all epochs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    /// The numbers of the epochs, from 0.
    pub epoch: Vec<usize>,
    /// By name, one value per epoch in which it was known.
    pub history: BTreeMap<String, Series>,
}

impl History {
    /// The numbers of one name, if they are numbers.
    pub fn get(&self, name: &str) -> Option<&[f64]> {
        match self.history.get(name)? {
            Series::Numbers(v) => Some(v),
            Series::Lists(_) => None,
        }
    }

    /// The last number of one name.
    pub fn last(&self, name: &str) -> Option<f64> {
        self.get(name).and_then(|v| v.last()).copied()
    }

    /// `{"loss": […], "val_loss": […], …}`; a NaN is null.
    pub fn to_json(&self) -> Json {
        Json::Object(self.history.iter().map(|(k, v)| (k.clone(), v.to_json())).collect::<Map<_, _>>())
    }

    pub(crate) fn push(&mut self, epoch: usize, logs: &Logs) {
        self.epoch.push(epoch);
        for (name, value) in logs {
            let lists = matches!(value, Reading::List(_));
            let fresh = if lists { Series::Lists(Vec::new()) } else { Series::Numbers(Vec::new()) };
            match (self.history.entry(name.clone()).or_insert(fresh), value) {
                (Series::Numbers(v), Reading::Number(x)) => v.push(*x),
                (Series::Lists(v), value) => v.push(value.all().to_vec()),
                // A callback may give a list in the place of a number.
                (Series::Numbers(v), Reading::List(list)) => {
                    v.push(list.first().copied().unwrap_or(f64::NAN))
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_lists_stand_side_by_side() {
        let mut history = History::default();
        for epoch in 0..2 {
            let logs = Logs::from([
                ("loss".to_string(), Reading::from(if epoch == 0 { f64::NAN } else { 0.5 })),
                ("f1".to_string(), Reading::from(vec![0.0, 1.0])),
            ]);
            history.push(epoch, &logs);
        }
        assert_eq!(history.to_json().to_string(), r#"{"f1":[[0.0,1.0],[0.0,1.0]],"loss":[null,0.5]}"#);
        assert_eq!((history.get("f1"), history.last("loss")), (None, Some(0.5)));
    }
}
