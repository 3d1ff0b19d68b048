//! A group's elementwise nodes as the program of a fused loop.

use super::access::{Access, broadcast_access, root};
use super::chains;
use super::group::{Group, Head, Home, sum_of};
use crate::kernels::tile::{Arg, Line, LoopSpec, Sink, Target, TileOp};
use addax_core::graph::Node;
use addax_core::ops::{Binary, Op};
use addax_core::passes::uniform_constant;
use addax_core::{DType, Graph, NodeId, ValueId};
use std::collections::{HashMap, HashSet};

/// What the loop's writer knows of memory.
pub(super) struct Surroundings<'a> {
    pub graph: &'a Graph,
    pub home: &'a [Home],
    /// By value: whether it has one element per row of its group's space.
    pub row: &'a [bool],
    pub uses: &'a [u32],
    /// The slot of a value that has memory.
    pub slot: &'a dyn Fn(ValueId) -> Option<u16>,
    /// Whether a value of the group is needed in memory.
    pub stored: &'a dyn Fn(ValueId) -> bool,
    /// The old state whose memory a new state takes.
    pub overwrites: &'a dyn Fn(ValueId) -> Option<ValueId>,
}

/// Writes the loop of a group; `head` is the slot in which the head's result lies.
pub(super) fn write(s: &Surroundings, group: &Group, head: Option<(ValueId, u16)>) -> Option<LoopSpec> {
    let absorbed = absorbed_products(s, group);
    let mut writer =
        Writer { s, head, known: HashMap::new(), lines: Vec::new(), late: Vec::new(), next: 0, next_row: 0 };
    for (i, id) in group.body.iter().enumerate() {
        if !absorbed.contains(id) {
            writer.node(*id, &group.body[i + 1..], &absorbed)?;
        }
    }
    let mut sinks = Vec::new();
    for (id, fold, over) in &group.sinks {
        let node = s.graph.node(*id);
        let arg = writer.array(node.inputs[0])?;
        sinks.push(Sink { arg, slot: (s.slot)(node.output())?, fold: *fold, over: *over });
    }
    let late = std::mem::take(&mut writer.late);
    writer.lines.extend(late);
    let columns = group.columns.unwrap_or(group.size).max(1);
    let mut spec = LoopSpec { rows: group.size / columns, columns, lines: writer.lines, sinks };
    chains::join(&mut spec);
    reuse_registers(&mut spec, &FULL);
    reuse_registers(&mut spec, &ROW);
    Some(spec)
}

struct Writer<'a> {
    s: &'a Surroundings<'a>,
    head: Option<(ValueId, u16)>,
    known: HashMap<ValueId, Arg>,
    lines: Vec<Line>,
    /// Stores that must wait until nobody reads what they overwrite.
    late: Vec<Line>,
    next: u8,
    next_row: u8,
}

