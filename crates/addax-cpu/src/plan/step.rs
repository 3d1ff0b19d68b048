//! One step of a plan.

use super::recurrence::Recurrence;
use crate::buffer::{read_value, write_value};
use crate::kernels::conv::Conv;
use crate::kernels::gemm::{Finished, Gemm};
use crate::kernels::parallel::{Parallel, Serial};
use crate::kernels::pool::Pool;
use crate::kernels::random;
use crate::kernels::strided::StridedCopy;
use crate::kernels::tile::{TILE, TileLoop};
use crate::kernels::typed::{self, Operand};
use crate::simd::Isa;
use addax_core::backend::StepReport;
use addax_core::ops::Op;
use addax_core::{DType, Error, Result, Value};

/// A tensor in memory: its slot, element type and shape.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub slot: usize,
    pub dtype: DType,
    pub shape: Vec<usize>,
}

impl Place {
    fn count(&self) -> usize {
        self.shape.iter().product()
    }
}

/// A matrix product, perhaps many of them, with the loop that takes up its result.
pub(super) struct Product {
    pub gemm: Gemm,
    pub slots: [usize; 3],
    /// How many products, and elements between their operands.
    pub batch: usize,
    pub strides: [usize; 3],
    pub epilogue: Option<TileLoop>,
}

/// What a step does.
pub(super) enum Kernel {
    Loop(TileLoop),
    Product(Box<Product>),
    /// A convolution: input, kernel, result.
    Conv {
        conv: Box<Conv>,
        slots: [usize; 3],
    },
    /// What sliding windows see, put together.
    Pool {
        pool: Box<Pool>,
        from: usize,
        to: usize,
    },
    /// Numbers added where sliding windows picked: input, numbers, result.
    Scatter {
        pool: Box<Pool>,
        slots: [usize; 3],
    },
    /// A body that runs once a step.
    Scan(Box<Recurrence>),
    /// Parts side by side, `outer` times: the slot of each and its bytes.
    Joined {
        parts: Vec<(usize, usize)>,
        outer: usize,
        to: usize,
    },
    Strided {
        copy: StridedCopy,
        from: usize,
        to: usize,
    },
    Bytes {
        from: usize,
        to: usize,
        bytes: usize,
    },
    /// An elementwise op of any element type.
    Typed {
        op: Op,
        dtype: DType,
        n: usize,
        inputs: [(usize, usize); 3],
        to: usize,
        to_dtype: DType,
    },
    /// Uniform numbers from a key and a counter.
    Uniform {
        key: usize,
        counter: usize,
        n: usize,
        to: usize,
    },
    /// Whatever has no kernel of its own yet: the plain evaluation.
    Plain {
        op: Op,
        inputs: Vec<Place>,
        outputs: Vec<Place>,
    },
}

/// A step with what is told of it.
pub(super) struct Step {
    pub kernel: Kernel,
    pub name: String,
    pub scope: String,
    pub flops: u64,
}

impl Step {
    /// Floats of scratch memory it needs on so many threads.
    pub fn scratch_len(&self, threads: usize) -> usize {
        match &self.kernel {
            Kernel::Loop(l) => threads * own_scratch(l),
            Kernel::Product(p) => {
                p.gemm.scratch_len(threads).next_multiple_of(16)
                    + p.epilogue.as_ref().map_or(0, |l| threads * own_scratch(l))
            }
            Kernel::Conv { conv, .. } => conv.scratch_len(threads),
            _ => 0,
        }
    }

    pub fn report(&self) -> StepReport {
        StepReport { name: self.name.clone(), scope: self.scope.clone(), flops: self.flops, seconds: 0.0 }
    }

    /// # Safety
    /// Every slot leads to memory of the size that the step was planned with; `scratch` holds
    /// [`Step::scratch_len`] floats for the team.
    pub unsafe fn run(&self, slots: &[*mut u8], scratch: *mut f32, team: &dyn Parallel) -> Result<()> {
        // SAFETY: the caller's contract.
        unsafe {
            match &self.kernel {
                Kernel::Loop(l) => run_loop(l, slots, scratch, team),
                Kernel::Product(p) => p.run(slots, scratch, team),
                Kernel::Conv { conv, slots: [x, kernel, y] } => {
                    conv.run(slots[*x].cast(), slots[*kernel].cast(), slots[*y].cast(), scratch, team)
                }
                Kernel::Scan(scan) => return scan.run(slots),
                Kernel::Pool { pool, from, to } => pool.run(slots[*from].cast(), slots[*to].cast(), team),
                Kernel::Scatter { pool, slots: [x, numbers, to] } => {
                    pool.scatter(slots[*x].cast(), slots[*numbers].cast(), slots[*to].cast(), team)
                }
                Kernel::Joined { parts, outer, to } => {
                    let mut to = slots[*to];
                    for (i, (slot, bytes)) in (0..*outer).flat_map(|i| parts.iter().map(move |p| (i, p))) {
                        to.copy_from_nonoverlapping(slots[*slot].add(i * bytes), *bytes);
                        to = to.add(*bytes);
                    }
                }
                Kernel::Strided { copy, from, to } => copy.run(slots[*from], slots[*to]),
                Kernel::Bytes { from, to, bytes } => {
                    slots[*to].copy_from_nonoverlapping(slots[*from], *bytes)
                }
                Kernel::Typed { op, dtype, n, inputs, to, to_dtype } => {
                    let [a, b, c] = inputs.map(|(slot, step)| Operand { pointer: slots[slot], step });
                    let out = slots[*to];
                    match op {
                        Op::Unary(op) => typed::unary(*op, *dtype, *n, a, out),
                        Op::Binary(op) => typed::binary(*op, *dtype, *n, a, b, out),
                        Op::Compare(op) => typed::compare(op.direction, *dtype, *n, a, b, out),
                        Op::Select(_) => typed::select(*to_dtype, *n, a, b, c, out),
                        Op::Convert(_) => typed::convert(*dtype, *to_dtype, *n, a, out),
                        _ => return Err(Error::value("step").expected("an elementwise op").got(op.name())),
                    }
                }
                Kernel::Uniform { key, counter, n, to } => {
                    let pair = |slot: usize| slots[slot].cast::<[u32; 2]>().read_unaligned();
                    random::uniform(Isa::best(), pair(*key), pair(*counter), *n, slots[*to].cast());
                }
                Kernel::Plain { op, inputs, outputs } => return plain(op, inputs, outputs, slots),
            }
        }
        Ok(())
    }
}

