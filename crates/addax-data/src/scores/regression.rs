//! Scores of numbers.

use super::{finite, same_length, weights};
use addax_core::{Error, Result, Value};

/// Numbers predicted for numbers, each row with its weight.
///
/// ```
/// use addax_data::scores::Residuals;
/// let r = Residuals::new(&[3.0, -0.5, 2.0, 7.0], &[2.5, 0.0, 2.0, 8.0], None)?;
/// assert_eq!((r.mean_squared_error(), r.mean_absolute_error(), r.max_error()), (0.375, 0.5, 1.0));
/// assert!((r.r2() - 0.948_608_137_044_967_9).abs() < 1e-12);
/// # Ok::<(), addax_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Residuals {
    truth: Vec<f64>,
    predicted: Vec<f64>,
    weight: Vec<f64>,
}

impl Residuals {
    /// Errors: other lengths, no row, what is no finite number.
    pub fn new(truth: &[f64], predicted: &[f64], sample_weight: Option<&[f64]>) -> Result<Residuals> {
        same_length(truth.len(), predicted.len())?;
        finite("targets", truth)?;
        finite("predictions", predicted)?;
        let weight = weights(truth.len(), sample_weight)?;
        Ok(Residuals { truth: truth.to_vec(), predicted: predicted.to_vec(), weight })
    }

    fn pairs(&self) -> impl Iterator<Item = (f64, f64)> {
        self.truth.iter().copied().zip(self.predicted.iter().copied())
    }

    fn mean(&self, f: impl Fn(f64, f64) -> f64) -> f64 {
        self.pairs().zip(&self.weight).map(|((t, p), w)| w * f(t, p)).sum::<f64>()
            / self.weight.iter().sum::<f64>()
    }

    /// The mean of squared differences.
    pub fn mean_squared_error(&self) -> f64 {
        self.mean(|t, p| (t - p).powi(2))
    }

    /// Its root.
    pub fn root_mean_squared_error(&self) -> f64 {
        self.mean_squared_error().sqrt()
    }

    /// The mean of absolute differences.
    pub fn mean_absolute_error(&self) -> f64 {
        self.mean(|t, p| (t - p).abs())
    }

    /// The mean of absolute differences as shares of the truth.
    pub fn mean_absolute_percentage_error(&self) -> f64 {
        self.mean(|t, p| (t - p).abs() / t.abs().max(f64::EPSILON))
    }

    /// The largest absolute difference.
    pub fn max_error(&self) -> f64 {
        self.pairs().map(|(t, p)| (t - p).abs()).fold(0.0, f64::max)
    }

    /// The median of absolute differences; weights are not looked at.
    pub fn median_absolute_error(&self) -> f64 {
        median(self.pairs().map(|(t, p)| (t - p).abs()).collect())
    }

    /// The mean of squared differences of `ln(1 + x)`. Errors: a number at or below -1.
    pub fn mean_squared_log_error(&self) -> Result<f64> {
        self.each_above("squared log error", -1.0, -1.0)?;
        Ok(self.mean(|t, p| (t.ln_1p() - p.ln_1p()).powi(2)))
    }

    /// Poisson's deviance. Errors: a target below 0, a prediction that is not above 0.
    pub fn mean_poisson_deviance(&self) -> Result<f64> {
        if let Some(t) = self.truth.iter().find(|t| **t < 0.0) {
            return Err(Error::value("Poisson deviance").expected("targets of at least 0").got(t));
        }
        self.each_above("Poisson deviance", f64::NEG_INFINITY, 0.0)?;
        let log = |t: f64, p: f64| if t == 0.0 { 0.0 } else { t * (t / p).ln() };
        Ok(self.mean(|t, p| 2.0 * (log(t, p) - t + p)))
    }

    /// The gamma distribution's deviance. Errors: a number that is not above 0.
    pub fn mean_gamma_deviance(&self) -> Result<f64> {
        self.each_above("gamma deviance", 0.0, 0.0)?;
        Ok(self.mean(|t, p| 2.0 * ((p / t).ln() + t / p - 1.0)))
    }