impl Writer<'_> {
    /// How a value is read, by an instruction over rows alone or over the whole tile.
    fn arg(&mut self, v: ValueId, row: bool) -> Option<Arg> {
        let s = self.s;
        let v = root(s.graph, v);
        if let Some(arg) = self.known.get(&v) {
            return Some(*arg);
        }
        if let Some((head, slot)) = self.head
            && head == v
        {
            return Some(Arg::Full(slot));
        }
        if s.graph.ty(v).dtype == DType::F32
            && let Some(x) = uniform_constant(s.graph, v)
        {
            return Some(Arg::Number(x as f32));
        }
        if s.home[v.index()] == Home::Virtual {
            let (source, access) = broadcast_access(s.graph, v)?;
            let source = root(s.graph, source);
            return Some(match access {
                Access::Full => self.arg(source, row)?,
                Access::Scalar => Arg::Scalar((s.slot)(source)?),
                Access::PerColumn { .. } => Arg::PerColumn((s.slot)(source)?),
                Access::PerRow { .. } => match self.known.get(&source) {
                    Some(Arg::Row(r)) => Arg::Row(*r),
                    _ => Arg::PerRow((s.slot)(source)?),
                },
            });
        }
        let slot = (s.slot)(v)?;
        if row {
            return Some(Arg::PerRow(slot));
        }
        if s.graph.ty(v).dtype == DType::Bool {
            let arg = self.line(TileOp::FromBool, &[Arg::Full(slot)], false)?;
            self.known.insert(v, arg);
            return Some(arg);
        }
        Some(Arg::Full(slot))
    }

    /// A value as something with one element per index in memory.
    fn array(&mut self, v: ValueId) -> Option<Arg> {
        match self.arg(v, false)? {
            arg @ (Arg::Register(_) | Arg::Full(_)) => Some(arg),
            arg => self.line(TileOp::Copy, &[arg], false),
        }
    }

    /// Adds a line with a new register as target.
    fn line(&mut self, op: TileOp, args: &[Arg], row: bool) -> Option<Arg> {
        let next = if row { &mut self.next_row } else { &mut self.next };
        let register = *next;
        *next = next.checked_add(1)?;
        let (target, arg) = if row {
            (Target::Row(register), Arg::Row(register))
        } else {
            (Target::Register(register), Arg::Register(register))
        };
        self.lines.push(Line::new(op, target, args));
        Some(arg)
    }

    fn node(&mut self, id: NodeId, later: &[NodeId], absorbed: &HashSet<NodeId>) -> Option<()> {
        let s = self.s;
        let node = s.graph.node(id);
        let out = node.output();
        let row = s.row[out.index()];
        let (op, args) = self.instruction(node, absorbed, row)?;
        let stored = (s.stored)(out);
        if op == TileOp::Copy && !stored && matches!(args[0], Arg::Register(_) | Arg::Row(_)) {
            self.known.insert(out, args[0]);
            return Some(());
        }
        let float = s.graph.ty(out).dtype == DType::F32;
        let old = (s.overwrites)(out);
        // A product that a later sum takes up reads its factors there.
        let clear = old.is_none_or(|old| !later.iter().chain(absorbed).any(|id| self.reads(*id, old)));
        if stored && float && clear && !row {
            let slot = (s.slot)(out)?;
            self.lines.push(Line::new(op, Target::Full(slot), &args));
            self.known.insert(out, Arg::Full(slot));
            return Some(());
        }
        let arg = self.line(op, &args, row)?;
        self.known.insert(out, arg);
        if stored {
            let slot = (s.slot)(out)?;
            let store = if float { TileOp::Copy } else { TileOp::ToBool };
            let target = if row { Target::PerRow(slot) } else { Target::Full(slot) };
            self.late.push(Line::new(store, target, &[arg]));
        }
        Some(())
    }

    fn reads(&self, id: NodeId, v: ValueId) -> bool {
        super::schedule::reads(self.s.graph, self.s.home, self.s.graph.node(id)).iter().any(|(r, _)| *r == v)
    }

    fn instruction(
        &mut self,
        node: &Node,
        absorbed: &HashSet<NodeId>,
        row: bool,
    ) -> Option<(TileOp, Vec<Arg>)> {
        let s = self.s;
        let product = |v: ValueId| {
            let id = s.graph.producer_id(v);
            absorbed.contains(&id).then(|| s.graph.node(id).inputs.clone())
        };
        let x = &node.inputs;
        if let Op::Reduce(_) = node.op {
            let (fold, _, _) = sum_of(s.graph, node)?;
            return Some((TileOp::RowFold(fold), vec![self.array(x[0])?]));
        }
        let (op, inputs) = match &node.op {
            Op::Binary(Binary::Add) if product(x[0]).is_some() => {
                let p = product(x[0])?;
                (TileOp::Fma, vec![p[0], p[1], x[1]])
            }
            Op::Binary(Binary::Add) if product(x[1]).is_some() => {
                let p = product(x[1])?;
                (TileOp::Fma, vec![p[0], p[1], x[0]])
            }
            Op::Binary(Binary::Subtract) if product(x[1]).is_some() => {
                let p = product(x[1])?;
                (TileOp::NegatedFma, vec![p[0], p[1], x[0]])
            }
            Op::Unary(op) => (TileOp::Unary(*op), x.clone()),
            Op::Binary(op) => (TileOp::Binary(*op), x.clone()),
            Op::Compare(c) => (TileOp::Compare(c.direction), x.clone()),
            Op::Select(_) => (TileOp::Select, x.clone()),
            Op::Convert(_)
                if s.graph.ty(node.output()).dtype == DType::Bool
                    && s.graph.ty(x[0]).dtype != DType::Bool =>
            {
                (TileOp::NotZero, x.clone())
            }
            Op::Convert(_) => (TileOp::Copy, x.clone()),
            _ => return None,
        };
        let mut args = inputs.iter().map(|v| self.arg(*v, row)).collect::<Option<Vec<_>>>()?;
        // Instructions of three want an array first; a product's factors may change places.
        if matches!(op, TileOp::Fma | TileOp::NegatedFma)
            && matches!(args[0], Arg::Number(_) | Arg::Scalar(_) | Arg::PerRow(_) | Arg::Row(_))
        {
            args.swap(0, 1);
        }
        Some((op, args))
    }
}

