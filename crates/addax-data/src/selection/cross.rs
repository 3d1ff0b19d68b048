//! Cross-validation: fitted on some rows, judged on others, several times.

use super::{Estimator, KFold, Params, Rows, Sides, Splitter, StratifiedKFold, runs};
use crate::scores::{Response, Scorer};
use addax_core::rng::Rng;
use addax_core::{Error, Result, Value};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

/// What has been fitted so far.
#[derive(Clone, Copy, Debug)]
pub struct Progress<'a> {
    /// Fits that are done.
    pub done: usize,
    /// All fits of this round.
    pub total: usize,
    /// What the last one was made with.
    pub params: &'a Params,
    /// On which split.
    pub split: usize,
    /// Its first test score; NaN if it failed.
    pub score: f64,
    /// How long fit and scores took.
    pub seconds: f64,
}

type Listener<'a> = Box<dyn Fn(&Progress) + Sync + 'a>;

/// How estimators are judged: on five folds (by class for a classifier), by accuracy or R², on as many threads as there
/// are processors, unless told otherwise.
///
/// The results do not depend on the threads: every fit has a seed of its own, [`fit_seed`] of its number.
#[derive(Default)]
pub struct Validation<'a> {
    folds: Option<usize>,
    splitter: Option<Box<dyn Splitter + 'a>>,
    scoring: Vec<&'static Scorer>,
    groups: Option<&'a [i64]>,
    threads: Option<usize>,
    pub(super) seed: u64,
    train_scores: bool,
    listener: Option<Listener<'a>>,
}

/// The seed of a fit: its candidate's number times the number of splits, plus the split's.
pub fn fit_seed(seed: u64, fit: usize) -> u64 {
    Rng::new(seed, fit as u64).bits64()
}

/// What a fit was worth.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Judged {
    /// By scorer; NaN where fit or score failed.
    pub test: Vec<f64>,
    /// By scorer, if asked for.
    pub train: Vec<f64>,
    pub fit_seconds: f64,
    pub score_seconds: f64,
    pub failure: Option<Error>,
}

/// The scores of one way to make an estimator.
#[derive(Clone, Debug, PartialEq)]
pub struct CrossValidated {
    /// The names of the scores.
    pub scoring: Vec<&'static str>,
    /// By score, then by split.
    pub test: Vec<Vec<f64>>,
    /// The same on the rows that were trained on, if asked for.
    pub train: Vec<Vec<f64>>,
    /// How long each fit took.
    pub fit_seconds: Vec<f64>,
    /// How long each split's scores took.
    pub score_seconds: Vec<f64>,
    /// Why the first fit failed that did.
    pub failure: Option<Error>,
}

impl CrossValidated {
    pub(super) fn of(scoring: &[&'static Scorer], judged: &[Judged]) -> CrossValidated {
        let by = |f: fn(&Judged) -> &Vec<f64>| {
            let width = judged.first().map_or(0, |j| f(j).len());
            (0..width).map(|s| judged.iter().map(|j| f(j)[s]).collect()).collect()
        };
        CrossValidated {
            scoring: scoring.iter().map(|s| s.name).collect(),
            test: by(|j| &j.test),
            train: by(|j| &j.train),
            fit_seconds: judged.iter().map(|j| j.fit_seconds).collect(),
            score_seconds: judged.iter().map(|j| j.score_seconds).collect(),
            failure: judged.iter().find_map(|j| j.failure.clone()),
        }
    }

    /// The mean of the first score over the splits.
    pub fn mean(&self) -> f64 {
        self.test.first().map_or(f64::NAN, |s| s.iter().sum::<f64>() / s.len() as f64)
    }

    /// Its deviation.
    pub fn deviation(&self) -> f64 {
        let mean = self.mean();
        let square = |s: &Vec<f64>| s.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / s.len() as f64;
        self.test.first().map_or(f64::NAN, |s| square(s).sqrt())
    }
}

impl<'a> Validation<'a> {
    /// As said above.
    pub fn new() -> Validation<'a> {
        Validation::default()
    }

    /// So many folds.
    pub fn folds(mut self, count: usize) -> Self {
        self.folds = Some(count);
        self
    }

    /// Another way to split.
    pub fn splitter(mut self, splitter: impl Splitter + 'a) -> Self {
        self.splitter = Some(Box::new(splitter));
        self
    }

