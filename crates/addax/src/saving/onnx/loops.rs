//! Recurrences: bodies that see the values around them by name.

use super::emit::{Emitter, Wire, carried};
use super::lower::lower;
use super::probe::{At, Length, View};
use super::proto::{Graph, Port};
use addax_core::ops::{Cumulative, Reduction, Scan, While};
use addax_core::{DType, Error, Graph as Ours, Op, Result, Value};

/// The bodies of an op in all traces.
fn bodies<'a>(at: &At<'a>, body: impl Fn(&'a Op) -> Option<&'a Ours>) -> Result<View<'a>> {
    View::new(at.ops.iter().filter_map(|op| body(op)).collect())
}

/// Fresh inputs of a body for its first `count` parameters.
fn inputs(em: &mut Emitter, view: &View, count: usize) -> (Vec<Wire>, Vec<Port>) {
    let graph = view.graph();
    let wires = graph.parameters()[..count].iter().map(|p| {
        let name = em.fresh("step");
        em.wire(name, graph.ty(*p).dtype, view.lengths(*p))
    });
    let wires: Vec<Wire> = wires.collect();
    let ports = wires.iter().map(|w| em.port(&w.name, w.dtype, &w.lengths)).collect();
    (wires, ports)
}

/// The outputs of a body, each under a name of its own.
fn outputs(em: &mut Emitter, wires: &[Wire]) -> Result<Vec<Port>> {
    let mut ports = Vec::new();
    for wire in wires {
        let full = em.full(wire)?;
        let own = em.node("Identity", &[&full], Vec::new());
        ports.push(em.port(&own, wire.dtype, &wire.lengths));
    }
    Ok(ports)
}

pub(super) fn scan(em: &mut Emitter, op: &Scan, at: &At, given: &[Wire]) -> Result<Vec<Wire>> {
    let view = bodies(at, |op| if let Op::Scan(s) = op { Some(&*s.body.0) } else { None })?;
    let moving = op.carries + op.sequences;
    let mut names = given[..moving].iter().map(|w| em.full(w)).collect::<Result<Vec<_>>>()?;
    em.open();
    let (mut wires, mut ports) = inputs(em, &view, moving);
    wires.extend_from_slice(&given[moving..]);
    let made = lower(em, &view, wires).and_then(|made| outputs(em, &made));
    let nodes = em.close();
    let made = made?;
    if op.sequences == 0 {
        // Something must tell how many steps there are.
        let length: Length = at.each(|op| if let Op::Scan(s) = op { s.length.known() } else { None })?;
        let count = em.length(&length)?;
        names.push(em.node("ConstantOfShape", &[&count], Vec::new()));
        let tick = em.fresh("step");
        ports.push(em.port(&tick, DType::F32, &[]));
    }
    let sequences = op.sequences.max(1);
    let stacked = made.len() - op.carries;
    let way = i64::from(op.reverse);
    let name = em.fresh("body");
    let attributes = vec![
        ("num_scan_inputs", (sequences as i64).into()),
        ("scan_input_directions", vec![way; sequences].into()),
        ("scan_output_directions", vec![way; stacked].into()),
        ("body", Graph { name, nodes, inputs: ports, outputs: made }.into()),
    ];
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let results = em.nodes("Scan", &names, attributes, at.results.len());
    Ok(results.into_iter().zip(&at.results).map(|(n, (d, l))| em.wire(n, *d, l.clone())).collect())
}

pub(super) fn repeat(em: &mut Emitter, op: &While, at: &At, given: &[Wire]) -> Result<Vec<Wire>> {
    let condition = bodies(at, |op| if let Op::While(w) = op { Some(&*w.condition.0) } else { None })?;
    let body = bodies(at, |op| if let Op::While(w) = op { Some(&*w.body.0) } else { None })?;
    let (carries, captured) = given.split_at(op.carries);
    let (by_condition, by_body) = captured.split_at(condition.graph().parameters().len() - op.carries);
    let holds = |em: &mut Emitter, carries: &[Wire]| lower(em, &condition, [carries, by_condition].concat());
    let first = holds(em, carries)?;
    let first = em.full(&first[0])?;
    let names = carries.iter().map(|w| em.full(w)).collect::<Result<Vec<_>>>()?;
    em.open();
    let made = (|| {
        let (wires, ports) = inputs(em, &body, op.carries);
        let next = lower(em, &body, [&wires[..], by_body].concat())?;
        let again = holds(em, &next)?;
        Ok::<_, Error>((ports, outputs(em, &[again, next].concat())?))
    })();
    let nodes = em.close();
    let (mut ports, made) = made?;
    let (count, on) = (em.fresh("count"), em.fresh("on"));
    ports.insert(0, em.port(&on, DType::Bool, &[]));
    ports.insert(0, em.port(&count, DType::I64, &[]));
    let name = em.fresh("body");
    let attributes = vec![("body", Graph { name, nodes, inputs: ports, outputs: made }.into())];
    let names: Vec<&str> = ["", first.as_str()].into_iter().chain(names.iter().map(String::as_str)).collect();
    let results = em.nodes("Loop", &names, attributes, op.carries);
    Ok(results.into_iter().zip(&at.results).map(|(n, (d, l))| em.wire(n, *d, l.clone())).collect())
}

/// Each element put together with all before it, by an operator of two inputs.
pub(super) fn running(em: &mut Emitter, kind: &'static str, op: &Cumulative, x: &Wire) -> Result<String> {
    let all = em.full(x)?;
    let axis = op.axis as i64;
    let mut slice = x.lengths.clone();
    slice.remove(op.axis);
    // Put together with itself, an extreme stays as it is; a product begins with 1.
    let place = em.constant("place", Value::scalar(if op.reverse { -1i64 } else { 0 }));
    let mut first = em.node("Gather", &[&all, &place], vec![("axis", axis.into())]);
    if op.kind == Reduction::Product {
        let shape = em.node("Shape", &[&first], Vec::new());
        let one = em.number(carried(x.dtype), 1.0);
        first = em.node("Expand", &[&one, &shape], Vec::new());
    }
    em.open();
    let (before, now) = (em.fresh("step"), em.fresh("step"));
    let ports = vec![em.port(&before, x.dtype, &slice), em.port(&now, x.dtype, &slice)];
    let next = em.node(kind, &[&before, &now], Vec::new());
    let again = em.node("Identity", &[&next], Vec::new());
    let made = vec![em.port(&next, x.dtype, &slice), em.port(&again, x.dtype, &slice)];
    let nodes = em.close();
    let (way, name) = (i64::from(op.reverse), em.fresh("body"));
    let attributes = vec![
        ("num_scan_inputs", 1.into()),
        ("scan_input_axes", vec![axis].into()),
        ("scan_output_axes", vec![axis].into()),
        ("scan_input_directions", vec![way].into()),
        ("scan_output_directions", vec![way].into()),
        ("body", Graph { name, nodes, inputs: ports, outputs: made }.into()),
    ];
    Ok(em.nodes("Scan", &[&first, &all], attributes, 2).remove(1))
}
