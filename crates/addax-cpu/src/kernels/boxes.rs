//! Boxes of a tensor at places that integers say: taken out, or added to. Where boxes lie is worked out when the plan
//! is built; a step looks only at the integers.

use crate::kernels::parallel::Parallel;
use addax_core::ops::GatherDims;
use addax_core::walk::Walk;
use addax_core::{DType, strides};

/// Offsets are kept for boxes up to so many elements and positions.
const LIMIT: usize = 1 << 20;

/// Bytes or elements below which a step is not worth a fork.
const FORK: usize = 32 * 1024;

/// A position of the batch: where its box begins in the operand before the integers are looked at, where the first
/// of them lies, and where the box lies in the result.
#[derive(Clone, Copy, Debug)]
struct Position {
    base: usize,
    number: usize,
    result: usize,
}

/// What one number of an index says.
#[derive(Clone, Copy, Debug)]
struct Number {
    /// Elements from the first number of the index.
    at: usize,
    /// The largest that keeps the box inside.
    limit: i64,
    /// How far it moves the box.
    step: usize,
}

/// A gather or a scatter of known shapes.
#[derive(Clone, Debug)]
pub struct Boxes {
    positions: Vec<Position>,
    numbers: Vec<Number>,
    /// Elements of a box: in the operand and in the result. Empty if a box is a run of elements in both.
    inside: Vec<(usize, usize)>,
    /// Elements of a box.
    length: usize,
    /// Elements of the operand.
    operand: usize,
    indices: DType,
    /// Whether boxes are the same or have nothing in common, so that threads may share out what is inside them.
    aligned: bool,
}

impl Boxes {
    /// The shapes of the operand, the indices, one box and the result (for a scatter: the updates); `None` if there
    /// is too much to keep, or no kernel for the integers.
    pub fn new(
        dims: &GatherDims,
        operand: &[usize],
        (indices, dtype): (&[usize], DType),
        sizes: &[usize],
        result: &[usize],
    ) -> Option<Boxes> {
        let (steps, index_steps, result_steps) = (strides(operand), strides(indices), strides(result));
        let pick = |of: &[usize], axes: &[usize]| axes.iter().map(|a| of[*a]).collect::<Vec<_>>();
        let others =
            |rank: usize, but: &dyn Fn(usize) -> bool| (0..rank).filter(|a| !but(*a)).collect::<Vec<_>>();
        let inside_axes =
            others(operand.len(), &|a| dims.collapsed.contains(&a) || dims.operand_batching.contains(&a));
        let batch = others(result.len(), &|a| dims.offset.contains(&a));
        let index_axes = others(indices.len(), &|a| a == dims.vector);
        let mut moves = vec![0; indices.len()];
        dims.operand_batching.iter().zip(&dims.indices_batching).for_each(|(a, b)| moves[*b] = steps[*a]);
        let (lengths, many) = (pick(sizes, &inside_axes), pick(result, &batch));
        let (length, count) = (lengths.iter().product::<usize>(), many.iter().product::<usize>());
        let readable = matches!(dtype, DType::I32 | DType::I64 | DType::U32 | DType::U8);
        if !readable || length > LIMIT || count > LIMIT {
            return None;
        }
        let in_operand = Walk::new(&lengths, &pick(&steps, &inside_axes));
        let in_result = Walk::new(&lengths, &pick(&result_steps, &dims.offset));
        let mut inside: Vec<(usize, usize)> = in_operand.zip(in_result).collect();
        if inside.iter().enumerate().all(|(i, at)| *at == (i, i)) {
            inside.clear();
        }
        let bases = Walk::new(&many, &pick(&moves, &index_axes));
        let first = Walk::new(&many, &pick(&index_steps, &index_axes));
        let results = Walk::new(&many, &pick(&result_steps, &batch));
        let positions = bases.zip(first).zip(results);
        let positions: Vec<Position> =
            positions.map(|((base, number), result)| Position { base, number, result }).collect();
        let along = index_steps.get(dims.vector).copied().unwrap_or(1);
        let number = |(i, a): (usize, &usize)| Number {
            at: i * along,
            limit: operand[*a].saturating_sub(sizes[*a]) as i64,
            step: steps[*a],
        };
        let numbers: Vec<Number> = dims.map.iter().enumerate().map(number).collect();
        let whole = |n: usize| n.is_multiple_of(length.max(1));
        let aligned = inside.is_empty()
            && numbers.iter().all(|n| whole(n.step))
            && positions.iter().all(|p| whole(p.base));
        let operand = operand.iter().product();
        Some(Boxes { positions, numbers, inside, length, operand, indices: dtype, aligned })
    }

