//! Training: compile, fit, evaluate, predict.

mod arrays;
mod check;
mod compile;
mod fit;
mod history;
mod model;
mod program;
mod progress;
mod session;

pub use arrays::Arrays;
pub use compile::Compile;
pub use fit::{Fit, Verbose};
pub use history::{History, Logs};
pub use model::Model;
pub use progress::{format_value, line};
pub use session::Session;
