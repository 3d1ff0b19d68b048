//! `reverse`: axes turned around.

use super::{Primitive, check_axes, exactly};
use crate::error::Result;
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::tensor::Tensor;
use crate::value::{Stored, Value, strides};
use crate::walk::Walk;
use crate::{op_struct, with_element};
use std::sync::Arc;

op_struct! {
    /// The elements in the opposite order along `axes`.
    pub struct Reverse = "reverse" {
        /// Which axes.
        axes: Vec<usize>,
    }
}

impl Primitive for Reverse {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x] = exactly(inputs)?;
        check_axes(&self.axes, x.shape.rank())?;
        Ok(vec![x.clone()])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x] = exactly(inputs)?;
        let mut steps: Vec<isize> = strides(x.shape()).iter().map(|s| *s as isize).collect();
        let mut start = 0;
        for a in &self.axes {
            start += x.shape()[*a].saturating_sub(1) * steps[*a] as usize;
            steps[*a] = -steps[*a];
        }
        let walk = Walk::from(start, x.shape(), steps);
        Ok(vec![with_element!(x.dtype(), T => {
            let v = x.as_slice::<T>()?;
            Value::from_data(x.shape().to_vec(), T::wrap(Arc::new(walk.map(|i| v[i]).collect())))?
        })])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        vec![Some(cx.ct().reverse(&self.axes))]
    }
}

impl Tensor {
    /// The elements in the opposite order along the axes.
    ///
    /// ```
    /// use addax_core::{Tensor, Value};
    /// let x = Tensor::from(Value::new([2, 2], vec![1i32, 2, 3, 4]).unwrap());
    /// assert_eq!(x.reverse(&[1]).to_value().unwrap(), Value::new([2, 2], vec![2i32, 1, 4, 3]).unwrap());
    /// ```
    pub fn reverse(&self, axes: &[usize]) -> Tensor {
        if axes.is_empty() {
            return self.clone();
        }
        Tensor::apply(Reverse { axes: axes.to_vec() }, &[self])
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        check_gradient("reverse", |x| x[0].reverse(&[2, 0]), &[(&[2, 3, 4], (-1.0, 1.0))]);
    }
}
