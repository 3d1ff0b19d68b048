//! Keras's `keras.ops.numpy`.

mod arithmetic;
mod bits;
mod counting;
mod creation;
mod cumulative;
mod diagonal;
mod elementwise;
mod get_item;
mod indexing;
mod joining;
mod logic;
mod ordering;
mod product;
mod reduction;
mod shape;

pub use arithmetic::*;
pub use bits::*;
pub use counting::*;
pub use creation::*;
pub use cumulative::*;
pub use diagonal::*;
pub use elementwise::*;
pub use get_item::*;
pub use indexing::*;
pub use joining::*;
pub use logic::*;
pub use ordering::*;
pub use product::*;
pub use reduction::*;
pub use shape::*;

use super::OpDef;

pub(super) const TABLES: &[&[OpDef]] = &[
    arithmetic::TABLE,
    bits::TABLE,
    counting::TABLE,
    creation::TABLE,
    creation::ALONE,
    cumulative::TABLE,
    diagonal::TABLE,
    elementwise::TABLE,
    get_item::TABLE,
    indexing::TABLE,
    joining::TABLE,
    logic::TABLE,
    ordering::TABLE,
    product::TABLE,
    reduction::TABLE,
    shape::TABLE,
];
