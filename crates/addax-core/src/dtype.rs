//! The element types of tensors.

use crate::error::{Error, Result};
use half::{bf16, f16};
use std::fmt;

/// An element type, by the names Keras uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DType {
    /// One byte, 0 or 1.
    Bool,
    /// 8-bit unsigned integer.
    U8,
    /// 8-bit signed integer.
    I8,
    /// 32-bit unsigned integer: random bits and keys.
    U32,
    /// 32-bit signed integer.
    I32,
    /// 64-bit signed integer.
    I64,
    /// IEEE half precision.
    F16,
    /// The upper half of a float32.
    BF16,
    /// IEEE single precision, the default.
    F32,
    /// IEEE double precision.
    F64,
}

/// Every element type with its Keras name, its StableHLO name and its size in bytes.
const TABLE: [(DType, &str, &str, usize); 10] = [
    (DType::Bool, "bool", "i1", 1),
    (DType::U8, "uint8", "ui8", 1),
    (DType::I8, "int8", "i8", 1),
    (DType::U32, "uint32", "ui32", 4),
    (DType::I32, "int32", "i32", 4),
    (DType::I64, "int64", "i64", 8),
    (DType::F16, "float16", "f16", 2),
    (DType::BF16, "bfloat16", "bf16", 2),
    (DType::F32, "float32", "f32", 4),
    (DType::F64, "float64", "f64", 8),
];

impl DType {
    /// All element types.
    pub const ALL: [DType; 10] = [
        DType::Bool,
        DType::U8,
        DType::I8,
        DType::U32,
        DType::I32,
        DType::I64,
        DType::F16,
        DType::BF16,
        DType::F32,
        DType::F64,
    ];

    /// Keras's name: `float32`, `int32`, `bool`, …
    pub fn name(self) -> &'static str {
        TABLE[self as usize].1
    }

    /// The name in the graph's text form and in StableHLO: `f32`, `i32`, `i1`, …
    pub fn short(self) -> &'static str {
        TABLE[self as usize].2
    }

    /// Bytes per element.
    pub fn size(self) -> usize {
        TABLE[self as usize].3
    }

    /// Reads Keras's name.
    pub fn parse(name: &str) -> Result<DType> {
        TABLE
            .iter()
            .find(|row| row.1 == name || row.2 == name)
            .map(|row| row.0)
            .ok_or_else(|| Error::unknown("dtype", name, TABLE.iter().map(|row| row.1)))
    }

    /// Whether it is a floating-point type.
    pub fn is_float(self) -> bool {
        matches!(self, DType::F16 | DType::BF16 | DType::F32 | DType::F64)
    }

    /// Whether it is an integer type (not bool).
    pub fn is_int(self) -> bool {
        matches!(self, DType::U8 | DType::I8 | DType::U32 | DType::I32 | DType::I64)
    }
}

impl fmt::Display for DType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A Rust type that a tensor can hold.
pub trait Element: Copy + Default + PartialEq + PartialOrd + fmt::Debug + Send + Sync + 'static {
    /// Its element type.
    const DTYPE: DType;
    /// The value as a double; integers beyond 2^53 round.
    fn to_f64(self) -> f64;
    /// The nearest representable value; integers saturate, NaN becomes 0 there.
    fn from_f64(x: f64) -> Self;
    /// The value as a 64-bit integer; floats truncate and saturate.
    fn to_i64(self) -> i64;
    /// The integer in this type; narrower integers wrap as in two's complement.
    fn from_i64(x: i64) -> Self;
}

macro_rules! element {
    ($($t:ty, $dtype:ident, $to_f64:expr, $from_f64:expr, $to_i64:expr, $from_i64:expr;)*) => {$(
        impl Element for $t {
            const DTYPE: DType = DType::$dtype;
            #[inline] fn to_f64(self) -> f64 { ($to_f64)(self) }
            #[inline] fn from_f64(x: f64) -> Self { ($from_f64)(x) }
            #[inline] fn to_i64(self) -> i64 { ($to_i64)(self) }
            #[inline] fn from_i64(x: i64) -> Self { ($from_i64)(x) }
        }
    )*};
}

element! {
    bool, Bool, |x: bool| f64::from(u8::from(x)), |x: f64| x != 0.0, i64::from, |x: i64| x != 0;
    u8, U8, f64::from, |x: f64| x as u8, i64::from, |x: i64| x as u8;
    i8, I8, f64::from, |x: f64| x as i8, i64::from, |x: i64| x as i8;
    u32, U32, f64::from, |x: f64| x as u32, i64::from, |x: i64| x as u32;
    i32, I32, f64::from, |x: f64| x as i32, i64::from, |x: i64| x as i32;
    i64, I64, |x: i64| x as f64, |x: f64| x as i64, |x: i64| x, |x: i64| x;
    f16, F16, f64::from, f16::from_f64, |x: f16| f64::from(x) as i64, |x: i64| f16::from_f64(x as f64);
    bf16, BF16, f64::from, bf16::from_f64, |x: bf16| f64::from(x) as i64, |x: i64| bf16::from_f64(x as f64);
    f32, F32, f64::from, |x: f64| x as f32, |x: f32| x as i64, |x: i64| x as f32;
    f64, F64, |x: f64| x, |x: f64| x, |x: f64| x as i64, |x: i64| x as f64;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table_is_in_the_order_of_the_enum() {
        for d in DType::ALL {
            assert_eq!(TABLE[d as usize].0, d);
            assert_eq!(DType::parse(d.name()).unwrap(), d);
        }
    }
}
