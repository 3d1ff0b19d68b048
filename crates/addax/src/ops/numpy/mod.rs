//! Keras's `keras.ops.numpy`.

mod arithmetic;
mod elementwise;
mod get_item;
mod joining;
mod logic;
mod reduction;
mod shape;

pub use arithmetic::*;
pub use elementwise::*;
pub use get_item::*;
pub use joining::*;
pub use logic::*;
pub use reduction::*;
pub use shape::*;

use super::OpDef;

pub(super) const TABLES: &[&[OpDef]] = &[
    arithmetic::TABLE,
    elementwise::TABLE,
    get_item::TABLE,
    joining::TABLE,
    logic::TABLE,
    reduction::TABLE,
    shape::TABLE,
];
