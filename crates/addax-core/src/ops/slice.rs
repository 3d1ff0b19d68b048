//! `slice`: a box out of a tensor.

use super::{Primitive, exactly};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::shape::Dim;
use crate::tensor::Tensor;
use crate::value::{Stored, Value, strides};
use crate::{op_struct, with_element};
use std::sync::Arc;

op_struct! {
    /// Elements `start, start + stride, …` below `limit`, along every axis.
    pub struct Slice = "slice" {
        /// The first index of each axis.
        start: Vec<usize>,
        /// One past the last index of each axis; unknown takes all that there is.
        limit: Vec<Dim>,
        /// The step along each axis.
        stride: Vec<usize>,
    }
}

impl Slice {
    fn length(&self, axis: usize, dim: Dim) -> Dim {
        let limit = self.limit[axis].known().or(dim.known());
        Dim::from(limit.map(|l| l.saturating_sub(self.start[axis]).div_ceil(self.stride[axis].max(1))))
    }
}

impl Primitive for Slice {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x] = exactly(inputs)?;
        let dims = x.shape.dims();
        let ranks = [self.start.len(), self.limit.len(), self.stride.len()];
        let inside = |a: usize| {
            let limit = self.limit[a].known().unwrap_or(self.start[a]);
            self.stride[a] > 0 && self.start[a] <= limit && dims[a].known().is_none_or(|d| limit <= d)
        };
        if ranks != [dims.len(); 3] || !(0..dims.len()).all(inside) {
            let got = format!("from {:?} to {:?} by {:?}", self.start, self.limit, self.stride);
            return Err(Error::value("bounds").expected(format_args!("a box inside {}", x.shape)).got(got));
        }
        Ok(vec![x.with_shape((0..dims.len()).map(|a| self.length(a, dims[a])).collect::<Vec<_>>())])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x] = exactly(inputs)?;
        let from = strides(x.shape());
        let shape: Vec<usize> =
            (0..x.rank()).map(|a| self.length(a, Dim::new(x.shape()[a])).known().unwrap_or(0)).collect();
        let (to, n) = (strides(&shape), shape.iter().product());
        let source = |i: usize| {
            (0..shape.len())
                .map(|a| (self.start[a] + i / to[a] % shape[a] * self.stride[a]) * from[a])
                .sum::<usize>()
        };
        Ok(vec![with_element!(x.dtype(), T => {
            let v = x.as_slice::<T>()?;
            let out: Vec<T> = (0..n).map(|i| v[source(i)]).collect();
            Value::from_data(shape.clone(), T::wrap(Arc::new(out)))?
        })])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let (x, ct) = (cx.x(0).shape(), cx.ct());
        let low: Vec<isize> = self.start.iter().map(|s| *s as isize).collect();
        let interior: Vec<usize> = self.stride.iter().map(|s| s - 1).collect();
        let high = (0..low.len()).map(|a| {
            let n = ct.dim(a as isize).known().unwrap_or(0);
            let covered = self.start[a] + n + n.saturating_sub(1) * interior[a];
            x.dims()[a].known().map_or(0, |d| d as isize - covered as isize)
        });
        let high = high.collect();
        vec![Some(ct.pad_with(super::Pad { low, high, interior }, 0.0))]
    }
}

impl Tensor {
    /// The box from `start` to `limit` by `stride`.
    pub fn slice(&self, start: &[usize], limit: &[usize], stride: &[usize]) -> Tensor {
        let limit = limit.iter().map(|l| Dim::new(*l)).collect();
        Tensor::apply(Slice { start: start.to_vec(), limit, stride: stride.to_vec() }, &[self])
    }

    /// Indices `from..to` of one axis, everything of the others.
    ///
    /// ```
    /// use addax_core::{Tensor, Value};
    /// let x = Tensor::from(Value::new([2, 3], vec![1i32, 2, 3, 4, 5, 6]).unwrap());
    /// assert_eq!(x.slice_axis(1, 1, 3).to_value().unwrap(), Value::new([2, 2], vec![2i32, 3, 5, 6]).unwrap());
    /// ```
    pub fn slice_axis(&self, axis: usize, from: usize, to: usize) -> Tensor {
        let rank = self.rank();
        let (mut start, mut limit) = (vec![0; rank], vec![Dim::UNKNOWN; rank]);
        match (start.get_mut(axis), limit.get_mut(axis)) {
            (Some(s), Some(l)) => (*s, *l) = (from, Dim::new(to)),
            _ => {
                return Tensor::failed(
                    Error::value("slice").expected(format_args!("an axis below {rank}")).got(axis),
                );
            }
        }
        Tensor::apply(Slice { start, limit, stride: vec![1; rank] }, &[self])
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        check_gradient("slice", |x| x[0].slice(&[1, 0], &[4, 5], &[2, 3]), &[(&[5, 6], (-1.0, 1.0))]);
        check_gradient("axis", |x| x[0].slice_axis(1, 1, 3), &[(&[2, 4, 2], (-1.0, 1.0))]);
    }
}
