//! A group's elementwise nodes as the program of a fused loop.

use super::access::{Access, broadcast_access, root};
use super::group::{Group, Head, Home};
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
    let mut writer = Writer { s, head, known: HashMap::new(), lines: Vec::new(), late: Vec::new(), next: 0 };
    for (i, id) in group.body.iter().enumerate() {
        if !absorbed.contains(id) {
            writer.node(*id, &group.body[i + 1..], &absorbed)?;
        }
    }
    let mut sinks = Vec::new();
    for (id, fold, over) in &group.sinks {
        let node = s.graph.node(*id);
        let mut arg = writer.arg(node.inputs[0])?;
        if !matches!(arg, Arg::Register(_) | Arg::Full(_)) {
            arg = writer.line(TileOp::Copy, [arg, NONE, NONE])?;
        }
        sinks.push(Sink { arg, slot: (s.slot)(node.output())?, fold: *fold, over: *over });
    }
    let late = std::mem::take(&mut writer.late);
    writer.lines.extend(late);
    let columns = group.columns.unwrap_or(group.size).max(1);
    let mut spec = LoopSpec { rows: group.size / columns, columns, lines: writer.lines, sinks };
    reuse_registers(&mut spec);
    Some(spec)
}

const NONE: Arg = Arg::Number(0.0);

struct Writer<'a> {
    s: &'a Surroundings<'a>,
    head: Option<(ValueId, u16)>,
    known: HashMap<ValueId, Arg>,
    lines: Vec<Line>,
    /// Stores that must wait until nobody reads what they overwrite.
    late: Vec<Line>,
    next: u8,
}

impl Writer<'_> {
    /// How a value is read.
    fn arg(&mut self, v: ValueId) -> Option<Arg> {
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
                Access::Full => self.arg(source)?,
                Access::Scalar => Arg::Scalar((s.slot)(source)?),
                Access::PerColumn { .. } => Arg::PerColumn((s.slot)(source)?),
                Access::PerRow { .. } => Arg::PerRow((s.slot)(source)?),
            });
        }
        let slot = (s.slot)(v)?;
        if s.graph.ty(v).dtype == DType::Bool {
            let arg = self.line(TileOp::FromBool, [Arg::Full(slot), NONE, NONE])?;
            self.known.insert(v, arg);
            return Some(arg);
        }
        Some(Arg::Full(slot))
    }

    /// Adds a line with a new register as target.
    fn line(&mut self, op: TileOp, args: [Arg; 3]) -> Option<Arg> {
        let register = self.next;
        self.next = self.next.checked_add(1)?;
        self.lines.push(Line { op, target: Target::Register(register), args });
        Some(Arg::Register(register))
    }

    fn node(&mut self, id: NodeId, later: &[NodeId], absorbed: &HashSet<NodeId>) -> Option<()> {
        let s = self.s;
        let node = s.graph.node(id);
        let out = node.output();
        let (op, args) = self.instruction(node, absorbed)?;
        let args = orient(op, args);
        let stored = (s.stored)(out);
        if op == TileOp::Copy && !stored && matches!(args[0], Arg::Register(_)) {
            self.known.insert(out, args[0]);
            return Some(());
        }
        if !stored {
            let arg = self.line(op, args)?;
            self.known.insert(out, arg);
            return Some(());
        }
        let slot = (s.slot)(out)?;
        let float = s.graph.ty(out).dtype == DType::F32;
        let old = (s.overwrites)(out);
        let clear = old.is_none_or(|old| !later.iter().any(|id| self.reads(*id, old)));
        if float && clear {
            self.lines.push(Line { op, target: Target::Full(slot), args });
            self.known.insert(out, Arg::Full(slot));
            return Some(());
        }
        let arg = self.line(op, args)?;
        self.known.insert(out, arg);
        let store = if float { TileOp::Copy } else { TileOp::ToBool };
        self.late.push(Line { op: store, target: Target::Full(slot), args: [arg, NONE, NONE] });
        Some(())
    }

    fn reads(&self, id: NodeId, v: ValueId) -> bool {
        super::schedule::reads(self.s.graph, self.s.home, self.s.graph.node(id)).iter().any(|(r, _)| *r == v)
    }

    fn instruction(&mut self, node: &Node, absorbed: &HashSet<NodeId>) -> Option<(TileOp, [Arg; 3])> {
        let s = self.s;
        let product = |v: ValueId| {
            let id = s.graph.producer_id(v);
            absorbed.contains(&id).then(|| s.graph.node(id).inputs.clone())
        };
        let x = &node.inputs;
        Some(match &node.op {
            Op::Binary(Binary::Add) if product(x[0]).is_some() => {
                let p = product(x[0])?;
                (TileOp::Fma, [self.arg(p[0])?, self.arg(p[1])?, self.arg(x[1])?])
            }
            Op::Binary(Binary::Add) if product(x[1]).is_some() => {
                let p = product(x[1])?;
                (TileOp::Fma, [self.arg(p[0])?, self.arg(p[1])?, self.arg(x[0])?])
            }
            Op::Binary(Binary::Subtract) if product(x[1]).is_some() => {
                let p = product(x[1])?;
                (TileOp::NegatedFma, [self.arg(p[0])?, self.arg(p[1])?, self.arg(x[0])?])
            }
            Op::Unary(op) => (TileOp::Unary(*op), [self.arg(x[0])?, NONE, NONE]),
            Op::Binary(op) => (TileOp::Binary(*op), [self.arg(x[0])?, self.arg(x[1])?, NONE]),
            Op::Compare(c) => (TileOp::Compare(c.direction), [self.arg(x[0])?, self.arg(x[1])?, NONE]),
            Op::Select(_) => (TileOp::Select, [self.arg(x[0])?, self.arg(x[1])?, self.arg(x[2])?]),
            Op::Convert(_)
                if s.graph.ty(node.output()).dtype == DType::Bool
                    && s.graph.ty(x[0]).dtype != DType::Bool =>
            {
                (TileOp::NotZero, [self.arg(x[0])?, NONE, NONE])
            }
            Op::Convert(_) => (TileOp::Copy, [self.arg(x[0])?, NONE, NONE]),
            _ => return None,
        })
    }
}

