//! Systems of equations, inverses and determinants, written with `lu` and `triangular_solve`.

use super::TriangularSolve;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::Dim;
use crate::tensor::Tensor;

/// Row `order[i]` of a matrix as row `i`.
fn in_order(b: &Tensor, order: &Tensor) -> Tensor {
    b.take_along_axis(&order.expand_dims(-1), -2)
}

/// Matrices and right sides with the same batch axes.
fn same_batch(a: &Tensor, b: &Tensor) -> Result<(Tensor, Tensor)> {
    let (x, y) = (a.check()?.shape(), b.check()?.shape());
    let wrong =
        || Error::value("shapes").expected("(…, n, n) and (…, n, m)").got(format_args!("{x} and {y}"));
    if x.rank() < 2 || y.rank() < 2 {
        return Err(wrong());
    }
    let split = |s: &crate::Shape| {
        (crate::Shape::from(s.dims()[..s.rank() - 2].to_vec()), s.dims()[s.rank() - 2..].to_vec())
    };
    let ((lead_a, tail_a), (lead_b, tail_b)) = (split(&x), split(&y));
    let lead = lead_a.broadcast(&lead_b).filter(|_| tail_a[1].fits(tail_b[0])).ok_or_else(wrong)?;
    let grow = |t: &Tensor, tail: &[Dim]| t.broadcast_to([lead.dims(), tail].concat());
    Ok((grow(a, &tail_a), grow(b, &tail_b)))
}

impl Tensor {
    /// The `x` with `A·x = b`, where `A` is this tensor (`[…, n, n]`) and `b` is `[…, n, m]`; batch axes broadcast. A
    /// singular matrix gives infinities or NaN.
    ///
    /// ```
    /// use addax_core::{Tensor, Value};
    /// let a = Tensor::from(Value::new([2, 2], vec![0f64, 2., 4., 0.]).unwrap());
    /// let b = Tensor::from(Value::new([2, 1], vec![6f64, 8.]).unwrap());
    /// assert_eq!(a.solve(&b).to_value().unwrap().to_f64(), [2., 3.]);
    /// ```
    pub fn solve(&self, b: &Tensor) -> Tensor {
        let run = || {
            let (a, b) = same_batch(self, b)?;
            let [lu, _, order] = a.lu();
            let half = |lower: bool, b: &Tensor| {
                let op = TriangularSolve { left_side: true, lower, unit_diagonal: lower, transpose_a: false };
                Tensor::apply(op, &[&lu, b])
            };
            Ok(half(false, &half(true, &in_order(&b, &order))))
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("solve")))
    }

    /// The inverse of this matrix; infinities or NaN if it has none.
    pub fn inverse(&self) -> Tensor {
        let run = || {
            let (_, n) = super::square(&self.check()?.ty()).map(|(b, n)| (b.len(), n))?;
            let _entered = self.enter_trace();
            Ok(self.solve(&Tensor::full(self.dtype(), vec![n], 1.0).diagonal_matrix()))
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("inverse")))
    }

    /// The diagonal of `U` and the sign of the permutation of its rows.
    fn diagonal_and_parity(&self) -> Result<(Tensor, Tensor)> {
        super::square(&self.check()?.ty())?;
        let [lu, pivots, _] = self.lu();
        let last = pivots.check()?.rank() - 1;
        let _entered = pivots.enter_trace();
        let moved = pivots.not_equal(&Tensor::iota(DType::I32, pivots.shape(), last));
        let signs = moved.select(
            &Tensor::full(self.dtype(), pivots.shape(), -1.0),
            &Tensor::full(self.dtype(), pivots.shape(), 1.0),
        );
        Ok((lu.diagonal().check()?.clone(), signs.product(&[last])))
    }

    /// The determinant.
    pub fn determinant(&self) -> Tensor {
        let run = || {
            let (diagonal, parity) = self.diagonal_and_parity()?;
            Ok(diagonal.product(&[diagonal.rank() - 1]) * parity)
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("determinant")))
    }

    /// The sign of the determinant and the logarithm of its absolute value.
    pub fn slogdet(&self) -> (Tensor, Tensor) {
        match self.diagonal_and_parity().map_err(|e| e.at("slogdet")) {
            Ok((diagonal, parity)) => {
                let last = [diagonal.rank() - 1];
                (diagonal.sign().product(&last) * parity, diagonal.abs().log().sum(&last))
            }
            Err(e) => (Tensor::failed(e.clone()), Tensor::failed(e)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Value;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        let d = (-1.0, 1.0);
        check_gradient("solve", |x| x[0].solve(&x[1]), &[(&[2, 3, 3], d), (&[3, 2], d)]);
        check_gradient("inverse", |x| x[0].inverse(), &[(&[3, 3], d)]);
        check_gradient("determinant", |x| x[0].determinant(), &[(&[2, 3, 3], d)]);
        check_gradient("slogdet", |x| x[0].slogdet().1, &[(&[2, 3, 3], d)]);
    }

    #[test]
    fn determinants_by_hand() {
        let a = Tensor::from(Value::new([3, 3], vec![0f64, 2., 1., 4., 1., 3., 2., 2., 2.]).unwrap());
        assert!((a.determinant().to_value().unwrap().item().unwrap() - 2.0).abs() < 1e-12);
        let (sign, log) = (a * -1.0).slogdet();
        assert_eq!(sign.to_value().unwrap().item().unwrap(), -1.0);
        assert!((log.to_value().unwrap().item().unwrap() - 2f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn says_what_it_wanted() {
        let x = Tensor::full(DType::F32, [2, 3], 0.0);
        let says = |t: Tensor| t.to_value().unwrap_err().to_string();
        assert_eq!(
            says(x.solve(&x)),
            "solve > shapes: expected (…, n, n) and (…, n, m), got (2, 3) and (2, 3)"
        );
        assert_eq!(says(x.determinant()), "determinant > input: expected square matrices, got (2, 3)");
    }
}
