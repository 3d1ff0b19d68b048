//! Keras's `keras.ops.numpy`.

mod arithmetic;
mod creation;
mod diagonal;
mod elementwise;
mod get_item;
mod indexing;
mod joining;
mod logic;
mod product;
mod reduction;
mod shape;

pub use arithmetic::*;
pub use creation::*;
pub use diagonal::*;
pub use elementwise::*;
pub use get_item::*;
pub use indexing::*;
pub use joining::*;
pub use logic::*;
pub use product::*;
pub use reduction::*;
pub use shape::*;

use super::OpDef;

pub(super) const TABLES: &[&[OpDef]] = &[
    arithmetic::TABLE,
    creation::TABLE,
    creation::ALONE,
    diagonal::TABLE,
    elementwise::TABLE,
    get_item::TABLE,
    indexing::TABLE,
    joining::TABLE,
    logic::TABLE,
    product::TABLE,
    reduction::TABLE,
    shape::TABLE,
];
