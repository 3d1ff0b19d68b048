//! Elements picked and placed by index or condition.

use super::logic::truth;
use crate::class::Field;
use crate::ops;
use crate::ops::argument::Given;
use crate::ops::axes::{flat_unless, from_front};
use crate::ops::operand::{Kind, Operand, float, result_type, together};
use addax_core::{DType, Dim, Error, Result, Tensor};
use serde_json::{Value as Json, json};

ops! {
    table TABLE in "keras.src.ops.numpy";

    /// The slices at the indices along an axis, or elements of the whole; negative ones count from the end.
    Take take(x: Tensor, indices: Tensor)[; axis: Option<isize> = None] =
        flat_unless(&x, axis).map(|(x, axis)| x.take(&indices, axis as isize));
    /// For each place the element that its index names along an axis.
    TakeAlongAxis take_along_axis(x: Tensor, indices: Tensor)[; axis: Option<isize> = None] =
        named(&x, &indices, axis);
    /// The choice of the first condition that holds, or the default.
    Select select(condlist: Vec<Tensor>, choicelist: Vec<Operand>, default: Operand = Operand::Int(0)) =
        first_choice(&condlist, &choicelist, &default);
    /// Padded along each axis: with a number, or with elements of its own (`reflect`, `symmetric`, `edge`, `wrap`).
    Pad pad(x: Tensor; constant_values: Option<Operand> = None)[pad_width: Widths; mode: String = "constant".to_string()]
        as [x, pad_width, mode, constant_values] = padded(&x, &pad_width, &mode, constant_values);
    /// Differences of neighbours along an axis, `n` times.
    Diff diff(a: Tensor)[; n: usize = 1, axis: isize = -1] = differences(&a, n, axis);
    /// The place of each element among sorted bins.
    Digitize digitize(x: Tensor, bins: Tensor) = bin_of(&x, &bins);
    /// Where each value would stand in a sorted vector.
    SearchSorted searchsorted(sorted_sequence: Tensor, values: Tensor)[; side: String = "left".to_string()] =
        place_among(&sorted_sequence, &values, &side);
    /// The coordinates of flat indices in a shape.
    UnravelIndex unravel_index(indices: Tensor)[shape: Vec<usize>] -> Result<Vec<Tensor>> = coordinates(&indices, &shape);
    /// The integral of a sampled function by trapezoids along an axis.
    Trapezoid trapezoid(y: Tensor)[; x: Option<ops::Listed> = None]{ dx: f64 = 1.0, axis: isize = -1 } =
        area(&float(&y), x, dx, axis);
}

/// How much is added before and after each axis.
#[derive(Clone, Debug, PartialEq)]
pub enum Widths {
    /// The same everywhere.
    Same(usize),
    /// Before and after, the same for all axes.
    Both(usize, usize),
    /// Before and after each axis.
    Each(Vec<(usize, usize)>),
}

