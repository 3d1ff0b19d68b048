//! Plans: a graph compiled for this processor. All memory is known and all kernels are chosen before the first step;
//! a step is a walk over a list, without allocation, look-ups or locks.

mod access;
mod chains;
mod group;
mod loops;
mod lower;
mod memory;
mod moves;
mod picks;
mod products;
mod recurrence;
mod schedule;
mod step;

use crate::buffer::{Block, CpuBuffer};
use crate::kernels::parallel::Parallel;
use crate::threads::Pool;
use addax_core::backend::{Report, StepReport};
use addax_core::{Buffer, Error, Executable, Program, Result, passes};
use step::Step;

/// Where a slot's memory is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Spot {
    State(usize),
    Input(usize),
    Output(usize),
    /// Bytes from the beginning of the arena.
    Arena(usize),
    /// Bytes from the beginning of the constants.
    Constant(usize),
}

/// A program compiled for this processor.
pub struct Plan {
    steps: Vec<Step>,
    team: Option<Pool>,
    spots: Vec<Spot>,
    /// Pointers by slot; those of states, inputs and outputs are set anew for each execution.
    pointers: Vec<*mut u8>,
    /// The slots that are set for each execution.
    bound: Vec<(usize, Spot)>,
    arena: Block,
    /// Kept alive for the pointers into it.
    _constants: Block,
    scratch: Block,
    arena_bytes: usize,
    /// Types of states, inputs and outputs, to be checked.
    signature: Signature,
}

struct Signature {
    states: Vec<addax_core::TensorType>,
    inputs: Vec<addax_core::TensorType>,
    outputs: Vec<addax_core::TensorType>,
}

// SAFETY: the pointers lead into blocks that the plan owns, or are set anew by each execution.
unsafe impl Send for Plan {}

impl Plan {
    /// Compiles a program; its shapes must be concrete.
    pub fn new(program: &Program) -> Result<Plan> {
        Plan::on(program, None)
    }

    /// Compiles a program for a team of its own; `None` is the process's.
    pub fn on(program: &Program, team: Option<Pool>) -> Result<Plan> {
        program.check()?;
        let threads = team.as_ref().unwrap_or_else(|| Pool::global()).threads();
        let graph = passes::optimize(&program.graph)?;
        let lowered = lower::lower(&graph, program.state)?;
        let arena = Block::new(lowered.arena_bytes)?;
        let constants = Block::new(lowered.constants.len())?;
        // SAFETY: the block has room for all constants.
        unsafe {
            constants.pointer().copy_from_nonoverlapping(lowered.constants.as_ptr(), lowered.constants.len())
        };
        let scratch =
            Block::new(4 * lowered.steps.iter().map(|s| s.scratch_len(threads)).max().unwrap_or(0))?;
        let pointers = lowered.spots.iter().map(|spot| match spot {
            // SAFETY: offsets were planned inside the blocks.
            Spot::Arena(at) => unsafe { arena.pointer().add(*at) },
            // SAFETY: as above.
            Spot::Constant(at) => unsafe { constants.pointer().add(*at) },
            _ => std::ptr::null_mut(),
        });
        let types =
            |ids: &[addax_core::ValueId]| ids.iter().map(|v| graph.ty(*v).clone()).collect::<Vec<_>>();
        let (states, inputs) = graph.parameters().split_at(program.state);
        let signature = Signature {
            states: types(states),
            inputs: types(inputs),
            outputs: types(&graph.outputs[program.state..]),
        };
        let bound = lowered.spots.iter().copied().enumerate();
        let bound = bound.filter(|(_, s)| !matches!(s, Spot::Arena(_) | Spot::Constant(_))).collect();
        Ok(Plan {
            team,
            pointers: pointers.collect(),
            steps: lowered.steps,
            spots: lowered.spots,
            bound,
            arena,
            _constants: constants,
            scratch,
            arena_bytes: lowered.arena_bytes,
            signature,
        })
    }

    /// Bytes of working memory.
    pub fn arena_bytes(&self) -> usize {
        debug_assert!(self.arena.len() >= self.arena_bytes);
        self.arena_bytes
    }

    /// Leads the slots that are set for each execution to the memory that `at` names.
    fn bind(&mut self, at: &dyn Fn(Spot) -> Result<*mut u8>) -> Result<()> {
        for (slot, spot) in &self.bound {
            self.pointers[*slot] = at(*spot)?;
        }
        Ok(())
    }

