//! The fused elementwise loop: a straight-line program over a two-dimensional index space, run tile by tile.
//!
//! A tile is a few whole rows, or a piece of one row, small enough that all registers stay in the first cache. Each
//! instruction is one tight loop over the tile; which loop is decided when the plan is built. Rows may be folded on
//! the way (`RowFold`), and what has one element per row computed with: so a softmax or a normalization of rows is
//! one walk over memory. Reductions at the end of the program (sinks) have a shape that depends on the space alone:
//! the space is cut into segments, which threads share.

mod instruction;
mod sink;
mod spec;

pub use instruction::{ARITY, Chain, Instruction, Scalars, TileOp, binary, unary};
pub(in crate::kernels) use sink::join;
pub use sink::{Fold, Over, Scratch, Sink};
pub use spec::{Arg, Line, LoopSpec, Target};

use crate::simd::Isa;
use sink::SinkState;
use std::collections::HashSet;
use std::ops::Range;

/// Floats of a tile.
pub const TILE: usize = 512;

/// The longest rows that can be folded on the way: a tile then holds one of them.
pub const LONGEST_ROW: usize = 16 * 1024;

/// The most memory operands and registers that a loop may have together.
pub const LIMIT: usize = 256;

/// How a pointer of the table is found for a tile.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Registers and replicated columns: fixed scratch memory.
    Scratch(usize),
    /// Memory by index; elements of so many bytes.
    Full(u16, usize),
    /// A piece of a row.
    Columns(u16),
    /// One element per row.
    Rows(u16),
    /// One element per row, expanded to the tile at a place in scratch.
    Expanded(u16, usize),
    /// One element.
    Scalar(u16),
    /// A number of the loop's own.
    Number(usize),
}

/// What a pointer stands for, to share equal ones.
#[derive(Clone, Copy, PartialEq)]
enum Key {
    Register(u8),
    Row(u8),
    /// A row register, expanded.
    Expanded(u8),
    Full(u16, usize),
    PerColumn(u16),
    /// Whether for whole rows.
    PerRow(u16, bool),
    Scalar(u16),
    Number(u32),
    /// One number, spread over the tile.
    Spread(u8),
}

struct Code {
    run: Instruction,
    at: [u8; ARITY + 1],
    /// Runs over rows alone.
    row: bool,
}

/// A compiled loop.
pub struct TileLoop {
    rows: usize,
    columns: usize,
    /// Rows of a tile.
    tile_rows: usize,
    /// Columns of a tile.
    tile_columns: usize,
    places: Vec<Place>,
    numbers: Vec<f32>,
    code: Vec<Code>,
    /// Column operands to replicate before the loop: slot and place in scratch.
    replicated: Vec<(u16, usize)>,
    sinks: Vec<SinkState>,
    /// Rows (or columns, in a flat space) of a segment.
    segment: usize,
    own: usize,
    shared: usize,
    isa: Isa,
}

/// A space of one column is flat.
fn flattened(spec: &LoopSpec) -> LoopSpec {
    let mut flat = spec.clone();
    (flat.rows, flat.columns) = (1, spec.rows);
    for line in &mut flat.lines {
        for arg in &mut line.args {
            *arg = match *arg {
                Arg::PerColumn(s) => Arg::Scalar(s),
                Arg::PerRow(s) => Arg::Full(s),
                arg => arg,
            };
        }
    }
    flat.sinks.iter_mut().for_each(|s| s.over = Over::All);
    flat
}