impl Field for Widths {
    fn to_json(&self) -> Json {
        match self {
            Widths::Same(n) => json!(n),
            Widths::Both(a, b) => json!([a, b]),
            Widths::Each(list) => Json::Array(list.iter().map(|(a, b)| json!([a, b])).collect()),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        match json {
            Json::Array(list) if list.iter().all(Json::is_array) => {
                let pairs = list.iter().map(|j| match &Vec::<usize>::from_json(j)?[..] {
                    [both] => Ok((*both, *both)),
                    [before, after] => Ok((*before, *after)),
                    more => Err(Error::value("pad_width").expected("pairs").got(format_args!("{more:?}"))),
                });
                pairs.collect::<Result<_>>().map(Widths::Each)
            }
            Json::Array(_) => match &Vec::<usize>::from_json(json)?[..] {
                [both] => Ok(Widths::Same(*both)),
                [before, after] => Ok(Widths::Both(*before, *after)),
                more => Err(Error::value("pad_width").expected("pairs").got(format_args!("{more:?}"))),
            },
            _ => usize::from_json(json).map(Widths::Same),
        }
    }
}

impl Given<Widths> for usize {
    fn given(self) -> Widths {
        Widths::Same(self)
    }
}

impl<const N: usize> Given<Widths> for [[usize; 2]; N] {
    fn given(self) -> Widths {
        Widths::Each(self.iter().map(|[a, b]| (*a, *b)).collect())
    }
}

fn named(x: &Tensor, indices: &Tensor, axis: Option<isize>) -> Result<Tensor> {
    let ((x, axis), (indices, _)) = (flat_unless(x, axis)?, flat_unless(indices, axis)?);
    Ok(x.take_along_axis(&indices, axis as isize))
}

fn first_choice(conditions: &[Tensor], choices: &[Operand], default: &Operand) -> Result<Tensor> {
    if conditions.len() != choices.len() || conditions.is_empty() {
        return Err(Error::value("choicelist")
            .expected(format_args!("{} choices", conditions.len()))
            .got(choices.len()));
    }
    let kinds: Vec<Kind> = choices.iter().chain([default]).map(Operand::kind).collect();
    let dtype = result_type(&kinds);
    let pairs = conditions.iter().zip(choices).rev();
    Ok(pairs.fold(default.cast(dtype), |rest, (c, choice)| truth(c).select(&choice.cast(dtype), &rest)))
}

fn padded(x: &Tensor, widths: &Widths, mode: &str, number: Option<Operand>) -> Result<Tensor> {
    let pairs = match widths {
        Widths::Same(n) => vec![(*n, *n); x.rank()],
        Widths::Both(a, b) => vec![(*a, *b); x.rank()],
        Widths::Each(list) if list.len() == 1 => vec![list[0]; x.rank()],
        Widths::Each(list) => list.clone(),
    };
    if pairs.len() != x.rank() {
        return Err(Error::value("pad_width").expected(format_args!("{} pairs", x.rank())).got(pairs.len()));
    }
    let amount = |n: usize| {
        isize::try_from(n)
            .ok()
            .filter(|n| *n < 1 << 31)
            .ok_or_else(|| Error::value("pad_width").expected("less").got(n))
    };
    match (mode, number) {
        ("constant", number) => {
            let low = pairs.iter().map(|p| amount(p.0)).collect::<Result<Vec<isize>>>()?;
            let high = pairs.iter().map(|p| amount(p.1)).collect::<Result<Vec<isize>>>()?;
            let pad = addax_core::ops::Pad { interior: vec![0; low.len()], low, high };
            let number = number.unwrap_or(Operand::Int(0)).cast(x.dtype());
            Ok(Tensor::apply(pad, &[x, &number]))
        }
        (_, Some(_)) => {
            Err(Error::value("constant_values").expected("mode \"constant\"").got(format!("\"{mode}\"")))
        }
        (_, None) => pairs.iter().enumerate().try_fold(x.clone(), |x, (axis, (low, high))| {
            amount(*low).and(amount(*high))?;
            mirrored(&x, axis, *low, *high, mode)
        }),
    }
}

/// The index that stands at each place of an axis of length `n` that was padded with its own elements.
fn source(place: isize, n: isize, mode: &str) -> Option<isize> {
    let (period, last) = (2 * (n - 1), n - 1);
    Some(match mode {
        "edge" => place.clamp(0, last),
        "wrap" => place.rem_euclid(n),
        "symmetric" => {
            let p = place.rem_euclid(2 * n);
            p.min(2 * n - 1 - p)
        }
        "reflect" if n == 1 => 0,
        "reflect" => {
            let p = place.rem_euclid(period);
            p.min(period - p)
        }
        _ => return None,
    })
}

fn mirrored(x: &Tensor, axis: usize, low: usize, high: usize, mode: &str) -> Result<Tensor> {
    let known = ["constant", "reflect", "symmetric", "edge", "wrap"];
    source(0, 1, mode).ok_or_else(|| Error::unknown("mode", mode, known))?;
    if (low, high) == (0, 0) {
        return Ok(x.clone());
    }
    let Some(n) = x.dim(axis as isize).known() else {
        let mut dims = x.shape().dims().to_vec();
        dims[axis] = Dim::UNKNOWN;
        return Ok(x.reshape(dims));
    };
    if n == 0 {
        return Err(Error::value("x").expected("elements to pad with").got(x.shape()));
    }
    let places = -(low as isize)..(n + high) as isize;
    let indices: Vec<i32> = places.filter_map(|p| source(p, n as isize, mode)).map(|i| i as i32).collect();
    Ok(x.take(&Tensor::new(indices.into()), axis as isize))
}

fn differences(a: &Tensor, n: usize, axis: isize) -> Result<Tensor> {
    let axis = from_front(axis, a.rank())?;
    let mut x = a.clone();
    for _ in 0..n {
        let Some(length) = x.dim(axis as isize).known() else {
            let mut dims = x.shape().dims().to_vec();
            dims[axis] = Dim::UNKNOWN;
            return Ok(x.reshape(dims));
        };
        if length == 0 {
            break;
        }
        let (later, earlier) = (x.slice_axis(axis, 1, length), x.slice_axis(axis, 0, length - 1));
        x = if x.dtype() == DType::Bool { later.not_equal(&earlier) } else { later - earlier };
    }
    Ok(x)
}

/// How many elements of a vector stand in a relation to each value.
fn count_where(sequence: &Tensor, values: &Tensor, holds: fn(&Tensor, &Tensor) -> Tensor) -> Tensor {
    let [sequence, values] = together([&sequence.into(), &values.into()]);
    let each = holds(&sequence, &values.expand_dims(-1)).cast(DType::I32);
    each.sum(&[each.rank().saturating_sub(1)])
}

fn vector<'a>(x: &'a Tensor, name: &str) -> Result<&'a Tensor> {
    if x.rank() == 1 { Ok(x) } else { Err(Error::value(name).expected("a vector").got(x.shape())) }
}

