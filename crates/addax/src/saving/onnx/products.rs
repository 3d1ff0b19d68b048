//! Products: matrices, convolutions, Fourier transforms.

use super::arrange::{padded, stretched};
use super::emit::{Emitter, Wire};
use super::probe::{At, Length, fixed, moved};
use addax_core::ops::{ConvAxes, Convolution, DotGeneral, Fft};
use addax_core::{DType, Error, Op, Result};

pub(super) fn dot(em: &mut Emitter, op: &DotGeneral, at: &At, inputs: &[Wire]) -> Result<Wire> {
    let (a, b) = (&inputs[0], &inputs[1]);
    let (dtype, lengths) = (at.results[0].0, at.results[0].1.clone());
    let name = match as_matrices(em, op, a, b)? {
        Some((x, y)) => em.node("MatMul", &[&x, &y], Vec::new()),
        None => {
            let (x, y) = (em.full(a)?, em.full(b)?);
            let equation = equation(op, a.lengths.len(), b.lengths.len())?;
            em.node("Einsum", &[&x, &y], vec![("equation", equation.as_str().into())])
        }
    };
    Ok(em.wire(name, dtype, lengths))
}

/// The sides of a MatMul, where it is one: `[batch…, m, k] · [batch…, k, n]` or `[…, k] · [k, n]`.
fn as_matrices(em: &mut Emitter, op: &DotGeneral, a: &Wire, b: &Wire) -> Result<Option<(String, String)>> {
    let (batch, rank_a, rank_b) = (op.lhs_batch.len(), a.lengths.len(), b.lengths.len());
    let leading: Vec<usize> = (0..batch).collect();
    let last_of_a = op.lhs_contract == [rank_a.wrapping_sub(1)];
    let (Some(inner), 1) = (op.rhs_contract.first().copied(), op.rhs_contract.len()) else { return Ok(None) };
    let stacked = op.lhs_batch == leading && op.rhs_batch == leading && rank_a == batch + 2;
    if !last_of_a || rank_b != batch + 2 || !(stacked || batch == 0 && rank_a >= 1) {
        return Ok(None);
    }
    let mut b = b.clone();
    if inner == batch + 1 {
        let order: Vec<usize> = (0..batch).chain([batch + 1, batch]).collect();
        b = em.transpose(&b, &order)?;
    }
    Ok(Some((em.full(a)?, em.full(&b)?)))
}

/// The product in letters.
fn equation(op: &DotGeneral, rank_a: usize, rank_b: usize) -> Result<String> {
    let mut letters = ('a'..='z').chain('A'..='Z');
    let (mut a, mut b) = (vec![' '; rank_a], vec![' '; rank_b]);
    let pairs = op.lhs_batch.iter().zip(&op.rhs_batch).chain(op.lhs_contract.iter().zip(&op.rhs_contract));
    let too_many = || Error::unsupported("a product of more than 52 axes as ONNX");
    for (i, j) in pairs {
        a[*i] = letters.next().ok_or_else(too_many)?;
        b[*j] = a[*i];
    }
    for letter in a.iter_mut().chain(b.iter_mut()).filter(|l| **l == ' ') {
        *letter = letters.next().ok_or_else(too_many)?;
    }
    let (free_a, free_b) = op.free(rank_a, rank_b);
    let batch = op.lhs_batch.iter().map(|i| a[*i]);
    let out: String = batch.chain(free_a.iter().map(|i| a[*i])).chain(free_b.iter().map(|j| b[*j])).collect();
    Ok(format!("{},{}->{out}", a.iter().collect::<String>(), b.iter().collect::<String>()))
}

/// The axes in the order rows, columns, spatial.
fn rows_columns(axes: &ConvAxes) -> Vec<usize> {
    [&[axes.rows, axes.columns][..], &axes.spatial].concat()
}

/// From the order rows, columns, spatial back.
fn inverse(order: &[usize]) -> Vec<usize> {
    let mut back = vec![0; order.len()];
    order.iter().enumerate().for_each(|(to, from)| back[*from] = to);
    back
}

