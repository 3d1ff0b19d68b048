//! Fractal heaps: where the newer file format keeps many links or attributes of one object.
//!
//! Blocks stand in rows of a table of some width. Those of the first two rows have the starting size, each further row
//! doubles it; rows beyond the largest direct block hold tables again. An object is an offset into all this.

use crate::bytes::{Budget, Bytes, Cursor, UNDEFINED};
use crate::checksum::{lookup3, same};
use crate::{Error, Result, btree2};
use std::collections::{HashMap, HashSet};

/// A heap, with the blocks that have been checked.
pub(crate) struct FractalHeap<'a> {
    file: Bytes<'a>,
    address: u64,
    /// Bytes of an object's name, and of an offset and a length in it.
    name_width: usize,
    offset_width: usize,
    length_width: usize,
    checksums: bool,
    width: u64,
    start: u64,
    largest_direct: u64,
    root: u64,
    root_rows: u64,
    huge: HashMap<u64, &'a [u8]>,
    checked: HashSet<u64>,
}

impl<'a> FractalHeap<'a> {
    /// Reads the heap's header and the directory of its large objects.
    pub fn read(file: Bytes<'a>, address: u64, budget: &mut Budget) -> Result<Self> {
        budget.spend(146, "a fractal heap")?;
        let mut cursor = file.block(address, 146, b"FRHP", "a fractal heap")?;
        cursor.version(0..=0)?;
        let name_width = usize::from(cursor.u16()?);
        if cursor.u16()? != 0 {
            return Err(Error::refused("a fractal heap with filters is"));
        }
        let checksums = cursor.u8()? & 2 != 0;
        let largest_object = u64::from(cursor.u32()?);
        cursor.take(8)?;
        let huge_tree = cursor.u64()?;
        cursor.take(10 * 8)?;
        let width = u64::from(cursor.u16()?);
        let (start, largest_direct) = (cursor.u64()?, cursor.u64()?);
        let bits = cursor.u16()?;
        cursor.take(2)?;
        let (root, root_rows) = (cursor.u64()?, u64::from(cursor.u16()?));
        let sound = width.is_power_of_two()
            && start.is_power_of_two()
            && largest_direct.is_power_of_two()
            && start <= largest_direct
            && largest_direct <= 1 << 32
            && width.checked_mul(start).is_some()
            && (1..=64).contains(&bits);
        if !sound {
            return Err(cursor.damaged("its table has impossible sizes"));
        }
        let length_width = largest_direct.min(largest_object).max(1).ilog2() as usize / 8 + 1;
        let huge =
            if huge_tree == UNDEFINED { HashMap::new() } else { huge_objects(file, huge_tree, budget)? };
        Ok(FractalHeap {
            file,
            address,
            name_width,
            offset_width: usize::from(bits).div_ceil(8),
            length_width,
            checksums,
            width,
            start,
            largest_direct,
            root,
            root_rows,
            huge,
            checked: HashSet::new(),
        })
    }

    /// How many bytes name an object.
    pub fn name_width(&self) -> usize {
        self.name_width
    }

    /// The object of that name: of the heap's kinds tiny, managed and huge.
    pub fn object(&mut self, name: &'a [u8], budget: &mut Budget) -> Result<&'a [u8]> {
        let mut cursor = Cursor::new(name, "a fractal heap's object");
        let first = cursor.u8()?;
        match first >> 4 {
            0 => {
                let (offset, len) = (cursor.uint(self.offset_width)?, cursor.uint(self.length_width)?);
                budget.spend(len, "a fractal heap")?;
                self.managed(offset, len, budget)
            }
            1 => {
                let object = self.huge.get(&cursor.uint(cursor.rest().len())?).copied();
                let object = object.ok_or_else(|| cursor.damaged("a large object is missing"))?;
                budget.spend(object.len() as u64, "a fractal heap")?;
                Ok(object)
            }
            // Names are too short for the tiny objects with a second byte of length.
            2 => cursor.take(usize::from(first & 15) + 1),
            other => Err(cursor.damaged(format_args!("unknown kind {other}"))),
        }
    }

    fn managed(&mut self, offset: u64, len: u64, budget: &mut Budget) -> Result<&'a [u8]> {
        let (mut table, mut rows, mut base) = (self.root, self.root_rows, 0);
        if rows == 0 {
            return self.in_block(self.root, self.start, offset, len, budget);
        }
        loop {
            let (row, column, size, within) = self.place(offset - base);
            if row >= rows {
                return Err(Error::damaged("a fractal heap: an object lies beyond its blocks"));
            }
            let entries = self.table(table, rows, budget)?;
            let entry = (row * self.width + column) as usize;
            let child = Cursor::new(&entries[entry * 8..], "a fractal heap").u64()?;
            if size <= self.largest_direct {
                return self.in_block(child, size, within, len, budget);
            }
            // A table within a table covers as many bytes as the block that would stand in its place.
            let covered = size / (self.start * self.width);
            if covered == 0 {
                return Err(Error::damaged("a fractal heap: its table has impossible sizes"));
            }
            (table, rows, base) = (child, u64::from(covered.ilog2()) + 1, offset - within);
        }
    }

