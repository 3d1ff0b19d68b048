//! Matrix products of float32: `C (+)= A · B`, any strides of A and B, C in rows.
//!
//! Numerics: every element of C is a chain of fused multiply-adds over increasing k within blocks of [`KC`], the
//! blocks added in order. So a row's result depends neither on how many rows there are, nor on its place, nor on
//! threads, nor on the path chosen here.
//!
//! [`Gemm`] takes two matrices in memory and chooses between two paths: small products read A where it lies
//! (`in_place.rs`), the others pack both sides ([`Packed`]). Other kernels use [`Packed`] directly, with operands of
//! their own that implement [`Lines`]: a convolution, for instance, packs the windows of an image as rows of A.

mod in_place;
mod micro;
mod pack;
mod packed;

pub use pack::{Lines, Scattered, Strided};
pub use packed::Packed;

use crate::kernels::parallel::{Parallel, Serial};
use crate::simd::Isa;

/// Terms per chain: a constant of the library, since it decides the bits.
pub const KC: usize = 512;

/// Rows of A that are packed together, and rows of C that are finished together: with 512 terms each, a part of the
/// second cache.
const TOGETHER: usize = 96;

/// Up to these many elements of B a strip of it stays near, however it lies.
const IN_PLACE: usize = 16 * 1024;

/// Below these many operations a product is not worth a fork.
const FORK: u64 = 4_000_000;

/// Who hears of finished rows of C.
#[derive(Clone, Copy)]
pub struct Finished<'a> {
    /// Threads' shares begin at multiples of this; at least 1.
    pub unit: usize,
    /// Called with a number below the team's threads, whose work is done in order by one thread at a time, and a
    /// range of rows. The ranges of a share come in increasing order; where a unit is a multiple of 32, so are their
    /// beginnings.
    pub rows: &'a (dyn Fn(usize, usize, usize) + Sync),
}

impl Finished<'_> {
    /// Rows of a range: some 96, whole units where these are shorter, pieces of 96 where they are longer.
    fn step(&self) -> usize {
        if self.unit > TOGETHER { TOGETHER } else { TOGETHER / self.unit * self.unit }
    }

    /// Tells of all rows at once.
    fn all(&self, m: usize) {
        (self.rows)(0, 0, m);
    }
}

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
    /// A read where it lies.
    InPlace,
    /// Cᵀ = Bᵀ·Aᵀ as another product: C is one column.
    Column,
    /// Both packed.
    Packed,
}

impl Gemm {
    /// Whether several threads share the work.
    pub fn divides(&self) -> bool {
        self.flops() >= FORK
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
        let readable = (a.0 == 1 || a.1 == 1 || m == 1 || k == 1) && a.0.min(a.1) >= 0;
        this.path = if n == 1 && ldc == 1 && m > 1 {
            Path::Column
        } else if readable && (n * k <= IN_PLACE || m <= isa.rows()) {
            Path::InPlace
        } else {
            Path::Packed
        };
        this
    }

    /// The product that computes a column: its result as a row.
    fn turned(&self) -> Gemm {
        let swap = |(r, c): (isize, isize)| (c, r);
        Gemm {
            path: Path::InPlace,
            m: 1,
            n: self.m,
            a: swap(self.b),
            b: swap(self.a),
            ldc: self.m,
            ..self.clone()
        }
    }

    fn as_packed(&self) -> Packed {
        Packed { m: self.m, n: self.n, k: self.k, ldc: self.ldc, add: self.add, isa: self.isa }
    }

    /// Floats of scratch memory that a run on `threads` threads needs.
    pub fn scratch_len(&self, threads: usize) -> usize {
        match self.path {
            Path::InPlace => in_place::scratch_len(self, threads),
            Path::Column => in_place::scratch_len(&self.turned(), threads),
            Path::Packed => self.as_packed().scratch_len(threads),
        }
    }

    /// Floating-point operations.
    pub fn flops(&self) -> u64 {
        2 * (self.m as u64).saturating_mul(self.n as u64).saturating_mul(self.k as u64)
    }

    /// Computes the product.
    ///
    /// # Safety
    /// `a`, `b` and `c` hold the matrices at their strides, C overlaps neither; `scratch` holds
    /// [`Gemm::scratch_len`] floats for as many threads as `team` has, and nobody else uses it meanwhile.
    pub unsafe fn run(
        &self,
        a: *const f32,
        b: *const f32,
        c: *mut f32,
        scratch: *mut f32,
        team: &dyn Parallel,
        finished: Option<Finished>,
    ) {
        let team = if self.divides() { team } else { &Serial };
        // SAFETY: the caller's contract, passed on.
        unsafe {
            match self.path {
                Path::InPlace => in_place::run(self, a, b, c, scratch, team, finished),
                Path::Column => {
                    in_place::run(&self.turned(), b, a, c, scratch, team, None);
                    if let Some(f) = finished {
                        f.all(self.m);
                    }
                }
                Path::Packed => {
                    let a = Strided { start: a, line: self.a.0, term: self.a.1 };
                    let b = Strided { start: b, line: self.b.1, term: self.b.0 };
                    self.as_packed().run(&a, &b, c, scratch, team, finished);
                }
            }
        }
    }
}

