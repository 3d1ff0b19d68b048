//! The layers that everything is made of: inputs, products, tables.

mod dense;
mod einsum_dense;
mod embedding;
mod identity;
mod input;
mod masking;
mod quantization;
mod reversible_embedding;

pub use einsum_dense::PartialShape;
pub use input::InputType;
pub use masking::MaskValue;
pub use quantization::Quantization;

registry! {
    input::InputLayer, dense::Dense, einsum_dense::EinsumDense, embedding::Embedding, identity::Identity,
    masking::Masking, reversible_embedding::ReversibleEmbedding,
}
