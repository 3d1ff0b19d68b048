//! Against recorded Keras, and the crate as its users see it.

// Arrays are handed over borrowed, as a program that goes on using them does.
#![allow(clippy::needless_borrows_for_generic_args)]

mod classes;
mod extremes;
mod goldens;
mod ops;
mod resume;
mod saving;
mod training;
mod wrong_input;
