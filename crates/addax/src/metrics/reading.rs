//! What a metric says: a number, or one per class or threshold.

use serde_json::Value as Json;
use std::fmt;

/// What a metric says.
#[derive(Clone, Debug, PartialEq)]
pub enum Reading {
    /// One number.
    Number(f64),
    /// One per class or threshold.
    List(Vec<f64>),
}

impl Reading {
    /// The number, if it is one.
    pub fn number(&self) -> Option<f64> {
        match self {
            Reading::Number(x) => Some(*x),
            Reading::List(_) => None,
        }
    }

    /// All numbers.
    pub fn all(&self) -> &[f64] {
        match self {
            Reading::Number(x) => std::slice::from_ref(x),
            Reading::List(list) => list,
        }
    }

    /// As JSON; a NaN is null.
    pub fn to_json(&self) -> Json {
        match self {
            Reading::Number(x) => Json::from(*x),
            Reading::List(list) => Json::Array(list.iter().map(|x| Json::from(*x)).collect()),
        }
    }
}

impl From<f64> for Reading {
    fn from(x: f64) -> Reading {
        Reading::Number(x)
    }
}

impl From<Vec<f64>> for Reading {
    fn from(list: Vec<f64>) -> Reading {
        Reading::List(list)
    }
}

impl PartialEq<f64> for Reading {
    fn eq(&self, other: &f64) -> bool {
        self.number() == Some(*other)
    }
}

impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reading::Number(x) => write!(f, "{x}"),
            Reading::List(list) => {
                let parts: Vec<String> = list.iter().map(f64::to_string).collect();
                write!(f, "[{}]", parts.join(", "))
            }
        }
    }
}
