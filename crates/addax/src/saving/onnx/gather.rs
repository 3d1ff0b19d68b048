//! `gather` and `scatter`: as Gather or Slice where they are that simple, as GatherND and ScatterND otherwise. Boxes
//! become indices of their elements.

use super::arrange::reshape;
use super::emit::{Emitter, Wire};
use super::probe::{At, Length, fixed, product};
use super::reduce::{clamped, stacked};
use addax_core::ops::{Gather, GatherDims, Scatter, ScatterKind};
use addax_core::{DType, Error, Op, Result, Value};

/// Axes of the operand, each with that of the result.
type Pairs = Vec<(usize, usize)>;

/// What a gather or scatter is about, in terms of its operand's axes.
struct Boxes<'a> {
    dims: &'a GatherDims,
    operand: Vec<Length>,
    sizes: Vec<Length>,
    /// The axes of the indices but that of the numbers: those that go with axes of the operand first.
    batch: Vec<usize>,
    /// For each axis of `batch`, and for each axis inside a box, the axis of the result.
    batch_results: Vec<usize>,
    inside: Pairs,
}

impl<'a> Boxes<'a> {
    fn new(
        dims: &'a GatherDims,
        operand: &[Length],
        sizes: Vec<Length>,
        index_rank: usize,
        rank: usize,
    ) -> Self {
        let left_out = |a: &usize| dims.collapsed.contains(a) || dims.operand_batching.contains(a);
        let inside: Vec<usize> = (0..operand.len()).filter(|a| !left_out(a)).collect();
        let axes: Vec<usize> = (0..index_rank).filter(|a| *a != dims.vector).collect();
        let places: Vec<usize> = (0..rank).filter(|a| !dims.offset.contains(a)).collect();
        let others = axes.iter().copied().filter(|a| !dims.indices_batching.contains(a));
        let batch: Vec<usize> = dims.indices_batching.iter().copied().chain(others).collect();
        let result = |a: &usize| axes.iter().position(|b| b == a).map_or(0, |i| places[i]);
        Boxes {
            dims,
            operand: operand.to_vec(),
            sizes,
            batch_results: batch.iter().map(result).collect(),
            batch,
            inside: inside.into_iter().zip(dims.offset.iter().copied()).collect(),
        }
    }

    fn whole(&self, axis: usize) -> bool {
        self.sizes[axis] == self.operand[axis]
    }

    /// The axes inside a box that need indices of their own, and those that are taken whole.
    fn windows(&self) -> (Pairs, Pairs) {
        self.inside.iter().copied().partition(|(a, _)| self.dims.map.contains(a) || !self.whole(*a))
    }

    /// The largest number of an index that keeps the box inside.
    fn limit(&self, axis: usize) -> Length {
        self.operand[axis].iter().zip(&self.sizes[axis]).map(|(n, s)| n.saturating_sub(*s)).collect()
    }

    /// From the order batch, windows, whole axes to that of the result.
    fn order(&self) -> Vec<usize> {
        let (windows, rest) = self.windows();
        let natural = self.batch_results.iter().copied().chain(windows.into_iter().chain(rest).map(|w| w.1));
        let natural: Vec<usize> = natural.collect();
        let mut order = vec![0; natural.len()];
        natural.iter().enumerate().for_each(|(from, to)| order[*to] = from);
        order
    }
}

pub(super) fn gather(em: &mut Emitter, op: &Gather, at: &At, inputs: &[Wire]) -> Result<Wire> {
    let (x, indices) = (&inputs[0], &inputs[1]);
    let rank = at.results[0].1.len();
    let size = |axis: usize| -> Result<Length> {
        let read = |op: &Op| match op {
            Op::Gather(g) => Some(g.slice_sizes[axis].known().unwrap_or(usize::MAX)),
            _ => None,
        };
        let sizes = at.each(read)?;
        Ok(sizes.iter().zip(&x.lengths[axis]).map(|(s, n)| *s.min(n)).collect())
    };
    let sizes = (0..x.lengths.len()).map(size).collect::<Result<Vec<_>>>()?;
    let boxes = Boxes::new(&op.dims, &x.lengths, sizes, indices.lengths.len(), rank);
    let (windows, rest) = boxes.windows();
    match op.dims.map[..] {
        [axis] if windows.is_empty() && boxes.dims.operand_batching.is_empty() => {
            take(em, &boxes, axis, at, x, indices)
        }
        _ if boxes.batch.is_empty() => one_box(em, &boxes, at, x, indices),
        _ => many(em, &boxes, at, [x, indices], &windows, &rest),
    }
}

