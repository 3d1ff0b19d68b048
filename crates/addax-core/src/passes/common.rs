//! Common subexpressions: the same op on the same values is computed once.

use super::Rewriter;
use crate::graph::{Graph, ValueId};
use crate::ops::Op;
use std::collections::HashMap;

/// Computes equal nodes once.
pub fn common_subexpressions(graph: &Graph) -> Graph {
    let mut out = Rewriter::new(graph);
    // Ops have no hash of their own: candidates are found by name and inputs, then compared.
    let mut seen: HashMap<(&'static str, Vec<ValueId>), Vec<usize>> = HashMap::new();
    for (i, node) in graph.nodes().iter().enumerate() {
        if matches!(node.op, Op::Parameter(_)) {
            out.copy(node);
            continue;
        }
        let key = (node.op.name(), out.inputs(node));
        let candidates = seen.entry(key).or_default();
        let same = |j: &&usize| {
            let other = &graph.nodes()[**j];
            other.op == node.op && graph.ty(other.output()) == graph.ty(node.output())
        };
        match candidates.iter().find(same) {
            Some(j) => {
                let twin = &graph.nodes()[*j];
                let values: Vec<ValueId> = twin.outputs().map(|v| out.get(v)).collect();
                node.outputs().zip(values).for_each(|(v, new)| out.map[v.index()] = Some(new));
            }
            None => {
                candidates.push(i);
                out.copy(node);
            }
        }
    }
    out.finish()
}
