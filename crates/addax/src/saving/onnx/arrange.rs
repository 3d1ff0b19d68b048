//! Ops that move numbers: to another shape, out of a box, into a larger one.

use super::emit::{Emitter, FOLD, Wire, carried};
use super::probe::{At, Length, fixed};
use addax_core::ops::{BroadcastInDim, Iota, Primitive};
use addax_core::{DType, Error, Op, Result, Shape};

/// The end of an axis, however long it is.
const END: i64 = i64::MAX;

pub(super) fn broadcast(em: &mut Emitter, op: &BroadcastInDim, at: &At, inputs: &[Wire]) -> Result<Wire> {
    let mut order: Vec<usize> = (0..op.axes.len()).collect();
    order.sort_by_key(|i| op.axes[*i]);
    let x = em.transpose(&inputs[0], &order)?;
    let axes: Vec<usize> = order.iter().map(|i| op.axes[*i]).collect();
    let lengths = at.results[0].1.clone();
    let mut full = vec![false; lengths.len()];
    for (from, to) in axes.iter().enumerate() {
        full[*to] = x.full[from] && x.lengths[from] == lengths[*to];
    }
    // Axes that are there keep their places, with axes of length 1 between and after them.
    let there = &axes[x.first()..];
    let first = there.first().copied().unwrap_or(lengths.len());
    let added: Vec<usize> =
        (first..lengths.len()).filter(|a| !there.contains(a)).map(|a| a - first).collect();
    let mut wire = Wire { lengths, full, rank: x.rank + added.len(), ..x };
    if added.is_empty() {
        return Ok(wire);
    }
    if let Some(value) = &wire.value {
        let mut shape = value.shape().to_vec();
        added.iter().for_each(|a| shape.insert(*a, 1));
        let value = value.reshape(&shape)?;
        return Ok(em.constant_wire(value, wire.lengths, wire.full));
    }
    let added: Vec<i64> = added.iter().map(|a| *a as i64).collect();
    let axes = em.ints(&added);
    wire.name = em.node("Unsqueeze", &[&wire.name, &axes], Vec::new());
    Ok(wire)
}

/// The same numbers in another shape.
pub(super) fn reshape(em: &mut Emitter, x: &Wire, lengths: &[Length]) -> Result<Wire> {
    if x.rank == 0 && !x.lengths.is_empty() && x.lengths.iter().all(|l| fixed(l) != Some(0)) {
        // One number everywhere.
        return Ok(Wire { lengths: lengths.to_vec(), full: vec![false; lengths.len()], ..x.clone() });
    }
    let shape: Option<Vec<usize>> = lengths.iter().map(|l| fixed(l)).collect();
    if let (Some(value), Some(shape), true) = (&x.value, shape, x.whole()) {
        let value = value.reshape(&shape)?;
        return Ok(em.constant_wire(value, lengths.to_vec(), vec![true; lengths.len()]));
    }
    let name = em.full(x)?;
    if x.lengths == lengths {
        return Ok(em.wire(name, x.dtype, lengths.to_vec()));
    }
    let (mut open, mut shape) = (0, Vec::new());
    for (axis, length) in lengths.iter().enumerate() {
        shape.push(match fixed(length) {
            Some(n) => n as i64,
            None if x.lengths.get(axis) == Some(length) => 0,
            None => {
                open += 1;
                -1
            }
        });
    }
    let empty = lengths.iter().any(|l| fixed(l) == Some(0));
    let (shape, attributes) = match open {
        0 | 1 if !empty => (em.ints(&shape), Vec::new()),
        _ => (em.shape(lengths)?, vec![("allowzero", 1.into())]),
    };
    let name = em.node("Reshape", &[&name, &shape], attributes);
    Ok(em.wire(name, x.dtype, lengths.to_vec()))
}

/// A number of an op along an axis, as an index: fixed, or a length.
enum Index {
    Fixed(i64),
    Open(Length),
}

/// Boxes: starts, ends and steps along axes.
#[derive(Default)]
struct Boxes {
    axes: Vec<i64>,
    starts: Vec<Index>,
    ends: Vec<Index>,
    steps: Vec<i64>,
}

impl Boxes {
    fn row(em: &mut Emitter, bounds: &[Index]) -> Result<String> {
        let fixed: Option<Vec<i64>> =
            bounds.iter().map(|b| if let Index::Fixed(n) = b { Some(*n) } else { None }).collect();
        if let Some(fixed) = fixed {
            return Ok(em.ints(&fixed));
        }
        let mut parts = Vec::new();
        for bound in bounds {
            parts.push(match bound {
                Index::Fixed(n) => em.ints(&[*n]),
                Index::Open(length) => em.length(length)?,
            });
        }
        let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
        Ok(match parts[..] {
            [one] => one.to_string(),
            _ => em.node("Concat", &parts, vec![("axis", 0.into())]),
        })
    }

