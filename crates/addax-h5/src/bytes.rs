//! The file as bytes: every read is checked against what is there.

use crate::checksum::{lookup3, same};
use crate::{Error, Result};

/// The address that stands for "not allocated".
pub(crate) const UNDEFINED: u64 = u64::MAX;

/// A whole file in memory, addressed as the format addresses it.
#[derive(Clone, Copy)]
pub(crate) struct Bytes<'a>(pub &'a [u8]);

impl<'a> Bytes<'a> {
    /// How many bytes the file has.
    pub fn len(self) -> u64 {
        self.0.len() as u64
    }

    /// `len` bytes at `address`, all of them there.
    pub fn slice(self, address: u64, len: u64, what: &'static str) -> Result<&'a [u8]> {
        let end = address.checked_add(len).filter(|end| *end <= self.len());
        // Both ends are within the slice, so they fit in a usize.
        end.map(|end| &self.0[address as usize..end as usize]).ok_or_else(|| {
            Error::damaged(format_args!(
                "{what}: expected {len} bytes at {address}, got a file of {} bytes",
                self.len()
            ))
        })
    }

    /// Everything from `address` on.
    pub fn cursor(self, address: u64, what: &'static str) -> Result<Cursor<'a>> {
        let rest = self.slice(address, self.len().saturating_sub(address), what)?;
        Ok(Cursor::new(rest, what))
    }

    /// A block of `len` bytes that ends in the checksum of the rest; the rest, which begins with `tag`.
    pub fn block(self, address: u64, len: u64, tag: &[u8; 4], what: &'static str) -> Result<Cursor<'a>> {
        let block = self.slice(address, len, what)?;
        let mut cursor = Cursor::new(checked(block, what)?, what);
        cursor.tag(tag)?;
        Ok(cursor)
    }
}

/// `block` without the checksum at its end, which must match.
pub(crate) fn checked<'a>(block: &'a [u8], what: &'static str) -> Result<&'a [u8]> {
    let Some((body, sum)) = block.split_last_chunk::<4>() else {
        return Err(Error::damaged(format_args!("{what}: too short for its checksum")));
    };
    if !same(lookup3(body), u32::from_le_bytes(*sum)) {
        return Err(Error::damaged(format_args!("{what}: its checksum does not match")));
    }
    Ok(body)
}

/// A number from the file as a length in memory.
pub(crate) fn size(n: u64, what: &'static str) -> Result<usize> {
    usize::try_from(n).map_err(|_| Error::damaged(format_args!("{what}: {n} is too large")))
}

/// Reads one field after another.
#[derive(Clone)]
pub(crate) struct Cursor<'a> {
    rest: &'a [u8],
    len: usize,
    what: &'static str,
}

impl<'a> Cursor<'a> {
    pub fn new(bytes: &'a [u8], what: &'static str) -> Cursor<'a> {
        Cursor { rest: bytes, len: bytes.len(), what }
    }

    /// The next `n` bytes.
    pub fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let Some((head, rest)) = self.rest.split_at_checked(n) else {
            return Err(self.damaged(format_args!("expected {n} more bytes, got {}", self.rest.len())));
        };
        self.rest = rest;
        Ok(head)
    }

    /// What has not been read.
    pub fn rest(&self) -> &'a [u8] {
        self.rest
    }

    /// How many bytes have been read.
    pub fn position(&self) -> usize {
        self.len - self.rest.len()
    }

    /// Passes over padding, up to a multiple of eight from the start or to the end.
    pub fn align(&mut self) {
        let pad = self.position().wrapping_neg() % 8;
        self.rest = self.rest.get(pad..).unwrap_or_default();
    }

    /// Passes over the signature `tag`.
    pub fn tag(&mut self, tag: &[u8; 4]) -> Result<()> {
        match self.take(4)? == tag {
            true => Ok(()),
            false => Err(self.damaged(format_args!("its signature {} is missing", tag.escape_ascii()))),
        }
    }

    /// Passes over the version, which must be among those known.
    pub fn version(&mut self, known: std::ops::RangeInclusive<u8>) -> Result<u8> {
        let version = self.u8()?;
        match known.contains(&version) {
            true => Ok(version),
            false => Err(Error::refused(format_args!("{} of version {version} is", self.what))),
        }
    }

    /// A little-endian number of up to eight bytes.
    pub fn uint(&mut self, width: usize) -> Result<u64> {
        if width > 8 {
            return Err(self.damaged(format_args!("a number of {width} bytes")));
        }
        Ok(self.take(width)?.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
    }

    pub fn u8(&mut self) -> Result<u8> {
        Ok(self.uint(1)? as u8)
    }

    pub fn u16(&mut self) -> Result<u16> {
        Ok(self.uint(2)? as u16)
    }

    pub fn u32(&mut self) -> Result<u32> {
        Ok(self.uint(4)? as u32)
    }

    pub fn u64(&mut self) -> Result<u64> {
        self.uint(8)
    }

    /// What is wrong with this structure.
    pub fn damaged(&self, message: impl std::fmt::Display) -> Error {
        Error::damaged(format_args!("{}: {message}", self.what))
    }
}

/// Text that ends at the first zero byte of `bytes`.
pub(crate) fn c_str(bytes: &[u8]) -> &[u8] {
    bytes.split(|b| *b == 0).next().unwrap_or_default()
}

/// How many bytes of structures may still be read. In an honest file a byte is read at most twice, as part of a block
/// and as part of an object in that block; what loops, or points often at the same block, runs out.
pub(crate) struct Budget(u64);

impl Budget {
    pub fn of(file: Bytes<'_>) -> Budget {
        Budget(file.len().saturating_mul(2))
    }

    /// Takes `n` bytes away.
    pub fn spend(&mut self, n: u64, what: &'static str) -> Result<()> {
        let left = self.0.checked_sub(n);
        self.0 = left.ok_or_else(|| {
            Error::damaged(format_args!("{what}: its parts overlap, they are longer than the file"))
        })?;
        Ok(())
    }
}
