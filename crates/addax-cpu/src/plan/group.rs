//! Which nodes run together: elementwise chains in one loop, with the product before them and the sums after them.
//!
//! Groups are numbered so that each depends only on lower ones. A node joins a group when all it needs is made there
//! or before, over an index space of the same size and split into rows and columns the same way. Rows may be folded
//! inside a loop; what is computed from such folds has one element per row and joins as well.

use super::access::{Access, broadcast_access, count, fusable, root};
use super::picks::from_zero;
use crate::kernels::tile::{Fold, LIMIT, LONGEST_ROW, Over};
use addax_core::ops::{Op, Reduction};
use addax_core::{DType, Graph, NodeId, ValueId};

/// Where a value comes to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Home {
    /// Outside: parameters and constants.
    Outside,
    /// In the loop of a group: others of the group see it index by index.
    Inside(usize),
    /// At the end of a group.
    After(usize),
    /// A broadcast that its readers express by how they read.
    Virtual,
}

/// What a group begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Head {
    /// Nothing: only a loop.
    Loop,
    /// A node whose result the loop takes up while it is warm (a matrix product).
    Open(NodeId),
    /// A node of its own.
    Closed(NodeId),
}

/// Nodes that run together.
#[derive(Clone, Debug)]
pub struct Group {
    /// What it begins with.
    pub head: Head,
    /// Elements of the index space.
    pub size: usize,
    /// Columns of the index space, once something depends on them.
    pub columns: Option<usize>,
    /// Elementwise nodes and folds of rows, in order.
    pub body: Vec<NodeId>,
    /// Sums at the end: the node, how, along what.
    pub sinks: Vec<(NodeId, Fold, Over)>,
    /// Values it reads from outside the loop.
    reads: Vec<ValueId>,
    /// Operands and registers that its loop may come to have.
    needs: usize,
}

/// The groups of a graph and the home of each value.
pub struct Groups {
    /// In an order in which they could run.
    pub list: Vec<Group>,
    /// By value.
    pub home: Vec<Home>,
    /// By value: whether it has one element per row of its group's space.
    pub row: Vec<bool>,
}

/// More nodes than this in one loop would not stay in the first cache.
const BODY_LIMIT: usize = 40;

/// What the nodes of a loop may need together.
const ROOM: usize = LIMIT - 1;

/// Operands and registers of a loop that a node can ask for at most: its result, where that is stored, and for each
/// argument its memory and the register into which it is spread.
fn needs(node: &addax_core::graph::Node) -> usize {
    2 + 2 * node.inputs.len()
}

/// Divides a graph into groups.
pub fn group(graph: &Graph) -> Groups {
    let mut this = Grouper {
        graph,
        list: Vec::new(),
        home: vec![Home::Outside; graph.value_count()],
        row: vec![false; graph.value_count()],
        waiting: vec![false; graph.value_count()],
        solid: solid(graph),
    };
    let order = order(graph);
    order.iter().for_each(|id| this.place(*id));
    order.iter().for_each(|id| this.settle(graph.node(*id).output()));
    Groups { list: this.list, home: this.home, row: this.row }
}

struct Grouper<'a> {
    graph: &'a Graph,
    list: Vec<Group>,
    home: Vec<Home>,
    row: Vec<bool>,
    /// Comparisons wait for their first reader: a truth value is worth less than a register.
    waiting: Vec<bool>,
    solid: Vec<bool>,
}

/// What reading some values asks of a group.
#[derive(Default)]
struct Demand {
    /// The lowest group in which they can be read.
    lowest: usize,
    /// Columns, if they ask for some.
    columns: Option<usize>,
    /// Whether they ask for different columns.
    clash: bool,
    /// The memory read.
    reads: Vec<ValueId>,
}

