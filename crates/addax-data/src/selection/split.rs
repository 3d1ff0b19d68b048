//! Splitting rows into training and test sets, in scikit-learn's order for a given `random_state`.

use crate::mt19937::RandomState;
use addax_core::{Error, Result, Value};
use std::fmt;

/// A part of the rows: a share (`0.2`) or a number of rows (`200`).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Part {
    /// A share of the rows.
    Share(f64),
    /// So many rows.
    Rows(usize),
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Part::Share(share) => write!(f, "{share}"),
            Part::Rows(rows) => write!(f, "{rows} rows"),
        }
    }
}

impl From<f64> for Part {
    fn from(share: f64) -> Part {
        Part::Share(share)
    }
}

impl From<usize> for Part {
    fn from(rows: usize) -> Part {
        Part::Rows(rows)
    }
}

/// How to split: a quarter for testing after a shuffle, unless told otherwise.
///
/// ```
/// use addax_data::Split;
/// let (train, test) = Split::new(0.2).random_state(0).indices(10)?;
/// assert_eq!((test, train.len()), (vec![2, 8], 8));
/// # Ok::<(), addax_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Split {
    test: Option<Part>,
    train: Option<Part>,
    random_state: u32,
    shuffle: bool,
    stratify: Option<Value>,
}

impl Default for Split {
    fn default() -> Self {
        Split { test: None, train: None, random_state: 0, shuffle: true, stratify: None }
    }
}

impl Split {
    /// The part for testing; a share is rounded up.
    pub fn new(test_size: impl Into<Part>) -> Split {
        Split { test: Some(test_size.into()), ..Split::default() }
    }

    /// The part for training, where it is not all that is left; a share is rounded down.
    pub fn train_size(mut self, part: impl Into<Part>) -> Self {
        self.train = Some(part.into());
        self
    }

    /// The seed of the order.
    pub fn random_state(mut self, seed: u32) -> Self {
        self.random_state = seed;
        self
    }

    /// Whether rows are put into a random order first; else the training set is followed by the test set.
    pub fn shuffle(mut self, shuffle: bool) -> Self {
        self.shuffle = shuffle;
        self
    }

    /// The class of each row: each class gets its share of both sets.
    pub fn stratify(mut self, classes: &Value) -> Self {
        self.stratify = Some(classes.clone());
        self
    }

    /// The rows of the training set and of the test set. Errors: a part that is no share or number of the rows, two
    /// parts that are more than all rows, an empty side, and what does not go with `stratify`.
    pub fn indices(&self, n: usize) -> Result<(Vec<usize>, Vec<usize>)> {
        self.draw(n, &mut RandomState::new(self.random_state))
    }

    /// One split of many that come from the same stream.
    pub(super) fn draw(&self, n: usize, rng: &mut RandomState) -> Result<(Vec<usize>, Vec<usize>)> {
        let (train, test) = self.sizes(n)?;
        match (&self.stratify, self.shuffle) {
            (None, false) => Ok(((0..train).collect(), (train..train + test).collect())),
            (None, true) => {
                let order = rng.permutation(n);
                Ok((order[test..test + train].to_vec(), order[..test].to_vec()))
            }
            (Some(classes), true) => stratified(&members(classes, n)?, train, test, rng),
            (Some(_), false) => Err(Error::value("stratify").expected("shuffled rows").got("shuffle(false)")),
        }
    }

    fn sizes(&self, n: usize) -> Result<(usize, usize)> {
        let size = |part: Option<Part>, name: &str, round: fn(f64) -> f64| match part {
            None => Ok(None),
            Some(Part::Share(s)) if s > 0.0 && s < 1.0 => Ok(Some(round(s * n as f64) as usize)),
            Some(Part::Rows(rows)) if rows > 0 && rows < n => Ok(Some(rows)),
            Some(part) => Err(Error::value(name)
                .expected(format_args!("a share between 0 and 1, or 1 to {} rows", n.saturating_sub(1)))
                .got(format_args!("{part} of {n}"))),
        };
        let (test, train) =
            (size(self.test, "test_size", f64::ceil)?, size(self.train, "train_size", f64::floor)?);
        let (train, test) = match (train, test) {
            (Some(train), Some(test)) => (train, test),
            (Some(train), None) => (train, n - train),
            (None, test) => {
                let test = test.unwrap_or((0.25 * n as f64).ceil() as usize);
                (n.saturating_sub(test), test)
            }
        };
        if train == 0 || test == 0 || train + test > n {
            return Err(Error::value("train_test_split")
                .expected(format_args!("rows on both sides, at most {n} together"))
                .got(format_args!("{train} to train on and {test} to test on")));
        }
        Ok((train, test))
    }
}

