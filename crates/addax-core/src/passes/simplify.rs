//! Simplify: rules of algebra that leave every bit as it is.

use super::Rewriter;
use crate::graph::{Graph, Node, ValueId};
use crate::ops::{Binary, BroadcastInDim, Constant, Op, Reduction, Reshape, Transpose, Unary};
use crate::value::Value;

/// The largest constant that folding may make, in elements.
const FOLD_LIMIT: usize = 64;

/// Applies the rules to each node in order, so that results of earlier rules feed later ones.
pub fn simplify(graph: &Graph) -> Graph {
    let mut out = Rewriter::new(graph);
    for node in graph.nodes() {
        if matches!(node.op, Op::Parameter(_)) || !rewrite(&mut out, node) {
            out.copy(node);
        }
    }
    out.finish()
}

/// Tries the rules on one node; whether one held.
fn rewrite(out: &mut Rewriter, node: &Node) -> bool {
    let inputs = out.inputs(node);
    if fold(out, node, &inputs) {
        return true;
    }
    match &node.op {
        Op::StopGradient(_) => {
            out.replace(node, inputs[0]);
            true
        }
        Op::Binary(op) => neutral(out, node, *op, &inputs),
        Op::Unary(Unary::Negate) => twice(out, node, inputs[0]),
        Op::Select(_) if inputs[1] == inputs[2] => {
            out.replace(node, inputs[1]);
            true
        }
        Op::Convert(_) | Op::Reshape(_) | Op::BroadcastInDim(_) if unchanged(out, node, inputs[0]) => {
            out.replace(node, inputs[0]);
            true
        }
        Op::Reshape(_) => reshape_of_reshape(out, node, inputs[0]),
        Op::BroadcastInDim(b) => broadcast_of_broadcast(out, node, b, inputs[0]),
        Op::Transpose(t) => transpose_of_transpose(out, node, t, inputs[0]),
        Op::Reduce(r) => reduce_of_nothing(out, node, r.kind, &r.axes, inputs[0]),
        _ => false,
    }
}

/// Small results of constants are constants.
fn fold(out: &mut Rewriter, node: &Node, inputs: &[ValueId]) -> bool {
    let small = out.old.ty(node.output()).shape.size().is_some_and(|n| n <= FOLD_LIMIT);
    // A broadcast number stays one: backends read it as a scalar.
    if !small || inputs.is_empty() || node.outputs().len() != 1 || matches!(node.op, Op::BroadcastInDim(_)) {
        return false;
    }
    let values: Option<Vec<&Value>> = inputs.iter().map(|v| constant(&out.new, *v)).collect();
    let Some(values) = values.filter(|v| v.iter().all(|v| v.len() <= FOLD_LIMIT)) else { return false };
    let Some(value) = node.op.eval(&values).ok().and_then(|mut v| v.pop()) else { return false };
    out.emit(node, Op::Constant(Constant { value }), Vec::new());
    true
}

fn constant(graph: &Graph, v: ValueId) -> Option<&Value> {
    match &graph.producer(v).op {
        Op::Constant(c) => Some(&c.value),
        _ => None,
    }
}

/// The number that every element of a value is, where the graph says so.
pub fn uniform_constant(graph: &Graph, v: ValueId) -> Option<f64> {
    let producer = graph.producer(v);
    match &producer.op {
        Op::Constant(c) if c.value.len() == 1 => c.value.item().ok(),
        Op::BroadcastInDim(_) | Op::Reshape(_) => uniform_constant(graph, producer.inputs[0]),
        _ => None,
    }
}

/// x + 0, x - 0, x · 1, x / 1: only where it holds for -0 and NaN as well.
fn neutral(out: &mut Rewriter, node: &Node, op: Binary, inputs: &[ValueId]) -> bool {
    let number = |i: usize| uniform_constant(&out.new, inputs[i]);
    let float = out.old.ty(node.output()).dtype.is_float();
    let is =
        |i: usize, x: f64| number(i).is_some_and(|n| n == x && n.is_sign_negative() == x.is_sign_negative());
    let zero = if float { -0.0 } else { 0.0 };
    let kept = match op {
        Binary::Add if is(1, zero) => Some(0),
        Binary::Add if is(0, zero) => Some(1),
        Binary::Subtract if is(1, 0.0) => Some(0),
        Binary::Multiply | Binary::Divide if is(1, 1.0) => Some(0),
        Binary::Multiply if is(0, 1.0) => Some(1),
        _ => None,
    };
    match kept {
        Some(i) => {
            out.replace(node, inputs[i]);
            true
        }
        None => false,
    }
}

/// -(-x) = x
fn twice(out: &mut Rewriter, node: &Node, x: ValueId) -> bool {
    let producer = out.new.producer(x);
    if !matches!(producer.op, Op::Unary(Unary::Negate)) {
        return false;
    }
    let inner = producer.inputs[0];
    out.replace(node, inner);
    true
}

fn unchanged(out: &Rewriter, node: &Node, x: ValueId) -> bool {
    let same = out.new.ty(x) == out.old.ty(node.output());
    match &node.op {
        Op::BroadcastInDim(b) => same && b.axes.is_sorted(),
        _ => same,
    }
}

