//! Picking and placing by index, written with `gather` and `scatter`. Indices count from the end when they are
//! negative, as in NumPy; what lies outside even so gives NaN (the least integer) when picked, and is left out when
//! placed.

use super::{Gather, GatherDims, Reduction, Scatter, ScatterKind};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::value::Value;

/// What stands for an element that is not there.
fn missing(dtype: DType) -> f64 {
    match dtype {
        _ if dtype.is_float() => f64::NAN,
        DType::Bool => 1.0,
        DType::U8 | DType::U32 => Reduction::Min.identity(dtype),
        _ => Reduction::Max.identity(dtype),
    }
}

/// Indices along an axis of length `n`, counted from the front, and where they are inside; `None` if all are.
fn from_front(indices: &Tensor, n: Dim) -> Result<(Tensor, Option<Tensor>)> {
    let ty = indices.check()?.ty();
    if !ty.dtype.is_int() {
        return Err(Error::type_("indices").expected("integers").got(ty.dtype).hint("Cast them first."));
    }
    // Small integers could not hold the length.
    let indices = if ty.dtype.size() < 4 { indices.cast(DType::I32) } else { indices.clone() };
    let Some(n) = n.known() else { return Ok((indices, None)) };
    if let Some(value) = indices.value()?.filter(|v| v.len() <= 4096) {
        let wrapped: Vec<i64> =
            value.to_i64().iter().map(|i| if *i < 0 { i + n as i64 } else { *i }).collect();
        if wrapped.iter().all(|i| (0..n as i64).contains(i)) {
            return Ok((Tensor::new(Value::new(value.shape(), wrapped)?.cast(value.dtype())), None));
        }
    }
    let zero = Tensor::constant(indices.dtype(), 0.0);
    let length = Tensor::constant(indices.dtype(), n as f64);
    let front = match indices.dtype() {
        DType::U32 => indices.clone(),
        _ => indices.lt(&zero).select(&(&indices + &length), &indices),
    };
    let inside = front.ge(&zero).and(&front.lt(&length));
    Ok((front, Some(inside)))
}

