//! Deep learning with Keras names.
#![forbid(unsafe_code)]
