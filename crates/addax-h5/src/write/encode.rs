//! The bytes of header messages.

use super::collections::{Collections, Place};
use super::value::{Content, Value};
use crate::bytes::UNDEFINED;
use crate::header::kind;
use crate::{Dtype, Error, Result};

/// The longest message that a header can hold, on a multiple of eight.
const LONGEST: usize = 65_528;

/// An object header of version 1: a prefix of 16 bytes, then messages.
pub(super) struct Header {
    bytes: Vec<u8>,
    count: u16,
}

impl Header {
    pub fn new() -> Header {
        Header { bytes: Vec::new(), count: 0 }
    }

    /// Adds a message, padded to a multiple of eight; it is no longer than the longest.
    pub fn message(&mut self, kind: u16, body: &[u8]) -> Result<()> {
        self.count =
            self.count.checked_add(1).ok_or_else(|| Error::wrong("too many attributes of one object"))?;
        let len = body.len().next_multiple_of(8) as u16;
        self.bytes.extend_from_slice(&kind.to_le_bytes());
        self.bytes.extend_from_slice(&len.to_le_bytes());
        self.bytes.extend_from_slice(&[0; 4]);
        self.bytes.extend_from_slice(body);
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        Ok(())
    }

    /// The whole header, referred to once.
    pub fn finish(self) -> Vec<u8> {
        let mut out = vec![1, 0];
        out.extend_from_slice(&self.count.to_le_bytes());
        out.extend_from_slice(&1u32.to_le_bytes());
        // At most 65,535 messages of 64 KiB each.
        out.extend_from_slice(&(self.bytes.len() as u32).to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&self.bytes);
        out
    }
}

/// The three messages that make a dataset whose elements are at `address`.
pub(super) fn dataset(
    header: &mut Header,
    dtype: Dtype,
    shape: &[usize],
    address: Option<u64>,
    len: u64,
) -> Result<()> {
    header.message(kind::SPACE, &space(shape))?;
    header.message(kind::DATATYPE, &datatype(dtype))?;
    // Version 2, allocated late, written if set, the default value.
    header.message(kind::FILL, &[2, 2, 2, 1, 0, 0, 0, 0])?;
    let mut layout = vec![3, 1];
    layout.extend_from_slice(&address.unwrap_or(UNDEFINED).to_le_bytes());
    layout.extend_from_slice(&len.to_le_bytes());
    header.message(kind::LAYOUT, &layout)
}

/// A dataspace message of version 1.
fn space(shape: &[usize]) -> Vec<u8> {
    let mut out = vec![1, shape.len() as u8, 0, 0, 0, 0, 0, 0];
    shape.iter().for_each(|n| out.extend_from_slice(&(*n as u64).to_le_bytes()));
    out
}

/// A datatype message of version 1.
fn datatype(dtype: Dtype) -> Vec<u8> {
    let head = |class: u8, bits: [u8; 3], size: usize| {
        let mut out = vec![0x10 | class, bits[0], bits[1], bits[2]];
        out.extend_from_slice(&(size as u32).to_le_bytes());
        out
    };
    let size = dtype.size();
    let bits = (size as u32).saturating_mul(8) as u16;
    let integer = |signed: bool| {
        let mut out = head(0, [if signed { 8 } else { 0 }, 0, 0], size);
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&bits.to_le_bytes());
        out
    };
    let float = |exponent: u8, mantissa: u8, bias: u32| {
        let mut out = head(1, [0x20, bits as u8 - 1, 0], size);
        out.extend_from_slice(&[0, 0]);
        out.extend_from_slice(&bits.to_le_bytes());
        out.extend_from_slice(&[mantissa, exponent, 0, mantissa]);
        out.extend_from_slice(&bias.to_le_bytes());
        out
    };
    match dtype {
        Dtype::F16 => float(5, 10, 15),
        Dtype::F32 => float(8, 23, 127),
        Dtype::F64 => float(11, 52, 1023),
        Dtype::I8 | Dtype::I16 | Dtype::I32 | Dtype::I64 => integer(true),
        Dtype::U8 | Dtype::U16 | Dtype::U32 | Dtype::U64 => integer(false),
        Dtype::BF16 | Dtype::Opaque(_) => head(5, [0; 3], size),
        // An enumeration of two bytes' names over a signed byte.
        Dtype::Bool => {
            [head(8, [2, 0, 0], 1), integer(true), b"FALSE\0\0\0TRUE\0\0\0\0\0\x01".to_vec()].concat()
        }
        // Padded with zeros, UTF-8.
        Dtype::FixedText(_) => head(3, [0x11, 0, 0], size),
        // A sequence of unsigned bytes that is text, ended by zero, UTF-8.
        Dtype::Text => [head(9, [1, 1, 0], size), datatype(Dtype::U8)].concat(),
    }
}

/// Bytes of an attribute message; too many are the caller's mistake.
pub(super) fn attribute_len(name: &str, value: &Value<'_>) -> Result<usize> {
    if name.is_empty() || name.contains('\0') {
        return Err(Error::wrong(format_args!("an attribute cannot be called \"{}\"", name.escape_debug())));
    }
    let content = match &value.content {
        Content::Bytes(bytes) => bytes.len(),
        Content::Texts(texts) => texts.len().saturating_mul(Dtype::Text.size()),
    };
    let fixed = 9 + name.len() + 1 + space(&value.shape).len() + datatype(value.dtype).len();
    match content.saturating_add(fixed) {
        len if len <= LONGEST => Ok(len),
        len => Err(Error::wrong(format_args!(
            "attribute \"{}\": expected at most {LONGEST} bytes, got {len}. Split it in several",
            name.escape_debug()
        ))),
    }
}

/// An attribute message of version 3, with texts at their places in collections from `heap` on.
pub(super) fn attribute(name: &str, value: &Value<'_>, texts: &[Option<Place>], heap: u64) -> Vec<u8> {
    let (datatype, space) = (datatype(value.dtype), space(&value.shape));
    let mut out = vec![3, 0];
    for len in [name.len() + 1, datatype.len(), space.len()] {
        out.extend_from_slice(&(len as u16).to_le_bytes());
    }
    // The name is UTF-8, and ends with a zero.
    out.push(1);
    out.extend_from_slice(name.as_bytes());
    out.push(0);
    out.extend_from_slice(&datatype);
    out.extend_from_slice(&space);
    match &value.content {
        Content::Bytes(bytes) => out.extend_from_slice(bytes),
        Content::Texts(content) => {
            for (text, place) in content.iter().zip(texts) {
                let (address, number) = place.map_or((0, 0), |p| (heap + p.collection, p.number));
                out.extend_from_slice(&(text.len() as u32).to_le_bytes());
                out.extend_from_slice(&address.to_le_bytes());
                out.extend_from_slice(&number.to_le_bytes());
            }
        }
    }
    out
}

/// Puts the texts of a value in the collections; the empty ones take no place.
pub(super) fn collect(value: &Value<'_>, collections: &mut Collections) -> Vec<Option<Place>> {
    let Content::Texts(texts) = &value.content else { return Vec::new() };
    texts.iter().map(|t| (!t.is_empty()).then(|| collections.add(t.as_bytes()))).collect()
}
