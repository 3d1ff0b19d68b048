//! Windows of images as rows, and back.

use super::channels_first;
use crate::ops;
use crate::ops::axes::{Several, sizes};
use addax_core::{Dim, Error, Result, Tensor, Value};

ops! {
    table TABLE in "keras.src.ops.image";

    /// The windows that a convolution sees, each as one row of channels: of images, or of volumes where `size` has three
    /// numbers.
    ExtractPatches extract_patches(images: Tensor)[size: Several]
        { strides: Option<Several> = None, dilation_rate: Several = Several::One(1), padding: String = "valid".to_string(),
          data_format: Option<String> = None } =
        extracted(&images, &size, strides, &dilation_rate, &padding, &data_format, if size.list().len() == 3 { 3 } else { 2 });
}

mod volumes {
    use super::*;

    ops! {
        table TABLE in "keras.ops.image";

        /// The windows that a convolution over volumes sees, each as one row of channels.
        ExtractPatches3D extract_patches_3d(volumes: Tensor)[size: Several]
            { strides: Option<Several> = None, dilation_rate: Several = Several::One(1), padding: String = "valid".to_string(),
              data_format: Option<String> = None } =
            extracted(&volumes, &size, strides, &dilation_rate, &padding, &data_format, 3);
    }
}

pub use volumes::*;

pub(super) const VOLUMES: &[ops::OpDef] = volumes::TABLE;

/// How a window moves along one axis.
pub(in crate::ops) struct Window {
    /// How many places it has.
    pub size: usize,
    /// How far it moves.
    pub stride: usize,
    /// How far apart its places are.
    pub dilation: usize,
    /// Zeros before and after the axis.
    pub padding: (usize, usize),
}

/// How many numbers a table of places may have.
const MOST: usize = 1 << 28;

/// An axis replaced by two: the positions of the window, and its places.
pub(in crate::ops) fn seen(x: &Tensor, axis: usize, window: &Window) -> Result<Tensor> {
    let Window { size, stride, dilation, padding: (low, high) } = *window;
    if size == 0 || stride == 0 || dilation == 0 {
        return Err(Error::value("window").expected("sizes, strides and dilations of at least 1").got(0));
    }
    let Some(n) = x.dim(axis as isize).known() else {
        let mut dims = x.shape().dims().to_vec();
        dims[axis] = Dim::UNKNOWN;
        dims.insert(axis + 1, Dim::new(size));
        return Ok(x.reshape(dims));
    };
    let extent =
        (size - 1).checked_mul(dilation).and_then(|e| e.checked_add(1)).filter(|e| *e <= n + low + high);
    let extent = extent.ok_or_else(|| {
        Error::value("window").expected(format_args!("at most {} places", n + low + high)).got(size)
    })?;
    let count = (n + low + high - extent) / stride + 1;
    count
        .checked_mul(size)
        .filter(|k| *k < MOST)
        .ok_or_else(|| Error::value("window").expected("fewer positions").got(count))?;
    let (mut before, mut after) = (vec![0; x.rank()], vec![0; x.rank()]);
    (before[axis], after[axis]) = (low as isize, high as isize);
    let padded = if (low, high) == (0, 0) { x.clone() } else { x.pad(&before, &after, 0.0) };
    let at = (0..count)
        .flat_map(|i| (0..size).map(move |j| (i * stride + j * dilation) as i32))
        .collect::<Vec<i32>>();
    Ok(padded.take(&Tensor::new(Value::new([count, size], at)?), axis as isize))
}

fn same(n: Dim, size: usize, stride: usize, dilation: usize) -> (usize, usize) {
    let Some(n) = n.known() else { return (0, 0) };
    let extent = size.saturating_sub(1).saturating_mul(dilation).saturating_add(1);
    let last = n.div_ceil(stride.max(1)).saturating_sub(1).saturating_mul(stride);
    let missing = last.saturating_add(extent).saturating_sub(n);
    (missing / 2, missing - missing / 2)
}

fn extracted(
    images: &Tensor,
    size: &Several,
    strides: Option<Several>,
    dilation: &Several,
    padding: &str,
    data_format: &Option<String>,
    axes: usize,
) -> Result<Tensor> {
    let single = images.rank() == axes + 1;
    if !single && images.rank() != axes + 2 {
        return Err(Error::value("images")
            .expected(format_args!("{} axes, or one more with the batch", axes + 1))
            .got(images.shape()));
    }
    let batch = if single { images.expand_dims(0) } else { images.clone() };
    let first = channels_first(data_format)?;
    let mut x = if first { ops::moved(&batch, &[1], &[-1])? } else { batch };
    let each = |name: &str, s: &Several| sizes(name, &s.spread(axes)?);
    let (size, dilation) = (each("size", size)?, each("dilation_rate", dilation)?);
    let strides = strides.map_or(Ok(size.clone()), |s| each("strides", &s))?;
    for i in 0..axes {
        let axis = 1 + 2 * i;
        let padding = match padding.to_lowercase().as_str() {
            "same" => same(x.dim(axis as isize), size[i], strides[i], dilation[i]),
            "valid" => (0, 0),
            other => return Err(Error::unknown("padding", other, ["valid", "same"])),
        };
        x = seen(&x, axis, &Window { size: size[i], stride: strides[i], dilation: dilation[i], padding })?;
    }
    // Batch, positions, then the places of the window and the channels as one row.
    let order = [0]
        .into_iter()
        .chain((0..axes).map(|i| 1 + 2 * i))
        .chain((0..axes).map(|i| 2 + 2 * i))
        .chain([2 * axes + 1]);
    let x = x.transpose(&order.collect::<Vec<usize>>());
    let row =
        (axes + 1..x.rank()).map(|a| x.dim(a as isize).known()).try_fold(1usize, |n, d| n.checked_mul(d?));
    let dims = x.shape().dims()[..axes + 1].iter().copied().chain([Dim::from(row)]).collect::<Vec<Dim>>();
    let x = x.reshape(dims);
    let x = if first { ops::moved(&x, &[-1], &[1])? } else { x };
    Ok(if single { x.squeeze(0) } else { x })
}
