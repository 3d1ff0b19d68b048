//! `svd`: A = U·diag(s)·Vᵀ, by rotations of columns (Hestenes's one-sided Jacobi method).

use super::eigh::{column_sign, inverse_differences};
use super::{Matrix, gathered, matrices, matrix, qr, smaller, with_axes};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::op_struct;
use crate::ops::{Primitive, exactly};
use crate::tensor::Tensor;
use crate::value::Value;

op_struct! {
    /// `U`, the singular values (descending) and `Vᵀ`. Of an m×n matrix `U` has min(m, n) columns and `Vᵀ` as many rows,
    /// or they are square with `full`. The columns of `U` have their largest component positive.
    pub struct Svd = "svd" {
        /// Whether `U` and `Vᵀ` are square.
        full: bool,
    }
}

const SWEEPS: usize = 60;

/// Of a matrix with at least as many rows as columns: `U`, the singular values, `V`.
fn tall(mut a: Matrix) -> (Matrix, Vec<f64>, Matrix) {
    let (m, n) = (a.rows, a.columns);
    let mut v = Matrix::identity(n, n);
    if !a.data.iter().map(|x| x * x).sum::<f64>().is_finite() {
        a.data.fill(f64::NAN);
        v.data.fill(f64::NAN);
        return (a, vec![f64::NAN; n], v);
    }
    for _ in 0..SWEEPS {
        let mut still = true;
        for p in 0..n {
            for q in p + 1..n {
                still &= !rotate(&mut a, &mut v, p, q);
            }
        }
        if still {
            break;
        }
    }
    let lengths: Vec<f64> =
        (0..n).map(|j| (0..m).map(|i| a[(i, j)] * a[(i, j)]).sum::<f64>().sqrt()).collect();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|i, j| lengths[*j].total_cmp(&lengths[*i]));
    let largest = order.first().map_or(0.0, |i| lengths[*i]);
    let (mut u, mut right) = (Matrix::zeros(m, n), Matrix::zeros(n, n));
    let mut rank = 0;
    for (to, from) in order.iter().copied().enumerate() {
        let sign = column_sign(&a, from);
        (0..n).for_each(|i| right[(i, to)] = sign * v[(i, from)]);
        if lengths[from] > largest * 1e-300 && lengths[from] > 0.0 {
            rank = to + 1;
            (0..m).for_each(|i| u[(i, to)] = sign * a[(i, from)] / lengths[from]);
        }
    }
    (completed(u, rank, n), order.iter().map(|i| lengths[*i]).collect(), right)
}