/// The limit of an axis in an element type.
fn limit(em: &mut Emitter, boxes: &Boxes, axis: usize, dtype: DType) -> Result<String> {
    let limit = boxes.limit(axis);
    Ok(match fixed(&limit) {
        Some(n) => em.number(dtype, n as f64),
        None => {
            let name = em.length(&limit)?;
            if dtype == DType::I64 { name } else { em.cast(&name, dtype) }
        }
    })
}

/// Slices along one axis.
fn take(em: &mut Emitter, boxes: &Boxes, axis: usize, at: &At, x: &Wire, indices: &Wire) -> Result<Wire> {
    let mut lengths = indices.lengths.clone();
    if boxes.dims.vector < lengths.len() {
        lengths.remove(boxes.dims.vector);
    }
    let indices = reshape(em, indices, &lengths)?;
    let (data, name) = (em.full(x)?, em.full(&indices)?);
    let most = limit(em, boxes, axis, indices.dtype)?;
    let name = clamped(em, &name, indices.dtype, &most);
    let made = em.node("Gather", &[&data, &name], vec![("axis", (axis as i64).into())]);
    // ONNX puts the indices' axes where the axis was.
    let (before, after) = boxes.dims.offset.split_at(axis.min(boxes.dims.offset.len()));
    let natural = [before, &boxes.batch_results, after].concat();
    let mut order = vec![0; natural.len()];
    natural.iter().enumerate().for_each(|(from, to)| order[*to] = from);
    let lengths = natural.iter().map(|a| at.results[0].1[*a].clone()).collect();
    let wire = em.wire(made, x.dtype, lengths);
    em.transpose(&wire, &order)
}

/// The box at one place.
fn one_box(em: &mut Emitter, boxes: &Boxes, at: &At, x: &Wire, indices: &Wire) -> Result<Wire> {
    let count = vec![vec![boxes.dims.map.len(); at.ops.len()]];
    let row = reshape(em, indices, &count)?;
    let (data, mut starts) = (em.full(x)?, em.full(&row)?);
    if row.dtype != DType::I64 {
        starts = em.cast(&starts, DType::I64);
    }
    let pick = |from: &dyn Fn(usize) -> Length| boxes.dims.map.iter().map(|a| from(*a)).collect::<Vec<_>>();
    let most = em.shape(&pick(&|a| boxes.limit(a)))?;
    let size = em.shape(&pick(&|a| boxes.sizes[a].clone()))?;
    let starts = clamped(em, &starts, DType::I64, &most);
    let ends = em.node("Add", &[&starts, &size], Vec::new());
    let axes: Vec<i64> = boxes.dims.map.iter().map(|a| *a as i64).collect();
    let axes = em.ints(&axes);
    let cut = em.node("Slice", &[&data, &starts, &ends, &axes], Vec::new());
    let mut lengths = x.lengths.clone();
    boxes.dims.map.iter().for_each(|a| lengths[*a] = boxes.sizes[*a].clone());
    let wire = em.wire(cut, x.dtype, lengths);
    let wire = narrowed(em, boxes, &wire)?;
    reshape(em, &wire, &at.results[0].1)
}