fn bin_of(x: &Tensor, bins: &Tensor) -> Result<Tensor> {
    let n = vector(bins, "bins")?.dim(0).known().unwrap_or(1).max(1);
    let upwards = bins.slice_axis(0, n - 1, n).ge(&bins.slice_axis(0, 0, 1)).squeeze(0);
    let (rising, falling) = (count_where(bins, x, Tensor::le), count_where(bins, x, Tensor::gt));
    Ok(upwards.select(&rising, &falling))
}

fn place_among(sequence: &Tensor, values: &Tensor, side: &str) -> Result<Tensor> {
    match side {
        "left" => Ok(count_where(vector(sequence, "sorted_sequence")?, values, Tensor::lt)),
        "right" => Ok(count_where(vector(sequence, "sorted_sequence")?, values, Tensor::le)),
        other => Err(Error::unknown("side", other, ["left", "right"])),
    }
}

fn coordinates(indices: &Tensor, shape: &[usize]) -> Result<Vec<Tensor>> {
    let total = shape.iter().try_fold(1usize, |n, d| n.checked_mul(*d)).filter(|n| *n < 1 << 31);
    let total = total.ok_or_else(|| Error::value("shape").expected("less than 2^31 elements"))? as f64;
    let whole = indices.cast(if indices.dtype() == DType::I64 { DType::I64 } else { DType::I32 });
    let front = whole.lt_scalar(0.0).select(&(&whole + total), &whole).clip(0.0, (total - 1.0).max(0.0));
    let mut rest = front;
    let mut found = Vec::new();
    for d in shape.iter().rev() {
        let d = Tensor::constant(rest.dtype(), (*d).max(1) as f64);
        found.push(rest.remainder(&d).cast(indices.dtype()));
        rest = rest.divide(&d);
    }
    found.reverse();
    Ok(found)
}

fn area(y: &Tensor, x: Option<ops::Listed>, dx: f64, axis: isize) -> Result<Tensor> {
    let y = super::shape::moved(y, &[axis], &[-1])?;
    let last = y.rank() - 1;
    let Some(n) = y.dim(-1).known() else { return Ok(y.sum(&[last])) };
    let between = |t: &Tensor, f: fn(&Tensor, &Tensor) -> Tensor| {
        let a = t.rank() - 1;
        f(&t.slice_axis(a, 1.min(n), n), &t.slice_axis(a, 0, n.saturating_sub(1)))
    };
    let heights = between(&y, Tensor::add) * 0.5;
    let widths = match x {
        Some(x) => {
            let x = x.tensor()?.cast(y.dtype());
            if x.dim(-1) != n {
                return Err(Error::value("x").expected(format_args!("{n} places")).got(x.shape()));
            }
            between(&x, Tensor::subtract)
        }
        None => Tensor::constant(y.dtype(), dx),
    };
    Ok((heights * widths).sum(&[last]))
}