    /// Scores by scikit-learn's names; the first decides. Errors: an unknown name.
    pub fn scoring(mut self, names: &[&str]) -> Result<Self> {
        self.scoring = names.iter().map(|n| Scorer::named(n)).collect::<Result<_>>()?;
        Ok(self)
    }

    /// The group of each row.
    pub fn groups(mut self, groups: &'a [i64]) -> Self {
        self.groups = Some(groups);
        self
    }

    /// How many fits run at the same time.
    pub fn threads(mut self, threads: usize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// What the seeds of the fits are derived from.
    pub fn seed(mut self, seed: u64) -> Self {
        self.seed = seed;
        self
    }

    /// Whether the rows that were trained on are scored too.
    pub fn train_scores(mut self, wanted: bool) -> Self {
        self.train_scores = wanted;
        self
    }

    /// Hears of every fit that ends, on the thread that did it.
    pub fn on_progress(mut self, listener: impl Fn(&Progress) + Sync + 'a) -> Self {
        self.listener = Some(Box::new(listener));
        self
    }

    /// The scores that are taken.
    pub(super) fn scorers(&self, classifier: bool) -> Result<Vec<&'static Scorer>> {
        if self.scoring.is_empty() {
            return Ok(vec![Scorer::named(if classifier { "accuracy" } else { "r2" })?]);
        }
        Ok(self.scoring.clone())
    }

    /// The splits of the rows.
    pub(super) fn sides(&self, x: &Value, y: &Value, classifier: bool) -> Result<Vec<Sides>> {
        if x.rows() != y.rows() {
            return Err(Error::value("rows").expected("as many targets as rows").got(format_args!(
                "{} and {}",
                y.rows(),
                x.rows()
            )));
        }
        let rows = Rows { count: x.rows(), y: Some(y), groups: self.groups };
        let count = self.folds.unwrap_or(5);
        match &self.splitter {
            Some(splitter) => splitter.splits(&rows),
            None if classifier => StratifiedKFold::new(count).splits(&rows),
            None => KFold::new(count).splits(&rows),
        }
    }

    pub(super) fn workers(&self) -> usize {
        self.threads.unwrap_or_else(|| std::thread::available_parallelism().map_or(1, usize::from))
    }

