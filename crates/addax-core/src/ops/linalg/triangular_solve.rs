//! `triangular_solve`: a system of equations whose matrix is a triangle.

use super::{Matrix, gathered, matrices, matrix, square};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::op_struct;
use crate::ops::{Primitive, exactly, same_dtype};
use crate::tensor::Tensor;
use crate::value::Value;

op_struct! {
    /// The `x` with `op(a)·x = b` or `x·op(a) = b`, where `op(a)` is `a` or its transpose; only one triangle of `a` is
    /// read.
    pub struct TriangularSolve = "triangular_solve" {
        /// Whether `a` stands on the left.
        left_side: bool,
        /// Whether the lower triangle of `a` is read.
        lower: bool,
        /// Whether the diagonal counts as ones.
        unit_diagonal: bool,
        /// Whether `a` is transposed.
        transpose_a: bool,
    }
}

impl TriangularSolve {
    /// `op(a)·x = b`, one column after another in place.
    fn solve(&self, a: &Matrix, mut x: Matrix) -> Matrix {
        let n = a.rows;
        let at = |i: usize, j: usize| if self.transpose_a { a[(j, i)] } else { a[(i, j)] };
        let downwards = self.lower != self.transpose_a;
        for step in 0..n {
            let i = if downwards { step } else { n - 1 - step };
            let before = if downwards { 0..i } else { i + 1..n };
            for c in 0..x.columns {
                let known: f64 = before.clone().map(|k| at(i, k) * x[(k, c)]).sum();
                let rest = x[(i, c)] - known;
                x[(i, c)] = if self.unit_diagonal { rest } else { rest / at(i, i) };
            }
        }
        x
    }

    /// `x·op(a) = b` is `op(a)ᵀ·xᵀ = bᵀ`.
    fn solve_side(&self, a: &Matrix, b: Matrix) -> Matrix {
        if self.left_side {
            return self.solve(a, b);
        }
        let turned = TriangularSolve { transpose_a: !self.transpose_a, ..self.clone() };
        turned.solve(a, b.transposed()).transposed()
    }
}

impl Primitive for TriangularSolve {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [a, b] = exactly(inputs)?;
        same_dtype(a, b)?;
        let (batch, n) = square(a)?;
        let (others, rows, columns) = matrix(b)?;
        let along = if self.left_side { rows } else { columns };
        let same = batch.len() == others.len() && batch.iter().zip(others).all(|(a, b)| a.fits(*b));
        if !same || !n.fits(along) {
            let got = format!("{} and {}", a.shape, b.shape);
            return Err(Error::value("shapes").expected("a right side that goes with the matrices").got(got));
        }
        Ok(vec![b.clone()])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [a, b] = exactly(inputs)?;
        let solved = matrices(a).into_iter().zip(matrices(b)).map(|(a, b)| self.solve_side(&a, b).data);
        Ok(vec![gathered(b.dtype(), b.shape().to_vec(), solved)?])
    }

    /// b gets the solution for its gradient with op(a) transposed; a gets minus its product with x, in its triangle.
    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let (a, x) = (cx.x(0), cx.y());
        let back = TriangularSolve { transpose_a: !self.transpose_a, ..self.clone() };
        let db = Tensor::apply(back, &[a, &cx.ct()]);
        let by_a = || {
            let product = match (self.left_side, self.transpose_a) {
                (true, false) => db.matmul(&x.matrix_transpose()),
                (true, true) => x.matmul(&db.matrix_transpose()),
                (false, false) => x.matrix_transpose().matmul(&db),
                (false, true) => db.matrix_transpose().matmul(x),
            };
            let k = isize::from(self.unit_diagonal);
            if self.lower { product.tril(-k) } else { product.triu(k) }.negate()
        };
        vec![cx.wanted[0].then(by_a), cx.wanted[1].then(|| db.clone())]
    }
}

impl Tensor {
    /// The `x` with `op(a)·x = b` (`left`) or `x·op(a) = b`, where `a` is this tensor, of which one triangle is read, and
    /// `op(a)` its transpose if `transposed`.
    pub fn triangular_solve(&self, b: &Tensor, left: bool, lower: bool, transposed: bool) -> Tensor {
        let op = TriangularSolve { left_side: left, lower, unit_diagonal: false, transpose_a: transposed };
        Tensor::apply(op, &[self, b])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    fn all() -> impl Iterator<Item = TriangularSolve> {
        (0..16).map(|i| TriangularSolve {
            left_side: i & 1 > 0,
            lower: i & 2 > 0,
            unit_diagonal: i & 4 > 0,
            transpose_a: i & 8 > 0,
        })
    }

    #[test]
    fn gradients_match_finite_differences() {
        for op in all() {
            let b: &[usize] = if op.left_side { &[2, 3, 2] } else { &[2, 2, 3] };
            let f = |x: &[Tensor]| Tensor::apply(op.clone(), &[&x[0], &x[1]]);
            check_gradient(&format!("{op:?}"), f, &[(&[2, 3, 3], (0.5, 1.5)), (b, (-1.0, 1.0))]);
        }
    }

    #[test]
    fn the_solution_solves_and_the_other_triangle_is_not_read() {
        let a = Value::new([2, 2], vec![2.0, 3.0, 5.0, 7.0]).unwrap();
        let b = Value::new([2, 2], vec![1.0, 2.0, 3.0, 4.0]).unwrap();
        for op in all() {
            let (mut m, x) = (matrices(&a).remove(0), op.eval(&[&a, &b]).unwrap().remove(0));
            m[if op.lower { (0, 1) } else { (1, 0) }] = 0.0;
            if op.unit_diagonal {
                (m[(0, 0)], m[(1, 1)]) = (1.0, 1.0);
            }
            if op.transpose_a {
                m = m.transposed();
            }
            let m = Tensor::from(Value::new([2, 2], m.data).unwrap());
            let x = Tensor::from(x);
            let product = if op.left_side { m.matmul(&x) } else { x.matmul(&m) };
            let product = product.to_value().unwrap().to_f64();
            assert!(product.iter().zip(b.to_f64()).all(|(p, b)| (p - b).abs() < 1e-12), "{op:?} {product:?}");
        }
    }
}
