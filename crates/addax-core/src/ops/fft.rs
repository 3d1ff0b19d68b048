//! `fft`: the discrete Fourier transform along the last axis, of real and imaginary parts as two tensors.

use super::{Primitive, exactly, same_dtype};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::shape::Dim;
use crate::tensor::Tensor;
use crate::value::Value;
use crate::{op_struct, with_element};
use std::f64::consts::TAU;

op_struct! {
    /// `y[k] = Σ x[j]·exp(∓2πi·j·k / n)` along the last axis, minus without `inverse` and plus with it; nothing is divided
    /// by `n`. Inputs and results: real parts, imaginary parts.
    pub struct Fft = "fft" {
        /// The sign of the exponent.
        inverse: bool,
    }
}

type Complex = (f64, f64);

fn times(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

/// Transforms of one length.
struct Plan {
    n: usize,
    sign: f64,
    /// For lengths that are no power of two: the chirp and the transform of its inverse, in a length that is one
    /// (Bluestein's method).
    chirp: Option<(Vec<Complex>, Vec<Complex>)>,
}

impl Plan {
    fn new(n: usize, inverse: bool) -> Plan {
        let sign = if inverse { 1.0 } else { -1.0 };
        if n.is_power_of_two() || n == 0 {
            return Plan { n, sign, chirp: None };
        }
        // Squares modulo 2n keep the angle exact for large indices.
        let angle =
            |j: usize| sign * TAU / 2.0 * ((j as u128 * j as u128 % (2 * n as u128)) as f64) / n as f64;
        let chirp: Vec<Complex> = (0..n).map(|j| (angle(j).cos(), angle(j).sin())).collect();
        let m = (2 * n - 1).next_power_of_two();
        let mut turned = vec![(0.0, 0.0); m];
        for (j, c) in chirp.iter().enumerate() {
            turned[j] = (c.0, -c.1);
            turned[(m - j) % m] = (c.0, -c.1);
        }
        radix_two(&mut turned, -1.0);
        Plan { n, sign, chirp: Some((chirp, turned)) }
    }

    fn run(&self, x: &mut [Complex], work: &mut Vec<Complex>) {
        let Some((chirp, turned)) = &self.chirp else { return radix_two(x, self.sign) };
        let m = turned.len();
        work.clear();
        work.extend(x.iter().zip(chirp).map(|(x, c)| times(*x, *c)));
        work.resize(m, (0.0, 0.0));
        radix_two(work, -1.0);
        work.iter_mut().zip(turned).for_each(|(w, t)| *w = times(*w, *t));
        radix_two(work, 1.0);
        let scale = 1.0 / m as f64;
        for (j, x) in x.iter_mut().enumerate().take(self.n) {
            let y = times(work[j], chirp[j]);
            *x = (y.0 * scale, y.1 * scale);
        }
    }
}

/// In place, for a power of two (Cooley and Tukey).
fn radix_two(x: &mut [Complex], sign: f64) {
    let n = x.len();
    let bits = n.trailing_zeros();
    for i in 0..n {
        let j = i.reverse_bits().checked_shr(usize::BITS - bits).unwrap_or(0);
        if i < j {
            x.swap(i, j);
        }
    }
    let mut half = 1;
    while half < n {
        let step = sign * TAU / (2 * half) as f64;
        let turns: Vec<Complex> =
            (0..half).map(|k| ((step * k as f64).cos(), (step * k as f64).sin())).collect();
        for block in x.chunks_exact_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for ((a, b), turn) in low.iter_mut().zip(high).zip(&turns) {
                let t = times(*b, *turn);
                (*a, *b) = ((a.0 + t.0, a.1 + t.1), (a.0 - t.0, a.1 - t.1));
            }
        }
        half *= 2;
    }
}

