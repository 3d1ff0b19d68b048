//! Shapes: axes of known or unknown (`None`) length.

use crate::error::{Error, Result};
use std::fmt;

/// The length of an axis: known, or `None` until the model is compiled for a batch.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dim(usize);

impl Dim {
    /// An axis whose length is not known yet.
    pub const UNKNOWN: Dim = Dim(usize::MAX);

    /// A known length.
    pub const fn new(n: usize) -> Dim {
        Dim(n)
    }

    /// The length, if known.
    pub const fn known(self) -> Option<usize> {
        if self.0 == usize::MAX { None } else { Some(self.0) }
    }

    /// Applies `f` to a known length; unknown stays unknown.
    pub fn map(self, f: impl FnOnce(usize) -> usize) -> Dim {
        self.known().map_or(Dim::UNKNOWN, |n| Dim(f(n)))
    }

    /// Whether both can be the same length.
    pub fn fits(self, other: Dim) -> bool {
        self == other || self == Dim::UNKNOWN || other == Dim::UNKNOWN
    }

    /// The better known of two that fit.
    pub fn merge(self, other: Dim) -> Option<Dim> {
        self.fits(other).then(|| if self == Dim::UNKNOWN { other } else { self })
    }
}

impl From<usize> for Dim {
    fn from(n: usize) -> Dim {
        Dim(n)
    }
}

impl From<Option<usize>> for Dim {
    fn from(n: Option<usize>) -> Dim {
        n.map_or(Dim::UNKNOWN, Dim)
    }
}

impl PartialEq<usize> for Dim {
    fn eq(&self, other: &usize) -> bool {
        self.known() == Some(*other)
    }
}

impl fmt::Debug for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.known() {
            Some(n) => write!(f, "{n}"),
            None => f.write_str("None"),
        }
    }
}

impl fmt::Display for Dim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}

/// The lengths of a tensor's axes, outermost first. Written as Python writes tuples: `(None, 28, 28)`.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Shape(Vec<Dim>);

impl Shape {
    /// The shape of a scalar.
    pub const fn scalar() -> Shape {
        Shape(Vec::new())
    }

    /// A shape of known lengths.
    pub fn of(dims: &[usize]) -> Shape {
        Shape(dims.iter().map(|&n| Dim(n)).collect())
    }

    /// The axes.
    pub fn dims(&self) -> &[Dim] {
        &self.0
    }

    /// How many axes.
    pub fn rank(&self) -> usize {
        self.0.len()
    }

    /// The axis at `axis`; negative counts from the end. `None` outside the rank.
    pub fn get(&self, axis: isize) -> Option<Dim> {
        let axis = if axis < 0 { axis + self.rank() as isize } else { axis };
        usize::try_from(axis).ok().and_then(|a| self.0.get(a)).copied()
    }

    /// All lengths, if every one is known.
    pub fn known(&self) -> Option<Vec<usize>> {
        self.0.iter().map(|d| d.known()).collect()
    }

    /// All lengths, or an error that says the shape is still open.
    pub fn concrete(&self) -> Result<Vec<usize>> {
        self.known()
            .ok_or_else(|| Error::value("an axis has no known length yet").expected("a full shape").got(self))
    }

    /// The number of elements, if known (and if it fits).
    pub fn size(&self) -> Option<usize> {
        self.0.iter().try_fold(1usize, |n, d| n.checked_mul(d.known()?))
    }

    /// Whether both can be the same shape.
    pub fn fits(&self, other: &Shape) -> bool {
        self.rank() == other.rank() && self.0.iter().zip(&other.0).all(|(a, b)| a.fits(*b))
    }

    /// NumPy's broadcasting of two shapes; unknown axes give way to known ones greater than 1.
    ///
    /// ```
    /// use addax_core::{Dim, Shape};
    /// let a = Shape::from(vec![Dim::UNKNOWN, Dim::new(1), Dim::new(4)]);
    /// assert_eq!(a.broadcast(&Shape::of(&[3, 4])).unwrap().to_string(), "(None, 3, 4)");
    /// ```
    pub fn broadcast(&self, other: &Shape) -> Option<Shape> {
        let rank = self.rank().max(other.rank());
        let axis = |s: &Shape, i: usize| (i + s.rank()).checked_sub(rank).map_or(Dim(1), |j| s.0[j]);
        (0..rank)
            .map(|i| match (axis(self, i), axis(other, i)) {
                (a, b) if a == b => Some(a),
                (Dim(1), b) => Some(b),
                (a, Dim(1)) => Some(a),
                (Dim::UNKNOWN, b) => Some(b),
                (a, Dim::UNKNOWN) => Some(a),
                _ => None,
            })
            .collect::<Option<Vec<Dim>>>()
            .map(Shape)
    }
}

impl From<Vec<Dim>> for Shape {
    fn from(dims: Vec<Dim>) -> Shape {
        Shape(dims)
    }
}

impl From<&[usize]> for Shape {
    fn from(dims: &[usize]) -> Shape {
        Shape::of(dims)
    }
}

impl From<Vec<usize>> for Shape {
    fn from(dims: Vec<usize>) -> Shape {
        Shape::of(&dims)
    }
}

impl<const N: usize> From<[usize; N]> for Shape {
    fn from(dims: [usize; N]) -> Shape {
        Shape::of(&dims)
    }
}

impl<const N: usize> From<[Dim; N]> for Shape {
    fn from(dims: [Dim; N]) -> Shape {
        Shape(dims.to_vec())
    }
}

impl<const N: usize> From<[Option<usize>; N]> for Shape {
    fn from(dims: [Option<usize>; N]) -> Shape {
        Shape(dims.into_iter().map(Dim::from).collect())
    }
}

impl From<usize> for Shape {
    fn from(n: usize) -> Shape {
        Shape(vec![Dim(n)])
    }
}

impl From<(usize,)> for Shape {
    fn from((a,): (usize,)) -> Shape {
        Shape::of(&[a])
    }
}

impl From<(usize, usize)> for Shape {
    fn from((a, b): (usize, usize)) -> Shape {
        Shape::of(&[a, b])
    }
}

impl From<(usize, usize, usize)> for Shape {
    fn from((a, b, c): (usize, usize, usize)) -> Shape {
        Shape::of(&[a, b, c])
    }
}

impl From<&Shape> for Shape {
    fn from(s: &Shape) -> Shape {
        s.clone()
    }
}

impl fmt::Display for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.as_slice() {
            [] => f.write_str("()"),
            [one] => write!(f, "({one},)"),
            [first, rest @ ..] => {
                write!(f, "({first}")?;
                rest.iter().try_for_each(|d| write!(f, ", {d}"))?;
                f.write_str(")")
            }
        }
    }
}

impl fmt::Debug for Shape {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_tuples_as_python_does() {
        assert_eq!(Shape::scalar().to_string(), "()");
        assert_eq!(Shape::from([None, Some(3)]).to_string(), "(None, 3)");
        assert_eq!(Shape::of(&[3]).to_string(), "(3,)");
    }

    #[test]
    fn broadcasting_refuses_what_does_not_fit() {
        assert!(Shape::of(&[2, 3]).broadcast(&Shape::of(&[4])).is_none());
        assert_eq!(Shape::of(&[2, 1]).broadcast(&Shape::of(&[4])), Some(Shape::of(&[2, 4])));
    }
}
