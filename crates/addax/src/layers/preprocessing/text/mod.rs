//! Layers of words, categories and hashes: their work is done before the graph.
//!
//! An array of text is its bytes in UTF-8 along one more axis, filled up with zeros, as NumPy keeps it.

mod characters;
mod fingerprint;
mod hashed_crossing;
mod hashing;
mod integer_lookup;
mod lookup;
mod string_lookup;
mod text_vectorization;
mod vocabulary;
mod words;

pub use vocabulary::{Token, Vocabulary};
pub use words::{Split, Standardize};

registry! {
    integer_lookup::IntegerLookup, string_lookup::StringLookup, text_vectorization::TextVectorization,
    hashing::Hashing, hashed_crossing::HashedCrossing,
}
