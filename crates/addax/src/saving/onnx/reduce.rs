//! Reductions, running sums, orders.

use super::arrange;
use super::emit::{Emitter, Wire};
use super::loops;
use super::probe::At;
use addax_core::ops::{ArgReduce, Cumulative, Reduce, Reduction, Sort};
use addax_core::{DType, Error, Result};

fn unsupported(what: &str, dtype: DType) -> Error {
    Error::unsupported(format!("{what} of {dtype} as ONNX"))
}

pub(super) fn reduce(em: &mut Emitter, op: &Reduce, at: &At, x: &Wire) -> Result<Wire> {
    let lengths = at.results[0].1.clone();
    if op.axes.is_empty() {
        return Ok(x.clone());
    }
    let logical = x.dtype == DType::Bool;
    let kind = match op.kind {
        Reduction::Sum => "ReduceSum",
        Reduction::Product => "ReduceProd",
        Reduction::Max => "ReduceMax",
        Reduction::Min => "ReduceMin",
        Reduction::Or if logical => "ReduceMax",
        Reduction::And if logical => "ReduceMin",
        Reduction::And | Reduction::Or => return Err(unsupported(op.kind.word(), x.dtype)),
    };
    let mut name = em.full(x)?;
    if logical {
        name = em.cast(&name, DType::I32);
    }
    let axes: Vec<i64> = op.axes.iter().map(|a| *a as i64).collect();
    let axes = em.ints(&axes);
    let mut name = em.node(kind, &[&name, &axes], vec![("keepdims", 0.into())]);
    if logical {
        name = em.cast(&name, DType::Bool);
    }
    Ok(em.wire(name, x.dtype, lengths))
}

/// A name in a type that orders are defined for.
fn ordered(em: &mut Emitter, x: &Wire) -> Result<String> {
    let name = em.full(x)?;
    Ok(if x.dtype == DType::Bool { em.cast(&name, DType::I32) } else { name })
}

pub(super) fn arg_reduce(em: &mut Emitter, op: &ArgReduce, at: &At, x: &Wire) -> Result<Wire> {
    let kind = if op.kind == Reduction::Max { "ArgMax" } else { "ArgMin" };
    let mut name = ordered(em, x)?;
    if x.dtype == DType::I64 {
        name = em.cast(&name, DType::I32);
    }
    let attributes = vec![("axis", (op.axis as i64).into()), ("keepdims", 0.into())];
    let name = em.node(kind, &[&name], attributes);
    let name = em.cast(&name, DType::I32);
    Ok(em.wire(name, DType::I32, at.results[0].1.clone()))
}

pub(super) fn cumulative(em: &mut Emitter, op: &Cumulative, at: &At, x: &Wire) -> Result<Wire> {
    let lengths = at.results[0].1.clone();
    let reverse = i64::from(op.reverse);
    let name = match (op.kind, x.dtype) {
        (Reduction::Sum, _) => {
            let axis = em.constant("axis", addax_core::Value::scalar(op.axis as i64));
            let name = em.full(x)?;
            em.node("CumSum", &[&name, &axis], vec![("reverse", reverse.into())])
        }
        (Reduction::Product, _) => loops::running(em, "Mul", op, x)?,
        (Reduction::Max, DType::Bool) | (Reduction::Or, DType::Bool) => loops::running(em, "Or", op, x)?,
        (Reduction::Min, DType::Bool) | (Reduction::And, DType::Bool) => loops::running(em, "And", op, x)?,
        (Reduction::Max, _) => loops::running(em, "Max", op, x)?,
        (Reduction::Min, _) => loops::running(em, "Min", op, x)?,
        (kind, dtype) => return Err(unsupported(kind.word(), dtype)),
    };
    Ok(em.wire(name, x.dtype, lengths))
}

pub(super) fn top_k(em: &mut Emitter, k: usize, at: &At, x: &Wire) -> Result<Vec<Wire>> {
    let (name, count) = (ordered(em, x)?, em.ints(&[k as i64]));
    let made = em.nodes("TopK", &[&name, &count], vec![("axis", (-1).into())], 2);
    let numbers = if x.dtype == DType::Bool { em.cast(&made[0], DType::Bool) } else { made[0].clone() };
    let places = em.cast(&made[1], DType::I32);
    let lengths = at.results[0].1.clone();
    Ok(vec![em.wire(numbers, x.dtype, lengths.clone()), em.wire(places, DType::I32, lengths)])
}

pub(super) fn sort(em: &mut Emitter, op: &Sort, at: &At, inputs: &[Wire]) -> Result<Vec<Wire>> {
    let (first, lengths) = (&inputs[0], at.results[0].1.clone());
    let (name, count) = (ordered(em, first)?, em.length(&lengths[op.axis])?);
    let axis = op.axis as i64;
    let attributes = vec![("axis", axis.into()), ("largest", i64::from(op.descending).into())];
    let made = em.nodes("TopK", &[&name, &count], attributes, 2);
    let mut wires = Vec::new();
    for (i, x) in inputs.iter().enumerate() {
        let name = if i == 0 && x.dtype != DType::Bool {
            made[0].clone()
        } else {
            let all = em.full(x)?;
            em.node("GatherElements", &[&all, &made[1]], vec![("axis", axis.into())])
        };
        wires.push(em.wire(name, x.dtype, lengths.clone()));
    }
    Ok(wires)
}

/// The numbers of a wire between 0 and the most that is allowed.
pub(super) fn clamped(em: &mut Emitter, name: &str, dtype: DType, most: &str) -> String {
    let zero = em.number(dtype, 0.0);
    let low = em.node("Max", &[name, &zero], Vec::new());
    em.node("Min", &[&low, most], Vec::new())
}

/// One after another along a new last axis.
pub(super) fn stacked(em: &mut Emitter, parts: &[Wire]) -> Result<String> {
    let mut names = Vec::new();
    for part in parts {
        let mut lengths = part.lengths.clone();
        lengths.push(vec![1; part.lengths.first().map_or(1, Vec::len)]);
        let wire = arrange::reshape(em, part, &lengths)?;
        names.push(em.full(&wire)?);
    }
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Ok(match names[..] {
        [one] => one.to_string(),
        _ => em.node("Concat", &names, vec![("axis", (-1).into())]),
    })
}
