//! Convolutions of float32 as matrix products whose left side is packed from the image: no patches are written down.
//!
//! Rows of the product are the elements of the result without their features, in the order of memory; columns are the
//! features; terms are the places of the window, and for each the input features. Gradients are convolutions too
//! (by other axes), so the same text computes them. The order of the sums is that of the product, whatever the threads.

mod direct;

use crate::kernels::gemm::{Lines, Packed, Scattered};
use crate::kernels::parallel::{Parallel, Serial};
use crate::simd::Isa;
use crate::{instances, simd::Simd};
use addax_core::ops::Convolution;
use addax_core::strides;
use std::ops::Range;

/// Below these many operations a product is not worth a fork.
const FORK: u64 = 4_000_000;

/// An index that lies in the padding or between dilated elements.
const NOWHERE: isize = isize::MIN;

/// What stands for elements that are not there.
static ZEROS: [f32; 8] = [0.0; 8];

/// A convolution of given shapes.
#[derive(Clone, Debug)]
pub struct Conv {
    product: Packed,
    groups: usize,
    /// Floats between the operands of one group and the next.
    steps: [usize; 3],
    windows: Windows,
    kernel: Kernel,
}

/// Where the elements lie that rows of the product see.
#[derive(Clone, Debug)]
struct Windows {
    /// Axes of the result without features, outermost first: how long, and the spatial axis (`None` is the batch).
    axes: Vec<(usize, Option<usize>)>,
    batch_stride: isize,
    feature_stride: isize,
    /// Input features of a group.
    inner: usize,
    /// By spatial axis, position and place of the window: the offset of the element.
    offsets: Vec<Vec<isize>>,
    /// Places of the window along each spatial axis.
    sizes: Vec<usize>,
    /// All places of the window, in row-major order.
    places: Vec<[u32; 3]>,
}

/// Where the weights lie.
#[derive(Clone, Debug)]
struct Kernel {
    /// By term.
    terms: Vec<usize>,
    /// By output feature.
    lines: Vec<usize>,
    /// Whether output features lie side by side; else whether input features do, in runs of `inner`.
    by_line: bool,
    by_term: bool,
    inner: usize,
}

impl Conv {
    /// Plans a convolution; `None` if its result has its features elsewhere than last.
    pub fn new(op: &Convolution, x: &[usize], kernel: &[usize], result: &[usize], isa: Isa) -> Option<Conv> {
        let d = &op.dimensions;
        let space = op.window_strides.len();
        if d.output.columns + 1 != result.len() || space > 3 {
            return None;
        }
        let groups = op.feature_group_count * op.batch_group_count;
        let (inner, outer) = (kernel[d.kernel.rows], kernel[d.kernel.columns]);
        let share = outer / groups.max(1);
        let (sx, sk) = (strides(x), strides(kernel));
        let axes = (0..result.len() - 1).map(|a| (result[a], d.output.spatial.iter().position(|s| *s == a)));
        let axes: Vec<(usize, Option<usize>)> = axes.collect();
        let sizes: Vec<usize> = d.kernel.spatial.iter().map(|a| kernel[*a]).collect();
        let offsets = (0..space).map(|i| {
            let (axis, positions) = (d.input.spatial[i], result[d.output.spatial[i]]);
            let at = |p: usize, k: usize| {
                let place = (p * op.window_strides[i]) as isize - op.padding[i].0;
                let place = place + (k * op.rhs_dilation[i]) as isize;
                let apart = op.lhs_dilation[i] as isize;
                let inside = place >= 0 && place % apart == 0 && place / apart < x[axis] as isize;
                if inside { place / apart * sx[axis] as isize } else { NOWHERE }
            };
            (0..positions).flat_map(|p| (0..sizes[i]).map(move |k| (p, k))).map(|(p, k)| at(p, k)).collect()
        });
        let offsets: Vec<Vec<isize>> = offsets.collect();
        let places = places(&sizes);
        let turned = |i: usize, k: usize| if op.window_reversal[i] { sizes[i] - 1 - k } else { k };
        let terms = places.iter().flat_map(|place| {
            let base: usize =
                (0..space).map(|i| turned(i, place[i] as usize) * sk[d.kernel.spatial[i]]).sum();
            let step = sk[d.kernel.rows];
            (0..inner).map(move |f| base + f * step)
        });
        let terms: Vec<usize> = terms.collect();
        let kernel = Kernel {
            lines: (0..share).map(|o| o * sk[d.kernel.columns]).collect(),
            by_line: sk[d.kernel.columns] == 1 || share == 1,
            by_term: sk[d.kernel.rows] == 1,
            inner,
            terms,
        };
        let rows: usize = axes.iter().map(|a| a.0).product();
        let batch = result[d.output.rows];
        let a_step =
            if op.batch_group_count > 1 { batch * sx[d.input.rows] } else { inner * sx[d.input.columns] };
        let terms = kernel.terms.len();
        Some(Conv {
            product: Packed { m: rows, n: share, k: terms, ldc: outer, add: false, isa },
            groups,
            steps: [a_step, share * sk[d.kernel.columns], share],
            windows: Windows {
                axes,
                batch_stride: sx[d.input.rows] as isize,
                feature_stride: sx[d.input.columns] as isize,
                inner,
                offsets,
                sizes,
                places,
            },
            kernel,
        })
    }

