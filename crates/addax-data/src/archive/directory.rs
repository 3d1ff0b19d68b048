//! From the end of an archive to its directory, and from there to entries that lie side by side.

use super::entry::{Entry, signature};
use super::record::Record;
use addax_core::{Error, Result};
use std::collections::HashSet;

const END_LENGTH: usize = 22;
const LOCATOR_LENGTH: usize = 20;
const LONGEST_COMMENT: usize = u16::MAX as usize;

/// What the end of an archive says about its directory.
struct End {
    count: u64,
    size: u64,
    offset: u64,
    /// Where the end records begin, and so the directory ends.
    begins: u64,
}

/// All entries, in the order of the directory. Every byte of the archive is accounted for.
pub(super) fn read(bytes: &[u8]) -> Result<Vec<Entry>> {
    let end = end(bytes)?;
    if end.offset.checked_add(end.size) != Some(end.begins) {
        return Err(Error::value("directory")
            .expected(format_args!("its end at byte {}", end.begins))
            .got(format_args!("{} bytes from byte {}", end.size, end.offset))
            .hint("Is the archive truncated, or are there bytes before it?"));
    }
    let directory = &bytes[end.offset as usize..end.begins as usize];
    let mut record = Record::inside(directory, "directory");
    let mut entries = Vec::new();
    while !record.is_empty() {
        entries.push(Entry::read(&mut record, &bytes[..end.offset as usize])?);
    }
    if entries.len() as u64 != end.count {
        return Err(Error::value("directory")
            .expected(format_args!("{} entries", end.count))
            .got(entries.len()));
    }
    let mut names = HashSet::new();
    if let Some(twice) = entries.iter().find(|e| !names.insert(e.name.as_str())) {
        return Err(Error::value("duplicate name of entries").got(format_args!("\"{}\" twice", twice.name)));
    }
    side_by_side(&entries, &bytes[..end.offset as usize])?;
    Ok(entries)
}

/// Checks that the entries neither overlap nor leave bytes between them, but for what may follow an entry.
fn side_by_side(entries: &[Entry], bytes: &[u8]) -> Result<()> {
    let mut order: Vec<&Entry> = entries.iter().collect();
    order.sort_by_key(|e| e.begins);
    let begins = order.iter().map(|e| e.begins).chain([bytes.len()]);
    let first = begins.clone().next().unwrap_or(0);
    if first != 0 {
        return Err(Error::value("corrupt")
            .expected("an entry at byte 0")
            .got(format_args!("{first} other bytes")));
    }
    for (entry, next) in order.iter().zip(begins.skip(1)) {
        let after = bytes.get(entry.stored.end..next).ok_or_else(|| {
            let e = Error::value("overlapping entries");
            e.got(format_args!("\"{}\" and what begins at byte {next}", entry.name))
        })?;
        entry.check_end(after)?;
    }
    Ok(())
}

/// The end record, with the 64-bit numbers where there are some.
fn end(bytes: &[u8]) -> Result<End> {
    let at = find_end(bytes)?;
    let mut record = Record::at(bytes, at as u64, signature::END, "end record")?;
    let (disk, first_disk) = (record.u16()?, record.u16()?);
    let (count_here, count) = (record.u16()?, record.u16()?);
    let mut end = End { count, size: record.u32()?, offset: record.u32()?, begins: at as u64 };
    let locator = at.checked_sub(LOCATOR_LENGTH).filter(|l| bytes[*l..].starts_with(&signature::LOCATOR));
    let parts = match locator {
        Some(locator) => end64(bytes, locator, &mut end)?,
        None => 1,
    };
    if disk != 0 || first_disk != 0 || count_here != count || parts > 1 {
        return Err(Error::unsupported("archive in several parts"));
    }
    Ok(end)
}

/// Takes over the numbers of the 64-bit end record; returns in how many parts the archive is.
fn end64(bytes: &[u8], locator: usize, end: &mut End) -> Result<u64> {
    let mut record = Record::at(bytes, locator as u64, signature::LOCATOR, "64-bit locator")?;
    let (_, place, parts) = (record.u32()?, record.u64()?, record.u32()?);
    let mut record = Record::at(bytes, place, signature::END64, "64-bit end record")?;
    let length = record.u64()?;
    if place.checked_add(length).and_then(|p| p.checked_add(12)) != Some(locator as u64) {
        return Err(Error::value("corrupt 64-bit end record")
            .expected(format_args!("its end at byte {locator}"))
            .got(format_args!("{length} bytes from byte {place}")));
    }
    let (_, _, disk, first_disk) = (record.u16()?, record.u16()?, record.u32()?, record.u32()?);
    let (count_here, count, size, offset) = (record.u64()?, record.u64()?, record.u64()?, record.u64()?);
    let agree = |short: u64, most: u64, long: u64| short == most || short == long;
    let full = u64::from(u32::MAX);
    if !agree(end.count, u64::from(u16::MAX), count)
        || !agree(end.size, full, size)
        || !agree(end.offset, full, offset)
        || count_here != count
        || (disk, first_disk) != (0, 0)
    {
        return Err(Error::value("corrupt 64-bit end record")
            .expected("what the end record says")
            .got("other"));
    }
    *end = End { count, size, offset, begins: place };
    Ok(parts)
}

/// The only place from which an end record with its comment reaches exactly to the archive's end.
fn find_end(bytes: &[u8]) -> Result<usize> {
    let last = bytes.len().checked_sub(END_LENGTH);
    let first = last.unwrap_or(0).saturating_sub(LONGEST_COMMENT);
    let comment = |at: usize| usize::from(u16::from_le_bytes([bytes[at + 20], bytes[at + 21]]));
    let fits = |at: &usize| {
        bytes[*at..].starts_with(&signature::END) && at + END_LENGTH + comment(*at) == bytes.len()
    };
    let mut found = last.into_iter().flat_map(|last| first..=last).filter(fits);
    match (found.next(), found.next()) {
        (Some(at), None) => Ok(at),
        (Some(_), Some(_)) => Err(Error::value("corrupt").expected("one end record").got("several")),
        (None, _) => {
            let e = Error::value("truncated or no zip archive").expected("an end record in the last bytes");
            Err(e.got(format_args!("none in {} bytes", bytes.len())))
        }
    }
}
