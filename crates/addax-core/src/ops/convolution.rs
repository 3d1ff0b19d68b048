//! `convolution`: a window of weights slides over the spatial axes; StableHLO's op in full. Both gradients are
//! convolutions again.

use super::wide::{Wide, with_wide};
use super::window::{Seen, Sliding, Windows};
use super::{AttributeValue, Primitive, check_axes, exactly, same_dtype};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::op_struct;
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::value::{Stored, Value, strides};
use crate::walk::Walk;

/// Where the axes of one side of a convolution are. Of the input and the result, `rows` is the batch and `columns`
/// the features; of the kernel, `rows` is the input features and `columns` the output features.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvAxes {
    /// The batch, or the kernel's input features.
    pub rows: usize,
    /// The features, or the kernel's output features.
    pub columns: usize,
    /// The spatial axes, in the order of the window's axes.
    pub spatial: Vec<usize>,
}

impl ConvAxes {
    /// The spatial axes between two others: `[batch, spatial…, features]`.
    pub fn last(spatial: usize) -> ConvAxes {
        ConvAxes { rows: 0, columns: spatial + 1, spatial: (1..=spatial).collect() }
    }

    /// The spatial axes after two others: `[batch, features, spatial…]`.
    pub fn first(spatial: usize) -> ConvAxes {
        ConvAxes { rows: 0, columns: 1, spatial: (2..spatial + 2).collect() }
    }

    /// The spatial axes before two others: `[spatial…, input, output]`, as kernels are.
    pub fn kernel(spatial: usize) -> ConvAxes {
        ConvAxes { rows: spatial, columns: spatial + 1, spatial: (0..spatial).collect() }
    }

    /// The same axes with rows and columns in each other's place.
    pub fn swapped(&self) -> ConvAxes {
        ConvAxes { rows: self.columns, columns: self.rows, spatial: self.spatial.clone() }
    }

    fn rank(&self) -> usize {
        self.spatial.len() + 2
    }

    /// The axes in the order rows, spatial, columns.
    fn rows_first(&self) -> Vec<usize> {
        [&[self.rows][..], &self.spatial, &[self.columns]].concat()
    }

    /// The axes in the order spatial, rows, columns.
    fn spatial_first(&self) -> Vec<usize> {
        [&self.spatial[..], &[self.rows, self.columns]].concat()
    }

    fn write(&self, rows: &str, columns: &str) -> String {
        let mut names = vec![String::new(); self.rank()];
        let mut put = |axis: usize, name: String| {
            if let Some(place) = names.get_mut(axis) {
                *place = name;
            }
        };
        put(self.rows, rows.to_string());
        put(self.columns, columns.to_string());
        self.spatial.iter().enumerate().for_each(|(i, a)| put(*a, i.to_string()));
        format!("[{}]", names.join(","))
    }

    fn read(text: &str, rows: &str, columns: &str) -> Option<ConvAxes> {
        let names: Vec<&str> =
            text.trim().strip_prefix('[')?.strip_suffix(']')?.split(',').map(str::trim).collect();
        let find = |name: &str| names.iter().position(|n| *n == name);
        let spatial = (0..names.len().checked_sub(2)?).map(|i| find(&i.to_string()));
        Some(ConvAxes {
            rows: find(rows)?,
            columns: find(columns)?,
            spatial: spatial.collect::<Option<_>>()?,
        })
    }
}

/// Where the axes of a convolution's input, kernel and result are; written `[b,0,1,f]x[0,1,i,o]->[b,0,1,f]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConvDimensions {
    /// Of the input: batch and features.
    pub input: ConvAxes,
    /// Of the kernel: input and output features.
    pub kernel: ConvAxes,
    /// Of the result: batch and features.
    pub output: ConvAxes,
}

impl AttributeValue for ConvDimensions {
    fn write(&self) -> String {
        let (input, kernel) = (self.input.write("b", "f"), self.kernel.write("i", "o"));
        format!("{input}x{kernel}->{}", self.output.write("b", "f"))
    }

    fn read(text: &str) -> Result<Self> {
        let parts = || {
            let (sides, output) = text.split_once("->")?;
            let (input, kernel) = sides.split_once('x')?;
            Some(ConvDimensions {
                input: ConvAxes::read(input, "b", "f")?,
                kernel: ConvAxes::read(kernel, "i", "o")?,
                output: ConvAxes::read(output, "b", "f")?,
            })
        };
        parts().ok_or_else(|| {
            Error::value("attribute").expected("[b,0,f]x[0,i,o]->[b,0,f]").got(format_args!("\"{text}\""))
        })
    }
}