impl TileLoop {
    /// Compiles a loop; `None` if it needs more registers or operands than there are.
    pub fn new(spec: &LoopSpec, isa: Isa) -> Option<TileLoop> {
        let folds = spec.folds_rows();
        let by_row = spec.sinks.iter().any(|s| s.over == Over::Columns);
        if spec.columns == 1 && spec.rows != 1 && !folds && !by_row {
            return TileLoop::new(&flattened(spec), isa);
        }
        if folds && spec.columns > LONGEST_ROW {
            return None;
        }
        let structured = folds
            || spec
                .lines
                .iter()
                .flat_map(|l| l.args)
                .any(|a| matches!(a, Arg::PerColumn(_) | Arg::PerRow(_)))
            || spec.sinks.iter().any(|s| s.over != Over::All);
        // Without columns to tell apart, the space is one long row cut into tiles.
        let (rows, columns) =
            if structured { (spec.rows, spec.columns) } else { (1, spec.rows * spec.columns) };
        let all = spec.sinks.iter().any(|s| s.over == Over::All);
        let tile_rows = match TILE.checked_div(columns).unwrap_or(1).max(1) {
            // Sums over all are taken tile by tile: tiles begin at the same rows whoever runs them.
            n if all => 1 << n.min(sink::ROWS).ilog2(),
            n => n,
        };
        let tile_columns = if folds { columns } else { columns.min(TILE) };
        let mut this = TileLoop {
            rows,
            columns,
            tile_rows,
            tile_columns,
            places: Vec::new(),
            numbers: Vec::new(),
            code: Vec::new(),
            replicated: Vec::new(),
            sinks: Vec::new(),
            segment: usize::MAX,
            own: (2 * LIMIT).next_multiple_of(16),
            shared: 0,
            isa,
        };
        if spec.sinks.iter().any(|s| s.over != Over::Columns) {
            let unit = if this.is_flat() { TILE } else { sink::ROWS };
            this.segment = sink::segment(this.length(), unit);
        }
        this.compile(spec)?;
        Some(this)
    }

    fn compile(&mut self, spec: &LoopSpec) -> Option<()> {
        let mut seen: Vec<Key> = Vec::new();
        let mut expanded: HashSet<u8> = HashSet::new();
        for line in &spec.lines {
            let row = line.target.is_row();
            let mut at = [0; ARITY + 1];
            let mut scalars = [false; ARITY];
            // A fold runs over whole tiles though its result is per row.
            let over_rows = row && !matches!(line.op, TileOp::RowFold(_));
            for (i, arg) in line.args.iter().enumerate() {
                let bytes = if line.op == TileOp::FromBool { 1 } else { 4 };
                if let (Arg::Row(r), false) = (arg, over_rows)
                    && self.tile_rows > 1
                    && expanded.insert(*r)
                {
                    let from = self.place(&mut seen, Key::Row(*r))?;
                    let to = self.place(&mut seen, Key::Expanded(*r))?;
                    let run = TileOp::Expand.instruction(self.isa, scalars)?;
                    self.code.push(Code { run, at: [to, from, 0, 0, 0, 0], row: false });
                }
                let (key, scalar) = self.read(*arg, bytes, over_rows);
                at[i + 1] = self.place(&mut seen, key)?;
                scalars[i] = scalar;
            }
            let target = match line.target {
                Target::Register(r) => Key::Register(r),
                Target::Row(r) => {
                    expanded.remove(&r);
                    Key::Row(r)
                }
                Target::Full(slot) => Key::Full(slot, if line.op == TileOp::ToBool { 1 } else { 4 }),
                Target::PerRow(slot) => Key::PerRow(slot, false),
            };
            at[0] = self.place(&mut seen, target)?;
            let run = self.instruction(line.op, &mut seen, &mut at, scalars, over_rows)?;
            self.code.push(Code { run, at, row: over_rows });
        }
        let segments = self.length().div_ceil(self.segment).max(1);
        for sink in &spec.sinks {
            let (key, _) = self.read(sink.arg, 4, false);
            let register = self.place(&mut seen, key)?;
            let state =
                SinkState::new(sink, register, self.columns, segments, &mut self.own, &mut self.shared);
            self.sinks.push(state);
        }
        Some(())
    }

    /// The loop of an instruction. If there is none for this combination of scalars, some are spread over the tile
    /// before it.
    fn instruction(
        &mut self,
        op: TileOp,
        seen: &mut Vec<Key>,
        at: &mut [u8; ARITY + 1],
        mut scalars: Scalars,
        row: bool,
    ) -> Option<Instruction> {
        for i in 0..ARITY {
            if let Some(run) = op.instruction(self.isa, scalars) {
                return Some(run);
            }
            if std::mem::take(&mut scalars[i]) {
                let to = self.place(seen, Key::Spread(at[i + 1]))?;
                let run = TileOp::Copy.instruction(self.isa, [true; ARITY])?;
                self.code.push(Code { run, at: [to, at[i + 1], 0, 0, 0, 0], row });
                at[i + 1] = to;
            }
        }
        op.instruction(self.isa, scalars)
    }

