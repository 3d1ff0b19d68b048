//! The engine as a backend.

use crate::buffer::CpuBuffer;
use crate::plan::Plan;
use addax_core::{Backend, Buffer, Executable, Program, Result, TensorType};

/// This machine's processor.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cpu;

impl Backend for Cpu {
    fn name(&self) -> &str {
        "cpu"
    }

    fn compile(&self, program: &Program) -> Result<Box<dyn Executable>> {
        Ok(Box::new(Plan::new(program)?))
    }

    fn allocate(&self, ty: &TensorType) -> Result<Box<dyn Buffer>> {
        Ok(Box::new(CpuBuffer::new(ty)?))
    }
}
