//! `.npy`: one array as NumPy writes it. Read: versions 1 to 3, both orders, both byte orders; written: version 1.
//!
//! The header is a Python literal; it is parsed, never evaluated. The format: numpy.lib.format.

mod header;

use crate::arrays::{Array, Strings};
use addax_core::{Data, Error, Result, Stored, Value, bf16, element_count, f16, strides, with_data};
use bytemuck::{AnyBitPattern, NoUninit};
use header::{Header, Kind};
use std::borrow::Cow;

/// How a file begins.
const MAGIC: &[u8] = b"\x93NUMPY";
/// NumPy's own limit.
const MOST_AXES: usize = 64;
/// How long the axes beside one of length 0 may be: no loop over rows without elements runs for long.
const MOST_EMPTY: usize = 1 << 20;
/// The byte order of this machine.
const NATIVE: char = if cfg!(target_endian = "little") { '<' } else { '>' };

/// Whether bytes begin as `.npy` files do.
pub fn is_npy(bytes: &[u8]) -> bool {
    bytes.starts_with(MAGIC)
}

/// Reads one array. Integers of 16 bits come as `int32`, `uint64` as `int64` if it holds them. Errors: another format,
/// a header that is not NumPy's, sizes that differ, objects (pickles), complex numbers, dates, records.
///
/// ```
/// use addax_data::{Array, npy};
/// let bytes = npy::encode(&Array::Numbers(vec![1i32, 2].into()))?;
/// assert_eq!(npy::decode(&bytes)?.numbers()?.as_slice::<i32>()?, [1, 2]);
/// # Ok::<(), addax_core::Error>(())
/// ```
pub fn decode(bytes: &[u8]) -> Result<Array> {
    let (header, bytes) = header::read(bytes)?;
    let count = elements(&header.shape)?;
    if header.size == 0 || count.checked_mul(header.size) != Some(bytes.len()) {
        let e = Error::value("npy size").expected(format_args!("{count} elements of {} bytes", header.size));
        return Err(e.got(format_args!("{} bytes after the header", bytes.len())));
    }
    let body = Body { header: &header, bytes };
    match header.kind {
        Kind::Text | Kind::Bytes => body.strings().map(Array::Strings),
        _ => body.numbers().map(Array::Numbers),
    }
}

/// The number of elements of a shape that can be believed.
fn elements(shape: &[usize]) -> Result<usize> {
    let error = |why: &str| Err(Error::value("npy shape").expected(why).got(format_args!("{shape:?}")));
    let long: Vec<usize> = shape.iter().copied().filter(|n| *n > 0).collect();
    match element_count(&long) {
        _ if shape.len() > MOST_AXES => error("at most 64 axes"),
        None => error("a size that fits memory"),
        Some(n) if long.len() == shape.len() => Ok(n),
        Some(n) if n <= MOST_EMPTY => Ok(0),
        Some(_) => error("shorter axes where there are no elements"),
    }
}

/// The elements as they stand in the file; their number fits the shape.
struct Body<'a> {
    header: &'a Header,
    bytes: &'a [u8],
}

impl Body<'_> {
    fn numbers(&self) -> Result<Value> {
        use Kind::{Bool, Float, Signed, Unsigned};
        match (self.header.kind, self.header.size) {
            (Bool, 1) => self.value(self.bytes.iter().map(|b| *b != 0).collect()),
            (Signed, 1) => self.value(self.typed::<i8>()),
            (Signed, 2) => self.value(self.typed::<i16>().into_iter().map(i32::from).collect()),
            (Signed, 4) => self.value(self.typed::<i32>()),
            (Signed, 8) => self.value(self.typed::<i64>()),
            (Unsigned, 1) => self.value(self.typed::<u8>()),
            (Unsigned, 2) => self.value(self.typed::<u16>().into_iter().map(i32::from).collect()),
            (Unsigned, 4) => self.value(self.typed::<u32>()),
            (Unsigned, 8) => self.value(signed(&self.typed::<u64>())?),
            (Float, 2) => self.value(self.typed::<f16>()),
            (Float, 4) => self.value(self.typed::<f32>()),
            (Float, 8) => self.value(self.typed::<f64>()),
            (kind, size) => Err(Error::unsupported(format!("npy with {kind:?} elements of {size} bytes"))),
        }
    }

    /// The elements in this machine's byte order.
    fn typed<T: AnyBitPattern + NoUninit>(&self) -> Vec<T> {
        if self.header.big == (NATIVE == '>') {
            return bytemuck::pod_collect_to_vec(self.bytes);
        }
        let mut turned = self.bytes.to_vec();
        turned.chunks_exact_mut(self.header.size).for_each(<[u8]>::reverse);
        bytemuck::pod_collect_to_vec(&turned)
    }

    fn value<T: Stored>(&self, elements: Vec<T>) -> Result<Value> {
        let shape = &self.header.shape;
        let elements = match self.header.fortran {
            true => places(shape).map(|i| elements[i]).collect(),
            false => elements,
        };
        Value::new(shape.clone(), elements)
    }

    fn strings(&self) -> Result<Strings> {
        let Header { size, shape, fortran, .. } = self.header;
        let count = self.bytes.len() / size;
        let text = |i: usize| {
            let text = self.text(&self.bytes[i * size..(i + 1) * size]);
            text.ok_or_else(|| {
                Error::value("npy").expected("text").got(format_args!("no letters at place {i}"))
            })
        };
        match fortran {
            true => Strings::try_new(shape.as_slice(), places(shape).map(text)),
            false => Strings::try_new(shape.as_slice(), (0..count).map(text)),
        }
    }

    /// One text without the zeros that fill it up; `None` if it is not Unicode.
    fn text(&self, bytes: &[u8]) -> Option<String> {
        let text = match self.header.kind {
            Kind::Bytes => String::from_utf8(bytes.to_vec()).ok(),
            _ => bytes
                .as_chunks()
                .0
                .iter()
                .map(|b| {
                    char::from_u32(if self.header.big {
                        u32::from_be_bytes(*b)
                    } else {
                        u32::from_le_bytes(*b)
                    })
                })
                .collect::<Option<String>>(),
        };
        text.map(|mut t| {
            t.truncate(t.trim_end_matches('\0').len());
            t
        })
    }
}

