//! Archives as Keras and NumPy have them: stored entries, one after another, then the directory.

use super::entry::{EXTRA_64, UTF8, signature};
use super::name;
use addax_core::{Error, Result};
use std::collections::HashSet;
use std::io::Write;

/// 1980-01-01 in the format's own way: the same contents give the same bytes on any day.
const DATE: u16 = 1 << 5 | 1;
/// Versions of the format: 2.0, and 4.5 where 64-bit numbers are used.
const PLAIN: u16 = 20;
const WIDE: u16 = 45;
/// Made on Unix, to which the mode belongs: a file that its owner may read and write.
const UNIX: u16 = 3 << 8;
const MODE: u32 = 0o100_600 << 16;

/// Writes an archive from front to back and keeps nothing but its directory.
#[derive(Debug)]
pub struct Writer<W: Write> {
    out: W,
    at: u64,
    directory: Vec<u8>,
    names: HashSet<String>,
    /// The first number that a 32-bit field cannot hold.
    full: u64,
}

/// A 32-bit field, and the same number for the extra field if it does not fit.
fn narrow(full: u64, n: u64, extra: &mut Vec<u8>) -> u32 {
    if n < full {
        return n as u32;
    }
    extra.extend(n.to_le_bytes());
    u32::MAX
}

/// The extra field for the numbers that did not fit; nothing if all did.
fn extra_field(numbers: Vec<u8>) -> Vec<u8> {
    if numbers.is_empty() {
        return numbers;
    }
    let mut field = (EXTRA_64 as u16).to_le_bytes().to_vec();
    field.extend((numbers.len() as u16).to_le_bytes());
    field.extend(numbers);
    field
}

fn failed(e: std::io::Error) -> Error {
    Error::io("zip archive", e)
}

impl<W: Write> Writer<W> {
    /// An archive that is written to `out`.
    pub fn new(out: W) -> Self {
        Writer { out, at: 0, directory: Vec::new(), names: HashSet::new(), full: u64::from(u32::MAX) }
    }

    /// Writes an entry whose contents are the parts, one after another. Errors: an unsafe name, a name that was there
    /// already, a stream that fails.
    pub fn add(&mut self, name: &str, parts: &[&[u8]]) -> Result<()> {
        let checked = name::check(name.as_bytes()).map_err(|e| e.at("zip archive"))?;
        if name.len() > usize::from(u16::MAX) || !self.names.insert(checked) {
            let e = Error::value("zip archive").expected("names of their own, of at most 65535 bytes");
            return Err(e.got(format_args!("\"{name}\"")));
        }
        let size = parts.iter().map(|p| p.len() as u64).sum();
        let mut crc = crc32fast::Hasher::new();
        parts.iter().for_each(|p| crc.update(p));
        let (crc, begins) = (crc.finalize(), self.at);
        self.local(name, size, crc)?;
        parts.iter().try_for_each(|p| self.put(p))?;
        self.remember(name, size, crc, begins);
        Ok(())
    }

    /// Writes the directory and hands the stream back.
    pub fn finish(mut self) -> Result<W> {
        let (offset, directory) = (self.at, std::mem::take(&mut self.directory));
        self.put(&directory)?;
        let (count, size) = (self.names.len() as u64, directory.len() as u64);
        if count >= self.full.min(u64::from(u16::MAX)) || offset.max(size) >= self.full {
            self.end64(count, size, offset)?;
        }
        let mut end = signature::END.to_vec();
        end.extend([0; 4]);
        let short = if count < self.full.min(u64::from(u16::MAX)) { count as u16 } else { u16::MAX };
        end.extend([short, short].map(u16::to_le_bytes).concat());
        let number = |n| narrow(self.full, n, &mut Vec::new()).to_le_bytes();
        end.extend([number(size), number(offset)].concat());
        end.extend([0; 2]);
        self.put(&end)?;
        self.out.flush().map_err(failed)?;
        Ok(self.out)
    }

    fn put(&mut self, bytes: &[u8]) -> Result<()> {
        self.out.write_all(bytes).map_err(failed)?;
        self.at += bytes.len() as u64;
        Ok(())
    }

    /// What a local header and the directory have in common, from the needed version to the size.
    fn header(name: &str, sizes: [u32; 2], crc: u32, extra: &[u8]) -> Vec<u8> {
        let flags = if name.is_ascii() { 0 } else { UTF8 as u16 };
        let version = if extra.is_empty() { PLAIN } else { WIDE };
        let mut header = [version, flags, 0, 0, DATE].map(u16::to_le_bytes).concat();
        header.extend([crc, sizes[0], sizes[1]].map(u32::to_le_bytes).concat());
        header.extend([name.len() as u16, extra.len() as u16].map(u16::to_le_bytes).concat());
        header
    }

    fn local(&mut self, name: &str, size: u64, crc: u32) -> Result<()> {
        let mut wide = Vec::new();
        let sizes = [size, size].map(|n| narrow(self.full, n, &mut wide));
        let extra = extra_field(wide);
        let header = Self::header(name, sizes, crc, &extra);
        self.put(&[&signature::LOCAL, header.as_slice(), name.as_bytes(), &extra].concat())
    }

    fn remember(&mut self, name: &str, size: u64, crc: u32, begins: u64) {
        let mut wide = Vec::new();
        let sizes = [size, size].map(|n| narrow(self.full, n, &mut wide));
        let place = narrow(self.full, begins, &mut wide);
        let extra = extra_field(wide);
        let header = Self::header(name, sizes, crc, &extra);
        self.directory.extend(signature::CENTRAL);
        self.directory.extend((UNIX | PLAIN).to_le_bytes());
        self.directory.extend(header);
        // No comment, the first disk, no internal attributes.
        self.directory.extend([0; 6]);
        self.directory.extend(MODE.to_le_bytes());
        self.directory.extend(place.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.directory.extend(extra);
    }

    fn end64(&mut self, count: u64, size: u64, offset: u64) -> Result<()> {
        let place = self.at;
        let mut end = signature::END64.to_vec();
        end.extend(44u64.to_le_bytes());
        end.extend([UNIX | WIDE, WIDE].map(u16::to_le_bytes).concat());
        end.extend([0; 8]);
        end.extend([count, count, size, offset].map(u64::to_le_bytes).concat());
        end.extend(signature::LOCATOR);
        end.extend([0; 4]);
        end.extend(place.to_le_bytes());
        end.extend(1u32.to_le_bytes());
        self.put(&end)
    }
}

#[cfg(test)]
impl<W: Write> Writer<W> {
    /// As if 32-bit fields could hold less: what is written is what large archives have.
    pub(super) fn with_full(out: W, full: u64) -> Self {
        Writer { full, ..Writer::new(out) }
    }
}
