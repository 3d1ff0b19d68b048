//! Linear algebra over the last two axes: decompositions as ops, computed in double precision, and what is written with
//! them. All axes before the last two are batch.

mod cholesky;
mod eigh;
mod lu;
mod qr;
mod solve;
mod svd;
mod triangular_solve;

pub use cholesky::Cholesky;
pub use eigh::Eigh;
pub use lu::Lu;
pub use qr::Qr;
pub use svd::Svd;
pub use triangular_solve::TriangularSolve;

use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::value::{Stored, Value};
use crate::with_element;
use std::sync::Arc;

/// Batch axes, rows and columns of a type, which must be float.
fn matrix(x: &TensorType) -> Result<(&[Dim], Dim, Dim)> {
    match x.shape.dims() {
        [batch @ .., rows, columns] if x.dtype.is_float() => Ok((batch, *rows, *columns)),
        _ => Err(Error::value("input").expected("matrices of floats").got(x)),
    }
}

/// Batch axes and the length of square matrices.
fn square(x: &TensorType) -> Result<(&[Dim], Dim)> {
    let (batch, rows, columns) = matrix(x)?;
    match rows.merge(columns) {
        Some(n) => Ok((batch, n)),
        None => Err(Error::value("input").expected("square matrices").got(&x.shape)),
    }
}

/// The smaller of two lengths, if both are known.
fn smaller(a: Dim, b: Dim) -> Dim {
    a.known().zip(b.known()).map_or(Dim::UNKNOWN, |(a, b)| Dim::new(a.min(b)))
}

/// A type with other axes after the batch.
fn with_axes(x: &TensorType, batch: &[Dim], axes: &[Dim]) -> TensorType {
    x.with_shape([batch, axes].concat())
}

/// A matrix in double precision, row after row.
#[derive(Clone, Debug)]
struct Matrix {
    rows: usize,
    columns: usize,
    data: Vec<f64>,
}

impl Matrix {
    fn zeros(rows: usize, columns: usize) -> Matrix {
        Matrix { rows, columns, data: vec![0.0; rows * columns] }
    }

    fn identity(rows: usize, columns: usize) -> Matrix {
        let mut m = Matrix::zeros(rows, columns);
        (0..rows.min(columns)).for_each(|i| m[(i, i)] = 1.0);
        m
    }

    fn transposed(&self) -> Matrix {
        let mut t = Matrix::zeros(self.columns, self.rows);
        for i in 0..self.rows {
            for j in 0..self.columns {
                t[(j, i)] = self[(i, j)];
            }
        }
        t
    }

    /// The mean of the matrix and its transpose, as what is symmetric by its meaning is read.
    fn symmetrized(&self) -> Matrix {
        let mut s = self.clone();
        for i in 0..self.rows {
            for j in 0..self.columns {
                s[(i, j)] = 0.5 * (self[(i, j)] + self[(j, i)]);
            }
        }
        s
    }
}

impl std::ops::Index<(usize, usize)> for Matrix {
    type Output = f64;
    fn index(&self, (i, j): (usize, usize)) -> &f64 {
        &self.data[i * self.columns + j]
    }
}

impl std::ops::IndexMut<(usize, usize)> for Matrix {
    fn index_mut(&mut self, (i, j): (usize, usize)) -> &mut f64 {
        &mut self.data[i * self.columns + j]
    }
}

/// The matrices of a value, batch after batch.
fn matrices(x: &Value) -> Vec<Matrix> {
    let (rows, columns) = match x.shape() {
        [.., rows, columns] => (*rows, *columns),
        _ => return Vec::new(),
    };
    let count: usize = x.shape()[..x.rank() - 2].iter().product();
    let (data, size) = (x.to_f64(), rows * columns);
    (0..count).map(|i| Matrix { rows, columns, data: data[i * size..(i + 1) * size].to_vec() }).collect()
}

/// A value of the given element type and shape from the parts of all batches.
fn gathered(dtype: DType, shape: Vec<usize>, parts: impl Iterator<Item = Vec<f64>>) -> Result<Value> {
    with_element!(dtype, T => {
        let data: Vec<T> = parts.flatten().map(T::from_f64).collect();
        Value::from_data(shape, T::wrap(Arc::new(data)))
    })
}

