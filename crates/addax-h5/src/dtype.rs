//! Element types: those a caller sees, and how a file spells them.

use crate::bytes::{Cursor, c_str, size};
use crate::{Error, Result};
use std::fmt;

/// What the elements of a dataset or attribute are. Numbers are handed out little-endian, whatever the file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Dtype {
    /// IEEE half precision.
    F16,
    /// The upper half of an [`Dtype::F32`]; Keras writes it as two opaque bytes with the attribute
    /// `dtype = "bfloat16"`.
    BF16,
    /// IEEE single precision.
    F32,
    /// IEEE double precision.
    F64,
    /// Signed, 8 bits.
    I8,
    /// Signed, 16 bits.
    I16,
    /// Signed, 32 bits.
    I32,
    /// Signed, 64 bits.
    I64,
    /// Unsigned, 8 bits.
    U8,
    /// Unsigned, 16 bits.
    U16,
    /// Unsigned, 32 bits.
    U32,
    /// Unsigned, 64 bits.
    U64,
    /// One byte, 0 or 1: h5py's enumeration of `FALSE` and `TRUE`.
    Bool,
    /// That many bytes without a meaning.
    Opaque(usize),
    /// Text in that many bytes, padded.
    FixedText(usize),
    /// Text of any length, kept in the file's heaps.
    Text,
}

impl Dtype {
    /// Bytes of one element in the file.
    pub fn size(self) -> usize {
        match self {
            Dtype::I8 | Dtype::U8 | Dtype::Bool => 1,
            Dtype::F16 | Dtype::BF16 | Dtype::I16 | Dtype::U16 => 2,
            Dtype::F32 | Dtype::I32 | Dtype::U32 => 4,
            Dtype::F64 | Dtype::I64 | Dtype::U64 => 8,
            Dtype::Text => 16,
            Dtype::Opaque(n) | Dtype::FixedText(n) => n,
        }
    }
}

impl fmt::Display for Dtype {
    /// NumPy's names.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self {
            Dtype::F16 => "float16",
            Dtype::BF16 => "bfloat16",
            Dtype::F32 => "float32",
            Dtype::F64 => "float64",
            Dtype::I8 => "int8",
            Dtype::I16 => "int16",
            Dtype::I32 => "int32",
            Dtype::I64 => "int64",
            Dtype::U8 => "uint8",
            Dtype::U16 => "uint16",
            Dtype::U32 => "uint32",
            Dtype::U64 => "uint64",
            Dtype::Bool => "bool",
            Dtype::Text => "text",
            Dtype::Opaque(n) => return write!(f, "|V{n}"),
            Dtype::FixedText(n) => return write!(f, "|S{n}"),
        };
        f.write_str(name)
    }
}

/// How texts of a fixed length end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Padding {
    /// At the first zero byte.
    Ended,
    /// Before the zero bytes at the end.
    Zeros,
    /// Before the spaces at the end.
    Spaces,
}

/// A type as the file has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stored {
    pub dtype: Dtype,
    /// Big-endian numbers of more than one byte.
    pub swapped: bool,
    pub padding: Padding,
}

/// The place of the fields of a floating-point number of `size` bytes: sign, exponent and its bits, mantissa's bits, bias.
struct Float {
    dtype: Dtype,
    sign: u8,
    fields: [u8; 4],
    bias: u32,
}

#[rustfmt::skip]
const FLOATS: [Float; 4] = [
    Float { dtype: Dtype::F16, sign: 15, fields: [10, 5, 0, 10], bias: 15 },
    Float { dtype: Dtype::BF16, sign: 15, fields: [7, 8, 0, 7], bias: 127 },
    Float { dtype: Dtype::F32, sign: 31, fields: [23, 8, 0, 23], bias: 127 },
    Float { dtype: Dtype::F64, sign: 63, fields: [52, 11, 0, 52], bias: 1023 },
];

/// What this crate does not read, by the class's number in the file.
const OTHERS: [(u8, &str); 6] = [
    (2, "a time type is"),
    (4, "a bit field is"),
    (6, "a compound type is"),
    (7, "a type of references is"),
    (10, "an array type is"),
    (11, "a complex type is"),
];

/// Reads a datatype message.
pub(crate) fn parse(body: &[u8]) -> Result<Stored> {
    let mut cursor = Cursor::new(body, "a datatype");
    let head = Head::read(&mut cursor)?;
    let plain = |dtype, swapped| Ok(Stored { dtype, swapped, padding: Padding::Zeros });
    match head.class {
        0 => {
            let dtype = integer(&head, &mut cursor)?;
            plain(dtype, head.bits & 1 != 0 && head.size > 1)
        }
        1 => plain(float(&head, &mut cursor)?, head.bits & 1 != 0),
        3 => {
            let padding = match head.bits & 15 {
                0 => Padding::Ended,
                1 => Padding::Zeros,
                2 => Padding::Spaces,
                other => return Err(cursor.damaged(format_args!("text with padding {other}"))),
            };
            Ok(Stored { dtype: Dtype::FixedText(head.size), swapped: false, padding })
        }
        5 => plain(Dtype::Opaque(head.size), false),
        8 => enumeration(&head, &mut cursor),
        9 if head.bits & 15 == 1 && head.size == Dtype::Text.size() => plain(Dtype::Text, false),
        9 => Err(Error::refused("a variable-length type other than text is")),
        class => match OTHERS.iter().find(|(n, _)| *n == class) {
            Some((_, name)) => Err(Error::refused(name)),
            None => Err(cursor.damaged(format_args!("unknown class {class}"))),
        },
    }
}

