//! Successive halving: many candidates with few rows, then fewer with more (Jamieson and Talwalkar, 2016).

use super::search::{candidates, finish, first};
use super::{Estimator, Found, ParamGrid, Params, Sides, Space, Validation, fit_seed};
use crate::mt19937::RandomState;
use addax_core::{Error, Result, Value};

/// How candidates are dropped: each round keeps a third and gives them three times the rows, unless told otherwise.
#[derive(Clone, Debug)]
pub struct Halving {
    factor: f64,
    resource: Option<String>,
    min_resources: Option<usize>,
    max_resources: Option<usize>,
    aggressive: bool,
    random_state: u32,
}

/// One round: how many candidates had how much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Round {
    /// How many candidates.
    pub candidates: usize,
    /// What each of them had.
    pub resources: usize,
}

impl Default for Halving {
    fn default() -> Self {
        Halving {
            factor: 3.0,
            resource: None,
            min_resources: None,
            max_resources: None,
            aggressive: false,
            random_state: 0,
        }
    }
}

impl Halving {
    /// Rows are given out, a third of the candidates stays.
    pub fn new() -> Halving {
        Halving::default()
    }

    /// One in so many candidates stays, with so many times the resources.
    pub fn factor(mut self, factor: f64) -> Self {
        self.factor = factor;
        self
    }

    /// Gives out a parameter (`epochs`) instead of rows, up to so much.
    pub fn resource(mut self, parameter: &str, most: usize) -> Self {
        (self.resource, self.max_resources) = (Some(parameter.to_string()), Some(most));
        self
    }

    /// What each candidate has in the first round, where it is not as much as lets the last one have most.
    pub fn min_resources(mut self, least: usize) -> Self {
        self.min_resources = Some(least);
        self
    }

    /// The most that a candidate can have.
    pub fn max_resources(mut self, most: usize) -> Self {
        self.max_resources = Some(most);
        self
    }

    /// Whether the first round is repeated until few enough candidates are left for the resources.
    pub fn aggressive_elimination(mut self, wanted: bool) -> Self {
        self.aggressive = wanted;
        self
    }

    /// The seed by which rows are left out.
    pub fn random_state(mut self, seed: u32) -> Self {
        self.random_state = seed;
        self
    }

    /// The rounds for so many candidates, the least being `smallest` unless it was said; `stretch` raises it so that the
    /// last round has as much as there is.
    fn rounds(&self, count: usize, smallest: usize, most: usize, stretch: bool) -> Result<Vec<Round>> {
        let least = self.min_resources.unwrap_or(smallest);
        let error = |what: &str| Error::value(format!("halving > {what}"));
        if self.factor.is_nan() || self.factor <= 1.0 || self.factor.is_infinite() {
            return Err(error("factor").expected("above 1").got(self.factor));
        }
        if least == 0 || least > most {
            return Err(error("min_resources").expected(format_args!("1 to {most}")).got(least));
        }
        let log = |x: usize| 1 + ((x as f64).ln() / self.factor.ln() + 1e-12).floor() as usize;
        let needed = log(count);
        let least = if stretch && self.min_resources.is_none() {
            least.max((most as f64 / self.factor.powi(needed as i32 - 1)).floor() as usize)
        } else {
            least
        };
        let possible = log(most / least);
        let mut rounds = Vec::new();
        let mut candidates = count;
        for i in 0..if self.aggressive { needed } else { possible.min(needed) } {
            let power = if self.aggressive { (i + possible).saturating_sub(needed) } else { i };
            let resources = (self.factor.powi(power as i32) * least as f64) as usize;
            rounds.push(Round { candidates, resources: resources.min(most) });
            candidates = (candidates as f64 / self.factor).ceil() as usize;
        }
        Ok(rounds)
    }

    /// A share of the rows of each side, at random.
    fn fewer(&self, sides: &[Sides], share: f64) -> Vec<Sides> {
        let pick = |rows: &[usize]| {
            let order = RandomState::new(self.random_state).permutation(rows.len());
            order.iter().take((share * rows.len() as f64) as usize).map(|i| rows[*i]).collect()
        };
        sides.iter().map(|(train, test)| (pick(train), pick(test))).collect()
    }

    fn most(&self, rows: usize) -> usize {
        self.max_resources.unwrap_or(rows)
    }

    /// The least that makes sense: one, or rows enough for two of each class in each split.
    fn smallest(&self, y: &Value, splits: usize, classifier: bool) -> usize {
        if self.resource.is_some() {
            return 1;
        }
        let mut classes = y.to_f64();
        classes.sort_by(f64::total_cmp);
        classes.dedup();
        2 * splits * if classifier { classes.len() } else { 1 }
    }

