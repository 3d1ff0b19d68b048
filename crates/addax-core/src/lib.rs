//! Tensors, graph, automatic differentiation and passes.
#![forbid(unsafe_code)]
