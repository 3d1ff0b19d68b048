//! The fused elementwise loop: a straight-line program over a two-dimensional index space, run tile by tile.
//!
//! A tile is a few whole rows, or a piece of one row, small enough that all registers stay in the first cache. Each
//! instruction is one tight loop over the tile; which loop is decided when the plan is built. Reductions at the end
//! of the program have a shape that depends on the space alone: partial sums of fixed blocks, added in order.

mod instruction;
mod sink;

pub use instruction::{Instruction, TileOp, binary, unary};
pub use sink::{Fold, Over, Sink};

use crate::simd::Isa;
use sink::SinkState;
use std::ops::Range;

/// Floats of a tile.
pub const TILE: usize = 512;

/// The most memory operands and registers that a loop may have together.
pub const LIMIT: usize = 96;

/// An argument of an instruction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg {
    /// The result of an earlier instruction.
    Register(u8),
    /// One element per index, behind a slot.
    Full(u16),
    /// One element per column, behind a slot.
    PerColumn(u16),
    /// One element per row, behind a slot.
    PerRow(u16),
    /// One element, behind a slot.
    Scalar(u16),
    /// A number.
    Number(f32),
}

/// Where an instruction's result goes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Target {
    /// A register.
    Register(u8),
    /// Memory behind a slot, one element per index. The memory may be that of an argument read in full.
    Full(u16),
}

/// One instruction as written by the planner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// What it does.
    pub op: TileOp,
    /// Where to.
    pub target: Target,
    /// From what; unused arguments are `Number(0.0)`.
    pub args: [Arg; 3],
}

/// A loop as written by the planner.
#[derive(Clone, Debug, Default)]
pub struct LoopSpec {
    /// Rows of the index space.
    pub rows: usize,
    /// Columns of the index space.
    pub columns: usize,
    /// The program.
    pub lines: Vec<Line>,
    /// Reductions of registers.
    pub sinks: Vec<Sink>,
}

/// How a pointer of the table is found for a tile.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Registers and replicated columns: fixed scratch memory.
    Scratch(usize),
    /// Memory by index; elements of so many bytes.
    Full(u16, usize),
    /// A piece of a row that is longer than a tile.
    Columns(u16),
    /// One element per row, as a scalar: rows are longer than a tile.
    RowScalar(u16),
    /// One element per row, expanded to the tile at a place in scratch.
    RowTile(u16, usize),
    /// One element.
    Scalar(u16),
    /// A number of the loop's own.
    Number(usize),
}

struct Code {
    run: Instruction,
    pointers: [u8; 4],
}

/// A compiled loop.
pub struct TileLoop {
    rows: usize,
    columns: usize,
    /// Rows of a tile, when rows fit into one.
    tile_rows: usize,
    places: Vec<Place>,
    numbers: Vec<f32>,
    code: Vec<Code>,
    /// Column operands to replicate before the loop: slot and place in scratch.
    replicated: Vec<(u16, usize)>,
    sinks: Vec<SinkState>,
    scratch: usize,
    isa: Isa,
}

impl TileLoop {
    /// Compiles a loop; `None` if it needs more registers or operands than there are.
    pub fn new(spec: &LoopSpec, isa: Isa) -> Option<TileLoop> {
        let structured =
            spec.lines.iter().flat_map(|l| l.args).any(|a| matches!(a, Arg::PerColumn(_) | Arg::PerRow(_)))
                || spec.sinks.iter().any(|s| s.over != Over::All);
        // Without columns to tell apart, the space is one long row cut into tiles.
        let (rows, columns) =
            if structured { (spec.rows, spec.columns) } else { (1, spec.rows * spec.columns) };
        let tile_rows = if columns == 0 || columns > TILE { 1 } else { (TILE / columns).max(1) };
        let mut this = TileLoop {
            rows,
            columns,
            tile_rows,
            places: Vec::new(),
            numbers: Vec::new(),
            code: Vec::new(),
            replicated: Vec::new(),
            sinks: Vec::new(),
            scratch: 0,
            isa,
        };
        this.compile(spec)?;
        Some(this)
    }

