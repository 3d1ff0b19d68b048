//! `qr`: A = Q·R by Householder reflections, with the signs of LAPACK.

use super::{Matrix, gathered, matrices, matrix, smaller, with_axes};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::op_struct;
use crate::ops::{Primitive, exactly};
use crate::tensor::Tensor;
use crate::value::Value;

op_struct! {
    /// `Q` with orthonormal columns and the upper triangular `R` with `Q·R = A`. Of an m×n matrix `Q` has min(m, n)
    /// columns, or m with `full`.
    pub struct Qr = "qr" {
        /// Whether `Q` is square.
        full: bool,
    }
}

/// `a` becomes `R`; the reflections, each a vector and its factor.
fn reflect(a: &mut Matrix) -> Vec<(Vec<f64>, f64)> {
    let (m, n) = (a.rows, a.columns);
    let mut reflections = Vec::with_capacity(m.min(n));
    for k in 0..m.min(n) {
        let below: f64 = (k + 1..m).map(|i| a[(i, k)] * a[(i, k)]).sum();
        let alpha = a[(k, k)];
        if below == 0.0 {
            reflections.push((Vec::new(), 0.0));
            continue;
        }
        // The sign that does not cancel.
        let beta = -alpha.hypot(below.sqrt()).copysign(alpha);
        let v: Vec<f64> = (k..m).map(|i| if i == k { 1.0 } else { a[(i, k)] / (alpha - beta) }).collect();
        let tau = (beta - alpha) / beta;
        apply(a, k, &v, tau);
        (k + 1..m).for_each(|i| a[(i, k)] = 0.0);
        reflections.push((v, tau));
    }
    reflections
}

/// Rows `k..` of `a` become `(I - tau·v·vᵀ)` times themselves.
fn apply(a: &mut Matrix, k: usize, v: &[f64], tau: f64) {
    for j in 0..a.columns {
        let dot: f64 = v.iter().enumerate().map(|(i, v)| v * a[(k + i, j)]).sum();
        v.iter().enumerate().for_each(|(i, v)| a[(k + i, j)] -= tau * v * dot);
    }
}

/// Orthonormal columns and the triangle; the first has `columns` columns.
pub(super) fn factor(mut a: Matrix, columns: usize) -> (Matrix, Matrix) {
    let reflections = reflect(&mut a);
    let mut q = Matrix::identity(a.rows, columns);
    reflections.iter().enumerate().rev().for_each(|(k, (v, tau))| apply(&mut q, k, v, *tau));
    a.data.truncate(columns * a.columns);
    a.rows = columns;
    (q, a)
}

impl Primitive for Qr {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [a] = exactly(inputs)?;
        let (batch, m, n) = matrix(a)?;
        let k = if self.full { m } else { smaller(m, n) };
        Ok(vec![with_axes(a, batch, &[m, k]), with_axes(a, batch, &[k, n])])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [a] = exactly(inputs)?;
        let (batch, axes) = a.shape().split_at(a.rank() - 2);
        let (m, n) = (axes[0], axes[1]);
        let k = if self.full { m } else { m.min(n) };
        let (q, r): (Vec<Matrix>, Vec<Matrix>) = matrices(a).into_iter().map(|m| factor(m, k)).unzip();
        Ok(vec![
            gathered(a.dtype(), [batch, &[m, k]].concat(), q.into_iter().map(|m| m.data))?,
            gathered(a.dtype(), [batch, &[k, n]].concat(), r.into_iter().map(|m| m.data))?,
        ])
    }

    /// With M = R·R̄ᵀ - Q̄ᵀ·Q and its lower triangle copied to the upper: A gets (Q̄ + Q·M)·R⁻ᵀ
    /// (Walter, Lehmann: Algorithmic differentiation of linear algebra functions, 2010). For at least as many rows as
    /// columns.
    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let (q, r) = (&cx.outputs[0], &cx.outputs[1]);
        if !q.dim(-1).fits(r.dim(-1)) {
            let error = Error::unsupported("the gradient of a qr whose R is not square");
            return vec![Some(Tensor::failed(
                error.hint("Use the reduced form with at least as many rows as columns."),
            ))];
        }
        let (dq, dr) = (cx.ct_of(0), cx.ct_of(1));
        let m = r.matmul(&dr.matrix_transpose()) - dq.matrix_transpose().matmul(q);
        let symmetric = m.tril(0) + m.tril(-1).matrix_transpose();
        vec![Some(r.triangular_solve(&(dq + q.matmul(&symmetric)), false, false, true))]
    }
}

impl Tensor {
    /// Orthonormal columns `Q` and the upper triangular `R` with `Q·R` this matrix; `Q` is square if `full`.
    ///
    /// ```
    /// use addax_core::{DType, Tensor};
    /// let (q, r) = Tensor::full(DType::F32, [5, 3], 1.0).qr(false);
    /// assert_eq!((q.shape().to_string(), r.shape().to_string()), ("(5, 3)".into(), "(3, 3)".into()));
    /// ```
    pub fn qr(&self, full: bool) -> (Tensor, Tensor) {
        let mut both = Tensor::apply_many(Qr { full }, &[self]);
        let r = both.swap_remove(both.len() - 1);
        (both.pop().unwrap_or_else(|| r.clone()), r)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        for shape in [&[2, 3, 3][..], &[4, 2]] {
            check_gradient("q", |x| x[0].qr(false).0, &[(shape, (-1.0, 1.0))]);
            check_gradient("r", |x| x[0].qr(false).1, &[(shape, (-1.0, 1.0))]);
        }
    }

    #[test]
    fn the_product_is_the_matrix_and_the_columns_are_orthonormal() {
        for (shape, full) in [([4, 3], false), ([4, 3], true), ([3, 4], false), ([3, 3], true)] {
            let data: Vec<f64> = (0..shape[0] * shape[1]).map(|i| (i as f64 * 1.7).sin()).collect();
            let a = Tensor::from(Value::new(shape, data.clone()).unwrap());
            let (q, r) = a.qr(full);
            let near = |a: Tensor, b: &[f64]| {
                let a = a.to_value().unwrap().to_f64();
                assert!(
                    a.len() == b.len() && a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12),
                    "{a:?} {b:?}"
                );
            };
            near(q.matmul(&r), &data);
            let k = q.dim(-1).known().unwrap();
            near(q.matrix_transpose().matmul(&q), &Matrix::identity(k, k).data);
        }
    }

    #[test]
    fn says_which_gradient_it_has_not() {
        let trace = crate::Trace::new();
        let x = trace.parameter("x", crate::DType::F32, [2, 3]);
        let e = crate::gradients(&x.qr(false).1.sum_all(), &[&x]).unwrap_err().to_string();
        assert!(e.starts_with("gradient of qr > the gradient of a qr whose R is not square"), "{e}");
    }
}