op_struct! {
    /// `result[b, p, o] = Σ over k, i of input[b, p · stride + k · rhs_dilation - low, i] · kernel[k, i, o]`, where the
    /// input's elements stand `lhs_dilation` apart and places without element count as 0.
    pub struct Convolution = "convolution" {
        /// How far the window moves along each spatial axis.
        window_strides: Vec<usize>,
        /// Zeros before and after along each spatial axis; negative cuts off.
        padding: Vec<(isize, isize)>,
        /// How far apart the input's elements stand.
        lhs_dilation: Vec<usize>,
        /// How far apart the places of the window stand.
        rhs_dilation: Vec<usize>,
        /// Along which axes the window is turned around.
        window_reversal: Vec<bool>,
        /// Where the axes are.
        dimensions: ConvDimensions,
        /// How many groups the features are split into, each with output features of its own.
        feature_group_count: usize,
        /// How many groups the batch is split into, each with output features of its own.
        batch_group_count: usize,
    }
}

/// What the plain evaluation needs to know, in elements of arrays ordered `[batch, spatial…, features]` (input),
/// `[spatial…, input, output]` (kernel) and `[batch, spatial…, features]` (result).
struct Sizes {
    /// Batch of the result.
    batch: usize,
    /// Elements of one image without features.
    image: usize,
    groups: usize,
    by_batch: bool,
    /// Input features of one group, output features of all.
    inner: usize,
    outer: usize,
    features: usize,
    seen: Seen,
}

impl Convolution {
    /// A convolution over so many spatial axes: strides and dilations of 1, no padding, one group, input and result
    /// `[batch, spatial…, features]`, kernel `[spatial…, input, output]`.
    pub fn new(spatial: usize) -> Convolution {
        Convolution {
            window_strides: vec![1; spatial],
            padding: vec![(0, 0); spatial],
            lhs_dilation: vec![1; spatial],
            rhs_dilation: vec![1; spatial],
            window_reversal: vec![false; spatial],
            dimensions: ConvDimensions {
                input: ConvAxes::last(spatial),
                kernel: ConvAxes::kernel(spatial),
                output: ConvAxes::last(spatial),
            },
            feature_group_count: 1,
            batch_group_count: 1,
        }
    }

    fn windows(&self) -> Windows<'_> {
        Windows {
            strides: &self.window_strides,
            padding: &self.padding,
            base_dilation: &self.lhs_dilation,
            window_dilation: &self.rhs_dilation,
        }
    }

    /// The window along spatial axis `i`, if its lengths are known.
    fn sliding(&self, i: usize, x: &Shape, kernel: &Shape) -> Option<Sliding> {
        let d = &self.dimensions;
        let input = x.dims()[d.input.spatial[i]].known()?;
        Some(self.windows().along(i, input, kernel.dims()[d.kernel.spatial[i]].known()?))
    }

    fn check(&self, x: &TensorType, kernel: &TensorType) -> Result<()> {
        same_dtype(x, kernel)?;
        let (n, d) = (self.window_strides.len(), &self.dimensions);
        self.windows().check(n)?;
        for (side, axes, rank) in [
            ("input", &d.input, x.shape.rank()),
            ("kernel", &d.kernel, kernel.shape.rank()),
            ("result", &d.output, n + 2),
        ] {
            if axes.spatial.len() != n || rank != n + 2 {
                return Err(Error::value(side).expected(format_args!("{} axes", n + 2)).got(rank));
            }
            check_axes(&axes.spatial_first(), rank).map_err(|e| e.at(side))?;
        }
        if self.window_reversal.len() != n {
            return Err(Error::value("window_reversal").expected(n).got(self.window_reversal.len()));
        }
        self.check_groups(&x.shape, &kernel.shape)
    }

    fn check_groups(&self, x: &Shape, kernel: &Shape) -> Result<()> {
        let (d, features, batches) = (&self.dimensions, self.feature_group_count, self.batch_group_count);
        let (input, inner) = (x.dims()[d.input.columns], kernel.dims()[d.kernel.rows]);
        if features == 0 || batches == 0 || (features > 1 && batches > 1) {
            let got = format!("{features} and {batches}");
            return Err(Error::value("groups").expected("at least 1, of features or of batches").got(got));
        }
        if !inner.map(|n| n * features).fits(input) {
            let wanted = format!("{inner} · {features} groups input features, as the kernel {kernel} says");
            return Err(Error::value("input").expected(wanted).got(x));
        }
        let uneven = |d: Dim, groups: usize| d.known().is_some_and(|n| !n.is_multiple_of(groups));
        if uneven(kernel.dims()[d.kernel.columns], features * batches) {
            let wanted = format!("output features in {} groups", features * batches);
            return Err(Error::value("kernel").expected(wanted).got(kernel));
        }
        if uneven(x.dims()[d.input.rows], batches) {
            return Err(Error::value("input").expected(format_args!("a batch in {batches} groups")).got(x));
        }
        Ok(())
    }

    fn result(&self, x: &Shape, kernel: &Shape) -> Result<Shape> {
        let d = &self.dimensions;
        let mut dims = vec![Dim::UNKNOWN; d.output.rank()];
        dims[d.output.rows] = x.dims()[d.input.rows].map(|n| n / self.batch_group_count);
        dims[d.output.columns] = kernel.dims()[d.kernel.columns];
        for (i, a) in d.output.spatial.iter().enumerate() {
            let (input, size) = (x.dims()[d.input.spatial[i]], kernel.dims()[d.kernel.spatial[i]]);
            dims[*a] = self.windows().positions(i, input, size)?;
        }
        Ok(dims.into())
    }

    fn sizes(&self, x: &[usize], kernel: &[usize], result: &[usize]) -> Sizes {
        let d = &self.dimensions;
        let lengths = |shape: &[usize], axes: &[usize]| axes.iter().map(|a| shape[*a]).collect::<Vec<_>>();
        let (space, window) = (lengths(x, &d.input.spatial), lengths(kernel, &d.kernel.spatial));
        let positions = lengths(result, &d.output.spatial);
        let axes = (0..space.len()).map(|i| (self.windows().along(i, space[i], window[i]), positions[i]));
        let axes: Vec<(Sliding, usize)> = axes.collect();
        Sizes {
            batch: result[d.output.rows],
            seen: Seen::new(&axes, &strides(&window), &strides(&space), &self.window_reversal),
            image: space.iter().product(),
            groups: self.feature_group_count * self.batch_group_count,
            by_batch: self.batch_group_count > 1,
            inner: kernel[d.kernel.rows],
            outer: kernel[d.kernel.columns],
            features: x[d.input.columns],
        }
    }
}