/// Scalars that depend on nothing but parameters come first, so that later loops may use them.
fn order(graph: &Graph) -> Vec<NodeId> {
    let mut early = vec![false; graph.value_count()];
    let (mut first, mut rest) = (Vec::new(), Vec::new());
    for (i, node) in graph.nodes().iter().enumerate() {
        let leaf = matches!(node.op, Op::Parameter(_) | Op::Constant(_));
        let small =
            node.outputs().all(|v| count(graph, v) <= 1) && node.inputs.iter().all(|v| early[v.index()]);
        node.outputs().for_each(|v| early[v.index()] = leaf || small);
        if leaf || small { first.push(NodeId::at(i)) } else { rest.push(NodeId::at(i)) }
    }
    first.extend(rest);
    first
}

/// Broadcasts that must exist in memory: outputs, and those that a reader needs as an array.
fn solid(graph: &Graph) -> Vec<bool> {
    let mut solid = vec![false; graph.value_count()];
    graph.outputs.iter().for_each(|v| solid[root(graph, *v).index()] = true);
    for node in graph.nodes() {
        let passes = matches!(node.op, Op::Reshape(_) | Op::StopGradient(_));
        let mut columns = None;
        for (i, v) in node.inputs.iter().enumerate() {
            if i == 0 && from_zero(graph, node) {
                continue;
            }
            let read = broadcast_access(graph, *v).filter(|_| fusable(graph, node) && !passes);
            let asked = read.and_then(|(_, access)| access.columns());
            // One loop divides its space in one way; bytes are read index by index only.
            let clash = columns.is_some() && asked.is_some() && asked != columns;
            if read.is_none() || clash || graph.ty(*v).dtype == DType::Bool {
                solid[root(graph, *v).index()] = true;
            }
            columns = columns.or(asked);
        }
    }
    solid
}

/// A reduction that a loop can do: how, along what, and the columns it asks for.
pub(super) fn sum_of(graph: &Graph, node: &addax_core::graph::Node) -> Option<(Fold, Over, Option<usize>)> {
    let Op::Reduce(r) = &node.op else { return None };
    let fold = match r.kind {
        Reduction::Sum => Fold::Sum,
        Reduction::Max => Fold::Max,
        Reduction::Min => Fold::Min,
        _ => return None,
    };
    if graph.ty(node.inputs[0]).dtype != DType::F32 {
        return None;
    }
    let shape = graph.ty(node.inputs[0]).shape.known()?;
    let long: Vec<usize> = (0..shape.len()).filter(|a| shape[*a] != 1).collect();
    let summed: Vec<usize> = long.iter().copied().filter(|a| r.axes.contains(a)).collect();
    let product = |axes: &[usize]| axes.iter().map(|a| shape[*a]).product::<usize>();
    if summed.len() == long.len() {
        Some((fold, Over::All, None))
    } else if summed.is_empty() {
        None
    } else if long.starts_with(&summed) {
        Some((fold, Over::Rows, Some(product(&long[summed.len()..]))))
    } else if long.ends_with(&summed) {
        Some((fold, Over::Columns, Some(product(&summed))))
    } else {
        None
    }
}

