//! Deep learning for Rust with Keras's names, defaults and numbers.
#![forbid(unsafe_code)]

pub mod activations;
pub mod arguments;
pub mod callbacks;
pub mod class;
pub mod constraints;
pub mod devices;
pub mod fields;
pub mod foreign;
pub mod initializers;
pub mod layers;
pub mod losses;
pub mod metrics;
pub mod models;
pub mod ops;
pub mod optimizers;
pub mod policy;
pub mod prelude;
pub mod random;
pub mod regularizers;
pub mod report;
pub mod saving;
pub mod schedules;
pub mod scope;
pub mod training;
pub mod wrappers;

pub use addax_core as core;
pub use addax_core::{DType, Error, Result, Shape, Tensor, Value};
pub use addax_data as data;

/// The manual's programs are tests too.
#[cfg(doctest)]
#[doc = include_str!("../../../README.md")]
pub struct Manual;
