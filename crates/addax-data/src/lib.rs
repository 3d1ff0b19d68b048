//! Arrays and files, splits, scores and plots: what stands around a model.
#![forbid(unsafe_code)]

pub mod archive;
pub mod arrays;
pub mod atomic;
pub mod files;
pub mod mt19937;
pub mod npy;
pub mod npz;
pub mod plot;
pub mod scaler;
pub mod scores;
pub mod selection;
pub mod synthetic;
pub mod table;

pub use arrays::{Array, Arrays, Strings};
pub use plot::Figure;
pub use scaler::StandardScaler;
pub use selection::{Folds, Part, Split, train_test_split};
pub use table::Table;
