//! Keras's `keras.ops.core`: element types, boxes at places, scattering, parts of an axis.

use super::OpDef;
use super::axes::from_front;
use super::numpy::largest;
use crate::ops;
use addax_core::ops::{Reduction, ScatterKind};
use addax_core::{DType, Dim, Error, Result, Shape, Tensor, Value};

ops! {
    table TABLE in "keras.src.ops.core";

    /// The numbers in another element type.
    Cast cast(x: Tensor)[dtype: DType] = x.cast(dtype);
    /// The numbers in another element type; those outside its range become its least or largest.
    SaturateCast saturate_cast(x: Tensor)[dtype: DType] = saturated(&x, dtype);
    /// The same numbers, in another element type if one is given.
    ConvertToTensor convert_to_tensor(x: Tensor)
        [; dtype: Option<DType> = None]{ sparse: Option<bool> = None, ragged: Option<bool> = None } =
        x.cast(dtype.unwrap_or(x.dtype()));
    /// The same numbers, through which no gradient flows.
    StopGradient stop_gradient(variable: Tensor) = variable.stop_gradient();
    /// Zeros with values added at the indices `[…, k]`.
    Scatter scatter(indices: Tensor, values: Tensor)[shape: Vec<usize>] =
        Tensor::full(values.dtype(), Shape::from(shape), 0.0).scatter_at(ScatterKind::Add, &whole(&indices), &values);
    /// The tensor with updates at the indices `[…, k]`: in place of what is there, or put together with it
    /// (`add`, `max`, `min`, `mul`).
    ScatterUpdate scatter_update(inputs: Tensor, indices: Tensor, updates: Tensor)[; reduction: Option<String> = None] =
        how(&reduction).map(|kind| inputs.scatter_at(kind, &whole(&indices), &updates.cast(inputs.dtype())));
    /// A box of a shape that begins at given indices, moved back inside where it would stand out; -1 is all the rest of
    /// an axis.
    Slice slice(inputs: Tensor, start_indices: Start)[shape: Vec<isize>] =
        lengths(&inputs, &start_indices, &shape).and_then(|shape| boxed(&inputs, &start_indices, &shape));
    /// The tensor with a box of it replaced; the box is moved back inside where it would stand out.
    SliceUpdate slice_update(inputs: Tensor, start_indices: Start, updates: Tensor) =
        replaced(&inputs, &start_indices, &updates.cast(inputs.dtype()));
    /// The slices along an axis, which disappears.
    Unstack unstack(x: Tensor)[; num: Option<usize> = None, axis: isize = 0] -> Result<Vec<Tensor>> =
        slices(&x, num, axis);
}

pub(super) const TABLES: &[&[OpDef]] = &[TABLE];

/// Where a box begins: known indices, or tensors of them.
#[derive(Clone, Debug)]
pub struct Start(pub Tensor);

impl ops::CallArgument for Start {
    fn read(given: &crate::arguments::Argument<Tensor>) -> Result<Self> {
        use crate::arguments::Argument;
        let tensor = match given {
            Argument::List(list) => {
                let each = list.iter().map(Tensor::read).collect::<Result<Vec<Tensor>>>()?;
                ops::stack(&each[..], 0isize)
            }
            other => Tensor::read(other)?,
        };
        Ok(Start(tensor))
    }

    fn check(&self) -> Result<()> {
        ops::CallArgument::check(&self.0)
    }
}

impl ops::Given<Start> for &Tensor {
    fn given(self) -> Start {
        Start(self.clone())
    }
}

impl<const N: usize> ops::Given<Start> for [isize; N] {
    fn given(self) -> Start {
        Start(Tensor::new(Value::from(self.map(|i| i as i64).to_vec()).cast(DType::I32)))
    }
}

/// Indices as integers: constants of a config may be floats without fraction.
pub(super) fn whole(indices: &Tensor) -> Tensor {
    if indices.dtype().is_int() { indices.clone() } else { indices.cast(DType::I32) }
}

fn saturated(x: &Tensor, dtype: DType) -> Tensor {
    let (low, high) = match dtype {
        DType::Bool => return x.cast(dtype),
        d if d.is_float() => (-largest(d), largest(d)),
        d => (Reduction::Max.identity(d), Reduction::Min.identity(d)),
    };
    let (own_low, own_high) = match x.dtype() {
        DType::Bool => return x.cast(dtype),
        d if d.is_float() => (-largest(d), largest(d)),
        d => (Reduction::Max.identity(d), Reduction::Min.identity(d)),
    };
    x.clip(low.max(own_low), high.min(own_high)).cast(dtype)
}

