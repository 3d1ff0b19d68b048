//! From a graph to steps: groups, their order, memory, and a kernel for each.

use super::Spot;
use super::access::{count, root};
use super::group::{Group, Groups, Head, Home, group};
use super::loops::{self, Surroundings};
use super::memory::{Want, assign};
use super::products;
use super::schedule::{Schedule, members, reads, schedule};
use super::step::{Kernel, Place, Product, Step};
use crate::buffer::{ALIGN, data_pointer};
use crate::kernels::gemm::Gemm;
use crate::kernels::strided::StridedCopy;
use crate::kernels::tile::TileLoop;
use crate::simd::Isa;
use addax_core::graph::Node;
use addax_core::ops::Op;
use addax_core::{DType, Error, Graph, NodeId, Result, ValueId, strides};
use std::collections::HashMap;

/// All that a plan is made of.
pub(super) struct Lowered {
    pub steps: Vec<Step>,
    pub spots: Vec<Spot>,
    pub constants: Vec<u8>,
    pub arena_bytes: usize,
}

/// Lowers a graph whose first `states` parameters are states.
pub(super) fn lower(graph: &Graph, states: usize) -> Result<Lowered> {
    let groups = group(graph);
    let schedule = schedule(graph, &groups, states);
    let mut layout = Layout::new(graph, &groups, &schedule, states)?;
    let uses = graph.uses();
    let lowering = Lowering { graph, groups: &groups, uses: &uses, isa: Isa::best() };
    let mut steps = layout.early_copies();
    for g in &schedule.order {
        let mut made = lowering.group(*g, &mut layout)?;
        steps.append(&mut made);
    }
    steps.extend(layout.late_copies());
    Ok(Lowered { steps, spots: layout.spots, constants: layout.constants, arena_bytes: layout.arena_bytes })
}

/// The slot of each value that has memory.
pub(super) struct Layout {
    slots: HashMap<ValueId, u16>,
    spots: Vec<Spot>,
    constants: Vec<u8>,
    arena_bytes: usize,
    /// New states that take the memory of old ones.
    overwrites: HashMap<ValueId, ValueId>,
    /// Memory for the raw result of a product whose loop keeps none of it.
    raw: HashMap<NodeId, u16>,
    early: Vec<(u16, u16, usize)>,
    late: Vec<(u16, u16, usize)>,
}

impl Layout {
    fn new(graph: &Graph, groups: &Groups, schedule: &Schedule, states: usize) -> Result<Layout> {
        let mut this = Layout {
            slots: HashMap::new(),
            spots: Vec::new(),
            constants: Vec::new(),
            arena_bytes: 0,
            overwrites: HashMap::new(),
            raw: HashMap::new(),
            early: Vec::new(),
            late: Vec::new(),
        };
        for (i, p) in graph.parameters().iter().enumerate() {
            let spot = if i < states { Spot::State(i) } else { Spot::Input(i - states) };
            let slot = this.slot(spot);
            this.slots.insert(*p, slot);
        }
        this.place_constants(graph)?;
        for (i, in_place) in schedule.in_place.iter().enumerate().filter(|(_, p)| **p) {
            debug_assert!(in_place);
            let (old, new) = (graph.parameters()[i], root(graph, graph.outputs[i]));
            this.overwrites.insert(new, old);
            this.slots.insert(new, this.slots[&old]);
        }
        let mut wants: Vec<(Owner, Want)> = Vec::new();
        let end = schedule.order.len() + 1;
        let last_copy = this.place_outputs(graph, states, end, &mut wants);
        this.place_values(graph, groups, schedule, &last_copy, &mut wants);
        let (offsets, total) = assign(&wants.iter().map(|w| w.1).collect::<Vec<_>>());
        this.arena_bytes = total;
        for ((owner, _), offset) in wants.iter().zip(offsets) {
            let slot = this.slot(Spot::Arena(offset));
            match owner {
                Owner::Value(v) => drop(this.slots.insert(*v, slot)),
                Owner::Raw(id) => drop(this.raw.insert(*id, slot)),
                Owner::Saved(from, to, bytes) => {
                    this.early.push((*from, slot, *bytes));
                    this.late.push((slot, *to, *bytes));
                }
            }
        }
        this.finish_copies(graph, states);
        Ok(this)
    }

    fn slot(&mut self, spot: Spot) -> u16 {
        self.spots.push(spot);
        (self.spots.len() - 1) as u16
    }

