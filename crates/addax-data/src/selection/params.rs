//! What is varied in a search: parameters by name, grids of them, and distributions.

use crate::mt19937::RandomState;
use addax_core::{Error, Result};
use std::collections::BTreeMap;
use std::fmt;

/// The value of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub enum Param {
    /// True or false.
    Flag(bool),
    /// A whole number.
    Int(i64),
    /// Any number.
    Number(f64),
    /// A name.
    Text(String),
}

impl Param {
    /// What a text says: `true` or `false`, a whole number, a number, else a name.
    pub fn parse(text: &str) -> Param {
        let flag = text.parse().ok().map(Param::Flag);
        let int = || text.parse().ok().map(Param::Int);
        let number = || text.parse().ok().map(Param::Number);
        flag.or_else(int).or_else(number).unwrap_or_else(|| Param::Text(text.into()))
    }
}

impl fmt::Display for Param {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Param::Flag(x) => x.fmt(f),
            Param::Int(x) => x.fmt(f),
            Param::Number(x) => x.fmt(f),
            Param::Text(x) => f.pad(x),
        }
    }
}

macro_rules! from {
    ($($t:ty => $variant:ident $convert:expr;)*) => {$(
        impl From<$t> for Param {
            fn from(x: $t) -> Param {
                Param::$variant($convert(x))
            }
        }
    )*};
}

from! {
    bool => Flag std::convert::identity;
    i64 => Int std::convert::identity;
    i32 => Int i64::from;
    usize => Int |x| i64::try_from(x).unwrap_or(i64::MAX);
    f64 => Number std::convert::identity;
    String => Text std::convert::identity;
    &str => Text String::from;
}

/// Parameters by name.
///
/// ```
/// use addax_data::selection::Params;
/// let p = Params::new().with("units", 64).with("activation", "relu");
/// assert_eq!((p.int("units", 32)?, p.number("rate", 0.1)?, p.to_string().as_str()), (64, 0.1, "activation=relu, units=64"));
/// # Ok::<(), addax_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Params(BTreeMap<String, Param>);

impl Params {
    /// None.
    pub fn new() -> Params {
        Params::default()
    }

    /// With one more, or another value of one.
    pub fn with(mut self, name: &str, value: impl Into<Param>) -> Self {
        self.0.insert(name.to_string(), value.into());
        self
    }

    /// One of them.
    pub fn get(&self, name: &str) -> Option<&Param> {
        self.0.get(name)
    }

    /// All, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Param)> {
        self.0.iter().map(|(n, p)| (n.as_str(), p))
    }

    fn wrong<T>(name: &str, expected: &str, got: &Param) -> Result<T> {
        Err(Error::value(format!("parameter \"{name}\"")).expected(expected).got(got))
    }

    /// A whole number of at least 0, or what stands where the parameter is not there.
    pub fn int(&self, name: &str, default: usize) -> Result<usize> {
        match self.get(name) {
            None => Ok(default),
            Some(p @ Param::Int(x)) => usize::try_from(*x).or_else(|_| Self::wrong(name, "at least 0", p)),
            Some(p) => Self::wrong(name, "a whole number", p),
        }
    }

    /// A number, or what stands where the parameter is not there.
    pub fn number(&self, name: &str, default: f64) -> Result<f64> {
        match self.get(name) {
            None => Ok(default),
            Some(Param::Number(x)) => Ok(*x),
            Some(Param::Int(x)) => Ok(*x as f64),
            Some(p) => Self::wrong(name, "a number", p),
        }
    }

    /// A name, or what stands where the parameter is not there.
    pub fn text<'a>(&'a self, name: &str, default: &'a str) -> Result<&'a str> {
        match self.get(name) {
            None => Ok(default),
            Some(Param::Text(x)) => Ok(x),
            Some(p) => Self::wrong(name, "a name", p),
        }
    }

    /// True or false, or what stands where the parameter is not there.
    pub fn flag(&self, name: &str, default: bool) -> Result<bool> {
        match self.get(name) {
            None => Ok(default),
            Some(Param::Flag(x)) => Ok(*x),
            Some(p) => Self::wrong(name, "true or false", p),
        }
    }
}

impl fmt::Display for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let all: Vec<String> = self.iter().map(|(n, p)| format!("{n}={p}")).collect();
        f.write_str(&all.join(", "))
    }
}

/// Values to try of each parameter, in every combination.
///
/// ```
/// use addax_data::selection::ParamGrid;
/// let grid = ParamGrid::new().vary("units", [8, 16]).vary("batch_size", [32]);
/// let all: Vec<String> = grid.combinations().iter().map(|p| p.to_string()).collect();
/// assert_eq!(all, ["batch_size=32, units=8", "batch_size=32, units=16"]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct ParamGrid {
    names: BTreeMap<String, Vec<Param>>,
    before: Vec<Params>,
}

impl ParamGrid {
    /// One combination, of nothing.
    pub fn new() -> ParamGrid {
        ParamGrid::default()
    }

    /// Values of a parameter.
    pub fn vary<P: Into<Param>>(mut self, name: &str, values: impl IntoIterator<Item = P>) -> Self {
        self.names.insert(name.to_string(), values.into_iter().map(Into::into).collect());
        self
    }

