//! Tests of the crate from outside.

mod goldens;
