//! Little-endian numbers, one after another.

use addax_core::{Error, Result};

/// A record as it is read; whoever reads past its end gets an error that names it.
pub(super) struct Record<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Record<'a> {
    /// The record that begins at a place of the archive with the given signature.
    pub fn at(bytes: &'a [u8], place: u64, signature: [u8; 4], what: &'static str) -> Result<Record<'a>> {
        let rest = usize::try_from(place).ok().and_then(|p| bytes.get(p..)).unwrap_or_default();
        let mut record = Record { rest, what };
        match record.take(4)? == signature {
            true => Ok(record),
            false => Err(Error::value("corrupt")
                .expected(format_args!("a {what} at byte {place}"))
                .got("something else")),
        }
    }

    /// The fields inside a record.
    pub fn inside(rest: &'a [u8], what: &'static str) -> Record<'a> {
        Record { rest, what }
    }

    pub fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub fn take(&mut self, n: usize) -> Result<&'a [u8]> {
        let split = self.rest.split_at_checked(n);
        let error = || Error::value("truncated").expected(format_args!("a whole {}", self.what));
        let (taken, rest) = split.ok_or_else(|| error().got(format_args!("{} bytes", self.rest.len())))?;
        self.rest = rest;
        Ok(taken)
    }

    fn number<const N: usize>(&mut self) -> Result<u64> {
        Ok(self.take(N)?.iter().rev().fold(0, |n, b| n << 8 | u64::from(*b)))
    }

    pub fn u16(&mut self) -> Result<u64> {
        self.number::<2>()
    }

    pub fn u32(&mut self) -> Result<u64> {
        self.number::<4>()
    }

    pub fn u64(&mut self) -> Result<u64> {
        self.number::<8>()
    }
}