    fn place_constants(&mut self, graph: &Graph) -> Result<()> {
        for node in graph.nodes() {
            let value = match &node.op {
                Op::Constant(c) => c.value.clone(),
                Op::Iota(_) => node.op.eval(&[])?.remove(0),
                _ => continue,
            };
            let at = self.constants.len().next_multiple_of(ALIGN);
            let bytes = value.len() * value.dtype().size();
            self.constants.resize(at, 0);
            // SAFETY: the value's vector holds that many bytes of plain numbers.
            self.constants
                .extend_from_slice(unsafe { std::slice::from_raw_parts(data_pointer(value.data()), bytes) });
            let slot = self.slot(Spot::Constant(at));
            self.slots.insert(node.output(), slot);
        }
        if self.spots.len() > usize::from(u16::MAX / 2) {
            return Err(Error::unsupported("a graph with more than 32,000 parameters and constants"));
        }
        Ok(())
    }

    /// Gives outputs their memory where the value can be made there; says which values are copied at the end.
    fn place_outputs(
        &mut self,
        graph: &Graph,
        states: usize,
        end: usize,
        wants: &mut Vec<(Owner, Want)>,
    ) -> Vec<ValueId> {
        let mut copied = Vec::new();
        for (i, out) in graph.outputs.iter().enumerate() {
            let v = root(graph, *out);
            let made = !matches!(graph.producer(v).op, Op::Parameter(_) | Op::Constant(_) | Op::Iota(_));
            if i < states {
                let old = graph.parameters()[i];
                let moved = v != old && matches!(graph.producer(v).op, Op::Parameter(_));
                if moved {
                    // Another parameter's old value: saved before anything overwrites it.
                    let bytes = graph.ty(v).bytes().unwrap_or(0);
                    let saved = Owner::Saved(self.slots[&v], self.slots[&old], bytes);
                    wants.push((saved, Want { bytes, first: 0, last: end }));
                } else if self.overwrites.get(&v) != Some(&old) && v != old {
                    copied.push(v);
                }
            } else if made && !self.slots.contains_key(&v) {
                let slot = self.slot(Spot::Output(i - states));
                self.slots.insert(v, slot);
            } else if made {
                copied.push(v);
            }
        }
        copied
    }

    fn place_values(
        &mut self,
        graph: &Graph,
        groups: &Groups,
        schedule: &Schedule,
        copied: &[ValueId],
        wants: &mut Vec<(Owner, Want)>,
    ) {
        let mut position = vec![0; groups.list.len()];
        schedule.order.iter().enumerate().for_each(|(i, g)| position[*g] = i + 1);
        let end = schedule.order.len() + 1;
        let mut last: HashMap<ValueId, usize> = copied.iter().map(|v| (*v, end)).collect();
        for (g, group) in groups.list.iter().enumerate() {
            for id in members(group) {
                for (v, _) in reads(graph, &groups.home, graph.node(id)) {
                    let outside = groups.home[v.index()] != Home::Inside(g);
                    if outside {
                        let at = last.entry(v).or_insert(0);
                        *at = (*at).max(position[g]);
                    }
                }
            }
        }
        for (g, group) in groups.list.iter().enumerate() {
            for id in members(group) {
                let node = graph.node(id);
                for v in node.outputs() {
                    let inside = groups.home[v.index()] == Home::Inside(g);
                    let unread = inside && !last.contains_key(&v);
                    if self.slots.contains_key(&v) || unread {
                        continue;
                    }
                    let bytes = graph.ty(v).bytes().unwrap_or(0);
                    let last = last.get(&v).copied().unwrap_or(position[g]);
                    wants.push((Owner::Value(v), Want { bytes, first: position[g], last }));
                }
            }
            self.place_raw(graph, g, group, position[g], &last, wants);
        }
    }

    /// A product's raw result lies where the loop stores a value of the same size after its last reading of it.
    fn place_raw(
        &mut self,
        graph: &Graph,
        _g: usize,
        group: &Group,
        position: usize,
        last: &HashMap<ValueId, usize>,
        wants: &mut Vec<(Owner, Want)>,
    ) {
        let Head::Open(head) = group.head else { return };
        let raw = graph.node(head).output();
        if self.slots.contains_key(&raw) || last.contains_key(&raw) {
            return;
        }
        let bytes = graph.ty(raw).bytes().unwrap_or(0);
        wants.push((Owner::Raw(head), Want { bytes, first: position, last: position }));
    }

    /// Copies that bring outputs and states to their places.
    fn finish_copies(&mut self, graph: &Graph, states: usize) {
        let mut claimed: HashMap<ValueId, ()> = HashMap::new();
        for (i, out) in graph.outputs.iter().enumerate() {
            let v = root(graph, *out);
            let bytes = graph.ty(v).bytes().unwrap_or(0);
            let from = self.slots[&v];
            let fixed = matches!(graph.producer(v).op, Op::Parameter(_) | Op::Constant(_) | Op::Iota(_));
            if i < states {
                let old = graph.parameters()[i];
                let to = self.slots[&old];
                let moved = matches!(graph.producer(v).op, Op::Parameter(_));
                if from != to && !moved {
                    self.late.push((from, to, bytes));
                }
            } else if self.spots[usize::from(from)] == Spot::Output(i - states) {
                claimed.insert(v, ());
            } else {
                let to = self.slot(Spot::Output(i - states));
                // Old states must be read before they are overwritten.
                if fixed { self.early.push((from, to, bytes)) } else { self.late.push((from, to, bytes)) }
            }
        }
    }

