//! The index of a dataset that can grow along one axis: blocks of entries that get larger and larger.
//!
//! The index block holds the first entries, then pointers to data blocks, then pointers to super blocks, which hold
//! pointers to data blocks again. Level `u` has `2^(u/2)` data blocks of `2^((u+1)/2)` times the smallest size.

use super::fixed_array::each;
use crate::bytes::{Budget, Bytes, UNDEFINED, checked};
use crate::{Error, Result};

const NAME: &str = "an extensible array";

/// What the header says.
struct Array<'a> {
    file: Bytes<'a>,
    entry: u64,
    /// Bytes that count entries.
    offset_width: u64,
    in_index: u64,
    smallest: u64,
    /// Levels whose data blocks the index block points at itself, and all levels.
    direct_levels: u32,
    levels: u32,
    /// Entries of a page; longer data blocks are split in pages.
    page: u64,
}

/// Hands the number and the entry of each chunk to `visit`; those never written may be left out.
pub(crate) fn entries<'a>(
    file: Bytes<'a>,
    address: u64,
    budget: &mut Budget,
    visit: &mut dyn FnMut(u64, &'a [u8]) -> Result<()>,
) -> Result<()> {
    let mut cursor = file.block(address, 72, b"EAHD", NAME)?;
    cursor.version(0..=0)?;
    cursor.take(1)?;
    let entry = u64::from(cursor.u8()?);
    let bits = u32::from(cursor.u8()?);
    let in_index = u64::from(cursor.u8()?);
    let (smallest, pointers, page_bits) = (u64::from(cursor.u8()?), cursor.u8()?, cursor.u8()?);
    cursor.take(6 * 8)?;
    let index = cursor.u64()?;
    let sound = entry >= 8
        && smallest.is_power_of_two()
        && pointers.is_power_of_two()
        && (smallest.ilog2()..=64).contains(&bits)
        && page_bits <= 63;
    if !sound {
        return Err(cursor.damaged("impossible sizes"));
    }
    if index == UNDEFINED {
        return Ok(());
    }
    let levels = 1 + bits - smallest.ilog2();
    let array = Array {
        file,
        entry,
        offset_width: u64::from(bits.div_ceil(8)),
        in_index,
        smallest,
        direct_levels: (2 * pointers.ilog2()).min(levels),
        levels,
        page: 1 << page_bits,
    };
    array.index_block(index, budget, visit)
}

impl<'a> Array<'a> {
    /// Data blocks of a level, and the entries of each.
    fn level(&self, level: u32) -> (u64, u64) {
        (1 << (level / 2), self.smallest.saturating_mul(1 << level.div_ceil(2)))
    }

    fn index_block(
        &self,
        address: u64,
        budget: &mut Budget,
        visit: &mut dyn FnMut(u64, &'a [u8]) -> Result<()>,
    ) -> Result<()> {
        let blocks: u64 = (0..self.direct_levels).map(|u| self.level(u).0).sum();
        let supers = u64::from(self.levels - self.direct_levels);
        let entries = self.in_index * self.entry;
        let len = 14 + entries + 8 * (blocks + supers) + 4;
        budget.spend(len, NAME)?;
        let mut cursor = self.file.block(address, len, b"EAIB", NAME)?;
        cursor.version(0..=0)?;
        cursor.take(9)?;
        each(0, cursor.take(entries as usize)?, self.entry, visit)?;
        let mut number = self.in_index;
        for level in 0..self.levels {
            let (blocks, long) = self.level(level);
            if level >= self.direct_levels {
                self.super_block(cursor.u64()?, number, level, budget, visit)?;
            } else {
                for i in 0..blocks {
                    self.data_block(cursor.u64()?, number + i * long, long, None, budget, visit)?;
                }
            }
            number = number.saturating_add(blocks.saturating_mul(long));
        }
        Ok(())
    }

    fn super_block(
        &self,
        address: u64,
        first: u64,
        level: u32,
        budget: &mut Budget,
        visit: &mut dyn FnMut(u64, &'a [u8]) -> Result<()>,
    ) -> Result<()> {
        if address == UNDEFINED {
            return Ok(());
        }
        let (blocks, long) = self.level(level);
        // One bit for each page of each data block says whether it has been written.
        let pages = if long > self.page { long / self.page } else { 0 };
        let bits = blocks.saturating_mul(pages.div_ceil(8));
        let len = blocks.saturating_mul(8).saturating_add(bits).saturating_add(14 + self.offset_width + 4);
        budget.spend(len, NAME)?;
        let mut cursor = self.file.block(address, len, b"EASB", NAME)?;
        cursor.version(0..=0)?;
        cursor.take(9 + self.offset_width as usize)?;
        let written = cursor.take(bits as usize)?;
        for i in 0..blocks {
            let start = first.saturating_add(i.saturating_mul(long));
            let written = Some((written, i * pages));
            self.data_block(cursor.u64()?, start, long, written, budget, visit)?;
        }
        Ok(())
    }

    /// A data block of `long` entries, numbered from `first` on. `written` are the bits of pages and the first of them.
    fn data_block(
        &self,
        address: u64,
        first: u64,
        long: u64,
        written: Option<(&[u8], u64)>,
        budget: &mut Budget,
        visit: &mut dyn FnMut(u64, &'a [u8]) -> Result<()>,
    ) -> Result<()> {
        if address == UNDEFINED {
            return Ok(());
        }
        let bytes = long.saturating_mul(self.entry);
        budget.spend(bytes, NAME)?;
        let prefix = 14 + self.offset_width;
        if long <= self.page {
            let mut cursor = self.file.block(address, bytes.saturating_add(prefix + 4), b"EADB", NAME)?;
            cursor.take(prefix as usize - 4)?;
            return each(first, cursor.rest(), self.entry, visit);
        }
        let Some((written, bit)) = written else {
            return Err(Error::damaged(format_args!("{NAME}: pages without their marks")));
        };
        self.file.block(address, prefix + 4, b"EADB", NAME)?;
        let page_bytes = self.page * self.entry;
        for page in 0..long / self.page {
            let mark = bit + page;
            let set = written.get((mark / 8) as usize).is_some_and(|byte| byte << (mark % 8) & 0x80 != 0);
            if set {
                let at = address.saturating_add(prefix + 4 + page * (page_bytes + 4));
                let entries = checked(self.file.slice(at, page_bytes + 4, NAME)?, NAME)?;
                each(first.saturating_add(page * self.page), entries, self.entry, visit)?;
            }
        }
        Ok(())
    }
}
