//! Reductions at the end of a fused loop. Their shape depends on the space alone, so that the bits never depend on
//! threads: rows are summed in blocks of fixed size in float32, the blocks in order in float64.

use super::{Arg, TILE};
use crate::instances;
use crate::simd::{Isa, Simd};

/// How elements are put together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fold {
    /// Their sum.
    Sum,
    /// The largest; NaN if one is NaN.
    Max,
    /// The smallest; NaN if one is NaN.
    Min,
}

/// Along what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Over {
    /// All rows: one result per column.
    Rows,
    /// All columns: one result per row.
    Columns,
    /// Everything: one result.
    All,
}

/// A reduction of a register.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sink {
    /// What is reduced: anything with one element per index.
    pub arg: Arg,
    /// Where the result goes.
    pub slot: u16,
    /// How.
    pub fold: Fold,
    /// Along what.
    pub over: Over,
}

/// Rows whose float32 sum is taken before it joins the float64 sum.
const BLOCK_ROWS: usize = 64;

impl Fold {
    fn identity(self) -> f32 {
        match self {
            Fold::Sum => 0.0,
            Fold::Max => f32::NEG_INFINITY,
            Fold::Min => f32::INFINITY,
        }
    }

    fn join(self, a: f64, b: f64) -> f64 {
        match self {
            Fold::Sum => a + b,
            _ if a.is_nan() || b.is_nan() => f64::NAN,
            Fold::Max => a.max(b),
            Fold::Min => a.min(b),
        }
    }
}

pub(super) struct SinkState {
    pub register: u8,
    slot: u16,
    fold: Fold,
    over: Over,
    rows: usize,
    columns: usize,
    /// Float32 sums of the block at hand, one per column, in scratch.
    block: usize,
    /// Float64 sums, in scratch.
    total: usize,
    results: usize,
}

impl SinkState {
    pub fn new(sink: &Sink, register: u8, rows: usize, columns: usize, scratch: &mut usize) -> SinkState {
        let mut take = |floats: usize| {
            let at = *scratch;
            *scratch += floats.next_multiple_of(16);
            at
        };
        let results = match sink.over {
            Over::Rows => columns,
            Over::All | Over::Columns => 1,
        };
        let (block, total) = (take(results), take(2 * results));
        SinkState {
            register,
            slot: sink.slot,
            fold: sink.fold,
            over: sink.over,
            rows,
            columns,
            block,
            total,
            results,
        }
    }

    /// # Safety
    /// `scratch` is the loop's own.
    pub unsafe fn begin(&self, scratch: *mut f32) {
        // SAFETY: both pieces were taken from scratch.
        unsafe {
            let (block, total) = self.sums(scratch);
            block.fill(self.fold.identity());
            total.fill(f64::from(self.fold.identity()));
        }
    }

