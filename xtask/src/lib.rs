//! Development tasks of addax.
#![forbid(unsafe_code)]

pub mod parity;
pub mod tidy;