    /// Runs on memory that `at` names.
    ///
    /// # Safety
    /// States, inputs and outputs lead to memory of their planned sizes; states and outputs to nobody else's.
    unsafe fn run_with(&mut self, at: &dyn Fn(Spot) -> Result<*mut u8>) -> Result<()> {
        self.bind(at)?;
        let scratch = self.scratch.pointer().cast::<f32>();
        let team = self.team.as_ref().unwrap_or_else(|| Pool::global());
        for step in &self.steps {
            // SAFETY: the caller's contract; arena and scratch are this plan's own, held by `&mut self`.
            unsafe { step.run(&self.pointers, scratch, team)? };
        }
        Ok(())
    }

    fn check(
        &self,
        what: &str,
        buffers: &[Box<dyn Buffer>],
        wanted: &[addax_core::TensorType],
    ) -> Result<()> {
        if buffers.len() != wanted.len() {
            return Err(Error::value(format!("{what} of a plan")).expected(wanted.len()).got(buffers.len()));
        }
        for (i, (b, ty)) in buffers.iter().zip(wanted).enumerate() {
            if b.ty() != ty {
                return Err(Error::value(format!("{what} {i} of a plan")).expected(ty).got(b.ty()));
            }
        }
        Ok(())
    }
}

fn pointer(buffer: &dyn Buffer) -> Result<*mut u8> {
    let cpu = buffer.as_any().downcast_ref::<CpuBuffer>();
    cpu.map(CpuBuffer::pointer)
        .ok_or_else(|| Error::value("buffer").expected("memory of the cpu").got("another device's"))
}

impl Plan {
    /// Leads all slots to the memory of one execution, and tells `step` of each step with what it needs to run.
    fn each_step(
        &mut self,
        state: &mut [Box<dyn Buffer>],
        inputs: &[Box<dyn Buffer>],
        outputs: &mut [Box<dyn Buffer>],
        mut step: impl FnMut(&Step, &[*mut u8], *mut f32, &Pool) -> Result<()>,
    ) -> Result<()> {
        self.check("state", state, &self.signature.states)?;
        self.check("inputs", inputs, &self.signature.inputs)?;
        self.check("outputs", outputs, &self.signature.outputs)?;
        let at = |spot: Spot| match spot {
            Spot::State(i) => pointer(&*state[i]),
            Spot::Input(i) => pointer(&*inputs[i]),
            Spot::Output(i) => pointer(&*outputs[i]),
            Spot::Arena(_) | Spot::Constant(_) => Err(Error::value("a plan's own memory is not bound")),
        };
        self.bind(&at)?;
        let scratch = self.scratch.pointer().cast::<f32>();
        let team = self.team.as_ref().unwrap_or_else(|| Pool::global());
        self.steps.iter().try_for_each(|s| step(s, &self.pointers, scratch, team))
    }
}

impl Executable for Plan {
    fn execute(
        &mut self,
        state: &mut [Box<dyn Buffer>],
        inputs: &[Box<dyn Buffer>],
        outputs: &mut [Box<dyn Buffer>],
    ) -> Result<()> {
        self.each_step(state, inputs, outputs, |step, slots, scratch, team| {
            // SAFETY: every slot leads to memory of the planned size, checked by `each_step`; exclusive access to states
            // and outputs comes with the arguments, to arena and scratch with `&mut self`.
            unsafe { step.run(slots, scratch, team) }
        })
    }

    fn time(
        &mut self,
        state: &mut [Box<dyn Buffer>],
        inputs: &[Box<dyn Buffer>],
        outputs: &mut [Box<dyn Buffer>],
    ) -> Result<Report> {
        let mut seconds = Vec::with_capacity(self.steps.len());
        self.each_step(state, inputs, outputs, |step, slots, scratch, team| {
            let begun = std::time::Instant::now();
            // SAFETY: as for `execute`.
            unsafe { step.run(slots, scratch, team)? };
            seconds.push(begun.elapsed().as_secs_f64());
            Ok(())
        })?;
        let mut report = self.report();
        report.steps.iter_mut().zip(seconds).for_each(|(step, s)| step.seconds = s);
        Ok(report)
    }

    fn report(&self) -> Report {
        let steps: Vec<StepReport> = self.steps.iter().map(Step::report).collect();
        debug_assert_eq!(self.spots.len(), self.pointers.len());
        Report { arena_bytes: self.arena_bytes, flops: steps.iter().map(|s| s.flops).sum(), steps }
    }
}

#[cfg(test)]
mod tests;