    /// Whether groups are so small that a product does not pay.
    fn is_direct(&self) -> bool {
        self.groups > 1 && self.product.n < 8
    }

    /// Floats of scratch memory that a run on `threads` threads needs.
    pub fn scratch_len(&self, threads: usize) -> usize {
        if self.is_direct() { 0 } else { self.product.scratch_len(threads) }
    }

    /// Floating-point operations.
    pub fn flops(&self) -> u64 {
        [self.product.m, self.product.n, self.product.k, self.groups]
            .iter()
            .fold(2, |n: u64, d| n.saturating_mul(*d as u64))
    }

    /// Computes the convolution.
    ///
    /// # Safety
    /// The pointers lead to arrays of the shapes that it was planned for, the result overlaps neither of the others;
    /// `scratch` holds [`Conv::scratch_len`] floats for the team, and nobody else uses it meanwhile.
    pub unsafe fn run(
        &self,
        x: *const f32,
        kernel: *const f32,
        result: *mut f32,
        scratch: *mut f32,
        team: &dyn Parallel,
    ) {
        if self.is_direct() {
            // SAFETY: the caller's contract.
            return unsafe { self.run_direct(x, kernel, result, team) };
        }
        let team = if self.flops() >= FORK { team } else { &Serial };
        for g in 0..self.groups {
            // SAFETY: groups are parts of the arrays.
            unsafe {
                let a = View { windows: &self.windows, start: x.add(g * self.steps[0]) };
                let b = Weights { kernel: &self.kernel, start: kernel.add(g * self.steps[1]) };
                let c = result.add(g * self.steps[2]);
                self.product.run(&a, &b, c, scratch, team, None);
            }
        }
    }
}

/// All places of a window in row-major order.
fn places(sizes: &[usize]) -> Vec<[u32; 3]> {
    let mut all = vec![[0u32; 3]];
    for (i, n) in sizes.iter().enumerate() {
        all = all
            .iter()
            .flat_map(|p| {
                (0..*n as u32).map(|k| {
                    let mut place = *p;
                    place[i] = k;
                    place
                })
            })
            .collect();
    }
    all
}

/// The windows of an image as rows of a product.
struct View<'a> {
    windows: &'a Windows,
    start: *const f32,
}

// SAFETY: the image is only read, within the call that it was given to.
unsafe impl Sync for View<'_> {}

/// A row of the product: where its image begins, and its position along each spatial axis times the window's size.
#[derive(Clone, Copy)]
struct Row {
    image: isize,
    position: [usize; 3],
}

impl Windows {
    fn row(&self, line: usize) -> Row {
        let (mut rest, mut row) = (line, Row { image: 0, position: [0; 3] });
        for (n, axis) in self.axes.iter().rev() {
            let at = rest % n;
            rest /= n;
            match axis {
                Some(i) => row.position[*i] = at * self.sizes[*i],
                None => row.image = at as isize * self.batch_stride,
            }
        }
        row
    }

