//! Axes as Keras lets them be given: all, one, or several; negative ones count from the end.

use super::argument::Given;
use crate::class::Field;
use addax_core::{Error, Result, Tensor};
use serde_json::Value as Json;

/// Axes of an op that works along any number of them.
#[derive(Clone, Debug, PartialEq)]
pub enum Axes {
    /// All axes (Keras's `None`).
    All,
    /// One axis.
    One(isize),
    /// Several axes.
    Several(Vec<isize>),
}

impl Axes {
    /// Counted from the front, ascending, for a tensor of the given rank.
    pub fn of(&self, rank: usize) -> Result<Vec<usize>> {
        let mut axes = match self {
            Axes::All => (0..rank).collect(),
            Axes::One(a) => vec![from_front(*a, rank)?],
            Axes::Several(list) => in_order(list, rank)?,
        };
        axes.sort_unstable();
        Ok(axes)
    }
}

/// An axis counted from the front.
pub fn from_front(axis: isize, rank: usize) -> Result<usize> {
    let n = rank as isize;
    let at = if axis < 0 { axis + n } else { axis };
    match usize::try_from(at) {
        Ok(at) if at < rank => Ok(at),
        _ if rank == 0 => Err(Error::value("axis").expected("none, as a scalar has no axes").got(axis)),
        _ => Err(Error::value("axis").expected(format_args!("-{n} to {}", n - 1)).got(axis)),
    }
}

/// Axes counted from the front, in the order given; each only once.
pub fn in_order(axes: &[isize], rank: usize) -> Result<Vec<usize>> {
    let all = axes.iter().map(|a| from_front(*a, rank)).collect::<Result<Vec<usize>>>()?;
    match (1..all.len()).find(|i| all[..*i].contains(&all[*i])) {
        Some(i) => {
            Err(Error::value("axis").expected("different axes").got(format_args!("{} twice", axes[i])))
        }
        None => Ok(all),
    }
}

/// A tensor with its axes put in one where no axis is named, and the axis to work along.
pub fn flat_unless(x: &Tensor, axis: Option<isize>) -> Result<(Tensor, usize)> {
    match axis {
        Some(axis) => Ok((x.clone(), from_front(axis, x.rank())?)),
        None => Ok((super::ravel(x), 0)),
    }
}

impl Field for Axes {
    fn to_json(&self) -> Json {
        match self {
            Axes::All => Json::Null,
            Axes::One(a) => Field::to_json(a),
            Axes::Several(list) => list.to_json(),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        match json {
            Json::Null => Ok(Axes::All),
            Json::Array(_) => Field::from_json(json).map(Axes::Several),
            _ => Field::from_json(json).map(Axes::One),
        }
    }
}

/// One whole number for all places, or one for each (Keras's ints and tuples).
#[derive(Clone, Debug, PartialEq)]
pub enum Several {
    /// The same everywhere.
    One(isize),
    /// One for each place.
    Each(Vec<isize>),
}

impl Several {
    /// One number for each of `n` places.
    pub fn spread(&self, n: usize) -> Result<Vec<isize>> {
        match self {
            Several::One(x) => Ok(vec![*x; n]),
            Several::Each(list) if list.len() == n => Ok(list.clone()),
            Several::Each(list) => {
                Err(Error::value("list").expected(format_args!("{n} numbers")).got(list.len()))
            }
        }
    }

    /// The numbers as they were given.
    pub fn list(&self) -> Vec<isize> {
        match self {
            Several::One(x) => vec![*x],
            Several::Each(list) => list.clone(),
        }
    }
}

/// Numbers of which none may be negative.
pub fn sizes(name: &str, numbers: &[isize]) -> Result<Vec<usize>> {
    let size =
        |n: &isize| usize::try_from(*n).map_err(|_| Error::value(name).expected("no negative number").got(n));
    numbers.iter().map(size).collect()
}

impl Field for Several {
    fn to_json(&self) -> Json {
        match self {
            Several::One(x) => Field::to_json(x),
            Several::Each(list) => list.to_json(),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        match json {
            Json::Array(_) => Field::from_json(json).map(Several::Each),
            _ => Field::from_json(json).map(Several::One),
        }
    }
}

macro_rules! lists {
    ($($to:ident: $one:ident, $many:ident;)*) => {$(
        impl From<isize> for $to { fn from(x: isize) -> $to { $to::$one(x) } }
        impl From<Vec<isize>> for $to { fn from(x: Vec<isize>) -> $to { $to::$many(x) } }
        impl<const N: usize> From<[isize; N]> for $to { fn from(x: [isize; N]) -> $to { $to::$many(x.to_vec()) } }
        impl Given<$to> for isize { fn given(self) -> $to { self.into() } }
        impl Given<$to> for Vec<isize> { fn given(self) -> $to { self.into() } }
        impl<const N: usize> Given<$to> for [isize; N] { fn given(self) -> $to { self.into() } }
        impl Given<$to> for &[isize] { fn given(self) -> $to { self.to_vec().into() } }
        impl Given<Option<$to>> for isize { fn given(self) -> Option<$to> { Some(self.into()) } }
        impl Given<Option<$to>> for Vec<isize> { fn given(self) -> Option<$to> { Some(self.into()) } }
        impl<const N: usize> Given<Option<$to>> for [isize; N] { fn given(self) -> Option<$to> { Some(self.into()) } }
    )*};
}
lists! {
    Axes: One, Several;
    Several: One, Each;
}

impl Given<Axes> for Option<isize> {
    fn given(self) -> Axes {
        self.map_or(Axes::All, Axes::One)
    }
}

impl<const N: usize> Given<Vec<isize>> for [isize; N] {
    fn given(self) -> Vec<isize> {
        self.to_vec()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn axes_are_counted_from_the_front_and_named_once() {
        assert_eq!(Axes::Several(vec![-1, 0]).of(3).unwrap(), [0, 2]);
        assert_eq!(Axes::All.of(2).unwrap(), [0, 1]);
        let error = |axes: Axes, rank| axes.of(rank).unwrap_err().to_string();
        assert_eq!(error(Axes::One(3), 3), "axis: expected -3 to 2, got 3");
        assert_eq!(error(Axes::Several(vec![1, -1]), 2), "axis: expected different axes, got -1 twice");
        assert_eq!(error(Axes::One(0), 0), "axis: expected none, as a scalar has no axes, got 0");
    }
}
