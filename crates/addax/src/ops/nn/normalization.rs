//! Normalizations.

use crate::ops;
use crate::ops::Kind;
use crate::ops::axes::{Axes, from_front};
use crate::ops::operand::{float, result_type};
use addax_core::{DType, Dim, Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.nn";

    /// Mean and variance along axes.
    Moments moments(x: Tensor)[axes: Axes]{ keepdims: bool = false, synchronized: bool = false } -> Result<Vec<Tensor>> =
        mean_and_variance(&x, &axes, keepdims, synchronized);
    /// `(x - mean) / √(variance + epsilon) · scale + offset`, the vectors lying along one axis.
    BatchNorm batch_normalization(
        x: Tensor, mean: Tensor, variance: Tensor; offset: Option<Tensor> = None, scale: Option<Tensor> = None
    )[axis: isize]{ epsilon: f64 = 1e-3 } as [x, mean, variance, axis, offset, scale, epsilon] =
        by_statistics(&x, &mean, &variance, offset, scale, axis, epsilon);
    /// Mean 0 and variance 1 along axes, then times `gamma` plus `beta`.
    LayerNorm layer_normalization(x: Tensor; gamma: Option<Tensor> = None, beta: Option<Tensor> = None)
        [; axis: Axes = Axes::One(-1)]{ epsilon: Option<f64> = None, rms_scaling: bool = false } =
        centred(&x, gamma, beta, &axis, epsilon, rms_scaling);
    /// Divided by the root of the mean square along axes, then times `scale`.
    RMSNorm rms_normalization(x: Tensor; scale: Option<Tensor> = None)
        [; axis: Axes = Axes::One(-1)]{ epsilon: Option<f64> = None } = by_root_mean_square(&x, scale, &axis, epsilon);
    /// Divided by the norm along axes, which counts as `epsilon` where it is less.
    Normalize normalize(x: Tensor)[; axis: Axes = Axes::One(-1), order: usize = 2]{ epsilon: Option<f64> = None } =
        to_length(&x, &axis, order, epsilon);
}

/// Keras's fuzz factor.
pub(in crate::ops) const EPSILON: f64 = 1e-7;

/// In float32 at least.
fn precise(x: &Tensor) -> Tensor {
    x.cast(result_type(&[Kind::Strong(x.dtype()), Kind::Strong(DType::F32)]))
}

/// Mean and variance with the axes kept.
fn statistics(x: &Tensor, axes: &[usize]) -> (Tensor, Tensor) {
    let mean = x.mean(axes).keep_axes(axes);
    let variance = (x - &mean).square().mean(axes).keep_axes(axes);
    (mean, variance)
}

fn mean_and_variance(x: &Tensor, axes: &Axes, keepdims: bool, synchronized: bool) -> Result<Vec<Tensor>> {
    if synchronized {
        return Err(Error::unsupported("moments over several devices"));
    }
    let (x, along) = (float(x), axes.of(x.rank())?);
    let (mean, variance) = statistics(&precise(&x), &along);
    let half = matches!(x.dtype(), DType::F16 | DType::BF16);
    Ok([mean, variance]
        .into_iter()
        .map(|t| {
            let dims = (0..x.rank()).filter(|a| keepdims || !along.contains(a)).map(|a| t.dim(a as isize));
            let t = t.reshape(dims.collect::<Vec<Dim>>());
            if half { t.clip(-65504.0, 65504.0).cast(x.dtype()) } else { t }
        })
        .collect())
}

fn by_statistics(
    x: &Tensor,
    mean: &Tensor,
    variance: &Tensor,
    offset: Option<Tensor>,
    scale: Option<Tensor>,
    axis: isize,
    epsilon: f64,
) -> Result<Tensor> {
    let axis = from_front(axis, x.rank())?;
    let mut dims = vec![Dim::new(1); x.rank()];
    dims[axis] = x.dim(axis as isize);
    let lain = |t: &Tensor| t.reshape(dims.clone()).cast(x.dtype());
    let factor = (lain(variance) + epsilon).rsqrt();
    let factor = scale.map_or(factor.clone(), |s| factor * lain(&s));
    let shift = (lain(mean) * &factor).negate();
    let shift = offset.map_or(shift.clone(), |o| shift + lain(&o));
    Ok(x * factor + shift)
}

/// A weight in a shape that broadcasts: along the axes, unless it lies along the last anyway.
fn lain(weight: &Tensor, x: &Tensor, axes: &[usize]) -> Tensor {
    let weight = weight.cast(x.dtype());
    if weight.rank() == x.rank() || axes == [x.rank() - 1] {
        return weight;
    }
    let dims = (0..x.rank()).map(|a| if axes.contains(&a) { x.dim(a as isize) } else { Dim::new(1) });
    weight.reshape(dims.collect::<Vec<Dim>>())
}

fn centred(
    x: &Tensor,
    gamma: Option<Tensor>,
    beta: Option<Tensor>,
    axis: &Axes,
    epsilon: Option<f64>,
    rms_scaling: bool,
) -> Result<Tensor> {
    let (own, x, axes) = (x.dtype(), precise(x), axis.of(x.rank())?);
    let (mean, variance) = statistics(&x, &axes);
    let factor = (variance + epsilon.unwrap_or(EPSILON)).rsqrt();
    let factor = gamma.map_or(factor.clone(), |g| factor * lain(&g, &x, &axes));
    if rms_scaling {
        return Ok((&x * factor).cast(own));
    }
    let shift = (mean * &factor).negate();
    let shift = beta.map_or(shift.clone(), |b| shift + lain(&b, &x, &axes));
    Ok((&x * factor + shift).cast(own))
}

fn by_root_mean_square(
    x: &Tensor,
    scale: Option<Tensor>,
    axis: &Axes,
    epsilon: Option<f64>,
) -> Result<Tensor> {
    let own = x.dtype();
    let x = if x.rank() == 0 { precise(x).expand_dims(0) } else { precise(x) };
    let axes = axis.of(x.rank())?;
    let factor = (x.square().mean(&axes).keep_axes(&axes) + epsilon.unwrap_or(EPSILON)).rsqrt();
    let y = &x * factor;
    Ok(scale.map_or(y.clone(), |s| y * s.cast(x.dtype())).cast(own))
}

fn to_length(x: &Tensor, axis: &Axes, order: usize, epsilon: Option<f64>) -> Result<Tensor> {
    let x = if x.rank() == 0 { float(x).expand_dims(0) } else { float(x) };
    let (axes, epsilon) = (axis.of(x.rank())?, epsilon.unwrap_or(EPSILON));
    if order == 2 {
        let factor = x.square().sum(&axes).keep_axes(&axes).rsqrt();
        return Ok(&x * factor.min_scalar(1.0 / epsilon));
    }
    let norm = ops::norm(&x, order as f64, axis.clone(), true);
    Ok(&x / norm.max_scalar(epsilon))
}
