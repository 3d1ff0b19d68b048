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
    pub(in crate::kernels) fn identity(self) -> f32 {
        match self {
            Fold::Sum => 0.0,
            Fold::Max => f32::NEG_INFINITY,
            Fold::Min => f32::INFINITY,
        }
    }

    fn pair(self, a: f32, b: f32) -> f32 {
        match self {
            Fold::Sum => a + b,
            _ if a.is_nan() || b.is_nan() => f32::NAN,
            Fold::Max => a.max(b),
            Fold::Min => a.min(b),
        }
    }

    pub(in crate::kernels) fn join(self, a: f64, b: f64) -> f64 {
        match self {
            Fold::Sum => a + b,
            _ if a.is_nan() || b.is_nan() => f64::NAN,
            Fold::Max => a.max(b),
            Fold::Min => a.min(b),
        }
    }
}

/// Segments of the space, at most: each is summed on its own, so that threads can share them.
const SEGMENTS: usize = 32;

/// Rows of a segment and pieces of a row in a flat one are multiples of these.
pub const ROWS: usize = 32;

/// The length of a segment, out of `length` rows (or columns, for a flat space) in steps of `unit`.
pub fn segment(length: usize, unit: usize) -> usize {
    length.div_ceil(SEGMENTS).next_multiple_of(unit).max(unit)
}

/// A reduction at work. Rows are summed in blocks of 64 in float32, a segment's blocks in order in float64, the
/// segments in order at the end.
pub(super) struct SinkState {
    pub register: u8,
    slot: u16,
    fold: Fold,
    over: Over,
    columns: usize,
    segments: usize,
    /// Float32 sums of the block at hand, one per column, in a thread's scratch.
    block: usize,
    /// Float64 sums by segment, in the scratch that threads share.
    total: usize,
    results: usize,
}

/// The scratch memory of a loop: a thread's own, and what all threads share.
#[derive(Clone, Copy)]
pub struct Scratch {
    /// Registers, replicated operands, sums of the block at hand.
    pub own: *mut f32,
    /// Sums by segment.
    pub shared: *mut f32,
}

impl SinkState {
    /// `own` and `shared` count the floats of scratch memory taken so far.
    pub fn new(
        sink: &Sink,
        register: u8,
        columns: usize,
        segments: usize,
        own: &mut usize,
        shared: &mut usize,
    ) -> SinkState {
        let take = |from: &mut usize, floats: usize| {
            let at = *from;
            *from += floats.next_multiple_of(16);
            at
        };
        let results = match sink.over {
            Over::Rows => columns,
            Over::All | Over::Columns => 1,
        };
        let block = take(own, results.max(2));
        let total = take(shared, 2 * results * segments);
        SinkState {
            register,
            slot: sink.slot,
            fold: sink.fold,
            over: sink.over,
            columns,
            segments,
            block,
            total,
            results,
        }
    }

    unsafe fn block<'a>(&self, scratch: Scratch) -> &'a mut [f32] {
        // SAFETY: taken in `new`.
        unsafe { std::slice::from_raw_parts_mut(scratch.own.add(self.block), self.results) }
    }

    unsafe fn total<'a>(&self, scratch: Scratch, segment: usize) -> &'a mut [f64] {
        // SAFETY: taken in `new`; scratch is aligned for doubles and pieces are multiples of 16 floats.
        unsafe {
            let all = scratch.shared.add(self.total).cast::<f64>();
            std::slice::from_raw_parts_mut(all.add(segment * self.results), self.results)
        }
    }

