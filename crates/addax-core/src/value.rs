//! Numbers in memory: a dense array in row-major order with its shape.

use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use half::{bf16, f16};
use std::fmt;
use std::sync::Arc;

/// The elements of a [`Value`], one vector per element type; shared until written.
#[derive(Clone, PartialEq)]
pub enum Data {
    /// Truth values.
    Bool(Arc<Vec<bool>>),
    /// Unsigned bytes.
    U8(Arc<Vec<u8>>),
    /// Signed bytes.
    I8(Arc<Vec<i8>>),
    /// 32-bit unsigned integers.
    U32(Arc<Vec<u32>>),
    /// 32-bit integers.
    I32(Arc<Vec<i32>>),
    /// 64-bit integers.
    I64(Arc<Vec<i64>>),
    /// Half floats.
    F16(Arc<Vec<f16>>),
    /// Brain floats.
    BF16(Arc<Vec<bf16>>),
    /// Floats.
    F32(Arc<Vec<f32>>),
    /// Doubles.
    F64(Arc<Vec<f64>>),
}

/// Runs an expression with the typed vector of a [`Data`], whatever its element type.
#[macro_export]
macro_rules! with_data {
    ($data:expr, $v:ident => $body:expr) => {
        match $data {
            $crate::Data::Bool($v) => $body,
            $crate::Data::U8($v) => $body,
            $crate::Data::I8($v) => $body,
            $crate::Data::U32($v) => $body,
            $crate::Data::I32($v) => $body,
            $crate::Data::I64($v) => $body,
            $crate::Data::F16($v) => $body,
            $crate::Data::BF16($v) => $body,
            $crate::Data::F32($v) => $body,
            $crate::Data::F64($v) => $body,
        }
    };
}

/// Runs an expression with `$T` bound to the Rust type of a [`DType`].
#[macro_export]
macro_rules! with_element {
    ($dtype:expr, $T:ident => $body:expr) => {
        match $dtype {
            $crate::DType::Bool => {
                type $T = bool;
                $body
            }
            $crate::DType::U8 => {
                type $T = u8;
                $body
            }
            $crate::DType::I8 => {
                type $T = i8;
                $body
            }
            $crate::DType::U32 => {
                type $T = u32;
                $body
            }
            $crate::DType::I32 => {
                type $T = i32;
                $body
            }
            $crate::DType::I64 => {
                type $T = i64;
                $body
            }
            $crate::DType::F16 => {
                type $T = $crate::f16;
                $body
            }
            $crate::DType::BF16 => {
                type $T = $crate::bf16;
                $body
            }
            $crate::DType::F32 => {
                type $T = f32;
                $body
            }
            $crate::DType::F64 => {
                type $T = f64;
                $body
            }
        }
    };
}

/// An [`Element`] that knows its place in [`Data`].
pub trait Stored: Element {
    /// Wraps a vector.
    fn wrap(v: Arc<Vec<Self>>) -> Data;
    /// The vector, if the data are of this type.
    fn peek(d: &Data) -> Option<&Arc<Vec<Self>>>;
    /// The vector to write to, if the data are of this type.
    fn peek_mut(d: &mut Data) -> Option<&mut Arc<Vec<Self>>>;
}

macro_rules! stored {
    ($($t:ty => $v:ident),* $(,)?) => {$(
        impl Stored for $t {
            fn wrap(v: Arc<Vec<Self>>) -> Data { Data::$v(v) }
            fn peek(d: &Data) -> Option<&Arc<Vec<Self>>> { if let Data::$v(v) = d { Some(v) } else { None } }
            fn peek_mut(d: &mut Data) -> Option<&mut Arc<Vec<Self>>> { if let Data::$v(v) = d { Some(v) } else { None } }
        }
    )*};
}

stored!(bool => Bool, u8 => U8, i8 => I8, u32 => U32, i32 => I32, i64 => I64, f16 => F16, bf16 => BF16, f32 => F32, f64 => F64);

/// A dense array: element type, shape, elements in row-major order. Cloning shares the elements.
///
/// ```
/// use addax_core::Value;
/// let v = Value::new([2, 3], vec![1f32, 2., 3., 4., 5., 6.]).unwrap();
/// assert_eq!((v.shape(), v.as_slice::<f32>().unwrap()[4]), (&[2, 3][..], 5.0));
/// ```
#[derive(Clone, PartialEq)]
pub struct Value {
    shape: Vec<usize>,
    data: Data,
}

