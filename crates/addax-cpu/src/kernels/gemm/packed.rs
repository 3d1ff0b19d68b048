//! Large products: both operands packed, blocks for the caches, rows (and columns, where rows are few) over threads.

use super::micro::{self, Strip};
use super::{Finished, KC, Shared, TOGETHER, shares};
use crate::instances;
use crate::kernels::gemm::Lines;
use crate::kernels::parallel::Parallel;
use crate::simd::{Isa, Simd};
use std::ops::Range;

/// Columns of B that are packed at a time, for all threads.
const NC: usize = 1024;

/// A product whose operands are packed, from wherever they come.
///
/// The loops, outermost first: columns of B in blocks of 1024; terms in blocks of [`KC`]; B's block is packed by all
/// threads. Then each thread takes its share of rows in blocks of 96, packs A's block and runs over the strips of B's
/// block. Each line of A is packed once per 1024 columns, each line of B once, so that packing may do real work.
#[derive(Clone, Copy, Debug)]
pub struct Packed {
    /// Rows of A and C.
    pub m: usize,
    /// Columns of B and C.
    pub n: usize,
    /// Terms.
    pub k: usize,
    /// Row stride of C.
    pub ldc: usize,
    /// Whether the product is added to C.
    pub add: bool,
    /// The instruction set.
    pub isa: Isa,
}

/// A block of C: rows by strips of columns, for one block of terms.
#[derive(Clone, Copy)]
struct Tile {
    rows: usize,
    /// Columns of the packed block of B.
    width: usize,
    depth: usize,
    ldc: usize,
    add: bool,
}

impl Packed {
    /// Columns of a strip of B.
    fn strip(&self) -> usize {
        2 * self.isa.lanes()
    }

    fn packed_b(&self) -> usize {
        KC.min(self.k) * NC.min(self.n).next_multiple_of(self.strip())
    }

    fn packed_a(&self) -> usize {
        KC.min(self.k) * TOGETHER.min(self.m).next_multiple_of(16)
    }

    /// Floats of scratch memory that a run on `threads` threads needs.
    pub fn scratch_len(&self, threads: usize) -> usize {
        self.packed_b() + threads * self.packed_a()
    }

    /// Computes the product; `finished` hears of rows of C as they are done.
    ///
    /// # Safety
    /// The operands have `m` and `n` lines of `k` terms; C has `m` rows of `n` floats at stride `ldc` and overlaps
    /// neither; `scratch` holds [`Packed::scratch_len`] floats for as many threads as `team` has, and nobody else
    /// uses it meanwhile.
    pub unsafe fn run(
        &self,
        a: &dyn Lines,
        b: &dyn Lines,
        c: *mut f32,
        scratch: *mut f32,
        team: &dyn Parallel,
        finished: Option<Finished>,
    ) {
        let (unit, step) = finished.map_or((1, TOGETHER), |f| (f.unit, f.step()));
        let by_rows = shares(self.m.div_ceil(unit), team.threads());
        let by_columns = if by_rows * 2 <= team.threads() { team.threads() / by_rows } else { 1 };
        let (packed_b, c) = (Shared(scratch), Shared(c));
        for j in (0..self.n).step_by(NC) {
            let width = NC.min(self.n - j);
            let strips = width.div_ceil(self.strip());
            for p in (0..self.k.max(1)).step_by(KC) {
                let terms = p..self.k.min(p + KC);
                let last = terms.end == self.k && j + width == self.n;
                let packers = shares(strips, team.threads());
                team.run(packers, &|t| {
                    let mine = t * strips / packers..(t + 1) * strips / packers;
                    // SAFETY: the strips lie in B and in its part of scratch; they are this task's alone.
                    unsafe { self.pack_b(b, j, width, mine, terms.clone(), packed_b.get()) };
                });
                team.run(by_rows * by_columns, &|t| {
                    let (r, s) = (t / by_columns, t % by_columns);
                    let units = self.m.div_ceil(unit);
                    let rows =
                        self.m.min(r * units / by_rows * unit)..self.m.min((r + 1) * units / by_rows * unit);
                    let mine = s * strips / by_columns..(s + 1) * strips / by_columns;
                    let tell = finished.filter(|_| last && by_columns == 1);
                    // SAFETY: rows and strips are this task's alone, as is its part of scratch.
                    unsafe {
                        let own = packed_b.get().add(self.packed_b() + t * self.packed_a());
                        let to = Shared(c.get().add(j));
                        self.rows(
                            a,
                            packed_b.get(),
                            to,
                            own,
                            rows,
                            width,
                            mine,
                            terms.clone(),
                            step,
                            |from, to| {
                                if let Some(f) = tell {
                                    (f.rows)(t, from, to);
                                }
                            },
                        );
                    }
                });
            }
        }
        if let Some(f) = finished.filter(|_| by_columns > 1) {
            f.all(self.m);
        }
    }