impl Tensor {
    /// The slices of this tensor along `axis` at the indices: the axis gives way to the axes of the indices.
    ///
    /// ```
    /// use addax_core::{Tensor, Value};
    /// let table = Tensor::from(Value::new([3, 2], vec![0f32, 1., 10., 11., 20., 21.]).unwrap());
    /// let rows = table.take(&Tensor::from(Value::from(vec![2i32, 0, -2])), 0).to_value().unwrap();
    /// assert_eq!(rows.to_f64(), [20., 21., 0., 1., 10., 11.]);
    /// ```
    pub fn take(&self, indices: &Tensor, axis: isize) -> Tensor {
        let run = || {
            let axis = self.check()?.axis(axis)?;
            let (front, inside) = from_front(indices, self.dim(axis as isize))?;
            let (rank, more) = (self.rank(), front.rank());
            let offset: Vec<usize> = (0..axis).chain(axis + more..rank - 1 + more).collect();
            let dims = GatherDims {
                offset,
                collapsed: vec![axis],
                map: vec![axis],
                vector: more,
                ..Default::default()
            };
            let mut slice_sizes = vec![Dim::UNKNOWN; rank];
            slice_sizes[axis] = Dim::new(1);
            let taken = self.gather(&front, Gather { dims, slice_sizes });
            Ok(fill(&taken, inside, &(axis..axis + more).collect::<Vec<_>>()))
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("take")))
    }

    /// `y[…, i, …] = x[…, indices[…, i, …], …]` along one axis; along the others the two broadcast.
    ///
    /// ```
    /// use addax_core::{Tensor, Value};
    /// let x = Tensor::from(Value::new([2, 2], vec![1f32, 2., 3., 4.]).unwrap());
    /// let i = Tensor::from(Value::new([2, 1], vec![1i32, 0]).unwrap());
    /// assert_eq!(x.take_along_axis(&i, 1).to_value().unwrap(), Value::new([2, 1], vec![2f32, 3.]).unwrap());
    /// ```
    pub fn take_along_axis(&self, indices: &Tensor, axis: isize) -> Tensor {
        let run = || {
            let axis = self.check()?.axis(axis)?;
            let (x, indices) = spread_except(self, indices, axis)?;
            let (front, inside) = from_front(&indices, x.dim(axis as isize))?;
            let dims = along(x.rank(), axis);
            let taken = x.gather(&front, Gather { dims, slice_sizes: vec![Dim::new(1); x.rank()] });
            Ok(fill(&taken, inside, &(0..x.rank()).collect::<Vec<_>>()))
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("take_along_axis")))
    }

    /// This tensor plus `updates[…, i, …]` at `[…, indices[…, i, …], …]` along one axis: the mirror of
    /// [`Tensor::take_along_axis`], for indices that are inside.
    pub(crate) fn add_along(&self, indices: &Tensor, updates: &Tensor, axis: usize) -> Tensor {
        let dims = along(self.rank(), axis);
        self.scatter(indices, updates, Scatter { kind: ScatterKind::Add, dims, unique_indices: false })
    }

    /// A new axis of length `classes` at `axis` (negative counts from the end of the result), with 1 where its index
    /// is the element and 0 elsewhere; all 0 for elements outside.
    pub fn one_hot(&self, classes: usize, axis: isize, dtype: DType) -> Tensor {
        let run = || {
            let column = self.check()?.expand_dims(axis);
            let mut dims = column.check()?.shape().dims().to_vec();
            let at = column.axis(axis)?;
            dims[at] = Dim::new(classes);
            let mut counting = vec![1; dims.len()];
            counting[at] = classes;
            let count = Tensor::iota(column.dtype(), counting, at);
            Ok(column.equal(&count).cast(dtype))
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("one_hot")))
    }

    /// This tensor with updates at the indices `[…, k]`, whose `k` numbers go with its first `k` axes; the updates are
    /// `[…]` and then the other axes.
    pub fn scatter_at(&self, kind: ScatterKind, indices: &Tensor, updates: &Tensor) -> Tensor {
        let run = || {
            let vector = indices.check()?.rank().checked_sub(1);
            let vector = vector.ok_or_else(|| Error::value("indices").expected("[…, k]").got("a scalar"))?;
            let rank = self.check()?.rank();
            let numbers = indices.dim(-1).known().filter(|k| *k <= rank).ok_or_else(|| {
                Error::value("indices")
                    .expected(format_args!("[…, k] with k of at most {rank}"))
                    .got(indices.shape())
            })?;
            let columns = (0..numbers).map(|i| {
                let column = indices.slice_axis(vector, i, i + 1);
                from_front(&column, self.dim(i as isize)).map(|(front, _)| front)
            });
            let columns = columns.collect::<Result<Vec<Tensor>>>()?;
            let front = match &columns[..] {
                [] => indices.clone(),
                _ => Tensor::concatenate(&columns.iter().collect::<Vec<_>>(), vector),
            };
            let dims = GatherDims {
                offset: (vector..vector + rank - numbers).collect(),
                collapsed: (0..numbers).collect(),
                map: (0..numbers).collect(),
                vector,
                ..Default::default()
            };
            Ok(self.scatter(&front, updates, Scatter { kind, dims, unique_indices: false }))
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("scatter_at")))
    }

    /// The rows of this tensor put together by segment: row `i` goes to row `segments[i]` of the result, which has
    /// `count` rows. Segments outside are left out; an empty one holds what changes nothing.
    pub fn segment_reduce(&self, kind: Reduction, segments: &Tensor, count: usize) -> Tensor {
        let run = || {
            let kind_of_scatter = match kind {
                Reduction::Sum => ScatterKind::Add,
                Reduction::Product => ScatterKind::Multiply,
                Reduction::Max => ScatterKind::Max,
                Reduction::Min => ScatterKind::Min,
                _ => {
                    return Err(Error::value("kind")
                        .expected("add, multiply, maximum or minimum")
                        .got(kind.word()));
                }
            };
            let mut dims = self.check()?.shape().dims().to_vec();
            match dims.first_mut() {
                Some(first) => *first = Dim::new(count),
                None => return Err(Error::value("input").expected("rows").got("a scalar")),
            }
            let _entered = self.enter_trace();
            let empty = Tensor::full(self.dtype(), Shape::from(dims), kind.identity(self.dtype()));
            let dims = GatherDims {
                offset: (1..self.rank()).collect(),
                collapsed: vec![0],
                map: vec![0],
                vector: 1,
                ..Default::default()
            };
            Ok(empty.scatter(segments, self, Scatter { kind: kind_of_scatter, dims, unique_indices: false }))
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("segment_reduce")))
    }
}

/// One index per element along an axis, all other axes walking along.
fn along(rank: usize, axis: usize) -> GatherDims {
    let others: Vec<usize> = (0..rank).filter(|a| *a != axis).collect();
    GatherDims {
        collapsed: vec![axis],
        operand_batching: others.clone(),
        indices_batching: others,
        map: vec![axis],
        vector: rank,
        ..Default::default()
    }
}

/// The taken elements where `inside` (along the given axes) holds, what is missing elsewhere.
fn fill(taken: &Tensor, inside: Option<Tensor>, axes: &[usize]) -> Tensor {
    match inside {
        None => taken.clone(),
        Some(inside) => {
            let inside = inside.broadcast_in_dim(taken.shape(), axes);
            inside.select(taken, &taken.filled(missing(taken.dtype())))
        }
    }
}

