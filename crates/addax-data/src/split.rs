//! Splitting rows into training and test sets, in scikit-learn's order for a given `random_state`.

use crate::mt19937::RandomState;
use addax_core::{Error, Result, Value};

/// How to split.
///
/// ```
/// use addax_data::Split;
/// let (train, test) = Split::new(0.2).random_state(0).indices(10).unwrap();
/// assert_eq!((test, train.len()), (vec![2, 8], 8));
/// ```
#[derive(Clone, Debug)]
pub struct Split {
    test_size: f64,
    random_state: u32,
    shuffle: bool,
}

impl Split {
    /// A share of the rows for testing, rounded up.
    pub fn new(test_size: f64) -> Split {
        Split { test_size, random_state: 0, shuffle: true }
    }

    /// The seed of the order.
    pub fn random_state(mut self, seed: u32) -> Self {
        self.random_state = seed;
        self
    }

    /// Whether rows are put into a random order first; else the last rows are the test set.
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    fn sizes(&self, n: usize) -> Result<(usize, usize)> {
        let test = (self.test_size * n as f64).ceil();
        if !(self.test_size > 0.0 && self.test_size < 1.0) || test as usize >= n {
            let e = Error::value("test_size").expected("a share that leaves rows on both sides");
            return Err(e.got(format_args!("{} of {n} rows", self.test_size)));
        }
        Ok((n - test as usize, test as usize))
    }

    /// The rows of the training set and of the test set.
    pub fn indices(&self, n: usize) -> Result<(Vec<usize>, Vec<usize>)> {
        let (train, test) = self.sizes(n)?;
        if !self.shuffle {
            return Ok(((0..train).collect(), (train..n).collect()));
        }
        let order = RandomState::new(self.random_state).permutation(n);
        Ok((order[test..test + train].to_vec(), order[..test].to_vec()))
    }

    /// As [`Split::indices`], each class in its share of both sets.
    pub fn stratified(&self, classes: &[i64]) -> Result<(Vec<usize>, Vec<usize>)> {
        let n = classes.len();
        let (train, test) = self.sizes(n)?;
        let mut names: Vec<i64> = classes.to_vec();
        names.sort_unstable();
        names.dedup();
        let members: Vec<Vec<usize>> =
            names.iter().map(|c| (0..n).filter(|i| classes[*i] == *c).collect()).collect();
        if let Some(i) = members.iter().position(|m| m.len() < 2) {
            return Err(Error::value("stratify")
                .expected("at least 2 rows of each class")
                .got(format_args!("1 of class {}", names[i])));
        }
        if train < names.len() || test < names.len() {
            return Err(Error::value("stratify")
                .expected(format_args!("room for {} classes on both sides", names.len()))
                .got(train.min(test)));
        }
        let mut rng = RandomState::new(self.random_state);
        let counts: Vec<usize> = members.iter().map(Vec::len).collect();
        let for_train = share(&counts, train, &mut rng);
        let left: Vec<usize> = counts.iter().zip(&for_train).map(|(c, t)| c - t).collect();
        let for_test = share(&left, test, &mut rng);
        let (mut a, mut b) = (Vec::new(), Vec::new());
        for (i, rows) in members.iter().enumerate() {
            let order = rng.permutation(rows.len());
            let picked: Vec<usize> = order.into_iter().map(|p| rows[p]).collect();
            a.extend_from_slice(&picked[..for_train[i]]);
            b.extend_from_slice(&picked[for_train[i]..for_train[i] + for_test[i]]);
        }
        let shuffled = |v: Vec<usize>, rng: &mut RandomState| {
            rng.permutation(v.len()).into_iter().map(|i| v[i]).collect()
        };
        let a = shuffled(a, &mut rng);
        Ok((a, shuffled(b, &mut rng)))
    }
}

/// `draws` divided in the proportion of `counts`: whole parts first, then the largest remainders, equal ones by lot.
fn share(counts: &[usize], draws: usize, rng: &mut RandomState) -> Vec<usize> {
    let total: usize = counts.iter().sum();
    let exact: Vec<f64> = counts.iter().map(|c| *c as f64 / total as f64 * draws as f64).collect();
    let mut given: Vec<usize> = exact.iter().map(|x| x.floor() as usize).collect();
    let mut missing = draws.saturating_sub(given.iter().sum());
    let rest: Vec<f64> = exact.iter().map(|x| x - x.floor()).collect();
    let mut values = rest.clone();
    values.sort_by(|a, b| b.total_cmp(a));
    values.dedup();
    for value in values {
        if missing == 0 {
            break;
        }
        let mut equal: Vec<usize> = (0..rest.len()).filter(|i| rest[*i] == value).collect();
        let now = missing.min(equal.len());
        let order = rng.permutation(equal.len());
        equal = order.into_iter().map(|i| equal[i]).collect();
        equal[..now].iter().for_each(|i| given[*i] += 1);
        missing -= now;
    }
    given
}

/// Splits arrays with the same rows: for each its training part and its test part.
///
/// ```
/// use addax_core::Value;
/// use addax_data::{Split, train_test_split};
/// let x = Value::from((0..10).collect::<Vec<i32>>());
/// let parts = train_test_split(&[&x], &Split::new(0.2)).unwrap();
/// assert_eq!((parts[0].0.rows(), parts[0].1.rows()), (8, 2));
/// ```
pub fn train_test_split(arrays: &[&Value], split: &Split) -> Result<Vec<(Value, Value)>> {
    let rows: Vec<usize> = arrays.iter().map(|v| v.rows()).collect();
    if rows.windows(2).any(|w| w[0] != w[1]) {
        return Err(Error::value("train_test_split")
            .expected("arrays with the same number of rows")
            .got(format_args!("{rows:?}")));
    }
    let (train, test) = split.indices(rows.first().copied().unwrap_or(0))?;
    arrays.iter().map(|v| Ok((v.take_rows(&train)?, v.take_rows(&test)?))).collect()
}
