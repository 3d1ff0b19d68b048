//! Matrices as products of simpler ones. Columns of singular and eigenvectors have a sign that nothing determines:
//! here the largest component of each is positive.

use crate::ops;
use crate::ops::operand::float;
use addax_core::{Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.linalg";

    /// The lower triangular `L` with `L·Lᵀ = x`, or the upper `U` with `Uᵀ·U = x`; NaN where `x` is not positive definite.
    Cholesky cholesky(x: Tensor)[; upper: bool = false] =
        square_matrix(&x).map(|x| if upper { x.cholesky().matrix_transpose() } else { x.cholesky() });
    /// The inverse of the matrix whose Cholesky factor this is, the lower one or the upper.
    CholeskyInverse cholesky_inverse(x: Tensor)[; upper: bool = false] = inverse_of_factored(&x, upper);
    /// The determinant.
    Det det(x: Tensor) = square_matrix(&x).map(|x| x.determinant());
    /// The eigenvalues of a symmetric matrix, rising, and its eigenvectors as columns.
    Eigh eigh(x: Tensor) -> Result<Vec<Tensor>> = square_matrix(&x).map(|x| {
        let (values, vectors) = x.eigh();
        vec![values, vectors]
    });
    /// The triangles of `P·x = L·U` in one matrix, and the row that each step changed places with.
    LuFactor lu_factor(x: Tensor) -> Result<Vec<Tensor>> = matrix(&x).map(|x| x.lu()[..2].to_vec());
    /// `Q` with orthonormal columns and the upper triangular `R` with `Q·R = x`; `Q` is square in the mode `complete`.
    Qr qr(x: Tensor)[; mode: String = "reduced".to_string()] -> Result<Vec<Tensor>> = turned(&x, &mode);
    /// `U`, the singular values (falling) and `Vᵀ`; the values alone without `compute_uv`.
    SVD svd(x: Tensor)[; full_matrices: bool = true, compute_uv: bool = true] -> Result<Vec<Tensor>> =
        matrix(&x).map(|x| match x.svd(full_matrices && compute_uv) {
            all if compute_uv => all.to_vec(),
            [_, values, _] => vec![values],
        });
}

/// Floats that are a matrix, or a batch of them.
pub(super) fn matrix(x: &Tensor) -> Result<Tensor> {
    match x.rank() {
        0 | 1 => Err(Error::value("x").expected("at least 2 axes").got(x.shape())),
        _ => Ok(float(x)),
    }
}

/// Floats that are a square matrix, or a batch of them.
pub(super) fn square_matrix(x: &Tensor) -> Result<Tensor> {
    let x = matrix(x)?;
    if !x.dim(-1).fits(x.dim(-2)) {
        return Err(Error::value("x").expected("a square matrix").got(x.shape()));
    }
    Ok(x)
}

/// The sign of the determinant and the logarithm of its absolute value.
pub(in crate::ops) fn sign_and_logarithm(x: &Tensor) -> Result<[Tensor; 2]> {
    let x = square_matrix(x)?;
    if x.dim(-1).known().is_none() || x.dim(-2).known().is_none() {
        let promised = x.sum(&[x.rank() - 2, x.rank() - 1]);
        return Ok([promised.clone(), promised]);
    }
    let (sign, logarithm) = x.slogdet();
    Ok([sign, logarithm])
}

fn inverse_of_factored(x: &Tensor, upper: bool) -> Result<Tensor> {
    let x = square_matrix(x)?;
    let n = x.dim(-1).known().ok_or_else(|| Error::value("x").expected("a matrix of known size"))?;
    let identity = Tensor::full(x.dtype(), [n], 1.0).diagonal_matrix();
    let identity = identity.broadcast_to([&x.shape().dims()[..x.rank() - 2], &[n.into(), n.into()]].concat());
    let inverse = x.triangular_solve(&identity, true, !upper, false);
    let turned = inverse.matrix_transpose();
    Ok(if upper { inverse.matmul(&turned) } else { turned.matmul(&inverse) })
}

fn turned(x: &Tensor, mode: &str) -> Result<Vec<Tensor>> {
    let full = match mode {
        "reduced" => false,
        "complete" => true,
        other => return Err(Error::unknown("mode", other, ["reduced", "complete"])),
    };
    let (q, r) = matrix(x)?.qr(full);
    Ok(vec![q, r])
}
