//! Sums, extremes and moments along axes.

use super::logic::truth;
use crate::ops;
use crate::ops::axes::{Axes, flat_unless};
use crate::ops::operand::{Operand, float, result_type, together_float};
use crate::ops::{Kind, Number};
use addax_core::ops::Reduction;
use addax_core::{DType, Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.numpy";

    /// The sum. Truth values and short integers are summed as 32-bit integers.
    Sum sum(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} = reduced(&wide(&x), Reduction::Sum, &axis, keepdims);
    /// The product. Truth values and short integers are multiplied as 32-bit integers.
    Prod prod(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false, dtype: Option<DType> = None} =
        reduced(&dtype.map_or_else(|| wide(&x), |d| x.cast(d)), Reduction::Product, &axis, keepdims);
    /// The mean; that of integers is float32.
    Mean mean(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} = averaged(&x, &axis, keepdims);
    /// The variance: the mean square distance from the mean.
    Var var(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} = variance(&x, &axis, keepdims);
    /// The standard deviation: the root of the variance.
    Std std(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} = variance(&x, &axis, keepdims).map(|v| v.sqrt());
    /// The largest element, or `initial` if that is larger.
    Max max(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false, initial: Option<Number> = None} =
        extreme(&x, Reduction::Max, &axis, keepdims, initial);
    /// The smallest element, or `initial` if that is smaller.
    Min min(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false, initial: Option<Number> = None} =
        extreme(&x, Reduction::Min, &axis, keepdims, initial);
    /// The largest element.
    Amax amax(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} = reduced(&x, Reduction::Max, &axis, keepdims);
    /// The smallest element.
    Amin amin(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} = reduced(&x, Reduction::Min, &axis, keepdims);
    /// The largest minus the smallest element.
    Ptp ptp(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} = range(&x, &axis, keepdims);
    /// Whether all hold; any number but 0 holds.
    All all(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} = reduced(&truth(&x), Reduction::And, &axis, keepdims);
    /// Whether one holds; any number but 0 holds.
    Any any(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} = reduced(&truth(&x), Reduction::Or, &axis, keepdims);
    /// How many elements are not 0.
    CountNonzero count_nonzero(x: Tensor)[; axis: Axes = Axes::All] =
        reduced(&truth(&x).cast(DType::I32), Reduction::Sum, &axis, false);
    /// The mean with weights: of the shape of `x`, or one for each place along the axis.
    Average average(x: Tensor; weights: Option<Tensor> = None)[; axis: Axes = Axes::All]
        as [x, axis, weights] = weighted(&x, weights, &axis);
    /// The place of the largest element along an axis, or of all; the first among equals, a NaN before any number.
    Argmax argmax(x: Tensor)[; axis: Option<isize> = None]{keepdims: bool = false} =
        place_of(&x, Reduction::Max, axis, keepdims);
    /// The place of the smallest element along an axis, or of all; the first among equals, a NaN before any number.
    Argmin argmin(x: Tensor)[; axis: Option<isize> = None]{keepdims: bool = false} =
        place_of(&x, Reduction::Min, axis, keepdims);

    /// The sum without NaNs.
    Nansum nansum(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} =
        reduced(&wide(&numbers(&x, 0.0)), Reduction::Sum, &axis, keepdims);
    /// The product without NaNs.
    Nanprod nanprod(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} =
        reduced(&wide(&numbers(&x, 1.0)), Reduction::Product, &axis, keepdims);
    /// The mean without NaNs.
    Nanmean nanmean(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} = mean_of_numbers(&x, &axis, keepdims);
    /// The variance without NaNs.
    Nanvar nanvar(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} = variance_of_numbers(&x, &axis, keepdims);
    /// The standard deviation without NaNs.
    Nanstd nanstd(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} =
        variance_of_numbers(&x, &axis, keepdims).map(|v| v.sqrt());
    /// The largest element that is no NaN; NaN if there is none.
    Nanmax nanmax(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} =
        extreme_of_numbers(&x, Reduction::Max, &axis, keepdims);
    /// The smallest element that is no NaN; NaN if there is none.
    Nanmin nanmin(x: Tensor)[; axis: Axes = Axes::All]{keepdims: bool = false} =
        extreme_of_numbers(&x, Reduction::Min, &axis, keepdims);
    /// The place of the largest element that is no NaN; -1 if there is none.
    Nanargmax nanargmax(x: Tensor)[; axis: Option<isize> = None]{keepdims: bool = false} =
        place_of_number(&x, Reduction::Max, axis, keepdims);
    /// The place of the smallest element that is no NaN; -1 if there is none.
    Nanargmin nanargmin(x: Tensor)[; axis: Option<isize> = None]{keepdims: bool = false} =
        place_of_number(&x, Reduction::Min, axis, keepdims);
}

/// Truth values and short integers in 32 bits, as sums of them are kept.
pub(in crate::ops) fn wide(x: &Tensor) -> Tensor {
    match x.dtype() {
        DType::Bool | DType::I8 => x.cast(DType::I32),
        DType::U8 => x.cast(DType::U32),
        _ => x.clone(),
    }
}

/// Elements put together along axes, which stay with length 1 if that is asked.
pub(in crate::ops) fn reduced(x: &Tensor, kind: Reduction, axis: &Axes, keepdims: bool) -> Result<Tensor> {
    let axes = axis.of(x.rank())?;
    if matches!(kind, Reduction::Max | Reduction::Min) && axes.iter().any(|a| x.dim(*a as isize) == 0usize) {
        return Err(Error::value("extreme").expected("at least one element").got(x.shape()));
    }
    let y = x.reduce(kind, &axes);
    Ok(if keepdims { y.keep_axes(&axes) } else { y })
}

