//! Tensors put together and taken apart.

use crate::class::Field;
use crate::ops;
use crate::ops::argument::Given;
use crate::ops::axes::{flat_unless, from_front};
use crate::ops::operand::unified;
use addax_core::{Dim, Error, Result, Tensor};
use serde_json::Value as Json;

ops! {
    table TABLE in "keras.src.ops.numpy";

    /// Tensors one after another along an axis.
    Concatenate concatenate(xs: Vec<Tensor>)[; axis: isize = 0] = joined(&xs, axis);
    /// Tensors of one shape side by side along a new axis.
    Stack stack(x: Vec<Tensor>)[; axis: isize = 0] = stacked(&x, axis);
    /// `x2` behind `x1`; both flat where no axis is given.
    Append append(x1: Tensor, x2: Tensor)[; axis: Option<isize> = None] = appended(&x1, &x2, axis);
    /// One beside another: along axis 1, vectors along axis 0.
    Hstack hstack(xs: Vec<Tensor>) = stacked_along(&xs, 1, |x| at_least(x, 1));
    /// One below another: along axis 0, vectors as rows.
    Vstack vstack(xs: Vec<Tensor>) = stacked_along(&xs, 0, |x| at_least(x, 2));
    /// One behind another: along axis 2.
    Dstack dstack(xs: Vec<Tensor>) = stacked_along(&xs, 2, |x| at_least(x, 3));
    /// Parts of equal length along an axis, or parts that begin at given places.
    Split split(x: Tensor)[indices_or_sections: Sections; axis: isize = 0] -> Result<Vec<Tensor>> =
        parts(&x, &indices_or_sections, axis, true);
    /// Parts along an axis, the first ones longer by one where the length is no multiple.
    ArraySplit array_split(x: Tensor)[indices_or_sections: Sections; axis: isize = 0] -> Result<Vec<Tensor>> =
        parts(&x, &indices_or_sections, axis, false);
    /// Parts along axis 1, of vectors along axis 0.
    Hsplit hsplit(x: Tensor)[indices_or_sections: Sections] -> Result<Vec<Tensor>> =
        parts(&x, &indices_or_sections, if x.rank() > 1 { 1 } else { 0 }, true);
    /// Parts along axis 0.
    Vsplit vsplit(x: Tensor)[indices_or_sections: Sections] -> Result<Vec<Tensor>> = parts(&x, &indices_or_sections, 0, true);
    /// Parts along axis 2.
    Dsplit dsplit(x: Tensor)[indices_or_sections: Sections] -> Result<Vec<Tensor>> = parts(&x, &indices_or_sections, 2, true);
    /// Coordinate arrays of a grid over vectors.
    Meshgrid meshgrid(x: ops::Rest) { indexing: String = "xy".to_string() } -> Result<Vec<Tensor>> = grid(&x.0, &indexing);
}

/// Into how many parts, or where the parts after the first begin.
#[derive(Clone, Debug, PartialEq)]
pub enum Sections {
    /// So many parts.
    Count(usize),
    /// The beginnings of all parts but the first.
    At(Vec<isize>),
}

