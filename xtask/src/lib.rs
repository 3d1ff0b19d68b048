//! Development tasks of addax.
#![forbid(unsafe_code)]

pub mod tidy;