    /// The offset of the first feature that a row sees at a place of the window.
    fn at(&self, row: &Row, place: usize) -> isize {
        let place = &self.places[place];
        let mut offset = row.image;
        for (i, along) in self.offsets.iter().enumerate() {
            let here = along[row.position[i] + place[i] as usize];
            if here == NOWHERE {
                return NOWHERE;
            }
            offset += here;
        }
        offset
    }

    /// Whether neighbouring rows lie side by side in the image.
    fn by_line(&self) -> bool {
        self.batch_stride == 1 && matches!(self.axes.last(), Some((_, None)))
    }
}

/// Runs `f` for each piece of the terms that belongs to one place: the place, its features, where they stand.
fn pieces(inner: usize, terms: Range<usize>, mut f: impl FnMut(usize, Range<usize>, usize)) {
    let mut term = terms.start;
    while term < terms.end {
        let (place, first) = (term / inner, term % inner);
        let end = (term - first + inner).min(terms.end);
        f(place, first..first + end - term, term - terms.start);
        term = end;
    }
}

impl Lines for View<'_> {
    unsafe fn pack(&self, isa: Isa, lines: Range<usize>, terms: Range<usize>, width: usize, out: *mut f32) {
        let w = self.windows;
        if w.by_line() {
            // SAFETY: the caller's contract.
            unsafe { self.side_by_side(lines, terms, width, out) };
            return;
        }
        let count = terms.len();
        for first in (lines.start..lines.end).step_by(8).collect::<Blocks>().rev() {
            let height = (lines.end - first).min(8);
            let rows: [Row; 8] = std::array::from_fn(|r| w.row(first + r.min(height - 1)));
            // SAFETY: the panel has room for all lanes of this block.
            let out = unsafe { out.add(first - lines.start) };
            pieces(w.inner, terms.clone(), |place, features, at| {
                let sources: [*const f32; 8] = std::array::from_fn(|r| match w.at(&rows[r], place) {
                    NOWHERE => std::ptr::null(),
                    // SAFETY: the element lies in the image, as the tables say.
                    offset => unsafe {
                        self.start.offset(offset + features.start as isize * w.feature_stride)
                    },
                });
                // SAFETY: as above; only the last block of terms is written lane by lane.
                unsafe {
                    let to = out.add(at * width);
                    if w.feature_stride == 1 {
                        let free = count - at - features.len();
                        runs(isa, &sources, features.len(), height, to, width, free);
                    } else {
                        scattered(&sources, w.feature_stride, features.len(), height, to, width);
                    }
                }
            });
        }
    }
}

/// First lines of blocks of eight; a panel has few.
struct Blocks {
    firsts: [usize; 8],
    count: usize,
}

impl FromIterator<usize> for Blocks {
    fn from_iter<I: IntoIterator<Item = usize>>(lines: I) -> Self {
        let mut blocks = Blocks { firsts: [0; 8], count: 0 };
        for line in lines {
            debug_assert!(blocks.count < 8, "panels are at most 64 lines wide");
            blocks.firsts[blocks.count] = line;
            blocks.count += 1;
        }
        blocks
    }
}

impl Blocks {
    /// The last block first: eight lanes may spill into the next term's first ones, which are yet to be written.
    fn rev(self) -> impl Iterator<Item = usize> {
        (0..self.count).rev().map(move |i| self.firsts[i])
    }
}

impl View<'_> {
    /// Rows that differ by their batch only, the batch being the image's innermost axis: runs are copied.
    unsafe fn side_by_side(&self, lines: Range<usize>, terms: Range<usize>, width: usize, out: *mut f32) {
        let w = self.windows;
        let run = w.axes.last().map_or(1, |a| a.0);
        let mut line = lines.start;
        while line < lines.end {
            let n = (run - line % run).min(lines.end - line);
            let row = w.row(line);
            let lane = line - lines.start;
            pieces(w.inner, terms.clone(), |place, features, at| {
                let offset = w.at(&row, place);
                for (i, f) in features.enumerate() {
                    // SAFETY: the elements lie in the image, the lanes in the panel.
                    unsafe {
                        let to = out.add((at + i) * width + lane);
                        if offset == NOWHERE {
                            to.write_bytes(0, n);
                        } else {
                            let from = self.start.offset(offset + f as isize * w.feature_stride);
                            to.copy_from_nonoverlapping(from, n);
                        }
                    }
                }
            });
            line += n;
        }
    }
}