/// Turns columns `p` and `q` until they are orthogonal; whether they were not.
fn rotate(a: &mut Matrix, v: &mut Matrix, p: usize, q: usize) -> bool {
    let dot = |x: usize, y: usize| (0..a.rows).map(|i| a[(i, x)] * a[(i, y)]).sum::<f64>();
    let (alpha, beta, gamma) = (dot(p, p), dot(q, q), dot(p, q));
    if gamma.is_nan() || gamma.abs() <= 1e-15 * (alpha * beta).sqrt() {
        return false;
    }
    let zeta = (beta - alpha) / (2.0 * gamma);
    let t = 1.0f64.copysign(zeta) / (zeta.abs() + (zeta * zeta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for m in [a, v] {
        for i in 0..m.rows {
            let (x, y) = (m[(i, p)], m[(i, q)]);
            (m[(i, p)], m[(i, q)]) = (c * x - s * y, s * x + c * y);
        }
    }
    true
}

/// The first `known` columns, which are orthonormal, and others orthonormal to them, `columns` in all.
fn completed(u: Matrix, known: usize, columns: usize) -> Matrix {
    if known == columns {
        return u;
    }
    let mut head = Matrix::zeros(u.rows, known);
    for i in 0..u.rows {
        (0..known).for_each(|j| head[(i, j)] = u[(i, j)]);
    }
    // The reflections of the known columns make an orthonormal basis whose first columns are theirs up to the sign.
    let (mut q, _) = qr::factor(head.clone(), columns);
    for i in 0..u.rows {
        (0..known).for_each(|j| q[(i, j)] = head[(i, j)]);
    }
    q
}

/// `U`, the singular values, `Vᵀ`.
fn decompose(a: Matrix, full: bool) -> (Matrix, Vec<f64>, Matrix) {
    let (m, n) = (a.rows, a.columns);
    let (u, s, v) = if m >= n {
        tall(a)
    } else {
        let (v, s, u) = tall(a.transposed());
        signed(u, s, v)
    };
    if !full {
        return (u, s, v.transposed());
    }
    let k = s.len();
    (completed(u, k, m), s, completed(v, k, n).transposed())
}

/// Signs such that the largest component of each column of `U` is positive.
fn signed(mut u: Matrix, s: Vec<f64>, mut v: Matrix) -> (Matrix, Vec<f64>, Matrix) {
    for j in 0..s.len() {
        let sign = column_sign(&u, j);
        (0..u.rows).for_each(|i| u[(i, j)] *= sign);
        (0..v.rows).for_each(|i| v[(i, j)] *= sign);
    }
    (u, s, v)
}

impl Primitive for Svd {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [a] = exactly(inputs)?;
        let (batch, m, n) = matrix(a)?;
        let k = smaller(m, n);
        let (left, right) = if self.full { (m, n) } else { (k, k) };
        Ok(vec![with_axes(a, batch, &[m, left]), with_axes(a, batch, &[k]), with_axes(a, batch, &[right, n])])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [a] = exactly(inputs)?;
        let (batch, axes) = a.shape().split_at(a.rank() - 2);
        let (m, n, k) = (axes[0], axes[1], axes[0].min(axes[1]));
        let (left, right) = if self.full { (m, n) } else { (k, k) };
        let (mut us, mut ss, mut vs) = (Vec::new(), Vec::new(), Vec::new());
        for a in matrices(a) {
            let (u, s, v) = decompose(a, self.full);
            us.push(u.data);
            ss.push(s);
            vs.push(v.data);
        }
        Ok(vec![
            gathered(a.dtype(), [batch, &[m, left]].concat(), us.into_iter())?,
            gathered(a.dtype(), [batch, &[k]].concat(), ss.into_iter())?,
            gathered(a.dtype(), [batch, &[right, n]].concat(), vs.into_iter())?,
        ])
    }

    /// With F = 1 / (s_j² - s_i²) off the diagonal (0 where they are equal), A gets
    /// U·(F∘(UᵀŪ - ŪᵀU)·S + S·F∘(VᵀV̄ - V̄ᵀV) + diag(s̄))·Vᵀ + (I - UUᵀ)·Ū·S⁻¹·Vᵀ + U·S⁻¹·V̄ᵀ·(I - VVᵀ)
    /// (Townsend: Differentiating the singular value decomposition, 2016).
    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let [u, s, vt] = cx.outputs else { return vec![None] };
        if !u.dim(-1).fits(vt.dim(-2)) && (cx.cotangents[0].is_some() || cx.cotangents[2].is_some()) {
            let error = Error::unsupported("the gradient of a full svd of a matrix that is not square");
            return vec![Some(Tensor::failed(error.hint("Use the reduced form.")))];
        }
        let (rank, k) = (u.rank(), s.dim(-1).known());
        // Of a full decomposition only the singular values are asked for: their vectors are the first.
        let first = |t: &Tensor, axis: usize| k.map_or_else(|| t.clone(), |k| t.slice_axis(axis, 0, k));
        let (u, vt) = (first(u, rank - 1), first(vt, rank - 2));
        let (ut, v) = (u.matrix_transpose(), vt.matrix_transpose());
        let f = || inverse_differences(&s.square());
        let (row, column) = (s.expand_dims(-2), s.expand_dims(-1));
        let mut inner = cx.ct_of(1).diagonal_matrix();
        let mut outer = Vec::new();
        if let Some(du) = &cx.cotangents[0] {
            let turned = ut.matmul(du);
            inner = inner + f() * (&turned - turned.matrix_transpose()) * &row;
            outer.push(((du - u.matmul(&turned)) / &row).matmul(&vt));
        }
        if let Some(dvt) = &cx.cotangents[2] {
            let turned = vt.matmul(&dvt.matrix_transpose());
            inner = inner + f() * (&turned - turned.matrix_transpose()) * &column;
            outer.push(u.matmul(&((dvt - dvt.matmul(&v).matmul(&vt)) / &column)));
        }
        vec![Some(outer.into_iter().fold(u.matmul(&inner).matmul(&vt), |sum, t| sum + t))]
    }
}

