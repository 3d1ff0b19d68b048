//! A model traced at several sizes of its open axes. ONNX wants to know which length of which tensor comes from where;
//! a graph of full shapes does not say it, but a few such graphs side by side do: what differs between them depends on
//! the sizes that differ.

use crate::models::Network;
use crate::scope::{Scope, Traced, Weight};
use addax_core::graph::Node;
use addax_core::passes::optimize;
use addax_core::{DType, Error, Graph, Op, Result, Shape, Tensor, Trace, ValueId};
use std::sync::Arc;

/// The length of an axis in each of the traces.
pub(super) type Length = Vec<usize>;

/// The length where it is the same in all.
pub(super) fn fixed(length: &[usize]) -> Option<usize> {
    let first = *length.first()?;
    length.iter().all(|n| *n == first).then_some(first)
}

/// The product of some lengths.
pub(super) fn product(lengths: &[Length], probes: usize) -> Length {
    (0..probes).map(|t| lengths.iter().map(|l| l[t]).product()).collect()
}

/// A length with something before and after.
pub(super) fn moved(length: &Length, (low, high): (isize, isize)) -> Length {
    length.iter().map(|n| (*n as isize + low + high).max(0) as usize).collect()
}

/// An axis of unknown length: its name, where it is met first, and its lengths.
#[derive(Clone, Debug)]
pub(super) struct Symbol {
    pub name: String,
    /// Which input, which axis.
    pub place: (usize, usize),
    pub sizes: Length,
}

/// The traces: parameters are the weights, then the inputs.
pub(super) struct Probes {
    pub graphs: Vec<Graph>,
    pub symbols: Vec<Symbol>,
    pub weights: Vec<Arc<Weight>>,
}

/// Which axes have a length in common, and how the lengths are chosen.
#[derive(Clone, Copy)]
struct Assumption {
    /// Whether axes of the same number have the same length in all inputs, as the batch always does.
    shared: bool,
    /// Lengths of the first trace, and how much is added in the two others.
    first: usize,
    next: usize,
    more: [usize; 2],
}

/// What is tried in turn: lengths that share no factor with anything, then lengths that many numbers divide.
const ASSUMPTIONS: [Assumption; 4] = [
    Assumption { shared: false, first: 1009, next: 1004, more: [13, 30] },
    Assumption { shared: true, first: 1009, next: 1004, more: [13, 30] },
    Assumption { shared: false, first: 5040, next: 5040, more: [2520, 12600] },
    Assumption { shared: true, first: 5040, next: 5040, more: [2520, 12600] },
];

impl Probes {
    /// Traces a model for inference.
    pub fn new(network: &Network) -> Result<Probes> {
        let mut first = None;
        for assumption in ASSUMPTIONS {
            match probe(network, assumption) {
                Ok(probes) => return Ok(probes),
                Err(e) => first = first.or(Some(e)),
            }
        }
        Err(first.unwrap_or_else(|| Error::value("model").expected("a graph")))
    }

    /// The graphs side by side.
    pub fn view(&self) -> Result<View<'_>> {
        View::new(self.graphs.iter().collect())
    }
}

fn probe(network: &Network, assumption: Assumption) -> Result<Probes> {
    let symbols = symbols(network, assumption);
    let weights: Vec<Arc<Weight>> = network.weights().into_iter().map(|(w, _)| w).collect();
    let traces = 1 + 2 * symbols.len();
    let graphs: Vec<Graph> = (0..traces)
        .map(|i| optimize(&trace(network, &weights, |place| size(&symbols, assumption, place, i))?))
        .collect::<Result<_>>()?;
    let probes = Probes { graphs, symbols, weights };
    probes.view()?;
    Ok(probes)
}

/// The number of the symbol of an axis.
fn symbol_of(symbols: &[Symbol], assumption: Assumption, (input, axis): (usize, usize)) -> Option<usize> {
    let shared = assumption.shared || axis == 0;
    symbols.iter().position(|s| s.place.1 == axis && (shared || s.place.0 == input))
}

/// The length of an open axis in a trace: 1 + 2j and 2 + 2j are those in which symbol j is longer.
fn size(symbols: &[Symbol], assumption: Assumption, place: (usize, usize), trace: usize) -> usize {
    symbol_of(symbols, assumption, place).map_or(1, |s| symbols[s].sizes[trace])
}