impl Sizes {
    /// All results. The innermost loop runs over output features, whose weights lie side by side.
    fn run<W: Wide>(&self, x: &[W], kernel: &[W]) -> Vec<W> {
        let positions: usize = self.seen.positions.iter().product();
        let mut out = vec![W::ZERO; self.batch * positions * self.outer];
        let mut chunks = out.chunks_exact_mut(self.outer.max(1));
        let mut seen = Vec::new();
        for b in 0..self.batch {
            for position in 0..positions {
                let Some(sums) = chunks.next() else { return out };
                self.seen.at(position, &mut seen);
                for (k, at) in &seen {
                    self.add(b, *k, *at, x, kernel, sums);
                }
            }
        }
        out
    }

    /// Adds one place of the window, all groups and features.
    fn add<W: Wide>(&self, b: usize, k: usize, at: usize, x: &[W], kernel: &[W], sums: &mut [W]) {
        let share = self.outer / self.groups;
        for g in 0..self.groups {
            let (row, first) = if self.by_batch { (g * self.batch + b, 0) } else { (b, g * self.inner) };
            let from = (row * self.image + at) * self.features + first;
            let sums = &mut sums[g * share..(g + 1) * share];
            for (i, x) in x[from..from + self.inner].iter().enumerate() {
                let weights = (k * self.inner + i) * self.outer + g * share;
                let weights = &kernel[weights..weights + share];
                sums.iter_mut().zip(weights).for_each(|(s, w)| *s = s.add_product(*x, *w));
            }
        }
    }
}

/// The elements as wide numbers, the axes in the given order.
fn arranged<T: Stored, W: Wide>(v: &Value, order: &[usize]) -> Result<Vec<W>> {
    let (from, data) = (strides(v.shape()), v.as_slice::<T>()?);
    let pick = |of: &[usize]| order.iter().map(|a| of[*a]).collect::<Vec<_>>();
    Ok(Walk::new(&pick(v.shape()), &pick(&from)).map(|i| W::of(data[i])).collect())
}

impl Primitive for Convolution {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x, kernel] = exactly(inputs)?;
        self.check(x, kernel)?;
        Ok(vec![x.with_shape(self.result(&x.shape, &kernel.shape)?)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x, kernel] = exactly(inputs)?;
        let shape = self.result(&x.shape().into(), &kernel.shape().into())?.concrete()?;
        let (sizes, d) = (self.sizes(x.shape(), kernel.shape(), &shape), &self.dimensions);
        // Where the axes of the result are among rows, positions, columns.
        let order = d.output.rows_first();
        let lengths: Vec<usize> = order.iter().map(|a| shape[*a]).collect();
        let mut steps = vec![0; order.len()];
        order.iter().zip(strides(&lengths)).for_each(|(a, s)| steps[*a] = s);
        Ok(vec![with_wide!(x.dtype(), T, W => {
            let (a, b) = (arranged::<T, W>(x, &d.input.rows_first())?, arranged::<T, W>(kernel, &d.kernel.spatial_first())?);
            let sums = sizes.run(&a, &b);
            Value::new(&shape[..], Walk::new(&shape, &steps).map(|i| sums[i].narrow::<T>()).collect())?
        })])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let (x, kernel, ct) = (cx.x(0), cx.x(1), cx.ct());
        vec![
            cx.wanted[0].then(|| self.by_input(x, kernel, &ct)),
            cx.wanted[1].then(|| self.by_kernel(x, kernel, &ct)),
        ]
    }
}

