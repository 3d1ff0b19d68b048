//! Against recorded scikit-learn.

mod goldens;
