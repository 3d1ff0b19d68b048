//! One entry: what the directory says of it, and its local header, which must say the same.

use super::name;
use super::record::Record;
use addax_core::{Error, Result};
use std::ops::Range;

/// How records begin.
pub(super) mod signature {
    pub const LOCAL: [u8; 4] = *b"PK\x03\x04";
    pub const CENTRAL: [u8; 4] = *b"PK\x01\x02";
    pub const END: [u8; 4] = *b"PK\x05\x06";
    pub const END64: [u8; 4] = *b"PK\x06\x06";
    pub const LOCATOR: [u8; 4] = *b"PK\x06\x07";
    pub const DESCRIPTOR: [u8; 4] = *b"PK\x07\x08";
}

/// The id of the extra field with 64-bit sizes.
pub(super) const EXTRA_64: u64 = 1;

/// The name is UTF-8.
pub(super) const UTF8: u64 = 1 << 11;
/// Sizes and checksum follow the contents.
const DESCRIPTOR: u64 = 1 << 3;
/// Encrypted, strongly encrypted, or with an encrypted directory.
const ENCRYPTED: u64 = 1 | 1 << 6 | 1 << 13;
/// Flags in which a local header and the directory must agree.
const AGREE: u64 = ENCRYPTED | DESCRIPTOR | UTF8;

/// Deflate stores at best a run of 258 bytes in 2 bits; the constant allows for empty and tiny entries.
const MOST_PER_BYTE: u64 = 1032;
/// The largest entry that is inflated: 4 GiB.
const LARGEST_INFLATED: u64 = 1 << 32;

/// How the contents are kept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Method {
    /// As they are.
    Stored,
    /// As a raw deflate stream.
    Deflated,
}

/// An entry that has been proven.
#[derive(Debug)]
pub(super) struct Entry {
    pub name: String,
    pub method: Method,
    pub crc: u32,
    /// The size of the contents.
    pub size: usize,
    /// Where the stored bytes are.
    pub stored: Range<usize>,
    /// Where the local header is.
    pub begins: usize,
    descriptor: bool,
}

/// The fields that the directory and a local header have in common.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Header {
    flags: u64,
    method: u64,
    crc: u64,
    stored: u64,
    size: u64,
}

impl Header {
    fn read(record: &mut Record) -> Result<Header> {
        let (flags, method, _time, _date) = (record.u16()?, record.u16()?, record.u16()?, record.u16()?);
        let (crc, stored, size) = (record.u32()?, record.u32()?, record.u32()?);
        Ok(Header { flags, method, crc, stored, size })
    }
}

/// Replaces numbers that do not fit 32 bits by those in the extra field, which has them in this order.
fn widen(extra: &[u8], numbers: &mut [&mut u64]) -> Result<()> {
    let mut fields = Record::inside(extra, "extra field");
    while let (Ok(id), Ok(length)) = (fields.u16(), fields.u16()) {
        let Ok(body) = fields.take(length as usize) else { break };
        if id == EXTRA_64 {
            let mut body = Record::inside(body, "extra field");
            for number in numbers.iter_mut().filter(|n| ***n == u64::from(u32::MAX)) {
                **number = body.u64()?;
            }
            break;
        }
    }
    Ok(())
}

impl Entry {
    /// Reads the next entry of the directory and its local header; `bytes` are all entries.
    pub fn read(record: &mut Record, bytes: &[u8]) -> Result<Entry> {
        if record.take(4)? != signature::CENTRAL {
            return Err(Error::value("corrupt").expected("an entry of the directory").got("something else"));
        }
        let (_made_by, _needed) = (record.u16()?, record.u16()?);
        let mut header = Header::read(record)?;
        let lengths = (record.u16()?, record.u16()?, record.u16()?);
        let (disk, _internal, external, mut place) =
            (record.u16()?, record.u16()?, record.u32()?, record.u32()?);
        let raw_name = record.take(lengths.0 as usize)?;
        let extra = record.take(lengths.1 as usize)?;
        record.take(lengths.2 as usize)?;
        let name = name::check(raw_name)?;
        widen(extra, &mut [&mut header.size, &mut header.stored, &mut place])
            .and_then(|()| Entry::proven(&name, raw_name, header, (disk, external, place), bytes))
            .map_err(|e| e.at(format_args!("entry \"{name}\"")))
    }

