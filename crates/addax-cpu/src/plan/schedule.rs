//! In which order groups run, and which states are overwritten in place.

use super::access::{broadcast_access, root};
use super::group::{Group, Groups, Head, Home};
use addax_core::graph::Node;
use addax_core::ops::Op;
use addax_core::{Graph, NodeId, ValueId};
use std::collections::HashSet;

/// The order of groups and, for each state, whether its new value takes the old one's memory.
pub struct Schedule {
    /// Group numbers in running order.
    pub order: Vec<usize>,
    /// By state.
    pub in_place: Vec<bool>,
}

/// The nodes of a group, its head first.
pub fn members(group: &Group) -> impl Iterator<Item = NodeId> + '_ {
    let head = match group.head {
        Head::Loop => None,
        Head::Open(id) | Head::Closed(id) => Some(id),
    };
    head.into_iter().chain(group.body.iter().copied()).chain(group.sinks.iter().map(|s| s.0))
}

/// The values whose memory a node reads: through reshapes, and through broadcasts that exist only as access.
pub fn reads(graph: &Graph, home: &[Home], node: &Node) -> Vec<(ValueId, bool)> {
    let memory = |v: &ValueId| {
        let v = root(graph, *v);
        match (home[v.index()], broadcast_access(graph, v)) {
            (Home::Virtual, Some((source, access))) => {
                (root(graph, source), access == super::access::Access::Full)
            }
            _ => (v, true),
        }
    };
    node.inputs.iter().map(memory).collect()
}

/// Finds an order that respects who makes what, and overwrites states in place where that order allows it.
pub fn schedule(graph: &Graph, groups: &Groups, states: usize) -> Schedule {
    let n = groups.list.len();
    let mut before: Vec<HashSet<usize>> = vec![HashSet::new(); n];
    // For each parameter: the groups that read it, and whether a group reads it only index by index in its loop's body.
    let mut readers: Vec<Vec<(usize, bool)>> = vec![Vec::new(); graph.value_count()];
    for (g, group) in groups.list.iter().enumerate() {
        for id in members(group) {
            // Heads read before the loop, sums at its end after it has stored.
            let in_loop = group.body.contains(&id);
            for (v, full) in reads(graph, &groups.home, graph.node(id)) {
                match groups.home[v.index()] {
                    Home::Inside(from) | Home::After(from) if from != g => {
                        before[g].insert(from);
                    }
                    _ => readers[v.index()].push((g, in_loop && full)),
                }
            }
        }
    }
    let in_place = (0..states)
        .map(|i| {
            let (old, new) = (graph.parameters()[i], root(graph, graph.outputs[i]));
            let unique = graph.outputs.iter().filter(|v| root(graph, **v) == new).count() == 1;
            let (writer, even_head) = match groups.home[new.index()] {
                Home::Inside(writer) => (writer, false),
                // An elementwise op of its own reads and writes index by index too.
                Home::After(writer) => match groups.list[writer].head {
                    Head::Closed(id) if elementwise(&graph.node(id).op) => (writer, true),
                    _ => return false,
                },
                _ => return false,
            };
            let own = readers[old.index()].iter().all(|(g, even)| *g != writer || *even || even_head);
            let others: Vec<usize> =
                readers[old.index()].iter().map(|r| r.0).filter(|g| *g != writer).collect();
            // The readers must run before the writer; impossible if one of them waits for it.
            if !unique || !own || others.iter().any(|r| reaches(&before, *r, writer)) {
                return false;
            }
            before[writer].extend(others);
            true
        })
        .collect();
    Schedule { order: sorted(&before), in_place }
}

fn elementwise(op: &Op) -> bool {
    matches!(op, Op::Unary(_) | Op::Binary(_) | Op::Select(_))
}

/// Whether `from` must run after `target`.
fn reaches(before: &[HashSet<usize>], from: usize, target: usize) -> bool {
    let (mut stack, mut seen) = (vec![from], HashSet::new());
    while let Some(g) = stack.pop() {
        if g == target {
            return true;
        }
        if seen.insert(g) {
            stack.extend(&before[g]);
        }
    }
    false
}

/// Groups in an order that respects `before`, lowest numbers first.
fn sorted(before: &[HashSet<usize>]) -> Vec<usize> {
    let n = before.len();
    let mut waiting: Vec<usize> = before.iter().map(HashSet::len).collect();
    let mut after: Vec<Vec<usize>> = vec![Vec::new(); n];
    before.iter().enumerate().for_each(|(g, set)| set.iter().for_each(|b| after[*b].push(g)));
    let mut ready: std::collections::BTreeSet<usize> = (0..n).filter(|g| waiting[*g] == 0).collect();
    let mut order = Vec::with_capacity(n);
    while let Some(g) = ready.pop_first() {
        order.push(g);
        for a in &after[g] {
            waiting[*a] -= 1;
            if waiting[*a] == 0 {
                ready.insert(*a);
            }
        }
    }
    order
}
