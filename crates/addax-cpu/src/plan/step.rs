//! One step of a plan.

use crate::buffer::{read_value, write_value};
use crate::kernels::gemm::Gemm;
use crate::kernels::parallel::Serial;
use crate::kernels::random;
use crate::kernels::strided::StridedCopy;
use crate::kernels::tile::TileLoop;
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
    /// Floats of scratch memory it needs.
    pub fn scratch_len(&self) -> usize {
        match &self.kernel {
            Kernel::Loop(l) => l.scratch_len(),
            Kernel::Product(p) => {
                p.gemm.scratch_len(1).next_multiple_of(16)
                    + p.epilogue.as_ref().map_or(0, TileLoop::scratch_len)
            }
            _ => 0,
        }
    }

    pub fn report(&self) -> StepReport {
        StepReport { name: self.name.clone(), scope: self.scope.clone(), flops: self.flops, seconds: 0.0 }
    }

    /// # Safety
    /// Every slot leads to memory of the size that the step was planned with; `scratch` holds
    /// [`Step::scratch_len`] floats.
    pub unsafe fn run(&self, slots: &[*mut u8], scratch: *mut f32) -> Result<()> {
        // SAFETY: the caller's contract.
        unsafe {
            match &self.kernel {
                Kernel::Loop(l) => l.run(slots, scratch),
                Kernel::Product(p) => p.run(slots, scratch),
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

impl Product {
    unsafe fn run(&self, slots: &[*mut u8], scratch: *mut f32) {
        // SAFETY: the caller's contract.
        unsafe {
            let [a, b, c] = self.slots.map(|s| slots[s].cast::<f32>());
            let Some(epilogue) = &self.epilogue else {
                for i in 0..self.batch {
                    let [x, y, z] = self.strides.map(|s| s * i);
                    self.gemm.run(a.add(x), b.add(y), c.add(z), scratch, &Serial, None);
                }
                return;
            };
            let own = scratch.add(self.gemm.scratch_len(1).next_multiple_of(16));
            epilogue.begin(slots, own);
            if epilogue.rows() == self.gemm.m {
                let shared = Pointers(slots, own);
                self.gemm.run(
                    a,
                    b,
                    c,
                    scratch,
                    &Serial,
                    Some(&|from, to| {
                        let Pointers(slots, own) = *shared.get();
                        epilogue.run_rows(slots, own, from, to);
                    }),
                );
            } else {
                self.gemm.run(a, b, c, scratch, &Serial, None);
                epilogue.run_rows(slots, own, 0, epilogue.rows());
            }
            epilogue.finish(slots, own);
        }
    }
}

/// Pointers for the closure that takes up finished rows; it runs on the calling thread.
struct Pointers<'a>(&'a [*mut u8], *mut f32);

// SAFETY: products run on one thread here, so nothing is shared in fact.
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