/// Both tensors broadcast to one shape along all axes but one.
fn spread_except(x: &Tensor, indices: &Tensor, axis: usize) -> Result<(Tensor, Tensor)> {
    let (a, b) = (x.shape(), indices.check()?.shape());
    let without = |s: &Shape, d: Dim| {
        let mut dims = s.dims().to_vec();
        dims[axis] = d;
        Shape::from(dims)
    };
    let one = Dim::new(1);
    let wrong = || {
        let wanted = format!("the same axes as {a}, but for axis {axis}");
        Error::value("indices").expected(wanted).got(&b)
    };
    if a.rank() != b.rank() {
        return Err(wrong());
    }
    let common = without(&a, one).broadcast(&without(&b, one)).ok_or_else(wrong)?;
    Ok((
        x.broadcast_to(without(&common, a.dims()[axis])),
        indices.broadcast_to(without(&common, b.dims()[axis])),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    fn at(shape: &[usize], v: &[i32]) -> Tensor {
        Tensor::from(Value::new(shape, v.to_vec()).unwrap())
    }

    #[test]
    fn gradients_match_finite_differences() {
        let d = (-1.0, 1.0);
        let twice = at(&[2, 2], &[0, 2, -1, 0]);
        check_gradient("take", |x| x[0].take(&twice, 1), &[(&[2, 3, 2], d)]);
        let along = at(&[1, 4, 2], &[0, 2, 1, -1, 1, 1, 0, 0]);
        check_gradient("take_along_axis", |x| x[0].take_along_axis(&along, 1), &[(&[2, 3, 1], d)]);
        let places = at(&[3, 2], &[0, 1, -1, 0, 0, 1]);
        let f = |x: &[Tensor]| x[0].scatter_at(ScatterKind::Add, &places, &x[1]);
        check_gradient("scatter_at", f, &[(&[2, 3, 2], d), (&[3, 2], d)]);
        let segments = at(&[4], &[1, 0, 1, 5]);
        let f = |x: &[Tensor]| x[0].segment_reduce(Reduction::Max, &segments, 2);
        check_gradient("segment_reduce", f, &[(&[4, 2], d)]);
    }

    #[test]
    fn what_is_outside_is_missing() {
        let x = Tensor::from(Value::from(vec![1f32, 2.0]));
        let i = at(&[4], &[1, 2, -2, -3]);
        let y = x.take(&i, 0).to_value().unwrap().to_f64();
        assert!(y[0] == 2.0 && y[1].is_nan() && y[2] == 1.0 && y[3].is_nan(), "{y:?}");
        let trace = crate::Trace::new();
        let j = trace.parameter("i", DType::U8, [4]);
        let graph = trace.finish(&[x.cast(DType::I32).take(&j, 0)]).unwrap();
        let y = crate::evaluate(&graph, &[Value::from(vec![1u8, 200, 0, 0])]).unwrap();
        assert_eq!(y[0], Value::from(vec![2i32, i32::MIN, 1, 1]));
    }

    #[test]
    fn one_hot_by_hand() {
        let x = at(&[3], &[1, 0, 7]);
        let y = x.one_hot(2, 0, DType::F32).to_value().unwrap();
        assert_eq!(y, Value::new([2, 3], vec![0f32, 1., 0., 1., 0., 0.]).unwrap());
    }

    #[test]
    fn open_axes_stay_open() {
        let trace = crate::Trace::new();
        let table = trace.parameter("t", DType::F32, [10, 4]);
        let ids = trace.parameter("i", DType::I32, [None, Some(7)]);
        let y = table.take(&ids, 0);
        assert_eq!(y.shape().to_string(), "(None, 7, 4)");
        assert_eq!(
            crate::gradients(&y.sum_all(), &[&table]).unwrap()[0].as_ref().unwrap().shape(),
            table.shape()
        );
        let x = trace.parameter("x", DType::F32, [None, Some(5), Some(4)]);
        assert_eq!(x.take(&at(&[2], &[0, 4]), 1).shape().to_string(), "(None, 2, 4)");
    }

    #[test]
    fn says_what_it_wanted() {
        let x = Tensor::full(DType::F32, [2, 3], 0.0);
        let says = |t: Tensor| t.to_value().unwrap_err().to_string();
        assert_eq!(says(x.take(&x, 0)), "take > indices: expected integers, got float32. Cast them first.");
        assert_eq!(
            says(x.take_along_axis(&at(&[3], &[0, 0, 0]), 1)),
            "take_along_axis > indices: expected the same axes as (2, 3), but for axis 1, got (3,)"
        );
        assert_eq!(
            says(x.scatter_at(ScatterKind::Add, &at(&[1, 3], &[0, 0, 0]), &x)),
            "scatter_at > indices: expected […, k] with k of at most 2, got (1, 3)"
        );
    }
}
