//! Ways to cut rows into those to train on and those to test on.

use super::{Folds, Part, Split};
use crate::mt19937::RandomState;
use addax_core::{Error, Result, Value};

/// The rows to train on and those to test on.
pub type Sides = (Vec<usize>, Vec<usize>);

/// What there is to split.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// How many.
    pub count: usize,
    /// Their targets.
    pub y: Option<&'a Value>,
    /// The group of each.
    pub groups: Option<&'a [i64]>,
}

impl<'a> Rows<'a> {
    /// So many rows with targets.
    pub fn new(y: &'a Value) -> Rows<'a> {
        Rows { count: y.rows(), y: Some(y), groups: None }
    }

    /// The groups of rows.
    pub fn groups(mut self, groups: &'a [i64]) -> Self {
        self.groups = Some(groups);
        self
    }

    fn classes(&self, who: &str) -> Result<&'a Value> {
        self.y.ok_or_else(|| Error::value(who).expected("targets").got("none"))
    }
}

/// A way to split, as often as it says.
pub trait Splitter: Sync {
    /// The splits. Errors: too few rows, or rows without what is needed.
    fn splits(&self, rows: &Rows) -> Result<Vec<Sides>>;
}

/// So many folds of neighbours, or of rows in a random order. A fold is tested on what the others were trained on.
///
/// ```
/// use addax_core::Value;
/// use addax_data::selection::{KFold, Rows, Splitter};
/// let y = Value::from(vec![0f32; 4]);
/// assert_eq!(KFold::new(2).splits(&Rows::new(&y))?[0], (vec![2, 3], vec![0, 1]));
/// # Ok::<(), addax_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct KFold(Folds);

/// As [`KFold`], each class with its share of every fold.
#[derive(Clone, Debug)]
pub struct StratifiedKFold(Folds);

macro_rules! folds {
    ($($name:ident)*) => {$(
        impl $name {
            /// So many folds, at least 2.
            pub fn new(n_splits: usize) -> $name {
                $name(Folds::new(n_splits))
            }

            /// Shuffles with this seed.
            pub fn random_state(self, seed: u32) -> Self {
                $name(self.0.random_state(seed))
            }
        }
    )*};
}

folds! { KFold StratifiedKFold }

impl Splitter for KFold {
    fn splits(&self, rows: &Rows) -> Result<Vec<Sides>> {
        self.0.indices(rows.count)
    }
}

impl Splitter for StratifiedKFold {
    fn splits(&self, rows: &Rows) -> Result<Vec<Sides>> {
        let y = rows.classes("StratifiedKFold")?;
        // A column of classes is a list of classes.
        let y = if y.len() == rows.count { y.reshape(&[rows.count])? } else { y.clone() };
        self.0.clone().stratify(&y).indices(rows.count)
    }
}

/// Folds that keep the rows of a group together: the largest groups first, each into the lightest fold, or the groups
/// in a random order.
#[derive(Clone, Debug)]
pub struct GroupKFold {
    n_splits: usize,
    random_state: Option<u32>,
}

impl GroupKFold {
    /// So many folds, at most as many as groups.
    pub fn new(n_splits: usize) -> GroupKFold {
        GroupKFold { n_splits, random_state: None }
    }

    /// Shuffles the groups with this seed.
    pub fn random_state(mut self, seed: u32) -> Self {
        self.random_state = Some(seed);
        self
    }

    /// The fold of each group.
    fn folds(&self, sizes: &[usize]) -> Vec<usize> {
        let mut fold = vec![0; sizes.len()];
        if let Some(seed) = self.random_state {
            let order = RandomState::new(seed).permutation(sizes.len());
            let (each, more) = (sizes.len() / self.n_splits, sizes.len() % self.n_splits);
            let folds = (0..self.n_splits).flat_map(|f| std::iter::repeat_n(f, each + usize::from(f < more)));
            order.into_iter().zip(folds).for_each(|(group, f)| fold[group] = f);
            return fold;
        }
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        order.sort_by_key(|g| sizes[*g]);
        let mut weight = vec![0; self.n_splits];
        for group in order.into_iter().rev() {
            let lightest = (0..self.n_splits).min_by_key(|f| weight[*f]).unwrap_or(0);
            weight[lightest] += sizes[group];
            fold[group] = lightest;
        }
        fold
    }
}

impl Splitter for GroupKFold {
    fn splits(&self, rows: &Rows) -> Result<Vec<Sides>> {
        let groups = rows.groups.filter(|g| g.len() == rows.count).ok_or_else(|| {
            let got = rows.groups.map_or("none".to_string(), |g| g.len().to_string());
            Error::value("groups").expected(format_args!("one for each of {} rows", rows.count)).got(got)
        })?;
        let mut known = groups.to_vec();
        known.sort_unstable();
        known.dedup();
        if self.n_splits < 2 || self.n_splits > known.len() {
            return Err(Error::value("GroupKFold")
                .expected(format_args!("2 to {} folds for {} groups", known.len(), known.len()))
                .got(self.n_splits));
        }
        let place: Vec<usize> = groups.iter().map(|g| known.binary_search(g).unwrap_or(0)).collect();
        let mut sizes = vec![0; known.len()];
        place.iter().for_each(|g| sizes[*g] += 1);
        let fold = self.folds(&sizes);
        let sides = |f: usize| (0..rows.count).partition(|row| fold[place[*row]] != f);
        Ok((0..self.n_splits).map(sides).collect())
    }
}

/// So many random splits, a tenth to test on unless told otherwise.
#[derive(Clone, Debug)]
pub struct ShuffleSplit {
    n_splits: usize,
    split: Split,
    random_state: u32,
}