    /// How an argument is found, and whether it is one number for the whole tile.
    fn read(&self, arg: Arg, bytes: usize, over_rows: bool) -> (Key, bool) {
        let single = self.tile_rows == 1;
        match arg {
            Arg::Register(r) => (Key::Register(r), false),
            Arg::Row(r) if over_rows => (Key::Row(r), false),
            Arg::Row(r) if single => (Key::Row(r), true),
            Arg::Row(r) => (Key::Expanded(r), false),
            Arg::Full(s) => (Key::Full(s, bytes), false),
            Arg::PerColumn(s) => (Key::PerColumn(s), false),
            Arg::PerRow(s) if over_rows => (Key::PerRow(s, false), false),
            Arg::PerRow(s) if single => (Key::PerRow(s, false), true),
            Arg::PerRow(s) => (Key::PerRow(s, true), false),
            Arg::Scalar(s) => (Key::Scalar(s), true),
            Arg::Number(x) => (Key::Number(x.to_bits()), true),
        }
    }

    /// The index of a pointer in the table, made if new.
    fn place(&mut self, seen: &mut Vec<Key>, key: Key) -> Option<u8> {
        if let Some(i) = seen.iter().position(|k| *k == key) {
            return Some(i as u8);
        }
        if self.places.len() == LIMIT {
            return None;
        }
        let tile = self.tile_rows * self.tile_columns;
        let place = match key {
            Key::Register(_) | Key::Expanded(_) | Key::Spread(_) => Place::Scratch(self.take(tile)),
            Key::Row(_) => Place::Scratch(self.take(self.tile_rows)),
            Key::Full(slot, bytes) => Place::Full(slot, bytes),
            Key::PerColumn(slot) if self.tile_rows == 1 => Place::Columns(slot),
            Key::PerColumn(slot) => {
                let at = self.take(tile);
                self.replicated.push((slot, at));
                Place::Scratch(at)
            }
            Key::PerRow(slot, false) => Place::Rows(slot),
            Key::PerRow(slot, true) => Place::Expanded(slot, self.take(tile)),
            Key::Scalar(slot) => Place::Scalar(slot),
            Key::Number(bits) => {
                self.numbers.push(f32::from_bits(bits));
                Place::Number(self.numbers.len() - 1)
            }
        };
        self.places.push(place);
        seen.push(key);
        Some(self.places.len() as u8 - 1)
    }

    fn take(&mut self, floats: usize) -> usize {
        let at = self.own;
        self.own += floats.next_multiple_of(16);
        at
    }

    /// Floats of scratch memory of each thread, a multiple of 16.
    pub fn own_len(&self) -> usize {
        self.own
    }

    /// Floats of scratch memory that threads share.
    pub fn shared_len(&self) -> usize {
        self.shared
    }

    /// Rows of the loop as it runs.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Elements of the space.
    pub fn size(&self) -> usize {
        self.rows * self.columns
    }

    /// Whether the space is one long row; parts of it are then columns.
    pub fn is_flat(&self) -> bool {
        self.rows == 1
    }

    /// What is shared out among threads: rows, or the columns of a flat space.
    pub fn length(&self) -> usize {
        if self.is_flat() { self.columns } else { self.rows }
    }

    /// Threads' shares begin at multiples of this.
    pub fn unit(&self) -> usize {
        match self.segment {
            usize::MAX if self.is_flat() => TILE,
            usize::MAX => 1,
            segment => segment,
        }
    }

    /// Runs the whole loop.
    ///
    /// # Safety
    /// `slots` hold, where the program refers to them, memory of the sizes it implies; scratch memory has the lengths
    /// that the loop asks for, is aligned to 64 bytes, and used by nobody else meanwhile.
    pub unsafe fn run(&self, slots: &[*mut u8], scratch: Scratch) {
        // SAFETY: the caller's contract.
        unsafe {
            self.begin(slots, scratch);
            self.run_part(slots, scratch, 0..self.length());
            self.finish(slots, scratch);
        }
    }

    /// Prepares a thread's scratch memory: before its first part.
    ///
    /// # Safety
    /// As [`TileLoop::run`].
    pub unsafe fn begin(&self, slots: &[*mut u8], scratch: Scratch) {
        let table = scratch.own.cast::<*mut u8>();
        for (i, place) in self.places.iter().enumerate() {
            // SAFETY: the table lies at the beginning of a thread's scratch memory, registers behind it.
            unsafe {
                *table.add(i) = match *place {
                    Place::Scratch(at) | Place::Expanded(_, at) => scratch.own.add(at).cast(),
                    Place::Scalar(slot) => slots[usize::from(slot)],
                    Place::Number(i) => self.numbers.as_ptr().add(i).cast_mut().cast(),
                    Place::Full(..) | Place::Columns(_) | Place::Rows(_) => continue,
                };
            }
        }
        for (slot, at) in &self.replicated {
            let from = slots[usize::from(*slot)].cast::<f32>();
            for r in 0..self.tile_rows.min(self.rows) {
                // SAFETY: tile_rows · columns floats fit a tile; the operand has `columns` floats.
                unsafe {
                    scratch.own.add(at + r * self.columns).copy_from_nonoverlapping(from, self.columns)
                };
            }
        }
    }

