//! Scores of predictions, as scikit-learn computes them.

use addax_core::{Error, Result};

fn same_length(a: usize, b: usize) -> Result<()> {
    if a != b || a == 0 {
        return Err(Error::value("scores")
            .expected("as many predictions as targets, at least 1")
            .got(format_args!("{a} and {b}")));
    }
    Ok(())
}

/// How often they are equal.
pub fn accuracy(truth: &[i64], predicted: &[i64]) -> Result<f64> {
    same_length(truth.len(), predicted.len())?;
    Ok(truth.iter().zip(predicted).filter(|(a, b)| a == b).count() as f64 / truth.len() as f64)
}

/// Rows true, columns predicted, classes in increasing order: the classes and the counts.
pub fn confusion_matrix(truth: &[i64], predicted: &[i64]) -> Result<(Vec<i64>, Vec<Vec<usize>>)> {
    same_length(truth.len(), predicted.len())?;
    let mut classes: Vec<i64> = truth.iter().chain(predicted).copied().collect();
    classes.sort_unstable();
    classes.dedup();
    let place = |c: &i64| classes.binary_search(c).unwrap_or(0);
    let mut counts = vec![vec![0; classes.len()]; classes.len()];
    truth.iter().zip(predicted).for_each(|(t, p)| counts[place(t)][place(p)] += 1);
    Ok((classes, counts))
}

/// Precision, recall and F1 of one class; 0 where nothing was predicted or nothing is there.
///
/// ```
/// let (precision, recall, f1) = addax_data::scores::precision_recall_f1(&[1, 1, 0, 0], &[1, 0, 1, 0], 1)?;
/// assert_eq!((precision, recall, f1), (0.5, 0.5, 0.5));
/// # Ok::<(), addax_core::Error>(())
/// ```
pub fn precision_recall_f1(truth: &[i64], predicted: &[i64], class: i64) -> Result<(f64, f64, f64)> {
    same_length(truth.len(), predicted.len())?;
    let count = |f: &dyn Fn(bool, bool) -> bool| {
        truth.iter().zip(predicted).filter(|(t, p)| f(**t == class, **p == class)).count() as f64
    };
    let (hit, named, there) = (count(&|t, p| t && p), count(&|_, p| p), count(&|t, _| t));
    let share = |a: f64, b: f64| if b == 0.0 { 0.0 } else { a / b };
    Ok((share(hit, named), share(hit, there), share(2.0 * hit, named + there)))
}

/// How scores of classes become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Averaging {
    /// Every class counts the same.
    Macro,
    /// Every row counts the same; of classes that exclude each other it is the accuracy.
    Micro,
    /// Every class counts by its rows.
    Weighted,
}

/// Precision, recall and F1 of all classes as one number each.
pub fn averaged(truth: &[i64], predicted: &[i64], averaging: Averaging) -> Result<(f64, f64, f64)> {
    if averaging == Averaging::Micro {
        let share = accuracy(truth, predicted)?;
        return Ok((share, share, share));
    }
    let (classes, counts) = confusion_matrix(truth, predicted)?;
    let mut sums = (0.0, 0.0, 0.0);
    for (class, row) in classes.iter().zip(&counts) {
        let weight = match averaging {
            Averaging::Weighted => row.iter().sum::<usize>() as f64 / truth.len() as f64,
            _ => 1.0 / classes.len() as f64,
        };
        let (precision, recall, f1) = precision_recall_f1(truth, predicted, *class)?;
        sums = (sums.0 + weight * precision, sums.1 + weight * recall, sums.2 + weight * f1);
    }
    Ok(sums)
}

/// The mean recall of the classes that are there.
pub fn balanced_accuracy(truth: &[i64], predicted: &[i64]) -> Result<f64> {
    let (_, counts) = confusion_matrix(truth, predicted)?;
    let recalls: Vec<f64> = (0..counts.len())
        .map(|c| (counts[c][c], counts[c].iter().sum::<usize>()))
        .filter(|(_, there)| *there > 0)
        .map(|(hit, there)| hit as f64 / there as f64)
        .collect();
    Ok(recalls.iter().sum::<f64>() / recalls.len() as f64)
}