    fn each_above(&self, who: &str, truth: f64, predicted: f64) -> Result<()> {
        let low = self.pairs().find(|(t, p)| *t <= truth || *p <= predicted);
        low.map_or(Ok(()), |(t, p)| {
            Err(Error::value(who)
                .expected(format_args!("targets above {truth} and predictions above {predicted}"))
                .got(format_args!("{t} and {p}")))
        })
    }

    /// The share of the variance that is explained: 1 is perfect, 0 no better than the mean; NaN of a single row.
    pub fn r2(&self) -> f64 {
        if self.truth.len() < 2 {
            return f64::NAN;
        }
        let mean = self.mean(|t, _| t);
        share(self.mean_squared_error(), self.mean(|t, _| (t - mean).powi(2)))
    }

    /// As [`Residuals::r2`], without blame for a constant offset.
    pub fn explained_variance(&self) -> f64 {
        let (offset, mean) = (self.mean(|t, p| t - p), self.mean(|t, _| t));
        share(self.mean(|t, p| (t - p - offset).powi(2)), self.mean(|t, _| (t - mean).powi(2)))
    }

    /// As [`Residuals::r2`], of absolute differences and the median; NaN of a single row.
    pub fn d2_absolute_error(&self) -> f64 {
        if self.truth.len() < 2 {
            return f64::NAN;
        }
        let middle = median(self.truth.clone());
        share(self.mean_absolute_error(), self.mean(|t, _| (t - middle).abs()))
    }
}

/// What is explained: 1 without error, 0 where there was nothing to explain.
fn share(error: f64, spread: f64) -> f64 {
    match (error == 0.0, spread == 0.0) {
        (true, _) => 1.0,
        (false, true) => 0.0,
        (false, false) => 1.0 - error / spread,
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let n = values.len();
    if n % 2 == 1 { values[n / 2] } else { (values[n / 2 - 1] + values[n / 2]) / 2.0 }
}

/// The mean of a score over the columns of `[rows]` or `[rows, columns]`. Errors: other shapes, those of the score.
pub fn per_column(
    truth: &Value,
    predicted: &Value,
    sample_weight: Option<&[f64]>,
    score: impl Fn(&Residuals) -> Result<f64>,
) -> Result<f64> {
    same_length(truth.rows(), predicted.rows())?;
    let width = truth.len() / truth.rows().max(1);
    if predicted.len() != truth.len() {
        return Err(Error::value("predictions")
            .expected(format_args!("shape {:?}", truth.shape()))
            .got(format_args!("{:?}", predicted.shape())));
    }
    let (truth, predicted) = (truth.to_f64(), predicted.to_f64());
    let column = |all: &[f64], c: usize| all.iter().skip(c).step_by(width).copied().collect::<Vec<f64>>();
    let of =
        |c| Residuals::new(&column(&truth, c), &column(&predicted, c), sample_weight).and_then(|r| score(&r));
    Ok((0..width).map(of).sum::<Result<f64>>()? / width as f64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_to_explain() {
        let r2 = |t: &[f64], p: &[f64]| Residuals::new(t, p, None).unwrap().r2();
        assert_eq!((r2(&[1.0, 1.0], &[1.0, 1.0]), r2(&[1.0, 1.0], &[1.0, 2.0])), (1.0, 0.0));
        assert!(r2(&[1.0], &[1.0]).is_nan());
    }

    #[test]
    fn says_what_it_wanted() {
        let e = Residuals::new(&[1.0], &[f64::NAN], None).unwrap_err().to_string();
        assert_eq!(e, "predictions: expected numbers, got NaN in row 0");
        let low = Residuals::new(&[1.0], &[-1.0], None).unwrap();
        assert!(low.mean_squared_log_error().is_err() && low.mean_poisson_deviance().is_err());
        assert!(low.mean_gamma_deviance().is_err());
    }
}
