//! Small products: A is read where it lies, B too where its rows are contiguous; a strip of B that is not is packed
//! when its turn comes.

use super::micro::{self, Strip};
use super::pack::{self, Lines, Strided};
use super::{Finished, Gemm, KC, Shared, TOGETHER, shares};
use crate::instances;
use crate::kernels::parallel::Parallel;
use crate::simd::Simd;
use std::ops::Range;

/// Columns of a packed strip, at most.
const WIDTH: usize = 64;

/// Floats of scratch memory of a thread: one packed strip.
fn own(g: &Gemm) -> usize {
    KC.min(g.k).max(PIECE) * WIDTH
}

/// Floats of scratch memory.
pub fn scratch_len(g: &Gemm, threads: usize) -> usize {
    threads * own(g)
}

/// Computes the product; threads share the rows, or the columns where rows are few.
///
/// # Safety
/// As [`Gemm::run`]; A's rows or its columns are contiguous, or there is one row, or one term.
pub unsafe fn run(
    g: &Gemm,
    a: *const f32,
    b: *const f32,
    c: *mut f32,
    scratch: *mut f32,
    team: &dyn Parallel,
    finished: Option<Finished>,
) {
    let (unit, step) = finished.map_or((1, TOGETHER), |f| (f.unit, f.step()));
    let strip = 8 * g.isa.lanes();
    let by_columns = g.m <= g.isa.rows();
    let pieces = if by_columns { g.n.div_ceil(strip) } else { g.m.div_ceil(unit) };
    let tasks = shares(pieces, team.threads());
    let shared = [Shared(a.cast_mut()), Shared(b.cast_mut()), Shared(c), Shared(scratch)];
    team.run(tasks, &|t| {
        let [a, b, c, scratch] = shared.map(|p| p.get());
        let part =
            |size: usize, n: usize| n.min(t * pieces / tasks * size)..n.min((t + 1) * pieces / tasks * size);
        let (rows, mine) = if by_columns { (0..g.m, part(strip, g.n)) } else { (part(unit, g.m), 0..g.n) };
        for i in rows.clone().step_by(step) {
            let end = rows.end.min(i + step);
            // SAFETY: rows and columns are this task's alone, as is its part of scratch.
            unsafe {
                let (a, c) = (a.offset(i as isize * g.a.0), c.add(i * g.ldc));
                columns(g.isa, g, end - i, mine.clone(), a, b, c, scratch.add(t * own(g)));
            }
            if let Some(f) = finished.filter(|_| !by_columns) {
                (f.rows)(t, i, end);
            }
        }
    });
    if let Some(f) = finished.filter(|_| by_columns) {
        f.all(g.m);
    }
}

/// How many vectors the next strip has: more than two only where few rows leave registers free.
#[inline(always)]
fn vectors<S: Simd>(m: usize, rest: usize, in_place: bool) -> usize {
    let most = if in_place { rest } else { rest.min(WIDTH) } / S::LANES;
    match m {
        1 if most >= 8 => 8,
        1 | 2 if most >= 4 => 4,
        _ if rest > S::LANES => 2,
        _ => 1,
    }
}

