//! Keras's `keras.ops.image`. Images are `[batch, height, width, channels]` or one without batch; with
//! `channels_first` the channels stand before height and width.

mod color;
mod filters;
mod framing;
mod patches;
mod resizing;
mod sampling;
mod warping;

pub use color::*;
pub use filters::*;
pub use framing::*;
pub use patches::*;
pub use resizing::*;
pub use sampling::*;
pub use warping::*;

use super::OpDef;
use super::nn::channels_first;
use addax_core::{Error, Result, Tensor};

pub(super) const TABLES: &[&[OpDef]] = &[
    color::TABLE,
    filters::TABLE,
    framing::TABLE,
    patches::TABLE,
    patches::VOLUMES,
    resizing::TABLE,
    sampling::TABLE,
    warping::TABLE,
];

/// The axes of height and width, and of the channels.
struct Layout {
    height: usize,
    width: usize,
    channels: usize,
}

/// Where things are in an image or a batch of them.
fn layout(images: &Tensor, data_format: &Option<String>) -> Result<Layout> {
    let first = match images.rank() {
        3 => 0,
        4 => 1,
        _ => return Err(Error::value("images").expected("3 axes, or 4 with the batch").got(images.shape())),
    };
    Ok(if channels_first(data_format)? {
        Layout { channels: first, height: first + 1, width: first + 2 }
    } else {
        Layout { height: first, width: first + 1, channels: first + 2 }
    })
}

/// Works on `[batch, height, width, channels]` whatever the layout, and puts the result back into it.
fn batched(
    images: &Tensor,
    data_format: &Option<String>,
    work: impl FnOnce(&Tensor) -> Result<Tensor>,
) -> Result<Tensor> {
    layout(images, data_format)?;
    let single = images.rank() == 3;
    let batch = if single { images.expand_dims(0) } else { images.clone() };
    let first = channels_first(data_format)?;
    let last = if first { batch.transpose(&[0, 2, 3, 1]) } else { batch };
    let done = work(&last)?;
    let done = if first { done.transpose(&[0, 3, 1, 2]) } else { done };
    Ok(if single { done.squeeze(0) } else { done })
}
