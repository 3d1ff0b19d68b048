//! Training: compile, fit, evaluate, predict.

mod arrays;
mod asked;
mod batches;
mod check;
mod checkpoint;
mod compile;
mod compile_config;
mod course;
mod epochs;
mod fit;
mod fitting;
mod history;
mod keeper;
mod model;
mod objective;
mod on_batch;
mod paths;
mod program;
mod progress;
mod run;
mod session;

pub use crate::metrics::Reading;
pub use arrays::Arrays;
pub use asked::Asked;
pub use check::class_weight;
pub use checkpoint::Checkpoints;
pub use compile::{Compile, LossRequest, MetricRequest};
pub use course::Course;
pub use fit::{Evaluate, Fit, Frequency, Shuffle, Verbose, Weights};
pub use history::{History, Logs, Series};
pub use model::Model;
pub(crate) use paths::paths;
pub use progress::{format_reading, format_value, line};
pub use run::Run;
pub use session::Session;
