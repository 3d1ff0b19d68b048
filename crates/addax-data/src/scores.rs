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
/// let (precision, recall, f1) = addax_data::scores::precision_recall_f1(&[1, 1, 0, 0], &[1, 0, 1, 0], 1).unwrap();
/// assert_eq!((precision, recall, f1), (0.5, 0.5, 0.5));
/// ```
pub fn precision_recall_f1(truth: &[i64], predicted: &[i64], class: i64) -> Result<(f64, f64, f64)> {
    same_length(truth.len(), predicted.len())?;
    let count = |f: &dyn Fn(bool, bool) -> bool| {
        truth.iter().zip(predicted).filter(|(t, p)| f(**t == class, **p == class)).count() as f64
    };
    let (hit, named, there) = (count(&|t, p| t && p), count(&|_, p| p), count(&|t, _| t));
    let share = |a: f64, b: f64| if b == 0.0 { 0.0 } else { a / b };
    let (precision, recall) = (share(hit, named), share(hit, there));
    Ok((precision, recall, share(2.0 * hit, named + there)))
}

/// The area under the ROC curve: how often a positive scores above a negative, equal scores counting half.
pub fn roc_auc(truth: &[i64], scores: &[f64]) -> Result<f64> {
    same_length(truth.len(), scores.len())?;
    let positives = truth.iter().filter(|t| **t == 1).count();
    let negatives = truth.len() - positives;
    if positives == 0 || negatives == 0 {
        return Err(Error::value("roc_auc").expected("both classes in the targets").got("one"));
    }
    let mut order: Vec<usize> = (0..scores.len()).collect();
    order.sort_by(|a, b| scores[*a].total_cmp(&scores[*b]));
    // The sum of the positives' ranks, equal scores sharing theirs.
    let (mut i, mut ranks) = (0, 0.0);
    while i < order.len() {
        let mut j = i;
        while j < order.len() && scores[order[j]] == scores[order[i]] {
            j += 1;
        }
        let rank = (i + 1 + j) as f64 / 2.0;
        ranks += rank * order[i..j].iter().filter(|k| truth[**k] == 1).count() as f64;
        i = j;
    }
    let least = (positives * (positives + 1)) as f64 / 2.0;
    Ok((ranks - least) / (positives as f64 * negatives as f64))
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