pub(super) fn convolution(em: &mut Emitter, op: &Convolution, at: &At, inputs: &[Wire]) -> Result<Wire> {
    if op.batch_group_count != 1 {
        return Err(Error::unsupported("a convolution in groups of the batch as ONNX"));
    }
    let (dtype, d) = (at.results[0].0, &op.dimensions);
    let x = em.transpose(&inputs[0], &rows_columns(&d.input))?;
    let kernel_order = [&[d.kernel.columns, d.kernel.rows][..], &d.kernel.spatial].concat();
    let kernel = em.transpose(&inputs[1], &kernel_order)?;
    let back = rows_columns(&d.output);
    let lengths: Vec<Length> = back.iter().map(|a| at.results[0].1[*a].clone()).collect();
    let name = match turned_around(op, at, &kernel) {
        Some(sizes) => transposed(em, op, &x, &kernel, &sizes)?,
        None => straight(em, op, at, x, kernel)?,
    };
    let y = em.wire(name, dtype, lengths);
    em.transpose(&y, &inverse(&back))
}

/// The window's sizes, if the convolution is what ONNX calls a ConvTranspose.
fn turned_around(op: &Convolution, at: &At, kernel: &Wire) -> Option<Vec<usize>> {
    let stretched = op.lhs_dilation.iter().any(|d| *d > 1);
    let plain = op.window_strides.iter().all(|s| *s == 1) && op.feature_group_count == 1;
    let same = at.ops.iter().all(|o| *o == at.ops[0]);
    let sizes: Option<Vec<usize>> = kernel.lengths[2..].iter().map(|l| fixed(l)).collect();
    let sizes = sizes.filter(|_| stretched && plain && same)?;
    let fits = |(i, k): (usize, &usize)| {
        let reach = (op.rhs_dilation[i] * (k - 1)) as isize;
        let (low, high) = op.padding[i];
        let more = op.lhs_dilation[i].max(op.rhs_dilation[i]) as isize;
        low <= reach && high - reach < more
    };
    sizes.iter().enumerate().all(fits).then_some(sizes)
}

fn transposed(
    em: &mut Emitter,
    op: &Convolution,
    x: &Wire,
    kernel: &Wire,
    sizes: &[usize],
) -> Result<String> {
    let axes: Vec<usize> = (0..sizes.len()).filter(|i| !op.window_reversal[*i]).map(|i| i + 2).collect();
    let order: Vec<usize> = [1, 0].into_iter().chain(2..kernel.lengths.len()).collect();
    let kernel = em.transpose(kernel, &order)?;
    let kernel = reversed(em, &kernel, &axes)?;
    let reach = |i: usize| (op.rhs_dilation[i] * (sizes[i] - 1)) as isize;
    let before = (0..sizes.len()).map(|i| (reach(i) - op.padding[i].0) as i64);
    let after = (0..sizes.len()).map(|i| (reach(i) - op.padding[i].1).max(0) as i64);
    let more: Vec<i64> = (0..sizes.len()).map(|i| (op.padding[i].1 - reach(i)).max(0) as i64).collect();
    let attributes = vec![
        ("strides", op.lhs_dilation[..].into()),
        ("dilations", op.rhs_dilation[..].into()),
        ("pads", before.chain(after).collect::<Vec<i64>>().into()),
        ("output_padding", more.into()),
    ];
    let (x, kernel) = (em.full(x)?, em.full(&kernel)?);
    Ok(em.node("ConvTranspose", &[&x, &kernel], attributes))
}

fn reversed(em: &mut Emitter, x: &Wire, axes: &[usize]) -> Result<Wire> {
    use addax_core::ops::{Primitive, Reverse};
    if axes.is_empty() {
        return Ok(x.clone());
    }
    match &x.value {
        Some(value) if x.whole() => {
            let value = Reverse { axes: axes.to_vec() }.eval(&[value])?.remove(0);
            Ok(em.constant_wire(value, x.lengths.clone(), x.full.clone()))
        }
        _ => super::arrange::reverse(em, axes, x),
    }
}

