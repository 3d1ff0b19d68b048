//! Matrix products of float32: `C (+)= A · B`, any strides of A and B, C in rows.
//!
//! Numerics: every element of C is a chain of fused multiply-adds over increasing k within blocks of [`KC`], the
//! blocks added in order. So a row's result depends neither on how many rows there are, nor on its place, nor on
//! threads, nor on the path chosen here.

mod micro;
mod pack;

pub use pack::transpose;

use crate::instances;
use crate::kernels::parallel::Parallel;
use crate::simd::{Isa, Simd};

/// Terms per chain: a constant of the library, since it decides the bits.
pub const KC: usize = 512;

/// Rows of A packed at a time.
const MC: usize = 96;

/// Columns of B per packed panel when the whole is too wide for the second cache.
const NC: usize = 512;

/// Rows of the innermost block in packed panels.
const MR: usize = 8;

/// The shape and strides of a product, and the path chosen for it.
#[derive(Clone, Debug)]
pub struct Gemm {
    /// Rows of A and C.
    pub m: usize,
    /// Columns of B and C.
    pub n: usize,
    /// Columns of A, rows of B.
    pub k: usize,
    /// Row and column stride of A.
    pub a: (isize, isize),
    /// Row and column stride of B.
    pub b: (isize, isize),
    /// Row stride of C.
    pub ldc: usize,
    /// Whether the product is added to C.
    pub add: bool,
    /// The instruction set.
    pub isa: Isa,
    path: Path,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Path {
    /// A and B read in place; B's rows are contiguous.
    Direct,
    /// B transposed into scratch first, then as `Direct`.
    TransposedB,
    /// Cᵀ = Bᵀ·Aᵀ as another product: C is one column.
    Column,
    /// A packed into panels, B too.
    Packed,
}

/// Called with a number below the team's threads, whose work is done in order by one thread at a time, and a range of
/// finished rows of C. Ranges begin at multiples of [`Gemm::block`]; on one thread they come in increasing order.
pub type Finished<'a> = &'a (dyn Fn(usize, usize, usize) + Sync);

impl Gemm {
    /// Rows that are finished together: even shares of all rows, at most 96 each.
    pub fn block(&self) -> usize {
        let blocks = self.m.div_ceil(MC).max(1);
        self.m.div_ceil(blocks).next_multiple_of(MR).max(1)
    }

    /// Whether several threads can share the work.
    pub fn divides(&self) -> bool {
        self.path == Path::Packed && self.m > MC
    }

    /// Chooses how to compute the product of `[m, n, k]`.
    pub fn new(
        [m, n, k]: [usize; 3],
        a: (isize, isize),
        b: (isize, isize),
        ldc: usize,
        add: bool,
        isa: Isa,
    ) -> Gemm {
        let mut this = Gemm { m, n, k, a, b, ldc, add, isa, path: Path::Packed };
        let direct_a = (a.0 == 1 && a.1 >= 0) || (a.1 == 1 && a.0 >= 0) || m == 1 || k == 1;
        let small = n * k <= 64 * 1024 && m <= 4 * MC || m <= MR;
        this.path = if n == 1 && ldc == 1 && m > 1 {
            Path::Column
        } else if small && direct_a && (b.1 == 1 || n == 1) && b.0 >= 0 {
            Path::Direct
        } else if small && direct_a && b.0 == 1 && b.1 >= 0 {
            Path::TransposedB
        } else {
            Path::Packed
        };
        this
    }

    /// The product that computes a column: its result as a row.
    fn turned(&self) -> Gemm {
        let swap = |(r, c): (isize, isize)| (c, r);
        Gemm::new([1, self.m, self.k], swap(self.b), swap(self.a), self.m, self.add, self.isa)
    }

