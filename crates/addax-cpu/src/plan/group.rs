//! Which nodes run together: elementwise chains in one loop, with the product before them and the sums after them.
//!
//! Groups are numbered so that each depends only on lower ones. A node joins a group when all it needs is made there
//! or before, over an index space of the same size and split into rows and columns the same way.

use super::access::{Access, broadcast_access, count, fusable, root};
use crate::kernels::tile::{Fold, Over};
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
    /// Elementwise nodes in order.
    pub body: Vec<NodeId>,
    /// Sums at the end: the node, how, along what.
    pub sinks: Vec<(NodeId, Fold, Over)>,
    /// Values it reads from outside the loop.
    reads: Vec<ValueId>,
}

/// The groups of a graph and the home of each value.
pub struct Groups {
    /// In an order in which they could run.
    pub list: Vec<Group>,
    /// By value.
    pub home: Vec<Home>,
}

/// More nodes than this in one loop would not fit its registers.
const BODY_LIMIT: usize = 32;

/// Divides a graph into groups.
pub fn group(graph: &Graph) -> Groups {
    let mut this = Grouper {
        graph,
        list: Vec::new(),
        home: vec![Home::Outside; graph.value_count()],
        solid: solid(graph),
    };
    for id in order(graph) {
        this.place(id);
    }
    Groups { list: this.list, home: this.home }
}

struct Grouper<'a> {
    graph: &'a Graph,
    list: Vec<Group>,
    home: Vec<Home>,
    solid: Vec<bool>,
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
        for v in &node.inputs {
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

/// A reduction that a loop can end with.
fn sum_of(graph: &Graph, node: &addax_core::graph::Node) -> Option<(Fold, Over, Option<usize>)> {
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
                Some((fold, over, columns)) => self.sink(id, fold, over, columns),
                None => {
                    let group = self.push(Head::Closed(id), 0, None);
                    node.outputs().for_each(|v| self.home[v.index()] = Home::After(group));
                }
            },
        }
    }

    fn push(&mut self, head: Head, size: usize, columns: Option<usize>) -> usize {
        self.list.push(Group { head, size, columns, body: Vec::new(), sinks: Vec::new(), reads: Vec::new() });
        self.list.len() - 1
    }

    /// What reading `v` over `size` elements asks of a group: the lowest group, columns, the memory read.
    fn demand(&self, v: ValueId) -> Option<(usize, Option<usize>, ValueId)> {
        let v = root(self.graph, v);
        if self.home[v.index()] == Home::Virtual {
            let (source, access) = broadcast_access(self.graph, v)?;
            let source = root(self.graph, source);
            return Some((self.lowest(source, access == Access::Full), access.columns(), source));
        }
        Some((self.lowest(v, true), None, v))
    }

    fn lowest(&self, v: ValueId, inside: bool) -> usize {
        match self.home[v.index()] {
            Home::Inside(g) if inside => g,
            Home::Inside(g) | Home::After(g) => g + 1,
            Home::Outside | Home::Virtual => 0,
        }
    }

    /// Puts an elementwise node into the first group that can take it, or a new one.
    fn join(&mut self, id: NodeId) {
        let node = self.graph.node(id);
        let size = count(self.graph, node.output());
        let demands: Option<Vec<_>> = node.inputs.iter().map(|v| self.demand(*v)).collect();
        let demands = demands.unwrap_or_default();
        let lowest = demands.iter().map(|d| d.0).max().unwrap_or(0);
        let columns = demands.iter().find_map(|d| d.1);
        let agree = demands.iter().filter_map(|d| d.1).all(|c| Some(c) == columns);
        let reads: Vec<ValueId> = demands.iter().map(|d| d.2).collect();
        let group = (lowest..self.list.len())
            .find(|g| agree && self.takes(*g, size, columns, &reads))
            .unwrap_or_else(|| self.push(Head::Loop, size, None));
        let to = &mut self.list[group];
        to.columns = to.columns.or(columns);
        to.body.push(id);
        to.reads.extend(reads);
        self.home[node.output().index()] = Home::Inside(group);
    }

    fn takes(&self, g: usize, size: usize, columns: Option<usize>, reads: &[ValueId]) -> bool {
        let group = &self.list[g];
        let fits =
            group.size == size && (columns.is_none() || group.columns.is_none() || columns == group.columns);
        if !fits || matches!(group.head, Head::Closed(_)) || group.body.len() >= BODY_LIMIT {
            return false;
        }
        // Scalars run together whatever they read; larger spaces when they share something.
        size == 1
            || reads.iter().any(|v| {
                self.home[v.index()] == Home::Inside(g)
                    || (self.home[v.index()] == Home::Outside && group.reads.contains(v))
            })
    }

    /// Puts a sum at the end of the group that makes its input, or into a loop of its own.
    fn sink(&mut self, id: NodeId, fold: Fold, over: Over, columns: Option<usize>) {
        let node = self.graph.node(id);
        let size = count(self.graph, node.inputs[0]);
        let demand = self.demand(node.inputs[0]);
        let (lowest, asked, read) = demand.unwrap_or((self.list.len(), None, node.inputs[0]));
        let agree = asked.is_none() || columns.is_none() || asked == columns;
        let columns = columns.or(asked);
        let group = (lowest..self.list.len())
            .find(|g| agree && self.takes(*g, size, columns, &[read]))
            .unwrap_or_else(|| self.push(Head::Loop, size, None));
        let to = &mut self.list[group];
        to.columns = to.columns.or(columns);
        to.sinks.push((id, fold, over));
        to.reads.push(read);
        self.home[node.output().index()] = Home::After(group);
    }
}