    fn run<E: Estimator>(
        &self,
        mut params: Vec<Params>,
        stretch: bool,
        (x, y): (&Value, &Value),
        validation: &Validation,
        make: impl Fn(&Params, u64) -> Result<E> + Sync,
    ) -> Result<Found<E>> {
        let classifier = make(first(&params)?, fit_seed(validation.seed, 0))?.is_classifier();
        if let Some(name) = self.resource.as_ref().filter(|r| params.iter().any(|p| p.get(r).is_some())) {
            return Err(Error::value("resource").expected("a parameter that is not searched over").got(name));
        }
        let (scorers, all) = (validation.scorers(classifier)?, validation.sides(x, y, classifier)?);
        let smallest = self.smallest(y, all.len(), classifier);
        let rounds = self.rounds(params.len(), smallest, self.most(x.rows()), stretch)?;
        let mut tried = Vec::new();
        for (i, round) in rounds.iter().enumerate() {
            let sides = match &self.resource {
                None => self.fewer(&all, round.resources as f64 / x.rows() as f64),
                Some(name) => {
                    params = params.into_iter().map(|p| p.with(name, round.resources)).collect();
                    all.clone()
                }
            };
            let judged = validation.judge((x, y), &sides, &params, tried.len(), &scorers, &make)?;
            let now = params.iter().cloned().zip(judged).map(|(p, j)| (p, j, i, round.resources));
            let now: Vec<_> = now.collect();
            let kept = (params.len() as f64 / self.factor).ceil() as usize;
            let mean = |c: &(Params, Vec<super::cross::Judged>, usize, usize)| {
                c.1.iter().map(|j| j.test[0]).sum::<f64>() / c.1.len() as f64
            };
            // The worst first, a NaN before all.
            let mut order: Vec<usize> = (0..now.len()).collect();
            order.sort_by(|a, b| {
                let (a, b) = (mean(&now[*a]), mean(&now[*b]));
                b.is_nan().cmp(&a.is_nan()).then(a.total_cmp(&b))
            });
            params = order[order.len() - kept..].iter().map(|c| now[*c].0.clone()).collect();
            tried.extend(now);
        }
        let candidates = candidates(&scorers, tried);
        let last = candidates.last().map_or(0, |c| c.round);
        let in_last = candidates.iter().enumerate().filter(|(_, c)| c.round == last);
        let best = in_last.min_by_key(|(_, c)| c.rank).map_or(0, |(i, _)| i);
        finish(candidates, best, validation.seed, x, y, &make)
    }
}

/// Successive halving of a grid.
#[derive(Clone, Debug)]
pub struct HalvingGridSearchCV {
    grid: ParamGrid,
    halving: Halving,
}

impl HalvingGridSearchCV {
    /// Over a grid.
    pub fn new(grid: ParamGrid, halving: Halving) -> HalvingGridSearchCV {
        HalvingGridSearchCV { grid, halving }
    }

    /// As [`super::GridSearchCV::fit`]; the best is that of the last round.
    pub fn fit<E: Estimator>(
        &self,
        x: &Value,
        y: &Value,
        validation: &Validation,
        make: impl Fn(&Params, u64) -> Result<E> + Sync,
    ) -> Result<Found<E>> {
        self.halving.run(self.grid.combinations(), true, (x, y), validation, make)
    }
}

/// Successive halving of candidates that are drawn.
#[derive(Clone, Debug)]
pub struct HalvingRandomSearchCV {
    space: Space,
    halving: Halving,
    n_candidates: Option<usize>,
}

impl HalvingRandomSearchCV {
    /// Over distributions.
    pub fn new(space: Space, halving: Halving) -> HalvingRandomSearchCV {
        HalvingRandomSearchCV { space, halving, n_candidates: None }
    }

    /// How many are drawn, where it is not as many as the resources are enough for.
    pub fn n_candidates(mut self, count: usize) -> Self {
        self.n_candidates = Some(count);
        self
    }

    /// As [`super::GridSearchCV::fit`]; the best is that of the last round.
    pub fn fit<E: Estimator>(
        &self,
        x: &Value,
        y: &Value,
        validation: &Validation,
        make: impl Fn(&Params, u64) -> Result<E> + Sync,
    ) -> Result<Found<E>> {
        let seed = self.halving.random_state;
        let count = match self.n_candidates {
            Some(count) => count,
            None => {
                let drawn = self.space.sample(1, seed)?;
                let classifier = make(first(&drawn)?, fit_seed(validation.seed, 0))?.is_classifier();
                let splits = validation.sides(x, y, classifier)?.len();
                let least = self
                    .halving
                    .min_resources
                    .unwrap_or_else(|| self.halving.smallest(y, splits, classifier));
                self.halving.most(x.rows()) / least.max(1)
            }
        };
        self.halving.run(self.space.sample(count, seed)?, false, (x, y), validation, make)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rounds(h: &Halving, count: usize, most: usize, stretch: bool) -> Vec<(usize, usize)> {
        let rounds = h.rounds(count, 1, most, stretch).unwrap();
        rounds.into_iter().map(|r| (r.candidates, r.resources)).collect()
    }

    #[test]
    fn fewer_candidates_have_more() {
        let plain = Halving::new();
        assert_eq!(rounds(&plain, 9, 100, true), [(9, 11), (3, 33), (1, 99)]);
        assert_eq!(rounds(&plain, 9, 100, false), [(9, 1), (3, 3), (1, 9)]);
        let short = Halving::new().factor(2.0).min_resources(20);
        assert_eq!(rounds(&short, 6, 40, true), [(6, 20), (3, 40)]);
        assert_eq!(rounds(&short.aggressive_elimination(true), 6, 40, true), [(6, 20), (3, 20), (2, 40)]);
    }

    #[test]
    fn says_what_it_wanted() {
        let refusal = |h: Halving| h.rounds(9, 1, 10, true).unwrap_err().to_string();
        assert_eq!(refusal(Halving::new().factor(1.0)), "halving > factor: expected above 1, got 1");
        assert_eq!(
            refusal(Halving::new().min_resources(11)),
            "halving > min_resources: expected 1 to 10, got 11"
        );
    }
}