/// Eight lines whose terms lie side by side (or are nowhere), transposed; `free` terms follow in the panel.
#[inline(always)]
unsafe fn runs_<S: Simd>(
    sources: &[*const f32; 8],
    n: usize,
    height: usize,
    to: *mut f32,
    width: usize,
    free: usize,
) {
    let whole = n / 8 * 8;
    for p in (0..whole).step_by(8) {
        let rows: [*const f32; 8] = std::array::from_fn(|r| {
            // SAFETY: the terms lie in the line.
            if sources[r].is_null() { ZEROS.as_ptr() } else { unsafe { sources[r].add(p) } }
        });
        // SAFETY: the panel has room; its last terms are written aside, so that nothing lands behind it.
        unsafe {
            let to = to.add(p * width);
            if height == 8 || p + 8 < n + free {
                S::transpose8(&rows, to, width);
            } else {
                let mut aside = [0f32; 64];
                S::transpose8(&rows, aside.as_mut_ptr(), 8);
                for (q, lanes) in aside.chunks_exact(8).enumerate() {
                    to.add(q * width).copy_from_nonoverlapping(lanes.as_ptr(), height);
                }
            }
        }
    }
    for (p, r) in (whole..n).flat_map(|p| (0..height).map(move |r| (p, r))) {
        // SAFETY: as above.
        unsafe { *to.add(p * width + r) = if sources[r].is_null() { 0.0 } else { *sources[r].add(p) } };
    }
}

instances! {
    unsafe fn runs = runs_(sources: &[*const f32; 8], n: usize, height: usize, to: *mut f32, width: usize, free: usize)
}

unsafe fn scattered(
    sources: &[*const f32; 8],
    stride: isize,
    n: usize,
    height: usize,
    to: *mut f32,
    width: usize,
) {
    for (p, r) in (0..n).flat_map(|p| (0..height).map(move |r| (p, r))) {
        // SAFETY: the caller's contract.
        unsafe {
            let value = if sources[r].is_null() { 0.0 } else { *sources[r].offset(p as isize * stride) };
            *to.add(p * width + r) = value;
        }
    }
}

/// The weights as columns of a product.
struct Weights<'a> {
    kernel: &'a Kernel,
    start: *const f32,
}

// SAFETY: the weights are only read, within the call that they were given to.
unsafe impl Sync for Weights<'_> {}

