//! Elementwise ops of one tensor: one row each.

use super::{Attributes, Op, Primitive, exactly};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::numeric;
use crate::tensor::Tensor;
use crate::value::{Stored, Value};
use crate::with_element;
use std::sync::Arc;

/// A row of the table: names, the domain in which its gradient is smooth, evaluation and gradient.
struct Row {
    name: &'static str,
    domain: (f64, f64),
    eval: fn(f64) -> f64,
    /// For integers, where it means something.
    integer: Option<fn(i64) -> i64>,
    /// dy/dx from x and y; `None` if it is zero wherever it exists.
    derivative: Option<fn(&Tensor, &Tensor) -> Tensor>,
}

macro_rules! unary {
    ($($(#[doc = $doc:literal])* $variant:ident $method:ident $name:literal ($lo:literal .. $hi:literal) = $eval:expr,
       int = $int:expr, d = $d:expr;)*) => {
        /// An elementwise op of one tensor.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Unary { $($(#[doc = $doc])* $variant),* }

        const ROWS: &[Row] = &[$(Row {
            name: $name, domain: ($lo, $hi), eval: $eval, integer: $int, derivative: $d,
        }),*];

        impl Unary {
            /// All of them.
            pub const ALL: &'static [Unary] = &[$(Unary::$variant),*];
        }

        impl Tensor {
            $($(#[doc = $doc])* pub fn $method(&self) -> Tensor { Tensor::apply(Unary::$variant, &[self]) })*
        }
    };
}

unary! {
    /// Absolute value.
    Abs abs "abs" (0.1 .. 3.0) = f64::abs, int = Some(i64::wrapping_abs), d = Some(|x, _| x.sign());
    /// The negative.
    Negate negate "negate" (-3.0 .. 3.0) = |x| -x, int = Some(i64::wrapping_neg), d = Some(|x, _| x.filled(-1.0));
    /// -1, 0 or 1; NaN stays NaN.
    Sign sign "sign" (0.1 .. 3.0) = |x| if x.is_nan() || x == 0.0 { x } else { x.signum() }, int = Some(i64::signum), d = None;
    /// e to the power x.
    Exp exp "exponential" (-3.0 .. 3.0) = f64::exp, int = None, d = Some(|_, y| y.clone());
    /// e to the power x, minus 1, exact near 0.
    Expm1 expm1 "exponential_minus_one" (-3.0 .. 3.0) = f64::exp_m1, int = None, d = Some(|_, y| y + 1.0);
    /// Natural logarithm.
    Log log "log" (0.2 .. 4.0) = f64::ln, int = None, d = Some(|x, _| x.reciprocal());
    /// Natural logarithm of 1 + x, exact near 0.
    Log1p log1p "log_plus_one" (-0.8 .. 4.0) = f64::ln_1p, int = None, d = Some(|x, _| (x + 1.0).reciprocal());
    /// Square root. The gradient at 0 is infinite.
    Sqrt sqrt "sqrt" (0.2 .. 4.0) = f64::sqrt, int = None, d = Some(|_, y| 0.5 / y);
    /// One over the square root.
    Rsqrt rsqrt "rsqrt" (0.2 .. 4.0) = |x| 1.0 / x.sqrt(), int = None, d = Some(|x, y| y / x * -0.5);
    /// Cube root.
    Cbrt cbrt "cbrt" (0.2 .. 4.0) = f64::cbrt, int = None, d = Some(|_, y| (y * y * 3.0).reciprocal());
    /// Hyperbolic tangent.
    Tanh tanh "tanh" (-3.0 .. 3.0) = f64::tanh, int = None, d = Some(|_, y| 1.0 - y * y);
    /// 1 / (1 + exp(-x)).
    Logistic logistic "logistic" (-3.0 .. 3.0) = |x| 1.0 / (1.0 + (-x).exp()), int = None, d = Some(|_, y| y * (1.0 - y));
    /// Sine.
    Sin sin "sine" (-3.0 .. 3.0) = f64::sin, int = None, d = Some(|x, _| x.cos());
    /// Cosine.
    Cos cos "cosine" (-3.0 .. 3.0) = f64::cos, int = None, d = Some(|x, _| x.sin().negate());
    /// Tangent.
    Tan tan "tan" (-1.2 .. 1.2) = f64::tan, int = None, d = Some(|_, y| y * y + 1.0);
    /// Inverse sine.
    Asin asin "asin" (-0.8 .. 0.8) = f64::asin, int = None, d = Some(|x, _| (1.0 - x * x).rsqrt());
    /// Inverse cosine.
    Acos acos "acos" (-0.8 .. 0.8) = f64::acos, int = None, d = Some(|x, _| (1.0 - x * x).rsqrt().negate());
    /// Inverse tangent.
    Atan atan "atan" (-3.0 .. 3.0) = f64::atan, int = None, d = Some(|x, _| (x * x + 1.0).reciprocal());
    /// Hyperbolic sine.
    Sinh sinh "sinh" (-3.0 .. 3.0) = f64::sinh, int = None, d = Some(|x, _| x.cosh());
    /// Hyperbolic cosine.
    Cosh cosh "cosh" (-3.0 .. 3.0) = f64::cosh, int = None, d = Some(|x, _| x.sinh());
    /// Inverse hyperbolic sine.
    Asinh asinh "asinh" (-3.0 .. 3.0) = f64::asinh, int = None, d = Some(|x, _| (x * x + 1.0).rsqrt());
    /// Inverse hyperbolic cosine.
    Acosh acosh "acosh" (1.2 .. 4.0) = f64::acosh, int = None, d = Some(|x, _| (x * x - 1.0).rsqrt());
    /// Inverse hyperbolic tangent.
    Atanh atanh "atanh" (-0.8 .. 0.8) = f64::atanh, int = None, d = Some(|x, _| (1.0 - x * x).reciprocal());
    /// The error function.
    Erf erf "erf" (-2.0 .. 2.0) = numeric::erf, int = None,
        d = Some(|x, _| (x * x).negate().exp() * std::f64::consts::FRAC_2_SQRT_PI);
    /// 1 minus the error function, exact where that is small.
    Erfc erfc "erfc" (-2.0 .. 2.0) = numeric::erfc, int = None,
        d = Some(|x, _| (x * x).negate().exp() * -std::f64::consts::FRAC_2_SQRT_PI);
    /// The modified Bessel function of order 0, times exp(-|x|).
    BesselI0e bessel_i0e "bessel_i0e" (0.2 .. 4.0) = numeric::bessel_i0e, int = None,
        d = Some(|x, y| x.bessel_i1e() - x.sign() * y);
    /// The modified Bessel function of order 1, times exp(-|x|).
    BesselI1e bessel_i1e "bessel_i1e" (0.2 .. 4.0) = numeric::bessel_i1e, int = None, d = Some(|x, y| {
        let zero = x.equal(&x.filled(0.0));
        let safe = zero.select(&x.filled(1.0), x);
        let slope = x.bessel_i0e() - y * (x.sign() + safe.reciprocal());
        zero.select(&x.filled(0.5), &slope)
    });
    /// The inverse of the error function.
    ErfInv erf_inv "erf_inv" (-0.8 .. 0.8) = numeric::erf_inv, int = None,
        d = Some(|_, y| (y * y).exp() * (1.0 / std::f64::consts::FRAC_2_SQRT_PI));
    /// The logarithm of the absolute value of the gamma function.
    Lgamma lgamma "lgamma" (0.3 .. 4.0) = numeric::lgamma, int = None, d = Some(|x, _| x.digamma());
    /// The derivative of lgamma. Its own gradient is not given.
    Digamma digamma "digamma" (0.3 .. 4.0) = numeric::digamma, int = None, d = Some(|_, _| {
        Tensor::failed(Error::unsupported("the gradient of digamma"))
    });
    /// The larger of x and 0; NaN stays NaN. The gradient at 0 is 0.
    Relu relu "relu" (0.1 .. 3.0) = |x| if x < 0.0 { 0.0 } else { x }, int = Some(|x| x.max(0)),
        d = Some(|_, y| y.gt(&y.filled(0.0)).cast(y.dtype()));
    /// The largest integer not above.
    Floor floor "floor" (0.1 .. 0.9) = f64::floor, int = Some(|x| x), d = None;
    /// The smallest integer not below.
    Ceil ceil "ceil" (0.1 .. 0.9) = f64::ceil, int = Some(|x| x), d = None;
    /// The nearest integer, halves to even.
    Round round "round_nearest_even" (0.6 .. 0.9) = f64::round_ties_even, int = Some(|x| x), d = None;
    /// Logical not of bools, bitwise not of integers.
    Not not "not" (0.0 .. 1.0) = |x| f64::from(x == 0.0), int = Some(|x| !x), d = None;
}

impl From<Unary> for Op {
    fn from(op: Unary) -> Op {
        Op::Unary(op)
    }
}

impl Unary {
    /// The name of the family; single ops go by their own names.
    pub const NAME: &'static str = "unary";

    fn row(self) -> &'static Row {
        &ROWS[self as usize]
    }

    /// StableHLO's (or CHLO's) name.
    pub fn name(self) -> &'static str {
        self.row().name
    }

    /// The op of a name.
    pub fn named(name: &str) -> Option<Unary> {
        Unary::ALL.iter().copied().find(|op| op.name() == name)
    }

    /// An interval on which it is smooth, for gradient checks.
    pub fn domain(self) -> (f64, f64) {
        self.row().domain
    }

    /// Its value in double precision.
    pub fn eval_f64(self, x: f64) -> f64 {
        (self.row().eval)(x)
    }

    /// Its value for integers, if it has one.
    pub fn eval_i64(self, x: i64) -> Option<i64> {
        self.row().integer.map(|f| f(x))
    }

    /// It has no attributes.
    pub fn attributes(&self) -> Attributes {
        Vec::new()
    }

    /// Never read by the family's name.
    pub fn from_attributes(_: &Attributes) -> Result<Unary> {
        Err(Error::value("an elementwise op goes by its own name"))
    }

    fn takes(self, dtype: DType) -> bool {
        match self {
            Unary::Not => !dtype.is_float(),
            _ => dtype.is_float() || (dtype.is_int() && self.row().integer.is_some()),
        }
    }
}

impl Primitive for Unary {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x] = exactly(inputs)?;
        if !self.takes(x.dtype) {
            let wanted = if *self == Unary::Not { "bool or integer" } else { "a float" };
            return Err(Error::type_("input").expected(wanted).got(x.dtype));
        }
        Ok(vec![x.clone()])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x] = exactly(inputs)?;
        let row = self.row();
        let (shape, dtype) = (x.shape().to_vec(), x.dtype());
        let result = with_element!(dtype, T => {
            let v = x.as_slice::<T>()?;
            let out: Vec<T> = match row.integer {
                Some(f) if dtype.is_int() => v.iter().map(|x| crate::Element::from_i64(f(crate::Element::to_i64(*x)))).collect(),
                _ => v.iter().map(|x| crate::Element::from_f64((row.eval)(crate::Element::to_f64(*x)))).collect(),
            };
            Value::from_data(shape, T::wrap(Arc::new(out)))?
        });
        Ok(vec![result])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        vec![self.row().derivative.map(|d| match self {
            Unary::Negate => cx.ct().negate(),
            // A selection, not a product: an infinite cotangent must not become NaN where the unit is off.
            Unary::Relu => {
                let ct = cx.ct();
                cx.y().gt(&ct.filled(0.0)).select(&ct, &ct.filled(0.0))
            }
            _ => cx.ct() * d(cx.x(0), cx.y()),
        })]
    }
}

impl Tensor {
    /// 1 / x.
    pub fn reciprocal(&self) -> Tensor {
        1.0 / self
    }

    /// x².
    pub fn square(&self) -> Tensor {
        self * self
    }

    /// A tensor of the same type, filled with one number.
    pub fn filled(&self, x: f64) -> Tensor {
        match self.check() {
            Ok(_) => {
                let _entered = self.enter_trace();
                Tensor::full(self.dtype(), self.shape(), x)
            }
            Err(e) => Tensor::failed(e),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_first_gradient, check_gradient};

    #[test]
    fn gradients_match_finite_differences() {
        for op in Unary::ALL.iter().filter(|op| !matches!(op, Unary::Lgamma | Unary::Digamma | Unary::Not)) {
            check_gradient(op.name(), |x| Tensor::apply(*op, &[&x[0]]), &[(&[2, 3], op.domain())]);
        }
        check_first_gradient("lgamma", |x| x[0].lgamma(), &[(&[2, 3], Unary::Lgamma.domain())]);
    }

    #[test]
    fn names_find_their_op() {
        for op in Unary::ALL {
            assert_eq!(Unary::named(op.name()), Some(*op));
        }
    }
}
