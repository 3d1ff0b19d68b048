//! All that a run is between two steps, so that it can go on from there: numbers, place, history, memories, and by what
//! it is known.

use super::batches::Place;
use super::epochs::Validated;
use super::fit::{Fit, Shuffle};
use super::history::History;
use super::session::{Data, Session};
use crate::callbacks::Memory;
use addax_core::{Error, Result, Shape, Value};
use addax_data::npy;

/// A run between two steps.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// The epoch at hand, from 0.
    pub epoch: usize,
    /// Where in the data it is; none between two epochs that begin with a new pass.
    pub(crate) place: Place,
    /// Whether steps of the epoch at hand were taken.
    pub(crate) begun: bool,
    /// Whether a callback ended it.
    pub(crate) stopped: bool,
    /// The seed of its chance.
    pub seed: u64,
    /// What all its epochs said.
    pub history: History,
    /// Weights, the optimizer's arrays, totals, the number of steps.
    pub(crate) state: Vec<Value>,
    /// What its callbacks remember.
    pub(crate) memories: Vec<Memory>,
    /// What it is the same by.
    pub(crate) identity: Identity,
}

impl Run {
    /// Whether all its numbers are finite.
    pub fn is_finite(&self) -> bool {
        self.state.iter().all(|v| super::check::first_not_finite(v).is_none())
    }
}

/// What must be the same for a run to go on: each with its name.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Identity(pub Vec<(String, String)>);

impl Identity {
    /// Of a run that has not begun. With `first`, it also must begin with the same numbers.
    pub fn of(
        session: &Session,
        data: &Data,
        rows: usize,
        validation: Option<&Validated>,
        fit: &Fit,
        first: bool,
    ) -> Result<Identity> {
        let shuffle = match fit.shuffle {
            Shuffle::Never => "never",
            Shuffle::Rows => "rows",
            Shuffle::InBatches => "in batches",
        };
        let mut model = session.fingerprint(data, rows)?;
        if first {
            model += &format!(
                ", beginning with {}",
                digest(session.weights()?.iter().chain(&session.optimizer_state()?))?
            );
        }
        let validated = match validation {
            Some(v) => {
                format!("{} in {}s, steps {:?}, {:?}", told(&v.data)?, v.size, v.steps, fit.validation_freq)
            }
            None => "none".to_string(),
        };
        let list = [
            ("batch size", rows.to_string()),
            ("steps per epoch", fit.steps_per_epoch.map_or("all".into(), |n| n.to_string())),
            ("shuffling", shuffle.to_string()),
            ("data", told(data)?),
            ("validation data", validated),
            ("model", model),
        ];
        Ok(Identity(list.map(|(name, what)| (name.to_string(), what)).to_vec()))
    }

    /// Refuses a run that is known by something else.
    pub fn check(&self, saved: &Identity) -> Result<()> {
        let other = |(name, what): &&(String, String)| saved.get(name) != Some(what.as_str());
        match self.0.iter().find(other) {
            None => Ok(()),
            Some((name, what)) => {
                let e = Error::value(format!("{name} of the run"));
                let e = e.expected(saved.get(name).unwrap_or("something else")).got(what);
                Err(e.hint("A run goes on with what it began with; only more epochs may be asked for."))
            }
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, what)| what.as_str())
    }
}

/// Rows and contents of a data set.
fn told(data: &Data) -> Result<String> {
    let arrays = || data.x.iter().chain(data.y.iter().flatten()).chain(data.w.iter().flatten());
    let shapes: Vec<String> = arrays().map(|v| Shape::of(v.shape()).to_string()).collect();
    Ok(format!("{} {}", shapes.join(" "), digest(arrays())?))
}

/// A number that other arrays hardly have.
fn digest<'a>(arrays: impl Iterator<Item = &'a Value>) -> Result<String> {
    let mut sum = crc32fast::Hasher::new();
    for v in arrays {
        let array = v.clone().into();
        let (header, body) = npy::parts(&array)?;
        sum.update(&header);
        sum.update(&body);
    }
    Ok(format!("{:08x}", sum.finalize()))
}