impl Lines for Weights<'_> {
    unsafe fn pack(&self, isa: Isa, lines: Range<usize>, terms: Range<usize>, width: usize, out: *mut f32) {
        let k = self.kernel;
        // SAFETY: the caller's contract: lines and terms lie in the weights, the panel has room.
        unsafe {
            if k.by_line {
                for (p, term) in k.terms[terms].iter().enumerate() {
                    let from = self.start.add(term + k.lines[lines.start]);
                    out.add(p * width).copy_from_nonoverlapping(from, lines.len());
                }
            } else if k.by_term {
                let count = terms.len();
                for first in (lines.start..lines.end).step_by(8).collect::<Blocks>().rev() {
                    let height = (lines.end - first).min(8);
                    let out = out.add(first - lines.start);
                    pieces(k.inner, terms.clone(), |place, features, at| {
                        let term = k.terms[place * k.inner + features.start];
                        let sources: [*const f32; 8] = std::array::from_fn(|r| {
                            self.start.add(term + k.lines[first + r.min(height - 1)])
                        });
                        let free = count - at - features.len();
                        runs(isa, &sources, features.len(), height, out.add(at * width), width, free);
                    });
                }
            } else {
                let all = Scattered { start: self.start, lines: &k.lines, terms: &k.terms };
                all.pack(isa, lines, terms, width, out);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::threads::Pool;
    use addax_core::ops::{Op, Spatial};
    use addax_core::rng::Rng;
    use addax_core::{DType, Trace, Value, gradients};

    fn random(shape: &[usize], seed: u64) -> Value {
        let mut r = Rng::new(seed, 3);
        let n = shape.iter().product();
        Value::new(shape, (0..n).map(|_| r.uniform() as f32 - 0.5).collect::<Vec<f32>>()).unwrap()
    }

    /// Every convolution of a graph, on every instruction set and any team, against the plain evaluation.
    fn check(what: &str, x: &[usize], kernel: &[usize], spatial: &Spatial) {
        let trace = Trace::new();
        let (a, b) = (trace.parameter("x", DType::F32, x), trace.parameter("k", DType::F32, kernel));
        let entered = trace.enter();
        let y = a.conv(&b, spatial);
        let found = gradients(&y.square().sum_all(), &[&a, &b]).unwrap();
        drop(entered);
        let graph = trace.finish(&found.into_iter().flatten().collect::<Vec<_>>()).unwrap();
        let mut seen = 0;
        for node in graph.nodes() {
            let Op::Convolution(op) = &node.op else { continue };
            let shape = |v| graph.ty(v).shape.concrete().unwrap();
            let (xs, ks, ys) = (shape(node.inputs[0]), shape(node.inputs[1]), shape(node.output()));
            let (x, k) = (random(&xs, 1), random(&ks, 2));
            let want = node.op.eval(&[&x, &k]).unwrap().remove(0);
            for isa in Isa::available() {
                let Some(conv) = Conv::new(op, &xs, &ks, &ys, isa) else { continue };
                seen += 1;
                let mut first: Option<Vec<f32>> = None;
                for threads in [1, 3] {
                    let team = Pool::new(threads);
                    let mut got = vec![f32::NAN; want.len()];
                    let mut scratch = vec![0f32; conv.scratch_len(threads)];
                    let (x, k) = (x.as_slice::<f32>().unwrap(), k.as_slice::<f32>().unwrap());
                    // SAFETY: the vectors have the planned sizes.
                    unsafe {
                        conv.run(x.as_ptr(), k.as_ptr(), got.as_mut_ptr(), scratch.as_mut_ptr(), &team)
                    };
                    let scale = want.to_f64().iter().fold(1e-3f64, |m, v| m.max(v.abs()));
                    for (g, w) in got.iter().zip(want.to_f64()) {
                        assert!(
                            (f64::from(*g) - w).abs() < 2e-5 * scale,
                            "{what} {isa:?} {threads}: {g} {w}"
                        );
                    }
                    assert!(first.get_or_insert_with(|| got.clone()) == &got, "{what}: threads change bits");
                }
            }
        }
        assert!(seen > 0, "{what}: nothing was planned");
    }

    #[test]
    fn convolutions_and_their_gradients_agree_with_the_plain_evaluation() {
        check("plain", &[2, 7, 6, 3], &[3, 3, 3, 5], &Spatial::valid());
        check("same", &[3, 9, 8, 16], &[3, 3, 16, 24], &Spatial::same());
        check("strides", &[2, 11, 9, 8], &[3, 2, 8, 9], &Spatial::same().strides(&[2, 2]));
        check("dilation", &[2, 12, 3], &[3, 3, 8], &Spatial::causal().dilation(&[2]));
        check("wide", &[1, 6, 6, 40], &[2, 2, 40, 70], &Spatial::valid());
        check("groups", &[2, 5, 5, 8], &[2, 2, 4, 16], &Spatial::valid());
        check("depthwise", &[2, 7, 6, 40], &[3, 3, 1, 40], &Spatial::same());
        check("depthwise strides", &[3, 9, 8, 19], &[3, 3, 1, 19], &Spatial::same().strides(&[2, 2]));
        check("two of each", &[2, 6, 5, 10], &[2, 3, 1, 20], &Spatial::valid());
        check("many terms", &[1, 40, 40, 32], &[3, 3, 1, 32], &Spatial::valid());
        check("volume", &[2, 4, 4, 4, 3], &[2, 2, 2, 3, 4], &Spatial::same());
        check("one place", &[4, 5, 5, 9], &[1, 1, 9, 7], &Spatial::valid());
        check("one channel", &[5, 12, 12, 1], &[5, 5, 1, 32], &Spatial::valid());
    }
}