    /// Floats of scratch memory that a run on `threads` threads needs.
    pub fn scratch_len(&self, threads: usize) -> usize {
        match self.path {
            Path::Direct => 0,
            Path::TransposedB => self.n * self.k,
            Path::Column => self.turned().scratch_len(threads),
            Path::Packed => {
                let columns = NC.min(self.n).next_multiple_of(32);
                KC.min(self.k) * columns + threads * MC * KC.min(self.k)
            }
        }
    }

    /// Floating-point operations.
    pub fn flops(&self) -> u64 {
        2 * (self.m * self.n * self.k) as u64
    }

    /// Computes the product.
    ///
    /// # Safety
    /// `a`, `b` and `c` hold the matrices at their strides, C overlaps neither; `scratch` holds
    /// [`Gemm::scratch_len`] floats for as many threads as `parallel` has, and nobody else uses it meanwhile.
    pub unsafe fn run(
        &self,
        a: *const f32,
        b: *const f32,
        c: *mut f32,
        scratch: *mut f32,
        parallel: &dyn Parallel,
        finished: Option<Finished>,
    ) {
        // SAFETY: the caller's contract, passed on.
        unsafe {
            match self.path {
                Path::Direct => self.direct(a, b, self.b.0 as usize, c, finished),
                Path::TransposedB => {
                    transpose(self.isa, self.n, self.k, b, self.b.1 as usize, scratch, self.n);
                    self.direct(a, scratch, self.n, c, finished);
                }
                Path::Column => {
                    self.turned().run(b, a, c, scratch, parallel, None);
                    if let Some(f) = finished {
                        self.blocks(f);
                    }
                }
                Path::Packed => self.packed(a, b, c, scratch, parallel, finished),
            }
        }
    }

    /// Tells of all rows in order, in the same ranges as the packed path.
    fn blocks(&self, f: Finished) {
        (0..self.m).step_by(self.block()).for_each(|i| f(0, i, self.m.min(i + self.block())));
    }

    unsafe fn direct(
        &self,
        a: *const f32,
        b: *const f32,
        ldb: usize,
        c: *mut f32,
        finished: Option<Finished>,
    ) {
        // SAFETY: the caller's contract.
        unsafe { direct_rows(self.isa, self, a, b, ldb, c) };
        if let Some(f) = finished {
            self.blocks(f);
        }
    }

    unsafe fn packed(
        &self,
        a: *const f32,
        b: *const f32,
        c: *mut f32,
        scratch: *mut f32,
        parallel: &dyn Parallel,
        finished: Option<Finished>,
    ) {
        let kc = KC.min(self.k);
        let columns = NC.min(self.n).next_multiple_of(32);
        let (packed_b, packed_a) = (Shared(scratch), Shared(scratch.wrapping_add(kc * columns)));
        let (a, b, c) = (Shared(a.cast_mut()), Shared(b.cast_mut()), Shared(c));
        let (size, blocks) = (self.block(), self.m.div_ceil(self.block()));
        let threads = parallel.threads().min(blocks).max(1);
        for j in (0..self.n).step_by(NC) {
            let width = NC.min(self.n - j);
            for p in (0..self.k.max(1)).step_by(KC) {
                let depth = KC.min(self.k - p);
                let add = self.add || p > 0;
                let last = p + KC >= self.k && j + NC >= self.n;
                let pieces = width.div_ceil(64);
                parallel.run(pieces, &|piece| {
                    let (from, to) = (piece * 64, width.min(piece * 64 + 64));
                    // SAFETY: the piece lies in B and in its part of the packed panel.
                    unsafe { self.pack_b(b.get(), p, depth, j, from, to, columns, packed_b.get()) };
                });
                parallel.run(threads, &|t| {
                    let mut block = t;
                    while block < blocks {
                        let i = block * size;
                        let height = size.min(self.m - i);
                        // SAFETY: the block's rows lie in A and C; each task has its own packed panel.
                        unsafe {
                            let panel = packed_a.get().add(t * MC * kc);
                            let from = a.get().offset(i as isize * self.a.0 + p as isize * self.a.1);
                            pack::rows::<MR>(height, depth, from, self.a.0, self.a.1, panel);
                            let to = c.get().add(i * self.ldc + j);
                            packed_rows(
                                self.isa,
                                height,
                                width,
                                depth,
                                panel,
                                packed_b.get(),
                                columns,
                                to,
                                self.ldc,
                                add,
                            );
                        }
                        if let (true, Some(f)) = (last, finished) {
                            f(t, i, i + height);
                        }
                        block += threads;
                    }
                });
            }
        }
    }

