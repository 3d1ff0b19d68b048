//! Correlations of targets and outputs along an axis.

use super::{Metric, mean_metric};
use crate::losses::{EPSILON, align};
use addax_core::{Result, Tensor};

/// Both aligned, their deviations from the mean along the axis, and the axis.
fn centred(x: &Tensor, axis: &[usize]) -> Tensor {
    x - x.mean(axis).keep_axes(axis)
}

/// The mean of squares along the axis, kept with length 1.
fn variance(deviation: &Tensor, axis: &[usize]) -> Tensor {
    centred(deviation, axis).square().mean(axis).keep_axes(axis)
}

fn aligned(t: &Tensor, p: &Tensor, axis: isize) -> Result<(Tensor, Tensor, [usize; 1])> {
    let (t, p) = align(t, p);
    let axis = [p.check()?.axis(axis)?];
    Ok((t, p, axis))
}

mean_metric! {
    /// Pearson's correlation: `mean t̂ p̂`, both centred and divided by their deviation.
    PearsonCorrelation ["pearson_correlation"] "pearson_correlation"; {} {
        /// Along which axis.
        axis: isize = -1,
    } Up;
    |this, t, p| Tensor::from_result(|| {
        let (t, p, axis) = aligned(t, p, this.axis)?;
        let (t, p) = (centred(&t, &axis), centred(&p, &axis));
        let unit = |x: &Tensor| x / variance(x, &axis).sqrt();
        Ok((unit(&t) * unit(&p)).mean(&axis))
    })
}

mean_metric! {
    /// Lin's concordance: how near the pairs lie to the line `p = t`.
    ConcordanceCorrelation ["concordance_correlation"] "concordance_correlation"; {} {
        /// Along which axis.
        axis: isize = -1,
    } Up;
    |this, t, p| Tensor::from_result(|| {
        let (t, p, axis) = aligned(t, p, this.axis)?;
        let mean = |x: &Tensor| x.mean(&axis).keep_axes(&axis);
        let (t_mean, p_mean) = (mean(&t), mean(&p));
        let spread = variance(&(&t - &t_mean), &axis) + variance(&(&p - &p_mean), &axis);
        let norm = spread + (&t_mean - &p_mean).square();
        // Keras takes the output's mean off both.
        let together = (&t - &p_mean) * (&p - &p_mean);
        Ok((together * 2.0 / (norm + EPSILON)).mean(&axis))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;

    #[test]
    fn a_line_correlates_fully_and_concords_only_with_itself() {
        let t = Tensor::from(Value::new([1, 4], vec![1f32, 2.0, 3.0, 4.0]).unwrap());
        let p = &t * 2.0 + 1.0;
        let of = |x: Tensor| x.to_value().unwrap().to_f64()[0];
        assert!((of(PearsonCorrelation::new().values(&t, &p)) - 1.0).abs() < 1e-6);
        assert!((of(ConcordanceCorrelation::new().values(&t, &t)) - 1.0).abs() < 1e-5);
        assert!(of(ConcordanceCorrelation::new().values(&t, &p)) < 0.9);
    }
}
