//! Ops to nodes: which function is for which op, and what is computed while the model is written.

use super::super::arrays::bytes;
use super::emit::{Emitter, FOLD, Wire, carried, spread};
use super::probe::{At, View, fixed};
use super::{arrange, elementwise, gather, loops, products, reduce, windows};
use addax_core::ops::{Binary, Constant, Unary};
use addax_core::{DType, Error, Op, Result, Value};

/// Lowers a graph whose parameters are given; gives its outputs.
pub(super) fn lower(em: &mut Emitter, view: &View, parameters: Vec<Wire>) -> Result<Vec<Wire>> {
    let graph = view.graph();
    let mut wires: Vec<Option<Wire>> = vec![None; graph.value_count()];
    for (value, wire) in graph.parameters().iter().zip(parameters) {
        wires[value.index()] = Some(wire);
    }
    let missing = || Error::value("a value is used before it is made");
    for (i, node) in graph.nodes().iter().enumerate() {
        if matches!(node.op, Op::Parameter(_)) {
            continue;
        }
        em.set_scope(node.scope.as_ref());
        let inputs: Option<Vec<Wire>> = node.inputs.iter().map(|v| wires[v.index()].clone()).collect();
        let (at, inputs) = (view.at(i), inputs.ok_or_else(missing)?);
        let made = match fold(em, &at, &inputs)? {
            Some(made) => vec![made],
            None => op(em, &at, &inputs).map_err(|e| match &node.scope {
                Some(scope) => e.at(scope),
                None => e,
            })?,
        };
        for (v, mut wire) in node.outputs().zip(made) {
            if rounds(&node.op) && wire.value.is_none() {
                wire.name = rounded(em, wire.name, graph.ty(v).dtype);
            }
            wires[v.index()] = Some(wire);
        }
    }
    graph.outputs.iter().map(|v| wires[v.index()].clone().ok_or_else(missing)).collect()
}

/// One op.
fn op(em: &mut Emitter, at: &At, inputs: &[Wire]) -> Result<Vec<Wire>> {
    let one = |wire: Result<Wire>| wire.map(|w| vec![w]);
    match at.ops[0] {
        Op::Constant(_) => one(constant(em, at)),
        Op::StopGradient(_) => Ok(vec![inputs[0].clone()]),
        Op::Unary(op) => one(elementwise::unary(em, *op, at, inputs)),
        Op::Binary(op) => one(elementwise::binary(em, *op, at, inputs)),
        Op::Compare(op) => one(elementwise::compare(em, op.direction, at, inputs)),
        Op::Select(_) => one(elementwise::select(em, at, inputs)),
        Op::Convert(op) => one(elementwise::convert(em, op.dtype, at, inputs)),
        Op::Iota(op) => one(arrange::iota(em, op, at)),
        Op::BroadcastInDim(op) => one(arrange::broadcast(em, op, at, inputs)),
        Op::Reshape(_) => one(arrange::reshape(em, &inputs[0], &at.results[0].1)),
        Op::Transpose(op) => one(em.transpose(&inputs[0], &op.permutation)),
        Op::Slice(_) => one(arrange::slice(em, at, &inputs[0])),
        Op::Pad(_) => one(arrange::pad(em, at, inputs)),
        Op::Concatenate(op) => one(arrange::concatenate(em, op.axis, at, inputs)),
        Op::Reverse(op) => one(arrange::reverse(em, &op.axes, &inputs[0])),
        Op::Reduce(op) => one(reduce::reduce(em, op, at, &inputs[0])),
        Op::ArgReduce(op) => one(reduce::arg_reduce(em, op, at, &inputs[0])),
        Op::Cumulative(op) => one(reduce::cumulative(em, op, at, &inputs[0])),
        Op::Sort(op) => reduce::sort(em, op, at, inputs),
        Op::TopK(op) => reduce::top_k(em, op.k, at, &inputs[0]),
        Op::DotGeneral(op) => one(products::dot(em, op, at, inputs)),
        Op::Convolution(op) => one(products::convolution(em, op, at, inputs)),
        Op::Fft(op) => products::fft(em, op, at, inputs),
        Op::ReduceWindow(op) => one(windows::reduce_window(em, op, at, &inputs[0])),
        Op::Gather(op) => one(gather::gather(em, op, at, inputs)),
        Op::Scatter(op) => one(gather::scatter(em, op, at, inputs)),
        Op::Scan(op) => loops::scan(em, op, at, inputs),
        Op::While(op) => loops::repeat(em, op, at, inputs),
        Op::Parameter(_)
        | Op::SelectAndScatter(_)
        | Op::SelectAndGather(_)
        | Op::RandomUniform(_)
        | Op::RandomBits(_)
        | Op::BitcastConvert(_)
        | Op::Cholesky(_)
        | Op::TriangularSolve(_)
        | Op::Lu(_)
        | Op::Qr(_)
        | Op::Eigh(_)
        | Op::Svd(_) => Err(Error::unsupported(format!("{} as ONNX", at.ops[0].name()))),
    }
}