    unsafe fn sums<'a>(&self, scratch: *mut f32) -> (&'a mut [f32], &'a mut [f64]) {
        // SAFETY: taken in `new`, disjoint; scratch is aligned for doubles and pieces are multiples of 16 floats.
        unsafe {
            (
                std::slice::from_raw_parts_mut(scratch.add(self.block), self.results),
                std::slice::from_raw_parts_mut(scratch.add(self.total).cast(), self.results),
            )
        }
    }

    /// Takes in a tile: `rows` rows of `width` columns, contiguous.
    ///
    /// # Safety
    /// `x` holds the tile; the rest as for the loop.
    #[allow(clippy::too_many_arguments)]
    pub unsafe fn take(
        &self,
        isa: Isa,
        x: *const f32,
        slots: &[*mut u8],
        scratch: *mut f32,
        row: usize,
        rows: usize,
        column: usize,
        width: usize,
    ) {
        // SAFETY: the tile and the sums are valid; results per row have a place per row.
        unsafe {
            match self.over {
                Over::Rows => {
                    let (block, total) = self.sums(scratch);
                    for r in 0..rows {
                        fold_row(isa, block.as_mut_ptr().add(column), x.add(r * width), width, self.fold);
                        let last_column = column + width == self.columns;
                        if (row + r + 1).is_multiple_of(BLOCK_ROWS) && last_column {
                            self.close_block(block, total);
                        }
                    }
                }
                Over::Columns => {
                    let out = slots[usize::from(self.slot)].cast::<f32>().add(row);
                    let (_, total) = self.sums(scratch);
                    for r in 0..rows {
                        let part = f64::from(fold_all(isa, x.add(r * width), width, self.fold));
                        let sum = if column == 0 { part } else { self.fold.join(total[0], part) };
                        total[0] = sum;
                        *out.add(r) = sum as f32;
                    }
                }
                Over::All => {
                    let (_, total) = self.sums(scratch);
                    let part = f64::from(fold_all(isa, x, rows * width, self.fold));
                    total[0] = self.fold.join(total[0], part);
                }
            }
        }
    }

    fn close_block(&self, block: &mut [f32], total: &mut [f64]) {
        for (b, t) in block.iter_mut().zip(total) {
            *t = self.fold.join(*t, f64::from(*b));
            *b = self.fold.identity();
        }
    }

    /// # Safety
    /// As for the loop, after all rows.
    pub unsafe fn finish(&self, slots: &[*mut u8], scratch: *mut f32) {
        if self.over == Over::Columns {
            return;
        }
        // SAFETY: the slot holds as many floats as there are results.
        unsafe {
            let (block, total) = self.sums(scratch);
            if self.over == Over::Rows && !self.rows.is_multiple_of(BLOCK_ROWS) {
                self.close_block(block, total);
            }
            let out = slots[usize::from(self.slot)].cast::<f32>();
            for (i, t) in total.iter().enumerate() {
                *out.add(i) = *t as f32;
            }
        }
    }
}

#[inline(always)]
unsafe fn join<S: Simd>(a: S::V, x: S::V, fold: Fold) -> S::V {
    // SAFETY: the caller's contract.
    unsafe {
        match fold {
            Fold::Sum => S::add(a, x),
            Fold::Max => S::select(S::eq(a, a), S::max(a, x), a),
            Fold::Min => S::select(S::eq(a, a), S::min(a, x), a),
        }
    }
}

#[inline(always)]
unsafe fn row<S: Simd>(sums: *mut f32, x: *const f32, n: usize, fold: Fold) {
    let mut i = 0;
    // SAFETY: n floats on both sides.
    unsafe {
        while i + S::LANES <= n {
            S::store(sums.add(i), join::<S>(S::load(sums.add(i)), S::load(x.add(i)), fold));
            i += S::LANES;
        }
        if i < n {
            S::store_n(
                sums.add(i),
                join::<S>(S::load_n(sums.add(i), n - i), S::load_n(x.add(i), n - i), fold),
                n - i,
            );
        }
    }
}

instances! {
    /// Joins a row into sums, element by element.
    unsafe fn fold_row = row(sums: *mut f32, x: *const f32, n: usize, fold: Fold)
}

/// Always 16 sums side by side, whatever the vector's length, then a tree: the same bits on every set.
#[inline(always)]
unsafe fn all<S: Simd>(x: *const f32, n: usize, fold: Fold) -> f32 {
    const SIDE: usize = 16;
    let parts = SIDE / S::LANES;
    // SAFETY: n floats behind x; `parts` is 1 or 2.
    unsafe {
        let start = S::splat(fold.identity());
        let mut sums = [start; 2];
        let mut i = 0;
        while i + SIDE <= n {
            for (p, sum) in sums.iter_mut().enumerate().take(parts) {
                *sum = join::<S>(*sum, S::load(x.add(i + p * S::LANES)), fold);
            }
            i += SIDE;
        }
        let mut side = [0f32; SIDE];
        for (p, sum) in sums.iter().enumerate().take(parts) {
            S::store(side.as_mut_ptr().add(p * S::LANES), *sum);
        }
        for (j, s) in side.iter_mut().enumerate().take(n - i) {
            *s = fold.join(f64::from(*s), f64::from(*x.add(i + j))) as f32;
        }
        let mut half = SIDE / 2;
        while half > 0 {
            for j in 0..half {
                side[j] = fold.join(f64::from(side[j]), f64::from(side[j + half])) as f32;
            }
            half /= 2;
        }
        side[0]
    }
}

instances! {
    /// Puts `n` floats together, at most a tile of them.
    unsafe fn fold_all = all(x: *const f32, n: usize, fold: Fold) -> f32
}

const _: () = assert!(TILE.is_multiple_of(16));
