//! Arithmetic of two tensors, or of a tensor and a number.

use super::elementwise::counted;
use crate::ops;
use crate::ops::operand::{Operand, together, together_float};
use addax_core::ops::Reduction;
use addax_core::{DType, Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.numpy";

    /// `x1 + x2`
    Add add(x1: Operand, x2: Operand) = pair(&x1, &x2, Tensor::add);
    /// `x1 - x2`
    Subtract subtract(x1: Operand, x2: Operand) = pair(&x1, &x2, Tensor::subtract);
    /// `x1 · x2`
    Multiply multiply(x1: Operand, x2: Operand) = pair(&x1, &x2, Tensor::multiply);
    /// `x1 / x2`; the quotient of integers is a float.
    Divide divide(x1: Operand, x2: Operand) = float_pair(&x1, &x2, Tensor::divide);
    /// `x1 / x2`; the quotient of integers is a float.
    TrueDivide true_divide(x1: Operand, x2: Operand) = float_pair(&x1, &x2, Tensor::divide);
    /// `x1 / x2`, and 0 where `x2` is 0.
    DivideNoNan divide_no_nan(x1: Operand, x2: Operand) = float_pair(&x1, &x2, divide_or_zero);
    /// The largest whole number not above `x1 / x2`.
    FloorDivide floor_divide(x1: Operand, x2: Operand) = counted_pair(&x1, &x2, floor_quotient);
    /// The remainder of `x1 / x2` with the sign of `x2`.
    Mod mod_(x1: Operand, x2: Operand) = counted_pair(&x1, &x2, floor_remainder);
    /// The remainder of `x1 / x2` with the sign of `x1`.
    Fmod fmod(x1: Operand, x2: Operand) = counted_pair(&x1, &x2, truncated_remainder);
    /// `x1` to the power `x2`.
    Power power(x1: Operand, x2: Operand) = counted_pair(&x1, &x2, Tensor::power);
    /// The larger of two; NaN if either is.
    Maximum maximum(x1: Operand, x2: Operand) = pair(&x1, &x2, Tensor::maximum);
    /// The smaller of two; NaN if either is.
    Minimum minimum(x1: Operand, x2: Operand) = pair(&x1, &x2, Tensor::minimum);
    /// The larger of two; a NaN gives way to the other.
    Fmax fmax(x1: Operand, x2: Operand) = pair(&x1, &x2, |a, b| or_other(a, b, Tensor::maximum));
    /// The smaller of two; a NaN gives way to the other.
    Fmin fmin(x1: Operand, x2: Operand) = pair(&x1, &x2, |a, b| or_other(a, b, Tensor::minimum));
    /// The angle of the point `(x2, x1)`, from -π to π.
    Arctan2 arctan2(x1: Operand, x2: Operand) = float_pair(&x1, &x2, Tensor::atan2);
    /// `√(x1² + x2²)`, without overflow on the way.
    Hypot hypot(x1: Operand, x2: Operand) = float_pair(&x1, &x2, hypotenuse);
    /// `log(exp(x1) + exp(x2))`, without overflow on the way.
    Logaddexp logaddexp(x1: Operand, x2: Operand) = float_pair(&x1, &x2, |a, b| log_sum(a, b, 1.0));
    /// `log₂(2^x1 + 2^x2)`, without overflow on the way.
    Logaddexp2 logaddexp2(x1: Operand, x2: Operand) =
        float_pair(&x1, &x2, |a, b| log_sum(a, b, std::f64::consts::LN_2));
    /// 0 where `x1` is negative, 1 where it is positive, `x2` where it is 0.
    Heaviside heaviside(x1: Operand, x2: Operand) = float_pair(&x1, &x2, step);
    /// `x1 · 2^x2` for whole numbers `x2`.
    Ldexp ldexp(x1: Operand, x2: Operand) = scaled(&x1, &x2);
}

fn pair(x1: &Operand, x2: &Operand, f: impl Fn(&Tensor, &Tensor) -> Tensor) -> Tensor {
    let [a, b] = together([x1, x2]);
    f(&a, &b)
}