fn how(reduction: &Option<String>) -> Result<ScatterKind> {
    match reduction.as_deref() {
        None => Ok(ScatterKind::Replace),
        Some("add") => Ok(ScatterKind::Add),
        Some("max") => Ok(ScatterKind::Max),
        Some("min") => Ok(ScatterKind::Min),
        Some("mul") => Ok(ScatterKind::Multiply),
        Some(other) => Err(Error::unknown("reduction", other, ["add", "max", "min", "mul"])),
    }
}

/// The first index along each axis, kept so that a box of the given lengths is inside; scalars.
fn starts(x: &Tensor, start: &Start, lengths: &[Dim]) -> Result<Vec<Tensor>> {
    let start = whole(&start.0);
    if start.rank() != 1 || !start.dim(0).fits(Dim::new(x.rank())) || lengths.len() != x.rank() {
        return Err(Error::value("start_indices")
            .expected(format_args!("one for each axis of {}", x.shape()))
            .got(start.shape()));
    }
    let along = |axis: usize| {
        let first = start.slice_axis(0, axis, axis + 1).squeeze(0);
        let room = x.dim(axis as isize).known().zip(lengths[axis].known());
        match room {
            Some((n, length)) if length > n => {
                Err(Error::value("shape").expected(format_args!("a box inside {}", x.shape())).got(length))
            }
            Some((n, length)) => Ok(first.clip(0.0, (n - length) as f64)),
            None => Ok(first),
        }
    };
    (0..x.rank()).map(along).collect()
}

/// The lengths of a box, those that are -1 from known indices.
fn lengths(x: &Tensor, start: &Start, shape: &[isize]) -> Result<Vec<Dim>> {
    let first = if shape.contains(&-1) { start.0.value()?.map(Value::to_i64) } else { None };
    let each = shape.iter().enumerate().map(|(axis, n)| match usize::try_from(*n) {
        Ok(n) => Ok(Dim::new(n)),
        Err(_) if *n != -1 => Err(Error::value("shape").expected("lengths, or -1").got(n)),
        Err(_) => {
            let rest = first.as_ref().and_then(|f| usize::try_from(*f.get(axis)?).ok());
            let rest = rest.ok_or_else(|| {
                Error::value("start_indices").expected("known indices where a length is -1")
            })?;
            Ok(x.dim(axis as isize).known().map_or(Dim::UNKNOWN, |n| Dim::new(n.saturating_sub(rest))))
        }
    });
    each.collect()
}

fn boxed(x: &Tensor, start: &Start, shape: &[Dim]) -> Result<Tensor> {
    let first = starts(x, start, shape)?;
    Ok(first.iter().enumerate().fold(x.clone(), |x, (axis, first)| {
        if x.dim(axis as isize) == shape[axis] {
            x
        } else {
            x.take(&(Tensor::iota(first.dtype(), [shape[axis]], 0) + first), axis as isize)
        }
    }))
}

fn replaced(x: &Tensor, start: &Start, updates: &Tensor) -> Result<Tensor> {
    let lengths = updates.shape().dims().to_vec();
    let first = starts(x, start, &lengths)?;
    let mut spread = updates.clone();
    let mut inside: Option<Tensor> = None;
    for (axis, first) in first.iter().enumerate() {
        let at = Tensor::iota(first.dtype(), [x.dim(axis as isize)], 0) - first;
        let last = lengths[axis].known().unwrap_or(1) as f64 - 1.0;
        let within = at.ge(&at.filled(0.0)).and(&at.le(&at.filled(last)));
        let within = within.broadcast_in_dim(x.shape(), &[axis]);
        inside = Some(inside.map_or(within.clone(), |i| i.and(&within)));
        spread = spread.take(&at.clip(0.0, last.max(0.0)), axis as isize);
    }
    Ok(inside.map_or(updates.clone(), |inside| inside.select(&spread, x)))
}

fn slices(x: &Tensor, num: Option<usize>, axis: isize) -> Result<Vec<Tensor>> {
    let axis = from_front(axis, x.rank())?;
    let length = x.dim(axis as isize);
    let count = match (length.known(), num) {
        (Some(n), None) => n,
        (Some(n), Some(told)) if n == told => n,
        (None, Some(told)) if told <= 1 << 12 => told,
        _ => {
            return Err(Error::value("num")
                .expected(format_args!("the length of the axis, {length}"))
                .got(format_args!("{num:?}")));
        }
    };
    Ok((0..count).map(|i| x.slice_axis(axis, i, i + 1).squeeze(axis as isize)).collect())
}