    fn early_copies(&self) -> Vec<Step> {
        self.early.iter().map(copy_step).collect()
    }

    fn late_copies(&self) -> Vec<Step> {
        self.late.iter().map(copy_step).collect()
    }
}

fn copy_step(&(from, to, bytes): &(u16, u16, usize)) -> Step {
    let kernel = Kernel::Bytes { from: from.into(), to: to.into(), bytes };
    Step { kernel, name: "copy".into(), scope: String::new(), flops: 0 }
}

/// Who wants a piece of the arena.
enum Owner {
    Value(ValueId),
    Raw(NodeId),
    /// Bytes saved from one slot before the steps, for another after them.
    Saved(u16, u16, usize),
}

pub(super) struct Lowering<'a> {
    pub(super) graph: &'a Graph,
    groups: &'a Groups,
    uses: &'a [u32],
    pub(super) isa: Isa,
}

impl Lowering<'_> {
    fn group(&self, g: usize, layout: &mut Layout) -> Result<Vec<Step>> {
        let group = &self.groups.list[g];
        match group.head {
            Head::Loop => Ok(vec![self.step(self.loop_of(g, layout, None)?, group)]),
            Head::Open(id) => Ok(vec![self.open(id, g, layout)?]),
            Head::Closed(id) => Ok(vec![self.closed(self.graph.node(id), layout)?]),
        }
    }

    fn loop_of(&self, g: usize, layout: &Layout, head: Option<(ValueId, u16)>) -> Result<Kernel> {
        self.tile_loop(g, layout, head).map(Kernel::Loop)
    }

    fn tile_loop(&self, g: usize, layout: &Layout, head: Option<(ValueId, u16)>) -> Result<TileLoop> {
        let group = &self.groups.list[g];
        let surroundings = Surroundings {
            graph: self.graph,
            home: &self.groups.home,
            row: &self.groups.row,
            uses: self.uses,
            slot: &|v| layout.slots.get(&v).copied(),
            stored: &|v| layout.slots.contains_key(&v),
            overwrites: &|v| layout.overwrites.get(&v).copied(),
        };
        let fail =
            || Error::value("a fused loop could not be written").hint("This is a mistake of the planner.");
        let spec = loops::write(&surroundings, group, head).ok_or_else(fail)?;
        TileLoop::new(&spec, self.isa).ok_or_else(fail)
    }

    fn open(&self, id: NodeId, g: usize, layout: &mut Layout) -> Result<Step> {
        let (group, node) = (&self.groups.list[g], self.graph.node(id));
        let out = node.output();
        let c = layout.slots.get(&out).or(layout.raw.get(&id)).copied();
        let c = c.ok_or_else(|| Error::value("a product has no memory"))?;
        let product =
            products::product(self.graph, node).ok_or_else(|| Error::value("a product without strides"))?;
        let epilogue =
            if loops::has_loop(group) { Some(self.tile_loop(g, layout, Some((out, c)))?) } else { None };
        Ok(self.step(self.product(&product, node, layout, c, epilogue)?, group))
    }

    fn product(
        &self,
        p: &products::Product,
        node: &Node,
        layout: &Layout,
        c: u16,
        epilogue: Option<TileLoop>,
    ) -> Result<Kernel> {
        let slot = |v: ValueId| self.memory(v, layout);
        let (a, b) = ((p.lhs[0] as isize, p.lhs[1] as isize), (p.rhs[0] as isize, p.rhs[1] as isize));
        let gemm = Gemm::new([p.m, p.n, p.k], a, b, p.n, false, self.isa);
        let slots = [slot(node.inputs[0])?, slot(node.inputs[1])?, c.into()];
        Ok(Kernel::Product(Box::new(Product { gemm, slots, batch: p.batch.clone(), epilogue })))
    }

    pub(super) fn memory(&self, v: ValueId, layout: &Layout) -> Result<usize> {
        let found = layout.slots.get(&root(self.graph, v)).copied().map(usize::from);
        found.ok_or_else(|| Error::value(format!("{v:?} has no memory")))
    }

    /// A node of its own.
    fn closed(&self, node: &Node, layout: &Layout) -> Result<Step> {
        let out = node.output();
        let dtype = |v: ValueId| self.graph.ty(v).dtype;
        let kernel = match &node.op {
            Op::Unary(_) | Op::Binary(_) | Op::Compare(_) | Op::Select(_) | Op::Convert(_) => {
                let mut inputs = [(0, 0); 3];
                for (i, v) in node.inputs.iter().enumerate() {
                    inputs[i] = (self.memory(*v, layout)?, 1);
                }
                let (op, n) = (node.op.clone(), count(self.graph, out));
                Kernel::Typed {
                    op,
                    dtype: dtype(node.inputs[0]),
                    n,
                    inputs,
                    to: self.memory(out, layout)?,
                    to_dtype: dtype(out),
                }
            }
            Op::BroadcastInDim(b) => {
                let (from, to) = (self.shape(node.inputs[0])?, self.shape(out)?);
                let mut steps = vec![0isize; to.len()];
                for (i, (a, s)) in b.axes.iter().zip(strides(&from)).enumerate() {
                    steps[*a] = if from[i] == 1 { 0 } else { s as isize };
                }
                self.strided(&to, &steps, 0, node, layout)?
            }
            Op::Transpose(t) => {
                let from = strides(&self.shape(node.inputs[0])?);
                let steps: Vec<isize> = t.permutation.iter().map(|a| from[*a] as isize).collect();
                self.strided(&self.shape(out)?, &steps, 0, node, layout)?
            }
            Op::RandomUniform(_) => {
                let slot = |v: ValueId| self.memory(v, layout);
                let (key, counter) = (slot(node.inputs[0])?, slot(node.inputs[1])?);
                Kernel::Uniform { key, counter, n: count(self.graph, out), to: slot(out)? }
            }
            Op::DotGeneral(_) => match products::product(self.graph, node) {
                Some(p) => self.product(&p, node, layout, self.memory(out, layout)? as u16, None)?,
                None => self.plain(node, layout)?,
            },
            _ => match self.moves(node, layout)?.map_or_else(|| self.picks(node, layout), |k| Ok(Some(k)))? {
                Some(kernel) => kernel,
                None => self.plain(node, layout)?,
            },
        };
        let scope = node.scope.as_deref().unwrap_or_default().to_string();
        let flops = match &kernel {
            Kernel::Conv { conv, .. } => conv.flops(),
            Kernel::Scan(scan) => scan.flops(),
            _ => self.flops(node),
        };
        let name = match &kernel {
            Kernel::Plain { .. } => format!("{} (plain)", node.op.name()),
            Kernel::Scan(scan) => {
                scan.plain().into_iter().fold(node.op.name().to_string(), |s, p| s + ", " + &p)
            }
            _ => node.op.name().to_string(),
        };
        Ok(Step { kernel, name, scope, flops })
    }

    fn strided(
        &self,
        shape: &[usize],
        steps: &[isize],
        offset: isize,
        node: &Node,
        layout: &Layout,
    ) -> Result<Kernel> {
        let copy = StridedCopy::new(shape, steps, offset, self.graph.ty(node.output()).dtype.size());
        Ok(Kernel::Strided {
            copy,
            from: self.memory(node.inputs[0], layout)?,
            to: self.memory(node.output(), layout)?,
        })
    }

    fn plain(&self, node: &Node, layout: &Layout) -> Result<Kernel> {
        let place = |v: ValueId| -> Result<Place> {
            Ok(Place { slot: self.memory(v, layout)?, dtype: self.graph.ty(v).dtype, shape: self.shape(v)? })
        };
        let inputs = node.inputs.iter().map(|v| place(*v)).collect::<Result<Vec<_>>>()?;
        let outputs = node.outputs().map(place).collect::<Result<Vec<_>>>()?;
        Ok(Kernel::Plain { op: node.op.clone(), inputs, outputs })
    }

    pub(super) fn shape(&self, v: ValueId) -> Result<Vec<usize>> {
        self.graph.ty(v).shape.concrete()
    }

    fn flops(&self, node: &Node) -> u64 {
        match products::product(self.graph, node) {
            Some(p) => 2 * (p.count() * p.m * p.n * p.k) as u64,
            None if matches!(node.op, Op::Unary(_) | Op::Binary(_) | Op::Compare(_) | Op::Select(_)) => {
                count(self.graph, node.output()) as u64
            }
            None if matches!(node.op, Op::Reduce(_)) => count(self.graph, node.inputs[0]) as u64,
            None => 0,
        }
    }

    fn step(&self, kernel: Kernel, group: &Group) -> Step {
        let names: Vec<&str> = members(group).map(|id| self.graph.node(id).op.name()).collect();
        let flops = members(group).map(|id| self.flops(self.graph.node(id))).sum();
        let scope = members(group).find_map(|id| self.graph.node(id).scope.clone());
        Step { kernel, name: names.join("+"), scope: scope.as_deref().unwrap_or_default().to_string(), flops }
    }
}

/// What the planner's tables may hold of one element type.
const _: () = assert!(DType::ALL.len() == 10);
