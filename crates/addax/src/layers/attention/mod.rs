//! Attention: which steps of one sequence look at which of another.

mod dot_product;
mod grouped_query;
mod multi_head;
mod projection;
mod scores;

registry! {
    multi_head::MultiHeadAttention, grouped_query::GroupQueryAttention, scores::Attention,
    scores::AdditiveAttention,
}
