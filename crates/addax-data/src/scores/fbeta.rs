//! Precision, recall and the F score, by class or averaged.

use super::Confusion;

/// How scores of classes become one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Averaging {
    /// The score of this class alone.
    Binary(i64),
    /// Every class counts the same.
    Macro,
    /// Every row counts the same; of classes that exclude each other it is the accuracy.
    Micro,
    /// Every class counts by its rows.
    Weighted,
}

/// How precision, recall and F are taken from a confusion matrix: F1, and 0 where there is nothing to divide by.
///
/// ```
/// use addax_data::scores::{Averaging, Confusion, Fbeta};
/// let c = Confusion::new(&[0, 1, 2, 0, 1, 2], &[0, 2, 1, 0, 0, 1], None)?;
/// let score = Fbeta::new(0.5).average(&c, Averaging::Macro);
/// assert!((score.f - 0.238_095_238_095_238_1).abs() < 1e-12);
/// # Ok::<(), addax_core::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Fbeta {
    beta: f64,
    zero_division: f64,
    labels: Option<Vec<i64>>,
}

impl Default for Fbeta {
    fn default() -> Self {
        Fbeta::new(1.0)
    }
}

/// The scores of a class, or their average.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassScore {
    /// The share of what was called so that is so.
    pub precision: f64,
    /// The share of what is so that was called so.
    pub recall: f64,
    /// The F score: their weighted harmonic mean.
    pub f: f64,
    /// The Jaccard index: what is and was called so, of what is or was called so.
    pub jaccard: f64,
    /// What of it there is.
    pub support: f64,
}

/// What is counted of a class: right, predicted, true.
type Counts = (f64, f64, f64);

impl Fbeta {
    /// Recall counts `beta` times as much as precision; `0` is precision, infinity recall.
    pub fn new(beta: f64) -> Fbeta {
        Fbeta { beta, zero_division: 0.0, labels: None }
    }

    /// What stands where there is nothing to divide by: 0, 1, or NaN, which averages leave out.
    pub fn zero_division(mut self, value: f64) -> Self {
        self.zero_division = value;
        self
    }

    /// Only these classes, in this order.
    pub fn labels(mut self, classes: &[i64]) -> Self {
        self.labels = Some(classes.to_vec());
        self
    }

    fn counts(&self, c: &Confusion, classes: &[i64]) -> Vec<Counts> {
        let (hits, predicted, truth) = (c.hits(), c.predicted_sums(), c.true_sums());
        let of = |class: &i64| match c.classes.binary_search(class) {
            Ok(i) => (hits[i], predicted[i], truth[i]),
            Err(_) => (0.0, 0.0, 0.0),
        };
        classes.iter().map(of).collect()
    }

    fn score(&self, (hit, predicted, truth): Counts) -> ClassScore {
        let share = |a: f64, b: f64| if b == 0.0 { self.zero_division } else { a / b };
        let (precision, recall) = (share(hit, predicted), share(hit, truth));
        let square = self.beta * self.beta;
        let f = match self.beta {
            0.0 => precision,
            b if b.is_infinite() => recall,
            _ => share((1.0 + square) * hit, square * truth + predicted),
        };
        ClassScore { precision, recall, f, jaccard: share(hit, predicted + truth - hit), support: truth }
    }

    /// The classes that are judged.
    pub(super) fn classes<'a>(&'a self, c: &'a Confusion) -> &'a [i64] {
        self.labels.as_deref().unwrap_or(&c.classes)
    }

    /// The scores of each class.
    pub fn of(&self, c: &Confusion) -> Vec<ClassScore> {
        self.counts(c, self.classes(c)).into_iter().map(|n| self.score(n)).collect()
    }

    /// The scores of all classes as one.
    pub fn average(&self, c: &Confusion, averaging: Averaging) -> ClassScore {
        let by_truth = match averaging {
            Averaging::Binary(class) => return self.score(self.counts(c, &[class])[0]),
            Averaging::Micro => {
                let all = self.counts(c, self.classes(c)).into_iter();
                return self.score(all.fold((0.0, 0.0, 0.0), |s, n| (s.0 + n.0, s.1 + n.1, s.2 + n.2)));
            }
            Averaging::Macro => false,
            Averaging::Weighted => true,
        };
        let scores = self.of(c);
        let mean = |f: fn(&ClassScore) -> f64| mean(&scores, f, by_truth);
        ClassScore {
            precision: mean(|s| s.precision),
            recall: mean(|s| s.recall),
            f: mean(|s| s.f),
            jaccard: mean(|s| s.jaccard),
            support: scores.iter().map(|s| s.support).sum(),
        }
    }
}

/// The mean of what is known, by support if there is any.
fn mean(scores: &[ClassScore], f: fn(&ClassScore) -> f64, by_truth: bool) -> f64 {
    let known = || scores.iter().filter(|s| !f(s).is_nan());
    let support: f64 = known().map(|s| s.support).sum();
    if by_truth && support != 0.0 {
        return known().map(|s| s.support * f(s)).sum::<f64>() / support;
    }
    known().map(f).sum::<f64>() / known().count() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_to_divide_by_is_what_was_said() {
        let c = Confusion::new(&[0, 0], &[1, 1], None).unwrap();
        assert_eq!(Fbeta::default().average(&c, Averaging::Macro).f, 0.0);
        assert_eq!(Fbeta::default().zero_division(1.0).of(&c)[0].precision, 1.0);
        let left_out = Fbeta::default().zero_division(f64::NAN).average(&c, Averaging::Macro);
        assert_eq!((left_out.precision, left_out.recall), (0.0, 0.0));
    }

    #[test]
    fn the_ends_of_beta_are_precision_and_recall() {
        let c = Confusion::new(&[0, 1, 1, 1], &[1, 1, 0, 1], None).unwrap();
        let of = |beta: f64| Fbeta::new(beta).average(&c, Averaging::Binary(1));
        assert_eq!(of(0.0).f, of(1.0).precision);
        assert_eq!(of(f64::INFINITY).f, of(1.0).recall);
        assert_eq!(of(1.0).jaccard, 0.5);
    }
}
