//! The two number types in which the plain evaluation adds up: doubles for floats, 64-bit integers for the rest.

use super::Reduction;
use crate::dtype::{DType, Element};

/// A wide number. Integers wrap around, as they do in their own types.
pub(crate) trait Wide: Copy + PartialEq {
    /// Nothing.
    const ZERO: Self;
    /// The number of an element.
    fn of<T: Element>(x: T) -> Self;
    /// The number as an element.
    fn narrow<T: Element>(self) -> T;
    /// `self + a · b`.
    fn add_product(self, a: Self, b: Self) -> Self;
    /// Both put together.
    fn combine(kind: Reduction, a: Self, b: Self) -> Self;
    /// What changes nothing in [`Wide::combine`].
    fn identity(kind: Reduction, dtype: DType) -> Self;
    /// Whether `b` takes the place of `a` as the largest or smallest so far; NaN counts as either.
    fn beats(kind: Reduction, b: Self, a: Self) -> bool;
}

impl Wide for f64 {
    const ZERO: f64 = 0.0;
    fn of<T: Element>(x: T) -> f64 {
        x.to_f64()
    }
    fn narrow<T: Element>(self) -> T {
        T::from_f64(self)
    }
    fn add_product(self, a: f64, b: f64) -> f64 {
        self + a * b
    }
    fn combine(kind: Reduction, a: f64, b: f64) -> f64 {
        kind.combine(a, b)
    }
    fn identity(kind: Reduction, dtype: DType) -> f64 {
        kind.identity(dtype)
    }
    fn beats(kind: Reduction, b: f64, a: f64) -> bool {
        let further = if kind == Reduction::Min { b < a } else { b > a };
        further || (b.is_nan() && !a.is_nan())
    }
}

impl Wide for i64 {
    const ZERO: i64 = 0;
    fn of<T: Element>(x: T) -> i64 {
        x.to_i64()
    }
    fn narrow<T: Element>(self) -> T {
        T::from_i64(self)
    }
    fn add_product(self, a: i64, b: i64) -> i64 {
        self.wrapping_add(a.wrapping_mul(b))
    }
    fn combine(kind: Reduction, a: i64, b: i64) -> i64 {
        kind.combine_i64(a, b)
    }
    fn identity(kind: Reduction, dtype: DType) -> i64 {
        kind.identity(dtype) as i64
    }
    fn beats(kind: Reduction, b: i64, a: i64) -> bool {
        if kind == Reduction::Min { b < a } else { b > a }
    }
}

/// Runs an expression with `$T` bound to the Rust type of a [`DType`] and `$W` to the wide number that goes with it.
macro_rules! with_wide {
    ($dtype:expr, $T:ident, $W:ident => $body:expr) => {
        $crate::ops::wide::with_wide!(@ $dtype, $T, $W => $body;
            Bool: bool => i64, U8: u8 => i64, I8: i8 => i64, U32: u32 => i64, I32: i32 => i64, I64: i64 => i64,
            F16: $crate::f16 => f64, BF16: $crate::bf16 => f64, F32: f32 => f64, F64: f64 => f64)
    };
    (@ $dtype:expr, $T:ident, $W:ident => $body:expr; $($variant:ident: $t:ty => $w:ty),*) => {
        match $dtype {
            $($crate::DType::$variant => {
                type $T = $t;
                type $W = $w;
                $body
            })*
        }
    };
}
pub(crate) use with_wide;