fn reshape_of_reshape(out: &mut Rewriter, node: &Node, x: ValueId) -> bool {
    let producer = out.new.producer(x);
    if !matches!(producer.op, Op::Reshape(_)) {
        return false;
    }
    let (inner, ty) = (producer.inputs[0], out.old.ty(node.output()).clone());
    if out.new.ty(inner) == &ty {
        out.replace(node, inner);
    } else {
        out.emit(node, Op::Reshape(Reshape { shape: ty.shape }), vec![inner]);
    }
    true
}

fn broadcast_of_broadcast(out: &mut Rewriter, node: &Node, outer: &BroadcastInDim, x: ValueId) -> bool {
    let producer = out.new.producer(x);
    let Op::BroadcastInDim(inner) = &producer.op else { return false };
    let axes = inner.axes.iter().map(|a| outer.axes[*a]).collect();
    let op = BroadcastInDim { shape: outer.shape.clone(), axes };
    let inputs = vec![producer.inputs[0]];
    out.emit(node, Op::BroadcastInDim(op), inputs);
    true
}

fn transpose_of_transpose(out: &mut Rewriter, node: &Node, outer: &Transpose, x: ValueId) -> bool {
    if outer.permutation.is_sorted() {
        out.replace(node, x);
        return true;
    }
    let producer = out.new.producer(x);
    let Op::Transpose(inner) = &producer.op else { return false };
    let permutation: Vec<usize> = outer.permutation.iter().map(|a| inner.permutation[*a]).collect();
    let x = producer.inputs[0];
    if permutation.is_sorted() {
        out.replace(node, x);
    } else {
        out.emit(node, Op::Transpose(Transpose { permutation }), vec![x]);
    }
    true
}

/// Along axes of length 1 nothing is put together: only the shape changes.
fn reduce_of_nothing(out: &mut Rewriter, node: &Node, kind: Reduction, axes: &[usize], x: ValueId) -> bool {
    let dims = out.new.ty(x).shape.dims().to_vec();
    if !axes.iter().all(|a| dims[*a] == 1usize) || matches!(kind, Reduction::And | Reduction::Or) {
        return false;
    }
    let shape = out.old.ty(node.output()).shape.clone();
    out.emit(node, Op::Reshape(Reshape { shape }), vec![x]);
    true
}

#[cfg(test)]
mod tests {
    use crate::graph::parse;
    use crate::passes::optimize;

    /// Graph texts: what goes in, what comes out.
    const CASES: &[(&str, &str, &str)] = &[
        (
            "one and minus zero change nothing",
            "%0: f32[2] = parameter() {index=0; name=x}
             %1: f32[] = constant() {value=[f32,[],[1.0]]}
             %2: f32[2] = broadcast_in_dim(%1) {shape=[2]; axes=[]}
             %3: f32[2] = multiply(%0, %2)
             %4: f32[2] = divide(%3, %2)
             return %4",
            "%0: f32[2] = parameter() {index=0; name=x}\nreturn %0\n",
        ),
        (
            "zero is not dropped from a sum: -0 + 0 is 0",
            "%0: f32[] = parameter() {index=0; name=x}
             %1: f32[] = constant() {value=[f32,[],[0.0]]}
             %2: f32[] = add(%0, %1)
             return %2",
            "%0: f32[] = parameter() {index=0; name=x}\n%1: f32[] = constant() {value=[f32,[],[0.0]]}\n%2: f32[] = add(%0, %1)\nreturn %2\n",
        ),
        (
            "equal nodes are computed once, constants are folded",
            "%0: f32[2] = parameter() {index=0; name=x}
             %1: f32[2] = tanh(%0)
             %2: f32[2] = tanh(%0)
             %3: f32[2] = add(%1, %2)
             %4: f32[] = constant() {value=[f32,[],[2.0]]}
             %5: f32[] = multiply(%4, %4)
             return %3, %5",
            "%0: f32[2] = parameter() {index=0; name=x}\n%1: f32[2] = tanh(%0)\n%2: f32[2] = add(%1, %1)\n%3: f32[] = constant() {value=[f32,[],[4.0]]}\nreturn %2, %3\n",
        ),
        (
            "transposes and reshapes cancel",
            "%0: f32[2,3] = parameter() {index=0; name=x}
             %1: f32[3,2] = transpose(%0) {permutation=[1,0]}
             %2: f32[2,3] = transpose(%1) {permutation=[1,0]}
             %3: f32[6] = reshape(%2) {shape=[6]}
             %4: f32[2,3] = reshape(%3) {shape=[2,3]}
             return %4",
            "%0: f32[2,3] = parameter() {index=0; name=x}\nreturn %0\n",
        ),
        (
            "sums along axes of length one are reshapes",
            "%0: f32[2,1] = parameter() {index=0; name=x}
             %1: f32[2] = reduce(%0) {kind=add; axes=[1]}
             return %1",
            "%0: f32[2,1] = parameter() {index=0; name=x}\n%1: f32[2] = reshape(%0) {shape=[2]}\nreturn %1\n",
        ),
    ];

    #[test]
    fn graphs_come_out_as_written() {
        for (claim, before, after) in CASES {
            let graph = optimize(&parse(before).unwrap()).unwrap();
            assert_eq!(graph.to_string(), *after, "{claim}");
        }
    }
}