/// Truth values count as int32.
fn counted_pair(x1: &Operand, x2: &Operand, f: impl Fn(&Tensor, &Tensor) -> Tensor) -> Tensor {
    pair(x1, x2, |a, b| f(&counted(a), &counted(b)))
}

fn float_pair(x1: &Operand, x2: &Operand, f: impl Fn(&Tensor, &Tensor) -> Tensor) -> Tensor {
    let [a, b] = together_float([x1, x2]);
    f(&a, &b)
}

fn divide_or_zero(a: &Tensor, b: &Tensor) -> Tensor {
    let none = b.equal(&b.filled(0.0));
    let quotient = a.divide(&none.select(&b.filled(1.0), b));
    none.select(&quotient.filled(0.0), &quotient)
}

/// The truncated remainder, that by a whole 0 being 0.
fn truncated_remainder(a: &Tensor, b: &Tensor) -> Tensor {
    if b.dtype().is_float() {
        return a.remainder(b);
    }
    a.remainder(&b.equal(&b.filled(0.0)).select(&b.filled(1.0), b))
}

/// The remainder with the sign of the divisor: the truncated one, moved by the divisor where the signs differ.
pub(in crate::ops) fn floor_remainder(a: &Tensor, b: &Tensor) -> Tensor {
    let r = truncated_remainder(a, b);
    let zero = Tensor::constant(r.dtype(), 0.0);
    let across = r.lt(&zero).not_equal(&b.lt(&zero)).and(&r.not_equal(&zero));
    across.select(&(&r + b), &r)
}

/// `(a - remainder) / b`, which is whole but for rounding. What whole numbers divided by 0 give is what XLA gives.
fn floor_quotient(a: &Tensor, b: &Tensor) -> Tensor {
    let none = b.equal(&b.filled(0.0));
    if b.dtype().is_float() {
        let rest = floor_remainder(a, b);
        return none.select(a, &(a - rest)).divide(b).round();
    }
    let quotient = (a - floor_remainder(a, b)).divide(&none.select(&b.filled(1.0), b));
    let least = match b.dtype() {
        DType::U8 | DType::U32 => a.filled(Reduction::Min.identity(a.dtype())),
        _ => a.equal(&a.filled(0.0)).select(&a.filled(-1.0), &a.filled(-2.0)),
    };
    none.select(&least, &quotient)
}

fn or_other(a: &Tensor, b: &Tensor, f: impl Fn(&Tensor, &Tensor) -> Tensor) -> Tensor {
    if !a.dtype().is_float() {
        return f(a, b);
    }
    a.is_nan().select(b, &b.is_nan().select(a, &f(a, b)))
}

fn hypotenuse(a: &Tensor, b: &Tensor) -> Tensor {
    let (a, b) = (a.abs(), b.abs());
    let (large, small) = (a.maximum(&b), a.minimum(&b));
    let zero = large.equal(&large.filled(0.0));
    let infinite = large.equal(&large.filled(f64::INFINITY));
    let ratio = small.divide(&zero.or(&infinite).select(&large.filled(1.0), &large));
    let length = &large * (ratio.square() + 1.0).sqrt();
    infinite.select(&large, &zero.select(&large, &length))
}

/// `log(exp(a·unit) + exp(b·unit)) / unit`; where both are infinite their sum says it.
fn log_sum(a: &Tensor, b: &Tensor, unit: f64) -> Tensor {
    let delta = a - b;
    let smooth = a.maximum(b) + (delta.abs() * -unit).exp().log1p() / unit;
    delta.is_nan().select(&(a + b), &smooth)
}

fn step(a: &Tensor, b: &Tensor) -> Tensor {
    let zero = Tensor::constant(a.dtype(), 0.0);
    let sides = a.gt(&zero).cast(a.dtype());
    let known = a.equal(&zero).select(b, &sides);
    a.is_nan().select(a, &known)
}

fn scaled(x1: &Operand, x2: &Operand) -> Result<Tensor> {
    let power = x2.strong();
    if !power.dtype().is_int() {
        return Err(Error::type_("x2").expected("whole numbers").got(power.dtype()));
    }
    let [a] = together_float([x1]);
    Ok(&a * Tensor::constant(a.dtype(), 2.0).power(&power.cast(a.dtype())))
}