impl Primitive for Fft {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [re, im] = exactly(inputs)?;
        same_dtype(re, im)?;
        if !re.dtype.is_float() || re.shape.rank() == 0 {
            return Err(Error::value("input").expected("floats along at least 1 axis").got(re));
        }
        let ty = re.with_shape(super::compare::same_shape(re, im)?);
        Ok(vec![ty.clone(), ty])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [re, im] = exactly(inputs)?;
        let n = re.shape().last().copied().unwrap_or(0);
        let mut all: Vec<Complex> = re.to_f64().into_iter().zip(im.to_f64()).collect();
        let (plan, mut work) = (Plan::new(n, self.inverse), Vec::new());
        all.chunks_exact_mut(n.max(1)).for_each(|row| plan.run(row, &mut work));
        let part = |f: fn(&Complex) -> f64| {
            with_element!(re.dtype(), T => {
                Value::new(re.shape(), all.iter().map(|c| <T as crate::Element>::from_f64(f(c))).collect::<Vec<T>>())
            })
        };
        Ok(vec![part(|c| c.0)?, part(|c| c.1)?])
    }

    /// The transform is symmetric, so its transpose over the reals is the one with the other sign.
    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let back = Fft { inverse: !self.inverse };
        Tensor::apply_many(back, &[&cx.ct_of(0), &cx.ct_of(1)]).into_iter().map(Some).collect()
    }
}

/// Real and imaginary parts.
type Parts = (Tensor, Tensor);

fn both(mut parts: Vec<Tensor>) -> Parts {
    let im = parts.swap_remove(parts.len() - 1);
    (parts.pop().unwrap_or_else(|| im.clone()), im)
}

impl Tensor {
    /// The discrete Fourier transform along the last axis of this tensor (real parts) and `imaginary`.
    ///
    /// ```
    /// use addax_core::{Tensor, Value};
    /// let x = Tensor::from(Value::from(vec![1f64, 2.]));
    /// let (re, im) = x.fft(&x.filled(0.0));
    /// assert_eq!(re.to_value().unwrap().to_f64(), [3., -1.]);
    /// ```
    pub fn fft(&self, imaginary: &Tensor) -> Parts {
        both(Tensor::apply_many(Fft { inverse: false }, &[self, imaginary]))
    }

    /// The inverse of [`Tensor::fft`].
    pub fn ifft(&self, imaginary: &Tensor) -> Parts {
        let (re, im) = both(Tensor::apply_many(Fft { inverse: true }, &[self, imaginary]));
        let n = re.dim(-1).known().unwrap_or(1).max(1) as f64;
        (re / n, im / n)
    }

    /// The first `n / 2 + 1` elements of the transform of this real tensor along the last axis, which is cut off or
    /// padded with zeros to `n` before; the others follow by symmetry.
    pub fn rfft(&self, n: Option<usize>) -> Parts {
        let run = || {
            let rank = self.check()?.rank();
            let (Some(last), Some(length)) = (rank.checked_sub(1), self.dim(-1).known()) else {
                return Err(Error::value("input").expected("a last axis of known length").got(self.shape()));
            };
            let n = n.unwrap_or(length);
            let mut high = vec![0; rank];
            high[last] = n as isize - length as isize;
            let x = if n == length { self.clone() } else { self.pad(&vec![0; rank], &high, 0.0) };
            let (re, im) = x.fft(&x.filled(0.0));
            Ok((re.slice_axis(last, 0, n / 2 + 1), im.slice_axis(last, 0, n / 2 + 1)))
        };
        failing(run().map_err(|e: Error| e.at("rfft")))
    }

    /// The real tensor of length `n` (twice the number of elements less 2, if not given) whose [`Tensor::rfft`] has
    /// these real parts and the `imaginary` ones; those of the first element, and of the last of an even `n`, do not
    /// count.
    pub fn irfft(&self, imaginary: &Tensor, n: Option<usize>) -> Tensor {
        let run = || {
            let rank = self.check()?.rank();
            let (Some(last), Some(length)) = (rank.checked_sub(1), self.dim(-1).known()) else {
                return Err(Error::value("input").expected("a last axis of known length").got(self.shape()));
            };
            let n = n.unwrap_or(2 * length.saturating_sub(1));
            let half = n / 2 + 1;
            let mut high = vec![0; rank];
            high[last] = half as isize - length as isize;
            let sized =
                |t: &Tensor| if half == length { t.clone() } else { t.pad(&vec![0; rank], &high, 0.0) };
            let (re, im) = (sized(self), sized(imaginary.check()?));
            // Only the real part of the result is asked for, so each pair counts by its first, doubled.
            let paired = n.saturating_sub(half);
            let mut dims = vec![Dim::new(1); rank];
            dims[last] = Dim::new(half);
            let weight = |k: usize| if k == 0 || k > paired { 1.0 } else { 2.0 };
            let weights = Value::from((0..half).map(weight).collect::<Vec<f64>>()).cast(re.dtype());
            let weights = Tensor::new(weights).reshape(dims);
            high[last] = (n - half.min(n)) as isize;
            let filled =
                |t: &Tensor| (t * &weights).slice_axis(last, 0, half.min(n)).pad(&vec![0; rank], &high, 0.0);
            let silent = edge_mask(half, paired, rank, re.dtype());
            Ok(filled(&re).ifft(&filled(&(im * silent))).0)
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("irfft")))
    }
}

