//! Keras's `keras.ops.linalg`.

mod norm;

pub use norm::*;

use super::OpDef;

pub(super) const TABLES: &[&[OpDef]] = &[norm::TABLE];