impl Tensor {
    /// `U`, the singular values (descending) and `Vᵀ` of this matrix; square if `full`. See [`Svd`].
    ///
    /// ```
    /// use addax_core::{Tensor, Value};
    /// let a = Tensor::from(Value::new([2, 2], vec![0f32, 2., -3., 0.]).unwrap());
    /// assert_eq!(a.svd(false)[1].to_value().unwrap().to_f64(), [3., 2.]);
    /// ```
    pub fn svd(&self, full: bool) -> [Tensor; 3] {
        <[Tensor; 3]>::try_from(Tensor::apply_many(Svd { full }, &[self])).unwrap_or_else(|mut failed| {
            std::array::from_fn(|_| failed.pop().unwrap_or_else(|| self.clone()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check_first_gradient, check_gradient};

    #[test]
    fn gradients_match_finite_differences() {
        for shape in [&[2, 3, 3][..], &[4, 2], &[2, 4]] {
            for i in 0..3 {
                check_gradient(&format!("svd {i}"), |x| x[0].svd(false)[i].clone(), &[(shape, (-1.0, 1.0))]);
            }
        }
        // Its own gradient asks for the vectors, which a full decomposition has none of.
        check_first_gradient("full", |x| x[0].svd(true)[1].clone(), &[(&[4, 2], (-1.0, 1.0))]);
    }

    #[test]
    fn what_is_not_finite_has_no_singular_values() {
        let a = Tensor::from(Value::new([2, 2], vec![1.0, f64::NAN, 2.0, 1.0]).unwrap());
        assert!(a.svd(true)[1].to_value().unwrap().to_f64().iter().all(|s| s.is_nan()));
    }

    #[test]
    fn the_parts_give_the_matrix_back() {
        for (m, n, full) in [(4, 3, false), (3, 5, false), (5, 3, true), (3, 5, true), (3, 3, true)] {
            // The last column repeats the first: there is a singular value of 0.
            let data: Vec<f64> =
                (0..m * n).map(|i| (((i / n * 7 + (i % n) % (n - 1)) as f64) * 1.7).sin()).collect();
            let [u, s, vt] = Tensor::from(Value::new([m, n], data.clone()).unwrap()).svd(full);
            let near = |t: Tensor, want: &[f64]| {
                let got = t.to_value().unwrap().to_f64();
                assert!(
                    got.iter().zip(want).all(|(a, b)| (a - b).abs() < 1e-12),
                    "{m} {n} {full} {got:?} {want:?}"
                );
            };
            let (k, rank) = (m.min(n), 2);
            let (left, right) = (u.slice_axis(rank - 1, 0, k), vt.slice_axis(rank - 2, 0, k));
            near(left.matmul(&s.diagonal_matrix()).matmul(&right), &data);
            let size = |t: &Tensor, a: isize| t.dim(a).known().unwrap();
            near(u.matrix_transpose().matmul(&u), &Matrix::identity(size(&u, -1), size(&u, -1)).data);
            near(vt.matmul(&vt.matrix_transpose()), &Matrix::identity(size(&vt, -2), size(&vt, -2)).data);
        }
    }
}
