//! `select`: one of two tensors, element by element.

use super::compare::same_shape;
use super::{Primitive, exactly, same_dtype};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::tensor::Tensor;
use crate::value::{Stored, Value};
use crate::{DType, op_struct, with_element};
use std::sync::Arc;

op_struct! {
    /// `on_true` where the first input holds, `on_false` elsewhere; all of one shape.
    pub struct Select = "select" {}
}

impl Primitive for Select {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [p, a, b] = exactly(inputs)?;
        if p.dtype != DType::Bool {
            return Err(Error::type_("predicate").expected("bool").got(p.dtype));
        }
        same_dtype(a, b)?;
        let shape = same_shape(p, &a.with_shape(same_shape(a, b)?))?;
        Ok(vec![a.with_shape(shape)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [p, a, b] = exactly(inputs)?;
        let p = p.as_slice::<bool>()?;
        Ok(vec![with_element!(a.dtype(), T => {
            let (x, y) = (a.as_slice::<T>()?, b.as_slice::<T>()?);
            let out: Vec<T> = (0..p.len()).map(|i| if p[i] { x[i] } else { y[i] }).collect();
            Value::from_data(a.shape().to_vec(), T::wrap(Arc::new(out)))?
        })])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let (ct, p) = (cx.ct(), cx.x(0));
        let zero = ct.filled(0.0);
        vec![None, Some(p.select(&ct, &zero)), Some(p.select(&zero, &ct))]
    }
}

impl Tensor {
    /// `on_true` where this bool tensor holds, `on_false` elsewhere; the three broadcast together.
    pub fn select(&self, on_true: &Tensor, on_false: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let (a, b) = on_true.broadcast_with(on_false)?;
            let (p, a) = self.broadcast_with(&a)?;
            let b = b.broadcast_to(a.shape());
            Ok(Tensor::apply(Select {}, &[&p, &a, &b]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_flow_to_the_chosen_side() {
        let p = Tensor::from(Value::from(vec![true, false, true]));
        check_gradient(
            "select",
            |x| p.select(&x[0], &x[1]),
            &[(&[2, 3], (-1.0, 1.0)), (&[2, 3], (-1.0, 1.0))],
        );
    }
}
