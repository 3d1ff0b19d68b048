//! The index of a dataset whose chunks can be counted: one array of entries, in pages if it is long.

use crate::Result;
use crate::bytes::{Budget, Bytes, UNDEFINED, checked};

/// Hands the number and the entry of each chunk to `visit`; those never written may be left out.
pub(crate) fn entries<'a>(
    file: Bytes<'a>,
    address: u64,
    budget: &mut Budget,
    visit: &mut dyn FnMut(u64, &'a [u8]) -> Result<()>,
) -> Result<()> {
    const NAME: &str = "a fixed array";
    let mut cursor = file.block(address, 28, b"FAHD", NAME)?;
    cursor.version(0..=0)?;
    cursor.take(1)?;
    let entry = u64::from(cursor.u8()?);
    let page_bits = cursor.u8()?;
    let (count, block) = (cursor.u64()?, cursor.u64()?);
    if entry < 8 || page_bits > 63 {
        return Err(cursor.damaged("impossible sizes"));
    }
    if block == UNDEFINED {
        return Ok(());
    }
    let bytes = count.saturating_mul(entry);
    budget.spend(bytes, NAME)?;
    let page = 1u64 << page_bits;
    if count <= page {
        let cursor = file.block(block, bytes.saturating_add(18), b"FADB", NAME)?;
        return each(0, &cursor.rest()[10..], entry, visit);
    }
    let pages = count.div_ceil(page);
    let prefix = 14 + pages.div_ceil(8);
    let written = &file.block(block, prefix + 4, b"FADB", NAME)?.rest()[10..];
    let first = block.saturating_add(prefix + 4);
    for number in 0..pages {
        if written[(number / 8) as usize] << (number % 8) & 0x80 == 0 {
            continue;
        }
        let here = page.min(count - number * page);
        let at = first.saturating_add(number.saturating_mul(page * entry + 4));
        let page_bytes = checked(file.slice(at, here * entry + 4, NAME)?, NAME)?;
        each(number * page, page_bytes, entry, visit)?;
    }
    Ok(())
}

/// Hands entries that stand side by side to `visit`, numbered from `first` on.
pub(crate) fn each<'a>(
    first: u64,
    entries: &'a [u8],
    size: u64,
    visit: &mut dyn FnMut(u64, &'a [u8]) -> Result<()>,
) -> Result<()> {
    entries.chunks_exact(size as usize).zip(first..).try_for_each(|(entry, number)| visit(number, entry))
}
