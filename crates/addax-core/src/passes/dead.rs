//! Dead code: nodes whose results nobody needs are left out. Parameters stay, since they are the graph's face.

use super::Rewriter;
use crate::graph::Graph;
use crate::ops::Op;

/// Leaves out what no output depends on.
pub fn dead_code(graph: &Graph) -> Graph {
    let mut live = vec![false; graph.value_count()];
    graph.outputs.iter().for_each(|v| live[v.index()] = true);
    for node in graph.nodes().iter().rev() {
        if node.outputs().any(|v| live[v.index()]) {
            node.inputs.iter().for_each(|v| live[v.index()] = true);
        }
    }
    let mut out = Rewriter::new(graph);
    for node in graph.nodes() {
        if matches!(node.op, Op::Parameter(_)) || node.outputs().any(|v| live[v.index()]) {
            out.copy(node);
        }
    }
    out.finish()
}