/// The part of the operand in which boxes lie, along axes that have no index.
fn narrowed(em: &mut Emitter, boxes: &Boxes, x: &Wire) -> Result<Wire> {
    let axes: Vec<usize> = (0..x.lengths.len())
        .filter(|a| !boxes.dims.map.contains(a) && x.lengths[*a] != boxes.sizes[*a])
        .collect();
    let axes: Vec<usize> = axes.into_iter().filter(|a| !boxes.dims.operand_batching.contains(a)).collect();
    if axes.is_empty() {
        return Ok(x.clone());
    }
    let ends: Vec<Length> = axes.iter().map(|a| boxes.sizes[*a].clone()).collect();
    let (starts, ends) = (em.ints(&vec![0; axes.len()]), em.shape(&ends)?);
    let mut lengths = x.lengths.clone();
    axes.iter().for_each(|a| lengths[*a] = boxes.sizes[*a].clone());
    let axes: Vec<i64> = axes.iter().map(|a| *a as i64).collect();
    let (name, axes) = (em.full(x)?, em.ints(&axes));
    let name = em.node("Slice", &[&name, &starts, &ends, &axes], Vec::new());
    Ok(em.wire(name, x.dtype, lengths))
}

/// The numbers of all indices as int64: the axes of `batch`, then one of the numbers.
fn numbers(em: &mut Emitter, boxes: &Boxes, indices: &Wire) -> Result<Wire> {
    let probes = boxes.operand.first().map_or(1, Vec::len);
    let mut wire = indices.clone();
    if boxes.dims.vector == wire.lengths.len() {
        let lengths = [&wire.lengths[..], &[vec![1; probes]]].concat();
        wire = reshape(em, &wire, &lengths)?;
    }
    let order: Vec<usize> = boxes.batch.iter().copied().chain([boxes.dims.vector]).collect();
    let wire = em.transpose(&wire, &order)?;
    if wire.dtype == DType::I64 {
        return Ok(wire);
    }
    let name = em.full(&wire)?;
    let name = em.cast(&name, DType::I64);
    Ok(em.wire(name, DType::I64, wire.lengths))
}

/// The number of each index for the `i`th axis of the map, with an axis for each window; not moved inside yet.
fn number(em: &mut Emitter, all: &Wire, i: usize, windows: usize) -> Result<String> {
    let name = em.full(all)?;
    let place = em.constant("place", Value::scalar(i as i64));
    let one = em.node("Gather", &[&name, &place], vec![("axis", (-1).into())]);
    if windows == 0 {
        return Ok(one);
    }
    let rank = all.lengths.len() as i64 - 1;
    let axes: Vec<i64> = (rank..rank + windows as i64).collect();
    let axes = em.ints(&axes);
    Ok(em.node("Unsqueeze", &[&one, &axes], Vec::new()))
}

/// 0, 1, … along a window's axis, with `behind` axes behind it.
fn counting(em: &mut Emitter, size: &Length, behind: usize) -> Result<String> {
    let size = fixed(size).ok_or_else(|| Error::unsupported("boxes of open length as ONNX"))?;
    let value = Value::from((0..size as i64).collect::<Vec<i64>>());
    Ok(em.constant("window", value.reshape(&[&[size][..], &vec![1; behind]].concat())?))
}