    /// Begins another grid; its combinations follow those so far.
    pub fn or(self) -> Self {
        ParamGrid { before: self.combinations(), names: BTreeMap::new() }
    }

    /// All combinations: names sorted, the last one varies fastest.
    pub fn combinations(&self) -> Vec<Params> {
        let mut all = vec![Params::new()];
        for (name, values) in &self.names {
            let each =
                |p: &Params| values.iter().map(|v| p.clone().with(name, v.clone())).collect::<Vec<_>>();
            all = all.iter().flat_map(each).collect();
        }
        [self.before.clone(), all].concat()
    }
}

/// Where the values of a parameter are drawn from.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// One of these.
    OneOf(Vec<Param>),
    /// A number from the first to the second.
    Uniform(f64, f64),
    /// The same, its logarithm uniform; both above 0.
    LogUniform(f64, f64),
    /// A whole number from the first up to, but not, the second.
    Integers(i64, i64),
}

impl Distribution {
    /// One of these values.
    pub fn one_of<P: Into<Param>>(values: impl IntoIterator<Item = P>) -> Distribution {
        Distribution::OneOf(values.into_iter().map(Into::into).collect())
    }

    fn check(&self, name: &str) -> Result<()> {
        let (fine, wanted) = match self {
            Distribution::OneOf(values) => (!values.is_empty(), "at least one value"),
            Distribution::Uniform(a, b) => (a.is_finite() && b.is_finite() && a <= b, "a range"),
            Distribution::LogUniform(a, b) => (*a > 0.0 && b.is_finite() && a <= b, "a range above 0"),
            Distribution::Integers(a, b) => (a < b && b.abs_diff(*a) <= u64::from(u32::MAX), "a range"),
        };
        let error =
            || Error::value(format!("parameter \"{name}\"")).expected(wanted).got(format!("{self:?}"));
        if fine { Ok(()) } else { Err(error()) }
    }

    fn draw(&self, rng: &mut RandomState) -> Param {
        match self {
            Distribution::OneOf(values) => values[rng.interval(values.len() as u32 - 1) as usize].clone(),
            Distribution::Uniform(a, b) => Param::Number(a + (b - a) * rng.uniform()),
            Distribution::LogUniform(a, b) => {
                Param::Number((a.ln() + rng.uniform() * (b.ln() - a.ln())).exp())
            }
            Distribution::Integers(a, b) => Param::Int(a + i64::from(rng.interval((b - a - 1) as u32))),
        }
    }
}

/// Distributions of parameters.
///
/// ```
/// use addax_data::selection::{Distribution, Space};
/// let space = Space::new().vary("rate", Distribution::LogUniform(1e-4, 1e-1)).vary("units", Distribution::one_of([8, 16]));
/// assert_eq!(space.sample(3, 0)?.len(), 3);
/// # Ok::<(), addax_core::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct Space(BTreeMap<String, Distribution>);

impl Space {
    /// Of nothing.
    pub fn new() -> Space {
        Space::default()
    }

    /// The distribution of a parameter.
    pub fn vary(mut self, name: &str, values: Distribution) -> Self {
        self.0.insert(name.to_string(), values);
        self
    }

    /// So many combinations. Where every parameter is one of a list none comes twice, and there are no more than there
    /// are. Errors: an empty list or range.
    pub fn sample(&self, count: usize, random_state: u32) -> Result<Vec<Params>> {
        self.0.iter().try_for_each(|(name, d)| d.check(name))?;
        let mut rng = RandomState::new(random_state);
        let mut grid = ParamGrid::new();
        for (name, d) in &self.0 {
            let Distribution::OneOf(values) = d else {
                let draw = |rng: &mut RandomState| {
                    self.0.iter().fold(Params::new(), |p, (name, d)| p.with(name, d.draw(rng)))
                };
                return Ok((0..count).map(|_| draw(&mut rng)).collect());
            };
            grid = grid.vary(name, values.iter().cloned());
        }
        let all = grid.combinations();
        Ok(rng.sample(all.len(), count.min(all.len())).into_iter().map(|i| all[i].clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_what_they_say() {
        let all = ["true", "3", "0.5", "1e-3", "relu"].map(Param::parse);
        let text = Param::Text("relu".into());
        assert_eq!(all, [Param::Flag(true), Param::Int(3), Param::Number(0.5), Param::Number(1e-3), text]);
    }

    #[test]
    fn says_what_it_wanted() {
        let p = Params::new().with("units", "many").with("rows", -1);
        assert_eq!(
            p.int("units", 1).unwrap_err().to_string(),
            "parameter \"units\": expected a whole number, got many"
        );
        assert!(
            p.int("rows", 1).is_err() && p.number("units", 0.0).is_err() && p.flag("rows", true).is_err()
        );
        let e = Space::new()
            .vary("rate", Distribution::LogUniform(0.0, 1.0))
            .sample(1, 0)
            .unwrap_err()
            .to_string();
        assert_eq!(e, "parameter \"rate\": expected a range above 0, got LogUniform(0.0, 1.0)");
        assert!(Space::new().vary("a", Distribution::OneOf(Vec::new())).sample(1, 0).is_err());
    }
}
