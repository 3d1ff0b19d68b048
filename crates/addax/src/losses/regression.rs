//! Losses for numbers.

use super::{EPSILON, Labels, Loss, loss};
use crate::activations::softplus;
use addax_core::Tensor;

loss! {
    /// `mean (t - p)²`
    MeanSquaredError ["mse", "MSE", "mean_squared_error"] "mean_squared_error" {} Labels::Same;
    |this, t, p| (t.cast(p.dtype()) - p).square().mean_inner()
}

loss! {
    /// `mean |t - p|`
    MeanAbsoluteError ["mae", "MAE", "mean_absolute_error"] "mean_absolute_error" {} Labels::Same;
    |this, t, p| (t.cast(p.dtype()) - p).abs().mean_inner()
}

loss! {
    /// `100 · mean |t - p| / max(|t|, ε)`
    MeanAbsolutePercentageError ["mape", "MAPE", "mean_absolute_percentage_error"]
    "mean_absolute_percentage_error" {} Labels::Same;
    |this, t, p| {
        let t = t.cast(p.dtype());
        ((&t - p) / t.abs().max_scalar(EPSILON)).abs().mean_inner() * 100.0
    }
}

loss! {
    /// `mean (ln(1 + max(t, ε)) - ln(1 + max(p, ε)))²`
    MeanSquaredLogarithmicError ["msle", "MSLE", "mean_squared_logarithmic_error"]
    "mean_squared_logarithmic_error" {} Labels::Same;
    |this, t, p| {
        let log = |x: &Tensor| (x.max_scalar(EPSILON) + 1.0).log();
        (log(&t.cast(p.dtype())) - log(p)).square().mean_inner()
    }
}

loss! {
    /// `-Σ t̂ · p̂`, both of length 1 along `axis`
    CosineSimilarity ["cosine_similarity"] "cosine_similarity" {
        /// Along which axis.
        axis: isize = -1,
    } Labels::Same;
    |this, t, p| Tensor::from_result(|| {
        let axis = [p.check()?.axis(this.axis)?];
        let unit = |x: &Tensor| {
            let inverse = x.square().sum(&axis).rsqrt().min_scalar(1.0 / EPSILON);
            x * inverse.keep_axes(&axis)
        };
        Ok((unit(&t.cast(p.dtype())) * unit(p)).sum(&axis).negate())
    })
}

loss! {
    /// `½ d²` where `|d| ≤ delta`, else `delta · |d| - ½ delta²`, its mean
    Huber ["huber", "huber_loss"] "huber_loss" {
        /// Where the square becomes a line.
        delta: f64 = 1.0,
    } Labels::Same;
    |this, t, p| {
        let d = p - t.cast(p.dtype());
        let size = d.abs();
        let near = d.square() * 0.5;
        let far = &size * this.delta - 0.5 * this.delta * this.delta;
        size.gt_scalar(this.delta).select(&far, &near).mean_inner()
    }
}

loss! {
    /// `mean ln cosh(p - t)`, as `d + softplus(-2d) - ln 2`
    LogCosh ["log_cosh", "logcosh"] "log_cosh" {} Labels::Same;
    |this, t, p| {
        let d = p - t.cast(p.dtype());
        (&d + softplus(&(&d * -2.0)) - std::f64::consts::LN_2).mean_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;

    #[test]
    fn huber_is_a_line_beyond_delta() {
        let column = |v: Vec<f32>| Tensor::from(Value::new([2, 1], v).unwrap());
        let got = Huber::new().delta(0.5).per_sample(&column(vec![0.0, 0.0]), &column(vec![0.2, -2.0]));
        let got = got.to_value().unwrap().to_f64();
        assert!((got[0] - 0.02).abs() < 1e-7 && (got[1] - 0.875).abs() < 1e-6, "{got:?}");
    }

    #[test]
    fn the_cosine_of_opposites_is_a_loss_of_one() {
        let row = |v: Vec<f32>| Tensor::from(Value::new([1, 2], v).unwrap());
        let got = CosineSimilarity::new().per_sample(&row(vec![3.0, 4.0]), &row(vec![-6.0, -8.0]));
        assert!((got.to_value().unwrap().to_f64()[0] - 1.0).abs() < 1e-6);
    }
}
