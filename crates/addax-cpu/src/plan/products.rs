//! Matrix products: which ones a kernel can take as they lie in memory.

use addax_core::graph::Node;
use addax_core::ops::Op;
use addax_core::{DType, Graph, strides};

/// A product as loops over batch, rows, columns and terms.
#[derive(Clone, Debug)]
pub struct Product {
    /// Independent products, as axes from the outermost: their length, and elements between neighbours on the left
    /// side and on the right.
    pub batch: Vec<[usize; 3]>,
    /// Rows of the result.
    pub m: usize,
    /// Columns of the result.
    pub n: usize,
    /// Terms per element.
    pub k: usize,
    /// Strides of the left side: per row, per term.
    pub lhs: [usize; 2],
    /// Strides of the right side: per term, per column.
    pub rhs: [usize; 2],
}

impl Product {
    /// How many products there are.
    pub fn count(&self) -> usize {
        self.batch.iter().map(|axis| axis[0]).product()
    }
}

/// Reads a `dot_general` as a product; `None` if its axes cannot be walked as three.
pub fn product(graph: &Graph, node: &Node) -> Option<Product> {
    let Op::DotGeneral(dot) = &node.op else { return None };
    if graph.ty(node.output()).dtype != DType::F32 {
        return None;
    }
    let (x, y) = (graph.ty(node.inputs[0]).shape.known()?, graph.ty(node.inputs[1]).shape.known()?);
    let (free_x, free_y) = dot.free(x.len(), y.len());
    let ((k, kx), (_, ky)) = (walk(&x, &dot.lhs_contract)?, walk(&y, &dot.rhs_contract)?);
    let ((m, mx), (n, ny)) = (walk(&x, &free_x)?, walk(&y, &free_y)?);
    let batch = axes((&x, &dot.lhs_batch), (&y, &dot.rhs_batch));
    Some(Product { batch, m, n, k, lhs: [mx, kx], rhs: [ky, ny] })
}

/// Columns of a product whose result a loop may take up: one product, all of it by one kernel.
pub fn columns(graph: &Graph, node: &Node) -> Option<usize> {
    product(graph, node).filter(|p| p.count() == 1).map(|p| p.n)
}

/// The axes that two sides share, those joined that both can walk as one.
fn axes((x, of_x): (&[usize], &[usize]), (y, of_y): (&[usize], &[usize])) -> Vec<[usize; 3]> {
    let (steps_x, steps_y) = (strides(x), strides(y));
    let mut joined: Vec<[usize; 3]> = Vec::new();
    for (a, b) in of_x.iter().zip(of_y).filter(|(a, _)| x[**a] != 1) {
        let (length, left, right) = (x[*a], steps_x[*a], steps_y[*b]);
        match joined.last_mut() {
            Some(last) if last[1] == left * length && last[2] == right * length => {
                *last = [last[0] * length, left, right];
            }
            _ => joined.push([length, left, right]),
        }
    }
    joined
}

/// Several axes as one: their joint length and stride, if steps along them are even.
fn walk(shape: &[usize], axes: &[usize]) -> Option<(usize, usize)> {
    let strides = strides(shape);
    let mut joint: Option<(usize, usize)> = None;
    for a in axes.iter().rev().filter(|a| shape[**a] != 1) {
        joint = Some(match joint {
            None => (shape[*a], strides[*a]),
            Some((length, stride)) if strides[*a] == length * stride => (length * shape[*a], stride),
            Some(_) => return None,
        });
    }
    Some(joint.unwrap_or((1, 1)))
}