    /// Where the byte `at` of a table lies: row, column, size of the block there, offset within it.
    fn place(&self, at: u64) -> (u64, u64, u64, u64) {
        let first = self.width * self.start;
        let row = (at / first).checked_ilog2().map_or(0, |n| u64::from(n) + 1);
        let (size, before) = match row {
            0 => (self.start, 0),
            // No overflow: `before` is at most `at`, and `size` is a part of it.
            _ => (self.start << (row - 1), first << (row - 1)),
        };
        (row, (at - before) / size, size, (at - before) % size)
    }

    /// The addresses in an indirect block of so many rows.
    fn table(&mut self, address: u64, rows: u64, budget: &mut Budget) -> Result<&'a [u8]> {
        let prefix = 13 + self.offset_width as u64;
        let entries = rows.saturating_mul(self.width).saturating_mul(8);
        let len = entries.saturating_add(prefix + 4);
        if !self.checked.contains(&address) {
            budget.spend(len, "a fractal heap")?;
            let mut cursor = self.file.block(address, len, b"FHIB", "a fractal heap")?;
            cursor.version(0..=0)?;
            self.owned(&mut cursor)?;
            self.checked.insert(address);
        }
        self.file.slice(address.saturating_add(prefix), entries, "a fractal heap")
    }

    /// `len` bytes at `at` of the direct block of `size` bytes.
    fn in_block(
        &mut self,
        address: u64,
        size: u64,
        at: u64,
        len: u64,
        budget: &mut Budget,
    ) -> Result<&'a [u8]> {
        let block = self.file.slice(address, size, "a fractal heap")?;
        if !self.checked.contains(&address) {
            budget.spend(size, "a fractal heap")?;
            let mut cursor = Cursor::new(block, "a fractal heap");
            cursor.tag(b"FHDB")?;
            cursor.version(0..=0)?;
            self.owned(&mut cursor)?;
            cursor.take(self.offset_width)?;
            if self.checksums {
                let at = cursor.position();
                self.sum(block, at, cursor.u32()?)?;
            }
            self.checked.insert(address);
        }
        let end = at.checked_add(len).filter(|end| *end <= size);
        end.map(|end| &block[at as usize..end as usize])
            .ok_or_else(|| Error::damaged("a fractal heap: an object is longer than its block"))
    }

    /// A direct block's checksum stands inside it and counts as zeros.
    fn sum(&self, block: &[u8], at: usize, sum: u32) -> Result<()> {
        let mut blank = block.to_vec();
        blank[at..at + 4].fill(0);
        match same(lookup3(&blank), sum) {
            true => Ok(()),
            false => Err(Error::damaged("a fractal heap: its checksum does not match")),
        }
    }

    /// Passes over a block's pointer to its heap, which must be this one.
    fn owned(&self, cursor: &mut Cursor<'a>) -> Result<()> {
        match cursor.u64()? == self.address {
            true => Ok(()),
            false => Err(cursor.damaged("a block belongs to another heap")),
        }
    }
}

/// The large objects, which lie outside the blocks, by their number.
fn huge_objects<'a>(file: Bytes<'a>, tree: u64, budget: &mut Budget) -> Result<HashMap<u64, &'a [u8]>> {
    let mut found = HashMap::new();
    btree2::records(file, tree, &[btree2::of::HUGE_OBJECTS], budget, |record| {
        let mut cursor = Cursor::new(record, "a fractal heap's large object");
        let (address, len) = (cursor.u64()?, cursor.u64()?);
        found.insert(cursor.u64()?, file.slice(address, len, "a fractal heap's large object")?);
        Ok(())
    })?;
    Ok(found)
}