/// The result of an op of whole constants, if it is not much larger than they are.
fn fold(em: &mut Emitter, at: &At, inputs: &[Wire]) -> Result<Option<Wire>> {
    let [(dtype, lengths)] = &at.results[..] else { return Ok(None) };
    // These stay small as they are.
    let kept = matches!(at.ops[0], Op::BroadcastInDim(_) | Op::Iota(_) | Op::Constant(_));
    let (Some(shape), false) = (lengths.iter().map(|l| fixed(l)).collect::<Option<Vec<_>>>(), kept) else {
        return Ok(None);
    };
    if inputs.is_empty() || inputs.iter().any(|w| w.value.is_none() || w.shape().is_none()) {
        return Ok(None);
    }
    let size: usize = shape.iter().product();
    let given: usize = inputs.iter().filter_map(|w| w.value.as_ref()).map(Value::len).sum();
    let spreads =
        inputs.iter().filter_map(Wire::shape).any(|s| s.iter().product::<usize>() > given.max(FOLD));
    let same = at.ops.iter().all(|op| *op == at.ops[0]);
    if size > given.max(FOLD) || spreads || !same || matches!(at.ops[0], Op::Scan(_) | Op::While(_)) {
        return Ok(None);
    }
    if matches!(at.ops[0], Op::BitcastConvert(_)) {
        return Ok(None);
    }
    let values: Option<Vec<Value>> =
        inputs.iter().map(|w| spread(w.value.as_ref()?, &w.shape()?).ok()).collect();
    let values = values.unwrap_or_default();
    let Ok(mut made) = at.ops[0].eval(&values.iter().collect::<Vec<_>>()) else { return Ok(None) };
    let Some(value) = made.pop() else { return Ok(None) };
    // Small types are computed in larger ones here too, but what was rounded stays so.
    let value = if dtype.is_float() { value.cast(*dtype) } else { value };
    Ok(Some(em.whole_constant(value, at.ops.len())))
}

/// A constant; one number that differs between the traces is a length or one over it.
fn constant(em: &mut Emitter, at: &At) -> Result<Wire> {
    let values: Vec<&Value> = at
        .ops
        .iter()
        .filter_map(|op| if let Op::Constant(Constant { value }) = op { Some(value) } else { None })
        .collect();
    let (dtype, lengths) = &at.results[0];
    // By their bits: NaN is itself.
    let same = |v: &&Value| v.shape() == values[0].shape() && bytes(v).1 == bytes(values[0]).1;
    if values.iter().all(same) {
        return Ok(em.whole_constant(values[0].clone(), at.ops.len()));
    }
    let unusual = || Error::unsupported("numbers that depend on the number of rows in this way, as ONNX");
    let numbers: Option<Vec<f64>> = values.iter().map(|v| v.item().ok()).collect();
    let numbers = numbers.ok_or_else(unusual)?;
    let near = |x: f64| (x - x.round()).abs() < 1e-3f64.max(x * 1e-6);
    let whole = |x: f64| (x > 0.0 && x < 1e9 && near(x)).then_some(x.round() as usize);
    let direct: Option<Vec<usize>> = numbers.iter().map(|x| whole(*x)).collect();
    let inverse: Option<Vec<usize>> = numbers.iter().map(|x| whole(1.0 / x)).collect();
    let length = em.length(direct.as_ref().or(inverse.as_ref()).ok_or_else(unusual)?)?;
    let mut name = em.cast(&length, carried(*dtype));
    if direct.is_none() {
        name = em.node("Reciprocal", &[&name], Vec::new());
    }
    let wire = em.wire(name, *dtype, vec![vec![1; at.ops.len()]]);
    arrange::reshape(em, &wire, lengths)
}

/// Whether the numbers of an op's result are new ones, which a small float type rounds.
fn rounds(op: &Op) -> bool {
    match op {
        Op::Unary(op) => !matches!(op, Unary::Abs | Unary::Negate | Unary::Relu | Unary::Sign),
        Op::Binary(op) => !matches!(op, Binary::Maximum | Binary::Minimum),
        Op::Reduce(_) | Op::ReduceWindow(_) | Op::Cumulative(_) => true,
        Op::DotGeneral(_) | Op::Convolution(_) | Op::Convert(_) => true,
        _ => false,
    }
}

/// Rounds to a small float type, as the model does after every op; the numbers stay in a larger one.
fn rounded(em: &mut Emitter, name: String, dtype: DType) -> String {
    if !matches!(dtype, DType::F16 | DType::BF16) {
        return name;
    }
    let small = em.cast(&name, dtype);
    em.cast(&small, DType::F32)
}
