//! Keras's `keras.ops.nn`.

mod activation;
mod attention;
mod convolution;
mod ctc;
mod encoding;
mod folding;
mod loss;
mod normalization;

pub use activation::*;
pub use attention::*;
pub use convolution::*;
pub use ctc::*;
pub use encoding::*;
pub use folding::*;
pub use loss::*;
pub use normalization::*;

use super::OpDef;

pub(super) const TABLES: &[&[OpDef]] = &[
    activation::TABLE,
    attention::TABLE,
    convolution::TABLE,
    ctc::TABLE,
    encoding::TABLE,
    folding::TABLE,
    loss::TABLE,
    normalization::TABLE,
];
