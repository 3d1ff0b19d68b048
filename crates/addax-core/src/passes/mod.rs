//! Passes: each takes a graph to an equal graph that costs less. A verifier runs after every one in debug builds.

mod common;
mod dead;
mod scans;
mod simplify;

pub use common::common_subexpressions;
pub use dead::dead_code;
pub use scans::{merge_scans, trim_scans};
pub use simplify::{simplify, uniform_constant};

use crate::error::Result;
use crate::graph::{Graph, Node, ValueId};
use crate::ops::Op;

/// What a pass is.
pub type Pass = fn(&Graph) -> Graph;

/// The passes in the order they run: name and function.
pub const PIPELINE: &[(&str, Pass)] = &[
    ("merge scans", merge_scans),
    ("trim scans", trim_scans),
    ("dead code", dead_code),
    ("simplify", simplify),
    ("common subexpressions", common_subexpressions),
    ("simplify", simplify),
    ("dead code", dead_code),
];

/// Runs the whole pipeline. Parameters and outputs keep their number and order.
pub fn optimize(graph: &Graph) -> Result<Graph> {
    let mut graph = graph.clone();
    for (name, pass) in PIPELINE {
        graph = pass(&graph);
        if cfg!(debug_assertions) {
            graph.verify().map_err(|e| e.at(format_args!("after {name}")))?;
        }
    }
    Ok(graph)
}

/// Builds a graph anew from an old one, node by node, with some values replaced.
struct Rewriter<'a> {
    old: &'a Graph,
    new: Graph,
    map: Vec<Option<ValueId>>,
}

impl<'a> Rewriter<'a> {
    fn new(old: &'a Graph) -> Self {
        Rewriter { old, new: Graph::new(), map: vec![None; old.value_count()] }
    }

    /// The new value of an old one; nodes stand in order, so it is there.
    fn get(&self, old: ValueId) -> ValueId {
        self.map[old.index()].unwrap_or(old)
    }

    fn inputs(&self, node: &Node) -> Vec<ValueId> {
        node.inputs.iter().map(|v| self.get(*v)).collect()
    }

    /// Copies a node with its mapped inputs.
    fn copy(&mut self, node: &Node) {
        let inputs = self.inputs(node);
        self.emit(node, node.op.clone(), inputs);
    }

    /// Adds a node whose results stand for those of `node`.
    fn emit(&mut self, node: &Node, op: Op, inputs: Vec<ValueId>) {
        let types = node.outputs().map(|v| self.old.ty(v).clone()).collect();
        let id = self.new.push(op, inputs, types, node.scope.clone());
        let made: Vec<ValueId> = self.new.node(id).outputs().collect();
        node.outputs().zip(made).for_each(|(old, new)| self.map[old.index()] = Some(new));
    }

    /// Lets a new value stand for the only result of `node`.
    fn replace(&mut self, node: &Node, new: ValueId) {
        self.map[node.output().index()] = Some(new);
    }

    fn finish(mut self) -> Graph {
        self.new.outputs = self.old.outputs.iter().map(|v| self.get(*v)).collect();
        self.new
    }
}