/// Unsigned integers of 64 bits as signed ones; an error names the first that is too large.
fn signed(elements: &[u64]) -> Result<Vec<i64>> {
    let one = |n: &u64| {
        i64::try_from(*n).map_err(|_| Error::value("npy uint64").expected("at most 2^63 - 1").got(n))
    };
    elements.iter().map(one).collect()
}

/// Where each element of the row-major order stands in the column-major one.
fn places(shape: &[usize]) -> impl Iterator<Item = usize> {
    let reversed: Vec<usize> = shape.iter().rev().copied().collect();
    let steps: Vec<usize> = strides(&reversed).into_iter().rev().collect();
    let count = element_count(shape).unwrap_or(0);
    let (shape, mut index, mut place) = (shape.to_vec(), vec![0; shape.len()], 0);
    (0..count).map(move |_| {
        let here = place;
        for axis in (0..shape.len()).rev() {
            index[axis] += 1;
            place += steps[axis];
            if index[axis] < shape[axis] {
                break;
            }
            place -= steps[axis] * shape[axis];
            index[axis] = 0;
        }
        here
    })
}

/// The file of an array.
pub fn encode(array: &Array) -> Result<Vec<u8>> {
    let (header, body) = parts(array)?;
    Ok([header.as_slice(), &body].concat())
}

/// The header and the elements of an array's file; numbers are not copied. `bfloat16`, which NumPy does not know, is
/// written as `float32`.
pub fn parts(array: &Array) -> Result<(Vec<u8>, Cow<'_, [u8]>)> {
    let axes = array.shape().len();
    if axes > MOST_AXES {
        return Err(Error::value("npy shape").expected("at most 64 axes").got(axes));
    }
    let (descr, body) = match array {
        Array::Numbers(value) => numbers(value),
        Array::Strings(strings) => letters(strings),
    };
    Ok((header::write(&descr, array.shape()), body))
}

fn numbers(value: &Value) -> (String, Cow<'_, [u8]>) {
    let kind = match value.data() {
        Data::BF16(v) => {
            let wide: Vec<u8> = v.iter().flat_map(|x: &bf16| x.to_f32().to_ne_bytes()).collect();
            return (format!("{NATIVE}f4"), Cow::Owned(wide));
        }
        Data::Bool(_) => "b",
        Data::U8(_) | Data::U32(_) => "u",
        Data::I8(_) | Data::I32(_) | Data::I64(_) => "i",
        Data::F16(_) | Data::F32(_) | Data::F64(_) => "f",
    };
    let size = value.dtype().size();
    let order = if size == 1 { '|' } else { NATIVE };
    (format!("{order}{kind}{size}"), Cow::Borrowed(with_data!(value.data(), v => bytemuck::cast_slice(v))))
}

fn letters(strings: &Strings) -> (String, Cow<'_, [u8]>) {
    let longest = strings.iter().map(|t| t.chars().count()).max().unwrap_or(0).max(1);
    let mut out = Vec::with_capacity(strings.len() * longest * 4);
    for (i, text) in strings.iter().enumerate() {
        out.extend(text.chars().flat_map(|c| u32::from(c).to_ne_bytes()));
        out.resize((i + 1) * longest * 4, 0);
    }
    (format!("{NATIVE}U{longest}"), Cow::Owned(out))
}

#[cfg(test)]
mod tests;
