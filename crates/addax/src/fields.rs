//! Types of arguments that several kinds of classes share.

use crate::class::Field;
use addax_core::{Error, Result};
use serde_json::Value as Json;

/// The name of an object; without one, the process gives it a name from its class.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Name(pub Option<String>);

impl From<&str> for Name {
    fn from(name: &str) -> Name {
        Name(Some(name.to_string()))
    }
}

impl From<String> for Name {
    fn from(name: String) -> Name {
        Name(Some(name))
    }
}

impl Field for Name {
    fn to_json(&self) -> Json {
        self.0.to_json()
    }

    fn from_json(json: &Json) -> Result<Self> {
        Option::from_json(json).map(Name)
    }
}

/// One thing or a list of them, written back as it was given.
#[derive(Clone, Debug, PartialEq)]
pub enum OneOrMany<T> {
    /// One.
    One(T),
    /// A list.
    Many(Vec<T>),
}

impl<T> OneOrMany<T> {
    /// All of them.
    pub fn all(&self) -> &[T] {
        match self {
            OneOrMany::One(x) => std::slice::from_ref(x),
            OneOrMany::Many(list) => list,
        }
    }
}

impl<T> From<T> for OneOrMany<T> {
    fn from(x: T) -> Self {
        OneOrMany::One(x)
    }
}

impl<T, const N: usize> From<[T; N]> for OneOrMany<T> {
    fn from(list: [T; N]) -> Self {
        OneOrMany::Many(list.into())
    }
}

impl<T: Field> Field for OneOrMany<T> {
    fn to_json(&self) -> Json {
        match self {
            OneOrMany::One(x) => x.to_json(),
            OneOrMany::Many(list) => Json::Array(list.iter().map(T::to_json).collect()),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        match json {
            Json::Array(list) => list.iter().map(T::from_json).collect::<Result<_>>().map(OneOrMany::Many),
            one => T::from_json(one).map(OneOrMany::One),
        }
    }
}

/// Checks that an argument lies in a range.
pub fn within(name: &str, x: f64, low: f64, high: f64) -> Result<()> {
    if x >= low && x <= high {
        return Ok(());
    }
    let wanted = match (low.is_finite(), high.is_finite()) {
        (true, true) => format!("a number from {low} to {high}"),
        (true, false) => format!("a number of at least {low}"),
        _ => format!("a number of at most {high}"),
    };
    Err(Error::value(name).expected(wanted).got(x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_form_in_which_it_was_given() {
        for json in [serde_json::json!(0.5), serde_json::json!([0.5, 0.7])] {
            assert_eq!(OneOrMany::<f64>::from_json(&json).unwrap().to_json(), json);
        }
        assert_eq!(OneOrMany::from(3usize).all(), [3]);
    }

    #[test]
    fn ranges_say_what_they_hold() {
        assert_eq!(
            within("rho", 2.0, 0.0, 1.0).unwrap_err().to_string(),
            "rho: expected a number from 0 to 1, got 2"
        );
        assert!(within("rho", f64::NAN, 0.0, f64::INFINITY).is_err());
    }
}