impl Field for Sections {
    fn to_json(&self) -> Json {
        match self {
            Sections::Count(n) => n.to_json(),
            Sections::At(list) => list.to_json(),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        match json {
            Json::Array(_) => Field::from_json(json).map(Sections::At),
            _ => Field::from_json(json).map(Sections::Count),
        }
    }
}

impl Given<Sections> for usize {
    fn given(self) -> Sections {
        Sections::Count(self)
    }
}

impl<const N: usize> Given<Sections> for [isize; N] {
    fn given(self) -> Sections {
        Sections::At(self.to_vec())
    }
}

/// Tensors in one element type, one after another.
pub(in crate::ops) fn joined(xs: &[Tensor], axis: isize) -> Result<Tensor> {
    let xs = unified(xs);
    let first = xs.first().ok_or_else(|| Error::value("tensors").expected("at least one").got(0))?;
    let axis = from_front(axis, first.rank())?;
    Ok(Tensor::concatenate(&xs.iter().collect::<Vec<_>>(), axis))
}

/// Tensors in one element type, side by side along a new axis.
pub(in crate::ops) fn stacked(xs: &[Tensor], axis: isize) -> Result<Tensor> {
    let rank = xs.first().map_or(0, Tensor::rank);
    let axis = from_front(axis, rank + 1)? as isize;
    joined(&xs.iter().map(|x| x.expand_dims(axis)).collect::<Vec<_>>(), axis)
}

fn appended(x1: &Tensor, x2: &Tensor, axis: Option<isize>) -> Result<Tensor> {
    let ((a, at), (b, _)) = (flat_unless(x1, axis)?, flat_unless(x2, axis)?);
    joined(&[a, b], at as isize)
}

fn stacked_along(xs: &[Tensor], axis: isize, shaped: impl Fn(&Tensor) -> Tensor) -> Result<Tensor> {
    let xs: Vec<Tensor> = xs.iter().map(shaped).collect();
    let rank = xs.first().map_or(0, Tensor::rank) as isize;
    joined(&xs, axis.min(rank - 1))
}

/// With axes of length 1 as NumPy's `atleast_1d`, `atleast_2d` and `atleast_3d` add them.
fn at_least(x: &Tensor, rank: usize) -> Tensor {
    match (rank, x.rank()) {
        (1, 0) => x.expand_dims(0),
        (2, 0) => x.reshape([1, 1]),
        (2, 1) => x.expand_dims(0),
        (3, 0) => x.reshape([1, 1, 1]),
        (3, 1) => x.expand_dims(0).expand_dims(-1),
        (3, 2) => x.expand_dims(-1),
        _ => x.clone(),
    }
}

fn parts(x: &Tensor, sections: &Sections, axis: isize, equal: bool) -> Result<Vec<Tensor>> {
    let axis = from_front(axis, x.rank())?;
    let length = x.dim(axis as isize);
    match (sections, length.known()) {
        (Sections::Count(1), _) => Ok(vec![x.clone()]),
        (Sections::Count(n), Some(d)) if *n > 0 && *n <= d.max(1) && (!equal || d % n == 0) => {
            let bounds = (0..=*n).map(|i| i * (d / n) + i.min(d % n));
            Ok(between(x, axis, bounds.collect()))
        }
        (Sections::Count(n), None) if (1..=MOST_OPEN_PARTS).contains(n) => Ok(vec![open_part(x, axis); *n]),
        (Sections::Count(n), _) => {
            Err(Error::value("indices_or_sections").expected(format_args!("a divisor of {length}")).got(n))
        }
        (Sections::At(list), Some(d)) => {
            let place =
                |i: &isize| if *i < 0 { (i + d as isize).max(0) as usize } else { (*i as usize).min(d) };
            Ok(between(x, axis, [0].into_iter().chain(list.iter().map(place)).chain([d]).collect()))
        }
        (Sections::At(list), None) => {
            let wrong = |i: &isize| Error::value("indices").expected("places from the front").got(i);
            let places = list
                .iter()
                .map(|i| usize::try_from(*i).map_err(|_| wrong(i)))
                .collect::<Result<Vec<usize>>>()?;
            let last = places.last().copied().unwrap_or(0);
            let mut all = between(x, axis, [0].into_iter().chain(places).collect());
            all.push(if last == 0 { x.clone() } else { open_part(x, axis) });
            Ok(all)
        }
    }
}

/// Into how many parts an axis may fall whose length is not known yet.
const MOST_OPEN_PARTS: usize = 1 << 12;

fn between(x: &Tensor, axis: usize, bounds: Vec<usize>) -> Vec<Tensor> {
    bounds.windows(2).map(|w| x.slice_axis(axis, w[0], w[1].max(w[0]))).collect()
}

/// Part of an axis of unknown length: as long as nobody knows.
fn open_part(x: &Tensor, axis: usize) -> Tensor {
    let mut dims = x.shape().dims().to_vec();
    dims[axis] = Dim::UNKNOWN;
    x.reshape(dims)
}

fn grid(xs: &[Tensor], indexing: &str) -> Result<Vec<Tensor>> {
    let swap = match indexing {
        "xy" => xs.len() > 1,
        "ij" => false,
        other => return Err(Error::value("indexing").expected("\"xy\" or \"ij\"").got(other)),
    };
    let place = |i: usize| if swap && i < 2 { 1 - i } else { i };
    let flat: Vec<Tensor> = xs.iter().map(ops::ravel).collect();
    let mut dims = vec![Dim::new(1); xs.len()];
    flat.iter().enumerate().for_each(|(i, x)| dims[place(i)] = x.dim(0));
    Ok(flat.iter().enumerate().map(|(i, x)| x.broadcast_in_dim(dims.clone(), &[place(i)])).collect())
}
