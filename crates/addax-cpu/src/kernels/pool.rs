//! Windows of float32 that slide: largest, smallest or sum of what each sees, and the gradient of the extremes. The
//! innermost axes that no window touches (channels) run side by side.

use crate::instances;
use crate::kernels::parallel::Parallel;
use crate::simd::Simd;
use addax_core::ops::Reduction;
use addax_core::strides;

/// How a window moves: one number for every axis.
#[derive(Clone, Copy, Debug)]
pub struct Moves<'a> {
    /// The size of the window.
    pub window: &'a [usize],
    /// How far it moves.
    pub strides: &'a [usize],
    /// Places before.
    pub low: &'a [isize],
    /// How far apart the places of the window stand.
    pub dilation: &'a [usize],
}

/// Windows over an array of a given shape.
#[derive(Clone, Debug)]
pub struct Pool {
    kind: Reduction,
    /// Images, which no window crosses.
    batch: usize,
    /// Floats of an image, and results of one.
    image: usize,
    results: usize,
    /// Floats side by side.
    inner: usize,
    /// By position: where its offsets begin; one more at the end.
    starts: Vec<u32>,
    /// What each position sees: offsets in the image.
    offsets: Vec<u32>,
}

/// Channels that one pass of the gradient handles.
const LANES: usize = 64;

impl Pool {
    /// Plans windows; `None` where they are too many for a table, or the array is empty.
    pub fn new(kind: Reduction, moves: Moves, shape: &[usize], result: &[usize]) -> Option<Pool> {
        let rank = shape.len();
        let still = |a: usize| {
            moves.window[a] == 1 && moves.strides[a] == 1 && moves.low[a] == 0 && shape[a] == result[a]
        };
        let last = (0..rank).rev().take_while(|a| still(*a)).last().unwrap_or(rank);
        let first = usize::from(last > 0 && still(0));
        let count = |s: &[usize]| s.iter().product::<usize>();
        let (image, inner) = (count(&shape[first..]), count(&shape[last..]));
        if count(shape) == 0 || image > u32::MAX as usize || count(&result[first..last]) > 1 << 22 {
            return None;
        }
        let steps = strides(&shape[first..]);
        let mut pool = Pool {
            kind,
            batch: count(&shape[..first]),
            image,
            results: count(&result[first..]),
            inner,
            starts: vec![0],
            offsets: Vec::new(),
        };
        for position in 0..count(&result[first..last]) {
            let mut seen = vec![0usize];
            let mut rest = position;
            let mut at = vec![0; last - first];
            for a in (first..last).rev() {
                at[a - first] = rest % result[a];
                rest /= result[a];
            }
            for a in first..last {
                let begin = (at[a - first] * moves.strides[a]) as isize - moves.low[a];
                let here: Vec<usize> = (0..moves.window[a])
                    .filter_map(|k| usize::try_from(begin + (k * moves.dilation[a]) as isize).ok())
                    .filter(|i| *i < shape[a])
                    .map(|i| i * steps[a - first])
                    .collect();
                seen = seen.iter().flat_map(|s| here.iter().map(move |h| s + h)).collect();
            }
            pool.offsets.extend(seen.into_iter().map(|o| o as u32));
            pool.starts.push(u32::try_from(pool.offsets.len()).ok()?);
        }
        Some(pool)
    }

    fn positions(&self) -> usize {
        self.starts.len() - 1
    }

    fn seen(&self, position: usize) -> &[u32] {
        &self.offsets[self.starts[position] as usize..self.starts[position + 1] as usize]
    }

    /// Puts together what each window sees.
    ///
    /// # Safety
    /// The pointers lead to arrays of the shapes that it was planned for, which do not overlap.
    pub unsafe fn run(&self, x: *const f32, y: *mut f32, team: &dyn Parallel) {
        let shared = Shared(x, y, std::ptr::null());
        let isa = crate::simd::Isa::best();
        team.run(self.batch, &|b| {
            let Shared(x, y, _) = *shared.get();
            // SAFETY: each image and its results are one task's alone.
            unsafe { images(isa, self, x.add(b * self.image), y.add(b * self.results)) };
        });
    }