    /// Fits and judges every candidate on every split; by candidate, then by split. Errors: all of them failed.
    pub(super) fn judge<E: Estimator>(
        &self,
        data: (&Value, &Value),
        sides: &[Sides],
        candidates: &[Params],
        first: usize,
        scorers: &[&'static Scorer],
        make: &(impl Fn(&Params, u64) -> Result<E> + Sync),
    ) -> Result<Vec<Vec<Judged>>> {
        let (k, total) = (sides.len(), sides.len() * candidates.len());
        let done = AtomicUsize::new(0);
        let work = |i: usize| {
            let seed = fit_seed(self.seed, first * k + i);
            judge(|| make(&candidates[i / k], seed), data, &sides[i % k], scorers, self.train_scores)
        };
        let tell = |i: usize, j: &Judged| {
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            let score = j.test.first().copied().unwrap_or(f64::NAN);
            let seconds = j.fit_seconds + j.score_seconds;
            if let Some(listener) = &self.listener {
                listener(&Progress { done, total, params: &candidates[i / k], split: i % k, score, seconds });
            }
        };
        let judged = runs::each(total, self.workers(), work, tell);
        if let (true, Some(Judged { failure: Some(e), .. })) =
            (judged.iter().all(|j| j.failure.is_some()), judged.first())
        {
            return Err(e.clone());
        }
        Ok(judged.chunks(k.max(1)).map(<[Judged]>::to_vec).collect())
    }

    /// Cross-validates what `make` makes of a seed.
    ///
    /// Errors: no candidates to split, and whatever made every fit fail; a fit that fails alone scores NaN.
    pub fn cross_validate<E: Estimator>(
        &self,
        x: &Value,
        y: &Value,
        make: impl Fn(u64) -> Result<E> + Sync,
    ) -> Result<CrossValidated> {
        let classifier = make(fit_seed(self.seed, 0))?.is_classifier();
        let (scorers, sides) = (self.scorers(classifier)?, self.sides(x, y, classifier)?);
        let make = |_: &Params, seed| make(seed);
        let judged = self.judge((x, y), &sides, &[Params::new()], 0, &scorers, &make)?;
        Ok(CrossValidated::of(&scorers, &judged[0]))
    }

    /// What is said of each row by the estimator that was not fitted on it: `predict`, or `predict_proba`. Errors: as for
    /// [`Validation::cross_validate`], any fit that fails, and splits that do not test every row once.
    pub fn cross_val_predict<E: Estimator>(
        &self,
        x: &Value,
        y: &Value,
        response: Response,
        make: impl Fn(u64) -> Result<E> + Sync,
    ) -> Result<Value> {
        let classifier = make(fit_seed(self.seed, 0))?.is_classifier();
        let sides = self.sides(x, y, classifier)?;
        let mut order: Vec<usize> = sides.iter().flat_map(|s| s.1.iter().copied()).collect();
        let place: Vec<usize> = (0..order.len()).collect();
        let mut from = vec![usize::MAX; x.rows()];
        place.iter().for_each(|p| from[order[*p]] = *p);
        order.sort_unstable();
        if order != (0..x.rows()).collect::<Vec<_>>() {
            return Err(Error::value("cross_val_predict").expected("splits that test every row once"));
        }
        let work = |i: usize| {
            let mut e = make(fit_seed(self.seed, i))?;
            e.fit(&x.take_rows(&sides[i].0)?, &y.take_rows(&sides[i].0)?)?;
            let test = x.take_rows(&sides[i].1)?;
            if response == Response::Predict { e.predict(&test) } else { e.predict_proba(&test) }
        };
        let said = runs::each(sides.len(), self.workers(), work, |_, _| ());
        let said = said.into_iter().collect::<Result<Vec<Value>>>()?;
        let shape = said.first().map(|v| v.shape().to_vec()).unwrap_or_default();
        let all: Vec<f64> = said.iter().flat_map(Value::to_f64).collect();
        let stacked = Value::new([&[x.rows()], shape.get(1..).unwrap_or_default()].concat(), all)?;
        let dtype = said.first().map_or(stacked.dtype(), Value::dtype);
        Ok(stacked.take_rows(&from)?.cast(dtype))
    }
}

/// Makes, fits and judges one estimator; what fails scores NaN.
pub(super) fn judge<E: Estimator>(
    make: impl FnOnce() -> Result<E>,
    (x, y): (&Value, &Value),
    (train, test): &Sides,
    scorers: &[&'static Scorer],
    train_scores: bool,
) -> Judged {
    let begun = Instant::now();
    let fitted = (|| {
        let (x, y) = (x.take_rows(train)?, y.take_rows(train)?);
        let mut estimator = make()?;
        estimator.fit(&x, &y)?;
        Ok((estimator, x, y))
    })();
    let (fit_seconds, begun) = (begun.elapsed().as_secs_f64(), Instant::now());
    let scored = fitted.and_then(|(mut estimator, x_train, y_train)| {
        let test = score(&mut estimator, &x.take_rows(test)?, &y.take_rows(test)?, scorers)?;
        let train =
            if train_scores { score(&mut estimator, &x_train, &y_train, scorers)? } else { Vec::new() };
        Ok((test, train))
    });
    let nothing = vec![f64::NAN; scorers.len()];
    let ((test, train), failure) = match scored {
        Ok(scores) => (scores, None),
        Err(e) => ((nothing.clone(), if train_scores { nothing } else { Vec::new() }), Some(e)),
    };
    Judged { test, train, fit_seconds, score_seconds: begun.elapsed().as_secs_f64(), failure }
}

/// The scores of what an estimator says; asked once for each kind of answer.
fn score(
    estimator: &mut impl Estimator,
    x: &Value,
    y: &Value,
    scorers: &[&'static Scorer],
) -> Result<Vec<f64>> {
    let (mut predicted, mut probable) = (None, None);
    let mut scores = Vec::new();
    for scorer in scorers {
        let said = match scorer.response {
            Response::Predict => &mut predicted,
            Response::Probabilities => &mut probable,
        };
        if said.is_none() {
            *said = Some(match scorer.response {
                Response::Predict => estimator.predict(x)?,
                Response::Probabilities => estimator.predict_proba(x)?,
            });
        }
        if let Some(said) = said {
            scores.push(scorer.score(y, said, estimator.classes(), None)?);
        }
    }
    Ok(scores)
}
