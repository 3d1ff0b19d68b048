//! Reductions along axes in the middle, and places of extremes: arrays read as `[outer, middle, inner]`.

use crate::instances;
use crate::kernels::parallel::Parallel;
use crate::kernels::tile::{Fold, join};
use crate::simd::{Isa, Simd};

/// Elements below which a step is not worth a fork.
const FORK: usize = 64 * 1024;

/// Rows whose float32 sum is taken before it joins the float64 sum.
const BLOCK: usize = 64;

/// Columns at a time.
const WIDTH: usize = 64;

/// An array of three axes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Thick {
    /// Axes before.
    pub outer: usize,
    /// The axes reduced.
    pub middle: usize,
    /// Axes behind.
    pub inner: usize,
}

impl Thick {
    fn divided(&self, team: &dyn Parallel) -> usize {
        let small = self.outer * self.middle * self.inner < FORK;
        if small { 1 } else { team.threads().min(self.outer).max(1) }
    }

    /// Folds the middle: blocks of 64 in float32, the blocks in order in float64.
    ///
    /// # Safety
    /// `x` holds the array, `to` the result.
    pub unsafe fn fold(&self, isa: Isa, fold: Fold, x: *const f32, to: *mut f32, team: &dyn Parallel) {
        let shares = self.divided(team);
        let all = Pointers(x, to);
        team.run(shares, &|t| {
            let Pointers(x, to) = *all.get();
            for o in t * self.outer / shares..(t + 1) * self.outer / shares {
                // SAFETY: each task has outer positions of its own.
                unsafe {
                    let (x, to) = (x.add(o * self.middle * self.inner), to.add(o * self.inner));
                    for from in (0..self.inner).step_by(WIDTH) {
                        let width = WIDTH.min(self.inner - from);
                        columns(isa, x.add(from), self.middle, self.inner, width, fold, to.add(from));
                    }
                }
            }
        });
    }

    /// Where the largest (or smallest) along the middle is: the first among equals; NaN beats all.
    ///
    /// # Safety
    /// As [`Thick::fold`]; the middle is not empty.
    pub unsafe fn extremes(&self, largest: bool, x: *const f32, to: *mut i32) {
        for o in 0..self.outer {
            for i in 0..self.inner {
                // SAFETY: the caller's contract.
                unsafe {
                    let x = x.add(o * self.middle * self.inner + i);
                    let (mut best, mut place) = (*x, 0);
                    for m in 1..self.middle {
                        let y = *x.add(m * self.inner);
                        let better = if largest { y > best } else { y < best };
                        if !best.is_nan() && (better || y.is_nan()) {
                            (best, place) = (y, m);
                        }
                    }
                    *to.add(o * self.inner + i) = place as i32;
                }
            }
        }
    }
}

/// Some columns of one outer position.
#[inline(always)]
unsafe fn fold_columns<S: Simd>(
    x: *const f32,
    rows: usize,
    stride: usize,
    width: usize,
    fold: Fold,
    to: *mut f32,
) {
    let mut totals = [f64::from(fold.identity()); WIDTH];
    for from in (0..rows).step_by(BLOCK) {
        let mut sums = [fold.identity(); WIDTH];
        for i in (0..width).step_by(S::LANES) {
            // SAFETY: `width` floats in each row, of which the last vector takes what is left.
            unsafe {
                let n = S::LANES.min(width - i);
                let load = |p: *const f32, n: usize| if n == S::LANES { S::load(p) } else { S::load_n(p, n) };
                let mut sum = S::splat(fold.identity());
                for r in from..rows.min(from + BLOCK) {
                    sum = join::<S>(sum, load(x.add(r * stride + i), n), fold);
                }
                S::store_n(sums.as_mut_ptr().add(i), sum, n);
            }
        }
        totals.iter_mut().zip(&sums).for_each(|(t, s)| *t = fold.join(*t, f64::from(*s)));
    }
    for (i, t) in totals[..width].iter().enumerate() {
        // SAFETY: the result has a place for each column.
        unsafe { *to.add(i) = *t as f32 };
    }
}

instances! {
    /// Folds rows, column by column.
    unsafe fn columns = fold_columns(
        x: *const f32, rows: usize, stride: usize, width: usize, fold: Fold, to: *mut f32
    )
}

/// Pointers that tasks share; each writes to its own part.
struct Pointers<T>(*const f32, *mut T);

// SAFETY: as above.
unsafe impl<T> Sync for Pointers<T> {}

impl<T> Pointers<T> {
    fn get(&self) -> &Pointers<T> {
        self
    }
}
