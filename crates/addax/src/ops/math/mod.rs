//! Keras's `keras.ops.math`.

mod fourier;
mod segments;
mod special;

pub use fourier::*;
pub use segments::*;
pub use special::*;

use super::OpDef;

pub(super) const TABLES: &[&[OpDef]] = &[fourier::TABLE, segments::TABLE, special::TABLE];
