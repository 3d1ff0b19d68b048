//! Functions of one tensor, element by element. Integers and truth values become float32 where the result is no
//! whole number.

use crate::ops;
use crate::ops::operand::{Operand, float, together};
use addax_core::{DType, Tensor};
use std::f64::consts::{LN_2, LN_10, PI};

ops! {
    table TABLE in "keras.src.ops.numpy";

    /// `|x|`
    Absolute absolute(x: Tensor) = magnitude(&x);
    /// `|x|`
    Abs abs(x: Tensor) = magnitude(&x);
    /// `|x|` as a float.
    Fabs fabs(x: Tensor) = float(&x).abs();
    /// `-x`
    Negative negative(x: Tensor) = x.negate();
    /// -1, 0 or 1.
    Sign sign(x: Tensor) = if x.dtype() == DType::Bool { x } else { x.sign() };
    /// `x²`
    Square square(x: Tensor) = counted(&x).square();
    /// `√x`
    Sqrt sqrt(x: Tensor) = float(&x).sqrt();
    /// The cube root.
    Cbrt cbrt(x: Tensor) = float(&x).cbrt();
    /// `1 / x`
    Reciprocal reciprocal(x: Tensor) = float(&x).reciprocal();
    /// `eˣ`
    Exp exp(x: Tensor) = float(&x).exp();
    /// `2ˣ`
    Exp2 exp2(x: Tensor) = (float(&x) * LN_2).exp();
    /// `eˣ - 1`, exact near 0.
    Expm1 expm1(x: Tensor) = float(&x).expm1();
    /// The natural logarithm.
    Log log(x: Tensor) = float(&x).log();
    /// The logarithm to base 10.
    Log10 log10(x: Tensor) = float(&x).log() / LN_10;
    /// `log(1 + x)`, exact near 0.
    Log1p log1p(x: Tensor) = float(&x).log1p();
    /// The logarithm to base 2.
    Log2 log2(x: Tensor) = float(&x).log() / LN_2;
    /// Sine.
    Sin sin(x: Tensor) = float(&x).sin();
    /// Cosine.
    Cos cos(x: Tensor) = float(&x).cos();
    /// Tangent.
    Tan tan(x: Tensor) = float(&x).tan();
    /// Inverse sine.
    Arcsin arcsin(x: Tensor) = float(&x).asin();
    /// Inverse cosine.
    Arccos arccos(x: Tensor) = float(&x).acos();
    /// Inverse tangent.
    Arctan arctan(x: Tensor) = float(&x).atan();
    /// Hyperbolic sine.
    Sinh sinh(x: Tensor) = float(&x).sinh();
    /// Hyperbolic cosine.
    Cosh cosh(x: Tensor) = float(&x).cosh();
    /// Hyperbolic tangent.
    Tanh tanh(x: Tensor) = float(&x).tanh();
    /// Inverse hyperbolic sine.
    Arcsinh arcsinh(x: Tensor) = float(&x).asinh();
    /// Inverse hyperbolic cosine.
    Arccosh arccosh(x: Tensor) = float(&x).acosh();
    /// Inverse hyperbolic tangent.
    Arctanh arctanh(x: Tensor) = float(&x).atanh();
    /// `sin(πx) / (πx)`, 1 at 0.
    Sinc sinc(x: Tensor) = cardinal_sine(&float(&x));
    /// The modified Bessel function of the first kind, order 0.
    I0 i0(x: Tensor) = bessel_i0(&float(&x));
    /// Degrees to radians.
    Deg2rad deg2rad(x: Tensor) = float(&x) * (PI / 180.0);
    /// Radians to degrees.
    Rad2deg rad2deg(x: Tensor) = float(&x) * (180.0 / PI);
    /// The largest whole number not above.
    Floor floor(x: Tensor) = float(&x).floor();
    /// The smallest whole number not below.
    Ceil ceil(x: Tensor) = float(&x).ceil();
    /// The nearest whole number towards 0.
    Trunc trunc(x: Tensor) = truncated(&x);
    /// Rounded to so many decimals, halves to even.
    Round round(x: Tensor)[; decimals: isize = 0] = rounded(&x, decimals);
    /// Kept between two bounds, numbers or arrays.
    Clip clip(x: Tensor)[x_min: ops::Number, x_max: ops::Number] = between(&x, &x_min.0, &x_max.0);
    /// NaN and infinities as numbers: the largest and the least where none are given.
    NanToNum nan_to_num(x: Tensor) { nan: f64 = 0.0, posinf: Option<f64> = None, neginf: Option<f64> = None } =
        finite(&x, nan, posinf, neginf);
    /// The complex conjugate: the same for real numbers.
    Conjugate conjugate(x: Tensor) = x;
    /// The complex conjugate: the same for real numbers.
    Conj conj(x: Tensor) = x;
    /// The real part: the same for real numbers.
    Real real(x: Tensor) = x;
    /// The imaginary part: zeros for real numbers.
    Imag imag(x: Tensor) = x.filled(0.0);
    /// The angle of a number in the complex plane: 0, or π where it is negative.
    Angle angle(x: Tensor) = float(&x).filled(0.0).atan2(&float(&x));
    /// The same tensor.
    Copy copy(x: Tensor) = x;
}

