//! The graph: a straight line of nodes, each applying one [`Op`] to earlier values.
//!
//! Values and nodes are dense typed indices, not pointers; nodes stand in topological order. A value has an
//! element type and a shape; axes may be unknown while a model is built, never when a graph is compiled.

mod text;
mod trace;
mod verify;

pub mod autodiff;

pub use text::parse;
pub use trace::{Entered, Trace};

use crate::dtype::DType;
use crate::ops::Op;
use crate::shape::Shape;
use std::fmt;
use std::sync::Arc;

/// Element type and shape of a tensor.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct TensorType {
    /// The element type.
    pub dtype: DType,
    /// The lengths of the axes.
    pub shape: Shape,
}

impl TensorType {
    /// A type from its parts.
    pub fn new(dtype: DType, shape: impl Into<Shape>) -> Self {
        TensorType { dtype, shape: shape.into() }
    }

    /// The same type with another shape.
    pub fn with_shape(&self, shape: impl Into<Shape>) -> Self {
        TensorType { dtype: self.dtype, shape: shape.into() }
    }

    /// The same type with another element type.
    pub fn with_dtype(&self, dtype: DType) -> Self {
        TensorType { dtype, shape: self.shape.clone() }
    }

    /// Bytes of a tensor of this type, if the shape is known.
    pub fn bytes(&self) -> Option<usize> {
        self.shape.size()?.checked_mul(self.dtype.size())
    }
}

impl fmt::Display for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}[", self.dtype.short())?;
        for (i, d) in self.shape.dims().iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            match d.known() {
                Some(n) => write!(f, "{comma}{n}")?,
                None => write!(f, "{comma}?")?,
            }
        }
        f.write_str("]")
    }
}

impl fmt::Debug for TensorType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A value of a graph: one result of one node.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ValueId(u32);

/// A node of a graph.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(u32);

macro_rules! index {
    ($t:ident, $prefix:literal) => {
        impl $t {
            /// The position in the graph's table.
            pub fn index(self) -> usize {
                self.0 as usize
            }

            /// The entity at a position.
            pub fn at(index: usize) -> $t {
                $t(index as u32)
            }
        }

        impl fmt::Debug for $t {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }
    };
}
index!(ValueId, "%");
index!(NodeId, "node");

/// One application of an op.
#[derive(Clone, Debug)]
pub struct Node {
    /// What is computed.
    pub op: Op,
    /// From what.
    pub inputs: Vec<ValueId>,
    /// The first of its results; the others follow.
    first: ValueId,
    /// How many results it has.
    count: u32,
    /// The path of layers that asked for it, for errors and timings.
    pub scope: Option<Arc<str>>,
}

impl Node {
    /// Its results.
    pub fn outputs(&self) -> impl ExactSizeIterator<Item = ValueId> + use<> {
        let first = self.first.0;
        (0..self.count).map(move |i| ValueId(first + i))
    }

    /// Its only (or first) result.
    pub fn output(&self) -> ValueId {
        self.first
    }
}

#[derive(Clone, Debug)]
struct ValueInfo {
    ty: TensorType,
    node: NodeId,
}

/// A computation: parameters in, outputs out.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    values: Vec<ValueInfo>,
    parameters: Vec<ValueId>,
    /// The results of the computation.
    pub outputs: Vec<ValueId>,
}

impl Graph {
    /// A graph without nodes.
    pub fn new() -> Graph {
        Graph::default()
    }

    /// Adds a node whose result types are known to be right; returns its results.
    pub fn push(
        &mut self,
        op: Op,
        inputs: Vec<ValueId>,
        types: Vec<TensorType>,
        scope: Option<Arc<str>>,
    ) -> NodeId {
        let id = NodeId(self.nodes.len() as u32);
        let first = ValueId(self.values.len() as u32);
        let count = types.len() as u32;
        if let Op::Parameter(_) = op {
            self.parameters.push(first);
        }
        self.values.extend(types.into_iter().map(|ty| ValueInfo { ty, node: id }));
        self.nodes.push(Node { op, inputs, first, count, scope });
        id
    }

    /// Adds a node, inferring its result types.
    pub fn add(&mut self, op: Op, inputs: Vec<ValueId>, scope: Option<Arc<str>>) -> crate::Result<NodeId> {
        let types: Vec<&TensorType> = inputs.iter().map(|v| self.ty(*v)).collect();
        let types = op.infer(&types)?;
        Ok(self.push(op, inputs, types, scope))
    }

    /// The nodes in order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The nodes in order, to change an op or its inputs in place; a change must keep the order and the types.
    pub fn nodes_mut(&mut self) -> &mut [Node] {
        &mut self.nodes
    }

    /// The node of an id.
    pub fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The node that makes a value.
    pub fn producer(&self, value: ValueId) -> &Node {
        &self.nodes[self.values[value.index()].node.index()]
    }

    /// The number of the node that makes a value.
    pub fn producer_id(&self, value: ValueId) -> NodeId {
        self.values[value.index()].node
    }

    /// How many values there are.
    pub fn value_count(&self) -> usize {
        self.values.len()
    }

    /// The type of a value.
    pub fn ty(&self, value: ValueId) -> &TensorType {
        &self.values[value.index()].ty
    }

    /// The parameters in order.
    pub fn parameters(&self) -> &[ValueId] {
        &self.parameters
    }

    /// How many times each value is used, as a node's input or as an output.
    pub fn uses(&self) -> Vec<u32> {
        let mut uses = vec![0; self.values.len()];
        let inputs = self.nodes.iter().flat_map(|n| &n.inputs);
        inputs.chain(&self.outputs).for_each(|v| uses[v.index()] += 1);
        uses
    }

    /// Appends the body of another graph, its parameters standing for `arguments`; returns its outputs.
    pub fn inline(&mut self, body: &Graph, arguments: &[ValueId]) -> Vec<ValueId> {
        let mut map: Vec<Option<ValueId>> = vec![None; body.values.len()];
        for (p, a) in body.parameters.iter().zip(arguments) {
            map[p.index()] = Some(*a);
        }
        let find = |map: &[Option<ValueId>], v: &ValueId| map[v.index()].unwrap_or(*v);
        for node in body.nodes.iter().filter(|n| !matches!(n.op, Op::Parameter(_))) {
            let inputs = node.inputs.iter().map(|v| find(&map, v)).collect();
            let types = node.outputs().map(|v| body.ty(v).clone()).collect();
            let id = self.push(node.op.clone(), inputs, types, node.scope.clone());
            let made: Vec<ValueId> = self.node(id).outputs().collect();
            node.outputs().zip(made).for_each(|(old, new)| map[old.index()] = Some(new));
        }
        body.outputs.iter().map(|v| find(&map, v)).collect()
    }
}

impl PartialEq for Graph {
    /// Same nodes on the same inputs; scopes do not count.
    fn eq(&self, other: &Graph) -> bool {
        self.outputs == other.outputs
            && self.nodes.len() == other.nodes.len()
            && self.values.iter().zip(&other.values).all(|(a, b)| a.ty == b.ty)
            && self.nodes.iter().zip(&other.nodes).all(|(a, b)| a.op == b.op && a.inputs == b.inputs)
    }
}
