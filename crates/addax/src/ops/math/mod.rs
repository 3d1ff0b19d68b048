//! Keras's `keras.ops.math`.

mod segments;
mod special;

pub use segments::*;
pub use special::*;

use super::OpDef;

pub(super) const TABLES: &[&[OpDef]] = &[segments::TABLE, special::TABLE];
