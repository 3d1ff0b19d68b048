//! Preprocessing: what is done to raw numbers, images and text before a model learns from them.

mod category_encoding;
mod discretization;
mod encoding;
mod learnt;
mod normalization;
mod numbers;
mod rescaling;

pub use learnt::Learnt;
pub use numbers::Numbers;

registry! {
    rescaling::Rescaling, normalization::Normalization, discretization::Discretization,
    category_encoding::CategoryEncoding,
}
