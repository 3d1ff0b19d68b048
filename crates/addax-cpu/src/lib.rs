//! The native CPU engine: plans, memory, threads and kernels. The one home of fast `unsafe`.

mod backend;
pub mod buffer;
pub mod kernels;
mod memory;
pub mod plan;
pub mod simd;
pub mod threads;

pub use backend::Cpu;
pub use buffer::CpuBuffer;
pub use plan::Plan;
pub use threads::Pool;
