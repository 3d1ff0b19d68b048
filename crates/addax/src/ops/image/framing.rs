//! Borders added and cut off.

use super::layout;
use crate::ops;
use addax_core::{Dim, Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.image";

    /// Zeros around images: so many on each side, or as many as a target needs.
    PadImages pad_images(images: Tensor)[
        ; top_padding: Option<usize> = None, left_padding: Option<usize> = None, bottom_padding: Option<usize> = None,
        right_padding: Option<usize> = None, target_height: Option<usize> = None, target_width: Option<usize> = None
    ]{ data_format: Option<String> = None } = framed(
        &images, &data_format,
        Sides { before: top_padding, after: bottom_padding, target: target_height },
        Sides { before: left_padding, after: right_padding, target: target_width },
        pad,
    );
    /// Borders cut off images: so many on each side, or as many as leave a target.
    CropImages crop_images(images: Tensor)[
        ; top_cropping: Option<usize> = None, left_cropping: Option<usize> = None, bottom_cropping: Option<usize> = None,
        right_cropping: Option<usize> = None, target_height: Option<usize> = None, target_width: Option<usize> = None
    ]{ data_format: Option<String> = None } = framed(
        &images, &data_format,
        Sides { before: top_cropping, after: bottom_cropping, target: target_height },
        Sides { before: left_cropping, after: right_cropping, target: target_width },
        crop,
    );
}

/// Two of the three say the third: what is before, what is after, how long it becomes.
#[derive(Clone, Copy)]
struct Sides {
    before: Option<usize>,
    after: Option<usize>,
    target: Option<usize>,
}

fn framed(
    images: &Tensor,
    data_format: &Option<String>,
    height: Sides,
    width: Sides,
    along: fn(&Tensor, usize, Sides) -> Result<Tensor>,
) -> Result<Tensor> {
    let at = layout(images, data_format)?;
    let rows = along(images, at.height, height).map_err(|e| e.at("height"))?;
    along(&rows, at.width, width).map_err(|e| e.at("width"))
}

fn two_of_three(sides: Sides) -> Result<()> {
    match [sides.before, sides.after, sides.target].iter().flatten().count() {
        2 => Ok(()),
        n => Err(Error::value("borders").expected("two of before, after and target").got(n)),
    }
}

/// An axis of the given length, the numbers not mattering: for shapes alone.
fn of_length(x: &Tensor, axis: usize, length: Option<usize>) -> Tensor {
    let mut dims = x.shape().dims().to_vec();
    dims[axis] = Dim::from(length);
    x.reshape(dims)
}

fn pad(x: &Tensor, axis: usize, sides: Sides) -> Result<Tensor> {
    two_of_three(sides)?;
    let Some(n) = x.dim(axis as isize).known() else { return Ok(of_length(x, axis, sides.target)) };
    let rest = |known: usize| sides.target.and_then(|t| t.checked_sub(n)).and_then(|t| t.checked_sub(known));
    let (before, after) = match (sides.before, sides.after) {
        (Some(b), Some(a)) => (Some(b), Some(a)),
        (Some(b), None) => (Some(b), rest(b)),
        (None, Some(a)) => (rest(a), Some(a)),
        (None, None) => (None, None),
    };
    let amounts =
        before.zip(after).and_then(|(b, a)| Some((isize::try_from(b).ok()?, isize::try_from(a).ok()?)));
    let (before, after) =
        amounts.filter(|(b, a)| b.checked_add(*a).is_some_and(|s| s < 1 << 40)).ok_or_else(|| {
            Error::value("target")
                .expected(format_args!("room for {n} and the padding"))
                .got(format_args!("{:?}", sides.target))
        })?;
    let (mut low, mut high) = (vec![0; x.rank()], vec![0; x.rank()]);
    (low[axis], high[axis]) = (before, after);
    Ok(x.pad(&low, &high, 0.0))
}

fn crop(x: &Tensor, axis: usize, sides: Sides) -> Result<Tensor> {
    two_of_three(sides)?;
    let Some(n) = x.dim(axis as isize).known() else { return Ok(of_length(x, axis, sides.target)) };
    let bounds = match sides {
        Sides { before: Some(b), target: Some(t), .. } => b.checked_add(t).map(|end| (b, end)),
        Sides { before: Some(b), after: Some(a), .. } => n.checked_sub(a).map(|end| (b, end)),
        Sides { after: Some(a), target: Some(t), .. } => {
            n.checked_sub(a).and_then(|end| Some((end.checked_sub(t)?, end)))
        }
        _ => None,
    };
    let (start, end) = bounds.filter(|(start, end)| start <= end && *end <= n).ok_or_else(|| {
        Error::value("cropping")
            .expected(format_args!("borders inside {n}"))
            .got(format_args!("{:?}", (sides.before, sides.after, sides.target)))
    })?;
    Ok(x.slice_axis(axis, start, end))
}
