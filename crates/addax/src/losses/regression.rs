//! Losses for numbers.

use super::{EPSILON, Loss, align};
use crate::activations::softplus;
use crate::class;
use addax_core::Tensor;

macro_rules! loss {
    ($(#[doc = $doc:literal])* $name:ident [$($id:literal),*] default $default:literal { $($(#[doc = $fdoc:literal])* $field:ident: $ty:ty = $value:expr),* }
     labels $labels:ident = |$this:ident, $t:ident, $p:ident| $body:expr) => {
        class! {
            $(#[doc = $doc])*
            pub struct $name: dyn Loss in "keras.losses" [$($id),*] keeping ["dtype"] () {
                /// `sum_over_batch_size`, `sum`, `mean`, `mean_with_sample_weight` or `none`.
                reduction: String = "sum_over_batch_size".to_string(),
                /// Its name.
                name: String = $default.to_string(),
                $($(#[doc = $fdoc])* $field: $ty = $value),*
            }
        }

        impl Loss for $name {
            fn per_sample(&self, $t: &Tensor, $p: &Tensor) -> Tensor {
                let $this = self;
                let _ = $this;
                $body
            }

            fn reduction(&self) -> &str {
                &self.reduction
            }

            fn labels(&self) -> $crate::losses::Labels {
                $crate::losses::Labels::$labels
            }
        }
    };
}
pub(super) use loss;

loss! {
    /// `mean (t - p)²`
    MeanSquaredError ["mse", "MSE", "mean_squared_error"] default "mean_squared_error" {} labels Same
    = |this, t, p| (align(t, p) - p).square().mean_inner()
}

loss! {
    /// `mean |t - p|`
    MeanAbsoluteError ["mae", "MAE", "mean_absolute_error"] default "mean_absolute_error" {} labels Same
    = |this, t, p| (align(t, p) - p).abs().mean_inner()
}

loss! {
    /// `100 · mean |t - p| / max(|t|, ε)`
    MeanAbsolutePercentageError ["mape", "MAPE", "mean_absolute_percentage_error"]
    default "mean_absolute_percentage_error" {} labels Same
    = |this, t, p| {
        let t = align(t, p);
        ((&t - p) / t.abs().max_scalar(EPSILON)).abs().mean_inner() * 100.0
    }
}

loss! {
    /// `mean (ln(1 + max(t, ε)) - ln(1 + max(p, ε)))²`
    MeanSquaredLogarithmicError ["msle", "MSLE", "mean_squared_logarithmic_error"]
    default "mean_squared_logarithmic_error" {} labels Same
    = |this, t, p| {
        let log = |x: &Tensor| (x.max_scalar(EPSILON) + 1.0).log();
        (log(&align(t, p)) - log(p)).square().mean_inner()
    }
}

loss! {
    /// `-Σ t̂ · p̂`, both of length 1 along `axis`
    CosineSimilarity ["cosine_similarity"] default "cosine_similarity" {
        /// Along which axis.
        axis: isize = -1
    } labels Same
    = |this, t, p| Tensor::from_result(|| {
        let axis = [p.check()?.axis(this.axis)?];
        let unit = |x: &Tensor| {
            let norm = x.square().sum(&axis).max_scalar(1e-12).rsqrt();
            x * norm.keep_axes(&axis)
        };
        Ok((unit(&align(t, p)) * unit(p)).sum(&axis).negate())
    })
}

loss! {
    /// `½ d²` where `|d| ≤ delta`, else `delta · |d| - ½ delta²`, its mean
    Huber ["huber", "huber_loss"] default "huber_loss" {
        /// Where the square becomes a line.
        delta: f64 = 1.0
    } labels Same
    = |this, t, p| {
        let d = (align(t, p) - p).abs();
        let near = d.square() * 0.5;
        let far = &d * this.delta - 0.5 * this.delta * this.delta;
        d.gt_scalar(this.delta).select(&far, &near).mean_inner()
    }
}

loss! {
    /// `mean ln cosh(p - t)`, as `d + softplus(-2d) - ln 2`
    LogCosh ["log_cosh", "logcosh"] default "log_cosh" {} labels Same
    = |this, t, p| {
        let d = p - align(t, p);
        (&d + softplus(&(&d * -2.0)) - std::f64::consts::LN_2).mean_inner()
    }
}

#[cfg(test)]
mod tests {
    use crate::losses::{LOSSES, LossHandle, reduced};
    use addax_core::testing::check_gradient;
    use addax_core::{Tensor, Value};

    #[test]
    fn gradients_match_finite_differences() {
        let t = Tensor::from(Value::new([2, 3], vec![0f64, 1.0, 0.0, 0.0, 0.0, 1.0]).unwrap());
        let labels = Tensor::from(Value::from(vec![1i32, 2]));
        for def in LOSSES {
            let loss = (def.from_config)(&Default::default()).unwrap();
            let t = if loss.labels() == crate::losses::Labels::ClassNumbers { &labels } else { &t };
            check_gradient(def.name, |x| reduced(&*loss, t, &x[0], None), &[(&[2, 3], (0.1, 0.8))]);
        }
    }

    #[test]
    fn weights_do_not_change_the_divisor() {
        let loss = LossHandle::from("mse");
        let t = Tensor::from(Value::new([2, 1], vec![0f32, 0.0]).unwrap());
        let p = Tensor::from(Value::new([2, 1], vec![1f32, 2.0]).unwrap());
        let w = Tensor::from(Value::from(vec![1f32, 0.5]));
        let got = reduced(&**loss.get().unwrap(), &t, &p, Some(&w)).to_value().unwrap().item().unwrap();
        assert_eq!(got, 1.5);
    }
}