    fn proven(
        name: &str,
        raw_name: &[u8],
        header: Header,
        (disk, external, place): (u64, u64, u64),
        bytes: &[u8],
    ) -> Result<Entry> {
        if disk != 0 {
            return Err(Error::unsupported("archive in several parts"));
        }
        let method = kind(name, &header, external)?;
        let begins = usize::try_from(place).unwrap_or(usize::MAX);
        let from = local(bytes, place, raw_name, &header)?;
        let end = usize::try_from(header.stored).ok().and_then(|n| from.checked_add(n));
        let Some(end) = end.filter(|end| *end <= bytes.len()) else {
            return Err(Error::value("truncated or of a wrong size")
                .expected(format_args!("{} stored bytes", header.stored))
                .got(bytes.len() - from));
        };
        // Lossless: `kind` and the line above bound it by the bytes there.
        let size = usize::try_from(header.size)
            .map_err(|_| Error::value("declared size").expected("one that fits memory").got(header.size))?;
        let descriptor = header.flags & DESCRIPTOR != 0;
        Ok(Entry {
            name: name.to_string(),
            method,
            crc: header.crc as u32,
            size,
            stored: from..end,
            begins,
            descriptor,
        })
    }

    /// Checks what stands between the stored bytes and the next entry: nothing, or sizes and checksum once more.
    pub fn check_end(&self, after: &[u8]) -> Result<()> {
        let error = || Error::value(format!("entry \"{}\"", self.name));
        if !self.descriptor {
            return match after.len() {
                0 => Ok(()),
                n => Err(error().expected("nothing after its bytes").got(format_args!("{n} bytes"))),
            };
        }
        let wide = matches!(after.len(), 20 | 24);
        let fields = match after.len() {
            12 | 20 => after,
            16 | 24 => after.strip_prefix(&signature::DESCRIPTOR).unwrap_or_default(),
            _ => &[],
        };
        let mut record = Record::inside(fields, "data descriptor");
        let crc = record.u32().map_err(|e| e.at(format_args!("entry \"{}\"", self.name)))?;
        let mut next = || if wide { record.u64() } else { record.u32() };
        let told = (crc, next()?, next()?);
        if told != (u64::from(self.crc), self.stored.len() as u64, self.size as u64) {
            return Err(error()
                .expected("sizes and checksum of the directory")
                .got("others after its bytes"));
        }
        Ok(())
    }
}

/// How the contents are kept; refuses what is encrypted, not a file, compressed otherwise, or of an impossible size.
fn kind(name: &str, header: &Header, external: u64) -> Result<Method> {
    if header.flags & ENCRYPTED != 0 {
        return Err(Error::unsupported("encrypted entry of a zip archive"));
    }
    // The upper half are Unix's mode bits: a regular file, a folder, or not told.
    match (external >> 16) & 0o170_000 {
        0 | 0o100_000 | 0o040_000 => {}
        0o120_000 => return Err(Error::value("symbolic link").expected("a file").got("a link")),
        _ => return Err(Error::value("special file").expected("a file").got("a device, pipe or socket")),
    }
    if name.ends_with('/') && (header.size, header.stored) != (0, 0) {
        return Err(Error::value("folder").expected("no contents").got(header.size.max(header.stored)));
    }
    let wrong_size = |most: u64| {
        let e = Error::value("corrupt size").expected(format_args!("at most {most} bytes"));
        Err(e.got(format_args!("{} declared, {} stored", header.size, header.stored)))
    };
    match header.method {
        0 if header.size != header.stored => wrong_size(header.stored),
        0 => Ok(Method::Stored),
        8 => match header.stored.saturating_mul(MOST_PER_BYTE).min(LARGEST_INFLATED) {
            most if header.size > most => wrong_size(most),
            _ => Ok(Method::Deflated),
        },
        other => Err(Error::unsupported("compression of a zip archive's entry")
            .expected("0 (stored) or 8 (deflated)")
            .got(other)),
    }
}

/// Checks the local header at `place` against the directory; returns where the stored bytes begin.
fn local(bytes: &[u8], place: u64, raw_name: &[u8], header: &Header) -> Result<usize> {
    let mut record = Record::at(bytes, place, signature::LOCAL, "local header")?;
    record.u16()?;
    let mut told = Header::read(&mut record)?;
    let lengths = (record.u16()? as usize, record.u16()? as usize);
    let name = record.take(lengths.0)?;
    widen(record.take(lengths.1)?, &mut [&mut told.size, &mut told.stored])?;
    let described = header.flags & DESCRIPTOR != 0;
    let zero = (told.crc, told.stored, told.size) == (0, 0, 0);
    let same_sizes = (told.crc, told.stored, told.size) == (header.crc, header.stored, header.size);
    if name != raw_name
        || told.method != header.method
        || (told.flags ^ header.flags) & AGREE != 0
        || !(same_sizes || described && zero)
    {
        return Err(Error::value("corrupt")
            .expected("a local header as the directory has it")
            .got("a mismatch in name, method, flags, size or checksum"));
    }
    Ok(place as usize + 30 + lengths.0 + lengths.1)
}