/// Into how many shares to divide so many pieces: never more than there are.
fn shares(pieces: usize, threads: usize) -> usize {
    pieces.min(threads).max(1)
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::Pool;
    use addax_core::rng::Rng;
    use std::sync::Mutex;

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

    const SHAPES: [[usize; 3]; 17] = [
        [1, 1, 1],
        [1, 7, 3],
        [1, 150, 9],
        [2, 70, 5],
        [5, 1, 9],
        [32, 64, 64],
        [32, 64, 10],
        [64, 1, 32],
        [3, 33, 17],
        [13, 48, 600],
        [100, 40, 30],
        [97, 70, 1030],
        [9, 530, 20],
        [400, 96, 40],
        [7, 31, 513],
        [3, 1100, 7],
        [0, 4, 4],
    ];

    /// A product with its operands, each as it lies or transposed.
    fn case([m, n, k]: [usize; 3], [at, bt, add]: [bool; 3], isa: Isa) -> Gemm {
        let strides = |t: bool, r: usize, c: usize| if t { (1, r as isize) } else { (c as isize, 1) };
        Gemm::new([m, n, k], strides(at, m, k), strides(bt, k, n), n, add, isa)
    }

    const WAYS: [[bool; 3]; 4] =
        [[false, false, false], [true, false, true], [false, true, false], [true, true, false]];

    #[test]
    fn every_path_computes_the_bits_of_the_definition() {
        let team = Pool::new(3);
        for isa in Isa::available() {
            for (shape, way) in SHAPES.into_iter().flat_map(|s| WAYS.map(|w| (s, w))) {
                let g = case(shape, way, isa);
                let (a, b) = (random(g.m * g.k, 1), random(g.k * g.n, 2));
                let before = random(g.m * g.n, 3);
                let mut want = before.clone();
                naive(&g, &a, &b, &mut want);
                for (path, team) in
                    [(g.path, &Serial as &dyn Parallel), (Path::Packed, &Serial), (Path::Packed, &team)]
                {
                    let g = Gemm { path, ..g.clone() };
                    let (mut got, mut scratch) = (before.clone(), vec![0f32; g.scratch_len(team.threads())]);
                    let (a, b, c) = (a.as_ptr(), b.as_ptr(), got.as_mut_ptr());
                    // SAFETY: the vectors have the sizes of the matrices. Packed products run on the team whatever
                    // their size, so that small shapes test the division.
                    unsafe {
                        if path == Path::Packed {
                            let a = Strided { start: a, line: g.a.0, term: g.a.1 };
                            let b = Strided { start: b, line: g.b.1, term: g.b.0 };
                            g.as_packed().run(&a, &b, c, scratch.as_mut_ptr(), team, None);
                        } else {
                            g.run(a, b, c, scratch.as_mut_ptr(), team, None);
                        }
                    }
                    assert!(want == got, "{shape:?} {way:?} {path:?} {isa:?} on {}", team.threads());
                }
            }
        }
    }

    #[test]
    fn every_row_is_told_of_once_when_it_is_finished() {
        for (threads, [m, n, k]) in
            [(1, [200, 40, 600]), (3, [200, 1040, 20]), (4, [3, 300, 2000]), (2, [1, 64, 8])]
        {
            let g = case([m, n, k], [false; 3], Isa::best());
            let (a, b, team) = (random(m * k, 1), random(k * n, 2), Pool::new(threads));
            let (mut got, mut scratch) = (vec![0f32; m * n], vec![0f32; g.as_packed().scratch_len(threads)]);
            let mut want = got.clone();
            naive(&g, &a, &b, &mut want);
            let (seen, c) = (Mutex::new(vec![0; m]), Shared(got.as_mut_ptr()));
            let rows = |t: usize, from: usize, to: usize| {
                assert!(t < threads && from.is_multiple_of(32));
                for i in from..to {
                    // SAFETY: the row is finished, so nobody writes to it.
                    let row = unsafe { std::slice::from_raw_parts(c.get().add(i * n), n) };
                    assert_eq!(row, &want[i * n..(i + 1) * n]);
                    seen.lock().unwrap()[i] += 1;
                }
            };
            let a = Strided { start: a.as_ptr(), line: k as isize, term: 1 };
            let b = Strided { start: b.as_ptr(), line: 1, term: n as isize };
            let finished = Finished { unit: 32, rows: &rows };
            // SAFETY: the vectors have the sizes of the matrices and of the scratch memory.
            unsafe { g.as_packed().run(&a, &b, c.get(), scratch.as_mut_ptr(), &team, Some(finished)) };
            assert!(seen.lock().unwrap().iter().all(|n| *n == 1), "{threads} {m}");
        }
    }
}
