//! Shapes: the dataspace message.

use crate::bytes::{Cursor, size};
use crate::limits::RANK;
use crate::{Error, Result};

/// The axis of a dataset that may grow without end.
pub(crate) const UNLIMITED: u64 = u64::MAX;

/// A shape, empty for a scalar, and how far each axis may grow.
pub(crate) struct Space {
    pub shape: Vec<usize>,
    pub most: Vec<u64>,
}

/// Reads a dataspace message. The product of the axes that are not 0 fits in an `u64`.
pub(crate) fn parse(body: &[u8]) -> Result<Space> {
    let mut cursor = Cursor::new(body, "a dataspace");
    let version = cursor.version(1..=2)?;
    let rank = usize::from(cursor.u8()?);
    let flags = cursor.u8()?;
    let class = cursor.u8()?;
    if version == 1 {
        cursor.take(4)?;
    } else if class == 2 {
        // A null space has no elements at all.
        return Ok(Space { shape: vec![0], most: vec![0] });
    }
    if rank > RANK {
        return Err(cursor.damaged(format_args!("expected at most {RANK} axes, got {rank}")));
    }
    let axes: Vec<u64> = (0..rank).map(|_| cursor.u64()).collect::<Result<_>>()?;
    let most = match flags & 1 {
        1 => (0..rank).map(|_| cursor.u64()).collect::<Result<_>>()?,
        _ => axes.clone(),
    };
    if axes.iter().zip(&most).any(|(n, most)| n > most) {
        return Err(cursor.damaged(format_args!("the shape {axes:?} is larger than it may be: {most:?}")));
    }
    let product = axes.iter().filter(|n| **n != 0).try_fold(1u64, |p, n| p.checked_mul(*n));
    if product.is_none() {
        return Err(cursor.damaged(format_args!("the shape {axes:?} has too many elements")));
    }
    let shape = axes.into_iter().map(|n| size(n, "an axis")).collect::<Result<_>>()?;
    Ok(Space { shape, most })
}

/// How many elements a shape has; shapes of [`parse`] do not overflow.
pub(crate) fn elements(shape: &[usize]) -> u64 {
    shape.iter().fold(1u64, |p, n| p.saturating_mul(*n as u64))
}

/// Bytes of an array of `shape` with elements of `size` bytes.
pub(crate) fn byte_len(shape: &[usize], size: usize) -> Result<u64> {
    elements(shape)
        .checked_mul(size as u64)
        .ok_or_else(|| Error::damaged(format_args!("the shape {shape:?} has too many bytes")))
}