    /// Where the box of a position begins in the operand, moved inside if it was not, and whether it was inside.
    unsafe fn place(&self, p: &Position, indices: *const u8) -> (usize, bool) {
        let (mut from, mut fits) = (p.base, true);
        for n in &self.numbers {
            let at = p.number + n.at;
            // SAFETY: the integers lie where the shape of the indices says.
            let number = unsafe {
                match self.indices {
                    DType::I32 => i64::from(*indices.cast::<i32>().add(at)),
                    DType::U32 => i64::from(*indices.cast::<u32>().add(at)),
                    DType::U8 => i64::from(*indices.add(at)),
                    _ => *indices.cast::<i64>().add(at),
                }
            };
            fits &= (0..=n.limit).contains(&number);
            from += number.clamp(0, n.limit) as usize * n.step;
        }
        (from, fits)
    }

    /// Takes boxes of elements of `size` bytes.
    ///
    /// # Safety
    /// `x`, `indices` and `to` hold what the shapes say.
    pub unsafe fn gather(
        &self,
        size: usize,
        x: *const u8,
        indices: *const u8,
        to: *mut u8,
        team: &dyn Parallel,
    ) {
        // SAFETY: the caller's contract; element types are chosen by size alone.
        unsafe {
            match size {
                1 => self.gather_as::<u8>(x, indices, to, team),
                2 => self.gather_as::<u16>(x, indices, to, team),
                4 => self.gather_as::<u32>(x, indices, to, team),
                _ => self.gather_as::<u64>(x, indices, to, team),
            }
        }
    }

    unsafe fn gather_as<T: Copy>(&self, x: *const u8, indices: *const u8, to: *mut u8, team: &dyn Parallel) {
        let n = self.positions.len();
        let shares = self.shares(n, team);
        let all = Pointers { x, indices, to };
        team.run(shares, &|t| {
            let Pointers { x, indices, to } = *all.get();
            let (x, to) = (x.cast::<T>(), to.cast::<T>());
            for p in &self.positions[t * n / shares..(t + 1) * n / shares] {
                // SAFETY: places are moved inside the operand; positions have their own places in the result.
                unsafe {
                    let (from, _) = self.place(p, indices);
                    let (from, to) = (x.add(from), to.add(p.result));
                    if self.inside.is_empty() {
                        to.copy_from_nonoverlapping(from, self.length);
                    }
                    self.inside.iter().for_each(|(i, o)| *to.add(*o) = *from.add(*i));
                }
            }
        });
    }

    fn shares(&self, most: usize, team: &dyn Parallel) -> usize {
        if self.positions.len() * self.length < FORK { 1 } else { team.threads().min(most).max(1) }
    }

    /// Adds updates to an operand of float32, in the order of the positions; boxes that stick out are left out.
    /// Without an operand they are added to 0.
    ///
    /// # Safety
    /// `x`, if given, and `to` hold an operand, `indices` and `updates` what their shapes say.
    pub unsafe fn scatter_add(
        &self,
        x: Option<*const f32>,
        indices: *const u8,
        updates: *const f32,
        to: *mut f32,
        team: &dyn Parallel,
    ) {
        let n = self.operand;
        let shares = if n < FORK { 1 } else { team.threads() };
        let all = Pointers { x: x.unwrap_or(std::ptr::null()).cast(), indices, to: to.cast() };
        team.run(shares, &|t| {
            let Pointers { x, to, .. } = *all.get();
            let (x, to) = (x.cast::<f32>(), to.cast::<f32>());
            let (from, end) = (t * n / shares, (t + 1) * n / shares);
            // SAFETY: the parts are disjoint.
            unsafe {
                match x.is_null() {
                    true => to.add(from).write_bytes(0, end - from),
                    false => to.add(from).copy_from_nonoverlapping(x.add(from), end - from),
                }
            }
        });
        let shares = if self.aligned { self.shares(self.length, team) } else { 1 };
        let all = Pointers { x: updates.cast(), indices, to: to.cast() };
        team.run(shares, &|t| {
            let Pointers { x: updates, indices, to } = *all.get();
            let (updates, to) = (updates.cast::<f32>(), to.cast::<f32>());
            let part = t * self.length / shares..(t + 1) * self.length / shares;
            for p in &self.positions {
                // SAFETY: a box that fits lies inside the operand; each task has its own elements of every box.
                unsafe {
                    let (at, fits) = self.place(p, indices);
                    if !fits {
                        continue;
                    }
                    let (from, to) = (updates.add(p.result), to.add(at));
                    if self.inside.is_empty() {
                        part.clone().for_each(|i| *to.add(i) += *from.add(i));
                    }
                    self.inside.iter().for_each(|(o, i)| *to.add(*o) += *from.add(*i));
                }
            }
        });
    }
}

/// Pointers that tasks share; each writes to its own part.
struct Pointers {
    x: *const u8,
    indices: *const u8,
    to: *mut u8,
}

// SAFETY: as above.
unsafe impl Sync for Pointers {}

impl Pointers {
    fn get(&self) -> &Pointers {
        self
    }
}