/// 0 for elements that are their own mirror image, 1 for the others.
fn edge_mask(half: usize, paired: usize, rank: usize, dtype: crate::DType) -> Tensor {
    let mut shape = vec![1; rank];
    shape[rank - 1] = half;
    let mask = (0..half).map(|k| f64::from(u8::from(k != 0 && k <= paired))).collect::<Vec<f64>>();
    Tensor::new(Value::from(mask).cast(dtype)).reshape(shape)
}

fn failing(parts: Result<Parts>) -> Parts {
    parts.unwrap_or_else(|e| (Tensor::failed(e.clone()), Tensor::failed(e)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        let d = (-1.0, 1.0);
        for n in [4, 5] {
            let shape: &[usize] = &[2, n];
            let f = |x: &[Tensor]| {
                let (re, im) = x[0].fft(&x[1]);
                re * 2.0 + im
            };
            check_gradient("fft", f, &[(shape, d), (shape, d)]);
            check_gradient("rfft", |x| x[0].rfft(None).1, &[(shape, d)]);
            check_gradient("irfft", |x| x[0].irfft(&x[1], Some(n)), &[(&[n / 2 + 1], d), (&[n / 2 + 1], d)]);
        }
    }

    #[test]
    fn agrees_with_the_definition_in_any_length() {
        for n in 1..20usize {
            let x: Vec<Complex> = (0..n).map(|i| ((i as f64 * 1.3).sin(), (i as f64 * 0.7).cos())).collect();
            let part =
                |f: fn(&Complex) -> f64| Tensor::from(Value::from(x.iter().map(f).collect::<Vec<f64>>()));
            let (re, im) = part(|c| c.0).fft(&part(|c| c.1));
            let (gr, gi) = (re.to_value().unwrap().to_f64(), im.to_value().unwrap().to_f64());
            for k in 0..n {
                let turn = |j: usize| -TAU * (j * k % n) as f64 / n as f64;
                let sum = x.iter().enumerate().map(|(j, x)| times(*x, (turn(j).cos(), turn(j).sin())));
                let want = sum.fold((0.0, 0.0), |a, b| (a.0 + b.0, a.1 + b.1));
                assert!((gr[k] - want.0).abs() + (gi[k] - want.1).abs() < 1e-11, "{n} {k}");
            }
            let (re, _) = re.ifft(&im);
            let back = re.to_value().unwrap().to_f64();
            assert!(back.iter().zip(&x).all(|(a, b)| (a - b.0).abs() < 1e-12), "{n}");
        }
    }

    #[test]
    fn real_transforms_go_back() {
        for n in 1..9usize {
            let x = Tensor::from(Value::from((0..n).map(|i| (i as f64 * 1.3).sin()).collect::<Vec<f64>>()));
            let (re, im) = x.rfft(None);
            let back = re.irfft(&im, Some(n)).to_value().unwrap().to_f64();
            assert!(
                back.iter().zip(x.to_value().unwrap().to_f64()).all(|(a, b)| (a - b).abs() < 1e-12),
                "{n} {back:?}"
            );
        }
    }

    #[test]
    fn says_what_it_wanted() {
        let x = Tensor::full(crate::DType::I32, [3], 0.0);
        let e = x.fft(&x).0.to_value().unwrap_err().to_string();
        assert_eq!(e, "fft > input: expected floats along at least 1 axis, got i32[3]");
    }
}
