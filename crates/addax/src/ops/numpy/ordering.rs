//! Order: sorting, quantiles.

use super::reduction::numbers;
use super::shape::moved;
use crate::ops;
use crate::ops::axes::{Axes, flat_unless, from_front};
use crate::ops::operand::float;
use addax_core::{DType, Dim, Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.numpy";

    /// The elements in rising order along an axis; NaNs come last.
    Sort sort(x: Tensor)[; axis: Option<isize> = Some(-1)] = flat_unless(&x, axis).map(|(x, axis)| x.sort(axis as isize, false));
    /// The places of the elements in rising order along an axis; equal ones keep their order.
    Argsort argsort(x: Tensor)[; axis: Option<isize> = Some(-1)] =
        flat_unless(&x, axis.filter(|_| x.rank() > 0)).map(|(x, axis)| x.argsort(axis as isize, false));
    /// Places such that the element at `kth` is where sorting would put it, smaller ones before, others behind.
    Argpartition argpartition(x: Tensor)[kth: isize; axis: Option<isize> = Some(-1)] =
        flat_unless(&x, axis).and_then(|(x, axis)| partition(&x, kth, axis));
    /// The middle element in order, or the mean of the two in the middle.
    Median median(x: Tensor)[; axis: Axes = Axes::All]{ keepdims: bool = false } =
        quantiles(&x, &half(&x), &axis, "midpoint", keepdims, Skip::Nothing);
    /// The element below which a share `q` of all lies, between neighbours as the method says.
    Quantile quantile(x: Tensor, q: Tensor)[; axis: Axes = Axes::All]
        { method: String = "linear".to_string(), keepdims: bool = false } =
        quantiles(&x, &shares(&x, &q, 1.0), &axis, &method, keepdims, Skip::Nothing);
    /// The element below which `q` percent of all lie, between neighbours as the method says.
    Percentile percentile(x: Tensor, q: Tensor)[; axis: Axes = Axes::All]
        { method: String = "linear".to_string(), keepdims: bool = false } =
        quantiles(&x, &shares(&x, &q, 100.0), &axis, &method, keepdims, Skip::Nothing);
    /// The median without NaNs.
    Nanmedian nanmedian(x: Tensor)[; axis: Axes = Axes::All]{ keepdims: bool = false } =
        quantiles(&x, &half(&x), &axis, "midpoint", keepdims, Skip::NaN);
    /// The quantile without NaNs; see [`quantile`].
    Nanquantile nanquantile(x: Tensor, q: Tensor)[; axis: Axes = Axes::All]
        { method: String = "linear".to_string(), keepdims: bool = false } =
        quantiles(&x, &shares(&x, &q, 1.0), &axis, &method, keepdims, Skip::NaN);
    /// The percentile without NaNs; see [`percentile`].
    Nanpercentile nanpercentile(x: Tensor, q: Tensor)[; axis: Axes = Axes::All]
        { method: String = "linear".to_string(), keepdims: bool = false } =
        quantiles(&x, &shares(&x, &q, 100.0), &axis, &method, keepdims, Skip::NaN);
}

/// Which elements are left out; where nothing is, one NaN makes the result NaN.
#[derive(Clone, Copy, PartialEq)]
enum Skip {
    Nothing,
    NaN,
}

fn half(x: &Tensor) -> Tensor {
    Tensor::constant(float(x).dtype(), 0.5)
}

fn shares(x: &Tensor, q: &Tensor, whole: f64) -> Tensor {
    q.cast(float(x).dtype()) / whole
}

