//! `eigh`: A = V·diag(w)·Vᵀ of symmetric matrices, by Jacobi's rotations.

use super::{Matrix, gathered, matrices, square, with_axes};
use crate::error::Result;
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::op_struct;
use crate::ops::{Primitive, exactly};
use crate::tensor::Tensor;
use crate::value::Value;

op_struct! {
    /// The eigenvalues `w` of `(A + Aᵀ) / 2`, ascending, and its eigenvectors as the columns of `V`, each with its
    /// largest component positive.
    pub struct Eigh = "eigh" {}
}

/// Sweeps end when the rest is beyond double precision; each one squares what is left.
const SWEEPS: usize = 60;

fn eigen(mut a: Matrix) -> (Vec<f64>, Matrix) {
    let n = a.rows;
    let mut v = Matrix::identity(n, n);
    let size: f64 = a.data.iter().map(|x| x * x).sum();
    if !size.is_finite() {
        v.data.fill(f64::NAN);
        return (vec![f64::NAN; n], v);
    }
    for _ in 0..SWEEPS {
        let rest: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|at| a[at] * a[at]).sum();
        if rest <= size * 1e-32 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                rotate(&mut a, &mut v, p, q);
            }
        }
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|i, j| a[(*i, *i)].total_cmp(&a[(*j, *j)]));
    let w = order.iter().map(|i| a[(*i, *i)]).collect();
    let mut vectors = Matrix::zeros(n, n);
    for (to, from) in order.into_iter().enumerate() {
        let sign = column_sign(&v, from);
        (0..n).for_each(|i| vectors[(i, to)] = sign * v[(i, from)]);
    }
    (w, vectors)
}

/// The sign of the largest component of a column.
pub(super) fn column_sign(v: &Matrix, column: usize) -> f64 {
    let largest =
        (0..v.rows).map(|i| v[(i, column)]).fold(0.0f64, |m, x| if x.abs() > m.abs() { x } else { m });
    if largest < 0.0 { -1.0 } else { 1.0 }
}

/// One rotation of rows and columns `p` and `q` that makes their common element 0.
fn rotate(a: &mut Matrix, v: &mut Matrix, p: usize, q: usize) {
    if a[(p, q)] == 0.0 {
        return;
    }
    let theta = (a[(q, q)] - a[(p, p)]) / (2.0 * a[(p, q)]);
    let t = 1.0f64.copysign(theta) / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for i in 0..a.rows {
        let (x, y) = (a[(i, p)], a[(i, q)]);
        (a[(i, p)], a[(i, q)]) = (c * x - s * y, s * x + c * y);
        let (x, y) = (v[(i, p)], v[(i, q)]);
        (v[(i, p)], v[(i, q)]) = (c * x - s * y, s * x + c * y);
    }
    for j in 0..a.rows {
        let (x, y) = (a[(p, j)], a[(q, j)]);
        (a[(p, j)], a[(q, j)]) = (c * x - s * y, s * x + c * y);
    }
}

impl Primitive for Eigh {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [a] = exactly(inputs)?;
        let (batch, n) = square(a)?;
        Ok(vec![with_axes(a, batch, &[n]), a.clone()])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [a] = exactly(inputs)?;
        let solved = matrices(a).into_iter().map(|m| eigen(m.symmetrized()));
        let (w, v): (Vec<Vec<f64>>, Vec<Matrix>) = solved.unzip();
        let short = a.shape()[..a.rank() - 1].to_vec();
        Ok(vec![
            gathered(a.dtype(), short, w.into_iter())?,
            gathered(a.dtype(), a.shape().to_vec(), v.into_iter().map(|m| m.data))?,
        ])
    }

    /// V·(diag(w̄) + F∘(Vᵀ·V̄))·Vᵀ with F = 1 / (w_j - w_i) off the diagonal, made symmetric; equal eigenvalues, whose
    /// vectors have no derivative, count 0.
    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let (w, v) = (&cx.outputs[0], &cx.outputs[1]);
        let vt = v.matrix_transpose();
        let mut inner = cx.ct_of(0).diagonal_matrix();
        if let Some(dv) = &cx.cotangents[1] {
            inner = inner + inverse_differences(w) * vt.matmul(dv);
        }
        let da = v.matmul(&inner).matmul(&vt);
        vec![Some((&da + da.matrix_transpose()) * 0.5)]
    }
}

/// 1 / (w_j - w_i) in row i and column j; 0 where the two are equal.
pub(super) fn inverse_differences(w: &Tensor) -> Tensor {
    let difference = w.expand_dims(-2) - w.expand_dims(-1);
    let equal = difference.equal(&difference.filled(0.0));
    let safe = equal.select(&difference.filled(1.0), &difference);
    equal.select(&difference.filled(0.0), &safe.reciprocal())
}

impl Tensor {
    /// The eigenvalues of this (symmetrized) matrix, ascending, and its eigenvectors as columns.
    ///
    /// ```
    /// use addax_core::{Tensor, Value};
    /// let a = Tensor::from(Value::new([2, 2], vec![2f32, 1., 1., 2.]).unwrap());
    /// assert_eq!(a.eigh().0.to_value().unwrap().to_f64(), [1., 3.]);
    /// ```
    pub fn eigh(&self) -> (Tensor, Tensor) {
        let mut both = Tensor::apply_many(Eigh {}, &[self]);
        let v = both.swap_remove(both.len() - 1);
        (both.pop().unwrap_or_else(|| v.clone()), v)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        let inputs: &[crate::testing::Domain] = &[(&[2, 3, 3], (-1.0, 1.0))];
        check_gradient("eigenvalues", |x| x[0].eigh().0, inputs);
        check_gradient("eigenvectors", |x| x[0].eigh().1, inputs);
    }

    #[test]
    fn what_is_not_finite_has_no_eigenvalues() {
        let a = Tensor::from(Value::new([2, 2], vec![1.0, f64::INFINITY, f64::INFINITY, 1.0]).unwrap());
        assert!(a.eigh().0.to_value().unwrap().to_f64().iter().all(|w| w.is_nan()));
    }

    #[test]
    fn the_parts_give_the_matrix_back() {
        let n = 6;
        let data: Vec<f64> = (0..n * n).map(|i| ((i / n + i % n) as f64 * 1.3).sin()).collect();
        let a = Tensor::from(Value::new([n, n], data.clone()).unwrap());
        let (w, v) = a.eigh();
        let again = v.matmul(&w.diagonal_matrix()).matmul(&v.matrix_transpose()).to_value().unwrap().to_f64();
        assert!(again.iter().zip(&data).all(|(a, b)| (a - b).abs() < 1e-12), "{again:?}");
        let w = w.to_value().unwrap().to_f64();
        assert!(w.is_sorted(), "{w:?}");
    }
}