impl Grouper<'_> {
    fn place(&mut self, id: NodeId) {
        let node = self.graph.node(id);
        let out = node.output();
        if !fusable(self.graph, node) || matches!(node.op, Op::Reshape(_) | Op::StopGradient(_)) {
            node.inputs.iter().for_each(|v| self.settle(*v));
        }
        match &node.op {
            Op::Parameter(_) | Op::Constant(_) | Op::Iota(_) => {}
            Op::Reshape(_) | Op::StopGradient(_) => {
                // Seen through by `root`; a home is kept for readers that ask the value itself.
                self.home[out.index()] = self.home[root(self.graph, out).index()];
            }
            Op::BroadcastInDim(_)
                if !self.solid[out.index()] && broadcast_access(self.graph, out).is_some() =>
            {
                self.home[out.index()] = Home::Virtual;
            }
            Op::Compare(_) if fusable(self.graph, node) && !self.graph.outputs.contains(&out) => {
                node.inputs.iter().for_each(|v| self.settle(*v));
                self.waiting[out.index()] = true;
            }
            _ if fusable(self.graph, node) => self.join(id),
            Op::DotGeneral(_) => {
                let columns = super::products::columns(self.graph, node);
                let group = self.push(Head::Open(id), count(self.graph, out), columns);
                self.home[out.index()] =
                    if columns.is_some() { Home::Inside(group) } else { Home::After(group) };
                if columns.is_none() {
                    self.list[group].head = Head::Closed(id);
                }
            }
            _ => match sum_of(self.graph, node) {
                Some((fold, over, columns)) => self.reduce(id, fold, over, columns),
                None => {
                    let group = self.push(Head::Closed(id), 0, None);
                    node.outputs().for_each(|v| self.home[v.index()] = Home::After(group));
                }
            },
        }
    }

    fn push(&mut self, head: Head, size: usize, columns: Option<usize>) -> usize {
        self.list.push(Group {
            head,
            size,
            columns,
            body: Vec::new(),
            sinks: Vec::new(),
            reads: Vec::new(),
            needs: 0,
        });
        self.list.len() - 1
    }

    /// Gives a comparison that still waits its own place.
    fn settle(&mut self, v: ValueId) {
        let v = root(self.graph, v);
        if std::mem::take(&mut self.waiting[v.index()]) {
            self.join(self.graph.producer_id(v));
        }
    }

    /// What reading `v` over all elements asks of a group.
    fn demand(&self, v: ValueId, demand: &mut Demand) {
        let (source, access) = self.source(v);
        // What a loop makes per row its other instructions can read per row, nothing else of it in any other way.
        let inside = match access {
            Access::Full => !self.row[source.index()],
            Access::PerRow { .. } => self.row[source.index()],
            _ => false,
        };
        demand.lowest = demand.lowest.max(self.lowest(source, inside));
        let columns = access.columns();
        demand.clash |= columns.is_some() && demand.columns.is_some() && columns != demand.columns;
        demand.columns = demand.columns.or(columns);
        demand.reads.push(source);
    }

    /// The value whose memory a reader of `v` reads, and how.
    fn source(&self, v: ValueId) -> (ValueId, Access) {
        let v = root(self.graph, v);
        match broadcast_access(self.graph, v) {
            Some((s, access)) if self.home[v.index()] == Home::Virtual => (root(self.graph, s), access),
            _ => (v, Access::Full),
        }
    }

    fn lowest(&self, v: ValueId, inside: bool) -> usize {
        match self.home[v.index()] {
            Home::Inside(g) if inside => g,
            Home::Inside(g) | Home::After(g) => g + 1,
            Home::Outside | Home::Virtual => 0,
        }
    }

    /// Puts an elementwise node into the first group that can take it, or a new one; comparisons that wait for it
    /// come along if one loop can hold them all.
    fn join(&mut self, id: NodeId) {
        let node = self.graph.node(id);
        let size = count(self.graph, node.output());
        let mut nodes = self.waiting_for(node);
        let with = self.demands(node, &nodes);
        let apart =
            with.clash || nodes.iter().any(|n| count(self.graph, self.graph.node(*n).output()) != size);
        let demand = if apart {
            node.inputs.iter().for_each(|v| self.settle(*v));
            nodes.clear();
            self.demands(node, &[])
        } else {
            with
        };
        if nodes.is_empty() && self.join_rows(id) {
            return;
        }
        nodes.push(id);
        let needs = nodes.iter().map(|n| needs(self.graph.node(*n))).sum();
        let group = self.find(&demand, size, demand.columns, needs);
        for id in nodes {
            let out = self.graph.node(id).output();
            self.waiting[out.index()] = false;
            self.list[group].body.push(id);
            self.home[out.index()] = Home::Inside(group);
        }
    }

    /// The comparisons that still wait among the producers of a node's inputs.
    fn waiting_for(&self, node: &addax_core::graph::Node) -> Vec<NodeId> {
        let mut found = Vec::new();
        for v in node.inputs.iter().map(|v| root(self.graph, *v)) {
            let producer = self.graph.producer_id(v);
            if self.waiting[v.index()] && !found.contains(&producer) {
                found.push(producer);
            }
        }
        found
    }

    /// What a node asks of a group together with the comparisons that it brings along.
    fn demands(&self, node: &addax_core::graph::Node, along: &[NodeId]) -> Demand {
        let mut demand = Demand::default();
        let brought = |v: &&ValueId| !along.contains(&self.graph.producer_id(root(self.graph, **v)));
        node.inputs.iter().filter(brought).for_each(|v| self.demand(*v, &mut demand));
        let inputs = along.iter().flat_map(|n| &self.graph.node(*n).inputs);
        inputs.for_each(|v| self.demand(*v, &mut demand));
        demand
    }

    /// The first group that can take a reader over `size` elements, or a new one; it is told what is read.
    fn find(&mut self, demand: &Demand, size: usize, columns: Option<usize>, needs: usize) -> usize {
        let fits = |g: &usize| {
            !demand.clash
                && self.list[*g].needs + needs <= ROOM
                && self.takes(*g, size, columns, &demand.reads)
        };
        let found = (demand.lowest..self.list.len()).find(fits);
        let group = found.unwrap_or_else(|| self.push(Head::Loop, size, None));
        let to = &mut self.list[group];
        to.columns = to.columns.or(columns);
        to.reads.extend(&demand.reads);
        to.needs += needs;
        group
    }

    /// Puts a node that is computed from folds of rows behind them; whether it could.
    fn join_rows(&mut self, id: NodeId) -> bool {
        let node = self.graph.node(id);
        let of_rows = |v: &ValueId| match self.source(*v) {
            (v, Access::Full) if self.row[v.index()] => match self.home[v.index()] {
                Home::Inside(g) => Some(g),
                _ => None,
            },
            _ => None,
        };
        let Some(g) = node.inputs.iter().filter_map(of_rows).max() else { return false };
        let group = &self.list[g];
        let rows = group.size / group.columns.unwrap_or(1).max(1);
        let floats =
            node.inputs.iter().chain([&node.output()]).all(|v| self.graph.ty(*v).dtype == DType::F32);
        let there = node.inputs.iter().all(|v| match self.source(*v) {
            (v, Access::Full) => self.lowest(v, self.row[v.index()]) <= g,
            (v, Access::Scalar) => self.lowest(v, false) <= g,
            _ => false,
        });
        let room = group.body.len() < BODY_LIMIT && group.needs + needs(node) <= ROOM;
        if count(self.graph, node.output()) != rows || !floats || !there || !room {
            return false;
        }
        self.list[g].body.push(id);
        self.list[g].needs += needs(node);
        self.home[node.output().index()] = Home::Inside(g);
        self.row[node.output().index()] = true;
        true
    }

    fn takes(&self, g: usize, size: usize, columns: Option<usize>, reads: &[ValueId]) -> bool {
        let group = &self.list[g];
        let fits =
            group.size == size && (columns.is_none() || group.columns.is_none() || columns == group.columns);
        if !fits || matches!(group.head, Head::Closed(_)) || group.body.len() >= BODY_LIMIT {
            return false;
        }
        // Scalars run together whatever they read; larger spaces when they share something.
        size == 1 || reads.iter().any(|v| self.home[v.index()] == Home::Inside(g) || group.reads.contains(v))
    }

    /// Puts a reduction into the group that makes its input, or into a loop of its own: rows are folded inside the
    /// loop, other sums stand at its end.
    fn reduce(&mut self, id: NodeId, fold: Fold, over: Over, columns: Option<usize>) {
        let node = self.graph.node(id);
        let mut demand = Demand::default();
        self.demand(node.inputs[0], &mut demand);
        demand.clash |= demand.columns.is_some() && columns.is_some() && demand.columns != columns;
        let (size, columns) = (count(self.graph, node.inputs[0]), columns.or(demand.columns));
        let group = self.find(&demand, size, columns, needs(node));
        let out = node.output();
        if over == Over::Columns && columns.is_some_and(|c| c <= LONGEST_ROW) {
            self.list[group].body.push(id);
            self.home[out.index()] = Home::Inside(group);
            self.row[out.index()] = true;
        } else {
            self.list[group].sinks.push((id, fold, over));
            self.home[out.index()] = Home::After(group);
        }
    }
}
