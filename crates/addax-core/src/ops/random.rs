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
use crate::value::{Stored, Value};

op_struct! {
    /// 32 random bits each, from `key: u32[2]` and `counter: u32[2]`.
    pub struct RandomBits = "random_bits" {
        /// The shape of the result.
        shape: Shape,
    }
}

/// Checks that both inputs are pairs.
fn check_pairs(inputs: &[&TensorType]) -> Result<()> {
    let pair = TensorType::new(DType::U32, [2]);
    match exactly::<_, 2>(inputs)?.into_iter().find(|x| **x != pair) {
        Some(x) => Err(Error::value("key and counter").expected(&pair).got(x)),
        None => Ok(()),
    }
}

/// The bits of each element, as what `f` makes of them.
fn drawn<T: Stored>(inputs: &[&Value], shape: &Shape, f: fn(u32) -> T) -> Result<Value> {
    let [key, counter] = exactly(inputs)?;
    let pair = |v: &Value| v.as_slice::<u32>().map(|s| [s[0], s[1]]);
    let (key, counter) = (pair(key)?, pair(counter)?);
    let shape = shape.concrete()?;
    let n: usize = shape.iter().product();
    Value::new(shape, (0..n).map(|i| f(bits_at(key, counter, i as u64))).collect())
}

impl Primitive for RandomBits {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        check_pairs(inputs)?;
        Ok(vec![TensorType::new(DType::U32, &self.shape)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        Ok(vec![drawn(inputs, &self.shape, |bits| bits)?])
    }

    fn vjp(&self, _: &Vjp) -> Vec<Option<Tensor>> {
        vec![None, None]
    }
}

op_struct! {
    /// Uniform numbers in [0, 1) with 24 random bits each, from `key: u32[2]` and `counter: u32[2]`.
    pub struct RandomUniform = "random_uniform" {
        /// The shape of the result.
        shape: Shape,
    }
}

impl Primitive for RandomUniform {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        check_pairs(inputs)?;
        Ok(vec![TensorType::new(DType::F32, &self.shape)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        Ok(vec![drawn(inputs, &self.shape, unit_f32)?])
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

    /// 32 random bits each from a key and a counter, each `u32[2]`.
    pub fn random_bits(key: &Tensor, counter: &Tensor, shape: impl Into<Shape>) -> Tensor {
        Tensor::apply(RandomBits { shape: shape.into() }, &[key, counter])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uniform_number_is_its_bits() {
        let pair = |a, b| Tensor::from(Value::from(vec![a, b]));
        let (key, counter) = (pair(7u32, 0), pair(0u32, 9));
        let bits = Tensor::random_bits(&key, &counter, [3, 2]).to_value().unwrap();
        assert_eq!(bits.as_slice::<u32>().unwrap()[5], bits_at([7, 0], [0, 9], 5));
        let uniform = Tensor::random_uniform(&key, &counter, [3, 2]).to_value().unwrap();
        assert_eq!(uniform.as_slice::<f32>().unwrap()[5], unit_f32(bits.as_slice::<u32>().unwrap()[5]));
    }

    #[test]
    fn says_what_it_wanted() {
        let x = Tensor::full(DType::F32, [2], 0.0);
        let e = Tensor::random_bits(&x, &x, [3]).to_value().unwrap_err().to_string();
        assert_eq!(e, "random_bits > key and counter: expected ui32[2], got f32[2]");
    }
}
