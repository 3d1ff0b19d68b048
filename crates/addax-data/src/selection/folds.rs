//! Folds for cross-validation, in scikit-learn's order for a given `random_state`.

use super::split::members;
use crate::mt19937::RandomState;
use addax_core::{Error, Result, Value};

/// How to cut rows into folds: neighbours together and in their order, unless told otherwise.
///
/// ```
/// use addax_data::Folds;
/// let folds = Folds::new(3).indices(7)?;
/// assert_eq!(folds[0], (vec![3, 4, 5, 6], vec![0, 1, 2]));
/// # Ok::<(), addax_core::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Folds {
    count: usize,
    random_state: Option<u32>,
    stratify: Option<Value>,
}

impl Folds {
    /// So many folds, at least 2.
    pub fn new(count: usize) -> Folds {
        Folds { count, random_state: None, stratify: None }
    }

    /// Shuffles with this seed.
    pub fn random_state(mut self, seed: u32) -> Self {
        self.random_state = Some(seed);
        self
    }

    /// The class of each row: each class gets its share of every fold.
    pub fn stratify(mut self, classes: &Value) -> Self {
        self.stratify = Some(classes.clone());
        self
    }

    /// For each fold the rows to train on and those to test on, both in increasing order. Errors: fewer than 2 folds,
    /// more than rows, more than there are rows of every class.
    pub fn indices(&self, n: usize) -> Result<Vec<(Vec<usize>, Vec<usize>)>> {
        if self.count < 2 || self.count > n {
            return Err(Error::value("folds")
                .expected(format_args!("2 to {n} for {n} rows"))
                .got(self.count));
        }
        let fold = match &self.stratify {
            None => self.plain(n),
            Some(classes) => self.stratified(members(classes, n)?, n)?,
        };
        let sides = |f: usize| (0..n).partition(|row| fold[*row] != f);
        Ok((0..self.count).map(sides).collect())
    }

    /// The fold in which each row is tested.
    fn plain(&self, n: usize) -> Vec<usize> {
        let order = match self.random_state {
            Some(seed) => RandomState::new(seed).permutation(n),
            None => (0..n).collect(),
        };
        let (each, more) = (n / self.count, n % self.count);
        let folds = (0..self.count).flat_map(|f| std::iter::repeat_n(f, each + usize::from(f < more)));
        let mut fold = vec![0; n];
        order.into_iter().zip(folds).for_each(|(row, f)| fold[row] = f);
        fold
    }

    /// As [`Folds::plain`], classes in the order in which they first appear: sorted so, rows are dealt out in turn,
    /// which says how many of each class a fold gets.
    fn stratified(&self, mut members: Vec<Vec<usize>>, n: usize) -> Result<Vec<usize>> {
        if members.iter().all(|m| m.len() < self.count) {
            return Err(Error::value("folds")
                .expected(format_args!("a class with at least {} rows", self.count))
                .got("fewer of each"));
        }
        members.sort_by_key(|rows| rows[0]);
        let mut rng = self.random_state.map(RandomState::new);
        let (mut fold, mut dealt) = (vec![0; n], 0);
        for rows in members {
            let mut folds: Vec<usize> = (dealt..dealt + rows.len()).map(|i| i % self.count).collect();
            dealt += rows.len();
            folds.sort_unstable();
            if let Some(rng) = &mut rng {
                rng.shuffle(&mut folds);
            }
            rows.into_iter().zip(folds).for_each(|(row, f)| fold[row] = f);
        }
        Ok(fold)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_it_wanted() {
        let refusal = |f: Folds, n| f.indices(n).unwrap_err().to_string();
        assert_eq!(refusal(Folds::new(1), 10), "folds: expected 2 to 10 for 10 rows, got 1");
        assert_eq!(refusal(Folds::new(11), 10), "folds: expected 2 to 10 for 10 rows, got 11");
        let y = Value::from(vec![0i32, 1, 0, 1]);
        let e = refusal(Folds::new(3).stratify(&y), 4);
        assert_eq!(e, "folds: expected a class with at least 3 rows, got fewer of each");
    }
}