    /// Adds each window's number where the window picked, to zeros.
    ///
    /// # Safety
    /// As for [`Pool::run`]: `x` and `to` have the shape of the input, `numbers` that of the result.
    pub unsafe fn scatter(&self, x: *const f32, numbers: *const f32, to: *mut f32, team: &dyn Parallel) {
        let shared = Shared(x, to, numbers);
        let isa = crate::simd::Isa::best();
        team.run(self.batch, &|b| {
            let Shared(x, to, numbers) = *shared.get();
            // SAFETY: each image is one task's alone.
            unsafe {
                let to = to.add(b * self.image);
                to.write_bytes(0, self.image);
                back(isa, self, x.add(b * self.image), numbers.add(b * self.results), to);
            }
        });
    }
}

/// Pointers for the tasks of a team.
#[derive(Clone, Copy)]
struct Shared(*const f32, *mut f32, *const f32);

// SAFETY: every task touches its own images.
unsafe impl Sync for Shared {}

impl Shared {
    fn get(&self) -> &Shared {
        self
    }
}

/// Whether `b` takes the place of `a`; NaN counts as the furthest.
#[inline(always)]
fn beats(least: bool, b: f32, a: f32) -> bool {
    (if least { b < a } else { b > a }) || (b.is_nan() && !a.is_nan())
}

// The compiler finds the vectors; one text is compiled for each instruction set.
#[allow(clippy::extra_unused_type_parameters)]
#[inline(always)]
unsafe fn image_<S: Simd>(pool: &Pool, x: *const f32, y: *mut f32) {
    let (n, least) = (pool.inner, pool.kind == Reduction::Min);
    let empty = match pool.kind {
        Reduction::Sum => 0.0,
        Reduction::Min => f32::INFINITY,
        _ => f32::NEG_INFINITY,
    };
    for position in 0..pool.positions() {
        // SAFETY: offsets lie in the image with all that stands side by side there.
        let out = unsafe { std::slice::from_raw_parts_mut(y.add(position * n), n) };
        out.fill(empty);
        for at in pool.seen(position) {
            // SAFETY: as above.
            let run = unsafe { std::slice::from_raw_parts(x.add(*at as usize), n) };
            if pool.kind == Reduction::Sum {
                out.iter_mut().zip(run).for_each(|(o, v)| *o += v);
            } else {
                out.iter_mut().zip(run).for_each(|(o, v)| *o = if beats(least, *v, *o) { *v } else { *o });
            }
        }
    }
}

instances! {
    unsafe fn images = image_(pool: &Pool, x: *const f32, y: *mut f32)
}

#[allow(clippy::extra_unused_type_parameters)]
#[inline(always)]
unsafe fn back_<S: Simd>(pool: &Pool, x: *const f32, numbers: *const f32, to: *mut f32) {
    let least = pool.kind == Reduction::Min;
    for position in 0..pool.positions() {
        let seen = pool.seen(position);
        let Some((first, rest)) = seen.split_first() else { continue };
        for lane in (0..pool.inner).step_by(LANES) {
            let n = LANES.min(pool.inner - lane);
            let (mut best, mut place) = ([0f32; LANES], [*first; LANES]);
            // SAFETY: offsets lie in the image with all that stands side by side there.
            unsafe {
                best[..n].copy_from_slice(std::slice::from_raw_parts(x.add(*first as usize + lane), n));
                for at in rest {
                    let run = std::slice::from_raw_parts(x.add(*at as usize + lane), n);
                    for ((b, p), v) in best.iter_mut().zip(&mut place).zip(run) {
                        let better = beats(least, *v, *b);
                        *b = if better { *v } else { *b };
                        *p = if better { *at } else { *p };
                    }
                }
                for (c, p) in place[..n].iter().enumerate() {
                    *to.add(*p as usize + lane + c) += *numbers.add(position * pool.inner + lane + c);
                }
            }
        }
    }
}

instances! {
    unsafe fn back = back_(pool: &Pool, x: *const f32, numbers: *const f32, to: *mut f32)
}
