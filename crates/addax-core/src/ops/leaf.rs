//! Ops that begin something: parameters, constants, counting; and the one that ends gradients.

use super::{AttributeValue, Primitive, exactly};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::op_struct;
use crate::shape::Shape;
use crate::tensor::Tensor;
use crate::value::{Stored, Value, strides};
use crate::with_element;
use std::sync::Arc;

op_struct! {
    /// An input of the graph. Its type is given where it is made.
    pub struct Parameter = "parameter" {
        /// Its place among the inputs.
        index: usize,
        /// Its name, for people.
        name: String,
    }
}

impl Primitive for Parameter {
    fn infer(&self, _: &[&TensorType]) -> Result<Vec<TensorType>> {
        Err(Error::value("a parameter is made by Trace::parameter"))
    }

    fn eval(&self, _: &[&Value]) -> Result<Vec<Value>> {
        Err(Error::value("a parameter has no value of its own"))
    }

    fn vjp(&self, _: &Vjp) -> Vec<Option<Tensor>> {
        Vec::new()
    }
}

op_struct! {
    /// Numbers that are part of the graph.
    pub struct Constant = "constant" {
        /// The numbers.
        value: Value,
    }
}

impl Primitive for Constant {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        exactly::<_, 0>(inputs)?;
        Ok(vec![TensorType::new(self.value.dtype(), self.value.shape())])
    }

    fn eval(&self, _: &[&Value]) -> Result<Vec<Value>> {
        Ok(vec![self.value.clone()])
    }

    fn vjp(&self, _: &Vjp) -> Vec<Option<Tensor>> {
        Vec::new()
    }
}

impl AttributeValue for Value {
    fn write(&self) -> String {
        // Floats as shortest text that reads back to the same bits.
        let numbers = if self.dtype().is_float() {
            self.to_f64().iter().map(|x| format!("{x:?}")).collect::<Vec<_>>()
        } else {
            self.to_i64().iter().map(i64::to_string).collect()
        };
        format!("[{},{},[{}]]", self.dtype().write(), self.shape().to_vec().write(), numbers.join(","))
    }

    fn read(text: &str) -> Result<Self> {
        let bad = || Error::value("constant").expected("[dtype,[shape],[numbers]]");
        let inner = text.trim().strip_prefix('[').and_then(|t| t.strip_suffix(']')).ok_or_else(bad)?;
        let (dtype, rest) = inner.split_once(',').ok_or_else(bad)?;
        let (shape, numbers) = <(Vec<usize>, Vec<String>)>::read(&format!("[{rest}]"))?;
        let dtype = DType::read(dtype)?;
        with_element!(dtype, T => {
            let parse = |s: &String| match (dtype.is_float(), s.trim().parse::<f64>(), s.trim().parse::<i64>()) {
                (true, Ok(x), _) => Ok(<T as crate::Element>::from_f64(x)),
                (false, _, Ok(n)) => Ok(<T as crate::Element>::from_i64(n)),
                _ => Err(bad()),
            };
            Value::from_data(shape, <T as Stored>::wrap(Arc::new(numbers.iter().map(parse).collect::<Result<Vec<T>>>()?)))
        })
    }
}

op_struct! {
    /// Counts 0, 1, 2, … along one axis.
    pub struct Iota = "iota" {
        /// The element type.
        dtype: DType,
        /// The shape of the result.
        shape: Shape,
        /// The axis that counts.
        axis: usize,
    }
}

impl Primitive for Iota {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        exactly::<_, 0>(inputs)?;
        super::check_axes(&[self.axis], self.shape.rank())?;
        Ok(vec![TensorType::new(self.dtype, &self.shape)])
    }

    fn eval(&self, _: &[&Value]) -> Result<Vec<Value>> {
        let shape = self.shape.concrete()?;
        let (stride, len) = (strides(&shape)[self.axis], shape[self.axis]);
        let n: usize = shape.iter().product();
        Ok(vec![with_element!(self.dtype, T => {
            let count = |i| <T as crate::Element>::from_i64((i / stride % len) as i64);
            Value::new(shape, (0..n).map(count).collect::<Vec<T>>())?
        })])
    }

    fn vjp(&self, _: &Vjp) -> Vec<Option<Tensor>> {
        Vec::new()
    }
}

op_struct! {
    /// The identity, through which no gradient flows.
    pub struct StopGradient = "stop_gradient" {}
}

impl Primitive for StopGradient {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x] = exactly(inputs)?;
        Ok(vec![x.clone()])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x] = exactly(inputs)?;
        Ok(vec![x.clone()])
    }

    fn vjp(&self, _: &Vjp) -> Vec<Option<Tensor>> {
        vec![None]
    }
}

impl Tensor {
    /// 0, 1, 2, … along `axis` of a tensor of the given shape.
    ///
    /// ```
    /// use addax_core::{DType, Tensor, Value};
    /// let t = Tensor::iota(DType::I32, [2, 2], 1).to_value().unwrap();
    /// assert_eq!(t, Value::new([2, 2], vec![0i32, 1, 0, 1]).unwrap());
    /// ```
    pub fn iota(dtype: DType, shape: impl Into<Shape>, axis: usize) -> Tensor {
        Tensor::apply(Iota { dtype, shape: shape.into(), axis }, &[])
    }

    /// The same numbers, as a constant for gradients.
    pub fn stop_gradient(&self) -> Tensor {
        Tensor::apply(StopGradient {}, &[self])
    }
}
