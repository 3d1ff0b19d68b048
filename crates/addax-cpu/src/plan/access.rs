//! How a value is read inside a fused loop over a two-dimensional index space.

use crate::kernels::tile;
use addax_core::graph::Node;
use addax_core::ops::{Binary, Op};
use addax_core::{DType, Graph, ValueId};

/// How an operand follows the index (row, column) of a loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// One element per index.
    Full,
    /// One element per column, the same for every row.
    PerColumn {
        /// How many columns the loop then has.
        columns: usize,
    },
    /// One element per row.
    PerRow {
        /// How many columns the loop then has.
        columns: usize,
    },
    /// One element for all.
    Scalar,
}

impl Access {
    /// The columns it divides the space into, if it does.
    pub fn columns(self) -> Option<usize> {
        match self {
            Access::PerColumn { columns } | Access::PerRow { columns } => Some(columns),
            Access::Full | Access::Scalar => None,
        }
    }
}

/// The value whose memory a value shares: through reshapes, which move nothing.
pub fn root(graph: &Graph, mut v: ValueId) -> ValueId {
    loop {
        let node = graph.producer(v);
        match node.op {
            Op::Reshape(_) | Op::StopGradient(_) => v = node.inputs[0],
            _ => return v,
        }
    }
}

/// The number of elements of a value; graphs that are compiled have concrete shapes.
pub fn count(graph: &Graph, v: ValueId) -> usize {
    graph.ty(v).shape.size().unwrap_or(0)
}

/// How a broadcast reads its input, if a two-dimensional loop can express it: the input and the access.
pub fn broadcast_access(graph: &Graph, v: ValueId) -> Option<(ValueId, Access)> {
    let node = graph.producer(v);
    let Op::BroadcastInDim(b) = &node.op else { return None };
    let (from, to) = (graph.ty(node.inputs[0]).shape.known()?, b.shape.known()?);
    let covered: Vec<usize> = b.axes.iter().zip(&from).filter(|(_, n)| **n != 1).map(|(a, _)| *a).collect();
    if !covered.is_sorted() {
        return None;
    }
    // Axes of length 1 neither order nor repeat anything.
    let long: Vec<usize> = (0..to.len()).filter(|a| to[*a] != 1).collect();
    let product = |axes: &[usize]| axes.iter().map(|a| to[*a]).product::<usize>();
    let access = if covered.is_empty() {
        if long.is_empty() { Access::Full } else { Access::Scalar }
    } else if covered == long {
        Access::Full
    } else if long.ends_with(&covered) {
        Access::PerColumn { columns: product(&covered) }
    } else if long.starts_with(&covered) {
        Access::PerRow { columns: product(&long[covered.len()..]) }
    } else {
        return None;
    };
    Some((node.inputs[0], access))
}

/// Whether a fused loop can hold elements of this type.
pub fn loop_dtype(dtype: DType) -> bool {
    matches!(dtype, DType::F32 | DType::Bool)
}

/// Whether a node can be an instruction of a fused loop.
pub fn fusable(graph: &Graph, node: &Node) -> bool {
    let dtype = |v: &ValueId| graph.ty(*v).dtype;
    let known = node.inputs.iter().chain(std::iter::once(&node.output())).all(|v| loop_dtype(dtype(v)));
    let bools = node.inputs.iter().any(|v| dtype(v) == DType::Bool);
    known
        && match &node.op {
            Op::Unary(op) => tile::unary(*op).is_some(),
            Op::Binary(Binary::And | Binary::Or | Binary::Xor | Binary::Maximum | Binary::Minimum) => true,
            Op::Binary(op) => tile::binary(*op).is_some() && !bools,
            Op::Compare(_) | Op::Select(_) | Op::Convert(_) => true,
            _ => false,
        }
}
