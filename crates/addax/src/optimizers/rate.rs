//! The learning rate as an argument: a number, or a schedule of the step.

use crate::class::Field;
use crate::schedules::{Schedule, ScheduleHandle};
use addax_core::{DType, Error, Result, Tensor, Value};
use serde_json::Value as Json;

/// A learning rate.
#[derive(Clone, Debug)]
pub enum Rate {
    /// The number to begin with; callbacks may change it.
    Number(f64),
    /// A function of the step's number.
    Schedule(ScheduleHandle),
}

impl Rate {
    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Rate::Number(x) => Some(*x),
            Rate::Schedule(_) => None,
        }
    }

    /// The rate of the step after so many calls.
    pub fn after(&self, calls: usize) -> Result<f64> {
        match self {
            Rate::Number(x) => Ok(*x),
            Rate::Schedule(s) => s.get()?.rate(&Tensor::from(Value::scalar(calls as i32))).to_value()?.item(),
        }
    }

    /// Finds arguments out of range.
    pub fn check(&self) -> Result<()> {
        match self {
            Rate::Number(x) if x.is_finite() && *x >= 0.0 => Ok(()),
            Rate::Number(x) => {
                Err(Error::value("learning_rate").expected("a number of at least 0, or a schedule").got(x))
            }
            Rate::Schedule(s) => s.get()?.check().map_err(|e| e.at("learning_rate")),
        }
    }

    /// The rate in a trace: the state's number, or the schedule at the number of calls.
    pub(super) fn traced(&self, number: Option<&Tensor>, calls: &Tensor) -> Result<Tensor> {
        match (self, number) {
            (Rate::Schedule(s), _) => Ok(s.get()?.rate(calls)),
            (Rate::Number(_), Some(t)) => Ok(t.clone()),
            (Rate::Number(x), None) => Ok(Tensor::constant(DType::F32, *x)),
        }
    }
}

impl From<f64> for Rate {
    fn from(x: f64) -> Rate {
        Rate::Number(x)
    }
}

impl From<ScheduleHandle> for Rate {
    fn from(schedule: ScheduleHandle) -> Rate {
        Rate::Schedule(schedule)
    }
}

impl<S: Schedule + Into<ScheduleHandle>> From<S> for Rate {
    fn from(schedule: S) -> Rate {
        Rate::Schedule(schedule.into())
    }
}

impl Field for Rate {
    fn to_json(&self) -> Json {
        match self {
            Rate::Number(x) => Json::from(*x),
            Rate::Schedule(s) => s.to_json(),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        match json {
            Json::Number(_) => f64::from_json(json).map(Rate::Number),
            Json::Object(_) => ScheduleHandle::from_json(json).map(Rate::Schedule),
            other => Err(Error::type_("learning_rate").expected("a number or a schedule").got(other)),
        }
    }
}
