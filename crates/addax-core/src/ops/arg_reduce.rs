//! `arg_reduce`: where the largest or smallest element along an axis is.

use super::wide::{Wide, with_wide};
use super::{Primitive, Reduction, check_axes, exactly};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::op_struct;
use crate::tensor::Tensor;
use crate::value::Value;

op_struct! {
    /// The place (int32) of the largest or smallest element along `axis`, the first among equals; the axis disappears.
    /// NaN counts as the largest and the smallest.
    pub struct ArgReduce = "arg_reduce" {
        /// Maximum or minimum.
        kind: Reduction,
        /// Along which axis.
        axis: usize,
    }
}

impl Primitive for ArgReduce {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x] = exactly(inputs)?;
        if !matches!(self.kind, Reduction::Max | Reduction::Min) {
            return Err(Error::value("kind").expected("maximum or minimum").got(self.kind.word()));
        }
        check_axes(&[self.axis], x.shape.rank())?;
        let mut dims = x.shape.dims().to_vec();
        if dims.remove(self.axis) == 0usize {
            return Err(Error::value("input").expected("at least 1 element along the axis").got(&x.shape));
        }
        Ok(vec![TensorType::new(DType::I32, dims)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x] = exactly(inputs)?;
        let n = x.shape()[self.axis];
        let inner: usize = x.shape()[self.axis + 1..].iter().product();
        let mut shape = x.shape().to_vec();
        shape.remove(self.axis);
        let mut out = vec![0i32; shape.iter().product()];
        with_wide!(x.dtype(), T, W => {
            let blocks = x.as_slice::<T>()?.chunks_exact((n * inner).max(1));
            for (block, places) in blocks.zip(out.chunks_exact_mut(inner.max(1))) {
                let number = |i: i32, k: usize| W::of(block[i as usize * inner + k]);
                for i in 1..n as i32 {
                    for (k, place) in places.iter_mut().enumerate() {
                        if W::beats(self.kind, number(i, k), number(*place, k)) {
                            *place = i;
                        }
                    }
                }
            }
        });
        Ok(vec![Value::new(shape, out)?])
    }

    fn vjp(&self, _: &Vjp) -> Vec<Option<Tensor>> {
        vec![None]
    }
}

fn arg(x: &Tensor, kind: Reduction, axis: isize) -> Tensor {
    Tensor::from_result(|| {
        let axis = x.check()?.axis(axis)?;
        Ok(Tensor::apply(ArgReduce { kind, axis }, &[x]))
    })
}

impl Tensor {
    /// Where the largest element along an axis is, as int32.
    ///
    /// ```
    /// use addax_core::{Tensor, Value};
    /// let x = Tensor::from(Value::new([2, 2], vec![1f32, 5.0, 7.0, 7.0]).unwrap());
    /// assert_eq!(x.argmax(-1).to_value().unwrap(), Value::from(vec![1i32, 0]));
    /// ```
    pub fn argmax(&self, axis: isize) -> Tensor {
        arg(self, Reduction::Max, axis)
    }

    /// Where the smallest element along an axis is, as int32.
    pub fn argmin(&self, axis: isize) -> Tensor {
        arg(self, Reduction::Min, axis)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_among_equals_or_the_first_nan() {
        let x = Tensor::from(
            Value::new([2, 4], vec![2f32, 9.0, 9.0, 1.0, 3.0, f32::NAN, 0.0, f32::NAN]).unwrap(),
        );
        let places = |t: Tensor| t.to_value().unwrap().to_i64();
        assert_eq!(places(x.argmax(1)), [1, 1]);
        assert_eq!(places(x.argmin(1)), [3, 1]);
        assert_eq!(places(x.argmin(0)), [0, 1, 1, 1]);
    }

    #[test]
    fn says_what_it_wanted() {
        let x = Tensor::full(DType::F32, [2, 0], 0.0);
        let e = x.argmax(1).to_value().unwrap_err().to_string();
        assert_eq!(e, "arg_reduce > input: expected at least 1 element along the axis, got (2, 0)");
    }
}
