//! Recurrences: scans that repeat another's work are merged with it, bodies are optimized, what nobody reads is left out.

use super::{Rewriter, optimize};
use crate::graph::{Graph, Node, ValueId};
use crate::ops::{Body, Op, Parameter, Scan};
use std::collections::HashMap;
use std::sync::Arc;

/// Scans over the same inputs, the body of one beginning with that of the other, run once.
///
/// That is how the gradient of a scan asks for the values of the original one: the same body with more results.
pub fn merge_scans(graph: &Graph) -> Graph {
    let mut out = Rewriter::new(graph);
    // For each scan, the one that does its work too and more.
    let scans: Vec<(usize, &Node, &Scan)> = graph
        .nodes()
        .iter()
        .enumerate()
        .filter_map(|(i, n)| if let Op::Scan(s) = &n.op { Some((i, n, s)) } else { None })
        .collect();
    let mut richest: HashMap<usize, usize> = HashMap::new();
    for (i, node, scan) in &scans {
        let covers = |(j, other, more): &&(usize, &Node, &Scan)| {
            j > i && other.inputs == node.inputs && extends(more, scan)
        };
        if let Some((j, ..)) = scans.iter().filter(covers).max_by_key(|(_, _, s)| s.body.0.outputs.len()) {
            richest.insert(*i, *j);
        }
    }
    for (i, node) in graph.nodes().iter().enumerate() {
        match richest.get(&i) {
            // The richer one stands later, but needs no more than this one.
            Some(j) => {
                let more = &graph.nodes()[*j];
                if out.map[more.output().index()].is_none() {
                    let inputs = out.inputs(more);
                    out.emit(more, more.op.clone(), inputs);
                }
                let made: Vec<ValueId> = more.outputs().map(|v| out.get(v)).collect();
                node.outputs().zip(made).for_each(|(v, new)| out.map[v.index()] = Some(new));
            }
            None if matches!(node.op, Op::Scan(_)) && out.map[node.output().index()].is_some() => {}
            None => out.copy(node),
        }
    }
    out.finish()
}

/// Whether `more` does all that `scan` does, and its results come first.
fn extends(more: &Scan, scan: &Scan) -> bool {
    let (a, b) = (&scan.body.0, &more.body.0);
    let roles = |s: &Scan| (s.carries, s.sequences, s.length, s.reverse);
    roles(scan) == roles(more)
        && b.outputs.starts_with(&a.outputs)
        && a.nodes().len() <= b.nodes().len()
        && a.nodes().iter().zip(b.nodes()).all(|(x, y)| x.op == y.op && x.inputs == y.inputs)
}

/// Optimizes the bodies of scans and leaves out stacked results, sequences and captured values that nobody reads.
pub fn trim_scans(graph: &Graph) -> Graph {
    let mut live = vec![false; graph.value_count()];
    graph.outputs.iter().for_each(|v| live[v.index()] = true);
    let mut trimmed: HashMap<usize, (Scan, Vec<usize>, Vec<usize>)> = HashMap::new();
    for (i, node) in graph.nodes().iter().enumerate().rev() {
        if !node.outputs().any(|v| live[v.index()]) {
            continue;
        }
        let reads: Vec<usize> = match &node.op {
            Op::Scan(scan) => match trim(scan, node, &live) {
                Some(found) => {
                    let reads = found.1.clone();
                    trimmed.insert(i, found);
                    reads
                }
                None => (0..node.inputs.len()).collect(),
            },
            _ => (0..node.inputs.len()).collect(),
        };
        reads.into_iter().for_each(|k| live[node.inputs[k].index()] = true);
    }
    let mut out = Rewriter::new(graph);
    for (i, node) in graph.nodes().iter().enumerate() {
        let Some((scan, inputs, outputs)) = trimmed.remove(&i) else {
            out.copy(node);
            continue;
        };
        let all = out.inputs(node);
        let given = inputs.iter().map(|k| all[*k]).collect();
        let results: Vec<ValueId> = node.outputs().collect();
        let types = outputs.iter().map(|k| graph.ty(results[*k]).clone()).collect();
        let id = out.new.push(Op::Scan(scan), given, types, node.scope.clone());
        let made: Vec<ValueId> = out.new.node(id).outputs().collect();
        outputs.iter().zip(made).for_each(|(k, new)| out.map[results[*k].index()] = Some(new));
    }
    out.finish()
}

