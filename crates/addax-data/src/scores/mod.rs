//! Scores of predictions, as scikit-learn computes them.

mod confusion;
mod fbeta;
mod probability;
mod ranking;
mod regression;
mod report;
mod scorer;

pub use confusion::{Confusion, Disagreement, Normalize};
pub use fbeta::{Averaging, ClassScore, Fbeta};
pub use probability::{brier, log_loss, top_k_accuracy};
pub use ranking::{MultiClass, PrecisionRecall, Ranking, Roc, area, multiclass_roc_auc};
pub use regression::{Residuals, per_column};
pub use report::{report, report_rows};
pub use scorer::{Response, SCORERS, Scorer, class_labels};

use addax_core::{Error, Result};

fn same_length(a: usize, b: usize) -> Result<()> {
    if a != b || a == 0 {
        return Err(Error::value("scores")
            .expected("as many predictions as targets, at least 1")
            .got(format_args!("{a} and {b}")));
    }
    Ok(())
}

/// The weight of each row, 1 where none are given.
fn weights(rows: usize, weights: Option<&[f64]>) -> Result<Vec<f64>> {
    match weights {
        None => Ok(vec![1.0; rows]),
        Some(w) if w.len() == rows && w.iter().all(|w| w.is_finite()) => Ok(w.to_vec()),
        Some(w) => Err(Error::value("sample_weight")
            .expected(format_args!("a number for each of {rows} rows"))
            .got(format_args!("{} values", w.len()))),
    }
}

fn finite(name: &str, numbers: &[f64]) -> Result<()> {
    match numbers.iter().position(|x| !x.is_finite()) {
        Some(row) => {
            Err(Error::value(name).expected("numbers").got(format_args!("{} in row {row}", numbers[row])))
        }
        None => Ok(()),
    }
}

/// How often they are equal.
pub fn accuracy(truth: &[i64], predicted: &[i64]) -> Result<f64> {
    Ok(Confusion::new(truth, predicted, None)?.accuracy())
}

/// Rows true, columns predicted, classes in increasing order: the classes and the counts.
pub fn confusion_matrix(truth: &[i64], predicted: &[i64]) -> Result<(Vec<i64>, Vec<Vec<usize>>)> {
    let confusion = Confusion::new(truth, predicted, None)?;
    let count = |row: &Vec<f64>| row.iter().map(|c| *c as usize).collect();
    Ok((confusion.classes.clone(), confusion.counts.iter().map(count).collect()))
}

/// Precision, recall and F1 of one class; 0 where nothing was predicted or nothing is there.
///
/// ```
/// let (precision, recall, f1) = addax_data::scores::precision_recall_f1(&[1, 1, 0, 0], &[1, 0, 1, 0], 1)?;
/// assert_eq!((precision, recall, f1), (0.5, 0.5, 0.5));
/// # Ok::<(), addax_core::Error>(())
/// ```
pub fn precision_recall_f1(truth: &[i64], predicted: &[i64], class: i64) -> Result<(f64, f64, f64)> {
    averaged(truth, predicted, Averaging::Binary(class))
}

/// Precision, recall and F1 of all classes as one number each.
pub fn averaged(truth: &[i64], predicted: &[i64], averaging: Averaging) -> Result<(f64, f64, f64)> {
    let confusion = Confusion::new(truth, predicted, None)?;
    let score = Fbeta::default().average(&confusion, averaging);
    Ok((score.precision, score.recall, score.f))
}

/// The mean recall of the classes that are there.
pub fn balanced_accuracy(truth: &[i64], predicted: &[i64]) -> Result<f64> {
    Ok(Confusion::new(truth, predicted, None)?.balanced_accuracy(false))
}

/// The ROC curve of class 1: the share of negatives and the share of positives that score at least so much, from above
/// the highest score to the lowest. Errors as for [`Ranking::new`], and one class only.
pub fn roc_curve(truth: &[i64], scores: &[f64]) -> Result<(Vec<f64>, Vec<f64>)> {
    let roc = Ranking::of_class(truth, scores, 1)?.roc(false);
    if roc.false_positive.iter().chain(&roc.true_positive).any(|x| x.is_nan()) {
        return Err(Error::value("ROC curve").expected("both classes in the targets").got("one"));
    }
    Ok((roc.false_positive, roc.true_positive))
}

/// The area under the ROC curve of class 1: how often a positive scores above a negative, equal scores counting half.
/// Errors as for [`roc_curve`].
pub fn roc_auc(truth: &[i64], scores: &[f64]) -> Result<f64> {
    Ranking::of_class(truth, scores, 1)?.roc_auc()
}

/// The mean of squared differences.
pub fn mean_squared_error(truth: &[f64], predicted: &[f64]) -> Result<f64> {
    Ok(Residuals::new(truth, predicted, None)?.mean_squared_error())
}

/// The mean of absolute differences.
pub fn mean_absolute_error(truth: &[f64], predicted: &[f64]) -> Result<f64> {
    Ok(Residuals::new(truth, predicted, None)?.mean_absolute_error())
}

/// The share of the variance that is explained: 1 is perfect, 0 no better than the mean; NaN of a single row.
pub fn r2(truth: &[f64], predicted: &[f64]) -> Result<f64> {
    Ok(Residuals::new(truth, predicted, None)?.r2())
}
