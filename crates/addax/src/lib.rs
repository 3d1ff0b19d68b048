//! Deep learning for Rust with Keras's names, defaults and numbers.
#![forbid(unsafe_code)]

pub mod activations;
pub mod class;
pub mod constraints;
pub mod initializers;
pub mod losses;
pub mod metrics;
pub mod optimizers;
pub mod regularizers;

pub use addax_core as core;
pub use addax_core::{DType, Error, Result, Shape, Tensor, Value};