/// As [`ShuffleSplit`], each class with its share of both sides.
#[derive(Clone, Debug)]
pub struct StratifiedShuffleSplit(ShuffleSplit);

impl ShuffleSplit {
    /// So many splits.
    pub fn new(n_splits: usize) -> ShuffleSplit {
        ShuffleSplit { n_splits, split: Split::new(0.1), random_state: 0 }
    }

    /// The part to test on.
    pub fn test_size(mut self, part: impl Into<Part>) -> Self {
        self.split = Split::new(part);
        self
    }

    /// The part to train on, where it is not all that is left; after `test_size`.
    pub fn train_size(mut self, part: impl Into<Part>) -> Self {
        self.split = self.split.train_size(part);
        self
    }

    /// The seed of the splits.
    pub fn random_state(mut self, seed: u32) -> Self {
        self.random_state = seed;
        self
    }

    /// Each class gets its share of both sides.
    pub fn stratified(self) -> StratifiedShuffleSplit {
        StratifiedShuffleSplit(self)
    }

    fn draw(&self, split: &Split, rows: usize) -> Result<Vec<Sides>> {
        if self.n_splits == 0 {
            return Err(Error::value("n_splits").expected("at least 1").got(0));
        }
        let mut rng = RandomState::new(self.random_state);
        (0..self.n_splits).map(|_| split.draw(rows, &mut rng)).collect()
    }
}

impl Splitter for ShuffleSplit {
    fn splits(&self, rows: &Rows) -> Result<Vec<Sides>> {
        self.draw(&self.split, rows.count)
    }
}

impl Splitter for StratifiedShuffleSplit {
    fn splits(&self, rows: &Rows) -> Result<Vec<Sides>> {
        self.0.draw(&self.0.split.clone().stratify(rows.classes("StratifiedShuffleSplit")?), rows.count)
    }
}

/// Tests on what comes after: each training set is all that came before its test set.
#[derive(Clone, Debug)]
pub struct TimeSeriesSplit {
    n_splits: usize,
    test_size: Option<usize>,
    max_train_size: Option<usize>,
    gap: usize,
}

impl TimeSeriesSplit {
    /// So many splits.
    pub fn new(n_splits: usize) -> TimeSeriesSplit {
        TimeSeriesSplit { n_splits, test_size: None, max_train_size: None, gap: 0 }
    }

    /// Rows of each test set, where it is not as much as fits.
    pub fn test_size(mut self, rows: usize) -> Self {
        self.test_size = Some(rows);
        self
    }

    /// The most rows to train on, the latest ones.
    pub fn max_train_size(mut self, rows: usize) -> Self {
        self.max_train_size = Some(rows);
        self
    }

    /// Rows left out between training and test.
    pub fn gap(mut self, rows: usize) -> Self {
        self.gap = rows;
        self
    }
}

impl Splitter for TimeSeriesSplit {
    fn splits(&self, rows: &Rows) -> Result<Vec<Sides>> {
        let (n, k) = (rows.count, self.n_splits);
        let size = self.test_size.unwrap_or(n / (k + 1));
        let first = size.checked_mul(k).and_then(|tested| n.checked_sub(tested));
        let first = first.filter(|first| k > 0 && size > 0 && *first > self.gap).ok_or_else(|| {
            Error::value("TimeSeriesSplit")
                .expected("rows for every test set and before the first")
                .got(format_args!("{n} rows for {k} splits of {size} with a gap of {}", self.gap))
        })?;
        let sides = |i: usize| {
            let (start, end) = (first + i * size, first + i * size - self.gap);
            let begin = self.max_train_size.map_or(0, |most| end.saturating_sub(most));
            ((begin..end).collect(), (start..start + size).collect())
        };
        Ok((0..k).map(sides).collect())
    }
}

/// Every row alone is tested once.
#[derive(Clone, Copy, Debug, Default)]
pub struct LeaveOneOut;

impl Splitter for LeaveOneOut {
    fn splits(&self, rows: &Rows) -> Result<Vec<Sides>> {
        if rows.count < 2 {
            return Err(Error::value("LeaveOneOut").expected("at least 2 rows").got(rows.count));
        }
        Ok((0..rows.count).map(|i| ((0..rows.count).filter(|r| *r != i).collect(), vec![i])).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(count: usize) -> Rows<'static> {
        Rows { count, y: None, groups: None }
    }

    #[test]
    fn time_goes_one_way() {
        let splits = TimeSeriesSplit::new(2).gap(1).max_train_size(2).splits(&rows(7)).unwrap();
        assert_eq!(splits, [(vec![0, 1], vec![3, 4]), (vec![2, 3], vec![5, 6])]);
    }

    #[test]
    fn says_what_it_wanted() {
        let refusal = |s: &dyn Splitter, n| s.splits(&rows(n)).unwrap_err().to_string();
        assert_eq!(
            refusal(&TimeSeriesSplit::new(5), 5),
            "TimeSeriesSplit: expected rows for every test set and before the first, got 5 rows for 5 splits of 0 with a gap of 0"
        );
        assert_eq!(refusal(&GroupKFold::new(2), 3), "groups: expected one for each of 3 rows, got none");
        assert_eq!(refusal(&StratifiedKFold::new(2), 3), "StratifiedKFold: expected targets, got none");
        let one_group = Rows { groups: Some(&[1, 1]), ..rows(2) };
        let e = GroupKFold::new(2).splits(&one_group).unwrap_err().to_string();
        assert_eq!(e, "GroupKFold: expected 2 to 1 folds for 1 groups, got 2");
        assert!(LeaveOneOut.splits(&rows(1)).is_err() && ShuffleSplit::new(0).splits(&rows(9)).is_err());
    }
}
