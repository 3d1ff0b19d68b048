//! Tests of the crate from outside.

mod random_graphs;
