//! AlphaDropout (Klambauer et al. 2017).

use super::dropout::{check_rate, kept};
use crate::activations::functions::{SELU_ALPHA, SELU_SCALE};
use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::Tensor;

layer! {
    /// In training sets each input with probability `rate` to the lowest value of `selu`, and scales and shifts all so
    /// that a mean of 0 and a variance of 1 stay.
    ///
    /// ```
    /// use addax::layers::AlphaDropout;
    /// use addax::prelude::*;
    /// let x = Input([3])?;
    /// assert_eq!(AlphaDropout::new(0.1).on(&x)?.shape().to_string(), "(None, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct AlphaDropout (
        /// The share of inputs that are dropped.
        rate: f64,
    ) {
        /// The shape of the noise, `None` for axes as long as the input's; along axes of length 1 all share.
        noise_shape: Option<Vec<Option<usize>>> = None,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
}

impl Layer for AlphaDropout {
    fn supports_masking(&self) -> bool {
        true
    }

    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let rate = self.rate;
            check_rate(rate)?;
            if !cx.training() || rate == 0.0 {
                return Ok(x.clone());
            }
            let lowest = -SELU_ALPHA * SELU_SCALE;
            let scale = ((1.0 - rate) * (1.0 + rate * lowest * lowest)).powf(-0.5);
            let dropped = x.filled(lowest);
            if rate == 1.0 {
                return Ok(dropped);
            }
            let y = kept(cx, x, rate, &self.noise_shape, self.seed)?.select(x, &dropped);
            Ok(y * scale - scale * lowest * rate)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;
    use addax_core::{DType, Trace, Value, evaluate};

    #[test]
    fn behaves_like_a_layer() {
        check_layer(AlphaDropout::new(0.4), &[&[2, 3]]);
        check_layer(AlphaDropout::new(0.4).noise_shape(vec![None, Some(1)]), &[&[3]]);
    }

    #[test]
    fn mean_and_variance_stay() {
        let trace = Trace::new();
        let entered = trace.enter();
        let mut scope = Scope::new(&trace, true);
        scope.set_chance(Value::from(vec![1u32, 2]).into(), Tensor::scalar(3u32));
        let x = trace.parameter("x", DType::F64, [20_000]);
        let y = AlphaDropout::new(0.3).call(&mut scope, &x);
        drop(entered);
        // A sample with mean 0 and variance 1.
        let x: Vec<f64> = (0..20_000).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 }).collect();
        let x = Value::new([20_000], x).unwrap();
        let y = evaluate(&trace.finish(&[y]).unwrap(), &[x]).unwrap()[0].to_f64();
        let mean = y.iter().sum::<f64>() / 2e4;
        let variance = y.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / 2e4;
        assert!(mean.abs() < 0.03 && (variance - 1.0).abs() < 0.03, "{mean} {variance}");
    }
}
