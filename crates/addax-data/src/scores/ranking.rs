//! Curves over all thresholds: ROC, precision and recall.

use super::{Averaging, finite, same_length, weights};
use addax_core::{Error, Result};

/// Positives and negatives that score at least a threshold, for each distinct score, the highest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Ranking {
    right: Vec<f64>,
    wrong: Vec<f64>,
    thresholds: Vec<f64>,
}

/// A ROC curve. NaN stands in a share of a class that is not there.
#[derive(Clone, Debug, PartialEq)]
pub struct Roc {
    /// The share of the negatives that score at least the threshold.
    pub false_positive: Vec<f64>,
    /// The share of the positives that do.
    pub true_positive: Vec<f64>,
    /// The thresholds, infinity first.
    pub thresholds: Vec<f64>,
}

/// Precision over recall, the lowest threshold first; the last point, precision 1 at recall 0, has none.
#[derive(Clone, Debug, PartialEq)]
pub struct PrecisionRecall {
    /// Precisions.
    pub precision: Vec<f64>,
    /// Recalls, falling.
    pub recall: Vec<f64>,
    /// Thresholds, rising.
    pub thresholds: Vec<f64>,
}

/// How a score of two classes is taken of more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MultiClass {
    /// Each class against the rest.
    OneVsRest,
    /// Each pair of classes (Hand and Till, 2001).
    OneVsOne,
}

impl Ranking {
    /// Ranks. Errors: other lengths, no row, a score that is no finite number.
    ///
    /// ```
    /// use addax_data::scores::Ranking;
    /// let ranking = Ranking::new(&[false, false, true, true], &[0.1, 0.4, 0.35, 0.8], None)?;
    /// assert_eq!(ranking.roc_auc()?, 0.75);
    /// # Ok::<(), addax_core::Error>(())
    /// ```
    pub fn new(truth: &[bool], scores: &[f64], sample_weight: Option<&[f64]>) -> Result<Ranking> {
        same_length(truth.len(), scores.len())?;
        finite("scores", scores)?;
        let weight = weights(truth.len(), sample_weight)?;
        let mut order: Vec<usize> = (0..scores.len()).filter(|i| weight[*i] != 0.0).collect();
        order.sort_by(|a, b| scores[*b].total_cmp(&scores[*a]));
        let (mut right, mut wrong) = (0.0, 0.0);
        let mut ranking = Ranking { right: Vec::new(), wrong: Vec::new(), thresholds: Vec::new() };
        for equal in order.chunk_by(|a, b| scores[*a] == scores[*b]) {
            for i in equal {
                *(if truth[*i] { &mut right } else { &mut wrong }) += weight[*i];
            }
            ranking.right.push(right);
            ranking.wrong.push(wrong);
            ranking.thresholds.push(scores[equal[0]]);
        }
        match ranking.thresholds[..] {
            [] => Err(Error::value("sample_weight").expected("a weight above 0").got("none")),
            _ => Ok(ranking),
        }
    }

    /// Ranks one class against all others.
    pub fn of_class(truth: &[i64], scores: &[f64], class: i64) -> Result<Ranking> {
        let truth: Vec<bool> = truth.iter().map(|t| *t == class).collect();
        Ranking::new(&truth, scores, None)
    }

    fn keep(&self, kept: impl Fn(usize) -> bool) -> Ranking {
        let pick = |v: &[f64]| (0..v.len()).filter(|i| kept(*i)).map(|i| v[i]).collect();
        Ranking { right: pick(&self.right), wrong: pick(&self.wrong), thresholds: pick(&self.thresholds) }
    }

