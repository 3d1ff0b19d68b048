//! Keras's `keras.ops.linalg`.

mod decomposition;
mod norm;
mod solving;

pub use decomposition::*;
pub use norm::*;
pub use solving::*;

pub(in crate::ops) use decomposition::sign_and_logarithm;

use super::OpDef;

pub(super) const TABLES: &[&[OpDef]] = &[decomposition::TABLE, norm::TABLE, solving::TABLE];
