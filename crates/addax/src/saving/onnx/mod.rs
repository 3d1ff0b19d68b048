//! `.onnx`: the graph that predicts, for other runtimes; any number of rows.
//!
//! What is lowered is the traced graph, not the layers, so that every layer exports. `probe` traces the model at several
//! sizes and so finds out which lengths depend on the rows; `lower` turns each op into one or a few nodes, with the
//! elementwise ones left to ONNX's broadcasting; `emit` keeps names, constants and the computation of open lengths;
//! `proto` writes the file.

mod arrange;
mod elementwise;
mod emit;
mod gather;
mod loops;
mod lower;
mod probe;
mod products;
mod proto;
mod reduce;
mod windows;

use crate::training::{Model, paths};
use addax_core::{DType, Result, Value};
use emit::{Emitter, Wire, carried};
use probe::{Length, Probes};
use proto::{Graph, Port};
use std::io::Write;
use std::sync::Arc;

/// The version of the set of operators: the first that has all that is used, so that old runtimes read it too.
const OPSET: i64 = 21;

/// The version of the file format that goes with it.
const IR: i64 = 10;

/// A model lowered: nodes, and the constants that they name.
pub(crate) struct Lowered {
    graph: Graph,
    constants: Vec<(String, Value)>,
}

/// Lowers a model for inference.
pub(crate) fn collect(model: &Model) -> Result<Lowered> {
    let network = model.network()?;
    let probes = Probes::new(network)?;
    let view = probes.view()?;
    let graph = view.graph();
    let input_names = network.input_names();
    let output_names = distinct(network.output_names(), &input_names);
    let mut em = Emitter::new(&probes.symbols, input_names.clone(), &output_names);

    let paths = paths(network);
    let mut wires: Vec<Wire> = Vec::new();
    for weight in &probes.weights {
        let path = paths.get(&(Arc::as_ptr(weight) as usize)).unwrap_or(&weight.name);
        wires.push(weight_wire(&mut em, path, weight.value()?, probes.graphs.len()));
    }
    let mut inputs: Vec<Port> = Vec::new();
    for (name, parameter) in input_names.iter().zip(&graph.parameters()[wires.len()..]) {
        let (dtype, lengths) = (graph.ty(*parameter).dtype, view.lengths(*parameter));
        inputs.push(em.port(name, seen(dtype), &lengths));
        let inner = if seen(dtype) == carried(dtype) { name.clone() } else { em.cast(name, carried(dtype)) };
        wires.push(em.wire(inner, dtype, lengths));
    }
    let made = lower::lower(&mut em, &view, wires)?;
    let mut outputs = Vec::new();
    for ((name, wire), value) in output_names.iter().zip(&made).zip(&graph.outputs) {
        em.set_scope(None);
        let (dtype, inner) = (seen(graph.ty(*value).dtype), em.full(wire)?);
        let (kind, to) = if dtype == wire.dtype { ("Identity", None) } else { ("Cast", Some(dtype)) };
        em.named(kind, &inner, to, name);
        outputs.push(em.port(name, dtype, &wire.lengths));
    }
    let nodes = em.finish();
    let graph = Graph { name: model.name().to_string(), nodes, inputs, outputs };
    Ok(Lowered { graph, constants: em.constants })
}

/// Writes what was lowered.
pub(crate) fn write(lowered: &Lowered, out: &mut dyn Write) -> Result<()> {
    proto::write(&lowered.graph, &lowered.constants, OPSET, IR, out)
}

/// A weight as a constant under its path.
fn weight_wire(em: &mut Emitter, path: &str, value: Value, probes: usize) -> Wire {
    let value = value.cast(carried(value.dtype()));
    let lengths: Vec<Length> = value.shape().iter().map(|n| vec![*n; probes]).collect();
    let name = em.constant(path, value.clone());
    let full = vec![true; lengths.len()];
    Wire { name, dtype: value.dtype(), rank: lengths.len(), lengths, full, value: Some(value) }
}

/// The element type that users of the model see: as elsewhere, bfloat16 shows as float32.
fn seen(dtype: DType) -> DType {
    if dtype == DType::BF16 { DType::F32 } else { dtype }
}

/// The names of outputs, those that are taken with a number.
fn distinct(names: Vec<String>, inputs: &[String]) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    for name in names {
        let taken = |n: &String| out.contains(n) || inputs.contains(n);
        let numbered = (1..).map(|i| format!("{name}_{i}"));
        let free = std::iter::once(name.clone()).chain(numbered).find(|n| !taken(n)).unwrap_or(name);
        out.push(free);
    }
    out
}

#[cfg(test)]
mod tests;
