//! `broadcast_in_dim`: repeats a tensor along new or length-one axes.

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
    /// Axis `i` of the input becomes axis `axes[i]` of the result; axes of length 1 and new axes are repeated.
    pub struct BroadcastInDim = "broadcast_in_dim" {
        /// The shape of the result.
        shape: Shape,
        /// Where each input axis goes.
        axes: Vec<usize>,
    }
}

impl Primitive for BroadcastInDim {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x] = exactly(inputs)?;
        check_axes(&self.axes, self.shape.rank())?;
        let wrong = || {
            Error::value("shape")
                .expected(format_args!("one that broadcasts to {}", self.shape))
                .got(&x.shape)
        };
        if self.axes.len() != x.shape.rank() {
            return Err(wrong());
        }
        let fits = |(d, a): (&Dim, &usize)| *d == 1usize || d.fits(self.shape.dims()[*a]);
        if !x.shape.dims().iter().zip(&self.axes).all(fits) {
            return Err(wrong());
        }
        Ok(vec![x.with_shape(&self.shape)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x] = exactly(inputs)?;
        let shape = self.shape.concrete()?;
        let (from, to) = (strides(x.shape()), strides(&shape));
        // For each axis of the result: its stride, its length, and the stride in the input (0 where repeated).
        let mut step = vec![0; shape.len()];
        for (i, a) in self.axes.iter().enumerate() {
            step[*a] = if x.shape()[i] == 1 { 0 } else { from[i] };
        }
        let n: usize = shape.iter().product();
        let source = |i: usize| (0..shape.len()).map(|a| i / to[a] % shape[a] * step[a]).sum::<usize>();
        Ok(vec![with_element!(x.dtype(), T => {
            let v = x.as_slice::<T>()?;
            let out: Vec<T> = (0..n).map(|i| v[source(i)]).collect();
            Value::from_data(shape.clone(), T::wrap(Arc::new(out)))?
        })])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let x = cx.x(0).shape();
        let dims = x.dims();
        let grown = |i: usize| dims[i] == 1usize && self.shape.dims()[self.axes[i]] != 1usize;
        let kept: Vec<usize> = (0..dims.len()).filter(|i| !grown(*i)).map(|i| self.axes[i]).collect();
        let summed: Vec<usize> = (0..self.shape.rank()).filter(|a| !kept.contains(a)).collect();
        let sum = if summed.is_empty() { cx.ct() } else { cx.ct().sum(&summed) };
        // Axes that were permuted come back in order, axes of length 1 come back as such.
        let mut order: Vec<usize> = (0..kept.len()).collect();
        order.sort_by_key(|i| kept[*i]);
        let mut inverse = vec![0; kept.len()];
        order.iter().enumerate().for_each(|(to, from)| inverse[*from] = to);
        let sum = if inverse.is_sorted() { sum } else { sum.transpose(&inverse) };
        vec![Some(if summed.is_empty() && inverse.is_sorted() { sum } else { sum.reshape(x) })]
    }
}

impl Tensor {
    /// Repeats axes of length 1 and adds axes in front until the shape is reached (NumPy's rule).
    pub fn broadcast_to(&self, shape: impl Into<Shape>) -> Tensor {
        let shape = shape.into();
        if self.check().is_ok() && self.shape() == shape {
            return self.clone();
        }
        let Some(first) = shape.rank().checked_sub(self.rank()) else {
            return Tensor::failed(Error::value("broadcast").expected(shape).got(self.shape()));
        };
        let axes = (first..shape.rank()).collect();
        Tensor::apply(BroadcastInDim { shape, axes }, &[self])
    }

    /// Places the axes at `axes` of a larger shape and repeats along the others.
    pub fn broadcast_in_dim(&self, shape: impl Into<Shape>, axes: &[usize]) -> Tensor {
        Tensor::apply(BroadcastInDim { shape: shape.into(), axes: axes.to_vec() }, &[self])
    }

    /// Both tensors in their common shape.
    pub(crate) fn broadcast_with(&self, other: &Tensor) -> Result<(Tensor, Tensor)> {
        let (a, b) = (self.check()?.shape(), other.check()?.shape());
        let shape = a.broadcast(&b).ok_or_else(|| {
            Error::value("broadcast").expected("shapes that broadcast").got(format_args!("{a} and {b}"))
        })?;
        let _entered = (self.enter_trace(), other.enter_trace());
        Ok((self.broadcast_to(&shape), other.broadcast_to(&shape)))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        for (from, to) in
            [(&[3][..], &[2, 3][..]), (&[2, 1, 3], &[2, 4, 3]), (&[], &[2]), (&[1, 1], &[2, 3]), (&[1], &[1])]
        {
            check_gradient("broadcast", |x| x[0].broadcast_to(to), &[(from, (-1.0, 1.0))]);
        }
        check_gradient("permuted", |x| x[0].broadcast_in_dim([3, 4, 2], &[2, 0]), &[(&[2, 3], (-1.0, 1.0))]);
    }
}
