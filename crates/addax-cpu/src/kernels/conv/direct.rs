//! Convolutions of many small groups, depthwise ones above all: no product pays there, so elements are summed where
//! they lie, groups that lie side by side in vectors. The sums are those of the product: chains of fused
//! multiply-adds in blocks of terms.

use super::{Conv, FORK, NOWHERE, Row, View};
use crate::instances;
use crate::kernels::gemm::KC;
use crate::kernels::parallel::{Parallel, Serial};
use crate::simd::Simd;

/// Groups at a time.
const WIDTH: usize = 32;

impl Conv {
    /// Whether groups lie side by side everywhere.
    fn side_by_side(&self) -> bool {
        self.product.n == 1 && self.steps == [1, 1, 1]
    }

    /// Computes the convolution without a product.
    ///
    /// # Safety
    /// As [`Conv::run`].
    pub(super) unsafe fn run_direct(
        &self,
        x: *const f32,
        kernel: *const f32,
        result: *mut f32,
        team: &dyn Parallel,
    ) {
        let team = if self.flops() >= FORK { team } else { &Serial };
        let all = Pointers(x, kernel, result);
        let shares = team.threads().min(self.product.m).max(1);
        team.run(shares, &|t| {
            let Pointers(x, kernel, result) = *all.get();
            for line in t * self.product.m / shares..(t + 1) * self.product.m / shares {
                let row = self.windows.row(line);
                // SAFETY: each task has rows of the result of its own.
                unsafe {
                    let to = result.add(line * self.product.ldc);
                    if self.side_by_side() {
                        for g in (0..self.groups).step_by(WIDTH) {
                            let width = WIDTH.min(self.groups - g);
                            let view = View { windows: &self.windows, start: x.add(g) };
                            lanes(
                                self.product.isa,
                                &view,
                                &row,
                                &self.kernel.terms,
                                kernel.add(g),
                                width,
                                to.add(g),
                            );
                        }
                    } else {
                        self.one_by_one(x, kernel, &row, to);
                    }
                }
            }
        });
    }

    /// A row of the result, element after element.
    unsafe fn one_by_one(&self, x: *const f32, kernel: *const f32, row: &Row, to: *mut f32) {
        for (g, o) in (0..self.groups).flat_map(|g| (0..self.product.n).map(move |o| (g, o))) {
            // SAFETY: the caller's contract: the tables lead to elements of the arrays.
            unsafe {
                let view = View { windows: &self.windows, start: x.add(g * self.steps[0]) };
                let weights = kernel.add(g * self.steps[1] + self.kernel.lines[o]);
                let (mut total, mut sum, mut block) = (0f32, 0f32, 0);
                view.each(row, |term, x| {
                    if term / KC != block {
                        block = term / KC;
                        total += std::mem::take(&mut sum);
                    }
                    sum = (*x).mul_add(*weights.add(self.kernel.terms[term]), sum);
                });
                *to.add(g * self.steps[2] + o) = total + sum;
            }
        }
    }
}

impl View<'_> {
    /// Runs `f` for each term of a row that is not in the padding: its number and its element.
    #[inline(always)]
    fn each(&self, row: &Row, mut f: impl FnMut(usize, *const f32)) {
        let w = self.windows;
        for place in 0..w.places.len() {
            let offset = w.at(row, place);
            if offset == NOWHERE {
                continue;
            }
            for feature in 0..w.inner {
                // SAFETY: the element lies in the image, as the tables say.
                let x = unsafe { self.start.offset(offset + feature as isize * w.feature_stride) };
                f(place * w.inner + feature, x);
            }
        }
    }
}

/// Some groups side by side, at most [`WIDTH`].
#[inline(always)]
unsafe fn lanes_<S: Simd>(
    view: &View,
    row: &Row,
    terms: &[usize],
    kernel: *const f32,
    width: usize,
    to: *mut f32,
) {
    // SAFETY: the caller's contract; the last vector reads and writes what is left.
    unsafe {
        if width == WIDTH {
            sums::<S>(view, row, terms, kernel, WIDTH / S::LANES, |p| S::load(p), |p, v| S::store(p, v), to);
            return;
        }
        for at in (0..width).step_by(S::LANES) {
            let n = S::LANES.min(width - at);
            let view = View { windows: view.windows, start: view.start.add(at) };
            let (load, store) = (|p| S::load_n(p, n), |p, v| S::store_n(p, v, n));
            sums::<S>(&view, row, terms, kernel.add(at), 1, load, store, to.add(at));
        }
    }
}

/// A few vectors of groups.
#[inline(always)]
#[allow(clippy::too_many_arguments)]
unsafe fn sums<S: Simd>(
    view: &View,
    row: &Row,
    terms: &[usize],
    kernel: *const f32,
    vectors: usize,
    load: impl Fn(*const f32) -> S::V,
    store: impl Fn(*mut f32, S::V),
    to: *mut f32,
) {
    // SAFETY: the caller's contract.
    unsafe {
        let (mut totals, mut sums) = ([S::splat(0.0); MOST], [S::splat(0.0); MOST]);
        let mut block = 0;
        view.each(row, |term, x| {
            if term / KC != block {
                block = term / KC;
                for (t, s) in totals.iter_mut().zip(&mut sums) {
                    *t = S::add(*t, *s);
                    *s = S::splat(0.0);
                }
            }
            let k = kernel.add(terms[term]);
            for (v, s) in sums.iter_mut().enumerate().take(vectors) {
                *s = S::fma(load(x.add(v * S::LANES)), load(k.add(v * S::LANES)), *s);
            }
        });
        for (v, (t, s)) in totals.iter().zip(&sums).enumerate().take(vectors) {
            store(to.add(v * S::LANES), S::add(*t, *s));
        }
    }
}

/// Vectors that hold [`WIDTH`] groups, at most: the shortest has four lanes.
const MOST: usize = WIDTH / 4;

instances! {
    /// Sums the terms of some groups.
    unsafe fn lanes = lanes_(
        view: &View<'_>, row: &Row, terms: &[usize], kernel: *const f32, width: usize, to: *mut f32
    )
}

/// Pointers that tasks share; each writes to its own part.
struct Pointers(*const f32, *const f32, *mut f32);

// SAFETY: as above.
unsafe impl Sync for Pointers {}

impl Pointers {
    fn get(&self) -> &Pointers {
        self
    }
}