/// The ROC curve: the share of negatives and the share of positives (class 1) that score at least so much, from above
/// the highest score to the lowest. Errors: other lengths, a score that is NaN, one class only.
pub fn roc_curve(truth: &[i64], scores: &[f64]) -> Result<(Vec<f64>, Vec<f64>)> {
    same_length(truth.len(), scores.len())?;
    if let Some(row) = scores.iter().position(|s| s.is_nan()) {
        return Err(Error::value("scores").expected("numbers").got(format_args!("NaN in row {row}")));
    }
    let positives = truth.iter().filter(|t| **t == 1).count();
    let negatives = truth.len() - positives;
    if positives == 0 || negatives == 0 {
        return Err(Error::value("ROC curve").expected("both classes in the targets").got("one"));
    }
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
    let (mut wrong, mut right) = (0, 0);
    let (mut x, mut y) = (vec![0.0], vec![0.0]);
    for equal in order.chunk_by(|a, b| scores[*a] == scores[*b]) {
        let hits = equal.iter().filter(|i| truth[**i] == 1).count();
        (right, wrong) = (right + hits, wrong + equal.len() - hits);
        x.push(wrong as f64 / negatives as f64);
        y.push(right as f64 / positives as f64);
    }
    Ok((x, y))
}

/// The area under the ROC curve: how often a positive scores above a negative, equal scores counting half. Errors as
/// for [`roc_curve`].
pub fn roc_auc(truth: &[i64], scores: &[f64]) -> Result<f64> {
    let (x, y) = roc_curve(truth, scores)?;
    let pieces = x.windows(2).zip(y.windows(2));
    Ok(pieces.map(|(x, y)| (x[1] - x[0]) * (y[0] + y[1]) / 2.0).sum())
}

/// The mean of squared differences.
pub fn mean_squared_error(truth: &[f64], predicted: &[f64]) -> Result<f64> {
    same_length(truth.len(), predicted.len())?;
    Ok(truth.iter().zip(predicted).map(|(t, p)| (t - p).powi(2)).sum::<f64>() / truth.len() as f64)
}

/// The mean of absolute differences.
pub fn mean_absolute_error(truth: &[f64], predicted: &[f64]) -> Result<f64> {
    same_length(truth.len(), predicted.len())?;
    Ok(truth.iter().zip(predicted).map(|(t, p)| (t - p).abs()).sum::<f64>() / truth.len() as f64)
}

/// The share of the variance that is explained: 1 is perfect, 0 no better than the mean.
pub fn r2(truth: &[f64], predicted: &[f64]) -> Result<f64> {
    let error = mean_squared_error(truth, predicted)?;
    let mean = truth.iter().sum::<f64>() / truth.len() as f64;
    let variance = truth.iter().map(|t| (t - mean).powi(2)).sum::<f64>() / truth.len() as f64;
    Ok(match (error == 0.0, variance == 0.0) {
        (true, _) => 1.0,
        (false, true) => 0.0,
        (false, false) => 1.0 - error / variance,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_count_half() {
        assert_eq!(roc_auc(&[0, 0, 1, 1], &[0.1, 0.4, 0.35, 0.8]).unwrap(), 0.75);
        assert_eq!(roc_auc(&[0, 1], &[0.5, 0.5]).unwrap(), 0.5);
        assert!(roc_auc(&[1, 1], &[0.5, 0.5]).is_err());
    }

    #[test]
    fn matrices_have_the_truth_in_rows() {
        let (classes, counts) = confusion_matrix(&[0, 2, 2], &[2, 2, 0]).unwrap();
        assert_eq!((classes, counts), (vec![0, 2], vec![vec![0, 1], vec![1, 1]]));
    }

    #[test]
    fn explained_variance() {
        assert!(
            (r2(&[3.0, -0.5, 2.0, 7.0], &[2.5, 0.0, 2.0, 8.0]).unwrap() - 0.948_608_137_044_967_9).abs()
                < 1e-12
        );
    }
}