/// The rows of each class, classes in increasing order.
pub(crate) fn members(classes: &Value, n: usize) -> Result<Vec<Vec<usize>>> {
    if classes.len() != n || classes.rows() != n {
        return Err(Error::value("stratify")
            .expected(format_args!("one class for each of {n} rows"))
            .got(format_args!("shape {:?}", classes.shape())));
    }
    let classes = classes.to_f64();
    let mut rows: Vec<usize> = (0..n).collect();
    rows.sort_by(|a, b| classes[*a].total_cmp(&classes[*b]));
    Ok(rows.chunk_by(|a, b| classes[*a] == classes[*b]).map(<[usize]>::to_vec).collect())
}

/// Each class in its share of both sets.
fn stratified(
    members: &[Vec<usize>],
    train: usize,
    test: usize,
    rng: &mut RandomState,
) -> Result<(Vec<usize>, Vec<usize>)> {
    let error = || Error::value("stratify");
    if members.iter().any(|m| m.len() < 2) {
        return Err(error().expected("at least 2 rows of each class").got("a class with 1"));
    }
    if train.min(test) < members.len() {
        let wanted = format!("a row of each of the {} classes on both sides", members.len());
        return Err(error().expected(wanted).got(format_args!("{} rows on one", train.min(test))));
    }
    let counts: Vec<usize> = members.iter().map(Vec::len).collect();
    let for_train = share(&counts, train, rng);
    let left: Vec<usize> = counts.iter().zip(&for_train).map(|(c, t)| c - t).collect();
    let for_test = share(&left, test, rng);
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for ((rows, train), test) in members.iter().zip(for_train).zip(for_test) {
        let picked: Vec<usize> = rng.permutation(rows.len()).into_iter().map(|p| rows[p]).collect();
        a.extend_from_slice(&picked[..train]);
        b.extend_from_slice(&picked[train..train + test]);
    }
    rng.shuffle(&mut a);
    rng.shuffle(&mut b);
    Ok((a, b))
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
        let equal: Vec<usize> = (0..rest.len()).filter(|i| rest[*i] == value).collect();
        let lot = rng.permutation(equal.len());
        let now = missing.min(equal.len());
        lot[..now].iter().for_each(|i| given[equal[*i]] += 1);
        missing -= now;
    }
    given
}

/// Splits arrays with the same rows: for each its training part and its test part.
///
/// ```
/// use addax_core::Value;
/// use addax_data::{Split, train_test_split};
/// let (x, y) = (Value::from((0..10).collect::<Vec<i32>>()), Value::from(vec![0i32, 1].repeat(5)));
/// let parts = train_test_split(&[&x, &y], &Split::new(0.2).stratify(&y))?;
/// assert_eq!((parts[0].0.rows(), parts[0].1.rows(), parts[1].1.to_i64().iter().sum::<i64>()), (8, 2, 1));
/// # Ok::<(), addax_core::Error>(())
/// ```
pub fn train_test_split(arrays: &[&Value], split: &Split) -> Result<Vec<(Value, Value)>> {
    let rows: Vec<usize> = arrays.iter().map(|v| v.rows()).collect();
    if rows.is_empty() || rows.windows(2).any(|w| w[0] != w[1]) {
        return Err(Error::value("train_test_split")
            .expected("arrays with the same number of rows")
            .got(format_args!("{rows:?}")));
    }
    let (train, test) = split.indices(rows[0])?;
    arrays.iter().map(|v| Ok((v.take_rows(&train)?, v.take_rows(&test)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_is_wrong_with_the_sizes() {
        let refusal = |split: Split, n| split.indices(n).unwrap_err().to_string();
        assert_eq!(
            refusal(Split::new(1.5), 10),
            "test_size: expected a share between 0 and 1, or 1 to 9 rows, got 1.5 of 10"
        );
        assert_eq!(
            refusal(Split::new(6).train_size(6), 10),
            "train_test_split: expected rows on both sides, at most 10 together, got 6 to train on and 6 to test on"
        );
        let y = Value::from(vec![0i32, 0, 1]);
        assert!(refusal(Split::new(0.4).stratify(&y), 3).contains("at least 2 rows of each class"));
        assert!(refusal(Split::new(0.4).stratify(&y), 4).contains("one class for each of 4 rows"));
        assert!(refusal(Split::new(0.4).stratify(&y).shuffle(false), 3).contains("shuffled rows"));
        assert!(train_test_split(&[], &Split::default()).is_err());
    }
}
