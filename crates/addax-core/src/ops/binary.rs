//! Elementwise ops of two tensors: one row each. The op wants equal shapes; the methods broadcast as NumPy does.

use super::{Attributes, Op, Primitive, exactly, same_dtype};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::tensor::Tensor;
use crate::value::{Stored, Value};
use crate::with_element;
use std::sync::Arc;

type Derivative = fn(&Tensor, &Tensor, &Tensor, &Tensor) -> Tensor;

/// A row of the table.
struct Row {
    name: &'static str,
    kinds: Kinds,
    domain: (f64, f64),
    eval: fn(f64, f64) -> f64,
    integer: fn(i64, i64) -> i64,
    /// The gradients by a and by b from (ct, a, b, y); `None` if zero wherever they exist.
    derivative: Option<(Derivative, Derivative)>,
}

/// Which element types an op takes.
#[derive(PartialEq)]
enum Kinds {
    Numbers,
    Floats,
    Integers,
    IntegersAndBool,
    All,
}

macro_rules! binary {
    ($($(#[doc = $doc:literal])* $variant:ident $method:ident $name:literal $kinds:ident ($lo:literal .. $hi:literal)
       = $eval:expr, int = $int:expr, d = $d:expr;)*) => {
        /// An elementwise op of two tensors of the same type.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Binary { $($(#[doc = $doc])* $variant),* }

        const ROWS: &[Row] = &[$(Row {
            name: $name, kinds: Kinds::$kinds, domain: ($lo, $hi), eval: $eval, integer: $int, derivative: $d,
        }),*];

        impl Binary {
            /// All of them.
            pub const ALL: &'static [Binary] = &[$(Binary::$variant),*];
        }

        impl Tensor {
            $($(#[doc = $doc])* pub fn $method(&self, other: &Tensor) -> Tensor {
                broadcast_apply(Binary::$variant, self, other)
            })*
        }
    };
}

binary! {
    /// Sum.
    Add add "add" All (-3.0 .. 3.0) = |a, b| a + b, int = i64::wrapping_add, d = Some((|ct, _, _, _| ct.clone(), |ct, _, _, _| ct.clone()));
    /// Difference.
    Subtract subtract "subtract" Numbers (-3.0 .. 3.0) = |a, b| a - b, int = i64::wrapping_sub,
        d = Some((|ct, _, _, _| ct.clone(), |ct, _, _, _| ct.negate()));
    /// Product.
    Multiply multiply "multiply" All (-3.0 .. 3.0) = |a, b| a * b, int = i64::wrapping_mul,
        d = Some((|ct, _, b, _| ct * b, |ct, a, _, _| ct * a));
    /// Quotient; integers truncate, and give -1 when divided by 0.
    Divide divide "divide" Numbers (0.3 .. 3.0) = |a, b| a / b, int = |a, b| if b == 0 { -1 } else { a.wrapping_div(b) },
        d = Some((|ct, _, b, _| ct / b, |ct, _, b, y| (ct * y / b).negate()));
    /// The larger; NaN if either is NaN. Equal numbers share the gradient.
    Maximum maximum "maximum" All (-3.0 .. 3.0) = |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.max(b) }, int = i64::max,
        d = Some((|ct, a, b, _| ct * larger_share(a, b), |ct, a, b, _| ct * larger_share(b, a)));
    /// The smaller; NaN if either is NaN. Equal numbers share the gradient.
    Minimum minimum "minimum" All (-3.0 .. 3.0) = |a, b| if a.is_nan() || b.is_nan() { f64::NAN } else { a.min(b) }, int = i64::min,
        d = Some((|ct, a, b, _| ct * larger_share(b, a), |ct, a, b, _| ct * larger_share(a, b)));
    /// a to the power b.
    Power power "power" Numbers (0.3 .. 3.0) = f64::powf, int = integer_power,
        d = Some((power_by_base, power_by_exponent));
    /// The remainder of a / b with the sign of a.
    Remainder remainder "remainder" Numbers (1.1 .. 1.9) = |a, b| a % b, int = |a, b| if b == 0 { a } else { a.wrapping_rem(b) },
        d = Some((|ct, _, _, _| ct.clone(), |ct, a, b, _| (ct * truncate(&(a / b))).negate()));
    /// The angle of the point (b, a).
    Atan2 atan2 "atan2" Floats (0.3 .. 3.0) = f64::atan2, int = |_, _| 0,
        d = Some((|ct, a, b, _| ct * b / (a * a + b * b), |ct, a, b, _| (ct * a / (a * a + b * b)).negate()));
    /// Logical and of bools, bitwise and of integers.
    And and "and" IntegersAndBool (0.0 .. 1.0) = |a, b| f64::from(a != 0.0 && b != 0.0), int = |a, b| a & b, d = None;
    /// Logical or of bools, bitwise or of integers.
    Or or "or" IntegersAndBool (0.0 .. 1.0) = |a, b| f64::from(a != 0.0 || b != 0.0), int = |a, b| a | b, d = None;
    /// Exclusive or.
    Xor xor "xor" IntegersAndBool (0.0 .. 1.0) = |a, b| f64::from((a != 0.0) != (b != 0.0)), int = |a, b| a ^ b, d = None;
    /// Shift to the left; 0 when the distance is out of range.
    ShiftLeft shift_left "shift_left" Integers (0.0 .. 1.0) = |a, _| a, int = |a, b| if (0..64).contains(&b) { a << b } else { 0 }, d = None;
    /// Shift to the right, zeros coming in.
    ShiftRightLogical shift_right_logical "shift_right_logical" Integers (0.0 .. 1.0) = |a, _| a,
        int = |a, b| if (0..64).contains(&b) { ((a as u64) >> b) as i64 } else { 0 }, d = None;
    /// Shift to the right, the sign coming in.
    ShiftRightArithmetic shift_right_arithmetic "shift_right_arithmetic" Integers (0.0 .. 1.0) = |a, _| a,
        int = |a, b| if (0..64).contains(&b) { a >> b } else { a >> 63 }, d = None;
}

