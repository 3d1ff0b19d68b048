//! `reshape` and `transpose`: the same numbers in another shape or order.

use super::{Primitive, check_axes, exactly};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::value::{Stored, Value, strides};
use crate::{op_struct, with_element};
use std::sync::Arc;

op_struct! {
    /// The same elements, in row-major order, in another shape.
    pub struct Reshape = "reshape" {
        /// The shape of the result.
        shape: Shape,
    }
}

impl Primitive for Reshape {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x] = exactly(inputs)?;
        match (x.shape.size(), self.shape.size()) {
            (Some(a), Some(b)) if a != b => Err(Error::value("shape")
                .expected(format_args!("{a} elements, as {} has", x.shape))
                .got(&self.shape)),
            _ => Ok(vec![x.with_shape(&self.shape)]),
        }
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x] = exactly(inputs)?;
        Ok(vec![x.reshape(&self.shape.concrete()?)?])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        vec![Some(cx.ct().reshape(cx.x(0).shape()))]
    }
}

op_struct! {
    /// Axis `i` of the result is axis `permutation[i]` of the input.
    pub struct Transpose = "transpose" {
        /// The input axis that each result axis comes from.
        permutation: Vec<usize>,
    }
}

impl Primitive for Transpose {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x] = exactly(inputs)?;
        check_axes(&self.permutation, x.shape.rank())?;
        if self.permutation.len() != x.shape.rank() {
            let wanted = format!("a permutation of {} axes", x.shape.rank());
            return Err(Error::value("axes").expected(wanted).got(format_args!("{:?}", self.permutation)));
        }
        let dims: Vec<Dim> = self.permutation.iter().map(|a| x.shape.dims()[*a]).collect();
        Ok(vec![x.with_shape(dims)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x] = exactly(inputs)?;
        let from = strides(x.shape());
        let shape: Vec<usize> = self.permutation.iter().map(|a| x.shape()[*a]).collect();
        let (to, n) = (strides(&shape), x.len());
        let source = |i: usize| {
            (0..shape.len()).map(|a| i / to[a] % shape[a] * from[self.permutation[a]]).sum::<usize>()
        };
        Ok(vec![with_element!(x.dtype(), T => {
            let v = x.as_slice::<T>()?;
            let out: Vec<T> = (0..n).map(|i| v[source(i)]).collect();
            Value::from_data(shape.clone(), T::wrap(Arc::new(out)))?
        })])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let mut inverse = vec![0; self.permutation.len()];
        self.permutation.iter().enumerate().for_each(|(to, from)| inverse[*from] = to);
        vec![Some(cx.ct().transpose(&inverse))]
    }
}

impl Tensor {
    /// The same elements in another shape; the tensor itself if it has that shape already.
    pub fn reshape(&self, shape: impl Into<Shape>) -> Tensor {
        let shape = shape.into();
        let same = self.check().is_ok() && self.shape() == shape && shape.known().is_some();
        if same { self.clone() } else { Tensor::apply(Reshape { shape }, &[self]) }
    }

    /// The axes in another order.
    pub fn transpose(&self, permutation: &[usize]) -> Tensor {
        Tensor::apply(Transpose { permutation: permutation.to_vec() }, &[self])
    }

    /// A new axis of length 1 at `axis` (negative counts from the end of the result).
    pub fn expand_dims(&self, axis: isize) -> Tensor {
        let mut dims = self.shape().dims().to_vec();
        let at = if axis < 0 { axis + dims.len() as isize + 1 } else { axis };
        match usize::try_from(at) {
            Ok(at) if at <= dims.len() => {
                dims.insert(at, Dim::new(1));
                self.reshape(dims)
            }
            _ => Tensor::failed(
                Error::value("axis").expected(format_args!("at most {}", dims.len())).got(axis),
            ),
        }
    }

    /// Removes an axis of length 1.
    pub fn squeeze(&self, axis: isize) -> Tensor {
        Tensor::from_result(|| {
            let axis = self.check()?.axis(axis)?;
            let mut dims = self.shape().dims().to_vec();
            match dims.remove(axis).known() {
                Some(1) | None => Ok(self.reshape(dims)),
                Some(n) => Err(Error::value("squeeze").expected("an axis of length 1").got(n)),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        check_gradient("reshape", |x| x[0].reshape([3, 4]), &[(&[2, 6], (-1.0, 1.0))]);
        check_gradient("transpose", |x| x[0].transpose(&[2, 0, 1]), &[(&[2, 3, 4], (-1.0, 1.0))]);
    }

    #[test]
    fn says_that_the_elements_do_not_fit() {
        let x = Tensor::full(crate::DType::F32, [2, 3], 0.0);
        let e = x.reshape([4]).to_value().unwrap_err().to_string();
        assert_eq!(e, "reshape > shape: expected 6 elements, as (2, 3) has, got (4,)");
    }
}
