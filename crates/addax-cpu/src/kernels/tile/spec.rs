//! A fused loop as the planner writes it.

use super::instruction::{ARITY, TileOp};
use super::sink::Sink;

/// An argument of an instruction.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Arg {
    /// The result of an earlier instruction.
    Register(u8),
    /// The result of an earlier instruction that has one element per row.
    Row(u8),
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
    /// A register with one element per row: the instruction runs over rows alone.
    Row(u8),
    /// Memory behind a slot, one element per index. The memory may be that of an argument read in full.
    Full(u16),
    /// Memory behind a slot, one element per row.
    PerRow(u16),
}

impl Target {
    /// Whether the instruction runs over rows alone.
    pub fn is_row(self) -> bool {
        matches!(self, Target::Row(_) | Target::PerRow(_))
    }
}

/// One instruction as written by the planner.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Line {
    /// What it does.
    pub op: TileOp,
    /// Where to.
    pub target: Target,
    /// From what; unused arguments are `Number(0.0)`.
    pub args: [Arg; ARITY],
}

impl Line {
    /// A line with its arguments, at most five.
    pub fn new(op: TileOp, target: Target, args: &[Arg]) -> Line {
        let mut all = [Arg::Number(0.0); ARITY];
        all.iter_mut().zip(args).for_each(|(to, arg)| *to = *arg);
        Line { op, target, args: all }
    }
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

impl LoopSpec {
    /// Whether rows are folded on the way, so that a tile must hold whole rows.
    pub fn folds_rows(&self) -> bool {
        self.lines.iter().any(|l| matches!(l.op, TileOp::RowFold(_)))
    }
}
