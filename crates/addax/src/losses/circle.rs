//! Circle loss: similarities within groups against those between them (Sun et al. 2020).

use super::{Labels, Loss, loss_arguments, loss_class};
use crate::activations::softplus;
use addax_core::{DType, Error, Result, Tensor};

loss_class! {
    /// `softplus(log Σ exp(γ αₙ (s - m))` over other groups `+ log Σ exp(-γ αₚ (s - 1 + m)))` over the own,
    /// with `αₙ = max(s + m, 0)`, `αₚ = max(1 + m - s, 0)`, s being the product of two rows of the output
    Circle ["circle"] "circle" {
        /// How steep.
        gamma: f64 = 80.0,
        /// The margin.
        margin: f64 = 0.4,
        /// Whether a sample's likeness to itself is left out.
        remove_diagonal: bool = true,
    } {} {}
}

impl Circle {
    /// Which pairs of rows are of one group, and which are not.
    fn pairs(&self, t: &Tensor) -> Result<(Tensor, Tensor)> {
        let n = t.check()?.dim(0);
        let column = t.reshape(vec![n, 1usize.into()]);
        let square = addax_core::Shape::from(vec![n, n]);
        let (a, b) = (column.broadcast_to(&square), column.transpose(&[1, 0]).broadcast_to(&square));
        let same = a.equal(&b);
        let other = same.not();
        if !self.remove_diagonal {
            return Ok((same, other));
        }
        let own = Tensor::iota(DType::I32, &square, 0).not_equal(&Tensor::iota(DType::I32, &square, 1));
        Ok((same.and(&own), other))
    }
}

/// `log Σ exp(x)` along the last axis over the pairs that hold; minus infinity where none does.
fn log_sum_exp(x: &Tensor, hold: &Tensor) -> Tensor {
    let last = [1];
    let low = x.filled(f64::NEG_INFINITY);
    let largest = hold.select(x, &low).max(&last).stop_gradient();
    let none = largest.equal(&low.max(&last));
    let shift = none.select(&largest.filled(0.0), &largest);
    let terms = hold.select(&(x - shift.expand_dims(-1)), &low).exp();
    let sum = terms.sum(&last);
    // Where the sum is empty its logarithm would have a gradient of 0 · ∞.
    let safe = none.select(&sum.filled(1.0), &sum);
    none.select(&sum.filled(f64::NEG_INFINITY), &(safe.log() + shift))
}

impl Loss for Circle {
    fn per_sample(&self, t: &Tensor, p: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            if p.check()?.rank() != 2 {
                return Err(Error::value("Circle")
                    .expected("outputs of shape (batch, features)")
                    .got(p.shape()));
            }
            let (same, other) = self.pairs(&t.cast(DType::I32))?;
            let distance = (1.0 - p.matmul(&p.transpose(&[1, 0]))).max_scalar(0.0);
            let m = self.margin;
            let weight = |w: Tensor, hold: &Tensor| (w * hold.cast(p.dtype())).max_scalar(0.0);
            let positive = weight(&distance + m, &same) * (m - &distance) * -self.gamma;
            let negative = weight((1.0 + m) - &distance, &other) * ((1.0 - m) - &distance) * self.gamma;
            let (a, b) = (log_sum_exp(&positive, &same), log_sum_exp(&negative, &other));
            let sum = a + b;
            // softplus of minus infinity is 0, without a gradient.
            let none = sum.equal(&sum.filled(f64::NEG_INFINITY));
            Ok(none.select(&sum.filled(0.0), &softplus(&none.select(&sum.filled(0.0), &sum))))
        })
    }

    fn counted(&self, _: &Tensor, values: &Tensor) -> Option<Tensor> {
        Some(values.gt_scalar(0.0))
    }

    loss_arguments!();

    fn labels(&self) -> Labels {
        Labels::Groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::reduced;
    use addax_core::Value;

    #[test]
    fn a_sample_alone_in_its_group_does_not_count() {
        let p = Tensor::from(Value::new([3, 2], vec![1f32, 0.0, 0.6, 0.8, 0.0, 1.0]).unwrap());
        let t = Tensor::from(Value::from(vec![0i32, 0, 1]));
        let loss = Circle::new().gamma(2.0);
        let each = loss.per_sample(&t, &p).to_value().unwrap().to_f64();
        assert!(each[0] > 0.0 && each[1] > 0.0 && each[2] == 0.0, "{each:?}");
        let mean = reduced(&loss, &t, &p, None, None).to_value().unwrap().item().unwrap();
        assert!((mean - (each[0] + each[1]) / 2.0).abs() < 1e-6);
    }
}
