//! Models: layers put together, one after another or as a graph.

pub mod names;
mod network;
mod summary;
mod symbolic;

pub use network::{Network, Sequential};
pub use summary::summary;
pub use symbolic::{Input, Symbolic};
