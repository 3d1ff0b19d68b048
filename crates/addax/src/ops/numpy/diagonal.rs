//! Diagonals and triangles.
#![allow(non_snake_case)]

use super::reduction::wide;
use crate::ops;
use crate::ops::axes::{from_front, in_order};
use addax_core::{DType, Dim, Error, Result, Tensor, Value};

ops! {
    table TABLE in "keras.src.ops.numpy";

    /// The diagonal of a matrix, or a matrix with a vector on its diagonal.
    Diag diag(x: Tensor)[; k: isize = 0] = diagonal_or_matrix(&x, k);
    /// A matrix with all elements on its diagonal.
    Diagflat diagflat(x: Tensor)[; k: isize = 0] = matrix(&ops::ravel(&x), k);
    /// The elements whose places along two axes differ by `offset`, along a new last axis.
    Diagonal diagonal(x: Tensor)[; offset: isize = 0, axis1: isize = 0, axis2: isize = 1] =
        across(&x, offset, axis1, axis2);
    /// The sum along a diagonal.
    Trace trace(x: Tensor)[; offset: isize = 0, axis1: isize = 0, axis2: isize = 1] =
        across(&wide(&x), offset, axis1, axis2).map(|d| d.sum(&[d.rank() - 1]));
    /// Zeros above the `k`th diagonal.
    Tril tril(x: Tensor)[; k: isize = 0] = triangle(&x, |row, column| column.le(&(row + k as f64)));
    /// Zeros below the `k`th diagonal.
    Triu triu(x: Tensor)[; k: isize = 0] = triangle(&x, |row, column| column.ge(&(row + k as f64)));
    /// The powers of each element in a row, falling unless `increasing`.
    Vander vander(x: Tensor)[; N: Option<usize> = None, increasing: bool = false] = power_rows(&x, N, increasing);
}

fn matrix(x: &Tensor, k: isize) -> Tensor {
    let more = k.unsigned_abs();
    let length = x.dim(0).map(|n| n.saturating_add(more));
    // The vector lies along the rows if the diagonal is above, else along the columns.
    let (lying, own) = if k >= 0 { (x.pad(&[0], &[k], 0.0), 0) } else { (x.pad(&[0], &[-k], 0.0), 1) };
    let place = |axis| Tensor::iota(DType::I32, [length, length], axis);
    let on = place(1).equal(&(place(0) + k as f64));
    let spread = lying.broadcast_in_dim([length, length], &[own]);
    on.select(&spread, &spread.filled(0.0))
}

fn diagonal_or_matrix(x: &Tensor, k: isize) -> Result<Tensor> {
    match x.rank() {
        1 => Ok(matrix(x, k)),
        2 => across(x, k, 0, 1),
        _ => Err(Error::value("diag").expected("a vector or a matrix").got(x.shape())),
    }
}

fn across(x: &Tensor, offset: isize, axis1: isize, axis2: isize) -> Result<Tensor> {
    let rank = x.rank();
    let pair = in_order(&[axis1, axis2], rank)?;
    let others = (0..rank).filter(|a| !pair.contains(a));
    let x = x.transpose(&others.chain(pair.iter().copied()).collect::<Vec<usize>>());
    let lead = x.shape().dims()[..rank - 2].to_vec();
    let joined = |d: Dim| [&lead[..], &[d]].concat();
    let (Some(rows), Some(columns)) = (x.dim(-2).known(), x.dim(-1).known()) else {
        return Ok(x.reshape(joined(Dim::UNKNOWN)));
    };
    let (down, right) = (offset.min(0).unsigned_abs(), offset.max(0).unsigned_abs());
    let length = rows.saturating_sub(down).min(columns.saturating_sub(right));
    let place = |i: usize| ((down + i) * columns + right + i) as i64;
    let places = Tensor::new(Value::from((0..length).map(place).collect::<Vec<i64>>()).cast(DType::I32));
    let flat = x.reshape(joined(Dim::new(rows * columns)));
    Ok(flat.take(&places, -1))
}

fn triangle(x: &Tensor, holds: impl Fn(&Tensor, &Tensor) -> Tensor) -> Result<Tensor> {
    let rank = x.rank();
    from_front(-2, rank)?;
    let plane = [x.dim(-2), x.dim(-1)];
    let inside = holds(&Tensor::iota(DType::I32, plane, 0), &Tensor::iota(DType::I32, plane, 1));
    Ok(inside.broadcast_to(x.shape()).select(x, &x.filled(0.0)))
}

fn power_rows(x: &Tensor, count: Option<usize>, increasing: bool) -> Result<Tensor> {
    if x.rank() != 1 {
        return Err(Error::value("vander").expected("a vector").got(x.shape()));
    }
    let columns = count.map_or(x.dim(0), Dim::new);
    let shape = [x.dim(0), columns];
    let powers = Tensor::iota(x.dtype(), shape, 1);
    let powers = if increasing { powers } else { powers.reverse(&[1]) };
    Ok(x.expand_dims(1).broadcast_to(shape).power(&powers))
}