/// Products that one sum of the same group alone reads: they become fused multiply-adds.
fn absorbed_products(s: &Surroundings, group: &Group) -> HashSet<NodeId> {
    let inside: HashSet<NodeId> = group.body.iter().copied().collect();
    let scalar = |v: &ValueId| {
        uniform_constant(s.graph, *v).is_some()
            || broadcast_access(s.graph, *v)
                .is_some_and(|(_, a)| matches!(a, Access::Scalar | Access::PerRow { .. }))
    };
    let single = |v: ValueId| {
        let id = s.graph.producer_id(v);
        let node = s.graph.node(id);
        let product = matches!(node.op, Op::Binary(Binary::Multiply)) && inside.contains(&id);
        product && s.uses[v.index()] == 1 && !(s.stored)(v) && !node.inputs.iter().all(scalar)
    };
    let mut absorbed = HashSet::new();
    for id in &group.body {
        let node = s.graph.node(*id);
        let candidates = match node.op {
            Op::Binary(Binary::Add) => vec![node.inputs[0], node.inputs[1]],
            Op::Binary(Binary::Subtract) => vec![node.inputs[1]],
            _ => continue,
        };
        if let Some(v) = candidates.into_iter().find(|v| single(*v)) {
            absorbed.insert(s.graph.producer_id(v));
        }
    }
    absorbed
}

/// A kind of registers: how arguments and targets name one, and how to name it.
struct Kind {
    read: fn(Arg) -> Option<u8>,
    written: fn(Target) -> Option<u8>,
    arg: fn(u8) -> Arg,
    target: fn(u8) -> Target,
}

macro_rules! kind {
    ($name:ident, $variant:ident) => {
        const $name: Kind = Kind {
            read: |a| if let Arg::$variant(r) = a { Some(r) } else { None },
            written: |t| if let Target::$variant(r) = t { Some(r) } else { None },
            arg: Arg::$variant,
            target: Target::$variant,
        };
    };
}

kind!(FULL, Register);
kind!(ROW, Row);

/// Gives registers anew, so that one whose value is no longer read serves again: fewer tiles to keep in cache.
fn reuse_registers(spec: &mut LoopSpec, kind: &Kind) {
    let mut last: HashMap<u8, usize> = HashMap::new();
    for (i, line) in spec.lines.iter().enumerate() {
        last.extend(line.args.iter().filter_map(|a| (kind.read)(*a)).map(|r| (r, i)));
    }
    last.extend(spec.sinks.iter().filter_map(|s| (kind.read)(s.arg)).map(|r| (r, usize::MAX)));
    let (mut map, mut free, mut count): (HashMap<u8, u8>, Vec<u8>, u8) = (HashMap::new(), Vec::new(), 0);
    for (i, line) in spec.lines.iter_mut().enumerate() {
        let mut ended = Vec::new();
        for arg in &mut line.args {
            if let Some(r) = (kind.read)(*arg) {
                if last.get(&r) == Some(&i) && !ended.contains(&r) {
                    ended.push(r);
                }
                *arg = (kind.arg)(map.get(&r).copied().unwrap_or(r));
            }
        }
        free.extend(ended.iter().filter_map(|r| map.get(r)));
        if let Some(r) = (kind.written)(line.target) {
            let new = free.pop().unwrap_or_else(|| {
                count += 1;
                count - 1
            });
            map.insert(r, new);
            line.target = (kind.target)(new);
        }
    }
    for sink in &mut spec.sinks {
        if let Some(r) = (kind.read)(sink.arg) {
            sink.arg = (kind.arg)(map.get(&r).copied().unwrap_or(r));
        }
    }
}

/// Whether a group has anything for a loop to do.
pub(super) fn has_loop(group: &Group) -> bool {
    matches!(group.head, Head::Loop) || !group.body.is_empty() || !group.sinks.is_empty()
}
