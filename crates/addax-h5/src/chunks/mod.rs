//! Datasets in chunks: finding the chunks by whichever index there is, and putting them in their places.

mod extensible_array;
mod fixed_array;

use crate::bytes::{Budget, Bytes, Cursor, UNDEFINED, size};
use crate::filters::{Filter, undo};
use crate::layout::{Chunked, Index};
use crate::space::UNLIMITED;
use crate::{Error, Result, btree1, btree2};
use std::borrow::Cow;

/// A chunk as its index tells of it.
pub(crate) struct Chunk {
    /// Its first element, along each axis.
    corner: Vec<u64>,
    address: u64,
    /// Bytes in the file.
    len: u64,
    mask: u32,
}

/// A dataset in chunks.
pub(crate) struct Chunks<'a, 'd> {
    pub file: Bytes<'a>,
    pub shape: &'d [usize],
    /// How far each axis may grow; indices are laid out for that.
    pub most: &'d [u64],
    pub chunked: &'d Chunked,
    pub filters: &'d [Filter],
}

impl<'a> Chunks<'a, '_> {
    /// Bytes of all chunks in the file; more than the file has is damage.
    pub fn stored(&self) -> Result<u64> {
        let mut budget = Budget::of(self.file);
        let mut sum = 0;
        self.each(&mut |chunk| {
            budget.spend(chunk.len, "the chunks")?;
            sum += chunk.len;
            Ok(())
        })?;
        Ok(sum)
    }

    /// Copies each chunk to its place in `out`, which holds the whole dataset.
    pub fn read_into(&self, out: &mut [u8]) -> Result<()> {
        let whole = size(self.bytes(), "a chunk")?;
        let mut places = self.places();
        self.each(&mut |chunk| {
            // Else the same chunk could be inflated again and again.
            let left =
                places.checked_sub(1).ok_or_else(|| Error::damaged("more chunks than there are places"));
            places = left?;
            let bytes = self.file.slice(chunk.address, chunk.len, "a chunk")?;
            let axes = || chunk.corner.iter().zip(&self.chunked.shape).zip(self.shape);
            let beyond = axes().any(|((at, n), all)| at.saturating_add(*n) > *all as u64);
            let bytes = match beyond && self.chunked.bare_edges {
                true => Cow::Borrowed(bytes),
                false => undo(bytes, self.filters, chunk.mask, whole)?,
            };
            if bytes.len() != whole {
                let (expected, got) = (whole, bytes.len());
                return Err(Error::damaged(format_args!("a chunk: expected {expected} bytes, got {got}")));
            }
            self.place(&chunk.corner, &bytes, out);
            Ok(())
        })
    }

    /// How many chunks the dataset has.
    fn places(&self) -> u64 {
        let axes = self.shape.iter().zip(&self.chunked.shape);
        axes.fold(1, |p: u64, (all, n)| p.saturating_mul((*all as u64).div_ceil(*n)))
    }

    /// Bytes of a chunk in memory; the layout has proven that they can be counted.
    fn bytes(&self) -> u64 {
        self.chunked.shape.iter().product::<u64>() * self.chunked.element
    }

    /// Hands each chunk that is allocated and touches the dataset to `visit`.
    fn each(&self, visit: &mut dyn FnMut(Chunk) -> Result<()>) -> Result<()> {
        let address = self.chunked.address;
        if address == UNDEFINED {
            return Ok(());
        }
        let mut budget = Budget::of(self.file);
        let mut visit = |chunk: Chunk| {
            let inside = chunk.corner.iter().zip(self.shape).all(|(at, n)| *at < *n as u64);
            if chunk.address == UNDEFINED || !inside { Ok(()) } else { visit(chunk) }
        };
        match self.chunked.index {
            Index::BTree1 => self.by_btree_1(&mut budget, &mut visit),
            Index::BTree2 => self.by_btree_2(&mut budget, &mut visit),
            Index::Single(filtered) => {
                let (len, mask) = filtered.unwrap_or((self.bytes(), 0));
                visit(Chunk { corner: vec![0; self.shape.len()], address, len, mask })
            }
            Index::Implicit => self.one_after_the_other(address, &mut visit),
            Index::FixedArray => {
                let grid = self.grid(None)?;
                fixed_array::entries(self.file, address, &mut budget, &mut |number, entry| {
                    self.entry(&grid, number, entry, &mut visit)
                })
            }
            Index::ExtensibleArray => {
                let grid = self.grid(self.most.iter().position(|n| *n == UNLIMITED))?;
                extensible_array::entries(self.file, address, &mut budget, &mut |number, entry| {
                    self.entry(&grid, number, entry, &mut visit)
                })
            }
        }
    }

    fn by_btree_1(&self, budget: &mut Budget, visit: &mut dyn FnMut(Chunk) -> Result<()>) -> Result<()> {
        let rank = self.shape.len();
        let key = 8 + 8 * (rank + 1);
        let address = self.chunked.address;
        btree1::leaves(self.file, address, btree1::Of::Chunks, key, budget, |key, address, _| {
            let mut cursor = Cursor::new(key, "a chunk's key");
            let (len, mask) = (u64::from(cursor.u32()?), cursor.u32()?);
            let corner = (0..rank).map(|_| cursor.u64()).collect::<Result<_>>()?;
            visit(Chunk { corner, address, len, mask })
        })
    }

    fn by_btree_2(&self, budget: &mut Budget, visit: &mut dyn FnMut(Chunk) -> Result<()>) -> Result<()> {
        let filtered = !self.filters.is_empty();
        let kind = if filtered { btree2::of::FILTERED_CHUNKS } else { btree2::of::CHUNKS };
        btree2::records(self.file, self.chunked.address, &[kind], budget, |record| {
            let at = record.len().saturating_sub(8 * self.shape.len());
            let (entry, scaled) = record.split_at(at);
            let mut cursor = Cursor::new(scaled, "a chunk's record");
            let scaled = self.shape.iter().map(|_| cursor.u64()).collect::<Result<Vec<_>>>()?;
            self.at(&scaled, entry, visit)
        })
    }

    fn one_after_the_other(&self, first: u64, visit: &mut dyn FnMut(Chunk) -> Result<()>) -> Result<()> {
        let grid = self.grid(None)?;
        let len = self.bytes();
        let count = grid.counts.iter().try_fold(1u64, |p, n| p.checked_mul(*n));
        let all = count.and_then(|n| n.checked_mul(len)).unwrap_or(u64::MAX);
        self.file.slice(first, all, "the chunks")?;
        for number in 0..all / len {
            let entry = (first + number * len).to_le_bytes();
            self.entry(&grid, number, &entry, visit)?;
        }
        Ok(())
    }

    /// How chunks are numbered: `first` is the axis that moves slowest, else the axes are in order.
    fn grid(&self, first: Option<usize>) -> Result<Grid> {
        let rank = self.shape.len();
        let order: Vec<usize> = first.into_iter().chain((0..rank).filter(|a| Some(*a) != first)).collect();
        let counts: Vec<u64> = order.iter().map(|a| self.most[*a].div_ceil(self.chunked.shape[*a])).collect();
        let inner = counts.iter().skip(1).try_fold(1u64, |p, n| p.checked_mul(*n));
        match inner {
            Some(_) => Ok(Grid { order, counts }),
            None => Err(Error::damaged(format_args!("{counts:?} chunks are too many"))),
        }
    }

    /// The chunk of that number with its entry in an array.
    fn entry(
        &self,
        grid: &Grid,
        number: u64,
        entry: &[u8],
        visit: &mut dyn FnMut(Chunk) -> Result<()>,
    ) -> Result<()> {
        match grid.scaled(number) {
            Some(scaled) => self.at(&scaled, entry, visit),
            None => Ok(()),
        }
    }

    /// The chunk at a place counted in chunks. Its entry is the address and, with filters, a length and a mask.
    fn at(&self, scaled: &[u64], entry: &[u8], visit: &mut dyn FnMut(Chunk) -> Result<()>) -> Result<()> {
        let mut cursor = Cursor::new(entry, "a chunk's entry");
        let address = cursor.u64()?;
        let (len, mask) = match self.filters.is_empty() {
            true => (self.bytes(), 0),
            false => (cursor.uint(cursor.rest().len().saturating_sub(4))?, cursor.u32()?),
        };
        let corner = scaled.iter().zip(&self.chunked.shape).map(|(s, n)| s.saturating_mul(*n)).collect();
        visit(Chunk { corner, address, len, mask })
    }

    /// Copies what lies inside the dataset, one run along the last axis at a time.
    fn place(&self, corner: &[u64], chunk: &[u8], out: &mut [u8]) {
        let element = self.chunked.element as usize;
        let Some(last) = self.shape.len().checked_sub(1) else {
            out.copy_from_slice(chunk);
            return;
        };
        // All within the dataset or the chunk, both of which are in memory.
        let corner: Vec<usize> = corner.iter().map(|n| *n as usize).collect();
        let whole: Vec<usize> = self.chunked.shape.iter().map(|n| *n as usize).collect();
        let inside: Vec<usize> = (0..=last).map(|a| whole[a].min(self.shape[a] - corner[a])).collect();
        let run = inside[last] * element;
        let mut at = vec![0; last];
        loop {
            let (mut from, mut to) = (0, 0);
            for a in 0..last {
                from = (from + at[a]) * whole[a + 1];
                to = (to + corner[a] + at[a]) * self.shape[a + 1];
            }
            let (from, to) = (from * element, (to + corner[last]) * element);
            out[to..to + run].copy_from_slice(&chunk[from..from + run]);
            // The next row, counted like an odometer.
            let Some(axis) = (0..last).rev().find(|a| at[*a] + 1 < inside[*a]) else { return };
            at[axis] += 1;
            at[axis + 1..].fill(0);
        }
    }
}

/// The order of chunks in arrays.
struct Grid {
    order: Vec<usize>,
    /// Chunks along each axis, in that order.
    counts: Vec<u64>,
}

impl Grid {
    /// The place of a chunk along each axis of the dataset, counted in chunks; `None` for a grid without chunks.
    fn scaled(&self, mut number: u64) -> Option<Vec<u64>> {
        let mut scaled = vec![0; self.order.len()];
        for (axis, count) in self.order.iter().zip(&self.counts).skip(1).rev() {
            scaled[*axis] = number.checked_rem(*count)?;
            number /= count;
        }
        if let Some(axis) = self.order.first() {
            scaled[*axis] = number;
        }
        Some(scaled)
    }
}