fn partition(x: &Tensor, kth: isize, axis: usize) -> Result<Tensor> {
    let Some(n) = x.dim(axis as isize).known() else { return Ok(x.argsort(axis as isize, false)) };
    let kth =
        from_front(kth, n).map_err(|_| Error::value("kth").expected(format_args!("below {n}")).got(kth))?;
    let order = x.argsort(axis as isize, false);
    let smallest = order.slice_axis(axis, 0, kth + 1);
    // The place of each element in the order says whether it is among the smallest; the others follow as they stand.
    let rank = order.argsort(axis as isize, false);
    let places = Tensor::iota(DType::I32, x.shape(), axis);
    let others = rank.le(&rank.filled(kth as f64)).select(&places.filled(n as f64), &places);
    let others = others.sort(axis as isize, false).slice_axis(axis, 0, n - kth - 1);
    Ok(Tensor::concatenate(&[&smallest, &others], axis))
}

/// The reduced axes as one, at the end.
fn lined_up(x: &Tensor, axes: &[usize]) -> Result<Tensor> {
    let from: Vec<isize> = axes.iter().map(|a| *a as isize).collect();
    let to: Vec<isize> = (0..axes.len()).map(|i| i as isize - axes.len() as isize).collect();
    let x = moved(x, &from, &to)?;
    let shape = x.shape();
    let (kept, along) = shape.dims().split_at(x.rank() - axes.len());
    let length = along.iter().try_fold(1usize, |n, d| n.checked_mul(d.known()?));
    Ok(x.reshape([kept, &[Dim::from(length)]].concat()))
}

fn quantiles(
    x: &Tensor,
    q: &Tensor,
    axis: &Axes,
    method: &str,
    keepdims: bool,
    skip: Skip,
) -> Result<Tensor> {
    let known = ["linear", "lower", "higher", "midpoint", "nearest"];
    if !known.contains(&method) {
        return Err(Error::unknown("method", method, known));
    }
    if q.rank() > 1 {
        return Err(Error::value("q").expected("a number or a vector").got(q.shape()));
    }
    let (x, axes) = (float(x), axis.of(x.rank())?);
    let shape = x.shape();
    let line = lined_up(&x, &axes)?;
    let last = line.rank() - 1;
    if line.dim(-1) == 0usize {
        return Err(Error::value("x").expected("at least one element").got(&shape));
    }
    let sorted = line.sort(-1, false);
    let many = if q.rank() == 0 { q.expand_dims(0) } else { q.clone() };
    let count = match skip {
        Skip::Nothing => Tensor::constant(x.dtype(), line.dim(-1).known().unwrap_or(1) as f64),
        Skip::NaN => line.is_nan().not().cast(x.dtype()).sum(&[last]).expand_dims(-1),
    };
    let place = many * (&count - 1.0);
    let (low, high) = (place.floor(), place.ceil());
    let share = &place - &low;
    let at = |place: &Tensor| {
        let index =
            place.maximum(&place.filled(0.0)).minimum(&(&count - 1.0).max_scalar(0.0)).cast(DType::I32);
        match skip {
            Skip::Nothing => sorted.take(&index, -1),
            Skip::NaN => sorted.take_along_axis(&index, -1),
        }
    };
    let (below, above) = (at(&low), at(&high));
    let value = match method {
        "lower" => below,
        "higher" => above,
        "midpoint" => (below + above) * 0.5,
        "nearest" => share.le(&share.filled(0.5)).broadcast_to(below.shape()).select(&below, &above),
        _ => below * (1.0 - &share) + above * share,
    };
    let none = match skip {
        Skip::Nothing => line.is_nan().reduce(addax_core::ops::Reduction::Or, &[last]).expand_dims(-1),
        Skip::NaN => numbers(&count, 0.0).lt_scalar(0.5),
    };
    let value = none.broadcast_to(value.shape()).select(&value.filled(f64::NAN), &value);
    // The shares come first, then the axes that stay.
    let value = moved(&value, &[-1], &[0])?;
    let rest = (0..x.rank()).filter(|a| keepdims || !axes.contains(a));
    let rest = rest.map(|a| if axes.contains(&a) { Dim::new(1) } else { shape.dims()[a] });
    Ok(value.reshape(q.shape().dims().iter().copied().chain(rest).collect::<Vec<Dim>>()))
}
