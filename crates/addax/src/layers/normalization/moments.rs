//! What normalizations share: the axes they go along, and enough digits for a variance.

use crate::constraints::Axes;
use addax_core::{DType, Dim, Result, Tensor};

/// The axes, and the shape of the weights that belong to them, in the order in which Keras takes them.
pub(super) fn along(axis: &Axes, x: &Tensor) -> Result<(Vec<usize>, Vec<Dim>)> {
    let mut given = axis.0.clone();
    given.sort_unstable();
    let axes = given.iter().map(|a| x.check()?.axis(*a)).collect::<Result<Vec<usize>>>()?;
    let dims = axes.iter().map(|a| x.dim(*a as isize)).collect();
    Ok((axes, dims))
}

/// A weight in a shape that broadcasts to `x`: its axes where they belong, 1 elsewhere.
pub(super) fn spread(w: &Tensor, axes: &[usize], x: &Tensor) -> Tensor {
    let dims = (0..x.rank()).map(|a| if axes.contains(&a) { x.dim(a as isize) } else { Dim::new(1) });
    w.reshape(dims.collect::<Vec<_>>()).cast(x.dtype())
}

/// At least float32: half precision has too few digits for a variance.
pub(super) fn wide(x: &Tensor) -> Tensor {
    if x.dtype() == DType::F64 { x.clone() } else { x.cast(DType::F32) }
}

/// Mean and (biased) variance along axes, which stay with length 1. In two passes: the squares of what is left after
/// the mean are exact where the mean is large.
pub(super) fn moments(x: &Tensor, axes: &[usize]) -> (Tensor, Tensor) {
    let mean = x.mean(axes).keep_axes(axes);
    let variance = (x - &mean).square().mean(axes).keep_axes(axes);
    (mean, variance)
}