impl Value {
    /// An array of the given shape; the number of elements must fit.
    pub fn new<T: Stored>(shape: impl Into<Vec<usize>>, data: Vec<T>) -> Result<Value> {
        Self::from_data(shape.into(), T::wrap(Arc::new(data)))
    }

    /// An array over existing data; the number of elements must fit.
    pub fn from_data(shape: Vec<usize>, data: Data) -> Result<Value> {
        let len = with_data!(&data, v => v.len());
        match element_count(&shape) {
            Some(n) if n == len => Ok(Value { shape, data }),
            _ => Err(Error::value("array")
                .expected(format_args!("{len} elements"))
                .got(format_args!("shape {shape:?}"))),
        }
    }

    /// A scalar.
    pub fn scalar<T: Stored>(x: T) -> Value {
        Value { shape: Vec::new(), data: T::wrap(Arc::new(vec![x])) }
    }

    /// A scalar of any element type from a double.
    pub fn scalar_of(dtype: DType, x: f64) -> Value {
        Self::full(dtype, &[], x)
    }

    /// An array with every element `x`. The caller vouches for the size of `shape`.
    pub fn full(dtype: DType, shape: &[usize], x: f64) -> Value {
        let n = shape.iter().product();
        with_element!(dtype, T => Value { shape: shape.to_vec(), data: T::wrap(Arc::new(vec![T::from_f64(x); n])) })
    }

    /// An array of zeros.
    pub fn zeros(dtype: DType, shape: &[usize]) -> Value {
        Self::full(dtype, shape, 0.0)
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        match &self.data {
            Data::Bool(_) => DType::Bool,
            Data::U8(_) => DType::U8,
            Data::I8(_) => DType::I8,
            Data::U32(_) => DType::U32,
            Data::I32(_) => DType::I32,
            Data::I64(_) => DType::I64,
            Data::F16(_) => DType::F16,
            Data::BF16(_) => DType::BF16,
            Data::F32(_) => DType::F32,
            Data::F64(_) => DType::F64,
        }
    }

    /// The lengths of the axes.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of axes.
    pub fn rank(&self) -> usize {
        self.shape.len()
    }

    /// The number of elements.
    pub fn len(&self) -> usize {
        with_data!(&self.data, v => v.len())
    }

    /// Whether there is no element.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of rows: the length of the first axis, 1 for a scalar.
    pub fn rows(&self) -> usize {
        self.shape.first().copied().unwrap_or(1)
    }

    /// The elements, handed over.
    pub fn into_data(self) -> Data {
        self.data
    }

    /// The elements with their type.
    pub fn data(&self) -> &Data {
        &self.data
    }

    /// The elements as a slice of `T`; an error if they are of another type.
    pub fn as_slice<T: Stored>(&self) -> Result<&[T]> {
        T::peek(&self.data).map(|v| v.as_slice()).ok_or_else(|| self.wrong_dtype(T::DTYPE))
    }

    /// The elements to write to (copied first if they are shared); an error if they are of another type.
    pub fn as_mut_slice<T: Stored>(&mut self) -> Result<&mut [T]> {
        let error = self.wrong_dtype(T::DTYPE);
        T::peek_mut(&mut self.data).map(|v| Arc::make_mut(v).as_mut_slice()).ok_or(error)
    }

    /// The elements as a vector of `T`, without a copy when they are not shared.
    pub fn into_vec<T: Stored>(mut self) -> Result<Vec<T>> {
        let error = self.wrong_dtype(T::DTYPE);
        let v = T::peek_mut(&mut self.data).ok_or(error)?;
        Ok(Arc::try_unwrap(std::mem::take(v)).unwrap_or_else(|shared| shared.to_vec()))
    }

    /// Every element as a double.
    pub fn to_f64(&self) -> Vec<f64> {
        with_data!(&self.data, v => v.iter().map(|x| x.to_f64()).collect())
    }

    /// Every element as a 64-bit integer.
    pub fn to_i64(&self) -> Vec<i64> {
        with_data!(&self.data, v => v.iter().map(|x| x.to_i64()).collect())
    }

    /// The only element, as a double.
    pub fn item(&self) -> Result<f64> {
        match self.len() {
            1 => Ok(with_data!(&self.data, v => v[0].to_f64())),
            n => Err(Error::value("item").expected("one element").got(n)),
        }
    }

