//! Attention: which steps of one sequence look at which of another.

mod dot_product;
mod grouped_query;
mod multi_head;
mod scores;

pub use grouped_query::GroupQueryAttention;
pub use multi_head::MultiHeadAttention;
pub use scores::{AdditiveAttention, Attention};
