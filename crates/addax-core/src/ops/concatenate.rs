//! `concatenate`: tensors one after another along an axis.

use super::{Primitive, check_axes, same_dtype};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::value::{Stored, Value};
use crate::{op_struct, with_element};
use std::sync::Arc;

op_struct! {
    /// Tensors of the same type but for the length of one axis, one after another along it.
    pub struct Concatenate = "concatenate" {
        /// Along which axis.
        axis: usize,
    }
}

impl Primitive for Concatenate {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [first, rest @ ..] = inputs else {
            return Err(Error::value("inputs").expected("at least 1").got(0));
        };
        check_axes(&[self.axis], first.shape.rank())?;
        let mut dims = first.shape.dims().to_vec();
        for x in rest {
            same_dtype(first, x)?;
            let fits = |(i, (a, b)): (usize, (&Dim, &Dim))| i == self.axis || a.fits(*b);
            if x.shape.rank() != dims.len() || !dims.iter().zip(x.shape.dims()).enumerate().all(fits) {
                let shapes: Vec<&Shape> = inputs.iter().map(|t| &t.shape).collect();
                let wanted = format!("shapes that differ only along axis {}", self.axis);
                return Err(Error::value("shapes").expected(wanted).got(format_args!("{shapes:?}")));
            }
            for (i, (d, e)) in dims.iter_mut().zip(x.shape.dims()).enumerate() {
                *d = match (i == self.axis, d.known(), e.known()) {
                    (true, Some(a), Some(b)) => Dim::new(a + b),
                    (true, _, _) => Dim::UNKNOWN,
                    (false, _, _) => d.merge(*e).unwrap_or(*d),
                };
            }
        }
        Ok(vec![first.with_shape(dims)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let Some(first) = inputs.first() else {
            return Err(Error::value("inputs").expected("at least 1").got(0));
        };
        let mut shape = first.shape().to_vec();
        shape[self.axis] = inputs.iter().map(|v| v.shape()[self.axis]).sum();
        let outer: usize = shape[..self.axis].iter().product();
        Ok(vec![with_element!(first.dtype(), T => {
            let parts = inputs.iter().map(|v| v.as_slice::<T>()).collect::<Result<Vec<_>>>()?;
            let mut out: Vec<T> = Vec::with_capacity(shape.iter().product());
            for o in 0..outer {
                for part in &parts {
                    let width = part.len() / outer.max(1);
                    out.extend_from_slice(&part[o * width..(o + 1) * width]);
                }
            }
            Value::from_data(shape, T::wrap(Arc::new(out)))?
        })])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let (ct, mut at) = (cx.ct(), 0);
        let piece = |x: &Tensor| {
            let n = x.dim(self.axis as isize).known().unwrap_or(0);
            at += n;
            Some(ct.slice_axis(self.axis, at - n, at))
        };
        cx.inputs.iter().map(piece).collect()
    }
}

impl Tensor {
    /// Tensors one after another along `axis`.
    ///
    /// ```
    /// use addax_core::{DType, Tensor};
    /// let (a, b) = (Tensor::full(DType::F32, [2, 3], 0.0), Tensor::full(DType::F32, [2, 4], 0.0));
    /// assert_eq!(Tensor::concatenate(&[&a, &b], 1).shape().to_string(), "(2, 7)");
    /// ```
    pub fn concatenate(tensors: &[&Tensor], axis: usize) -> Tensor {
        match tensors {
            [one] => (*one).clone(),
            _ => Tensor::apply(Concatenate { axis }, tensors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        let d = (-1.0, 1.0);
        check_gradient(
            "concatenate",
            |x| Tensor::concatenate(&[&x[0], &x[1]], 1),
            &[(&[2, 1, 2], d), (&[2, 3, 2], d)],
        );
    }
}