    /// The ROC curve; `drop_intermediate` leaves out points on a straight line between their neighbours.
    pub fn roc(&self, drop_intermediate: bool) -> Roc {
        let last = self.thresholds.len() - 1;
        let bent = |v: &[f64], i: usize| v[i + 1] - v[i] != v[i] - v[i - 1];
        let corner = |i: usize| i == 0 || i == last || bent(&self.wrong, i) || bent(&self.right, i);
        let kept = if drop_intermediate && last > 1 { self.keep(corner) } else { self.clone() };
        let share = |v: &[f64]| {
            let all = v[v.len() - 1];
            let of = |x: f64| if all > 0.0 { x / all } else { f64::NAN };
            std::iter::once(0.0).chain(v.iter().copied()).map(of).collect()
        };
        Roc {
            false_positive: share(&kept.wrong),
            true_positive: share(&kept.right),
            thresholds: std::iter::once(f64::INFINITY).chain(kept.thresholds).collect(),
        }
    }

    /// The area under the ROC curve. Errors: one class only.
    pub fn roc_auc(&self) -> Result<f64> {
        self.partial_roc_auc(1.0)
    }

    /// The area where at most this share of negatives is called positive, brought to 0.5 for chance and 1 for the best
    /// (McClish, 1989). Errors: one class only, a share outside 0 to 1.
    pub fn partial_roc_auc(&self, max_false_positive: f64) -> Result<f64> {
        let (most, Roc { false_positive: x, true_positive: y, .. }) = (max_false_positive, self.roc(true));
        if x.iter().chain(&y).any(|v| v.is_nan()) {
            return Err(Error::value("ROC-AUC").expected("both classes in the targets").got("one"));
        }
        if !(most > 0.0 && most <= 1.0) {
            return Err(Error::value("max_fpr").expected("above 0, at most 1").got(most));
        }
        if most == 1.0 {
            return area(&x, &y);
        }
        let stop = x.partition_point(|v| *v <= most);
        let slope = (y[stop] - y[stop - 1]) / (x[stop] - x[stop - 1]);
        let end = y[stop - 1] + slope * (most - x[stop - 1]);
        let (x, y) = ([&x[..stop], &[most]].concat(), [&y[..stop], &[end]].concat());
        let least = 0.5 * most * most;
        Ok(0.5 * (1.0 + (area(&x, &y)? - least) / (most - least)))
    }

    /// Precision over recall; `drop_intermediate` keeps the first and the last point of each recall.
    pub fn precision_recall(&self, drop_intermediate: bool) -> PrecisionRecall {
        let last = self.thresholds.len() - 1;
        let corner = |i: usize| {
            let step = |i: usize| self.right[i + 1] != self.right[i];
            i == 0 || i == last || step(i - 1) || step(i)
        };
        let kept = if drop_intermediate && last > 1 { self.keep(corner) } else { self.clone() };
        let positives = self.right[last];
        let called = kept.right.iter().zip(&kept.wrong);
        let precision = called.map(|(r, w)| if r + w == 0.0 { 0.0 } else { r / (r + w) });
        let recall = kept.right.iter().map(|r| if positives == 0.0 { 1.0 } else { r / positives });
        PrecisionRecall {
            precision: precision.rev().chain([1.0]).collect(),
            recall: recall.rev().chain([0.0]).collect(),
            thresholds: kept.thresholds.iter().rev().copied().collect(),
        }
    }

    /// The average precision: the sum of precisions, each by the recall that it adds.
    pub fn average_precision(&self) -> f64 {
        let PrecisionRecall { precision, recall, .. } = self.precision_recall(false);
        let sum: f64 = recall.windows(2).zip(&precision).map(|(r, p)| (r[0] - r[1]) * p).sum();
        sum.max(0.0)
    }
}

/// The area under a line through points, by trapezoids. Errors: fewer than 2 points, an `x` that turns around.
pub fn area(x: &[f64], y: &[f64]) -> Result<f64> {
    same_length(x.len(), y.len())?;
    if x.len() < 2 {
        return Err(Error::value("area").expected("at least 2 points").got(x.len()));
    }
    let (up, down) = (x.windows(2).all(|w| w[1] >= w[0]), x.windows(2).all(|w| w[1] <= w[0]));
    if !up && !down {
        return Err(Error::value("area").expected("x that only rises or only falls").got("both"));
    }
    let sum: f64 = x.windows(2).zip(y.windows(2)).map(|(x, y)| (x[1] - x[0]) * (y[0] + y[1]) / 2.0).sum();
    Ok(if up { sum } else { -sum })
}

