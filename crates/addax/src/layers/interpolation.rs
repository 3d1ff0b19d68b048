//! Interpolation: numbers at new places along an axis, from those that lie around them.

use crate::class::Words;
use addax_core::{Dim, Error, Result, Tensor, Value};

/// How numbers between elements are made.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Interpolation {
    /// The nearest element.
    Nearest,
    /// On the line between two neighbours.
    Bilinear,
    /// On a cubic through four neighbours (Keys 1981).
    Bicubic,
    /// By a windowed sinc over six neighbours.
    Lanczos3,
    /// By a windowed sinc over ten neighbours.
    Lanczos5,
}

impl Words for Interpolation {
    const WHAT: &'static str = "interpolation";

    fn all() -> &'static [Interpolation] {
        use Interpolation::*;
        &[Nearest, Bilinear, Bicubic, Lanczos3, Lanczos5]
    }

    fn word(self) -> &'static str {
        match self {
            Interpolation::Nearest => "nearest",
            Interpolation::Bilinear => "bilinear",
            Interpolation::Bicubic => "bicubic",
            Interpolation::Lanczos3 => "lanczos3",
            Interpolation::Lanczos5 => "lanczos5",
        }
    }
}

/// A sinc, windowed by a wider one.
fn lanczos(x: f64, radius: f64) -> f64 {
    let pi = std::f64::consts::PI * x;
    match x {
        _ if x > radius => 0.0,
        _ if x <= 1e-3 => 1.0,
        _ => radius * pi.sin() * (pi / radius).sin() / (pi * pi),
    }
}

impl Interpolation {
    /// The share of an element that lies `x` elements away, before shares are brought to a sum of 1.
    fn share(self, x: f64) -> f64 {
        match self {
            Interpolation::Nearest => f64::from(x < 0.5),
            Interpolation::Bilinear => (1.0 - x).max(0.0),
            Interpolation::Bicubic if x < 1.0 => ((1.5 * x - 2.5) * x) * x + 1.0,
            Interpolation::Bicubic if x < 2.0 => ((-0.5 * x + 2.5) * x - 4.0) * x + 2.0,
            Interpolation::Bicubic => 0.0,
            Interpolation::Lanczos3 => lanczos(x, 3.0),
            Interpolation::Lanczos5 => lanczos(x, 5.0),
        }
    }

    /// The shares of `n` elements in `length` places that divide the same stretch, `[n, length]`. Elements lie in the
    /// middle of their cells; there are none outside.
    fn shares(self, n: usize, length: usize) -> Vec<f64> {
        let mut shares = vec![0.0; n * length];
        for place in 0..length {
            let at = (place as f64 + 0.5) * n as f64 / length as f64 - 0.5;
            let own: Vec<f64> = (0..n).map(|i| self.share((at - i as f64).abs())).collect();
            let sum: f64 = own.iter().sum();
            own.iter().enumerate().for_each(|(i, w)| shares[i * length + place] = w / sum);
        }
        shares
    }

    /// A tensor with another length along an axis: a product with the matrix of shares.
    pub(super) fn along(self, x: &Tensor, axis: usize, length: Dim) -> Result<Tensor> {
        let (rank, last) = (x.check()?.rank(), x.rank() - 1);
        let (Some(n), Some(m)) = (x.dim(axis as isize).known(), length.known()) else {
            let mut dims = x.shape().dims().to_vec();
            dims[axis] = Dim::UNKNOWN;
            return Ok(x.reshape(dims));
        };
        if n == 0 {
            return Err(Error::value("input")
                .expected(format_args!("elements along axis {axis}"))
                .got(x.shape()));
        }
        let matrix = Tensor::new(Value::new([n, m], self.shares(n, m))?).cast(x.dtype());
        let mut order: Vec<usize> = (0..rank).collect();
        order.swap(axis, last);
        Ok(x.transpose(&order).matmul(&matrix).transpose(&order))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_one_and_meet_the_elements() {
        for how in Interpolation::all() {
            let shares = how.shares(7, 21);
            for place in 0..21 {
                let own: Vec<f64> = (0..7).map(|i| shares[i * 21 + place]).collect();
                assert!((own.iter().sum::<f64>() - 1.0).abs() < 1e-12, "{how:?}");
                if place % 3 == 1 {
                    assert!((own[place / 3] - 1.0).abs() < 1e-12, "{how:?} {place}");
                }
            }
        }
    }
}