fn symbols(network: &Network, assumption: Assumption) -> Vec<Symbol> {
    let mut found: Vec<Symbol> = Vec::new();
    for (input, symbolic) in network.inputs().iter().enumerate() {
        let open = symbolic.shape().dims().iter().enumerate().filter(|(_, d)| d.known().is_none());
        for (axis, _) in open {
            if symbol_of(&found, assumption, (input, axis)).is_some() {
                continue;
            }
            let name = match (axis, assumption.shared) {
                (0, _) => "batch".to_string(),
                (_, true) => format!("axis_{axis}"),
                (_, false) => format!("{}_axis_{axis}", symbolic.call().layer.name()),
            };
            found.push(Symbol { name, place: (input, axis), sizes: Vec::new() });
        }
    }
    let traces = 1 + 2 * found.len();
    for (j, symbol) in found.iter_mut().enumerate() {
        let mut sizes = vec![assumption.first + j * assumption.next; traces];
        sizes[1 + 2 * j] += assumption.more[0];
        sizes[2 + 2 * j] += assumption.more[1];
        symbol.sizes = sizes;
    }
    found
}

fn trace(
    network: &Network,
    weights: &[Arc<Weight>],
    size: impl Fn((usize, usize)) -> usize,
) -> Result<Graph> {
    let trace = Trace::new();
    let entered = trace.enter();
    let state: Vec<Tensor> =
        weights.iter().map(|w| trace.parameter(&w.name, w.dtype, &w.shape[..])).collect();
    let inputs = network.inputs().iter().enumerate().map(|(i, s)| {
        let dims = s.shape().dims().iter().enumerate();
        let shape: Vec<usize> = dims.map(|(a, d)| d.known().unwrap_or_else(|| size((i, a)))).collect();
        Traced::from(trace.parameter("input", s.dtype(), Shape::of(&shape)))
    });
    let inputs: Vec<Traced> = inputs.collect();
    let mut cx = Scope::new(&trace, false);
    cx.bind(weights, &state);
    let outputs = network.forward_masked(&mut cx, &inputs)?;
    drop(entered);
    trace.finish(&outputs.into_iter().map(|t| t.tensor).collect::<Vec<_>>())
}

/// Graphs of the same nodes, which differ in lengths only.
pub(super) struct View<'a>(Vec<&'a Graph>);

/// A node in all graphs: the op of each, and the types of the results.
pub(super) struct At<'a> {
    pub ops: Vec<&'a Op>,
    pub results: Vec<(DType, Vec<Length>)>,
}

impl<'a> View<'a> {
    /// Checks that the graphs are of one form.
    pub fn new(graphs: Vec<&'a Graph>) -> Result<View<'a>> {
        let first = graphs[0];
        let same = |g: &&Graph| {
            let alike = |(a, b): (&Node, &Node)| {
                a.op.name() == b.op.name() && a.inputs == b.inputs && (loose(&a.op) || a.op == b.op)
            };
            g.outputs == first.outputs
                && g.nodes().len() == first.nodes().len()
                && first.nodes().iter().zip(g.nodes()).all(alike)
        };
        if graphs.iter().all(same) {
            return Ok(View(graphs));
        }
        Err(Error::unsupported("a model whose steps depend on the number of rows, as ONNX"))
    }

    /// The first of the graphs.
    pub fn graph(&self) -> &'a Graph {
        self.0[0]
    }

    /// The lengths of a value's axes.
    pub fn lengths(&self, value: ValueId) -> Vec<Length> {
        let dims = |g: &&Graph| g.ty(value).shape.dims().iter().map(|d| d.known().unwrap_or(0)).collect();
        let all: Vec<Vec<usize>> = self.0.iter().map(dims).collect();
        (0..all[0].len()).map(|axis| all.iter().map(|d| d[axis]).collect()).collect()
    }

    /// A node by its number.
    pub fn at(&self, node: usize) -> At<'a> {
        let first = self.graph();
        let ops = self.0.iter().map(|g| &g.nodes()[node].op).collect();
        let results = first.nodes()[node].outputs().map(|v| (first.ty(v).dtype, self.lengths(v))).collect();
        At { ops, results }
    }
}

impl At<'_> {
    /// A number of the op in each of the graphs.
    pub fn each(&self, read: impl Fn(&Op) -> Option<usize>) -> Result<Length> {
        let all: Option<Length> = self.ops.iter().map(|op| read(op)).collect();
        all.ok_or_else(|| Error::unsupported("a negative length that depends on the rows, as ONNX"))
    }
}

/// Whether an op's attributes may hold lengths.
fn loose(op: &Op) -> bool {
    matches!(
        op,
        Op::BroadcastInDim(_)
            | Op::Reshape(_)
            | Op::Slice(_)
            | Op::Iota(_)
            | Op::Constant(_)
            | Op::Pad(_)
            | Op::Convolution(_)
            | Op::ReduceWindow(_)
            | Op::Gather(_)
            | Op::Scan(_)
            | Op::While(_)
    )
}