/// 1 where a > b, ½ where they are equal, 0 elsewhere.
fn larger_share(a: &Tensor, b: &Tensor) -> Tensor {
    let (one, half) = (a.filled(1.0), a.filled(0.5));
    a.gt(b).select(&one, &a.equal(b).select(&half, &a.filled(0.0)))
}

/// b·a^(b-1), and 0 where b is 0 whatever the base.
fn power_by_base(ct: &Tensor, a: &Tensor, b: &Tensor, _: &Tensor) -> Tensor {
    let zero = b.filled(0.0);
    b.equal(&zero).select(&zero, &(ct * b * a.power(&(b - 1.0))))
}

/// y·ln a, and 0 where y is 0.
fn power_by_exponent(ct: &Tensor, a: &Tensor, _: &Tensor, y: &Tensor) -> Tensor {
    let zero = a.filled(0.0);
    let safe = a.gt(&zero).select(a, &a.filled(1.0));
    ct * y * safe.log()
}

fn truncate(x: &Tensor) -> Tensor {
    x.sign() * x.abs().floor()
}

fn integer_power(a: i64, b: i64) -> i64 {
    match u32::try_from(b) {
        Ok(b) => a.wrapping_pow(b),
        Err(_) if a == 1 => 1,
        Err(_) if a == -1 => {
            if b % 2 == 0 {
                1
            } else {
                -1
            }
        }
        Err(_) => 0,
    }
}

impl From<Binary> for Op {
    fn from(op: Binary) -> Op {
        Op::Binary(op)
    }
}

impl Binary {
    /// The name of the family; single ops go by their own names.
    pub const NAME: &'static str = "binary";

    fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// StableHLO's name.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The op of a name.
    pub fn named(name: &str) -> Option<Binary> {
        Binary::ALL.iter().copied().find(|op| op.name() == name)
    }

    /// Its value in double precision.
    pub fn eval_f64(self, a: f64, b: f64) -> f64 {
        (self.row().eval)(a, b)
    }

    /// Its value for integers.
    pub fn eval_i64(self, a: i64, b: i64) -> i64 {
        (self.row().integer)(a, b)
    }

    /// It has no attributes.
    pub fn attributes(&self) -> Attributes {
        Vec::new()
    }

    /// Never read by the family's name.
    pub fn from_attributes(_: &Attributes) -> Result<Binary> {
        Err(Error::value("an elementwise op goes by its own name"))
    }

    /// An interval on which it is smooth, for gradient checks.
    pub fn domain(self) -> (f64, f64) {
        self.row().domain
    }

    fn takes(self, d: DType) -> bool {
        match self.row().kinds {
            Kinds::Numbers => d != DType::Bool,
            Kinds::Floats => d.is_float(),
            Kinds::Integers => d.is_int(),
            Kinds::IntegersAndBool => !d.is_float(),
            Kinds::All => true,
        }
    }
}