    /// Copies columns `from..to` of a block of B into rows of `columns` floats.
    #[allow(clippy::too_many_arguments)]
    unsafe fn pack_b(
        &self,
        b: *const f32,
        p: usize,
        depth: usize,
        j: usize,
        from: usize,
        to: usize,
        columns: usize,
        out: *mut f32,
    ) {
        // SAFETY: the caller's contract.
        unsafe {
            let start = b.offset(p as isize * self.b.0 + (j + from) as isize * self.b.1);
            if self.b.0 == 1 && self.b.1 >= 0 {
                transpose(self.isa, to - from, depth, start, self.b.1 as usize, out.add(from), columns);
                return;
            }
            for r in 0..depth {
                let row = start.offset(r as isize * self.b.0);
                let line = out.add(r * columns + from);
                if self.b.1 == 1 {
                    line.copy_from_nonoverlapping(row, to - from);
                } else {
                    for q in 0..to - from {
                        *line.add(q) = *row.offset(q as isize * self.b.1);
                    }
                }
            }
        }
    }
}

/// A pointer that tasks share; they write to disjoint parts.
#[derive(Clone, Copy)]
struct Shared(*mut f32);

// SAFETY: every task touches its own part, as the code that makes tasks sees to.
unsafe impl Sync for Shared {}

impl Shared {
    fn get(&self) -> *mut f32 {
        self.0
    }
}

#[inline(always)]
unsafe fn direct_kernel<S: Simd>(g: &Gemm, a: *const f32, b: *const f32, ldb: usize, c: *mut f32) {
    for p in (0..g.k.max(1)).step_by(KC) {
        let depth = KC.min(g.k - p);
        // SAFETY: the caller's contract.
        unsafe {
            let (from, row) = (a.offset(p as isize * g.a.1), b.add(p * ldb));
            if g.a.1 == 1 || g.k == 1 {
                micro::panel::<S, false>(
                    g.m,
                    g.n,
                    depth,
                    from,
                    g.a.0 as usize,
                    row,
                    ldb,
                    c,
                    g.ldc,
                    g.add || p > 0,
                );
            } else {
                micro::panel::<S, true>(
                    g.m,
                    g.n,
                    depth,
                    from,
                    g.a.1 as usize,
                    row,
                    ldb,
                    c,
                    g.ldc,
                    g.add || p > 0,
                );
            }
        }
    }
}

instances! {
    unsafe fn direct_rows = direct_kernel(g: &Gemm, a: *const f32, b: *const f32, ldb: usize, c: *mut f32)
}

/// A block of packed rows against a packed panel of B.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn packed_kernel<S: Simd>(
    m: usize,
    n: usize,
    k: usize,
    a: *const f32,
    b: *const f32,
    ldb: usize,
    c: *mut f32,
    ldc: usize,
    add: bool,
) {
    let mut j = 0;
    // Columns outside, so that a strip of B stays in the first cache while the panels of A pass by.
    while j < n {
        let width = (2 * S::LANES).min(n - j);
        for i in (0..m).step_by(MR) {
            let height = MR.min(m - i);
            // SAFETY: the strip and the panel lie in their operands.
            unsafe {
                strip::<S>(height, width, k, a.add(i * k), b.add(j), ldb, c.add(i * ldc + j), ldc, add)
            };
        }
        j += width;
    }
}

