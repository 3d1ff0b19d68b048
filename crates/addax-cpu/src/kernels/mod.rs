//! Kernels: the inner loops, each beside its plain twin in the tests.

pub mod boxes;
pub mod conv;
pub mod fold;
pub mod gemm;
pub mod math;
pub mod parallel;
pub mod pool;
pub mod random;
pub mod strided;
pub mod tile;
pub mod typed;
