//! Random numbers in graphs: pure functions of a key, a counter and the element's index.
//!
//! Element `i` of a draw is word `i % 4` of Philox4x32-10 applied to the counter words
//! `(i / 4 low, i / 4 high, counter[0], counter[1])` under `key`; see [`crate::rng`]. Any backend that follows this
//! rule draws the same numbers.

use super::{Primitive, exactly};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::op_struct;
use crate::rng::{bits_at, unit_f32};
use crate::shape::Shape;
use crate::tensor::Tensor;
use crate::value::Value;

op_struct! {
    /// Uniform numbers in [0, 1) with 24 random bits each, from `key: u32[2]` and `counter: u32[2]`.
    pub struct RandomUniform = "random_uniform" {
        /// The shape of the result.
        shape: Shape,
    }
}

impl Primitive for RandomUniform {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let pair = TensorType::new(DType::U32, [2]);
        for x in exactly::<_, 2>(inputs)? {
            if *x != pair {
                return Err(Error::value("key and counter").expected(&pair).got(x));
            }
        }
        Ok(vec![TensorType::new(DType::F32, &self.shape)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [key, counter] = exactly(inputs)?;
        let pair = |v: &Value| v.as_slice::<u32>().map(|s| [s[0], s[1]]);
        let (key, counter) = (pair(key)?, pair(counter)?);
        let shape = self.shape.concrete()?;
        let n: usize = shape.iter().product();
        let draw = |i: usize| unit_f32(bits_at(key, counter, i as u64));
        Ok(vec![Value::new(shape, (0..n).map(draw).collect::<Vec<f32>>())?])
    }

    fn vjp(&self, _: &Vjp) -> Vec<Option<Tensor>> {
        vec![None, None]
    }
}

impl Tensor {
    /// Uniform numbers in [0, 1) from a key and a counter, each `u32[2]`.
    ///
    /// ```
    /// use addax_core::{Tensor, Value};
    /// let pair = |a, b| Tensor::from(Value::from(vec![a, b as u32]));
    /// let x = Tensor::random_uniform(&pair(1, 2), &pair(3, 4), [5]).to_value().unwrap();
    /// assert!(x.to_f64().iter().all(|u| (0.0..1.0).contains(u)));
    /// ```
    pub fn random_uniform(key: &Tensor, counter: &Tensor, shape: impl Into<Shape>) -> Tensor {
        Tensor::apply(RandomUniform { shape: shape.into() }, &[key, counter])
    }
}
