//! An array out of the file: an attribute's value or a dataset's elements.

use crate::bytes::{Bytes, Cursor, c_str};
use crate::dtype::{Padding, Stored, little_endian};
use crate::global_heap::GlobalHeap;
use crate::limits::TEXTS;
use crate::{Dtype, Error, Result};
use std::borrow::Cow;

/// A shape, an element type and the elements in row-major order, borrowed from the file where they can be.
#[derive(Clone)]
pub struct Array<'a> {
    file: Bytes<'a>,
    shape: Vec<usize>,
    stored: Stored,
    bytes: Cow<'a, [u8]>,
}

impl<'a> Array<'a> {
    /// Takes the bytes as the file has them; there are as many as the shape says.
    pub(crate) fn new(file: Bytes<'a>, shape: Vec<usize>, stored: Stored, bytes: Cow<'a, [u8]>) -> Self {
        Array { file, shape, stored, bytes: little_endian(bytes, stored) }
    }

    /// The shape, empty for a scalar.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The type of the elements.
    pub fn dtype(&self) -> Dtype {
        self.stored.dtype
    }

    /// The elements: numbers little-endian, texts as the file has them (see [`Array::texts`]).
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The elements, without the rest; borrowed from the file where they lie there in one piece.
    pub fn into_bytes(self) -> Cow<'a, [u8]> {
        self.bytes
    }

    /// The elements as texts.
    ///
    /// # Errors
    /// Elements that are no texts, texts that are not UTF-8 or that the file does not hold.
    pub fn texts(&self) -> Result<Vec<String>> {
        let size = self.dtype().size();
        let elements = self.bytes.chunks_exact(size);
        if elements.len() > TEXTS {
            return Err(Error::refused(format_args!("an array of {} texts is", elements.len())));
        }
        match self.dtype() {
            Dtype::FixedText(_) => elements.map(|b| text(unpadded(b, self.stored.padding))).collect(),
            Dtype::Text => {
                let mut heap = GlobalHeap::new(self.file);
                elements.map(|b| text(in_heap(b, &mut heap)?)).collect()
            }
            other => Err(Error::wrong(format_args!("expected texts, got {other}"))),
        }
    }

    /// The only element as a text.
    ///
    /// # Errors
    /// As for [`Array::texts`], and if there is not exactly one.
    pub fn text(&self) -> Result<String> {
        let mut texts = self.texts()?;
        match (texts.pop(), texts.len()) {
            (Some(text), 0) => Ok(text),
            _ => Err(Error::wrong(format_args!("expected one text, got an array of shape {:?}", self.shape))),
        }
    }

    /// The elements as numbers; integers beyond 2^53 are rounded.
    ///
    /// # Errors
    /// Elements that are no numbers.
    pub fn floats(&self) -> Result<Vec<f64>> {
        let bits = |b: &[u8]| b.iter().rev().fold(0u64, |n, x| n << 8 | u64::from(*x));
        let number: fn(u64) -> f64 = match self.dtype() {
            Dtype::F16 => |n| half(n as u16),
            Dtype::BF16 => |n| f32::from_bits((n as u32) << 16).into(),
            Dtype::F32 => |n| f32::from_bits(n as u32).into(),
            Dtype::F64 => f64::from_bits,
            Dtype::I8 => |n| (n as i8).into(),
            Dtype::I16 => |n| (n as i16).into(),
            Dtype::I32 => |n| (n as i32).into(),
            Dtype::I64 => |n| n as i64 as f64,
            Dtype::U8 | Dtype::U16 | Dtype::U32 | Dtype::U64 | Dtype::Bool => |n| n as f64,
            other => return Err(Error::wrong(format_args!("expected numbers, got {other}"))),
        };
        Ok(self.bytes.chunks_exact(self.dtype().size()).map(|b| number(bits(b))).collect())
    }
}

/// A number of half precision: 5 bits of exponent, 10 of mantissa.
fn half(bits: u16) -> f64 {
    let sign = if bits >> 15 == 1 { -1.0 } else { 1.0 };
    let (exponent, mantissa) = (i32::from(bits >> 10 & 31), f64::from(bits & 1023));
    sign * match exponent {
        0 => mantissa * 2f64.powi(-24),
        31 if mantissa == 0.0 => f64::INFINITY,
        31 => f64::NAN,
        _ => (1024.0 + mantissa) * 2f64.powi(exponent - 25),
    }
}

/// The first `len` of `bytes`, which must be there.
pub(crate) fn exact(bytes: &[u8], len: usize) -> Result<&[u8]> {
    bytes
        .get(..len)
        .ok_or_else(|| Error::damaged(format_args!("expected {len} bytes of elements, got {}", bytes.len())))
}

fn text(bytes: &[u8]) -> Result<String> {
    let text = std::str::from_utf8(bytes);
    text.map(str::to_owned).map_err(|_| Error::refused("text that is not UTF-8 is"))
}

fn unpadded(bytes: &[u8], padding: Padding) -> &[u8] {
    let pad = match padding {
        Padding::Ended => return c_str(bytes),
        Padding::Zeros => 0,
        Padding::Spaces => b' ',
    };
    let end = bytes.iter().rposition(|b| *b != pad).map_or(0, |last| last + 1);
    &bytes[..end]
}

/// The text that an element's length, collection and number point at.
fn in_heap<'a>(element: &[u8], heap: &mut GlobalHeap<'a>) -> Result<&'a [u8]> {
    let mut cursor = Cursor::new(element, "a text");
    let len = cursor.u32()?;
    let (address, index) = (cursor.u64()?, cursor.u32()?);
    if len == 0 {
        return Ok(&[]);
    }
    Ok(unpadded(heap.get(address, index, len)?, Padding::Zeros))
}

impl std::fmt::Debug for Array<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Array({}, {:?})", self.dtype(), self.shape)
    }
}
