//! Kernels for ops that pick elements: gather and scatter, reductions of axes in the middle, places of extremes.

use super::lower::{Layout, Lowering};
use super::step::Kernel;
use crate::kernels::boxes::Boxes;
use crate::kernels::fold::Thick;
use crate::kernels::tile::Fold;
use addax_core::graph::Node;
use addax_core::ops::{Op, Reduction, ScatterKind};
use addax_core::passes::uniform_constant;
use addax_core::{DType, Graph, Result, ValueId};

/// The boxes of a gather or of a scatter that adds float32, if there is a kernel for them.
fn boxes(graph: &Graph, node: &Node) -> Option<Boxes> {
    let shape = |v: ValueId| graph.ty(v).shape.known();
    let operand = shape(node.inputs[0])?;
    let indices = (&shape(node.inputs[1])?[..], graph.ty(node.inputs[1]).dtype);
    match &node.op {
        Op::Gather(g) => {
            let sizes = g.slice_sizes.iter().zip(&operand).map(|(s, n)| s.known().unwrap_or(*n));
            Boxes::new(&g.dims, &operand, indices, &sizes.collect::<Vec<_>>(), &shape(node.output())?)
        }
        Op::Scatter(s) if s.kind == ScatterKind::Add && graph.ty(node.output()).dtype == DType::F32 => {
            let updates = shape(node.inputs[2])?;
            let left_out = |a: &usize| s.dims.collapsed.contains(a) || s.dims.operand_batching.contains(a);
            let mut inside = s.dims.offset.iter().map(|a| updates[*a]);
            let sizes: Option<Vec<usize>> =
                (0..operand.len()).map(|a| if left_out(&a) { Some(1) } else { inside.next() }).collect();
            Boxes::new(&s.dims, &operand, indices, &sizes?, &updates)
        }
        _ => None,
    }
}

/// Whether a node adds boxes to zeros, which then need no memory.
pub(super) fn from_zero(graph: &Graph, node: &Node) -> bool {
    matches!(node.op, Op::Scatter(_))
        && uniform_constant(graph, node.inputs[0]) == Some(0.0)
        && boxes(graph, node).is_some()
}

/// The axes of an array around those that a reduction takes away, if these lie side by side.
fn thick(shape: &[usize], axes: &[usize]) -> Option<Thick> {
    let long: Vec<usize> = (0..shape.len()).filter(|a| shape[*a] != 1).collect();
    let first = long.iter().position(|a| axes.contains(a))?;
    let count = long.iter().filter(|a| axes.contains(a)).count();
    let product = |axes: &[usize]| axes.iter().map(|a| shape[*a]).product();
    let (before, rest) = long.split_at(first);
    let (middle, behind) = rest.split_at(count);
    let together = middle.iter().all(|a| axes.contains(a));
    together.then(|| Thick { outer: product(before), middle: product(middle), inner: product(behind) })
}

impl Lowering<'_> {
    /// The kernel of such an op, where there is one.
    pub(super) fn picks(&self, node: &Node, layout: &Layout) -> Result<Option<Kernel>> {
        let slot = |v: ValueId| self.memory(v, layout);
        let float = node.inputs.first().is_some_and(|v| self.graph.ty(*v).dtype == DType::F32);
        Ok(match &node.op {
            Op::Gather(_) => match boxes(self.graph, node) {
                Some(boxes) => {
                    let slots = [slot(node.inputs[0])?, slot(node.inputs[1])?, slot(node.output())?];
                    let size = self.graph.ty(node.output()).dtype.size();
                    Some(Kernel::Gather { boxes: Box::new(boxes), size, slots })
                }
                None => None,
            },
            Op::Scatter(_) => match boxes(self.graph, node) {
                Some(boxes) => {
                    let zero = from_zero(self.graph, node);
                    let operand = if zero { None } else { Some(slot(node.inputs[0])?) };
                    let slots = [slot(node.inputs[1])?, slot(node.inputs[2])?, slot(node.output())?];
                    Some(Kernel::Add { boxes: Box::new(boxes), operand, slots })
                }
                None => None,
            },
            Op::Reduce(r) if float => {
                let fold = match r.kind {
                    Reduction::Sum => Fold::Sum,
                    Reduction::Max => Fold::Max,
                    Reduction::Min => Fold::Min,
                    _ => return Ok(None),
                };
                let Some(of) = thick(&self.shape(node.inputs[0])?, &r.axes) else { return Ok(None) };
                Some(Kernel::Fold { of, fold, from: slot(node.inputs[0])?, to: slot(node.output())? })
            }
            Op::ArgReduce(r) if float => {
                let shape = self.shape(node.inputs[0])?;
                let of = Thick {
                    outer: shape[..r.axis].iter().product(),
                    middle: shape[r.axis],
                    inner: shape[r.axis + 1..].iter().product(),
                };
                let largest = r.kind == Reduction::Max;
                Some(Kernel::Extremes { of, largest, from: slot(node.inputs[0])?, to: slot(node.output())? })
            }
            _ => None,
        })
    }
}
