//! Models: layers put together, one after another or as a graph.

mod architecture;
mod config;
pub mod names;
mod network;
mod operators;
mod order;
mod sequential;
mod stages;
mod summary;
mod symbolic;

pub use architecture::Architecture;
pub(crate) use config::{is_network, read};
pub use network::Network;
pub use sequential::Sequential;
pub use stages::Stages;
pub use summary::summary;
pub use symbolic::{Call, Input, Symbolic, input, text_input};
