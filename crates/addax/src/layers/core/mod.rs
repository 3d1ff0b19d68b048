//! The layers that everything is made of: inputs, products, tables.

mod dense;
mod einsum_dense;
mod embedding;
mod input;

pub use einsum_dense::PartialShape;

registry! {
    input::InputLayer, dense::Dense, einsum_dense::EinsumDense, embedding::Embedding,
}