#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn strip<S: Simd>(
    height: usize,
    width: usize,
    k: usize,
    a: *const f32,
    b: *const f32,
    ldb: usize,
    c: *mut f32,
    ldc: usize,
    add: bool,
) {
    // SAFETY: the caller's contract; a packed panel has MR rows whatever the height.
    unsafe {
        if height == MR && width == 2 * S::LANES && S::SUMS >= 2 * MR {
            micro::block::<S, MR, 2, true, false>(k, a, MR, b, ldb, c, ldc, S::LANES, add);
        } else if height == MR && width == 2 * S::LANES {
            micro::block::<S, 4, 2, true, false>(k, a, MR, b, ldb, c, ldc, S::LANES, add);
            micro::block::<S, 4, 2, true, false>(k, a.add(4), MR, b, ldb, c.add(4 * ldc), ldc, S::LANES, add);
        } else {
            for i in 0..height {
                let (a, c) = (a.add(i), c.add(i * ldc));
                if width > S::LANES {
                    micro::block::<S, 1, 2, true, true>(k, a, MR, b, ldb, c, ldc, width - S::LANES, add);
                } else {
                    micro::block::<S, 1, 1, true, true>(k, a, MR, b, ldb, c, ldc, width, add);
                }
            }
        }
    }
}

instances! {
    unsafe fn packed_rows = packed_kernel(m: usize, n: usize, k: usize, a: *const f32, b: *const f32, ldb: usize, c: *mut f32, ldc: usize, add: bool)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::parallel::Serial;
    use addax_core::rng::Rng;

    fn random(n: usize, seed: u64) -> Vec<f32> {
        let mut r = Rng::new(seed, 0);
        (0..n).map(|_| r.uniform() as f32 - 0.5).collect()
    }

    /// By the definition of the numerics: chains of fused multiply-adds in blocks.
    fn naive(g: &Gemm, a: &[f32], b: &[f32], c: &mut [f32]) {
        for i in 0..g.m {
            for j in 0..g.n {
                for p in (0..g.k).step_by(KC) {
                    let mut sum = 0f32;
                    for q in p..(p + KC).min(g.k) {
                        let x = a[(i as isize * g.a.0 + q as isize * g.a.1) as usize];
                        let y = b[(q as isize * g.b.0 + j as isize * g.b.1) as usize];
                        sum = x.mul_add(y, sum);
                    }
                    let to = &mut c[i * g.ldc + j];
                    *to = if p > 0 || g.add { *to + sum } else { sum };
                }
            }
        }
    }

    #[test]
    fn every_path_computes_the_bits_of_the_definition() {
        let shapes = [
            (1, 1, 1),
            (1, 7, 3),
            (5, 1, 9),
            (32, 64, 64),
            (32, 64, 10),
            (64, 1, 32),
            (3, 33, 17),
            (13, 48, 600),
            (100, 40, 30),
            (97, 70, 1030),
            (9, 530, 20),
            (400, 96, 40),
            (7, 31, 513),
        ];
        for isa in Isa::available() {
            for (m, n, k) in shapes {
                for (at, bt, add) in
                    [(false, false, false), (true, false, true), (false, true, false), (true, true, false)]
                {
                    let strides =
                        |t: bool, r: usize, c: usize| if t { (1, r as isize) } else { (c as isize, 1) };
                    let g = Gemm::new([m, n, k], strides(at, m, k), strides(bt, k, n), n, add, isa);
                    let (a, b) = (random(m * k, 1), random(k * n, 2));
                    let mut want = random(m * n, 3);
                    let mut got = want.clone();
                    naive(&g, &a, &b, &mut want);
                    let mut scratch = vec![0f32; g.scratch_len(1)];
                    // SAFETY: the vectors have the sizes of the matrices.
                    unsafe {
                        g.run(a.as_ptr(), b.as_ptr(), got.as_mut_ptr(), scratch.as_mut_ptr(), &Serial, None)
                    };
                    assert!(want == got, "{m}x{n}x{k} {at} {bt} {:?} {isa:?}", g.path);
                }
            }
        }
    }
}
