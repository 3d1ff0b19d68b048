//! Convolutions and pooling.

use crate::ops;
use crate::ops::axes::{Several, sizes};
use crate::ops::numpy::moved;
use addax_core::ops::{Padding, Spatial};
use addax_core::{Error, Result, Tensor, Value};

ops! {
    table TABLE in "keras.src.ops.nn";

    /// Convolution with a kernel `[window…, channels / groups, filters]`.
    Conv conv(inputs: Tensor, kernel: Tensor)[; strides: Several = Several::One(1), padding: String = "valid".to_string()]
        { data_format: Option<String> = None, dilation_rate: Several = Several::One(1) } =
        moving(&inputs, &strides, &padding, &data_format, Some(&dilation_rate))
            .map(|s| inputs.cast(kernel.dtype()).conv(&kernel, &s));
    /// Convolution of each channel by itself, with a kernel `[window…, channels, multiplier]`.
    DepthwiseConv depthwise_conv(inputs: Tensor, kernel: Tensor)
        [; strides: Several = Several::One(1), padding: String = "valid".to_string()]
        { data_format: Option<String> = None, dilation_rate: Several = Several::One(1) } =
        moving(&inputs, &strides, &padding, &data_format, Some(&dilation_rate))
            .map(|s| inputs.cast(kernel.dtype()).depthwise_conv(&kernel, &s));
    /// Convolution of each channel by itself, then of all channels at each place.
    SeparableConv separable_conv(inputs: Tensor, depthwise_kernel: Tensor, pointwise_kernel: Tensor)
        [; strides: Several = Several::One(1), padding: String = "valid".to_string()]
        { data_format: Option<String> = None, dilation_rate: Several = Several::One(1) } =
        moving(&inputs, &strides, &padding, &data_format, Some(&dilation_rate))
            .map(|s| inputs.cast(depthwise_kernel.dtype()).separable_conv(&depthwise_kernel, &pointwise_kernel, &s));
    /// The transpose of a convolution, with a kernel `[window…, filters, channels]`: each element is spread over its
    /// window.
    ConvTranspose conv_transpose(inputs: Tensor, kernel: Tensor)
        [; strides: Several = Several::One(1), padding: String = "valid".to_string()]
        { output_padding: Option<Several> = None, data_format: Option<String> = None, dilation_rate: Several = Several::One(1) } =
        spread(&inputs, &kernel, &strides, &padding, output_padding, &data_format, &dilation_rate);
    /// The largest element that each window sees.
    MaxPool max_pool(inputs: Tensor)[pool_size: Several; strides: Option<Several> = None, padding: String = "valid".to_string()]
        { data_format: Option<String> = None } =
        pooled(&inputs, &pool_size, strides, &padding, &data_format, Tensor::max_pool);
    /// The mean of the elements that each window sees; padding does not count.
    AveragePool average_pool(inputs: Tensor)
        [pool_size: Several; strides: Option<Several> = None, padding: String = "valid".to_string()]
        { data_format: Option<String> = None } =
        pooled(&inputs, &pool_size, strides, &padding, &data_format, Tensor::average_pool);
    /// The mean over windows that divide each spatial axis into so many parts, which may overlap.
    AdaptiveAveragePool adaptive_average_pool(inputs: Tensor)[output_size: Several]{ data_format: Option<String> = None } =
        adapted(&inputs, &output_size, &data_format, mean_along);
    /// The largest over windows that divide each spatial axis into so many parts, which may overlap.
    AdaptiveMaxPool adaptive_max_pool(inputs: Tensor)[output_size: Several]{ data_format: Option<String> = None } =
        adapted(&inputs, &output_size, &data_format, max_along);
}

/// Whether the channels come before the spatial axes.
pub(in crate::ops) fn channels_first(data_format: &Option<String>) -> Result<bool> {
    match data_format.as_deref() {
        None | Some("channels_last") => Ok(false),
        Some("channels_first") => Ok(true),
        Some(other) => Err(Error::unknown("data_format", other, ["channels_last", "channels_first"])),
    }
}

