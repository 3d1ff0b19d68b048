//! Against recorded scikit-learn.

mod goldens;
mod report;
mod selection;
