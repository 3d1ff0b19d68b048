//! Windows of images as columns, and back.

use crate::ops;
use crate::ops::axes::{Several, sizes};
use crate::ops::image::{Window, seen};
use addax_core::ops::Pad;
use addax_core::{Dim, Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.nn";

    /// The windows of images `[batch, channels, height, width]` as columns `[batch, channels · window, positions]`.
    Unfold unfold(x: Tensor)[kernel_size: Several]
        { dilation: Several = Several::One(1), padding: Several = Several::One(0), stride: Several = Several::One(1) } =
        columns(&x, &kernel_size, &dilation, &padding, &stride);
    /// Images whose windows are given as columns; where windows overlap they are added.
    Fold fold(x: Tensor)[output_size: Several, kernel_size: Several]
        { dilation: Several = Several::One(1), padding: Several = Several::One(0), stride: Several = Several::One(1) } =
        images(&x, &output_size, &kernel_size, &dilation, &padding, &stride);
}

fn pair(name: &str, s: &Several) -> Result<[usize; 2]> {
    let both = sizes(name, &s.spread(2)?)?;
    Ok([both[0], both[1]])
}

fn columns(
    x: &Tensor,
    size: &Several,
    dilation: &Several,
    padding: &Several,
    stride: &Several,
) -> Result<Tensor> {
    if x.rank() != 4 {
        return Err(Error::value("x").expected("(batch, channels, height, width)").got(x.shape()));
    }
    let (size, dilation) = (pair("kernel_size", size)?, pair("dilation", dilation)?);
    let (padding, stride) = (pair("padding", padding)?, pair("stride", stride)?);
    let window = |i: usize| Window {
        size: size[i],
        stride: stride[i],
        dilation: dilation[i],
        padding: (padding[i], padding[i]),
    };
    // Batch, channels, rows of windows, rows in a window, columns of windows, columns in a window.
    let each = seen(&seen(x, 2, &window(0))?, 4, &window(1))?.transpose(&[0, 1, 3, 5, 2, 4]);
    let product = |axes: [usize; 2], first: Dim| {
        let lengths = [first, each.dim(axes[0] as isize), each.dim(axes[1] as isize)];
        Dim::from(lengths.iter().try_fold(1usize, |n, d| n.checked_mul(d.known()?)))
    };
    Ok(each.reshape([x.dim(0), product([2, 3], x.dim(1)), product([4, 5], Dim::new(1))]))
}

fn images(
    x: &Tensor,
    output: &Several,
    size: &Several,
    dilation: &Several,
    padding: &Several,
    stride: &Several,
) -> Result<Tensor> {
    let (output, size) = (pair("output_size", output)?, pair("kernel_size", size)?);
    let (dilation, padding) = (pair("dilation", dilation)?, pair("padding", padding)?);
    let stride = pair("stride", stride)?;
    let places = size[0].checked_mul(size[1]).filter(|n| (1..1 << 12).contains(n));
    let places = places.ok_or_else(|| {
        Error::value("kernel_size").expected("1 to 4095 places").got(format_args!("{size:?}"))
    })?;
    let count = |i: usize| {
        let extent = (size[i] - 1).checked_mul(dilation[i])? + 1;
        let room = output[i].checked_add(padding[i].checked_mul(2)?)?.checked_sub(extent)?;
        (stride[i] > 0).then(|| room / stride[i] + 1)
    };
    let wrong =
        || Error::value("output_size").expected(format_args!("one whose windows are those of {}", x.shape()));
    let (rows, columns) = count(0).zip(count(1)).ok_or_else(wrong)?;
    let channels = x.dim(1).known().filter(|c| c % places == 0).map(|c| c / places);
    if x.rank() != 3
        || (channels.is_none() && x.dim(1).known().is_some())
        || !x.dim(2).fits((rows * columns).into())
    {
        return Err(wrong().got(x.shape()));
    }
    let channels = Dim::from(channels);
    let each = x.reshape([x.dim(0), channels, size[0].into(), size[1].into(), rows.into(), columns.into()]);
    let along = |i: usize, at: usize, n: usize| {
        let low = (at * dilation[i]) as isize - padding[i] as isize;
        (low, output[i] as isize - low - ((n - 1) * stride[i] + 1) as isize)
    };
    let mut sum: Option<Tensor> = None;
    for i in 0..size[0] {
        for j in 0..size[1] {
            let part = each.slice_axis(2, i, i + 1).slice_axis(3, j, j + 1);
            let part = part.reshape([x.dim(0), channels, rows.into(), columns.into()]);
            let ((top, bottom), (left, right)) = (along(0, i, rows), along(1, j, columns));
            let pad = Pad {
                low: vec![0, 0, top, left],
                high: vec![0, 0, bottom, right],
                interior: vec![0, 0, stride[0] - 1, stride[1] - 1],
            };
            let part = part.pad_with(pad, 0.0);
            sum = Some(sum.map_or(part.clone(), |s| s + part));
        }
    }
    sum.ok_or_else(wrong)
}