/// Boxes at many places, element by element where they need be.
fn many(
    em: &mut Emitter,
    boxes: &Boxes,
    at: &At,
    [x, indices]: [&Wire; 2],
    windows: &[(usize, usize)],
    rest: &[(usize, usize)],
) -> Result<Wire> {
    // Axes without an index whose boxes are shorter begin at 0.
    let x = narrowed(em, boxes, x)?;
    let moving: Vec<usize> = windows.iter().map(|w| w.0).filter(|a| boxes.dims.map.contains(a)).collect();
    let mut still: Vec<(usize, usize)> =
        windows.iter().filter(|w| !moving.contains(&w.0)).chain(rest).copied().collect();
    still.sort_unstable();
    let all = numbers(em, boxes, indices)?;
    let batch: Vec<Length> = boxes.batch_results.iter().map(|a| at.results[0].1[*a].clone()).collect();
    let reach: Vec<Length> = moving.iter().map(|a| boxes.sizes[*a].clone()).collect();
    let lengths = [&batch[..], &reach].concat();
    let mut parts = Vec::new();
    for (i, axis) in boxes.dims.map.iter().enumerate() {
        let name = number(em, &all, i, moving.len())?;
        let most = limit(em, boxes, *axis, DType::I64)?;
        let mut name = clamped(em, &name, DType::I64, &most);
        if let Some(place) = moving.iter().position(|a| a == axis) {
            let more = counting(em, &boxes.sizes[*axis], moving.len() - place - 1)?;
            name = em.node("Add", &[&name, &more], Vec::new());
        }
        if !moving.is_empty() {
            let shape = em.shape(&lengths)?;
            name = em.node("Expand", &[&name, &shape], Vec::new());
        }
        parts.push(em.wire(name, DType::I64, lengths.clone()));
    }
    let places = stacked(em, &parts)?;
    let order: Vec<usize> = boxes
        .dims
        .operand_batching
        .iter()
        .chain(&boxes.dims.map)
        .copied()
        .chain(still.iter().map(|s| s.0))
        .collect();
    let data = em.transpose(&x, &order)?;
    let data = em.full(&data)?;
    let batching = boxes.dims.operand_batching.len() as i64;
    let made = em.node("GatherND", &[&data, &places], vec![("batch_dims", batching.into())]);
    let offset = |axis: &usize| boxes.inside.iter().find(|i| i.0 == *axis).map(|i| i.1);
    let natural = boxes.batch_results.iter().copied().chain(moving.iter().filter_map(offset));
    let natural: Vec<usize> = natural.chain(still.iter().map(|s| s.1)).collect();
    let mut back = vec![0; natural.len()];
    natural.iter().enumerate().for_each(|(from, to)| back[*to] = from);
    let lengths = natural.iter().map(|a| at.results[0].1[*a].clone()).collect();
    let wire = em.wire(made, x.dtype, lengths);
    em.transpose(&wire, &back)
}

/// Rows of the operand in which every axis with an index is counted through, and one more row for boxes that stick out.
pub(super) fn scatter(em: &mut Emitter, op: &Scatter, at: &At, inputs: &[Wire]) -> Result<Wire> {
    let (x, indices, updates) = (&inputs[0], &inputs[1], &inputs[2]);
    let probes = at.ops.len();
    let mut sizes = vec![vec![1; probes]; x.lengths.len()];
    let left_out = |a: &usize| op.dims.collapsed.contains(a) || op.dims.operand_batching.contains(a);
    let inside = (0..x.lengths.len()).filter(|a| !left_out(a));
    op.dims.offset.iter().zip(inside).for_each(|(from, a)| sizes[a] = updates.lengths[*from].clone());
    let boxes = Boxes::new(&op.dims, &x.lengths, sizes, indices.lengths.len(), updates.lengths.len());
    let (windows, rest) = boxes.windows();
    let collapsed = op.dims.map.iter().copied().filter(|a| op.dims.collapsed.contains(a));
    let counted: Vec<usize> = op
        .dims
        .operand_batching
        .iter()
        .copied()
        .chain(collapsed)
        .chain(windows.iter().map(|w| w.0))
        .collect();
    let order: Vec<usize> = counted.iter().copied().chain(rest.iter().map(|r| r.0)).collect();
    let lengths: Vec<Length> = order.iter().map(|a| x.lengths[*a].clone()).collect();
    let rows = product(&lengths[..counted.len()], probes);

    let places = rows_of(em, &boxes, &counted, &windows, indices, &rows)?;
    let turned = em.transpose(x, &order)?;
    let flat = [&[rows][..], &lengths[counted.len()..]].concat();
    let data = reshape(em, &turned, &flat)?;
    let data = em.full(&data)?;
    let mut pads = vec![0; 2 * flat.len()];
    pads[flat.len()] = 1;
    let pads = em.ints(&pads);
    let data = em.node("Pad", &[&data, &pads], Vec::new());
    let natural: Vec<usize> =
        boxes.order().iter().enumerate().fold(vec![0; updates.lengths.len()], |mut n, (to, from)| {
            n[*from] = to;
            n
        });
    let updates = em.transpose(updates, &natural)?;
    let updates = em.full(&updates)?;
    let reduction = match op.kind {
        ScatterKind::Replace => "none",
        ScatterKind::Add => "add",
        ScatterKind::Multiply => "mul",
        ScatterKind::Min => "min",
        ScatterKind::Max => "max",
    };
    let made = em.node("ScatterND", &[&data, &places, &updates], vec![("reduction", reduction.into())]);
    let (zero, last) = (em.ints(&[0]), em.ints(&[-1]));
    let made = em.node("Slice", &[&made, &zero, &last, &zero], Vec::new());
    let wire = em.wire(made, x.dtype, flat);
    let wire = reshape(em, &wire, &lengths)?;
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(to, from)| back[*from] = to);
    em.transpose(&wire, &back)
}