    fn compile(&mut self, spec: &LoopSpec) -> Option<()> {
        let mut seen: Vec<(Key, u8)> = Vec::new();
        for line in &spec.lines {
            let dst = match line.target {
                Target::Register(r) => self.place(&mut seen, Key::Register(r))?,
                Target::Full(slot) => {
                    let bytes = if line.op == TileOp::ToBool { 1 } else { 4 };
                    self.place(&mut seen, Key::Full(slot, bytes))?
                }
            };
            let mut pointers = [dst, 0, 0, 0];
            let mut scalars = [false; 3];
            for (i, arg) in line.args.iter().enumerate() {
                let bytes = if line.op == TileOp::FromBool { 1 } else { 4 };
                pointers[i + 1] = self.place(&mut seen, Key::of(*arg, bytes))?;
                let place = self.places[usize::from(pointers[i + 1])];
                scalars[i] = matches!(place, Place::Scalar(_) | Place::Number(_) | Place::RowScalar(_));
            }
            self.code.push(Code { run: line.op.instruction(self.isa, scalars)?, pointers });
        }
        for sink in &spec.sinks {
            let register = self.place(&mut seen, Key::of(sink.arg, 4))?;
            let state = SinkState::new(sink, register, self.rows, self.columns, &mut self.scratch);
            self.sinks.push(state);
        }
        Some(())
    }

    /// The index of a pointer in the table, made if new.
    fn place(&mut self, seen: &mut Vec<(Key, u8)>, key: Key) -> Option<u8> {
        if let Some((_, i)) = seen.iter().find(|(k, _)| k.same(&key)) {
            return Some(*i);
        }
        if self.places.len() == LIMIT {
            return None;
        }
        let long = self.columns > TILE;
        let place = match key {
            Key::Register(_) => Place::Scratch(self.take(TILE)),
            Key::Full(slot, bytes) => Place::Full(slot, bytes),
            Key::PerColumn(slot) if long => Place::Columns(slot),
            Key::PerColumn(slot) => {
                let at = self.take(TILE);
                self.replicated.push((slot, at));
                Place::Scratch(at)
            }
            Key::PerRow(slot) if long => Place::RowScalar(slot),
            Key::PerRow(slot) => Place::RowTile(slot, self.take(TILE)),
            Key::Scalar(slot) => Place::Scalar(slot),
            Key::Number(bits) => {
                self.numbers.push(f32::from_bits(bits));
                Place::Number(self.numbers.len() - 1)
            }
        };
        let index = self.places.len() as u8;
        self.places.push(place);
        seen.push((key, index));
        Some(index)
    }

    fn take(&mut self, floats: usize) -> usize {
        let at = self.scratch;
        self.scratch += floats.next_multiple_of(16);
        at
    }

    /// Floats of scratch memory that a run needs.
    pub fn scratch_len(&self) -> usize {
        self.scratch
    }

    /// Rows of the loop as it runs.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Runs the whole loop.
    ///
    /// # Safety
    /// `slots` hold, where the program refers to them, memory of the sizes it implies; `scratch` holds
    /// [`TileLoop::scratch_len`] floats, aligned to 8 bytes, used by nobody else meanwhile.
    pub unsafe fn run(&self, slots: &[*mut u8], scratch: *mut f32) {
        // SAFETY: the caller's contract.
        unsafe {
            self.begin(slots, scratch);
            self.run_rows(slots, scratch, 0, self.rows);
            self.finish(slots, scratch);
        }
    }

    /// Prepares scratch memory: before the first rows.
    ///
    /// # Safety
    /// As [`TileLoop::run`].
    pub unsafe fn begin(&self, slots: &[*mut u8], scratch: *mut f32) {
        for (slot, at) in &self.replicated {
            let from = slots[usize::from(*slot)].cast::<f32>();
            for r in 0..self.tile_rows {
                // SAFETY: tile_rows · columns floats fit a tile; the operand has `columns` floats.
                unsafe { scratch.add(at + r * self.columns).copy_from_nonoverlapping(from, self.columns) };
            }
        }
        for sink in &self.sinks {
            // SAFETY: the sink's part of scratch.
            unsafe { sink.begin(scratch) };
        }
    }

    /// Whether its rows (or, without structure, its columns) may run in any order, on several threads, each with
    /// scratch memory of its own.
    pub fn divides(&self) -> bool {
        self.sinks.is_empty()
    }

    /// Whether the space is one long row.
    pub fn is_flat(&self) -> bool {
        self.rows == 1
    }

    /// Columns of the loop as it runs.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Runs rows `from..to`, which must come in order if there are reductions.
    ///
    /// # Safety
    /// As [`TileLoop::run`], after [`TileLoop::begin`].
    pub unsafe fn run_rows(&self, slots: &[*mut u8], scratch: *mut f32, from: usize, to: usize) {
        // SAFETY: the caller's contract.
        unsafe { self.run_part(slots, scratch, from..to, 0..self.columns) }
    }