impl Primitive for Binary {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [a, b] = exactly(inputs)?;
        same_dtype(a, b)?;
        if !self.takes(a.dtype) {
            return Err(Error::type_("element type").expected("one that it takes").got(a.dtype));
        }
        Ok(vec![a.with_shape(super::compare::same_shape(a, b)?)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [a, b] = exactly(inputs)?;
        let (row, dtype) = (self.row(), a.dtype());
        let shape = a.shape().to_vec();
        let logical = dtype == DType::Bool;
        let shift = match self {
            // A logical shift must not see the sign bits that widening brought in.
            Binary::ShiftRightLogical if dtype.size() < 8 => (1i64 << (8 * dtype.size())) - 1,
            _ => -1,
        };
        let result = with_element!(dtype, T => {
            let (a, b) = (a.as_slice::<T>()?, b.as_slice::<T>()?);
            use crate::Element;
            let doubles = dtype.is_float() || logical && matches!(self, Binary::Add | Binary::Multiply);
            let one = |(a, b): (&T, &T)| -> T {
                if doubles {
                    T::from_f64((row.eval)(a.to_f64(), b.to_f64()))
                } else {
                    T::from_i64((row.integer)(a.to_i64() & shift, b.to_i64()))
                }
            };
            Value::from_data(shape, T::wrap(Arc::new(a.iter().zip(b).map(one).collect::<Vec<T>>())))?
        });
        Ok(vec![result])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let Some((by_a, by_b)) = self.row().derivative else { return vec![None, None] };
        let ct = cx.ct();
        let rule = |i: usize, f: Derivative| cx.wanted[i].then(|| f(&ct, cx.x(0), cx.x(1), cx.y()));
        vec![rule(0, by_a), rule(1, by_b)]
    }
}

/// Broadcasts both to one shape, then applies.
fn broadcast_apply(op: Binary, a: &Tensor, b: &Tensor) -> Tensor {
    Tensor::from_result(|| {
        let (a, b) = a.broadcast_with(b)?;
        Ok(Tensor::apply(op, &[&a, &b]))
    })
}

macro_rules! operator {
    ($($op:ident $f:ident $method:ident;)*) => {$(
        impl std::ops::$op<&Tensor> for &Tensor {
            type Output = Tensor;
            fn $f(self, other: &Tensor) -> Tensor { Tensor::$method(self, other) }
        }
        impl std::ops::$op<Tensor> for Tensor {
            type Output = Tensor;
            fn $f(self, other: Tensor) -> Tensor { Tensor::$method(&self, &other) }
        }
        impl std::ops::$op<&Tensor> for Tensor {
            type Output = Tensor;
            fn $f(self, other: &Tensor) -> Tensor { Tensor::$method(&self, other) }
        }
        impl std::ops::$op<Tensor> for &Tensor {
            type Output = Tensor;
            fn $f(self, other: Tensor) -> Tensor { Tensor::$method(self, &other) }
        }
        impl std::ops::$op<f64> for &Tensor {
            type Output = Tensor;
            fn $f(self, other: f64) -> Tensor { Tensor::$method(self, &Tensor::constant(self.dtype(), other)) }
        }
        impl std::ops::$op<f64> for Tensor {
            type Output = Tensor;
            fn $f(self, other: f64) -> Tensor { Tensor::$method(&self, &Tensor::constant(self.dtype(), other)) }
        }
        impl std::ops::$op<&Tensor> for f64 {
            type Output = Tensor;
            fn $f(self, other: &Tensor) -> Tensor { Tensor::$method(&Tensor::constant(other.dtype(), self), other) }
        }
        impl std::ops::$op<Tensor> for f64 {
            type Output = Tensor;
            fn $f(self, other: Tensor) -> Tensor { Tensor::$method(&Tensor::constant(other.dtype(), self), &other) }
        }
    )*};
}
operator! { Add add add; Sub sub subtract; Mul mul multiply; Div div divide; Rem rem remainder; }

impl std::ops::Neg for &Tensor {
    type Output = Tensor;
    fn neg(self) -> Tensor {
        self.negate()
    }
}

impl std::ops::Neg for Tensor {
    type Output = Tensor;
    fn neg(self) -> Tensor {
        self.negate()
    }
}

impl Tensor {
    /// The larger of each element and a number.
    pub fn max_scalar(&self, x: f64) -> Tensor {
        self.maximum(&Tensor::constant(self.dtype(), x))
    }

    /// The smaller of each element and a number.
    pub fn min_scalar(&self, x: f64) -> Tensor {
        self.minimum(&Tensor::constant(self.dtype(), x))
    }

    /// Each element to the power of a number.
    pub fn powf(&self, x: f64) -> Tensor {
        self.power(&Tensor::constant(self.dtype(), x))
    }

    /// Each element kept within `[low, high]`.
    pub fn clip(&self, low: f64, high: f64) -> Tensor {
        self.max_scalar(low).min_scalar(high)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        for op in Binary::ALL.iter().filter(|op| op.row().derivative.is_some()) {
            let domain = op.domain();
            check_gradient(
                op.name(),
                |x| Tensor::apply(*op, &[&x[0], &x[1]]),
                &[(&[2, 3], domain), (&[2, 3], domain)],
            );
        }
    }

    #[test]
    fn methods_broadcast_as_numpy_does() {
        let a = Tensor::new(Value::new([2, 1], vec![1f32, 2.0]).unwrap());
        let b = Tensor::new(Value::from(vec![10f32, 20.0]));
        assert_eq!((a + b).to_value().unwrap(), Value::new([2, 2], vec![11f32, 21.0, 12.0, 22.0]).unwrap());
    }

    #[test]
    fn says_what_does_not_fit() {
        let a = Tensor::full(DType::F32, [2, 3], 0.0);
        let b = Tensor::full(DType::F32, [4], 0.0);
        let error = (a + b).to_value().unwrap_err().to_string();
        assert_eq!(error, "broadcast: expected shapes that broadcast, got (2, 3) and (4,)");
    }

    #[test]
    fn logical_shift_brings_in_zeros() {
        let x = Value::from(vec![-1i32]);
        let y = Op::from(Binary::ShiftRightLogical).eval(&[&x, &Value::from(vec![28i32])]).unwrap();
        assert_eq!(y[0], Value::from(vec![15i32]));
    }
}