    fn cut(&self, em: &mut Emitter, name: &str) -> Result<String> {
        if self.axes.is_empty() {
            return Ok(name.to_string());
        }
        let (starts, ends) = (Boxes::row(em, &self.starts)?, Boxes::row(em, &self.ends)?);
        let (axes, steps) = (em.ints(&self.axes), em.ints(&self.steps));
        Ok(em.node("Slice", &[name, &starts, &ends, &axes, &steps], Vec::new()))
    }
}

pub(super) fn slice(em: &mut Emitter, at: &At, x: &Wire) -> Result<Wire> {
    let Op::Slice(op) = at.ops[0] else { return Err(Error::value("slice")) };
    let mut boxes = Boxes::default();
    for axis in (x.first()..x.lengths.len()).filter(|a| x.full[*a]) {
        let start = at.each(|op| if let Op::Slice(s) = op { Some(s.start[axis]) } else { None })?;
        let read = |op: &Op| {
            if let Op::Slice(s) = op { Some(s.limit[axis].known().unwrap_or(usize::MAX)) } else { None }
        };
        let limit = at.each(read)?;
        let to_the_end = limit.iter().zip(&x.lengths[axis]).all(|(l, n)| l >= n);
        if to_the_end && fixed(&start) == Some(0) && op.stride[axis] == 1 {
            continue;
        }
        boxes.axes.push((axis - x.first()) as i64);
        let bound = |l: Length| fixed(&l).map_or_else(|| Index::Open(l.clone()), |n| Index::Fixed(n as i64));
        boxes.starts.push(bound(start));
        boxes.ends.push(if to_the_end { Index::Fixed(END) } else { bound(limit) });
        boxes.steps.push(op.stride[axis] as i64);
    }
    let name = boxes.cut(em, &x.name)?;
    Ok(part(em, x, name, at.results[0].1.clone()))
}

/// A wire of the same axes with other lengths.
fn part(em: &mut Emitter, x: &Wire, name: String, lengths: Vec<Length>) -> Wire {
    if x.whole() {
        return em.wire(name, x.dtype, lengths);
    }
    Wire { name, lengths, value: None, ..x.clone() }
}

pub(super) fn reverse(em: &mut Emitter, axes: &[usize], x: &Wire) -> Result<Wire> {
    let mut boxes = Boxes::default();
    for axis in axes.iter().filter(|a| x.full[**a] && fixed(&x.lengths[**a]) != Some(1)) {
        boxes.axes.push((axis - x.first()) as i64);
        boxes.starts.push(Index::Fixed(-1));
        boxes.ends.push(Index::Fixed(i64::MIN));
        boxes.steps.push(-1);
    }
    let name = boxes.cut(em, &x.name)?;
    Ok(part(em, x, name, x.lengths.clone()))
}

pub(super) fn concatenate(em: &mut Emitter, axis: usize, at: &At, inputs: &[Wire]) -> Result<Wire> {
    let parts = inputs.iter().map(|w| em.full(w)).collect::<Result<Vec<_>>>()?;
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    let name = em.node("Concat", &parts, vec![("axis", (axis as i64).into())]);
    Ok(em.wire(name, inputs[0].dtype, at.results[0].1.clone()))
}

pub(super) fn pad(em: &mut Emitter, at: &At, inputs: &[Wire]) -> Result<Wire> {
    let Op::Pad(op) = at.ops[0] else { return Err(Error::value("pad")) };
    let amounts: Vec<(isize, isize)> = op.low.iter().copied().zip(op.high.iter().copied()).collect();
    let mut x = inputs[0].clone();
    for (axis, between) in op.interior.iter().enumerate().filter(|(_, n)| **n > 0) {
        x = stretched(em, &x, axis, *between, &inputs[1].name)?;
    }
    let open = at.ops.iter().any(|o| *o != at.ops[0]);
    if !open {
        return padded(em, &x, &amounts, &inputs[1].name, at.results[0].1.clone());
    }
    // Amounts that depend on lengths: what is before must be fixed, what is after fills up to the result's length.
    let lows = at.ops.iter().map(|o| if let Op::Pad(p) = o { Some(&p.low) } else { None });
    if lows.into_iter().any(|l| l != Some(&op.low)) || op.low.iter().any(|l| *l < 0) {
        return Err(Error::unsupported("padding that depends on lengths in this way, as ONNX"));
    }
    let lows: Vec<i64> = op.low.iter().map(|l| *l as i64).collect();
    let (low, wanted, name) = (em.ints(&lows), em.shape(&at.results[0].1)?, em.full(&x)?);
    let given = em.node("Shape", &[&name], Vec::new());
    let missing = em.node("Sub", &[&wanted, &given], Vec::new());
    let after = em.node("Sub", &[&missing, &low], Vec::new());
    let pads = em.node("Concat", &[&low, &after], vec![("axis", 0.into())]);
    let made = pad_node(em, &name, &pads, &inputs[1].name, x.dtype);
    Ok(em.wire(made, x.dtype, at.results[0].1.clone()))
}