/// ROC-AUC of several classes: `probabilities` has a column for each of `classes`. Errors: a class that is not there or
/// alone there, averages other than macro and weighted (and micro against the rest), weights with pairs.
pub fn multiclass_roc_auc(
    truth: &[i64],
    classes: &[i64],
    probabilities: &[f64],
    how: MultiClass,
    averaging: Averaging,
    sample_weight: Option<&[f64]>,
) -> Result<f64> {
    let k = classes.len();
    same_length(truth.len() * k, probabilities.len())?;
    let weight = weights(truth.len(), sample_weight)?;
    let column = |c: usize| probabilities.iter().skip(c).step_by(k).copied();
    let weighted = match averaging {
        Averaging::Macro => false,
        Averaging::Weighted => true,
        Averaging::Micro if how == MultiClass::OneVsRest => {
            let one_hot: Vec<bool> = truth.iter().flat_map(|t| classes.iter().map(move |c| c == t)).collect();
            let each: Vec<f64> = weight.iter().flat_map(|w| std::iter::repeat_n(*w, k)).collect();
            return Ranking::new(&one_hot, probabilities, Some(&each))?.roc_auc();
        }
        _ => return Err(Error::value("average").expected("macro or weighted").got(format!("{averaging:?}"))),
    };
    let (mut sum, mut all) = (0.0, 0.0);
    let mut add = |area: f64, share: f64| {
        let w = if weighted { share } else { 1.0 };
        (sum, all) = (sum + w * area, all + w);
    };
    if how == MultiClass::OneVsRest {
        for (c, class) in classes.iter().enumerate() {
            let is: Vec<bool> = truth.iter().map(|t| t == class).collect();
            let share = is.iter().zip(&weight).filter(|(is, _)| **is).map(|(_, w)| w).sum();
            let scores: Vec<f64> = column(c).collect();
            add(Ranking::new(&is, &scores, Some(&weight))?.roc_auc()?, share);
        }
        return Ok(sum / all);
    }
    if sample_weight.is_some() {
        return Err(Error::value("sample_weight").expected("none for pairs of classes"));
    }
    for a in 0..k {
        for b in a + 1..k {
            let rows: Vec<usize> =
                (0..truth.len()).filter(|r| [classes[a], classes[b]].contains(&truth[*r])).collect();
            let one = |c: usize| {
                let is: Vec<bool> = rows.iter().map(|r| truth[*r] == classes[c]).collect();
                let scores: Vec<f64> = rows.iter().map(|r| probabilities[r * k + c]).collect();
                Ranking::new(&is, &scores, None)?.roc_auc()
            };
            add((one(a)? + one(b)?) / 2.0, rows.len() as f64 / truth.len() as f64);
        }
    }
    Ok(sum / all)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_count_half() {
        let auc = |t: &[bool], s: &[f64]| Ranking::new(t, s, None).and_then(|r| r.roc_auc());
        assert_eq!(auc(&[false, true], &[0.5, 0.5]).unwrap(), 0.5);
        assert_eq!(
            auc(&[true, true], &[0.5, 0.5]).unwrap_err().to_string(),
            "ROC-AUC: expected both classes in the targets, got one"
        );
        assert!(auc(&[true, false], &[f64::NAN, 0.5]).is_err());
    }

    #[test]
    fn rows_of_weight_0_are_not_there() {
        let with = Ranking::new(&[true, false, true], &[0.3, 0.2, 0.1], Some(&[1.0, 1.0, 0.0])).unwrap();
        assert_eq!(with, Ranking::new(&[true, false], &[0.3, 0.2], None).unwrap());
        assert!(Ranking::new(&[true], &[0.3], Some(&[0.0])).is_err());
    }

    #[test]
    fn areas_need_a_direction() {
        assert_eq!(area(&[1.0, 0.0], &[1.0, 1.0]).unwrap(), 1.0);
        assert!(area(&[0.0, 1.0, 0.5], &[1.0; 3]).is_err());
        assert!(area(&[0.0], &[1.0]).is_err());
    }
}