    /// The same elements in another element type (floats to integers truncate and saturate).
    pub fn cast(&self, dtype: DType) -> Value {
        if dtype == self.dtype() {
            return self.clone();
        }
        let data = with_element!(dtype, T => {
            let integral = dtype.is_int() && !self.dtype().is_float();
            with_data!(&self.data, v => T::wrap(Arc::new(if integral {
                v.iter().map(|x| T::from_i64(x.to_i64())).collect()
            } else {
                v.iter().map(|x| T::from_f64(x.to_f64())).collect()
            })))
        });
        Value { shape: self.shape.clone(), data }
    }

    /// The same elements in another shape.
    pub fn reshape(&self, shape: &[usize]) -> Result<Value> {
        Self::from_data(shape.to_vec(), self.data.clone())
    }

    /// Copies of the rows (first axis) with the given numbers, in that order.
    pub fn take_rows(&self, rows: &[usize]) -> Result<Value> {
        let (n, width) = (self.rows(), self.len() / self.rows().max(1));
        if let Some(bad) = rows.iter().find(|&&r| r >= n) {
            return Err(Error::value("row").expected(format_args!("less than {n}")).got(bad));
        }
        let mut shape = self.shape.clone();
        match shape.first_mut() {
            Some(first) => *first = rows.len(),
            None => return Err(Error::value("rows of a scalar").hint("A scalar has no rows.")),
        }
        let data = with_data!(&self.data, v => {
            let mut out = Vec::with_capacity(rows.len() * width);
            rows.iter().for_each(|&r| out.extend_from_slice(&v[r * width..(r + 1) * width]));
            Stored::wrap(Arc::new(out))
        });
        Ok(Value { shape, data })
    }

    /// Rows `from..to` of the first axis.
    pub fn slice_rows(&self, from: usize, to: usize) -> Result<Value> {
        self.take_rows(&(from..to).collect::<Vec<_>>())
    }

    fn wrong_dtype(&self, wanted: DType) -> Error {
        Error::type_("array").expected(wanted).got(self.dtype())
    }
}

/// The product of the lengths, or `None` when it does not fit.
pub fn element_count(shape: &[usize]) -> Option<usize> {
    shape.iter().try_fold(1usize, |n, &d| n.checked_mul(d))
}

/// Row-major strides, in elements.
pub fn strides(shape: &[usize]) -> Vec<usize> {
    let mut out = vec![1; shape.len()];
    for i in (1..shape.len()).rev() {
        out[i - 1] = out[i] * shape[i];
    }
    out
}

impl fmt::Debug for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:?}", self.dtype().short(), self.shape)?;
        let shown = self.len().min(16);
        with_data!(&self.data, v => f.debug_list().entries(&v[..shown]).finish())?;
        if shown < self.len() { f.write_str("…") } else { Ok(()) }
    }
}

macro_rules! value_from_vec {
    ($($t:ty),*) => {$(
        impl From<Vec<$t>> for Value {
            fn from(v: Vec<$t>) -> Value { Value { shape: vec![v.len()], data: Stored::wrap(Arc::new(v)) } }
        }
        impl From<&[$t]> for Value {
            fn from(v: &[$t]) -> Value { v.to_vec().into() }
        }
    )*};
}
value_from_vec!(bool, u8, i8, u32, i32, i64, f16, bf16, f32, f64);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_a_shape_that_does_not_hold_the_elements() {
        assert!(Value::new([2, 2], vec![1f32; 3]).is_err());
        assert!(Value::new([usize::MAX, 2], vec![1f32; 3]).is_err());
    }

    #[test]
    fn casts_integers_without_passing_through_floats() {
        let big = Value::from(vec![(1i64 << 53) + 1]);
        assert_eq!(big.cast(DType::I64), big);
        assert_eq!(Value::from(vec![300i64]).cast(DType::U8), Value::from(vec![44u8]));
        assert_eq!(Value::from(vec![2.9f32, -2.9]).cast(DType::I32), Value::from(vec![2i32, -2]));
    }

    #[test]
    fn takes_rows_in_the_order_asked() {
        let v = Value::new([3, 2], vec![0i32, 1, 2, 3, 4, 5]).unwrap();
        assert_eq!(v.take_rows(&[2, 0]).unwrap(), Value::new([2, 2], vec![4i32, 5, 0, 1]).unwrap());
        assert!(v.take_rows(&[3]).is_err());
    }
}
