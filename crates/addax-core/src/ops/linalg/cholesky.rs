//! `cholesky`: A = L·Lᵀ.

use super::{Matrix, gathered, matrices, square};
use crate::error::Result;
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::op_struct;
use crate::ops::{Primitive, exactly};
use crate::tensor::Tensor;
use crate::value::Value;

op_struct! {
    /// The lower triangular `L` with `L·Lᵀ = (A + Aᵀ) / 2`; NaN where that is not positive definite.
    pub struct Cholesky = "cholesky" {}
}

fn factor(a: &Matrix) -> Vec<f64> {
    let n = a.rows;
    let mut l = Matrix::zeros(n, n);
    for j in 0..n {
        let dot = |l: &Matrix, i: usize| (0..j).map(|k| l[(i, k)] * l[(j, k)]).sum::<f64>();
        let pivot = a[(j, j)] - dot(&l, j);
        if !(pivot > 0.0 && pivot.is_finite()) {
            return vec![f64::NAN; n * n];
        }
        l[(j, j)] = pivot.sqrt();
        for i in j + 1..n {
            l[(i, j)] = (a[(i, j)] - dot(&l, i)) / l[(j, j)];
        }
    }
    l.data
}

impl Primitive for Cholesky {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [a] = exactly(inputs)?;
        square(a)?;
        Ok(vec![a.clone()])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [a] = exactly(inputs)?;
        let factors = matrices(a).into_iter().map(|m| factor(&m.symmetrized()));
        Ok(vec![gathered(a.dtype(), a.shape().to_vec(), factors)?])
    }

    /// With Φ the lower triangle, its diagonal halved: S = L⁻ᵀ Φ(Lᵀ L̄) L⁻¹, and A gets (S + Sᵀ) / 2
    /// (Murray: Differentiation of the Cholesky decomposition, 2016).
    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let l = cx.y();
        let p = l.matrix_transpose().matmul(&cx.ct());
        let phi = (p.tril(0) + p.tril(-1)) * 0.5;
        let left = l.triangular_solve(&phi, true, true, true);
        let s = l.triangular_solve(&left, false, true, false);
        vec![Some((&s + s.matrix_transpose()) * 0.5)]
    }
}

impl Tensor {
    /// The lower triangular `L` with `L·Lᵀ` this (symmetrized) matrix; NaN where it is not positive definite.
    ///
    /// ```
    /// use addax_core::{Tensor, Value};
    /// let a = Tensor::from(Value::new([2, 2], vec![4f32, 2., 2., 5.]).unwrap());
    /// assert_eq!(a.cholesky().to_value().unwrap().to_f64(), [2., 0., 1., 2.]);
    /// ```
    pub fn cholesky(&self) -> Tensor {
        Tensor::apply(Cholesky {}, &[self])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        let f = |x: &[Tensor]| {
            let a = x[0].matmul(&x[0].matrix_transpose())
                + Tensor::full(crate::DType::F64, [3], 1.0).diagonal_matrix();
            a.cholesky()
        };
        check_gradient("cholesky", f, &[(&[2, 3, 3], (-1.0, 1.0))]);
    }

    #[test]
    fn what_is_not_positive_definite_is_nan() {
        let a = Tensor::from(Value::new([2, 2], vec![1f32, 2., 2., 1.]).unwrap());
        assert!(a.cholesky().to_value().unwrap().to_f64().iter().all(|x| x.is_nan()));
    }

    #[test]
    fn says_what_it_wanted() {
        let says = |t: Tensor| t.cholesky().to_value().unwrap_err().to_string();
        let x = Tensor::full(crate::DType::F32, [2, 3], 0.0);
        assert_eq!(says(x), "cholesky > input: expected square matrices, got (2, 3)");
        let x = Tensor::full(crate::DType::I32, [2, 2], 0.0);
        assert_eq!(says(x), "cholesky > input: expected matrices of floats, got i32[2,2]");
    }
}