    unsafe fn pack_b(
        &self,
        b: &dyn Lines,
        first: usize,
        width: usize,
        strips: Range<usize>,
        terms: Range<usize>,
        out: *mut f32,
    ) {
        for s in strips {
            let (from, to) = (s * self.strip(), width.min((s + 1) * self.strip()));
            // SAFETY: the caller's contract; strip s begins after s whole ones.
            unsafe {
                let out = out.add(from * terms.len());
                b.pack(self.isa, first + from..first + to, terms.clone(), self.strip(), out);
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    unsafe fn rows(
        &self,
        a: &dyn Lines,
        b: *const f32,
        c: Shared,
        own: *mut f32,
        rows: Range<usize>,
        width: usize,
        strips: Range<usize>,
        terms: Range<usize>,
        step: usize,
        done: impl Fn(usize, usize),
    ) {
        let (depth, add) = (terms.len(), self.add || terms.start > 0);
        let height = self.isa.rows();
        for i in rows.clone().step_by(step) {
            let end = rows.end.min(i + step);
            let tile = Tile { rows: end - i, width, depth, ldc: self.ldc, add };
            // SAFETY: the caller's contract; panels of A lie one after another in `own`.
            unsafe {
                let panels = tile.rows.div_ceil(height);
                for r in 0..panels {
                    let (from, to) = (r * tile.rows / panels, (r + 1) * tile.rows / panels);
                    a.pack(self.isa, i + from..i + to, terms.clone(), to - from, own.add(from * depth));
                }
                run_tile(self.isa, tile, strips.start, strips.end, own, b, c.get().add(i * self.ldc));
            }
            done(i, end);
        }
    }
}

#[inline(always)]
unsafe fn tile_<S: Simd>(tile: Tile, first: usize, end: usize, a: *const f32, b: *const f32, c: *mut f32) {
    let step = 2 * S::LANES;
    let panels = tile.rows.div_ceil(S::ROWS);
    // Columns outside, so that a strip of B stays near while the panels of A pass by.
    for s in first..end {
        let width = step.min(tile.width - s * step);
        // SAFETY: strips and panels lie in the packed blocks, rows and columns in C.
        unsafe {
            let b = b.add(s * step * tile.depth);
            let strip = Strip { k: tile.depth, b, ldb: step, width, ldc: tile.ldc, add: tile.add };
            for r in 0..panels {
                let (from, to) = (r * tile.rows / panels, (r + 1) * tile.rows / panels);
                let (a, c) = (a.add(from * tile.depth), c.add(from * tile.ldc + s * step));
                if width > S::LANES {
                    micro::rows::<S, 2, true>(&strip, to - from, a, to - from, c);
                } else {
                    micro::rows::<S, 1, true>(&strip, to - from, a, to - from, c);
                }
            }
        }
    }
}

instances! {
    unsafe fn run_tile = tile_(tile: Tile, first: usize, end: usize, a: *const f32, b: *const f32, c: *mut f32)
}
