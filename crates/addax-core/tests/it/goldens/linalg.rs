//! Decompositions, systems of equations, Fourier transforms.

use super::{Case, gradient, one};
use addax_core::{DType, Tensor};

fn pair((a, b): (Tensor, Tensor)) -> Vec<Tensor> {
    vec![a, b]
}

/// A matrix that is positive definite.
fn definite(x: &Tensor) -> Tensor {
    x.matmul(&x.matrix_transpose()) + Tensor::full(DType::F32, [3], 1.0).diagonal_matrix()
}

pub const CASES: &[Case] = &[
    ("cholesky", |x| one(definite(&x[0]).cholesky())),
    ("cholesky gradient", |x| gradient(|t| definite(t).cholesky(), x)),
    ("qr reduced", |x| pair(x[0].qr(false))),
    ("qr complete", |x| pair(x[0].qr(true))),
    ("qr wide", |x| pair(x[0].qr(false))),
    ("qr gradient", |x| gradient(|t| t.qr(false).0, x)),
    ("lu_factor", |x| x[0].lu()[..2].to_vec()),
    ("solve_triangular", |x| one(x[0].triangular_solve(&x[1], true, true, false))),
    ("solve", |x| one(x[0].solve(&x[1]))),
    ("solve gradient", |x| gradient(|t| t.solve(&x[1]), x)),
    ("inv", |x| one(x[0].inverse())),
    ("det", |x| one(x[0].determinant())),
    ("slogdet", |x| pair(x[0].slogdet())),
    ("eigh", |x| {
        let (w, v) = x[0].eigh();
        vec![w, v.abs()]
    }),
    ("svd", |x| {
        let [u, s, vt] = x[0].svd(false);
        vec![u.abs(), s, vt.abs()]
    }),
    ("svd values gradient", |x| gradient(|t| t.svd(false)[1].clone(), x)),
    ("fft", |x| pair(x[0].fft(&x[1]))),
    ("rfft", |x| pair(x[0].rfft(None))),
    ("rfft shorter", |x| pair(x[0].rfft(Some(4)))),
    ("rfft longer", |x| pair(x[0].rfft(Some(9)))),
    ("irfft", |x| one(x[0].irfft(&x[1], None))),
    ("irfft longer", |x| one(x[0].irfft(&x[1], Some(11)))),
    ("irfft shorter", |x| one(x[0].irfft(&x[1], Some(5)))),
    ("erfc i0", |x| vec![x[0].erfc(), x[0].bessel_i0e() * x[0].abs().exp()]),
];
