//! Against recorded Keras, and the crate as its users see it.

mod goldens;
mod training;
mod wrong_input;
