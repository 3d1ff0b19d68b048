//! `lu`: P·A = L·U.

use super::{Matrix, gathered, matrices, matrix, smaller, with_axes};
use crate::dtype::DType;
use crate::error::Result;
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::op_struct;
use crate::ops::{Primitive, TriangularSolve, exactly};
use crate::shape::Dim;
use crate::tensor::Tensor;
use crate::value::Value;

op_struct! {
    /// Triangles with `P·A = L·U`, by partial pivoting. Three results: `U` with `L` below it (whose diagonal is ones),
    /// the row that each step changed places with (int32), and the row of `A` that each row of `L·U` is (int32).
    pub struct Lu = "lu" {}
}

/// Factors in place; the pivots, and where the rows came from.
fn factor(a: &mut Matrix) -> (Vec<i32>, Vec<i32>) {
    let (m, n) = (a.rows, a.columns);
    let mut order: Vec<i32> = (0..m as i32).collect();
    let mut pivots = Vec::with_capacity(m.min(n));
    for k in 0..m.min(n) {
        let pivot = (k..m).fold(k, |best, i| if a[(i, k)].abs() > a[(best, k)].abs() { i } else { best });
        pivots.push(pivot as i32);
        order.swap(k, pivot);
        for j in 0..n {
            (a[(k, j)], a[(pivot, j)]) = (a[(pivot, j)], a[(k, j)]);
        }
        for i in k + 1..m {
            if a[(k, k)] != 0.0 {
                a[(i, k)] /= a[(k, k)];
            }
            let factor = a[(i, k)];
            for j in k + 1..n {
                a[(i, j)] -= factor * a[(k, j)];
            }
        }
    }
    (pivots, order)
}

impl Primitive for Lu {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [a] = exactly(inputs)?;
        let (batch, m, n) = matrix(a)?;
        let integers = |axis: Dim| with_axes(a, batch, &[axis]).with_dtype(DType::I32);
        Ok(vec![a.clone(), integers(smaller(m, n)), integers(m)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [a] = exactly(inputs)?;
        let mut factors = matrices(a);
        let (mut pivots, mut orders) = (Vec::new(), Vec::new());
        for m in &mut factors {
            let (p, o) = factor(m);
            pivots.extend(p);
            orders.extend(o);
        }
        let (batch, axes) = a.shape().split_at(a.rank() - 2);
        let k = axes[0].min(axes[1]);
        Ok(vec![
            gathered(a.dtype(), a.shape().to_vec(), factors.into_iter().map(|m| m.data))?,
            Value::new([batch, &[k]].concat(), pivots)?,
            Value::new([batch, &[axes[0]]].concat(), orders)?,
        ])
    }

    /// With L₁, U₁ the square parts and L₂, U₂ what sticks out below and to the right:
    /// F = tril(L₁ᵀL̄₁ - Ū₂U₂ᵀ, -1) + triu(Ū₁U₁ᵀ - L₂ᵀL̄₂); the permuted A gets L₁⁻ᵀ F U₁⁻ᵀ, below it L̄₂ U₁⁻ᵀ, to the
    /// right L₁⁻ᵀ Ū₂.
    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let (lu, order, ct) = (cx.y(), &cx.outputs[2], cx.ct());
        let rank = lu.rank();
        let (Some(m), Some(n)) = (lu.dim(-2).known(), lu.dim(-1).known()) else { return vec![Some(ct)] };
        let k = m.min(n);
        let part = |t: &Tensor, rows: (usize, usize), columns: (usize, usize)| {
            t.slice_axis(rank - 2, rows.0, rows.1).slice_axis(rank - 1, columns.0, columns.1)
        };
        let (head, gradient) = (part(lu, (0, k), (0, k)), part(&ct, (0, k), (0, k)));
        let solve = |b: &Tensor, left: bool, lower: bool| {
            let op = TriangularSolve { left_side: left, lower, unit_diagonal: lower, transpose_a: true };
            Tensor::apply(op, &[&head, b])
        };
        let unit_lower = head.tril(-1) + head.diagonal().filled(1.0).diagonal_matrix();
        let mut lower = unit_lower.matrix_transpose().matmul(&gradient.tril(-1));
        let mut upper = gradient.triu(0).matmul(&head.triu(0).matrix_transpose());
        let (below, right) = (part(&ct, (k, m), (0, k)), part(&ct, (0, k), (k, n)));
        if m > k {
            upper = upper - part(lu, (k, m), (0, k)).matrix_transpose().matmul(&below);
        }
        if n > k {
            lower = lower - right.matmul(&part(lu, (0, k), (k, n)).matrix_transpose());
        }
        let inner = lower.tril(-1) + upper.triu(0);
        let mut permuted = solve(&solve(&inner, true, true), false, false);
        if m > k {
            permuted = Tensor::concatenate(&[&permuted, &solve(&below, false, false)], rank - 2);
        }
        if n > k {
            permuted = Tensor::concatenate(&[&permuted, &solve(&right, true, true)], rank - 1);
        }
        let rows = order.broadcast_in_dim(lu.shape(), &(0..rank - 1).collect::<Vec<_>>());
        vec![Some(permuted.filled(0.0).add_along(&rows, &permuted, rank - 2))]
    }
}

impl Tensor {
    /// Triangles with `P·A = L·U`: `U` with `L` below it, the pivots, the order of the rows; see [`Lu`].
    pub fn lu(&self) -> [Tensor; 3] {
        <[Tensor; 3]>::try_from(Tensor::apply_many(Lu {}, &[self])).unwrap_or_else(|mut failed| {
            std::array::from_fn(|_| failed.pop().unwrap_or_else(|| self.clone()))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        for shape in [&[2, 3, 3][..], &[4, 2], &[2, 4]] {
            check_gradient("lu", |x| x[0].lu()[0].clone(), &[(shape, (-1.0, 1.0))]);
        }
    }

    #[test]
    fn the_product_of_the_triangles_is_the_permuted_matrix() {
        let a = Value::new([3, 3], vec![0.0, 2.0, 1.0, 4.0, 1.0, 3.0, 2.0, 2.0, 2.0]).unwrap();
        let [lu, pivots, order] = Tensor::from(a.clone()).lu();
        assert_eq!(pivots.to_value().unwrap().to_i64(), [1, 1, 2]);
        let lower = lu.tril(-1) + Tensor::full(DType::F64, [3], 1.0).diagonal_matrix();
        let product = lower.matmul(&lu.triu(0)).to_value().unwrap().to_f64();
        let rows: Vec<usize> = order.to_value().unwrap().to_i64().iter().map(|i| *i as usize).collect();
        let permuted = a.take_rows(&rows).unwrap().to_f64();
        assert!(product.iter().zip(permuted).all(|(a, b)| (a - b).abs() < 1e-12), "{product:?}");
    }
}