impl Tensor {
    /// The last two axes in each other's place.
    pub fn matrix_transpose(&self) -> Tensor {
        let rank = self.rank();
        if rank < 2 {
            return Tensor::failed(Error::value("transpose").expected("at least 2 axes").got(self.shape()));
        }
        let mut order: Vec<usize> = (0..rank).collect();
        order.swap(rank - 1, rank - 2);
        self.transpose(&order)
    }

    /// Where column - row is at most `k`: a mask of the shape of this tensor.
    fn below(&self, k: isize) -> Result<Tensor> {
        let shape = self.check()?.shape();
        let rank = shape.rank();
        if rank < 2 {
            return Err(Error::value("triangle").expected("at least 2 axes").got(shape));
        }
        let _entered = self.enter_trace();
        let count = |axis| Tensor::iota(DType::I32, &shape, axis);
        let limit = Tensor::full(DType::I32, &shape, k as f64);
        Ok((count(rank - 1) - count(rank - 2)).le(&limit))
    }

    /// The elements on and below diagonal `k` (0 is the main one, 1 the one above it), zeros elsewhere.
    pub fn tril(&self, k: isize) -> Tensor {
        Tensor::from_result(|| Ok(self.below(k)?.select(self, &self.filled(0.0))))
    }

    /// The elements on and above diagonal `k`, zeros elsewhere.
    pub fn triu(&self, k: isize) -> Tensor {
        Tensor::from_result(|| Ok(self.below(k - 1)?.select(&self.filled(0.0), self)))
    }

    /// The elements on the diagonal of the last two axes.
    pub fn diagonal(&self) -> Tensor {
        Tensor::from_result(|| {
            let ty = self.check()?.ty();
            let [batch @ .., rows, columns] = ty.shape.dims() else {
                return Err(Error::value("diagonal").expected("at least 2 axes").got(&ty.shape));
            };
            let (Some(m), Some(n)) = (rows.known(), columns.known()) else {
                return Err(Error::value("diagonal").expected("known lengths").got(&ty.shape));
            };
            // In rows of n + 1 instead of n, the diagonal is the first column.
            let (k, rank) = (m.min(n), batch.len());
            let square = self.slice_axis(rank, 0, k).slice_axis(rank + 1, 0, k);
            let flat = square.reshape([batch, &[Dim::new(k * k)]].concat());
            let mut high = vec![0; rank + 1];
            high[rank] = k as isize;
            let sheared = flat
                .pad(&vec![0; rank + 1], &high, 0.0)
                .reshape([batch, &[Dim::new(k), Dim::new(k + 1)]].concat());
            Ok(sheared.slice_axis(rank + 1, 0, 1).reshape([batch, &[Dim::new(k)]].concat()))
        })
    }

    /// The last axis as the diagonal of square matrices.
    pub fn diagonal_matrix(&self) -> Tensor {
        Tensor::from_result(|| {
            let shape = self.check()?.shape();
            let n = shape
                .get(-1)
                .ok_or_else(|| Error::value("diagonal").expected("at least 1 axis").got(&shape))?;
            let _entered = self.enter_trace();
            let square = Shape::from([shape.dims(), &[n]].concat());
            let rank = square.rank();
            let count = |axis| Tensor::iota(DType::I32, &square, axis);
            let rows = self.broadcast_in_dim(&square, &(0..rank - 1).collect::<Vec<_>>());
            Ok(count(rank - 1).equal(&count(rank - 2)).select(&rows, &rows.filled(0.0)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    #[test]
    fn triangles_and_diagonals_by_hand() {
        let x = Tensor::from(Value::new([2, 3], vec![1i32, 2, 3, 4, 5, 6]).unwrap());
        let run = |t: Tensor| t.to_value().unwrap().to_i64();
        assert_eq!(run(x.tril(0)), [1, 0, 0, 4, 5, 0]);
        assert_eq!(run(x.triu(1)), [0, 2, 3, 0, 0, 6]);
        assert_eq!(run(x.diagonal()), [1, 5]);
        assert_eq!(run(x.matrix_transpose().diagonal()), [1, 5]);
        assert_eq!(run(x.diagonal().diagonal_matrix()), [1, 0, 0, 5]);
    }

    #[test]
    fn gradients_match_finite_differences() {
        let inputs: &[crate::testing::Domain] = &[(&[2, 3, 4], (-1.0, 1.0))];
        check_gradient("tril", |x| x[0].tril(-1), inputs);
        check_gradient("diagonal", |x| x[0].diagonal(), inputs);
        check_gradient("diagonal_matrix", |x| x[0].diagonal_matrix(), inputs);
    }
}