impl Convolution {
    fn paddings(
        &self,
        x: &Tensor,
        kernel: &Tensor,
        f: fn(&Sliding) -> Option<(isize, isize)>,
    ) -> Vec<(isize, isize)> {
        let (x, kernel) = (x.shape(), kernel.shape());
        let along = |i: usize| self.sliding(i, &x, &kernel).and_then(|s| f(&s)).unwrap_or((0, 0));
        (0..self.window_strides.len()).map(along).collect()
    }

    /// The turned window over the gradient: every place gives back what it took. With groups of the batch, each
    /// gives back to features of its own, which then go to its part of the batch.
    fn by_input(&self, x: &Tensor, kernel: &Tensor, ct: &Tensor) -> Tensor {
        let d = &self.dimensions;
        let groups = self.feature_group_count * self.batch_group_count;
        let back = Convolution {
            window_strides: self.lhs_dilation.clone(),
            padding: self.paddings(x, kernel, Sliding::input_gradient_padding),
            lhs_dilation: self.window_strides.clone(),
            rhs_dilation: self.rhs_dilation.clone(),
            window_reversal: self.window_reversal.iter().map(|r| !r).collect(),
            dimensions: ConvDimensions {
                input: d.output.clone(),
                kernel: d.kernel.swapped(),
                output: d.input.clone(),
            },
            feature_group_count: groups,
            batch_group_count: 1,
        };
        let kernel = regroup(kernel, groups, d.kernel.columns, d.kernel.rows);
        let dx = ct.convolution(&kernel, back);
        regroup(&dx, self.batch_group_count, d.input.columns, d.input.rows)
    }

    /// The input against the gradient: batch and features change places, and the positions are the window.
    fn by_kernel(&self, x: &Tensor, kernel: &Tensor, ct: &Tensor) -> Tensor {
        let d = &self.dimensions;
        let n = self.window_strides.len();
        let across = Convolution {
            window_strides: self.rhs_dilation.clone(),
            padding: self.paddings(x, kernel, Sliding::window_gradient_padding),
            lhs_dilation: self.lhs_dilation.clone(),
            rhs_dilation: self.window_strides.clone(),
            window_reversal: vec![false; n],
            dimensions: ConvDimensions {
                input: d.input.swapped(),
                kernel: d.output.clone(),
                output: d.kernel.clone(),
            },
            feature_group_count: self.batch_group_count,
            batch_group_count: self.feature_group_count,
        };
        let turned: Vec<usize> =
            (0..n).filter(|i| self.window_reversal[*i]).map(|i| d.kernel.spatial[i]).collect();
        x.convolution(ct, across).reverse(&turned)
    }
}

/// Splits axis `from` into `groups` blocks and puts the block's number in front of axis `to`.
fn regroup(t: &Tensor, groups: usize, from: usize, to: usize) -> Tensor {
    if groups == 1 || t.check().is_err() {
        return t.clone();
    }
    let mut dims = t.shape().dims().to_vec();
    dims[from] = dims[from].map(|n| n / groups);
    let mut split = dims.clone();
    split.insert(from, Dim::new(groups));
    let after = |a: usize| if a >= from { a + 1 } else { a };
    let order: Vec<usize> =
        (0..dims.len()).flat_map(|a| if a == to { vec![from, after(a)] } else { vec![after(a)] }).collect();
    dims[to] = dims[to].map(|n| n * groups);
    t.reshape(split).transpose(&order).reshape(dims)
}

impl Tensor {
    /// A window of weights slides over this tensor; see [`Convolution`].
    ///
    /// ```
    /// use addax_core::{DType, Tensor, ops::Convolution};
    /// let (x, k) = (Tensor::full(DType::F32, [1, 5, 1], 1.0), Tensor::full(DType::F32, [3, 1, 2], 1.0));
    /// let y = x.convolution(&k, Convolution { padding: vec![(1, 1)], ..Convolution::new(1) });
    /// assert_eq!(y.shape().to_string(), "(1, 5, 2)");
    /// ```
    pub fn convolution(&self, kernel: &Tensor, convolution: Convolution) -> Tensor {
        Tensor::apply(convolution, &[self, kernel])
    }
}

#[cfg(test)]
#[path = "convolution_tests.rs"]
mod tests;