    /// Runs a part of the rows (of the columns, in a flat space). All of a segment's parts come in order on one
    /// thread, and begin at multiples of 32 rows or of a tile.
    ///
    /// # Safety
    /// As [`TileLoop::run`], after [`TileLoop::begin`].
    pub unsafe fn run_part(&self, slots: &[*mut u8], scratch: Scratch, part: Range<usize>) {
        let mut at = part.start;
        while at < part.end {
            let segment = at / self.segment;
            let last = self.length().min((segment + 1).saturating_mul(self.segment));
            let end = part.end.min(last);
            // SAFETY: the caller's contract.
            unsafe {
                if at == segment * self.segment {
                    self.sinks.iter().for_each(|s| s.begin(scratch, segment));
                }
                if self.is_flat() {
                    self.tiles(slots, scratch, segment, 0..self.rows, at..end);
                } else {
                    self.tiles(slots, scratch, segment, at..end, 0..self.columns);
                }
                if end == last {
                    self.sinks.iter().for_each(|s| s.end(scratch, segment, end));
                }
            }
            at = end;
        }
    }

    /// Runs the program over some columns of some rows.
    unsafe fn tiles(
        &self,
        slots: &[*mut u8],
        scratch: Scratch,
        segment: usize,
        part: Range<usize>,
        columns: Range<usize>,
    ) {
        let table = scratch.own.cast::<*mut u8>();
        for row in part.clone().step_by(self.tile_rows) {
            let rows = self.tile_rows.min(part.end - row);
            for column in columns.clone().step_by(self.tile_columns.max(1)) {
                let width = self.tile_columns.min(columns.end - column);
                // SAFETY: rows and columns lie within the space, so every pointer lies within its operand.
                unsafe {
                    self.point(table, slots, row, rows, column);
                    for code in &self.code {
                        let (rows, width) = if code.row { (1, rows) } else { (rows, width) };
                        (code.run)(table, &code.at, rows, width);
                    }
                    for sink in &self.sinks {
                        let x = (*table.add(usize::from(sink.register))).cast();
                        sink.take(self.isa, x, slots, scratch, segment, row, rows, column, width);
                    }
                }
            }
        }
    }

    /// Writes the results of the reductions: after all parts.
    ///
    /// # Safety
    /// As [`TileLoop::run`], after all rows.
    pub unsafe fn finish(&self, slots: &[*mut u8], scratch: Scratch) {
        for sink in &self.sinks {
            // SAFETY: the sink's part of scratch and its slot.
            unsafe {
                if self.length() == 0 {
                    sink.begin(scratch, 0);
                }
                sink.finish(slots, scratch);
            }
        }
    }

    /// Sets the pointers that move with the tile.
    #[inline(always)]
    unsafe fn point(&self, table: *mut *mut u8, slots: &[*mut u8], row: usize, rows: usize, column: usize) {
        for (i, place) in self.places.iter().enumerate() {
            // SAFETY: offsets stay within the operands by the contract of `run`.
            unsafe {
                *table.add(i) = match *place {
                    Place::Full(slot, bytes) => {
                        slots[usize::from(slot)].add((row * self.columns + column) * bytes)
                    }
                    Place::Columns(slot) => slots[usize::from(slot)].add(column * 4),
                    Place::Rows(slot) => slots[usize::from(slot)].add(row * 4),
                    Place::Expanded(slot, _) => {
                        let (from, to) = (slots[usize::from(slot)].cast::<f32>().add(row), *table.add(i));
                        for r in 0..rows {
                            let line = to.cast::<f32>().add(r * self.columns);
                            std::slice::from_raw_parts_mut(line, self.columns).fill(*from.add(r));
                        }
                        to
                    }
                    Place::Scratch(_) | Place::Scalar(_) | Place::Number(_) => continue,
                };
            }
        }
    }
}
