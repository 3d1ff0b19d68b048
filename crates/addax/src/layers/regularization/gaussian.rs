//! GaussianNoise and GaussianDropout: normal noise in training, added or multiplied.

use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{Error, Tensor};

layer! {
    /// In training adds normal noise with mean 0.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([3])?;
    /// assert_eq!(GaussianNoise::new(0.1).on(&x)?.shape().to_string(), "(None, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct GaussianNoise (
        /// The standard deviation of the noise.
        stddev: f64,
    ) {
        /// A seed of its own.
        seed: Option<i64> = None,
    }
}

layer! {
    /// In training multiplies by normal noise with mean 1 and standard deviation `√(rate / (1 - rate))`.
    pub struct GaussianDropout (
        /// As the rate of Dropout: the noise has the variance that its mask has.
        rate: f64,
    ) {
        /// A seed of its own.
        seed: Option<i64> = None,
    }
}

/// Normal numbers by the method of Box and Muller.
fn normal(cx: &mut Scope, seed: Option<i64>, x: &Tensor) -> Tensor {
    let (u, v) = (cx.uniform_from(seed, x.shape()), cx.uniform_from(seed, x.shape()));
    // 1 - u is never 0, so the logarithm is finite.
    let radius = ((1.0 - u).log() * -2.0).sqrt();
    (radius * (v * std::f64::consts::TAU).cos()).cast(x.dtype())
}

impl Layer for GaussianNoise {
    fn supports_masking(&self) -> bool {
        true
    }

    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        if !(0.0..=1.0).contains(&self.stddev) {
            return Tensor::failed(Error::value("stddev").expected("a number from 0 to 1").got(self.stddev));
        }
        if !cx.training() || self.stddev == 0.0 {
            return x.clone();
        }
        x + normal(cx, self.seed, x) * self.stddev
    }
}

impl Layer for GaussianDropout {
    fn supports_masking(&self) -> bool {
        true
    }

    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        if !(0.0..1.0).contains(&self.rate) {
            return Tensor::failed(
                Error::value("rate").expected("a number from 0 to below 1").got(self.rate),
            );
        }
        if !cx.training() || self.rate == 0.0 {
            return x.clone();
        }
        x * (normal(cx, self.seed, x) * (self.rate / (1.0 - self.rate)).sqrt() + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;
    use addax_core::{DType, Trace, Value, evaluate};

    #[test]
    fn behave_like_layers() {
        check_layer(GaussianNoise::new(0.1), &[&[2, 3]]);
        check_layer(GaussianDropout::new(0.3), &[&[2, 3]]);
    }

    #[test]
    fn noise_has_mean_zero_and_its_deviation() {
        let trace = Trace::new();
        let entered = trace.enter();
        let mut scope = Scope::new(&trace, true);
        scope.set_chance(Value::from(vec![1u32, 2]).into(), Tensor::scalar(3u32));
        let x = trace.parameter("x", DType::F32, [10_000, 1]);
        let y = GaussianNoise::new(0.5).call(&mut scope, &x);
        drop(entered);
        let y = evaluate(&trace.finish(&[y]).unwrap(), &[Value::zeros(DType::F32, &[10_000, 1])]).unwrap();
        let v = y[0].to_f64();
        let mean = v.iter().sum::<f64>() / 1e4;
        let deviation = (v.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 1e4).sqrt();
        assert!(mean.abs() < 0.02 && (deviation - 0.5).abs() < 0.02, "{mean} {deviation}");
    }
}
