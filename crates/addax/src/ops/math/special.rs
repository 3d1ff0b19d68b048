//! Functions of mathematics beside those of NumPy.

use crate::ops;
use crate::ops::axes::Axes;
use crate::ops::numpy::{polynomial, reduced};
use crate::ops::operand::{float, together_float};
use addax_core::ops::Reduction;
use addax_core::{Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.math";

    /// `1 / √x`
    Rsqrt rsqrt(x: Tensor) = float(&x).rsqrt();
    /// The error function.
    Erf erf(x: Tensor) = float(&x).erf();
    /// One minus the error function, exact where that is nearly 1.
    Erfc erfc(x: Tensor) = complement(&float(&x));
    /// The inverse of the error function.
    Erfinv erfinv(x: Tensor) = float(&x).erf_inv();
    /// `log Σ exp(x)` along axes.
    Logsumexp logsumexp(x: Tensor)[; axis: Axes = Axes::All]{ keepdims: bool = false } =
        log_of_sum(&float(&x), &axis, keepdims);
    /// The logarithm of the absolute value of the determinant.
    Logdet logdet(x: Tensor) = ops::linalg::sign_and_logarithm(&x).map(|[_, log]| log);
    /// The distances of all pairs of rows.
    CDist cdist(x: Tensor, y: Tensor) = distances(&x, &y);
    /// The `k` largest elements along the last axis in falling order, and their places.
    TopK top_k(x: Tensor)[k: usize; sorted: bool = true] -> Result<Vec<Tensor>> = {
        let (values, places) = x.top_k(k);
        Ok(vec![values, places])
    };
    /// Whether the target is among the `k` largest predictions.
    InTopK in_top_k(targets: Tensor, predictions: Tensor)[k: usize] = among_largest(&targets, &predictions, k);
}

/// Chebyshev's fit by Press et al. (Numerical Recipes, `erfcc`), relative error under 1.2·10⁻⁷; near 0 the definition.
fn complement(x: &Tensor) -> Tensor {
    const FIT: [f64; 10] = [
        -1.26551223,
        1.00002368,
        0.37409196,
        0.09678418,
        -0.18628806,
        0.27886807,
        -1.13520398,
        1.48851587,
        -0.82215223,
        0.17087277,
    ];
    let size = x.abs().max_scalar(0.5);
    let t = 1.0 / (&size * 0.5 + 1.0);
    let tail = &t * (polynomial(&t, &FIT) - size.square()).exp();
    let far = x.lt_scalar(0.0).select(&(2.0 - &tail), &tail);
    x.abs().lt_scalar(0.5).select(&(1.0 - x.erf()), &far)
}

fn log_of_sum(x: &Tensor, axis: &Axes, keepdims: bool) -> Result<Tensor> {
    let most = reduced(x, Reduction::Max, axis, true)?.stop_gradient();
    // Where the largest is infinite it is the result itself, as nothing may be taken off it.
    let safe = most.is_finite().select(&most, &most.filled(0.0));
    let sum = reduced(&(x - &safe).exp(), Reduction::Sum, axis, true)?.log() + safe;
    let axes = axis.of(x.rank())?;
    let kept = (0..x.rank()).filter(|a| keepdims || !axes.contains(a)).map(|a| sum.dim(a as isize));
    Ok(sum.reshape(kept.collect::<Vec<addax_core::Dim>>()))
}

fn distances(x: &Tensor, y: &Tensor) -> Result<Tensor> {
    let [x, y] = together_float([&x.into(), &y.into()]);
    if x.rank() < 2 || y.rank() < 2 || !x.dim(-1).fits(y.dim(-1)) {
        let got = format!("{} and {}", x.shape(), y.shape());
        return Err(Error::value("cdist").expected("rows of the same length").got(got));
    }
    let apart = x.expand_dims(-2) - y.expand_dims(-3);
    Ok(apart.square().sum(&[apart.rank().saturating_sub(1)]).sqrt())
}

fn among_largest(targets: &Tensor, predictions: &Tensor, k: usize) -> Tensor {
    let own = predictions.take_along_axis(&ops::core::whole(targets).expand_dims(-1), -1);
    // A NaN is no large prediction.
    let own = own.is_nan().select(&own.filled(f64::NEG_INFINITY), &own);
    let larger = predictions.gt(&own).cast(addax_core::DType::I32);
    let rank = larger.sum(&[larger.rank().saturating_sub(1)]);
    rank.lt_scalar(k as f64)
}
