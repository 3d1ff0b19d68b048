//! Packing: operands of a product copied into the order in which the innermost loop reads them.

use crate::instances;
use crate::simd::{Isa, Simd};
use std::ops::Range;

/// Where an operand of a product comes from. Its *lines* are rows of A or columns of B; along each run the `k` *terms*.
///
/// A product asks for panels: some lines, some terms, in the order of the innermost loop. So an operand need not
/// exist as a matrix: the pieces of an image under a convolution's window, numbers of another element type, rows
/// picked by index are all packed straight from where they lie.
pub trait Lines: Sync {
    /// Packs a panel: the element of line `lines.start + l` and term `terms.start + p` goes to `out[p * width + l]`.
    /// There may be fewer lines than `width`; what then stands in the other lanes does not matter.
    ///
    /// # Safety
    /// Lines and terms lie within the operand; `out` has room for `width` times as many floats as there are terms.
    unsafe fn pack(&self, isa: Isa, lines: Range<usize>, terms: Range<usize>, width: usize, out: *mut f32);
}

/// A matrix in memory, with any strides.
#[derive(Clone, Copy, Debug)]
pub struct Strided {
    /// The element of line 0 and term 0.
    pub start: *const f32,
    /// Floats from a line to the next.
    pub line: isize,
    /// Floats from a term to the next.
    pub term: isize,
}

// SAFETY: the matrix is only read, within the call that it was given to.
unsafe impl Sync for Strided {}

impl Lines for Strided {
    unsafe fn pack(&self, isa: Isa, lines: Range<usize>, terms: Range<usize>, width: usize, out: *mut f32) {
        let (n, k) = (lines.len(), terms.len());
        // SAFETY: the caller's contract.
        unsafe {
            let from = self.start.offset(lines.start as isize * self.line + terms.start as isize * self.term);
            if self.line == 1 || n == 1 {
                copy(isa, n, k, from, self.term, width, out);
            } else if self.term == 1 {
                transpose(isa, n, k, from, self.line, width, out);
            } else {
                for (p, l) in (0..k).flat_map(|p| (0..n).map(move |l| (p, l))) {
                    *out.add(p * width + l) = *from.offset(l as isize * self.line + p as isize * self.term);
                }
            }
        }
    }
}

/// An operand whose axes cannot be walked as two: where each line and each term lies.
#[derive(Clone, Copy, Debug)]
pub struct Scattered<'a> {
    /// The element of line 0 and term 0.
    pub start: *const f32,
    /// Floats from `start`, by line.
    pub lines: &'a [usize],
    /// Floats to add, by term.
    pub terms: &'a [usize],
}

// SAFETY: as for `Strided`.
unsafe impl Sync for Scattered<'_> {}

impl Lines for Scattered<'_> {
    unsafe fn pack(&self, _: Isa, lines: Range<usize>, terms: Range<usize>, width: usize, out: *mut f32) {
        for (p, term) in self.terms[terms].iter().enumerate() {
            for (l, line) in self.lines[lines.clone()].iter().enumerate() {
                // SAFETY: the caller's contract.
                unsafe { *out.add(p * width + l) = *self.start.add(line + term) };
            }
        }
    }
}

/// Lines that lie side by side: each term is a run of floats.
#[inline(always)]
unsafe fn copy_<S: Simd>(n: usize, k: usize, from: *const f32, term: isize, width: usize, out: *mut f32) {
    let whole = n / S::LANES * S::LANES;
    for p in 0..k {
        // SAFETY: the caller's contract.
        unsafe {
            let (from, to) = (from.offset(p as isize * term), out.add(p * width));
            for l in (0..whole).step_by(S::LANES) {
                S::store(to.add(l), S::load(from.add(l)));
            }
            // A whole vector where it spills only into terms yet to be written.
            if whole == n {
            } else if p * width + whole + S::LANES <= k * width {
                S::store(to.add(whole), S::load_n(from.add(whole), n - whole));
            } else {
                to.add(whole).copy_from_nonoverlapping(from.add(whole), n - whole);
            }
        }
    }
}

/// Lines whose terms lie side by side: transposed, 8 by 8.
///
/// # Safety
/// As [`Lines::pack`].
#[inline(always)]
pub unsafe fn transpose_<S: Simd>(
    n: usize,
    k: usize,
    from: *const f32,
    line: isize,
    width: usize,
    out: *mut f32,
) {
    let whole = k / 8 * 8;
    // The last lanes first: a store of eight may spill into the next term's first lanes, which are yet to be written.
    for first in (0..n).step_by(8).rev() {
        let height = (n - first).min(8);
        for p in (0..whole).step_by(8) {
            // SAFETY: lines past the end are read as the last one; the last block goes aside, so that nothing is
            // written behind the panel.
            unsafe {
                let row = |r: usize| from.offset((first + r.min(height - 1)) as isize * line).add(p);
                let rows = [row(0), row(1), row(2), row(3), row(4), row(5), row(6), row(7)];
                let to = out.add(p * width + first);
                if p + 8 < whole || height == 8 {
                    S::transpose8(&rows, to, width);
                } else {
                    let mut aside = [0f32; 64];
                    S::transpose8(&rows, aside.as_mut_ptr(), 8);
                    for (q, terms) in aside.chunks_exact(8).enumerate() {
                        to.add(q * width).copy_from_nonoverlapping(terms.as_ptr(), height);
                    }
                }
            }
        }
    }
    for (p, l) in (whole..k).flat_map(|p| (0..n).map(move |l| (p, l))) {
        // SAFETY: the caller's contract.
        unsafe { *out.add(p * width + l) = *from.offset(l as isize * line).add(p) };
    }
}

instances! {
    unsafe fn copy = copy_(n: usize, k: usize, from: *const f32, term: isize, width: usize, out: *mut f32)
}

instances! {
    unsafe fn transpose = transpose_(n: usize, k: usize, from: *const f32, line: isize, width: usize, out: *mut f32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn panels_hold_lines_by_terms() {
        let x: Vec<f32> = (0..40 * 40).map(|i| i as f32).collect();
        let offsets: Vec<usize> = (0..40).collect();
        for isa in Isa::available() {
            for (n, k, width) in
                [(1, 1, 4), (6, 17, 6), (5, 8, 6), (12, 9, 12), (16, 40, 16), (13, 24, 32), (3, 7, 8)]
            {
                for (line, term) in [(1, 40), (40, 1), (2, 37)] {
                    if (n + 1) * line as usize + (k + 2) * term as usize > x.len() {
                        continue;
                    }
                    let mut out = vec![-1f32; k * width];
                    let from = Strided { start: x.as_ptr(), line, term };
                    // SAFETY: the last element read lies within x, as was checked.
                    unsafe { from.pack(isa, 1..n + 1, 2..k + 2, width, out.as_mut_ptr()) };
                    for (p, l) in (0..k).flat_map(|p| (0..n).map(move |l| (p, l))) {
                        let want = ((l + 1) * line as usize + (p + 2) * term as usize) as f32;
                        assert_eq!(out[p * width + l], want, "{isa:?} {n} {k} {width} {line} {term} {p} {l}");
                    }
                }
                let from = Scattered { start: x.as_ptr(), lines: &offsets, terms: &offsets };
                let mut out = vec![-1f32; k * width];
                // SAFETY: offsets up to 78 lie within x; all lines and terms have one.
                unsafe { from.pack(isa, 0..n, 0..k, width, out.as_mut_ptr()) };
                assert_eq!(out[(k - 1) * width + n - 1], (n + k - 2) as f32);
            }
        }
    }
}