#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn columns_<S: Simd>(
    g: &Gemm,
    m: usize,
    mine: Range<usize>,
    a: *const f32,
    b: *const f32,
    c: *mut f32,
    scratch: *mut f32,
) {
    for p in (0..g.k.max(1)).step_by(KC) {
        let (depth, add) = (KC.min(g.k - p), g.add || p > 0);
        if m == 1 && g.b.0 == 1 && g.b.1 != 1 && depth > 1 {
            let width = 4 * S::LANES;
            for j in mine.clone().step_by(width) {
                // SAFETY: the lines and terms lie in the operands; scratch has room for a piece of them.
                unsafe {
                    let x = (a.offset(p as isize * g.a.1), g.a.1 as usize);
                    let lines = (b.offset(p as isize + j as isize * g.b.1), g.b.1);
                    dots::<S>(width.min(mine.end - j), depth, x, lines, c.add(j), add, scratch);
                }
            }
            continue;
        }
        let mut j = mine.start;
        while j < mine.end {
            let rest = mine.end - j;
            let vectors = vectors::<S>(m, rest, g.b.1 == 1);
            let (lanes, width) = (vectors * S::LANES, rest.min(vectors * S::LANES));
            // SAFETY: the strip's columns and terms lie in the operands, its packed copy in scratch.
            unsafe {
                let lies = b.offset(p as isize * g.b.0 + j as isize * g.b.1);
                let (b, ldb) = if g.b.1 == 1 && g.b.0 >= 0 && width == lanes {
                    (lies, g.b.0 as usize)
                } else {
                    let lines = Strided { start: lies, line: g.b.1, term: g.b.0 };
                    lines.pack(g.isa, 0..width, 0..depth, lanes, scratch);
                    (scratch.cast_const(), lanes)
                };
                let strip = Strip { k: depth, b, ldb, width, ldc: g.ldc, add };
                let (a, c) = (a.offset(p as isize * g.a.1), c.add(j));
                if g.a.1 == 1 || g.k == 1 {
                    panels::<S, false>(&strip, vectors, m, a, g.a.0, c);
                } else {
                    panels::<S, true>(&strip, vectors, m, a, g.a.1, c);
                }
            }
            j += width;
        }
    }
}

/// Terms that are transposed at a time: the piece stays in the first cache.
const PIECE: usize = 32;

/// One row of C from up to four vectors of lines whose terms lie side by side: they are transposed piece by piece,
/// the sums stay in registers.
///
/// # Safety
/// Behind `x` lie `k` terms at their stride, behind `b` as many of each line; `aside` holds four vectors, [`PIECE`]
/// times.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn dots<S: Simd>(
    lines: usize,
    k: usize,
    (x, x_stride): (*const f32, usize),
    (b, line): (*const f32, isize),
    c: *mut f32,
    add: bool,
    aside: *mut f32,
) {
    let width = 4 * S::LANES;
    // SAFETY: the caller's contract.
    unsafe {
        let mut sums = [S::splat(0.0); 4];
        for p in (0..k).step_by(PIECE) {
            let terms = PIECE.min(k - p);
            pack::transpose_::<S>(lines, terms, b.add(p), line, width, aside);
            for q in 0..terms {
                let x = S::splat(*x.add((p + q) * x_stride));
                for (v, sum) in sums.iter_mut().enumerate() {
                    *sum = S::fma(x, S::load(aside.add(q * width + v * S::LANES)), *sum);
                }
            }
        }
        for (v, sum) in sums.iter().enumerate() {
            let n = lines.saturating_sub(v * S::LANES).min(S::LANES);
            let to = c.wrapping_add(v * S::LANES);
            let sum = if add { S::add(S::load_n(to, n), *sum) } else { *sum };
            S::store_n(to, sum, n);
        }
    }
}

/// All rows against one strip.
#[inline(always)]
unsafe fn panels<S: Simd, const TOGETHER: bool>(
    strip: &Strip,
    vectors: usize,
    m: usize,
    a: *const f32,
    stride: isize,
    c: *mut f32,
) {
    let panels = m.div_ceil(S::ROWS);
    for r in 0..panels {
        let (from, to) = (r * m / panels, (r + 1) * m / panels);
        // SAFETY: the rows lie in A and C.
        unsafe {
            let a = a.offset(if TOGETHER { from as isize } else { from as isize * stride });
            let (c, stride) = (c.add(from * strip.ldc), stride as usize);
            match vectors {
                8 => micro::few::<S, 1, 8, TOGETHER>(strip, a, stride, c),
                4 if m == 1 => micro::few::<S, 1, 4, TOGETHER>(strip, a, stride, c),
                4 => micro::few::<S, 2, 4, TOGETHER>(strip, a, stride, c),
                2 => micro::rows::<S, 2, TOGETHER>(strip, to - from, a, stride, c),
                _ => micro::rows::<S, 1, TOGETHER>(strip, to - from, a, stride, c),
            }
        }
    }
}

instances! {
    unsafe fn columns = columns_(g: &Gemm, m: usize, mine: Range<usize>, a: *const f32, b: *const f32, c: *mut f32, scratch: *mut f32)
}