fn pad_node(em: &mut Emitter, name: &str, pads: &str, number: &str, dtype: DType) -> String {
    if dtype != DType::Bool {
        return em.node("Pad", &[name, pads, number], Vec::new());
    }
    let (name, number) = (em.cast(name, DType::I32), em.cast(number, DType::I32));
    let made = em.node("Pad", &[&name, pads, &number], Vec::new());
    em.cast(&made, DType::Bool)
}

/// Numbers before and after along each axis; negative amounts cut off.
pub(super) fn padded(
    em: &mut Emitter,
    x: &Wire,
    amounts: &[(isize, isize)],
    number: &str,
    lengths: Vec<Length>,
) -> Result<Wire> {
    let name = em.full(x)?;
    if amounts.iter().all(|a| *a == (0, 0)) {
        return Ok(em.wire(name, x.dtype, lengths));
    }
    let pads: Vec<i64> =
        amounts.iter().map(|a| a.0 as i64).chain(amounts.iter().map(|a| a.1 as i64)).collect();
    let pads = em.ints(&pads);
    let made = pad_node(em, &name, &pads, number, x.dtype);
    Ok(em.wire(made, x.dtype, lengths))
}

/// Numbers between neighbours along an axis: each gets a row of them behind it, and the last row is cut off.
pub(super) fn stretched(
    em: &mut Emitter,
    x: &Wire,
    axis: usize,
    between: usize,
    number: &str,
) -> Result<Wire> {
    let name = em.full(x)?;
    let rank = x.lengths.len();
    let after = em.ints(&[axis as i64 + 1]);
    let apart = em.node("Unsqueeze", &[&name, &after], Vec::new());
    let mut pads = vec![0; 2 * (rank + 1)];
    pads[rank + 1 + axis + 1] = between as i64;
    let pads = em.ints(&pads);
    let behind = pad_node(em, &apart, &pads, number, x.dtype);
    // A 0 keeps the length of an axis that stands at the same place; the two that become one do the rest.
    let shape: Vec<i64> = (0..rank)
        .map(|a| match a.cmp(&axis) {
            std::cmp::Ordering::Less => Ok(0),
            std::cmp::Ordering::Equal => Ok(-1),
            std::cmp::Ordering::Greater => fixed(&x.lengths[a]).map(|n| n as i64).ok_or(a),
        })
        .collect::<std::result::Result<_, usize>>()
        .map_err(|_| Error::unsupported("numbers between neighbours before an open axis, as ONNX"))?;
    let shape = em.ints(&shape);
    let merged = em.node("Reshape", &[&behind, &shape], Vec::new());
    let cut = Boxes {
        axes: vec![axis as i64],
        starts: vec![Index::Fixed(0)],
        ends: vec![Index::Fixed(-(between as i64))],
        steps: vec![1],
    };
    let name = cut.cut(em, &merged)?;
    let mut lengths = x.lengths.clone();
    lengths[axis] = lengths[axis].iter().map(|n| n + n.saturating_sub(1) * between).collect();
    Ok(em.wire(name, x.dtype, lengths))
}

pub(super) fn iota(em: &mut Emitter, op: &Iota, at: &At) -> Result<Wire> {
    let (dtype, lengths) = (carried(op.dtype), at.results[0].1.clone());
    let mut full = vec![false; lengths.len()];
    full[op.axis] = true;
    let behind = lengths.len() - op.axis - 1;
    if let Some(n) = fixed(&lengths[op.axis]).filter(|n| *n <= FOLD) {
        let row = Iota { dtype: op.dtype, shape: Shape::of(&[n]), axis: 0 }.eval(&[])?.remove(0);
        let value = row.reshape(&[&[n][..], &vec![1; behind]].concat())?;
        return Ok(em.constant_wire(value, lengths, full));
    }
    let (zero, one) = (em.number(DType::I64, 0.0), em.number(DType::I64, 1.0));
    let length = em.length(&lengths[op.axis])?;
    let first = em.ints(&[0]);
    let end = em.node("Squeeze", &[&length, &first], Vec::new());
    let mut name = em.node("Range", &[&zero, &end, &one], Vec::new());
    if dtype != DType::I64 {
        name = em.cast(&name, dtype);
    }
    if behind > 0 {
        let axes: Vec<i64> = (1..=behind as i64).collect();
        let axes = em.ints(&axes);
        name = em.node("Unsqueeze", &[&name, &axes], Vec::new());
    }
    Ok(Wire { name, dtype, lengths, rank: behind + 1, full, value: None })
}
