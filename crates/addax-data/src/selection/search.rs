//! Searches over parameters.

use super::cross::Judged;
use super::{CrossValidated, Estimator, ParamGrid, Params, Space, Validation, fit_seed};
use crate::scores::Scorer;
use addax_core::{Error, Result, Value};

/// A combination of parameters and what it was worth.
#[derive(Clone, Debug, PartialEq)]
pub struct Candidate {
    /// The parameters.
    pub params: Params,
    /// Its scores.
    pub scores: CrossValidated,
    /// Its place by the first score, 1 for the best; equal ones share the better place.
    pub rank: usize,
    /// The round in which it was tried: 0 where there is one only.
    pub round: usize,
    /// Rows, or whatever is given out, that it had; 0 where nothing is.
    pub resources: usize,
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Found<E> {
    /// All that was tried, in order.
    pub candidates: Vec<Candidate>,
    /// The best of them.
    pub best: usize,
    /// An estimator with the best parameters, fitted on all rows.
    pub estimator: E,
}

impl<E> Found<E> {
    /// The best parameters.
    pub fn best_params(&self) -> &Params {
        &self.candidates[self.best].params
    }

    /// Their mean score.
    pub fn best_score(&self) -> f64 {
        self.candidates[self.best].scores.mean()
    }

    /// As a table: parameters, mean and deviation of the first score, mean time of a fit; the best first.
    pub fn table(&self) -> String {
        let mut order: Vec<&Candidate> = self.candidates.iter().collect();
        order.sort_by_key(|c| (c.rank, std::cmp::Reverse(c.round)));
        let texts: Vec<String> = order.iter().map(|c| c.params.to_string()).collect();
        let width = texts.iter().map(|t| t.chars().count()).max().unwrap_or(0).max(10);
        let name = order.first().and_then(|c| c.scores.scoring.first().copied()).unwrap_or("score");
        let mut text =
            format!("{:>4}  {:width$}  {name} (mean ± std)  time of a fit\n", "rank", "parameters");
        for (c, params) in order.iter().zip(texts) {
            let seconds: f64 =
                c.scores.fit_seconds.iter().sum::<f64>() / c.scores.fit_seconds.len().max(1) as f64;
            let (mean, spread) = (c.scores.mean(), c.scores.deviation());
            text += &format!(
                "{:>4}  {params:width$}  {mean:.4} ± {spread:.4}  {:.0} ms\n",
                c.rank,
                seconds * 1e3
            );
        }
        text
    }
}

/// The places of numbers, the highest first; NaN last. Equal ones share the better place.
fn ranks(scores: &[f64]) -> Vec<usize> {
    let above = |a: f64, b: f64| a > b || (b.is_nan() && !a.is_nan());
    scores.iter().map(|s| 1 + scores.iter().filter(|o| above(**o, *s)).count()).collect()
}

/// All candidates of a search with their ranks.
pub(super) fn candidates(
    scorers: &[&'static Scorer],
    tried: Vec<(Params, Vec<Judged>, usize, usize)>,
) -> Vec<Candidate> {
    let of = |(params, judged, round, resources): (Params, Vec<Judged>, usize, usize)| Candidate {
        params,
        scores: CrossValidated::of(scorers, &judged),
        rank: 0,
        round,
        resources,
    };
    let mut all: Vec<Candidate> = tried.into_iter().map(of).collect();
    let means: Vec<f64> = all.iter().map(|c| c.scores.mean()).collect();
    all.iter_mut().zip(ranks(&means)).for_each(|(c, rank)| c.rank = rank);
    all
}

/// Fits the best candidate on all rows; its seed follows those of the fits.
pub(super) fn finish<E: Estimator>(
    candidates: Vec<Candidate>,
    best: usize,
    seed: u64,
    x: &Value,
    y: &Value,
    make: &impl Fn(&Params, u64) -> Result<E>,
) -> Result<Found<E>> {
    let fits: usize = candidates.iter().map(|c| c.scores.fit_seconds.len()).sum();
    let mut estimator = make(&candidates[best].params, fit_seed(seed, fits))?;
    estimator.fit(x, y)?;
    Ok(Found { candidates, best, estimator })
}

/// The first candidate, an error if there is none.
pub(super) fn first(candidates: &[Params]) -> Result<&Params> {
    candidates.first().ok_or_else(|| Error::value("search").expected("at least one candidate").got("none"))
}

fn exhaust<E: Estimator>(
    params: &[Params],
    x: &Value,
    y: &Value,
    validation: &Validation,
    make: impl Fn(&Params, u64) -> Result<E> + Sync,
) -> Result<Found<E>> {
    let classifier = make(first(params)?, fit_seed(validation.seed, 0))?.is_classifier();
    let (scorers, sides) = (validation.scorers(classifier)?, validation.sides(x, y, classifier)?);
    let judged = validation.judge((x, y), &sides, params, 0, &scorers, &make)?;
    let tried = params.iter().cloned().zip(judged).map(|(p, j)| (p, j, 0, 0)).collect();
    let candidates = candidates(&scorers, tried);
    let best = candidates.iter().position(|c| c.rank == 1).unwrap_or(0);
    finish(candidates, best, validation.seed, x, y, &make)
}

/// Tries every combination of a grid.
#[derive(Clone, Debug)]
pub struct GridSearchCV(ParamGrid);

impl GridSearchCV {
    /// Over a grid.
    pub fn new(grid: ParamGrid) -> GridSearchCV {
        GridSearchCV(grid)
    }

    /// Judges every combination, then fits the best on all rows. `make` makes an estimator of parameters and a seed.
    /// Errors: no combination, rows that cannot be split, and whatever made every fit fail.
    pub fn fit<E: Estimator>(
        &self,
        x: &Value,
        y: &Value,
        validation: &Validation,
        make: impl Fn(&Params, u64) -> Result<E> + Sync,
    ) -> Result<Found<E>> {
        exhaust(&self.0.combinations(), x, y, validation, make)
    }
}

/// Tries so many combinations that are drawn.
#[derive(Clone, Debug)]
pub struct RandomizedSearchCV {
    space: Space,
    n_iter: usize,
    random_state: u32,
}

impl RandomizedSearchCV {
    /// Over distributions, ten draws unless told otherwise.
    pub fn new(space: Space) -> RandomizedSearchCV {
        RandomizedSearchCV { space, n_iter: 10, random_state: 0 }
    }

    /// How many are drawn.
    pub fn n_iter(mut self, count: usize) -> Self {
        self.n_iter = count;
        self
    }

    /// The seed of the draws.
    pub fn random_state(mut self, seed: u32) -> Self {
        self.random_state = seed;
        self
    }

    /// As [`GridSearchCV::fit`].
    pub fn fit<E: Estimator>(
        &self,
        x: &Value,
        y: &Value,
        validation: &Validation,
        make: impl Fn(&Params, u64) -> Result<E> + Sync,
    ) -> Result<Found<E>> {
        exhaust(&self.space.sample(self.n_iter, self.random_state)?, x, y, validation, make)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_scores_share_a_place_and_nan_is_last() {
        assert_eq!(ranks(&[0.5, f64::NAN, 0.9, 0.5]), [2, 4, 1, 2]);
    }
}
