//! `compare`: elementwise comparison, a bool tensor.

use super::{Op, Primitive, exactly, same_dtype};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::value::Value;
use crate::{DType, op_struct, with_element, word_enum};

word_enum! {
    /// Which comparison.
    pub enum Direction {
        /// a = b
        Eq = "EQ",
        /// a ≠ b
        Ne = "NE",
        /// a < b
        Lt = "LT",
        /// a ≤ b
        Le = "LE",
        /// a > b
        Gt = "GT",
        /// a ≥ b
        Ge = "GE",
    }
}

impl Direction {
    /// Whether it holds between two elements.
    pub fn holds<T: PartialOrd>(self, a: T, b: T) -> bool {
        match self {
            Direction::Eq => a == b,
            Direction::Ne => a != b,
            Direction::Lt => a < b,
            Direction::Le => a <= b,
            Direction::Gt => a > b,
            Direction::Ge => a >= b,
        }
    }
}

op_struct! {
    /// Compares two tensors of the same type; any comparison with NaN is false, but for `NE`.
    pub struct Compare = "compare" {
        /// Which comparison.
        direction: Direction,
    }
}

/// The shape of two inputs that must agree.
pub(crate) fn same_shape(a: &TensorType, b: &TensorType) -> Result<Shape> {
    let merged: Option<Vec<Dim>> = (a.shape.rank() == b.shape.rank())
        .then(|| a.shape.dims().iter().zip(b.shape.dims()).map(|(x, y)| x.merge(*y)).collect())
        .flatten();
    merged.map(Shape::from).ok_or_else(|| {
        Error::value("shapes")
            .expected("the same on both sides")
            .got(format_args!("{} and {}", a.shape, b.shape))
    })
}

impl Primitive for Compare {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [a, b] = exactly(inputs)?;
        same_dtype(a, b)?;
        Ok(vec![TensorType::new(DType::Bool, same_shape(a, b)?)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [a, b] = exactly(inputs)?;
        let out: Vec<bool> = with_element!(a.dtype(), T => {
            let holds = |(a, b): (&T, &T)| self.direction.holds(a, b);
            a.as_slice::<T>()?.iter().zip(b.as_slice::<T>()?).map(holds).collect()
        });
        Ok(vec![Value::new(a.shape(), out)?])
    }

    fn vjp(&self, _: &Vjp) -> Vec<Option<Tensor>> {
        vec![None, None]
    }
}

fn compare(direction: Direction, a: &Tensor, b: &Tensor) -> Tensor {
    Tensor::from_result(|| {
        let (a, b) = a.broadcast_with(b)?;
        Ok(Tensor::apply(Op::from(Compare { direction }), &[&a, &b]))
    })
}

impl Tensor {
    /// Where the two are equal.
    pub fn equal(&self, other: &Tensor) -> Tensor {
        compare(Direction::Eq, self, other)
    }

    /// Where the two differ.
    pub fn not_equal(&self, other: &Tensor) -> Tensor {
        compare(Direction::Ne, self, other)
    }

    /// Where this is less.
    pub fn lt(&self, other: &Tensor) -> Tensor {
        compare(Direction::Lt, self, other)
    }

    /// Where this is less or equal.
    pub fn le(&self, other: &Tensor) -> Tensor {
        compare(Direction::Le, self, other)
    }

    /// Where this is greater.
    pub fn gt(&self, other: &Tensor) -> Tensor {
        compare(Direction::Gt, self, other)
    }

    /// Where this is greater or equal.
    pub fn ge(&self, other: &Tensor) -> Tensor {
        compare(Direction::Ge, self, other)
    }

    /// Where this is greater than a number.
    pub fn gt_scalar(&self, x: f64) -> Tensor {
        self.gt(&Tensor::constant(self.dtype(), x))
    }

    /// Where this is less than a number.
    pub fn lt_scalar(&self, x: f64) -> Tensor {
        self.lt(&Tensor::constant(self.dtype(), x))
    }

    /// Where it is NaN.
    pub fn is_nan(&self) -> Tensor {
        self.not_equal(self)
    }

    /// Where it is neither NaN nor infinite.
    pub fn is_finite(&self) -> Tensor {
        self.abs().lt(&Tensor::constant(self.dtype(), f64::INFINITY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_compares_with_nan() {
        let x = Tensor::from(Value::from(vec![f32::NAN, 1.0, f32::INFINITY]));
        assert_eq!(x.is_nan().to_value().unwrap(), Value::from(vec![true, false, false]));
        assert_eq!(x.is_finite().to_value().unwrap(), Value::from(vec![false, true, false]));
        assert_eq!(x.ge(&x).to_value().unwrap(), Value::from(vec![false, true, true]));
    }
}