/// Three-argument loops want an array first; a product's factors may change places.
fn orient(op: TileOp, args: [Arg; 3]) -> [Arg; 3] {
    let scalar = |a: Arg| matches!(a, Arg::Number(_) | Arg::Scalar(_) | Arg::PerRow(_));
    match op {
        TileOp::Fma | TileOp::NegatedFma if scalar(args[0]) => [args[1], args[0], args[2]],
        _ => args,
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

/// Gives registers anew, so that one whose value is no longer read serves again: fewer tiles to keep in cache.
fn reuse_registers(spec: &mut LoopSpec) {
    let mut last: HashMap<u8, usize> = HashMap::new();
    for (i, line) in spec.lines.iter().enumerate() {
        line.args.iter().for_each(|a| {
            if let Arg::Register(r) = a {
                last.insert(*r, i);
            }
        });
    }
    spec.sinks.iter().for_each(|s| {
        if let Arg::Register(r) = s.arg {
            last.insert(r, usize::MAX);
        }
    });
    let (mut map, mut free, mut count): (HashMap<u8, u8>, Vec<u8>, u8) = (HashMap::new(), Vec::new(), 0);
    for (i, line) in spec.lines.iter_mut().enumerate() {
        let mut ended = Vec::new();
        for arg in &mut line.args {
            if let Arg::Register(r) = arg {
                if last.get(r) == Some(&i) && !ended.contains(r) {
                    ended.push(*r);
                }
                *arg = Arg::Register(map.get(r).copied().unwrap_or(*r));
            }
        }
        free.extend(ended.iter().filter_map(|r| map.get(r)));
        if let Target::Register(r) = line.target {
            let new = free.pop().unwrap_or_else(|| {
                count += 1;
                count - 1
            });
            map.insert(r, new);
            line.target = Target::Register(new);
        }
    }
    for sink in &mut spec.sinks {
        if let Arg::Register(r) = sink.arg {
            sink.arg = Arg::Register(map.get(&r).copied().unwrap_or(r));
        }
    }
}

/// Whether a group has anything for a loop to do.
pub(super) fn has_loop(group: &Group) -> bool {
    matches!(group.head, Head::Loop) || !group.body.is_empty() || !group.sinks.is_empty()
}
