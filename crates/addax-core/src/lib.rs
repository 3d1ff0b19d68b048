//! Tensors, the graph, automatic differentiation and passes: all that a backend's author needs.
//!
//! ```text
//! first floor   ops   graph   passes   reference   backend
//! ground        error dtype shape value rng
//! ```
#![forbid(unsafe_code)]

pub mod dtype;
pub mod error;
pub mod rng;
pub mod shape;
pub mod value;

pub use dtype::{DType, Element};
pub use error::{Error, ErrorKind, Result};
pub use half::{bf16, f16};
pub use shape::{Dim, Shape};
pub use value::{Data, Stored, Value, element_count, strides};