struct Head {
    version: u8,
    class: u8,
    bits: u32,
    size: usize,
}

impl Head {
    fn read(cursor: &mut Cursor<'_>) -> Result<Head> {
        let first = cursor.u8()?;
        let (version, class) = (first >> 4, first & 15);
        if !(1..=5).contains(&version) {
            return Err(Error::refused(format_args!("a datatype of version {version} is")));
        }
        let bits = cursor.uint(3)? as u32;
        match size(cursor.u32()?.into(), "a datatype")? {
            0 => Err(cursor.damaged("elements of no bytes")),
            size => Ok(Head { version, class, bits, size }),
        }
    }
}

fn integer(head: &Head, cursor: &mut Cursor<'_>) -> Result<Dtype> {
    let (offset, precision) = (cursor.u16()?, usize::from(cursor.u16()?));
    let whole = offset == 0 && precision == head.size.saturating_mul(8);
    match (head.size, head.bits & 8 != 0) {
        (1, true) if whole => Ok(Dtype::I8),
        (2, true) if whole => Ok(Dtype::I16),
        (4, true) if whole => Ok(Dtype::I32),
        (8, true) if whole => Ok(Dtype::I64),
        (1, false) if whole => Ok(Dtype::U8),
        (2, false) if whole => Ok(Dtype::U16),
        (4, false) if whole => Ok(Dtype::U32),
        (8, false) if whole => Ok(Dtype::U64),
        _ => Err(Error::refused(format_args!("an integer of {precision} bits in {} bytes is", head.size))),
    }
}

fn float(head: &Head, cursor: &mut Cursor<'_>) -> Result<Dtype> {
    let (offset, precision) = (cursor.u16()?, usize::from(cursor.u16()?));
    let fields = cursor.take(4)?;
    let bias = cursor.u32()?;
    let whole = offset == 0 && precision == head.size.saturating_mul(8);
    // Bit 6 is the VAX order of bytes; bits 4 and 5 are 2 where the mantissa's first bit is implied.
    let usual = whole && head.bits & 0x40 == 0 && head.bits >> 4 & 3 == 2;
    let sign = (head.bits >> 8) as u8;
    let found = FLOATS.iter().find(|f| {
        f.dtype.size() == head.size && f.sign == sign && f.fields == fields && f.bias == bias && usual
    });
    found.map(|f| f.dtype).ok_or_else(|| {
        Error::refused(format_args!("a floating-point number of {} bytes that is not IEEE's is", head.size))
    })
}

/// h5py's booleans; any other enumeration is its numbers.
fn enumeration(head: &Head, cursor: &mut Cursor<'_>) -> Result<Stored> {
    let under = Head::read(cursor)?;
    if under.class != 0 || under.size != head.size {
        return Err(cursor.damaged("an enumeration of something else than integers"));
    }
    let dtype = integer(&under, cursor)?;
    let swapped = under.bits & 1 != 0 && under.size > 1;
    let truth = head.size == 1 && head.bits & 0xffff == 2 && names_truth(head.version, cursor.rest());
    Ok(Stored { dtype: if truth { Dtype::Bool } else { dtype }, swapped, padding: Padding::Zeros })
}

/// Whether the members are `FALSE = 0` and `TRUE = 1`.
fn names_truth(version: u8, members: &[u8]) -> bool {
    let names: [&[u8]; 2] = [b"FALSE", b"TRUE"];
    let mut at = 0;
    for name in names {
        let rest = members.get(at..).unwrap_or_default();
        if c_str(rest) != name {
            return false;
        }
        // Before version 3 each name takes a multiple of eight bytes.
        at += if version < 3 { 8 } else { name.len() + 1 };
    }
    members.get(at..at + 2) == Some(&[0, 1])
}

/// `bytes` with numbers in little-endian order, copied only where they are not.
pub(crate) fn little_endian<'a>(
    bytes: std::borrow::Cow<'a, [u8]>,
    stored: Stored,
) -> std::borrow::Cow<'a, [u8]> {
    if !stored.swapped {
        return bytes;
    }
    let mut owned = bytes.into_owned();
    owned.chunks_exact_mut(stored.dtype.size()).for_each(<[u8]>::reverse);
    owned.into()
}