/// How a window moves over the spatial axes of a tensor.
pub(in crate::ops) fn moving(
    x: &Tensor,
    strides: &Several,
    padding: &str,
    data_format: &Option<String>,
    dilation: Option<&Several>,
) -> Result<Spatial> {
    let axes = x.rank().saturating_sub(2);
    let padding = Padding::ALL.iter().copied().find(|p| p.word() == padding.to_lowercase());
    let padding = padding.ok_or_else(|| Error::value("padding").expected("\"valid\" or \"same\""))?;
    Ok(Spatial {
        strides: sizes("strides", &strides.spread(axes)?)?,
        padding,
        dilation: dilation.map_or(Ok(Vec::new()), |d| sizes("dilation_rate", &d.spread(axes)?))?,
        channels_first: channels_first(data_format)?,
    })
}

fn spread(
    x: &Tensor,
    kernel: &Tensor,
    strides: &Several,
    padding: &str,
    output_padding: Option<Several>,
    data_format: &Option<String>,
    dilation: &Several,
) -> Result<Tensor> {
    let spatial = moving(x, strides, padding, data_format, Some(dilation))?;
    let more = output_padding
        .map(|p| sizes("output_padding", &p.spread(x.rank().saturating_sub(2))?))
        .transpose()?;
    Ok(x.cast(kernel.dtype()).conv_transpose(kernel, &spatial, more.as_deref()))
}

fn pooled(
    x: &Tensor,
    size: &Several,
    strides: Option<Several>,
    padding: &str,
    data_format: &Option<String>,
    pool: fn(&Tensor, &[usize], &Spatial) -> Tensor,
) -> Result<Tensor> {
    let spatial = moving(x, strides.as_ref().unwrap_or(size), padding, data_format, None)?;
    Ok(pool(x, &sizes("pool_size", &size.spread(x.rank().saturating_sub(2))?)?, &spatial))
}

/// Where window `i` of `parts` begins and ends on an axis of length `n`.
fn window(i: usize, n: usize, parts: usize) -> std::ops::Range<usize> {
    i * n / parts..((i + 1) * n).div_ceil(parts)
}

fn adapted(
    x: &Tensor,
    size: &Several,
    data_format: &Option<String>,
    along: fn(&Tensor, usize, usize, usize) -> Result<Tensor>,
) -> Result<Tensor> {
    let axes = x.rank().saturating_sub(2);
    let parts = sizes("output_size", &size.spread(axes)?)?;
    let first = if channels_first(data_format)? { 2 } else { 1 };
    parts.iter().enumerate().try_fold(x.clone(), |x, (i, parts)| {
        let axis = first + i;
        match x.dim(axis as isize).known() {
            Some(n) if *parts > 0 && n > 0 => along(&x, axis, n, *parts),
            Some(n) => {
                Err(Error::value("output_size").expected("at least 1").got(format_args!("{parts} of {n}")))
            }
            None => Err(Error::value("input").expected("known spatial lengths").got(x.shape())),
        }
    })
}

/// A linear map of the axis: each part gets its share of each place.
fn mean_along(x: &Tensor, axis: usize, n: usize, parts: usize) -> Result<Tensor> {
    let mut shares = vec![0f64; n.checked_mul(parts).filter(|k| *k <= MOST).ok_or_else(too_many)?];
    for i in 0..parts {
        let seen = window(i, n, parts);
        let share = 1.0 / seen.len() as f64;
        seen.for_each(|place| shares[place * parts + i] = share);
    }
    let shares = Tensor::new(Value::new([n, parts], shares)?.cast(x.dtype()));
    let last = x.rank() - 1;
    moved(&moved(x, &[axis as isize], &[last as isize])?.matmul(&shares), &[last as isize], &[axis as isize])
}

/// The places of each window, those of shorter ones filled up with their last.
fn max_along(x: &Tensor, axis: usize, n: usize, parts: usize) -> Result<Tensor> {
    let longest = (0..parts).map(|i| window(i, n, parts).len()).max().unwrap_or(1);
    parts.checked_mul(longest).filter(|k| *k <= MOST).ok_or_else(too_many)?;
    let place = |i: usize, j: usize| (window(i, n, parts).start + j).min(window(i, n, parts).end - 1) as i32;
    let places = (0..parts).flat_map(|i| (0..longest).map(move |j| place(i, j))).collect::<Vec<i32>>();
    let places = Tensor::new(Value::new([parts, longest], places)?);
    Ok(x.take(&places, axis as isize).max(&[axis + 1]))
}

/// How many numbers the table of an adaptive window may have.
const MOST: usize = 1 << 24;

fn too_many() -> Error {
    Error::value("output_size").expected("fewer parts")
}
