//! Scores over the number of rows, or over a parameter's values.

use super::{Estimator, Param, Params, Sides, Validation, runs};
use crate::scores::Scorer;
use addax_core::{Error, Result, Value};

/// Scores over the number of rows that were trained on.
#[derive(Clone, Debug, PartialEq)]
pub struct LearningCurve {
    /// The numbers of rows.
    pub sizes: Vec<usize>,
    /// By size, then by split.
    pub train: Vec<Vec<f64>>,
    /// By size, then by split.
    pub test: Vec<Vec<f64>>,
}

/// Scores over the values of a parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidationCurve {
    /// The values.
    pub values: Vec<Param>,
    /// By value, then by split.
    pub train: Vec<Vec<f64>>,
    /// By value, then by split.
    pub test: Vec<Vec<f64>>,
}

impl Validation<'_> {
    /// Judges what is trained on the first so many rows of each split; `sizes` are shares of the rows to train on.
    /// Errors: shares outside 0 to 1, and as for [`Validation::cross_validate`].
    pub fn learning_curve<E: Estimator>(
        &self,
        x: &Value,
        y: &Value,
        sizes: &[f64],
        make: impl Fn(u64) -> Result<E> + Sync,
    ) -> Result<LearningCurve> {
        let classifier = make(super::fit_seed(self.seed, 0))?.is_classifier();
        let sides = self.sides(x, y, classifier)?;
        let scorers = self.scorers(classifier)?;
        let most = sides.first().map_or(0, |s| s.0.len());
        if sizes.is_empty() || sizes.iter().any(|s| !(*s > 0.0 && *s <= 1.0)) {
            return Err(Error::value("train_sizes")
                .expected("shares above 0, at most 1")
                .got(format!("{sizes:?}")));
        }
        let mut sizes: Vec<usize> =
            sizes.iter().map(|s| ((s * most as f64) as usize).clamp(1, most)).collect();
        sizes.sort_unstable();
        sizes.dedup();
        let cut =
            |(train, test): &Sides, size: usize| (train[..size.min(train.len())].to_vec(), test.clone());
        let tasks: Vec<Sides> = sizes.iter().flat_map(|size| sides.iter().map(|s| cut(s, *size))).collect();
        let make = |_: &Params, seed| make(seed);
        let (train, test) =
            self.both(x, y, &tasks, sides.len(), &vec![Params::new(); sizes.len()], &scorers, &make)?;
        Ok(LearningCurve { sizes, train, test })
    }

    /// Judges each value of a parameter. Errors as for [`Validation::cross_validate`].
    pub fn validation_curve<E: Estimator, P: Into<Param>>(
        &self,
        x: &Value,
        y: &Value,
        name: &str,
        values: impl IntoIterator<Item = P>,
        make: impl Fn(&Params, u64) -> Result<E> + Sync,
    ) -> Result<ValidationCurve> {
        let values: Vec<Param> = values.into_iter().map(Into::into).collect();
        let candidates: Vec<Params> = values.iter().map(|v| Params::new().with(name, v.clone())).collect();
        let first = candidates
            .first()
            .ok_or_else(|| Error::value(name).expected("at least one value").got("none"))?;
        let classifier = make(first, super::fit_seed(self.seed, 0))?.is_classifier();
        let sides = self.sides(x, y, classifier)?;
        let scorers = self.scorers(classifier)?;
        let tasks: Vec<Sides> = candidates.iter().flat_map(|_| sides.iter().cloned()).collect();
        let (train, test) = self.both(x, y, &tasks, sides.len(), &candidates, &scorers, &make)?;
        Ok(ValidationCurve { values, train, test })
    }

    /// The first score on the training rows and on the test rows, by point of the curve.
    #[allow(clippy::too_many_arguments, clippy::type_complexity)]
    fn both<E: Estimator>(
        &self,
        x: &Value,
        y: &Value,
        tasks: &[Sides],
        splits: usize,
        candidates: &[Params],
        scorers: &[&'static Scorer],
        make: &(impl Fn(&Params, u64) -> Result<E> + Sync),
    ) -> Result<(Vec<Vec<f64>>, Vec<Vec<f64>>)> {
        let work = |i: usize| {
            let seed = super::fit_seed(self.seed, i);
            super::cross::judge(
                || make(&candidates[i / splits], seed),
                (x, y),
                &tasks[i],
                &scorers[..1],
                true,
            )
        };
        let judged = runs::each(tasks.len(), self.workers(), work, |_, _| ());
        if let (true, Some(e)) =
            (judged.iter().all(|j| j.failure.is_some()), judged.iter().find_map(|j| j.failure.clone()))
        {
            return Err(e);
        }
        let points = |f: fn(&super::cross::Judged) -> f64| {
            judged.chunks(splits.max(1)).map(|c| c.iter().map(f).collect()).collect()
        };
        Ok((points(|j| j.train[0]), points(|j| j.test[0])))
    }
}