/// Truth values as int32.
pub(in crate::ops) fn counted(x: &Tensor) -> Tensor {
    if x.dtype() == DType::Bool { x.cast(DType::I32) } else { x.clone() }
}

fn magnitude(x: &Tensor) -> Tensor {
    if x.dtype() == DType::Bool { x.clone() } else { x.abs() }
}

fn cardinal_sine(x: &Tensor) -> Tensor {
    let (zero, one) = (x.equal(&x.filled(0.0)), x.filled(1.0));
    let angle = zero.select(&one, x) * PI;
    zero.select(&one, &(angle.sin() / &angle))
}

/// Polynomials of Abramowitz and Stegun, 9.8.1 (|x| ≤ 3.75) and 9.8.2 (beyond): relative error under 2·10⁻⁷.
fn bessel_i0(x: &Tensor) -> Tensor {
    const NEAR: [f64; 7] = [1.0, 3.5156229, 3.0899424, 1.2067492, 0.2659732, 0.0360768, 0.0045813];
    const FAR: [f64; 9] = [
        0.39894228,
        0.01328592,
        0.00225319,
        -0.00157565,
        0.00916281,
        -0.02057706,
        0.02635537,
        -0.01647633,
        0.00392377,
    ];
    let size = x.abs();
    let near = polynomial(&(size.min_scalar(3.75) / 3.75).square(), &NEAR);
    let beyond = size.max_scalar(3.75);
    let far = beyond.exp() / beyond.sqrt() * polynomial(&(3.75 / &beyond), &FAR);
    size.lt_scalar(3.75).select(&near, &far)
}

/// `c₀ + c₁x + c₂x² + …` by Horner's rule.
pub(in crate::ops) fn polynomial(x: &Tensor, coefficients: &[f64]) -> Tensor {
    coefficients.iter().rev().fold(x.filled(0.0), |sum, c| sum * x + *c)
}

fn truncated(x: &Tensor) -> Tensor {
    if x.dtype().is_float() { x.sign() * x.abs().floor() } else { x.clone() }
}

fn rounded(x: &Tensor, decimals: isize) -> Tensor {
    let scale = 10f64.powi(decimals.unsigned_abs().min(400) as i32);
    match (x.dtype().is_float(), decimals) {
        (true, 0) => x.round(),
        (true, 1..) => (x * scale).round() / scale,
        (true, _) => (x / scale).round() * scale,
        (false, 0..) => x.clone(),
        (false, _) => ((float(x) / scale).round() * scale).cast(x.dtype()),
    }
}

fn between(x: &Tensor, low: &Operand, high: &Operand) -> Tensor {
    let [x, low, high] = together([&counted(x).into(), low, high]);
    x.maximum(&low).minimum(&high)
}

/// The largest finite number of a floating-point type.
pub(in crate::ops) fn largest(dtype: DType) -> f64 {
    match dtype {
        DType::F16 => 65504.0,
        DType::BF16 => 3.389_531_389_251_535_5e38,
        DType::F64 => f64::MAX,
        _ => f64::from(f32::MAX),
    }
}

fn finite(x: &Tensor, nan: f64, posinf: Option<f64>, neginf: Option<f64>) -> Tensor {
    if !x.dtype().is_float() {
        return x.clone();
    }
    let most = largest(x.dtype());
    let number = |t: f64| x.filled(t);
    let x = x.is_nan().select(&number(nan), x);
    let x = x.equal(&number(f64::INFINITY)).select(&number(posinf.unwrap_or(most)), &x);
    x.equal(&number(f64::NEG_INFINITY)).select(&number(neginf.unwrap_or(-most)), &x)
}
