//! `convert`: another element type.

use super::{Primitive, exactly};
use crate::error::Result;
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::tensor::Tensor;
use crate::value::Value;
use crate::{DType, op_struct};

op_struct! {
    /// The nearest numbers in another element type. Floats to integers truncate and saturate; to bool: not zero.
    pub struct Convert = "convert" {
        /// The element type of the result.
        dtype: DType,
    }
}

impl Primitive for Convert {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x] = exactly(inputs)?;
        Ok(vec![x.with_dtype(self.dtype)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x] = exactly(inputs)?;
        Ok(vec![x.cast(self.dtype)])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        vec![self.dtype.is_float().then(|| cx.ct().cast(cx.x(0).dtype()))]
    }
}

impl Tensor {
    /// The numbers in another element type; the tensor itself if it has that type already.
    pub fn cast(&self, dtype: DType) -> Tensor {
        if self.dtype() == dtype { self.clone() } else { Tensor::apply(Convert { dtype }, &[self]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_pass_through_float_types() {
        check_gradient("convert", |x| x[0].cast(DType::F64).cast(x[0].dtype()), &[(&[3], (-1.0, 1.0))]);
    }
}