/// For each element of the updates, the row of the operand that it goes to; the row after the last if its box would
/// stick out.
fn rows_of(
    em: &mut Emitter,
    boxes: &Boxes,
    counted: &[usize],
    windows: &[(usize, usize)],
    indices: &Wire,
    rows: &Length,
) -> Result<String> {
    let probes = rows.len();
    let all = numbers(em, boxes, indices)?;
    let (zero, batch) = (em.number(DType::I64, 0.0), boxes.batch.len());
    let (mut row, mut fits): (String, Option<String>) = (em.number(DType::I64, 0.0), None);
    for (k, axis) in counted.iter().enumerate() {
        let behind: Vec<Length> = counted[k + 1..].iter().map(|a| boxes.operand[*a].clone()).collect();
        let stride = em.length(&product(&behind, probes))?;
        let mut place: Option<String> = None;
        if let Some(i) = boxes.dims.map.iter().position(|a| a == axis) {
            let name = number(em, &all, i, windows.len())?;
            let most = limit(em, boxes, *axis, DType::I64)?;
            let low = em.node("GreaterOrEqual", &[&name, &zero], Vec::new());
            let high = em.node("LessOrEqual", &[&name, &most], Vec::new());
            let here = em.node("And", &[&low, &high], Vec::new());
            fits = Some(fits.map_or(here.clone(), |f| em.node("And", &[&f, &here], Vec::new())));
            place = Some(name);
        }
        if let Some(b) = boxes.dims.operand_batching.iter().position(|a| a == axis) {
            let own = iota(em, &all.lengths[b], batch + windows.len() - b - 1)?;
            place = Some(own);
        }
        if let Some(w) = windows.iter().position(|w| w.0 == *axis) {
            let more = counting(em, &boxes.sizes[*axis], windows.len() - w - 1)?;
            place = Some(place.map_or(more.clone(), |p| em.node("Add", &[&p, &more], Vec::new())));
        }
        if let Some(place) = place {
            let far = em.node("Mul", &[&place, &stride], Vec::new());
            row = em.node("Add", &[&row, &far], Vec::new());
        }
    }
    if let Some(fits) = fits {
        let outside = em.length(rows)?;
        row = em.node("Where", &[&fits, &row, &outside], Vec::new());
    }
    let reach = windows.iter().map(|w| boxes.sizes[w.0].clone());
    let lengths: Vec<Length> = all.lengths[..batch].iter().cloned().chain(reach).collect();
    let shape = em.shape(&lengths)?;
    let row = em.node("Expand", &[&row, &shape], Vec::new());
    let wire = em.wire(row, DType::I64, lengths);
    stacked(em, &[wire])
}

/// As [`counting`], for an axis of any length.
fn iota(em: &mut Emitter, length: &Length, behind: usize) -> Result<String> {
    if fixed(length).is_some() {
        return counting(em, length, behind);
    }
    let (zero, one, first) = (em.number(DType::I64, 0.0), em.number(DType::I64, 1.0), em.ints(&[0]));
    let end = em.length(length)?;
    let end = em.node("Squeeze", &[&end, &first], Vec::new());
    let name = em.node("Range", &[&zero, &end, &one], Vec::new());
    if behind == 0 {
        return Ok(name);
    }
    let axes: Vec<i64> = (1..=behind as i64).collect();
    let axes = em.ints(&axes);
    Ok(em.node("Unsqueeze", &[&name, &axes], Vec::new()))
}