/// A Conv; elements that stand apart are put apart first.
fn straight(em: &mut Emitter, op: &Convolution, at: &At, mut x: Wire, kernel: Wire) -> Result<String> {
    let axes: Vec<usize> = (0..op.window_reversal.len()).filter(|i| op.window_reversal[*i]).collect();
    let kernel = reversed(em, &kernel, &axes.iter().map(|i| i + 2).collect::<Vec<_>>())?;
    let zero = em.number(x.dtype, 0.0);
    for (i, apart) in op.lhs_dilation.iter().enumerate().filter(|(_, d)| **d > 1) {
        x = stretched(em, &x, i + 2, apart - 1, &zero)?;
    }
    let mut attributes = vec![
        ("strides", op.window_strides[..].into()),
        ("dilations", op.rhs_dilation[..].into()),
        ("group", (op.feature_group_count as i64).into()),
    ];
    if at.ops.iter().all(|o| *o == at.ops[0]) {
        if op.padding.iter().any(|(low, high)| *low < 0 || *high < 0) {
            let amounts: Vec<(isize, isize)> =
                [(0, 0); 2].into_iter().chain(op.padding.iter().copied()).collect();
            let lengths = x.lengths.iter().enumerate().map(|(a, l)| moved(l, amounts[a])).collect();
            x = padded(em, &x, &amounts, &zero, lengths)?;
        } else {
            let pads = op.padding.iter().map(|p| p.0 as i64).chain(op.padding.iter().map(|p| p.1 as i64));
            attributes.push(("pads", pads.collect::<Vec<i64>>().into()));
        }
    } else if same_padding(op, at, &x, &kernel) {
        attributes.push(("auto_pad", "SAME_UPPER".into()));
    } else {
        return Err(Error::unsupported("padding that depends on lengths in this way, as ONNX"));
    }
    // Runtimes have convolutions of float32 only.
    let double = x.dtype == DType::F64;
    let mut name = |w: &Wire| -> Result<String> {
        let full = em.full(w)?;
        Ok(if double { em.cast(&full, DType::F32) } else { full })
    };
    let (x, kernel) = (name(&x)?, name(&kernel)?);
    let made = em.node("Conv", &[&x, &kernel], attributes);
    Ok(if double { em.cast(&made, DType::F64) } else { made })
}

/// Whether the padding is in all traces what Keras calls "same".
fn same_padding(op: &Convolution, at: &At, x: &Wire, kernel: &Wire) -> bool {
    let amounts = |trace: usize| {
        let Op::Convolution(op) = at.ops[trace] else { return None };
        let axis = |i: usize| {
            let (n, k) = (x.lengths[i + 2][trace], kernel.lengths[i + 2][trace]);
            same_amount(n, (k - 1) * op.rhs_dilation[i] + 1, op.window_strides[i])
        };
        Some(op.padding == (0..op.padding.len()).map(axis).collect::<Vec<_>>())
    };
    op.rhs_dilation.iter().all(|d| *d == 1) && (0..at.ops.len()).all(|t| amounts(t) == Some(true))
}

/// What "same" adds along an axis for a window of some extent.
pub(super) fn same_amount(length: usize, extent: usize, stride: usize) -> (isize, isize) {
    let total = (length.div_ceil(stride).saturating_sub(1) * stride + extent).saturating_sub(length);
    ((total / 2) as isize, (total - total / 2) as isize)
}

/// The transform along the last axis, which ONNX has for pairs of real and imaginary part along one more.
pub(super) fn fft(em: &mut Emitter, op: &Fft, at: &At, inputs: &[Wire]) -> Result<Vec<Wire>> {
    let lengths = at.results[0].1.clone();
    let (rank, dtype) = (lengths.len() as i64, at.results[0].0);
    let (last, one) = (em.ints(&[-1]), em.ints(&[1]));
    let mut parts = Vec::new();
    for part in &inputs[..2] {
        let mut name = em.full(part)?;
        if rank == 1 {
            let front = em.ints(&[0]);
            name = em.node("Unsqueeze", &[&name, &front], Vec::new());
        }
        parts.push(em.node("Unsqueeze", &[&name, &last], Vec::new()));
    }
    let pairs = em.node("Concat", &[&parts[0], &parts[1]], vec![("axis", (-1).into())]);
    let axis = em.constant("axis", addax_core::Value::scalar(-2i64));
    let inverse = vec![("inverse", i64::from(op.inverse).into())];
    let mut made = em.node("DFT", &[&pairs, "", &axis], inverse);
    if op.inverse {
        // Theirs divides by the length, ours does not.
        let length = em.length(&lengths[lengths.len() - 1])?;
        let length = em.cast(&length, super::emit::carried(dtype));
        made = em.node("Mul", &[&made, &length], Vec::new());
    }
    let mut wires = Vec::new();
    for i in 0..2 {
        let (start, end) = (em.ints(&[i]), em.ints(&[i + 1]));
        let part = em.node("Slice", &[&made, &start, &end, &last, &one], Vec::new());
        let axes = if rank == 1 { em.ints(&[0, -1]) } else { last.clone() };
        let name = em.node("Squeeze", &[&part, &axes], Vec::new());
        wires.push(em.wire(name, dtype, lengths.clone()));
    }
    Ok(wires)
}
