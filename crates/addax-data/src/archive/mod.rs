//! Zip archives, read strictly and written plainly: the container of `.npz` and `.keras` files.
//!
//! The bytes of a sound archive are exactly its entries, one after another, then its directory and its end records.
//! All of that is checked when the archive is opened: names (they never become paths here, but whoever extracts the
//! file with another tool is safe too), sizes against the bytes that are there, local headers against the directory.
//! Contents are checked against their checksum when they are read. The format: PKWARE APPNOTE 6.3.10.

mod directory;
mod entry;
mod name;
mod record;
mod writer;

pub use writer::Writer;

use addax_core::{Error, Result};
use entry::{Entry, Method};
use flate2::{Decompress, FlushDecompress, Status};
use std::borrow::Cow;

/// Archives whose deflated entries stay under this are read, however small they are stored: 256 MiB.
const INFLATES_FREELY: u64 = 256 << 20;

/// Beyond that, how many times its own size an archive may inflate to.
const INFLATES_TIMES: u64 = 100;

/// The entries of a zip archive that lies in memory.
///
/// ```
/// use addax_data::archive::{Archive, Writer};
/// let mut writer = Writer::new(Vec::new());
/// writer.add("config.json", &[b"{}"])?;
/// let bytes = writer.finish()?;
/// let archive = Archive::open(&bytes)?;
/// assert_eq!(archive.names().collect::<Vec<_>>(), ["config.json"]);
/// assert_eq!(archive.read("config.json")?, &b"{}"[..]);
/// # Ok::<(), addax_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Archive<'a> {
    bytes: &'a [u8],
    entries: Vec<Entry>,
}

impl<'a> Archive<'a> {
    /// Reads the directory and proves it; contents are not touched yet. The error says which record is wrong.
    pub fn open(bytes: &'a [u8]) -> Result<Archive<'a>> {
        let entries = directory::read(bytes).and_then(|entries| bounded(entries, bytes.len()));
        Ok(Archive { bytes, entries: entries.map_err(|e| e.at("zip archive"))? })
    }

    /// The names of the files, in the order of the directory.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|e| e.name.as_str()).filter(|n| !n.ends_with('/'))
    }

    /// Whether there is a file of this name.
    pub fn contains(&self, name: &str) -> bool {
        self.names().any(|n| n == name)
    }

    /// A file's bytes: a view of the archive if they are stored, inflated otherwise. Errors: no such name, bytes that
    /// do not inflate to the declared size, a wrong checksum.
    pub fn read(&self, name: &str) -> Result<Cow<'a, [u8]>> {
        let entry = self.entries.iter().find(|e| e.name == name && !name.ends_with('/'));
        let entry = entry.ok_or_else(|| Error::unknown("entry", name, self.names()).at("zip archive"))?;
        self.contents(entry).map_err(|e| e.at(format_args!("entry \"{name}\"")).at("zip archive"))
    }

    fn contents(&self, entry: &Entry) -> Result<Cow<'a, [u8]>> {
        let stored = &self.bytes[entry.stored.clone()];
        let contents = match entry.method {
            Method::Stored => Cow::Borrowed(stored),
            Method::Deflated => Cow::Owned(inflate(stored, entry.size)?),
        };
        let crc = crc32fast::hash(&contents);
        if crc != entry.crc {
            let e = Error::value("corrupt").expected(format_args!("CRC {:08x}", entry.crc));
            return Err(e.got(format_args!("{crc:08x}")));
        }
        Ok(contents)
    }
}

/// Refuses archives that would inflate to far more than they are.
fn bounded(entries: Vec<Entry>, length: usize) -> Result<Vec<Entry>> {
    let deflated = entries.iter().filter(|e| e.method == Method::Deflated);
    let inflated = deflated.fold(0u64, |sum, e| sum.saturating_add(e.size as u64));
    let limit = INFLATES_FREELY.max(INFLATES_TIMES.saturating_mul(length as u64));
    if inflated > limit {
        return Err(Error::value("inflated size")
            .expected(format_args!("at most {limit} bytes from an archive of {length}"))
            .got(inflated));
    }
    Ok(entries)
}

/// Inflates to exactly `size` bytes, which the entry's header was found able to hold.
fn inflate(stored: &[u8], size: usize) -> Result<Vec<u8>> {
    // One byte of room beyond the declared size tells a stream that is too long from one that fits.
    let mut out = Vec::with_capacity(size + 1);
    let mut stream = Decompress::new(false);
    loop {
        let (read, had) = (stream.total_in() as usize, out.len());
        let status = stream
            .decompress_vec(&stored[read..], &mut out, FlushDecompress::Finish)
            .map_err(|_| Error::value("corrupt").expected("deflated bytes").got("something else"))?;
        let ended = status == Status::StreamEnd;
        if out.len() > size || (ended && out.len() < size) {
            let e = Error::value("corrupt").expected(format_args!("{size} bytes when inflated"));
            return Err(e.got(format_args!("{}{}", out.len(), if ended { "" } else { " or more" })));
        }
        if ended {
            break;
        }
        if stream.total_in() as usize == read && out.len() == had {
            return Err(Error::value("truncated")
                .expected(format_args!("{size} bytes when inflated"))
                .got(out.len()));
        }
    }
    match stored.len() - stream.total_in() as usize {
        0 => Ok(out),
        left => Err(Error::value("corrupt").expected("nothing after the deflated bytes").got(left)),
    }
}

#[cfg(test)]
mod tests;
