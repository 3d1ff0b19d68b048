//! One step of a plan.

use super::recurrence::Recurrence;
use crate::buffer::{read_value, write_value};
use crate::kernels::boxes::Boxes;
use crate::kernels::conv::Conv;
use crate::kernels::fold::Thick;
use crate::kernels::gemm::{Finished, Gemm};
use crate::kernels::parallel::{Parallel, Serial};
use crate::kernels::pool::Pool;
use crate::kernels::random;
use crate::kernels::strided::{Padded, StridedCopy};
use crate::kernels::tile::{Fold, Scratch, TileLoop};
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
    /// Axes of the batch: length, and elements between neighbours on the left side and on the right.
    pub batch: Vec<[usize; 3]>,
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
    /// A number around an array: array, number, result.
    Padded {
        padded: Padded,
        slots: [usize; 3],
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
    /// Boxes taken out: of elements of so many bytes; operand, indices, result.
    Gather {
        boxes: Box<Boxes>,
        size: usize,
        slots: [usize; 3],
    },
    /// Boxes added: the operand, if it is not 0; indices, updates, result.
    Add {
        boxes: Box<Boxes>,
        operand: Option<usize>,
        slots: [usize; 3],
    },
    /// A reduction of axes in the middle.
    Fold {
        of: Thick,
        fold: Fold,
        from: usize,
        to: usize,
    },
    /// Where the largest or smallest is.
    Extremes {
        of: Thick,
        largest: bool,
        from: usize,
        to: usize,
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
            Kernel::Loop(l) => loop_scratch(l, threads),
            Kernel::Product(p) => {
                p.scratch_len(threads) + p.epilogue.as_ref().map_or(0, |l| loop_scratch(l, threads))
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
                Kernel::Padded { padded, slots: [x, number, to] } => {
                    padded.run(slots[*x], slots[*number], slots[*to])
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
                Kernel::Gather { boxes, size, slots: [x, indices, to] } => {
                    boxes.gather(*size, slots[*x], slots[*indices], slots[*to], team)
                }
                Kernel::Add { boxes, operand, slots: [indices, updates, to] } => {
                    let x = operand.map(|x| slots[x].cast_const().cast());
                    boxes.scatter_add(x, slots[*indices], slots[*updates].cast(), slots[*to].cast(), team)
                }
                Kernel::Fold { of, fold, from, to } => {
                    of.fold(Isa::best(), *fold, slots[*from].cast(), slots[*to].cast(), team)
                }
                Kernel::Extremes { of, largest, from, to } => {
                    of.extremes(*largest, slots[*from].cast(), slots[*to].cast())
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

/// Floats of scratch memory of a loop on so many threads.
fn loop_scratch(l: &TileLoop, threads: usize) -> usize {
    threads * l.own_len() + l.shared_len()
}

/// A thread's view of a loop's scratch memory: what all share lies first.
fn scratch_of(l: &TileLoop, scratch: *mut f32, thread: usize) -> Scratch {
    let own = scratch.wrapping_add(l.shared_len() + thread * l.own_len());
    Scratch { own, shared: scratch }
}

/// Below these many elements a loop is not worth a fork.
const LOOP_FORK: usize = 32 * 1024;

unsafe fn run_loop(l: &TileLoop, slots: &[*mut u8], scratch: *mut f32, team: &dyn Parallel) {
    let pieces = l.length().div_ceil(l.unit());
    let shares = pieces.min(team.threads());
    if shares < 2 || l.size() < LOOP_FORK {
        // SAFETY: the caller's contract.
        unsafe { l.run(slots, scratch_of(l, scratch, 0)) };
        return;
    }
    let shared = Pointers(slots, scratch);
    team.run(shares, &|t| {
        let Pointers(slots, scratch) = *shared.get();
        let (from, to) = (t * pieces / shares * l.unit(), (t + 1) * pieces / shares * l.unit());
        // SAFETY: the parts are disjoint, and each task has scratch memory of its own.
        unsafe {
            let own = scratch_of(l, scratch, t);
            l.begin(slots, own);
            l.run_part(slots, own, from..to.min(l.length()));
        }
    });
    // SAFETY: all parts have run.
    unsafe { l.finish(slots, scratch_of(l, scratch, 0)) };
}

impl Product {
    /// Floats of scratch memory of the products alone, a multiple of 16.
    fn scratch_len(&self, threads: usize) -> usize {
        let shared = self.gemm.scratch_len(threads).next_multiple_of(16);
        shared.max(threads * self.gemm.scratch_len(1).next_multiple_of(16))
    }

    /// Where the operands of a product of the batch begin.
    fn offsets(&self, mut i: usize) -> [usize; 3] {
        let mut at = [0, 0, i * self.gemm.m * self.gemm.n];
        for [length, left, right] in self.batch.iter().rev() {
            at[0] += i % length * left;
            at[1] += i % length * right;
            i /= length;
        }
        at
    }

    /// All products of the batch: each thread takes some whole.
    unsafe fn run_each(
        &self,
        a: *const f32,
        b: *const f32,
        c: *mut f32,
        scratch: *mut f32,
        team: &dyn Parallel,
    ) {
        let n: usize = self.batch.iter().map(|axis| axis[0]).product();
        let flops = self.gemm.flops().saturating_mul(n as u64);
        let shares = if flops < BATCH_FORK { 1 } else { team.threads().min(n).max(1) };
        let own = self.gemm.scratch_len(1).next_multiple_of(16);
        let all = Matrices(a, b, c, scratch);
        team.run(shares, &|t| {
            let Matrices(a, b, c, scratch) = *all.get();
            for i in t * n / shares..(t + 1) * n / shares {
                let [x, y, z] = self.offsets(i);
                // SAFETY: the caller's contract; results are apart, and each task has scratch memory of its own.
                unsafe {
                    self.gemm.run(a.add(x), b.add(y), c.add(z), scratch.add(t * own), &Serial, None);
                }
            }
        });
    }

    unsafe fn run(&self, slots: &[*mut u8], scratch: *mut f32, team: &dyn Parallel) {
        // SAFETY: the caller's contract.
        unsafe {
            let [a, b, c] = self.slots.map(|s| slots[s].cast::<f32>());
            let Some(epilogue) = &self.epilogue else {
                return match self.batch[..] {
                    [] => self.gemm.run(a, b, c, scratch, team, None),
                    _ => self.run_each(a, b, c, scratch, team),
                };
            };
            let behind = scratch.add(self.scratch_len(team.threads()));
            if epilogue.is_flat() || epilogue.rows() != self.gemm.m {
                self.gemm.run(a, b, c, scratch, team, None);
                run_loop(epilogue, slots, behind, team);
                return;
            }
            let threads = if self.gemm.divides() { team.threads() } else { 1 };
            (0..threads).for_each(|t| epilogue.begin(slots, scratch_of(epilogue, behind, t)));
            let shared = Pointers(slots, behind);
            let rows = |t: usize, from: usize, to: usize| {
                let Pointers(slots, behind) = *shared.get();
                epilogue.run_part(slots, scratch_of(epilogue, behind, t), from..to);
            };
            let finished = Finished { unit: epilogue.unit(), rows: &rows };
            self.gemm.run(a, b, c, scratch, team, Some(finished));
            epilogue.finish(slots, scratch_of(epilogue, behind, 0));
        }
    }
}

/// Below these many operations a batch of products is not worth a fork.
const BATCH_FORK: u64 = 1_000_000;

/// The matrices of products, and scratch memory.
struct Matrices(*const f32, *const f32, *mut f32, *mut f32);

// SAFETY: tasks write to products and scratch memory of their own.
unsafe impl Sync for Matrices {}

impl Matrices {
    fn get(&self) -> &Matrices {
        self
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
