//! Filters of chunks, undone: deflate, shuffle, Fletcher's checksum.

use crate::bytes::{Cursor, c_str};
use crate::checksum::{fletcher32, same};
use crate::{Error, Result};
use flate2::{Decompress, FlushDecompress, Status};
use std::borrow::Cow;

/// One filter that chunks went through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Filter {
    Deflate,
    /// Bytes of equal rank stand together; elements have that many bytes.
    Shuffle(usize),
    Fletcher32,
}

/// The names of filters that are known but not undone here.
const OTHERS: [(u16, &str); 9] = [
    (4, "szip"),
    (5, "nbit"),
    (6, "scale-offset"),
    (307, "bzip2"),
    (32000, "lzf"),
    (32001, "blosc"),
    (32004, "lz4"),
    (32008, "bitshuffle"),
    (32015, "zstd"),
];

/// Deflate cannot make more of its input than this.
const DEFLATE_RATIO: usize = 1032;

/// Reads a filter-pipeline message: the filters in the order of writing. Each may stand there once.
pub(crate) fn parse(body: &[u8]) -> Result<Vec<Filter>> {
    let mut cursor = Cursor::new(body, "the filters");
    let version = cursor.version(1..=2)?;
    let count = cursor.u8()?;
    cursor.take(if version == 1 { 6 } else { 0 })?;
    let mut filters = Vec::new();
    for _ in 0..count {
        let id = cursor.u16()?;
        let name_len = if version == 1 || id >= 256 { cursor.u16()? } else { 0 };
        cursor.take(2)?;
        let values = usize::from(cursor.u16()?);
        let name = cursor.take(name_len.into())?;
        let mut settings = Cursor::new(cursor.take(4 * values)?, "a filter's settings");
        cursor.take(if version == 1 && values % 2 == 1 { 4 } else { 0 })?;
        let filter = match id {
            1 => Filter::Deflate,
            2 => Filter::Shuffle(settings.u32()?.max(1) as usize),
            3 => Filter::Fletcher32,
            _ => return Err(unknown(id, name)),
        };
        if filters.iter().any(|f| std::mem::discriminant(f) == std::mem::discriminant(&filter)) {
            return Err(Error::refused("the same filter twice is"));
        }
        filters.push(filter);
    }
    Ok(filters)
}

fn unknown(id: u16, name: &[u8]) -> Error {
    let known = OTHERS.iter().find(|(n, _)| *n == id).map(|(_, name)| (*name).to_string());
    let name = known.unwrap_or_else(|| c_str(name).escape_ascii().to_string());
    Error::refused(format_args!("the filter {id} ({name}) is"))
}

/// The `len` bytes of a chunk from those stored. Bit `i` of `mask` says that filter `i` was left out.
pub(crate) fn undo<'a>(stored: &'a [u8], filters: &[Filter], mask: u32, len: usize) -> Result<Cow<'a, [u8]>> {
    let mut bytes = Cow::Borrowed(stored);
    for (i, filter) in filters.iter().enumerate().rev() {
        if mask >> i & 1 == 1 {
            continue;
        }
        bytes = match filter {
            // A checksum may stand inside.
            Filter::Deflate => Cow::Owned(inflate(&bytes, len.saturating_add(4))?),
            Filter::Shuffle(size) => Cow::Owned(unshuffle(&bytes, *size)),
            Filter::Fletcher32 => unsum(bytes)?,
        };
    }
    match bytes.len() == len {
        true => Ok(bytes),
        false => Err(Error::damaged(format_args!("a chunk: expected {len} bytes, got {}", bytes.len()))),
    }
}

/// What `bytes` were before deflate, which may be at most `most`.
fn inflate(bytes: &[u8], most: usize) -> Result<Vec<u8>> {
    let room = bytes.len().saturating_mul(DEFLATE_RATIO).saturating_add(64).min(most);
    let mut out = Vec::with_capacity(room);
    // With all of the input and room for all of the output, one call comes to the end.
    match Decompress::new(true).decompress_vec(bytes, &mut out, FlushDecompress::Finish) {
        Ok(Status::StreamEnd) => Ok(out),
        Ok(_) if out.len() == room => {
            Err(Error::damaged(format_args!("a chunk: expected at most {most} bytes from deflate, got more")))
        }
        _ => Err(Error::damaged("a chunk: its deflate stream is broken")),
    }
}

/// Puts the bytes of each element together again; what is no whole element stays at the end.
fn unshuffle(bytes: &[u8], size: usize) -> Vec<u8> {
    let count = bytes.len() / size;
    let mut out = vec![0; bytes.len()];
    for (rank, plane) in bytes.chunks_exact(count.max(1)).take(if count == 0 { 0 } else { size }).enumerate()
    {
        for (byte, element) in plane.iter().zip(out.chunks_exact_mut(size)) {
            element[rank] = *byte;
        }
    }
    out[count * size..].copy_from_slice(&bytes[count * size..]);
    out
}

/// Checks and drops the checksum at the end.
fn unsum(bytes: Cow<'_, [u8]>) -> Result<Cow<'_, [u8]>> {
    let Some((body, sum)) = bytes.split_last_chunk::<4>() else {
        return Err(Error::damaged("a chunk: too short for its checksum"));
    };
    if !same(fletcher32(body), u32::from_le_bytes(*sum)) {
        return Err(Error::damaged("a chunk: its checksum does not match"));
    }
    let len = body.len();
    Ok(match bytes {
        Cow::Borrowed(bytes) => Cow::Borrowed(&bytes[..len]),
        Cow::Owned(mut bytes) => {
            bytes.truncate(len);
            Cow::Owned(bytes)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shuffling_is_undone_and_a_remainder_kept() {
        assert_eq!(unshuffle(&[1, 3, 5, 2, 4, 6, 9], 2), [1, 2, 3, 4, 5, 6, 9]);
        assert_eq!(unshuffle(&[1, 2, 3], 8), [1, 2, 3]);
        assert_eq!(unshuffle(&[], 4), []);
    }

    #[test]
    fn inflating_ends_at_the_declared_size() {
        let zeros = [0x78, 0x9c, 0x63, 0x60, 0xa0, 0x3d, 0x00, 0x00, 0x00, 0x64, 0x00, 0x01];
        assert_eq!(inflate(&zeros, 100).unwrap(), [0; 100]);
        assert!(inflate(&zeros, 99).unwrap_err().to_string().contains("expected at most 99 bytes"));
        assert!(inflate(&zeros[..6], 200).unwrap_err().to_string().contains("broken"));
    }

    #[test]
    fn a_filter_is_refused_by_its_name() {
        let lzf = [2, 1, 0x00, 0x7d, 0, 0, 0, 0, 0, 0];
        assert_eq!(parse(&lzf).unwrap_err().to_string(), "the filter 32000 (lzf) is not supported");
    }
}
