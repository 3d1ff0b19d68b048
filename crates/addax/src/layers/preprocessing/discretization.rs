//! Discretization: numbers by the bin they fall into.

use super::Learnt;
use super::encoding::OutputMode;
use crate::class::{Config, Word};
use crate::layer;
use crate::layers::{Layer, LayerRef};
use crate::scope::Scope;
use addax_core::{DType, Error, Result, Tensor, Value};

layer! {
    /// The number of the bin of each number: how many boundaries are not above it. Boundaries are given, or learnt by
    /// [`LayerRef::adapt`] so that `num_bins` bins get about as many numbers each.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let layer = addax::layers::Discretization::new().bin_boundaries(vec![0.0, 1.0]);
    /// let y = layer.on(&Input([4])?)?;
    /// assert_eq!((y.shape().to_string(), y.dtype()), ("(None, 4)".to_string(), DType::I32));
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct Discretization () {
        /// The boundaries between bins, ascending.
        bin_boundaries: Learnt<Vec<f64>> = Learnt::nothing(),
        /// How many bins are learnt.
        num_bins: Option<usize> = None,
        /// How finely quantiles are kept while they are learnt.
        epsilon: f64 = 0.01,
        /// The form of the output.
        output_mode: Word<OutputMode> = OutputMode::Int.into(),
        /// Whether Keras would give a sparse tensor.
        sparse: bool = false,
    }
}

impl Discretization {
    fn binned(&self, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
        let known = [OutputMode::Int, OutputMode::OneHot, OutputMode::MultiHot, OutputMode::Count];
        let mode = self.output_mode.get()?.among(&known)?;
        let boundaries = match (self.bin_boundaries.get(), self.num_bins) {
            (Some(boundaries), _) => boundaries,
            // Before anything is learnt there is a shape all the same.
            (None, Some(n)) if n > 0 => vec![f64::INFINITY; n - 1],
            _ => return Err(Error::value("bin_boundaries").expected("boundaries, or num_bins").got("none")),
        };
        let float = if x.check()?.dtype().is_float() { x.dtype() } else { DType::F32 };
        let x = x.cast(float).expand_dims(-1);
        let count = boundaries.len();
        let boundaries = Tensor::new(Value::from(boundaries).cast(float));
        // What cannot be compared is above all.
        let bins = match count {
            0 => x.squeeze(-1).filled(0.0).cast(DType::I32),
            _ => x.lt(&boundaries).not().cast(DType::I32).sum(&[x.rank() - 1]),
        };
        let dtype = if mode == OutputMode::Int { DType::I32 } else { cx.policy().compute };
        mode.encode(&bins, count + 1, dtype, None)
    }
}

impl Layer for Discretization {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| self.binned(cx, x))
    }

    fn adapt(&self, _: &LayerRef, data: &Value) -> Result<()> {
        let bins = self.num_bins.filter(|n| *n > 0).ok_or_else(|| {
            Error::value("adapt").expected("a layer with num_bins").got("one with bin_boundaries")
        })?;
        if !(self.epsilon > 0.0 && self.epsilon <= 1.0) {
            return Err(Error::value("epsilon").expected("a number above 0, up to 1").got(self.epsilon));
        }
        let numbers = data.cast(DType::F32).to_f64();
        if numbers.is_empty() {
            return Err(Error::value("data").expected("at least one number").got("none"));
        }
        let summary = compressed(summary(numbers, self.epsilon), self.epsilon);
        let mut boundaries = compressed(summary, 1.0 / bins as f64).0;
        boundaries.pop();
        self.bin_boundaries.set(Some(boundaries));
        Ok(())
    }

    fn written(&self, config: &mut Config) {
        // The class takes no such argument.
        config.remove("trainable");
    }
}

/// Numbers and how many each stands for.
type Summary = (Vec<f64>, Vec<f64>);

/// Every so many numbers one, in order.
fn summary(mut numbers: Vec<f64>, epsilon: f64) -> Summary {
    numbers.sort_by(f64::total_cmp);
    let step = (numbers.len() as f64 * epsilon).max(1.0);
    let places = (step as usize).max(1);
    let kept: Vec<f64> = numbers.into_iter().skip((step - 1.0) as usize).step_by(places).collect();
    let weights = vec![f64::from(step as f32); kept.len()];
    (kept, weights)
}

/// A summary at the shares `ε, 2ε, …` of what it stands for, by interpolation.
fn compressed((numbers, weights): Summary, epsilon: f64) -> Summary {
    if (numbers.len() as f64) * epsilon < 1.0 {
        return (numbers, weights);
    }
    let mut sum = 0f32;
    // Keras adds in single precision.
    let total: Vec<f64> = weights
        .iter()
        .map(|w| {
            sum += *w as f32;
            f64::from(sum)
        })
        .collect();
    let whole = total.last().copied().unwrap_or(1.0) as f32;
    let shares: Vec<f64> = total.iter().map(|t| f64::from(*t as f32 / whole)).collect();
    let count = (1.0 / epsilon).ceil() as usize;
    let wanted: Vec<f64> = (0..count).map(|i| epsilon + i as f64 * epsilon).collect();
    let at = |values: &[f64]| wanted.iter().map(|s| interpolated(*s, &shares, values)).collect::<Vec<f64>>();
    let (new, reached) = (at(&numbers), at(&total));
    let before = [0.0].into_iter().chain(reached.iter().copied());
    let narrow = |x: f64| f64::from(x as f32);
    let weights = reached.iter().zip(before).map(|(a, b)| narrow(a - b)).collect();
    (new.into_iter().map(narrow).collect(), weights)
}

/// The value at `x` on the lines through `(xs, ys)`; constant outside.
fn interpolated(x: f64, xs: &[f64], ys: &[f64]) -> f64 {
    let after = xs.partition_point(|p| *p <= x);
    match after {
        0 => ys[0],
        n if n == xs.len() => ys[n - 1],
        n => {
            let slope = (ys[n] - ys[n - 1]) / (xs[n] - xs[n - 1]);
            slope * (x - xs[n - 1]) + ys[n - 1]
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::run;

    #[test]
    fn a_boundary_belongs_to_the_bin_above() {
        let x = Tensor::from(Value::new([1, 5], vec![-1f32, 0.0, 0.5, 1.0, f32::NAN]).unwrap());
        let layer = Discretization::new().bin_boundaries(vec![0.0, 1.0]);
        assert_eq!(run(layer.clone(), std::slice::from_ref(&x)).to_f64(), [0.0, 1.0, 1.0, 2.0, 2.0]);
        let y = run(layer.output_mode("count"), &[x]);
        assert_eq!(y.to_f64(), [1.0, 2.0, 2.0]);
    }

    #[test]
    fn learnt_bins_hold_as_many_numbers_each() {
        let layer = LayerRef::new(Discretization::new().num_bins(Some(4)));
        let x = Value::new([100, 1], (0..100).map(|i| i as f32).collect::<Vec<_>>()).unwrap();
        layer.adapt(&x).unwrap();
        let boundaries = &layer.to_json()["config"]["bin_boundaries"];
        assert_eq!(
            boundaries,
            &serde_json::json!([23.999982833862305, 48.99998092651367, 73.99998474121094])
        );
        let none = LayerRef::new(Discretization::new().bin_boundaries(vec![0.0]));
        assert!(none.adapt(&x).unwrap_err().to_string().contains("num_bins"));
    }
}
