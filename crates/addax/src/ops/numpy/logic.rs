//! Comparisons, logic and tests: truth values as results.

use crate::ops;
use crate::ops::operand::{Operand, float, together};
use addax_core::{DType, Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.numpy";

    /// Where the two are equal.
    Equal equal(x1: Operand, x2: Operand) = compare(&x1, &x2, Tensor::equal);
    /// Where the two differ.
    NotEqual not_equal(x1: Operand, x2: Operand) = compare(&x1, &x2, Tensor::not_equal);
    /// Where `x1 < x2`.
    Less less(x1: Operand, x2: Operand) = compare(&x1, &x2, Tensor::lt);
    /// Where `x1 ≤ x2`.
    LessEqual less_equal(x1: Operand, x2: Operand) = compare(&x1, &x2, Tensor::le);
    /// Where `x1 > x2`.
    Greater greater(x1: Operand, x2: Operand) = compare(&x1, &x2, Tensor::gt);
    /// Where `x1 ≥ x2`.
    GreaterEqual greater_equal(x1: Operand, x2: Operand) = compare(&x1, &x2, Tensor::ge);
    /// Where both hold; any number but 0 holds.
    LogicalAnd logical_and(x1: Operand, x2: Operand) = truth(&x1.strong()).and(&truth(&x2.strong()));
    /// Where one holds; any number but 0 holds.
    LogicalOr logical_or(x1: Operand, x2: Operand) = truth(&x1.strong()).or(&truth(&x2.strong()));
    /// Where exactly one holds; any number but 0 holds.
    LogicalXor logical_xor(x1: Operand, x2: Operand) = truth(&x1.strong()).xor(&truth(&x2.strong()));
    /// Where it does not hold; any number but 0 holds.
    LogicalNot logical_not(x: Tensor) = truth(&x).not();
    /// Where it is neither NaN nor infinite.
    Isfinite isfinite(x: Tensor) = float(&x).is_finite();
    /// Where it is infinite.
    Isinf isinf(x: Tensor) = float(&x).abs().equal(&float(&x).filled(f64::INFINITY));
    /// Where it is NaN.
    Isnan isnan(x: Tensor) = x.is_nan();
    /// Where it is -∞.
    Isneginf isneginf(x: Tensor) = float(&x).equal(&float(&x).filled(f64::NEG_INFINITY));
    /// Where it is ∞.
    Isposinf isposinf(x: Tensor) = float(&x).equal(&float(&x).filled(f64::INFINITY));
    /// Where it is real: everywhere.
    Isreal isreal(x: Tensor) = Tensor::full(DType::Bool, x.shape(), 1.0);
    /// Where the sign is minus, that of -0 among them.
    Signbit signbit(x: Tensor) = sign_bit(&x);
    /// Where `|x1 - x2| ≤ atol + rtol · |x2|`.
    Isclose isclose(x1: Operand, x2: Operand; rtol: f64 = 1e-5, atol: f64 = 1e-8) { equal_nan: bool = false } =
        close(&x1, &x2, rtol, atol, equal_nan);
    /// Whether all elements are close; see [`isclose`].
    AllClose allclose(x1: Operand, x2: Operand) { rtol: f64 = 1e-5, atol: f64 = 1e-8, equal_nan: bool = false } =
        whole(&close(&x1, &x2, rtol, atol, equal_nan));
    /// Where an element is one of those of `x2`.
    IsIn isin(x1: Operand, x2: Operand) { assume_unique: bool = false, invert: bool = false } =
        member(&x1, &x2, invert);
    /// `x1` where the condition holds, `x2` elsewhere; the three broadcast.
    Where where_(condition: Tensor, x1: Option<Operand> = None, x2: Option<Operand> = None) = choose(&condition, x1, x2);
    /// Bitwise and.
    BitwiseAnd bitwise_and(x: Operand, y: Operand) = compare(&x, &y, Tensor::and);
    /// Bitwise or.
    BitwiseOr bitwise_or(x: Operand, y: Operand) = compare(&x, &y, Tensor::or);
    /// Bitwise exclusive or.
    BitwiseXor bitwise_xor(x: Operand, y: Operand) = compare(&x, &y, Tensor::xor);
    /// All bits turned.
    BitwiseNot bitwise_not(x: Tensor) = x.not();
    /// All bits turned.
    BitwiseInvert bitwise_invert(x: Tensor) = x.not();
    /// Bits moved to the left.
    BitwiseLeftShift bitwise_left_shift(x: Operand, y: Operand) = compare(&x, &y, Tensor::shift_left);
    /// Bits moved to the left.
    LeftShift left_shift(x: Operand, y: Operand) = compare(&x, &y, Tensor::shift_left);
    /// Bits moved to the right, the sign coming in.
    BitwiseRightShift bitwise_right_shift(x: Operand, y: Operand) = compare(&x, &y, shift_right);
    /// Bits moved to the right, the sign coming in.
    RightShift right_shift(x: Operand, y: Operand) = compare(&x, &y, shift_right);
}

fn compare(a: &Operand, b: &Operand, f: impl Fn(&Tensor, &Tensor) -> Tensor) -> Tensor {
    let [a, b] = together([a, b]);
    f(&a, &b)
}

/// Where a tensor is not 0.
pub(in crate::ops) fn truth(x: &Tensor) -> Tensor {
    if x.dtype() == DType::Bool { x.clone() } else { x.not_equal(&x.filled(0.0)) }
}

fn whole(x: &Tensor) -> Tensor {
    x.reduce(addax_core::ops::Reduction::And, &(0..x.rank()).collect::<Vec<_>>())
}

fn sign_bit(x: &Tensor) -> Tensor {
    let negative = |t: &Tensor| t.lt(&t.filled(0.0));
    match x.dtype() {
        DType::Bool => x.xor(x),
        d if d.is_float() => negative(x).or(&x.equal(&x.filled(0.0)).and(&negative(&x.reciprocal()))),
        _ => negative(x),
    }
}

fn close(x1: &Operand, x2: &Operand, rtol: f64, atol: f64, equal_nan: bool) -> Tensor {
    let [a, b] = together([x1, x2]);
    let (a, b) = (float(&a), float(&b));
    let near = (&a - &b).abs().le(&(b.abs() * rtol + atol));
    // The difference of infinities says nothing: they are close only to themselves.
    let near = a.is_finite().and(&b.is_finite()).and(&near).or(&a.equal(&b));
    if equal_nan { near.or(&a.is_nan().and(&b.is_nan())) } else { near }
}

fn member(x1: &Operand, x2: &Operand, invert: bool) -> Tensor {
    let [a, b] = together([x1, x2]);
    let found = a.expand_dims(-1).equal(&crate::ops::ravel(&b));
    let found = found.reduce(addax_core::ops::Reduction::Or, &[a.rank()]);
    if invert { found.not() } else { found }
}

fn choose(condition: &Tensor, x1: Option<Operand>, x2: Option<Operand>) -> Result<Tensor> {
    let (Some(x1), Some(x2)) = (x1, x2) else {
        return Err(Error::value("where").expected("x1 and x2").hint("For the places alone ask nonzero."));
    };
    let [a, b] = together([&x1, &x2]);
    Ok(truth(condition).select(&a, &b))
}

fn shift_right(a: &Tensor, b: &Tensor) -> Tensor {
    if matches!(a.dtype(), DType::U8 | DType::U32) {
        a.shift_right_logical(b)
    } else {
        a.shift_right_arithmetic(b)
    }
}
