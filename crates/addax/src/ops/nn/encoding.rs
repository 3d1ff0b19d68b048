//! Labels as rows of zeros and ones; elements between space and channels.

use super::convolution::channels_first;
use crate::ops;
use addax_core::{DType, Dim, Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.nn";

    /// A new axis of length `num_classes` with 1 at the place that the element names.
    OneHot one_hot(x: Tensor)[num_classes: usize; axis: isize = -1]{ dtype: Option<DType> = None, sparse: bool = false } =
        dense(sparse).map(|_| whole(&x).one_hot(num_classes, axis, dtype.unwrap_or(DType::F32)));
    /// An axis of length `num_classes` with 1 at the places that the elements along axis 1 (of vectors: 0) name.
    MultiHot multi_hot(inputs: Tensor)
        [; num_classes: Option<usize> = None, axis: isize = -1]{ dtype: Option<DType> = None, sparse: bool = false } =
        dense(sparse).and_then(|_| named_places(&inputs, num_classes, axis, dtype));
    /// Channels put into blocks of space.
    DepthToSpace depth_to_space(x: Tensor)[block_size: usize; data_format: String = "channels_last".to_string()] =
        spread(&x, block_size, data_format);
    /// Blocks of space put into channels.
    SpaceToDepth space_to_depth(x: Tensor)[block_size: usize; data_format: String = "channels_last".to_string()] =
        gathered(&x, block_size, data_format);
}

fn dense(sparse: bool) -> Result<()> {
    if sparse { Err(Error::unsupported("sparse tensors")) } else { Ok(()) }
}

fn whole(x: &Tensor) -> Tensor {
    if x.dtype().is_int() { x.clone() } else { x.cast(DType::I32) }
}

fn named_places(x: &Tensor, classes: Option<usize>, axis: isize, dtype: Option<DType>) -> Result<Tensor> {
    let classes = classes.ok_or_else(|| Error::value("num_classes").expected("a number"))?;
    let each = x.cast(DType::I32).one_hot(classes, axis, dtype.unwrap_or(DType::F32));
    let along = if x.rank() > 1 { 1 } else { 0 };
    Ok(each.max(&[along]))
}

/// Lengths of the axes batch, height, width and channels, and whether the channels come first.
fn lengths(x: &Tensor, block: usize, data_format: String) -> Result<([Dim; 4], bool)> {
    let first = channels_first(&Some(data_format))?;
    let wrong = || Error::value("x").expected("four axes and a block of at least 1").got(x.shape());
    match x.shape().dims() {
        [n, a, b, c] if block > 0 => Ok((if first { [*n, *b, *c, *a] } else { [*n, *a, *b, *c] }, first)),
        _ => Err(wrong()),
    }
}

/// A length divided by one that must divide it.
fn parted(d: Dim, by: Option<usize>) -> Result<Dim> {
    match (d.known(), by) {
        (Some(n), Some(by)) if by > 0 && n % by == 0 => Ok(Dim::new(n / by)),
        (None, Some(_)) => Ok(Dim::UNKNOWN),
        _ => Err(Error::value("block_size").expected(format_args!("a divisor of {d}"))),
    }
}

fn times(d: Dim, by: usize) -> Result<Dim> {
    let Some(n) = d.known() else { return Ok(d) };
    n.checked_mul(by).map(Dim::new).ok_or_else(|| Error::value("block_size").expected("less").got(by))
}

fn spread(x: &Tensor, block: usize, data_format: String) -> Result<Tensor> {
    let ([n, h, w, c], first) = lengths(x, block, data_format)?;
    let (inner, b) = (parted(c, block.checked_mul(block))?, Dim::new(block));
    let (high, wide) = (times(h, block)?, times(w, block)?);
    Ok(if first {
        x.reshape([n, inner, b, b, h, w]).transpose(&[0, 1, 4, 2, 5, 3]).reshape([n, inner, high, wide])
    } else {
        x.reshape([n, h, w, b, b, inner]).transpose(&[0, 1, 3, 2, 4, 5]).reshape([n, high, wide, inner])
    })
}

fn gathered(x: &Tensor, block: usize, data_format: String) -> Result<Tensor> {
    let ([n, h, w, c], first) = lengths(x, block, data_format)?;
    let (high, wide, b) = (parted(h, Some(block))?, parted(w, Some(block))?, Dim::new(block));
    let deep = times(times(c, block)?, block)?;
    Ok(if first {
        x.reshape([n, c, high, b, wide, b]).transpose(&[0, 1, 3, 5, 2, 4]).reshape([n, deep, high, wide])
    } else {
        x.reshape([n, high, b, wide, b, c]).transpose(&[0, 1, 3, 2, 4, 5]).reshape([n, high, wide, deep])
    })
}
