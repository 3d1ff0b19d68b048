//! Scores of probabilities.

use super::{same_length, weights};
use addax_core::{Error, Result};

/// The rows' columns by class; one column stands for the second of two classes.
fn rows(truth: &[i64], classes: &[i64], probabilities: &[f64]) -> Result<Vec<(usize, Vec<f64>)>> {
    let n = truth.len();
    let alone = classes.len() == 2 && probabilities.len() == n;
    let k = if alone { 1 } else { classes.len() };
    same_length(n * k, probabilities.len())?;
    if let Some(p) = probabilities.iter().find(|p| !(**p >= 0.0 && **p <= 1.0)) {
        return Err(Error::value("probabilities").expected("0 to 1").got(p));
    }
    if classes.len() < 2 {
        return Err(Error::value("classes").expected("at least 2").got(classes.len()));
    }
    let place = |t: &i64| {
        let unknown = || Error::value("targets").expected(format_args!("one of {classes:?}")).got(t);
        classes.iter().position(|c| c == t).ok_or_else(unknown)
    };
    let row =
        |(t, p): (&i64, &[f64])| Ok((place(t)?, if alone { vec![1.0 - p[0], p[0]] } else { p.to_vec() }));
    truth.iter().zip(probabilities.chunks(k)).map(row).collect()
}

fn mean(losses: impl Iterator<Item = f64>, weight: &[f64]) -> f64 {
    losses.zip(weight).map(|(l, w)| l * w).sum::<f64>() / weight.iter().sum::<f64>()
}

/// The mean of `-ln p` of the true class, each `p` kept `epsilon` away from 0 and 1 (scikit-learn takes that of the
/// probabilities' type). `probabilities` has a column for each of `classes`, or one for the second of two. Errors: other
/// lengths, what is no probability, fewer than 2 classes, a target that is none of them.
///
/// ```
/// let loss = addax_data::scores::log_loss(&[0, 1], &[0, 1], &[0.1, 0.9], None, f64::EPSILON)?;
/// assert!((loss + 0.9f64.ln()).abs() < 1e-15);
/// # Ok::<(), addax_core::Error>(())
/// ```
pub fn log_loss(
    truth: &[i64],
    classes: &[i64],
    probabilities: &[f64],
    sample_weight: Option<&[f64]>,
    epsilon: f64,
) -> Result<f64> {
    let weight = weights(truth.len(), sample_weight)?;
    let rows = rows(truth, classes, probabilities)?;
    Ok(mean(rows.iter().map(|(t, p)| -p[*t].clamp(epsilon, 1.0 - epsilon).ln()), &weight))
}

/// The mean squared distance of probabilities from the truth: of the second class where there are two, of all where
/// there are more. Errors as for [`log_loss`].
pub fn brier(
    truth: &[i64],
    classes: &[i64],
    probabilities: &[f64],
    sample_weight: Option<&[f64]>,
) -> Result<f64> {
    let weight = weights(truth.len(), sample_weight)?;
    let half = if classes.len() == 2 { 0.5 } else { 1.0 };
    let loss = |(t, p): &(usize, Vec<f64>)| {
        half * p.iter().enumerate().map(|(c, p)| (p - f64::from(u8::from(c == *t))).powi(2)).sum::<f64>()
    };
    Ok(mean(rows(truth, classes, probabilities)?.iter().map(loss), &weight))
}

/// How often the true class is among the `k` with the highest probabilities; of equal ones those further on count as
/// higher. Errors as for [`log_loss`].
pub fn top_k_accuracy(
    truth: &[i64],
    classes: &[i64],
    probabilities: &[f64],
    k: usize,
    sample_weight: Option<&[f64]>,
) -> Result<f64> {
    let weight = weights(truth.len(), sample_weight)?;
    let above = |t: usize, p: &[f64]| {
        p.iter().enumerate().filter(|(c, q)| **q > p[t] || (**q == p[t] && *c > t)).count()
    };
    let hit = |(t, p): &(usize, Vec<f64>)| f64::from(u8::from(above(*t, p) < k));
    Ok(mean(rows(truth, classes, probabilities)?.iter().map(hit), &weight))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_it_wanted() {
        let refusal =
            |t: &[i64], c: &[i64], p: &[f64]| log_loss(t, c, p, None, 1e-16).unwrap_err().to_string();
        assert_eq!(refusal(&[0], &[0, 1], &[1.5]), "probabilities: expected 0 to 1, got 1.5");
        assert_eq!(refusal(&[7], &[0, 1], &[0.5]), "targets: expected one of [0, 1], got 7");
        assert_eq!(refusal(&[0], &[0], &[0.5]), "classes: expected at least 2, got 1");
    }

    #[test]
    fn certain_mistakes_are_not_infinite() {
        assert_eq!(log_loss(&[1], &[0, 1], &[0.0], None, f64::EPSILON).unwrap(), -f64::EPSILON.ln());
    }
}
