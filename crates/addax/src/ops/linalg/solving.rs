//! Linear equations, and what stands for an inverse where there is none.

use super::decomposition::{matrix, square_matrix};
use crate::ops;
use crate::ops::operand::{float, together_float};
use addax_core::{DType, Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.linalg";

    /// The inverse of a matrix; infinities or NaN where there is none.
    Inv inv(x: Tensor) = square_matrix(&x).map(|x| x.inverse());
    /// The `x` with `a·x = b`, where `b` is a vector or has columns.
    Solve solve(a: Tensor, b: Tensor) = solved(&a, &b, 1, |a, b| a.solve(b));
    /// The `x` with `a·x = b` where `a` is upper triangular, or lower: the other triangle is not read.
    SolveTriangular solve_triangular(a: Tensor, b: Tensor)[; lower: bool = false] =
        solved(&a, &b, a.rank().saturating_sub(1), |a, b| a.triangular_solve(b, true, lower, false));
    /// The `x` for which `|a·x - b|` is least, and the shortest of those; singular values below `rcond` of the largest
    /// count as 0.
    Lstsq lstsq(a: Tensor, b: Tensor)[; rcond: Option<f64> = None] = least_squares(&a, &b, rcond);
    /// How many singular values are larger than `tol` (what rounding leaves of 0, if it is not given).
    MatrixRank matrix_rank(x: Tensor)[; tol: Option<f64> = None] = rank(&x, tol);
    /// The inverse of Moore and Penrose; singular values below `rcond` of the largest count as 0.
    Pinv pinv(x: Tensor)[; rcond: Option<f64> = None] = pseudo_inverse(&x, rcond);
}

/// The distance from 1 to the next number.
fn epsilon(dtype: DType) -> f64 {
    match dtype {
        DType::F64 => f64::EPSILON,
        DType::F16 => 9.765625e-4,
        DType::BF16 => 7.8125e-3,
        _ => f64::from(f32::EPSILON),
    }
}

/// The longer of the last two axes.
fn longest(x: &Tensor) -> Result<f64> {
    let both = x.dim(-1).known().zip(x.dim(-2).known());
    let (m, n) = both.ok_or_else(|| Error::value("x").expected("a matrix of known size").got(x.shape()))?;
    if m == 0 || n == 0 {
        return Err(Error::value("x").expected("elements").got(x.shape()));
    }
    Ok(m.max(n) as f64)
}

/// `b` with so many axes is a vector.
fn solved(
    a: &Tensor,
    b: &Tensor,
    vector: usize,
    run: impl FnOnce(&Tensor, &Tensor) -> Tensor,
) -> Result<Tensor> {
    let a = square_matrix(a)?;
    let [a, b] = together_float([&a.into(), &b.into()]);
    if b.rank() == 0 {
        return Err(Error::value("b").expected("at least 1 axis").got(b.shape()));
    }
    let single = b.rank() == vector;
    let columns = if single { b.expand_dims(-1) } else { b };
    let x = run(&a, &columns);
    Ok(if single { x.squeeze(-1) } else { x })
}

fn least_squares(a: &Tensor, b: &Tensor, rcond: Option<f64>) -> Result<Tensor> {
    let [a, b] = together_float([&a.into(), &b.into()]);
    if a.rank() != 2 || !matches!(b.rank(), 1 | 2) || !a.dim(0).fits(b.dim(0)) {
        let got = format!("{} and {}", a.shape(), b.shape());
        return Err(Error::value("lstsq").expected("(m, n) and (m,) or (m, k)").got(got));
    }
    let share = match rcond {
        None => longest(&a)? * epsilon(a.dtype()),
        Some(r) if r < 0.0 => epsilon(a.dtype()),
        Some(r) => r,
    };
    let single = b.rank() == 1;
    let columns = if single { b.expand_dims(1) } else { b };
    let [u, s, vt] = a.svd(false);
    let kept = s.gt(&s.filled(0.0)).and(&s.ge(&(s.slice_axis(0, 0, 1) * share).broadcast_to(s.shape())));
    let inverse = kept.select(&kept.select(&s, &s.filled(1.0)).reciprocal(), &s.filled(0.0));
    let x = vt.matrix_transpose().matmul(&(inverse.expand_dims(1) * u.matrix_transpose().matmul(&columns)));
    Ok(if single { x.squeeze(1) } else { x })
}

fn rank(x: &Tensor, tol: Option<f64>) -> Result<Tensor> {
    let x = matrix(x)?;
    let [_, s, _] = x.svd(false);
    let last = s.rank().saturating_sub(1);
    let least = match tol {
        Some(tol) => s.filled(tol),
        None => {
            (s.max(&[last]) * (longest(&x)? * epsilon(x.dtype()))).expand_dims(-1).broadcast_to(s.shape())
        }
    };
    Ok(s.gt(&least).cast(DType::I32).sum(&[last]))
}

fn pseudo_inverse(x: &Tensor, rcond: Option<f64>) -> Result<Tensor> {
    let x = float(&matrix(x)?);
    let share = rcond.map_or_else(|| longest(&x).map(|n| 10.0 * n * epsilon(x.dtype())), Ok)?;
    let [u, s, vt] = x.svd(false);
    let last = s.rank().saturating_sub(1);
    let least = (s.max(&[last]) * share).expand_dims(-1).broadcast_to(s.shape());
    let inverse = s.gt(&least).select(&s, &s.filled(f64::INFINITY)).reciprocal();
    Ok(vt.matrix_transpose().matmul(&(inverse.expand_dims(-1) * u.matrix_transpose())))
}