/// In float32 at least, where sums of half floats are taken.
pub(in crate::ops) fn precise(x: &Tensor) -> Tensor {
    x.cast(result_type(&[Kind::Strong(x.dtype()), Kind::Strong(DType::F32)]))
}

fn float_type(x: &Tensor) -> DType {
    if x.dtype().is_float() { x.dtype() } else { DType::F32 }
}

fn averaged(x: &Tensor, axis: &Axes, keepdims: bool) -> Result<Tensor> {
    let sum = reduced(&precise(x), Reduction::Sum, axis, keepdims)?;
    Ok((&sum / precise(x).count(&axis.of(x.rank())?)).cast(float_type(x)))
}

fn variance(x: &Tensor, axis: &Axes, keepdims: bool) -> Result<Tensor> {
    let exact = precise(x);
    let distance = &exact - averaged(&exact, axis, true)?;
    Ok(averaged(&distance.square(), axis, keepdims)?.cast(float_type(x)))
}

fn extreme(
    x: &Tensor,
    kind: Reduction,
    axis: &Axes,
    keepdims: bool,
    initial: Option<Number>,
) -> Result<Tensor> {
    let Some(Number(initial)) = initial else { return reduced(x, kind, axis, keepdims) };
    let axes = axis.of(x.rank())?;
    let y = x.reduce(kind, &axes);
    let y = if keepdims { y.keep_axes(&axes) } else { y };
    let initial = initial.cast(y.dtype());
    Ok(if kind == Reduction::Max { y.maximum(&initial) } else { y.minimum(&initial) })
}

fn range(x: &Tensor, axis: &Axes, keepdims: bool) -> Result<Tensor> {
    Ok(reduced(x, Reduction::Max, axis, keepdims)? - reduced(x, Reduction::Min, axis, keepdims)?)
}

fn weighted(x: &Tensor, weights: Option<Tensor>, axis: &Axes) -> Result<Tensor> {
    let Some(weights) = weights else { return averaged(&float(x), axis, false) };
    let [x, mut weights] = together_float([&Operand::Tensor(x.clone()), &Operand::Tensor(weights)]);
    if weights.shape() != x.shape() {
        let axes = axis.of(x.rank())?;
        let [along] = axes[..] else {
            return Err(Error::value("weights")
                .expected(format_args!("shape {}", x.shape()))
                .got(weights.shape()));
        };
        weights = weights.broadcast_in_dim(x.shape(), &[along]);
    }
    let total = reduced(&(&x * &weights), Reduction::Sum, axis, false)?;
    Ok(total / reduced(&weights, Reduction::Sum, axis, false)?)
}

pub(in crate::ops) fn place_of(
    x: &Tensor,
    kind: Reduction,
    axis: Option<isize>,
    keepdims: bool,
) -> Result<Tensor> {
    let (flat, along) = flat_unless(x, axis)?;
    let place =
        if kind == Reduction::Max { flat.argmax(along as isize) } else { flat.argmin(along as isize) };
    Ok(match (keepdims, axis) {
        (false, _) => place,
        (true, Some(_)) => place.expand_dims(along as isize),
        (true, None) => place.reshape(vec![1usize; x.rank()]),
    })
}

/// With another number in place of NaN.
pub(in crate::ops) fn numbers(x: &Tensor, instead: f64) -> Tensor {
    if x.dtype().is_float() { x.is_nan().select(&x.filled(instead), x) } else { x.clone() }
}

/// How many elements are no NaNs.
fn count_of_numbers(x: &Tensor, axis: &Axes, keepdims: bool) -> Result<Tensor> {
    reduced(&x.is_nan().not().cast(float_type(x)), Reduction::Sum, axis, keepdims)
}

fn mean_of_numbers(x: &Tensor, axis: &Axes, keepdims: bool) -> Result<Tensor> {
    let x = float(x);
    Ok(reduced(&numbers(&x, 0.0), Reduction::Sum, axis, keepdims)? / count_of_numbers(&x, axis, keepdims)?)
}

fn variance_of_numbers(x: &Tensor, axis: &Axes, keepdims: bool) -> Result<Tensor> {
    let x = float(x);
    mean_of_numbers(&(&x - mean_of_numbers(&x, axis, true)?).square(), axis, keepdims)
}

fn extreme_of_numbers(x: &Tensor, kind: Reduction, axis: &Axes, keepdims: bool) -> Result<Tensor> {
    if !x.dtype().is_float() {
        return reduced(x, kind, axis, keepdims);
    }
    let found = reduced(&numbers(x, kind.identity(x.dtype())), kind, axis, keepdims)?;
    let none = reduced(&x.is_nan(), Reduction::And, axis, keepdims)?;
    Ok(none.select(&found.filled(f64::NAN), &found))
}

fn place_of_number(x: &Tensor, kind: Reduction, axis: Option<isize>, keepdims: bool) -> Result<Tensor> {
    let place = place_of(&numbers(x, kind.identity(x.dtype())), kind, axis, keepdims)?;
    if !x.dtype().is_float() {
        return Ok(place);
    }
    let along = axis.map_or(Axes::All, Axes::One);
    let none = reduced(&x.is_nan(), Reduction::And, &along, keepdims)?;
    Ok(none.select(&place.filled(-1.0), &place))
}
