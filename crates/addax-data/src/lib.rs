//! Arrays and files, splits, scores and plots.
#![forbid(unsafe_code)]