    /// Runs some columns of some rows; pieces of a row begin at multiples of [`TILE`].
    ///
    /// # Safety
    /// As [`TileLoop::run_rows`].
    pub unsafe fn run_part(
        &self,
        slots: &[*mut u8],
        scratch: *mut f32,
        part: Range<usize>,
        columns: Range<usize>,
    ) {
        let (from, to) = (part.start, part.end);
        let mut table = [std::ptr::null_mut::<u8>(); LIMIT];
        let mut row = from;
        while row < to {
            let rows = self.tile_rows.min(to - row);
            let mut column = columns.start;
            while column < columns.end {
                let width = TILE.min(columns.end - column);
                // SAFETY: rows and columns lie within the space, so every pointer lies within its operand.
                unsafe {
                    self.point(&mut table, slots, scratch, row, rows, column);
                    let n = rows * width;
                    for code in &self.code {
                        let [d, a, b, c] = code.pointers.map(|i| table[usize::from(i)]);
                        (code.run)(d, a, b, c, n);
                    }
                    for sink in &self.sinks {
                        sink.take(
                            self.isa,
                            table[usize::from(sink.register)].cast(),
                            slots,
                            scratch,
                            row,
                            rows,
                            column,
                            width,
                        );
                    }
                }
                column += width;
            }
            row += rows;
        }
    }

    /// Writes the results of the reductions: after the last rows.
    ///
    /// # Safety
    /// As [`TileLoop::run`], after all rows.
    pub unsafe fn finish(&self, slots: &[*mut u8], scratch: *mut f32) {
        for sink in &self.sinks {
            // SAFETY: the sink's part of scratch and its slot.
            unsafe { sink.finish(slots, scratch) };
        }
    }

    /// Fills the table of pointers for a tile.
    #[inline(always)]
    unsafe fn point(
        &self,
        table: &mut [*mut u8; LIMIT],
        slots: &[*mut u8],
        scratch: *mut f32,
        row: usize,
        rows: usize,
        column: usize,
    ) {
        let index = row * self.columns + column;
        for (entry, place) in table.iter_mut().zip(&self.places) {
            // SAFETY: offsets stay within the operands by the contract of `run`.
            *entry = unsafe {
                match *place {
                    Place::Scratch(at) => scratch.add(at).cast(),
                    Place::Full(slot, bytes) => slots[usize::from(slot)].add(index * bytes),
                    Place::Columns(slot) => slots[usize::from(slot)].add(column * 4),
                    Place::RowScalar(slot) => slots[usize::from(slot)].add(row * 4),
                    Place::RowTile(slot, at) => {
                        let from = slots[usize::from(slot)].cast::<f32>().add(row);
                        let to = scratch.add(at);
                        for r in 0..rows {
                            std::slice::from_raw_parts_mut(to.add(r * self.columns), self.columns)
                                .fill(*from.add(r));
                        }
                        to.cast()
                    }
                    Place::Scalar(slot) => slots[usize::from(slot)],
                    Place::Number(i) => self.numbers.as_ptr().add(i).cast_mut().cast(),
                }
            };
        }
    }
}

/// What a pointer stands for, to share equal ones.
#[derive(Clone, Copy)]
enum Key {
    Register(u8),
    Full(u16, usize),
    PerColumn(u16),
    PerRow(u16),
    Scalar(u16),
    Number(u32),
}

impl Key {
    fn of(arg: Arg, bytes: usize) -> Key {
        match arg {
            Arg::Register(r) => Key::Register(r),
            Arg::Full(s) => Key::Full(s, bytes),
            Arg::PerColumn(s) => Key::PerColumn(s),
            Arg::PerRow(s) => Key::PerRow(s),
            Arg::Scalar(s) => Key::Scalar(s),
            Arg::Number(x) => Key::Number(x.to_bits()),
        }
    }

    fn same(&self, other: &Key) -> bool {
        match (self, other) {
            (Key::Register(a), Key::Register(b)) => a == b,
            (Key::Full(a, x), Key::Full(b, y)) => a == b && x == y,
            (Key::PerColumn(a), Key::PerColumn(b)) | (Key::PerRow(a), Key::PerRow(b)) => a == b,
            (Key::Scalar(a), Key::Scalar(b)) => a == b,
            (Key::Number(a), Key::Number(b)) => a == b,
            _ => false,
        }
    }
}
