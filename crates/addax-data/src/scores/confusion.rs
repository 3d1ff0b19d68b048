//! The confusion matrix, and the scores that it alone tells.

use super::{same_length, weights};
use addax_core::Result;

/// How much of each true class was called what.
#[derive(Clone, Debug, PartialEq)]
pub struct Confusion {
    /// The classes that were there or predicted, in increasing order.
    pub classes: Vec<i64>,
    /// Rows true, columns predicted: the weight of the samples.
    pub counts: Vec<Vec<f64>>,
    /// Whether every sample counted 1.
    pub(super) plain: bool,
}

/// What a normalized matrix's shares are of.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Normalize {
    /// Each row adds up to 1.
    Truth,
    /// Each column adds up to 1.
    Predicted,
    /// All adds up to 1.
    All,
}

/// How far apart two classes are for Cohen's kappa.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Disagreement {
    /// Every disagreement counts the same.
    Equal,
    /// By the distance in the order of the classes.
    Linear,
    /// By its square.
    Quadratic,
}

impl Confusion {
    /// Counts. Errors: other lengths, no row, weights that are not one number per row.
    ///
    /// ```
    /// use addax_data::scores::Confusion;
    /// let c = Confusion::new(&[0, 1, 1, 1], &[0, 1, 0, 1], None)?;
    /// assert_eq!((c.counts, c.classes), (vec![vec![1.0, 0.0], vec![1.0, 2.0]], vec![0, 1]));
    /// # Ok::<(), addax_core::Error>(())
    /// ```
    pub fn new(truth: &[i64], predicted: &[i64], sample_weight: Option<&[f64]>) -> Result<Confusion> {
        same_length(truth.len(), predicted.len())?;
        let weight = weights(truth.len(), sample_weight)?;
        let mut classes: Vec<i64> = truth.iter().chain(predicted).copied().collect();
        classes.sort_unstable();
        classes.dedup();
        let place = |c: &i64| classes.binary_search(c).unwrap_or(0);
        let mut counts = vec![vec![0.0; classes.len()]; classes.len()];
        let rows = truth.iter().zip(predicted).zip(weight);
        rows.for_each(|((t, p), w)| counts[place(t)][place(p)] += w);
        Ok(Confusion { classes, counts, plain: sample_weight.is_none() })
    }

    /// The same for chosen classes in a chosen order; samples of other classes are left out.
    pub fn of_classes(&self, classes: &[i64]) -> Confusion {
        let place: Vec<Option<usize>> = classes.iter().map(|c| self.classes.binary_search(c).ok()).collect();
        let at = |r: &Option<usize>, c: &Option<usize>| r.zip(*c).map_or(0.0, |(r, c)| self.counts[r][c]);
        let counts = place.iter().map(|r| place.iter().map(|c| at(r, c)).collect()).collect();
        Confusion { classes: classes.to_vec(), counts, plain: self.plain }
    }

    /// As shares; 0 where there is nothing to share.
    pub fn normalized(&self, how: Normalize) -> Vec<Vec<f64>> {
        let (rows, columns, all) = (self.true_sums(), self.predicted_sums(), self.total());
        let of = |r: usize, c: usize| match how {
            Normalize::Truth => rows[r],
            Normalize::Predicted => columns[c],
            Normalize::All => all,
        };
        let share = |r: usize, c: usize, v: f64| if of(r, c) == 0.0 { 0.0 } else { v / of(r, c) };
        let row =
            |(r, row): (usize, &Vec<f64>)| row.iter().enumerate().map(|(c, v)| share(r, c, *v)).collect();
        self.counts.iter().enumerate().map(row).collect()
    }

    /// What each class weighs in the truth.
    pub fn true_sums(&self) -> Vec<f64> {
        self.counts.iter().map(|row| row.iter().sum()).collect()
    }

    /// What each class weighs in the predictions.
    pub fn predicted_sums(&self) -> Vec<f64> {
        (0..self.classes.len()).map(|c| self.counts.iter().map(|row| row[c]).sum()).collect()
    }

    /// What of each class was predicted rightly.
    pub fn hits(&self) -> Vec<f64> {
        (0..self.classes.len()).map(|c| self.counts[c][c]).collect()
    }

    fn total(&self) -> f64 {
        self.true_sums().iter().sum()
    }

    /// The share that is right.
    pub fn accuracy(&self) -> f64 {
        self.hits().iter().sum::<f64>() / self.total()
    }

    /// The mean recall of the classes that are there; `adjusted` so that chance is 0.
    pub fn balanced_accuracy(&self, adjusted: bool) -> f64 {
        let recalls: Vec<f64> =
            self.hits().iter().zip(self.true_sums()).map(|(h, t)| h / t).filter(|r| !r.is_nan()).collect();
        let mean = recalls.iter().sum::<f64>() / recalls.len() as f64;
        let chance = 1.0 / recalls.len() as f64;
        if adjusted { (mean - chance) / (1.0 - chance) } else { mean }
    }

    /// Matthews's correlation of truth and prediction (Gorodkin's for more than two classes); 0 where one of them does
    /// not vary.
    pub fn matthews(&self) -> f64 {
        let (truth, predicted, n) = (self.true_sums(), self.predicted_sums(), self.total());
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let both = self.hits().iter().sum::<f64>() * n - dot(&truth, &predicted);
        let spread = (n * n - dot(&predicted, &predicted)) * (n * n - dot(&truth, &truth));
        if spread == 0.0 { 0.0 } else { both / spread.sqrt() }
    }

    /// Cohen's kappa: agreement beyond chance; NaN where there is one class only.
    pub fn cohen_kappa(&self, weight: Disagreement) -> f64 {
        let (truth, predicted, n) = (self.true_sums(), self.predicted_sums(), self.total());
        let (mut observed, mut expected) = (0.0, 0.0);
        for (r, row) in self.counts.iter().enumerate() {
            for (c, count) in row.iter().enumerate() {
                let distance = r.abs_diff(c) as f64;
                let w = match weight {
                    Disagreement::Equal => f64::from(u8::from(r != c)),
                    Disagreement::Linear => distance,
                    Disagreement::Quadratic => distance * distance,
                };
                observed += w * count;
                expected += w * truth[r] * predicted[c] / n;
            }
        }
        if expected == 0.0 { f64::NAN } else { 1.0 - observed / expected }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrices_have_the_truth_in_rows() {
        let c = Confusion::new(&[0, 2, 2], &[2, 2, 0], None).unwrap();
        assert_eq!((c.classes.clone(), c.counts.clone()), (vec![0, 2], vec![vec![0.0, 1.0], vec![1.0, 1.0]]));
        assert_eq!(c.of_classes(&[2, 5]).counts, [[1.0, 0.0], [0.0, 0.0]]);
        assert_eq!(c.normalized(Normalize::Truth), [[0.0, 1.0], [0.5, 0.5]]);
    }

    #[test]
    fn one_class_has_no_kappa() {
        let c = Confusion::new(&[1, 1], &[1, 1], None).unwrap();
        assert!(c.cohen_kappa(Disagreement::Equal).is_nan());
        assert_eq!(c.matthews(), 0.0);
    }

    #[test]
    fn says_what_it_wanted() {
        let e = Confusion::new(&[1, 1], &[1, 1], Some(&[1.0])).unwrap_err().to_string();
        assert_eq!(e, "sample_weight: expected a number for each of 2 rows, got 1 values");
        assert!(Confusion::new(&[], &[], None).is_err());
    }
}
