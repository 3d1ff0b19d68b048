//! `bitcast_convert`: the same bits read as another element type.

use super::{Primitive, exactly};
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::value::{Data, Value};
use crate::{bf16, f16, op_struct, with_element};

op_struct! {
    /// The same bits, least significant first, as elements of another type. A smaller type gets a last axis of its
    /// pieces; a larger one takes the last axis up.
    pub struct BitcastConvert = "bitcast_convert" {
        /// The element type of the result.
        dtype: DType,
    }
}

impl BitcastConvert {
    fn result(&self, from: DType, shape: &Shape) -> Result<Shape> {
        let (old, new) = (from.size(), self.dtype.size());
        let mut dims = shape.dims().to_vec();
        if old > new {
            dims.push(Dim::new(old / new));
        } else if new > old && !dims.pop().is_some_and(|last| last.fits(Dim::new(new / old))) {
            let wanted = format!("a last axis of {} for {}", new / old, self.dtype);
            return Err(Error::value("input").expected(wanted).got(shape));
        }
        Ok(dims.into())
    }
}

/// The bits of every element.
fn bits(x: &Value) -> Vec<u64> {
    let mask = u64::MAX >> (64 - 8 * x.dtype().size());
    match x.data() {
        Data::F16(v) => v.iter().map(|x| x.to_bits().into()).collect(),
        Data::BF16(v) => v.iter().map(|x| x.to_bits().into()).collect(),
        Data::F32(v) => v.iter().map(|x| x.to_bits().into()).collect(),
        Data::F64(v) => v.iter().map(|x| x.to_bits()).collect(),
        _ => x.to_i64().into_iter().map(|i| i as u64 & mask).collect(),
    }
}

/// Elements from their bits.
fn from_bits(dtype: DType, shape: Vec<usize>, bits: &[u64]) -> Result<Value> {
    let each = bits.iter();
    match dtype {
        DType::F16 => Value::new(shape, each.map(|b| f16::from_bits(*b as u16)).collect()),
        DType::BF16 => Value::new(shape, each.map(|b| bf16::from_bits(*b as u16)).collect()),
        DType::F32 => Value::new(shape, each.map(|b| f32::from_bits(*b as u32)).collect()),
        DType::F64 => Value::new(shape, each.map(|b| f64::from_bits(*b)).collect()),
        _ => {
            with_element!(dtype, T => Value::new(shape, each.map(|b| T::from_i64(*b as i64)).collect::<Vec<T>>()))
        }
    }
}

impl Primitive for BitcastConvert {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x] = exactly(inputs)?;
        Ok(vec![TensorType::new(self.dtype, self.result(x.dtype, &x.shape)?)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x] = exactly(inputs)?;
        let shape = self.result(x.dtype(), &x.shape().into())?.concrete()?;
        let (old, new, old_bits) = (x.dtype().size(), self.dtype.size(), bits(x));
        let new_bits: Vec<u64> = if old >= new {
            let pieces = old / new;
            old_bits.iter().flat_map(|b| (0..pieces).map(move |i| b >> (8 * new * i))).collect()
        } else {
            let whole = |pieces: &[u64]| pieces.iter().rev().fold(0, |all, b| all << (8 * old) | b);
            old_bits.chunks_exact(new / old).map(whole).collect()
        };
        Ok(vec![from_bits(self.dtype, shape, &new_bits)?])
    }

    fn vjp(&self, _: &Vjp) -> Vec<Option<Tensor>> {
        vec![None]
    }
}

impl Tensor {
    /// The same bits read as another element type; see [`BitcastConvert`].
    ///
    /// ```
    /// use addax_core::{DType, Tensor, Value};
    /// let one = Tensor::from(Value::from(vec![1f32]));
    /// assert_eq!(one.bitcast(DType::U32).to_value().unwrap(), Value::from(vec![0x3f80_0000u32]));
    /// ```
    pub fn bitcast(&self, dtype: DType) -> Tensor {
        Tensor::apply(BitcastConvert { dtype }, &[self])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_least_significant_first_and_go_back() {
        let x = Tensor::from(Value::from(vec![0x0102_0304i32, -1]));
        let pieces = x.bitcast(DType::U8).to_value().unwrap();
        assert_eq!(pieces, Value::new([2, 4], vec![4u8, 3, 2, 1, 255, 255, 255, 255]).unwrap());
        assert_eq!(Tensor::from(pieces).bitcast(DType::I32).to_value().unwrap(), x.to_value().unwrap());
        let halves = Tensor::from(Value::from(vec![-2.5f64])).bitcast(DType::F32);
        assert_eq!(halves.bitcast(DType::F64).to_value().unwrap(), Value::from(vec![-2.5f64]));
    }

    #[test]
    fn says_what_it_wanted() {
        let x = Tensor::full(DType::U8, [2, 3], 0.0);
        let e = x.bitcast(DType::F32).to_value().unwrap_err().to_string();
        assert_eq!(e, "bitcast_convert > input: expected a last axis of 4 for float32, got (2, 3)");
    }
}
