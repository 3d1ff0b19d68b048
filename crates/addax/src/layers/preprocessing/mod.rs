//! Preprocessing: what is done to raw numbers, images and text before a model learns from them.

mod category_encoding;
mod discretization;
mod encoding;
mod image;
mod learnt;
mod normalization;
mod numbers;
mod pipeline;
mod rescaling;
mod sound;
mod text;

pub use encoding::OutputMode;
pub use image::*;
pub use learnt::Learnt;
pub use numbers::{AxisList, Numbers};
pub use sound::*;
pub use text::*;

/// The layers of images.
pub(super) const IMAGES: &[&crate::class::Def<dyn super::Layer>] = image::TABLE;

/// The layers of sound.
pub(super) const SOUND: &[&crate::class::Def<dyn super::Layer>] = sound::TABLE;

/// The layers of words, categories and hashes.
pub(super) const TEXT: &[&crate::class::Def<dyn super::Layer>] = text::TABLE;

registry! {
    rescaling::Rescaling, normalization::Normalization, discretization::Discretization,
    category_encoding::CategoryEncoding, pipeline::Pipeline,
}