    /// Before a segment's first tile.
    ///
    /// # Safety
    /// `scratch` is the loop's own; nobody else is at work on the segment.
    pub unsafe fn begin(&self, scratch: Scratch, segment: usize) {
        // SAFETY: the caller's contract.
        unsafe {
            self.block(scratch).fill(self.fold.identity());
            self.total(scratch, segment).fill(f64::from(self.fold.identity()));
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
        scratch: Scratch,
        segment: usize,
        row: usize,
        rows: usize,
        column: usize,
        width: usize,
    ) {
        // SAFETY: the tile and the sums are valid; results per row have a place per row.
        unsafe {
            match self.over {
                Over::Rows => {
                    let last_column = column + width == self.columns;
                    let mut r = 0;
                    while r < rows {
                        let n = (BLOCK_ROWS - (row + r) % BLOCK_ROWS).min(rows - r);
                        let sums = self.block(scratch).as_mut_ptr().add(column);
                        fold_down(isa, sums, x.add(r * width), n, width, self.fold);
                        r += n;
                        if (row + r).is_multiple_of(BLOCK_ROWS) && last_column {
                            self.close_block(scratch, segment);
                        }
                    }
                }
                Over::Columns => {
                    let out = slots[usize::from(self.slot)].cast::<f32>().add(row);
                    let sum = scratch.own.add(self.block).cast::<f64>();
                    for r in 0..rows {
                        let part = f64::from(fold_all(isa, x.add(r * width), width, self.fold));
                        *sum = if column == 0 { part } else { self.fold.join(*sum, part) };
                        *out.add(r) = *sum as f32;
                    }
                }
                Over::All => {
                    let total = self.total(scratch, segment);
                    let part = f64::from(fold_all(isa, x, rows * width, self.fold));
                    total[0] = self.fold.join(total[0], part);
                }
            }
        }
    }

    unsafe fn close_block(&self, scratch: Scratch, segment: usize) {
        // SAFETY: the caller's contract.
        let (block, total) = unsafe { (self.block(scratch), self.total(scratch, segment)) };
        for (b, t) in block.iter_mut().zip(total) {
            *t = self.fold.join(*t, f64::from(*b));
            *b = self.fold.identity();
        }
    }

    /// After a segment's last tile, which ended before `row`.
    ///
    /// # Safety
    /// As [`SinkState::begin`].
    pub unsafe fn end(&self, scratch: Scratch, segment: usize, row: usize) {
        if self.over == Over::Rows && !row.is_multiple_of(BLOCK_ROWS) {
            // SAFETY: the caller's contract.
            unsafe { self.close_block(scratch, segment) };
        }
    }

    /// # Safety
    /// As for the loop, after all segments.
    pub unsafe fn finish(&self, slots: &[*mut u8], scratch: Scratch) {
        if self.over == Over::Columns {
            return;
        }
        // SAFETY: the slot holds as many floats as there are results.
        unsafe {
            let out = slots[usize::from(self.slot)].cast::<f32>();
            let first = self.total(scratch, 0);
            for segment in 1..self.segments {
                for (t, s) in first.iter_mut().zip(self.total(scratch, segment)) {
                    *t = self.fold.join(*t, *s);
                }
            }
            for (i, t) in first.iter().enumerate() {
                *out.add(i) = *t as f32;
            }
        }
    }
}

/// Two vectors put together, lane by lane.
#[inline(always)]
pub(in crate::kernels) unsafe fn join<S: Simd>(a: S::V, x: S::V, fold: Fold) -> S::V {
    // SAFETY: the caller's contract.
    unsafe {
        match fold {
            Fold::Sum => S::add(a, x),
            Fold::Max => S::select(S::eq(a, a), S::max(a, x), a),
            Fold::Min => S::select(S::eq(a, a), S::min(a, x), a),
        }
    }
}

/// Row by row into one sum per column, some columns at a time in registers.
#[inline(always)]
unsafe fn down<S: Simd>(sums: *mut f32, x: *const f32, rows: usize, width: usize, fold: Fold) {
    const SIDE: usize = 4;
    let mut i = 0;
    // SAFETY: `width` sums, and as many floats in each row.
    unsafe {
        while i + SIDE * S::LANES <= width {
            let mut s = [S::splat(0.0); SIDE];
            s.iter_mut().enumerate().for_each(|(v, s)| *s = S::load(sums.add(i + v * S::LANES)));
            for r in 0..rows {
                let row = x.add(r * width + i);
                s.iter_mut()
                    .enumerate()
                    .for_each(|(v, s)| *s = join::<S>(*s, S::load(row.add(v * S::LANES)), fold));
            }
            s.iter().enumerate().for_each(|(v, s)| S::store(sums.add(i + v * S::LANES), *s));
            i += SIDE * S::LANES;
        }
        while i < width {
            let n = S::LANES.min(width - i);
            let mut s = S::load_n(sums.add(i), n);
            for r in 0..rows {
                s = join::<S>(s, S::load_n(x.add(r * width + i), n), fold);
            }
            S::store_n(sums.add(i), s, n);
            i += n;
        }
    }
}

instances! {
    /// Joins rows into sums, column by column.
    unsafe fn fold_down = down(sums: *mut f32, x: *const f32, rows: usize, width: usize, fold: Fold)
}

/// Always 16 sums side by side, whatever the vector's length, then a tree: the same bits on every set.
#[inline(always)]
unsafe fn all<S: Simd>(x: *const f32, n: usize, fold: Fold) -> f32 {
    const SIDE: usize = 16;
    let parts = SIDE / S::LANES;
    // SAFETY: n floats behind x; `parts` is at most 4.
    unsafe {
        let mut sums = [S::splat(fold.identity()); 4];
        let whole = n / SIDE * SIDE;
        let mut last = [fold.identity(); SIDE];
        last.as_mut_ptr().copy_from_nonoverlapping(x.add(whole), n - whole);
        for i in (0..whole).step_by(SIDE) {
            for (p, sum) in sums.iter_mut().enumerate().take(parts) {
                *sum = join::<S>(*sum, S::load(x.add(i + p * S::LANES)), fold);
            }
        }
        if whole < n {
            for (p, sum) in sums.iter_mut().enumerate().take(parts) {
                *sum = join::<S>(*sum, S::load(last.as_ptr().add(p * S::LANES)), fold);
            }
        }
        for (p, sum) in sums.iter().enumerate().take(parts) {
            S::store(last.as_mut_ptr().add(p * S::LANES), *sum);
        }
        let mut half = SIDE / 2;
        while half > 0 {
            for j in 0..half {
                last[j] = fold.pair(last[j], last[j + half]);
            }
            half /= 2;
        }
        last[0]
    }
}

instances! {
    /// Puts `n` floats together.
    unsafe fn fold_all = fold_row(x: *const f32, n: usize, fold: Fold) -> f32
}

/// A row of any length put together: pieces of a tile's length in float32, the pieces in order in float64.
///
/// # Safety
/// Behind `x` lie `n` floats; and see [`Simd`].
#[inline(always)]
pub(super) unsafe fn fold_row<S: Simd>(x: *const f32, n: usize, fold: Fold) -> f32 {
    // SAFETY: every piece lies within the row.
    unsafe {
        let first = all::<S>(x, n.min(TILE), fold);
        let mut sum = f64::from(first);
        for at in (TILE..n).step_by(TILE) {
            sum = fold.join(sum, f64::from(all::<S>(x.add(at), TILE.min(n - at), fold)));
        }
        sum as f32
    }
}

const _: () = assert!(TILE.is_multiple_of(16));