/// The scan without what nobody reads, and which inputs and results it keeps.
fn trim(scan: &Scan, node: &Node, live: &[bool]) -> Option<(Scan, Vec<usize>, Vec<usize>)> {
    let results: Vec<ValueId> = node.outputs().collect();
    let outputs: Vec<usize> =
        (0..results.len()).filter(|k| *k < scan.carries || live[results[*k].index()]).collect();
    let mut body = (*scan.body.0).clone();
    body.outputs = outputs.iter().map(|k| scan.body.0.outputs[*k]).collect();
    let body = optimize(&body).ok()?;
    let uses = body.uses();
    let used = |k: &usize| *k < scan.carries || uses[body.parameters()[*k].index()] > 0;
    let mut inputs: Vec<usize> = (0..node.inputs.len()).filter(used).collect();
    // Somebody must say how many steps there are.
    let both = scan.carries + scan.sequences;
    if scan.length.known().is_none()
        && scan.sequences > 0
        && !inputs.iter().any(|k| (scan.carries..both).contains(k))
    {
        inputs.push(scan.carries);
        inputs.sort_unstable();
    }
    let sequences = inputs.iter().filter(|k| (scan.carries..both).contains(k)).count();
    let body = keep_parameters(&body, &inputs);
    let scan = Scan { body: Body(Arc::new(body)), sequences, ..scan.clone() };
    Some((scan, inputs, outputs))
}

/// The graph with only some of its parameters, numbered anew.
fn keep_parameters(graph: &Graph, kept: &[usize]) -> Graph {
    let mut out = Rewriter::new(graph);
    for node in graph.nodes() {
        match &node.op {
            Op::Parameter(p) => {
                if let Ok(index) = kept.binary_search(&p.index) {
                    let op = Op::Parameter(Parameter { index, name: p.name.clone() });
                    out.emit(node, op, Vec::new());
                }
            }
            _ => out.copy(node),
        }
    }
    out.finish()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::autodiff::gradients;
    use crate::{DType, Tensor, Trace, Value, evaluate};

    #[test]
    fn a_recurrence_and_its_gradient_run_two_scans_that_carry_what_they_need() {
        let trace = Trace::new();
        let x = trace.parameter("x", DType::F64, [5, 2, 3]);
        let w = trace.parameter("w", DType::F64, [4, 4]);
        let v = trace.parameter("v", DType::F64, [3, 4]);
        let zero = Tensor::full(DType::F64, [2, 4], 0.0);
        let entered = trace.enter();
        let (_, ys) = Tensor::scan(&[&zero], &[&x], None, false, |h, x| {
            let h = (x[0].matmul(&v) + h[0].matmul(&w)).tanh();
            (vec![h.clone()], vec![h])
        });
        let loss = ys[0].square().sum_all();
        let found = gradients(&loss, &[&w, &x]).unwrap();
        drop(entered);
        let results: Vec<Tensor> = [loss].into_iter().chain(found.into_iter().flatten()).collect();
        let graph = trace.finish(&results).unwrap();
        let better = optimize(&graph).unwrap();
        let scans: Vec<&Scan> = better
            .nodes()
            .iter()
            .filter_map(|n| if let Op::Scan(s) = &n.op { Some(s) } else { None })
            .collect();
        assert_eq!(scans.len(), 2);
        // The weights' gradient is one product over all steps, so the backward scan carries the state's alone.
        assert_eq!(scans[1].carries, 1);
        let numbers = |shape: &[usize], k: f64| {
            let n: usize = shape.iter().product();
            Value::new(shape, (0..n).map(|i| (i as f64 * k).sin()).collect::<Vec<f64>>()).unwrap()
        };
        let inputs = [numbers(&[5, 2, 3], 0.7), numbers(&[4, 4], 1.3), numbers(&[3, 4], 0.4)];
        let (plain, fast) = (evaluate(&graph, &inputs).unwrap(), evaluate(&better, &inputs).unwrap());
        for (a, b) in plain.iter().zip(&fast) {
            assert!(a.to_f64().iter().zip(b.to_f64()).all(|(a, b)| (a - b).abs() < 1e-12));
        }
    }
}
