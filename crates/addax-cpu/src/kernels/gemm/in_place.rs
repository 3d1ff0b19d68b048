//! Small products: A is read where it lies, B too where its rows are contiguous; a strip of B that is not is packed
//! when its turn comes.

use super::micro::{self, Strip};
use super::pack::{Lines, Strided};
use super::{Gemm, KC, Shared, shares};
use crate::instances;
use crate::kernels::parallel::Parallel;
use crate::simd::Simd;

/// Columns of a packed strip, at most.
const WIDTH: usize = 64;

/// Floats of scratch memory: one packed strip per thread.
pub fn scratch_len(g: &Gemm, threads: usize) -> usize {
    threads * KC.min(g.k) * WIDTH
}

/// Computes the product; threads share the columns.
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
) {
    let strip = 8 * g.isa.lanes();
    let (strips, shared) =
        (g.n.div_ceil(strip), [Shared(a.cast_mut()), Shared(b.cast_mut()), Shared(c), Shared(scratch)]);
    let tasks = shares(strips, team.threads());
    team.run(tasks, &|t| {
        let [a, b, c, scratch] = shared.map(|p| p.get());
        let (from, to) = (t * strips / tasks * strip, g.n.min((t + 1) * strips / tasks * strip));
        // SAFETY: the columns are this task's alone, as is its part of scratch.
        unsafe { columns(g.isa, g, from, to, a, b, c, scratch.add(t * KC.min(g.k) * WIDTH)) };
    });
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
    from: usize,
    to: usize,
    a: *const f32,
    b: *const f32,
    c: *mut f32,
    scratch: *mut f32,
) {
    for p in (0..g.k.max(1)).step_by(KC) {
        let (depth, add) = (KC.min(g.k - p), g.add || p > 0);
        let mut j = from;
        while j < to {
            let rest = to - j;
            let vectors = vectors::<S>(g.m, rest, g.b.1 == 1);
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
                    panels::<S, false>(&strip, vectors, g.m, a, g.a.0, c);
                } else {
                    panels::<S, true>(&strip, vectors, g.m, a, g.a.1, c);
                }
            }
            j += width;
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
    unsafe fn columns = columns_(g: &Gemm, from: usize, to: usize, a: *const f32, b: *const f32, c: *mut f32, scratch: *mut f32)
}
