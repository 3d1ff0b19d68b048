//! Tensors, the graph, automatic differentiation and passes: all that a backend's author needs.
//!
//! ```text
//! first floor   ops   graph   passes   reference   backend   tape
//! ground        error dtype shape value walk rng numeric
//! ```
#![forbid(unsafe_code)]

pub mod backend;
pub mod dtype;
pub mod error;
pub mod graph;
pub mod numeric;
pub mod ops;
pub mod passes;
pub mod reference;
pub mod rng;
pub mod shape;
pub mod tape;
pub mod tensor;
pub mod testing;
pub mod value;
pub mod walk;

pub use backend::{Backend, Buffer, Executable, Program};
pub use dtype::{DType, Element};
pub use error::{Error, ErrorKind, Result};
pub use graph::autodiff::gradients;
pub use graph::{Graph, NodeId, TensorType, Trace, ValueId};
pub use half::{bf16, f16};
pub use ops::Op;
pub use reference::evaluate;
pub use shape::{Dim, Shape};
pub use tape::GradientTape;
pub use tensor::Tensor;
pub use value::{Data, Stored, Value, element_count, strides};