/// Floats of scratch memory of one thread.
fn own_scratch(l: &TileLoop) -> usize {
    l.scratch_len().next_multiple_of(16)
}

/// Below these many elements a loop is not worth a fork.
const LOOP_FORK: usize = 32 * 1024;

unsafe fn run_loop(l: &TileLoop, slots: &[*mut u8], scratch: *mut f32, team: &dyn Parallel) {
    let (rows, columns, threads) = (l.rows(), l.columns(), team.threads());
    if threads < 2 || !l.divides() || rows * columns < LOOP_FORK {
        // SAFETY: the caller's contract.
        unsafe { l.run(slots, scratch) };
        return;
    }
    let shared = Pointers(slots, scratch);
    let (length, unit) = if l.is_flat() { (columns, TILE) } else { (rows, 1) };
    let share = length.div_ceil(threads).next_multiple_of(unit);
    team.run(threads, &|t| {
        let Pointers(slots, scratch) = *shared.get();
        let part = (t * share).min(length)..((t + 1) * share).min(length);
        // SAFETY: the parts are disjoint, and each task has scratch memory of its own.
        unsafe {
            let own = scratch.add(t * own_scratch(l));
            l.begin(slots, own);
            if l.is_flat() {
                l.run_part(slots, own, 0..1, part)
            } else {
                l.run_part(slots, own, part, 0..columns)
            }
        }
    });
}

impl Product {
    unsafe fn run(&self, slots: &[*mut u8], scratch: *mut f32, team: &dyn Parallel) {
        let team = if self.gemm.divides() { team } else { &Serial };
        // SAFETY: the caller's contract.
        unsafe {
            let [a, b, c] = self.slots.map(|s| slots[s].cast::<f32>());
            let Some(epilogue) = &self.epilogue else {
                for i in 0..self.batch {
                    let [x, y, z] = self.strides.map(|s| s * i);
                    self.gemm.run(a.add(x), b.add(y), c.add(z), scratch, team, None);
                }
                return;
            };
            let own = scratch.add(self.gemm.scratch_len(team.threads()).next_multiple_of(16));
            let by_rows = epilogue.rows() == self.gemm.m;
            if by_rows && (epilogue.divides() || team.threads() == 1) {
                let each = own_scratch(epilogue);
                (0..team.threads()).for_each(|t| epilogue.begin(slots, own.add(t * each)));
                let shared = Pointers(slots, own);
                let finished = |t: usize, from: usize, to: usize| {
                    let Pointers(slots, own) = *shared.get();
                    epilogue.run_rows(slots, own.add(t * each), from, to);
                };
                let finished = Finished { unit: self.gemm.block(), rows: &finished };
                self.gemm.run(a, b, c, scratch, team, Some(finished));
            } else {
                self.gemm.run(a, b, c, scratch, team, None);
                epilogue.begin(slots, own);
                // In the ranges that one thread would take: sums over all depend on where tiles begin.
                let step = if by_rows { self.gemm.block() } else { epilogue.rows().max(1) };
                for from in (0..epilogue.rows()).step_by(step) {
                    epilogue.run_rows(slots, own, from, epilogue.rows().min(from + step));
                }
            }
            epilogue.finish(slots, own);
        }
    }
}

/// Pointers for the closures of a team.
struct Pointers<'a>(&'a [*mut u8], *mut f32);

// SAFETY: tasks write to disjoint rows and to scratch memory of their own.
unsafe impl Sync for Pointers<'_> {}

impl<'a> Pointers<'a> {
    fn get(&self) -> &Pointers<'a> {
        self
    }
}

unsafe fn plain(op: &Op, inputs: &[Place], outputs: &[Place], slots: &[*mut u8]) -> Result<()> {
    // SAFETY: the caller's contract: each place holds its elements.
    let values = inputs.iter().map(|p| unsafe { read_value(slots[p.slot], p.dtype, &p.shape, p.count()) });
    let values = values.collect::<Result<Vec<Value>>>()?;
    let results = op.eval(&values.iter().collect::<Vec<_>>())?;
    for (place, value) in outputs.iter().zip(&results) {
        if value.dtype() != place.dtype || value.shape() != place.shape {
            return Err(Error::value(op.name())
                .expected(format_args!("{:?}", place.shape))
                .got(format_args!("{:?}", value.shape())));
        }
        // SAFETY: same type and shape.
        unsafe { write_value(slots[place.slot], value) };
    }
    Ok(())
}
