//! The rows of each step: passes over the data, in batches, in the order asked for.

use super::fit::Shuffle;
use addax_core::rng::Rng;
use addax_core::{Error, Result};

/// Streams of random numbers of a fit: shuffles have one per pass.
const SHUFFLE: u64 = 1 << 32;

/// Where in the data a run is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// The number of the next pass.
    pub pass: u64,
    /// Rows of this pass that were given out.
    pub taken: usize,
    /// Steps of this epoch that were given out.
    pub done: usize,
}

/// Passes over the rows of a data set. With a number of steps per epoch, an epoch goes on where the last one stopped.
pub(crate) struct Batches {
    size: usize,
    steps: Option<usize>,
    shuffle: Shuffle,
    seed: u64,
    order: Vec<usize>,
    place: Place,
}

impl Batches {
    /// Over so many rows, beginning with the pass of a number.
    pub fn new(
        rows: usize,
        size: usize,
        steps: Option<usize>,
        shuffle: Shuffle,
        seed: u64,
        first: usize,
    ) -> Self {
        let order: Vec<usize> = (0..rows).collect();
        let place = Place { pass: first as u64, taken: order.len(), done: 0 };
        Batches { size, steps, shuffle, seed, order, place }
    }

    /// Where it is.
    pub fn place(&self) -> Place {
        self.place
    }

    /// Goes where another was, whose step came out of a pass.
    pub fn go(&mut self, place: Place) -> Result<()> {
        if place.pass == 0 || place.taken > self.order.len() {
            let e =
                Error::value("place in the data").expected(format_args!("one of {} rows", self.order.len()));
            return Err(e.got(place.taken));
        }
        self.place.pass = place.pass - 1;
        self.shuffle();
        self.place = place;
        Ok(())
    }

    /// Steps of an epoch.
    pub fn steps(&self) -> usize {
        self.steps.unwrap_or_else(|| self.order.len().div_ceil(self.size))
    }

    /// Begins an epoch.
    pub fn begin(&mut self) {
        self.place.done = 0;
        if self.steps.is_none() || self.place.taken >= self.order.len() {
            self.shuffle();
        }
    }

    /// Begins a pass.
    fn shuffle(&mut self) {
        let mut rng = Rng::new(self.seed, SHUFFLE + self.place.pass);
        match self.shuffle {
            Shuffle::Never => {}
            Shuffle::Rows => self.order = rng.permutation(self.order.len()),
            Shuffle::InBatches => {
                self.order.iter_mut().enumerate().for_each(|(i, row)| *row = i);
                self.order.chunks_mut(self.size).for_each(|batch| rng.shuffle(batch));
            }
        }
        self.place.pass += 1;
        self.place.taken = 0;
    }

    /// The rows of the next step; none at the end of the epoch, or of the data.
    pub fn next(&mut self) -> Option<&[usize]> {
        let left = self.order.len() - self.place.taken;
        if left == 0 || self.steps.is_some_and(|s| self.place.done >= s) {
            return None;
        }
        let from = self.place.taken;
        self.place.taken += left.min(self.size);
        self.place.done += 1;
        Some(&self.order[from..self.place.taken])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn epochs(mut batches: Batches, n: usize) -> Vec<Vec<Vec<usize>>> {
        let mut epoch = || {
            batches.begin();
            std::iter::from_fn(|| batches.next().map(<[usize]>::to_vec)).collect()
        };
        (0..n).map(|_| epoch()).collect()
    }

    #[test]
    fn an_epoch_of_fewer_steps_goes_on_where_the_last_stopped() {
        let batches = Batches::new(5, 2, Some(2), Shuffle::Never, 0, 0);
        assert_eq!(
            epochs(batches, 3),
            [vec![vec![0, 1], vec![2, 3]], vec![vec![4]], vec![vec![0, 1], vec![2, 3]]]
        );
    }

    #[test]
    fn it_goes_on_from_any_place() {
        for (steps, shuffle) in
            [(None, Shuffle::Rows), (Some(2), Shuffle::Rows), (Some(4), Shuffle::InBatches)]
        {
            let new = || Batches::new(7, 3, steps, shuffle, 5, 0);
            let mut whole = new();
            for _ in 0..4 {
                whole.begin();
                while let Some(rows) = whole.next().map(<[usize]>::to_vec) {
                    let mut other = new();
                    other.go(whole.place()).unwrap();
                    assert_eq!((other.place(), &other.order), (whole.place(), &whole.order), "{rows:?}");
                }
            }
        }
        assert!(Batches::new(7, 3, None, Shuffle::Rows, 5, 0).go(Place::default()).is_err());
    }

    #[test]
    fn every_row_comes_once_in_any_order() {
        for shuffle in [Shuffle::Never, Shuffle::Rows, Shuffle::InBatches] {
            let made = epochs(Batches::new(7, 3, None, shuffle, 1, 0), 2);
            for epoch in &made {
                let mut rows: Vec<usize> = epoch.concat();
                rows.sort_unstable();
                assert_eq!(rows, (0..7).collect::<Vec<_>>());
            }
            assert_eq!(made[0] == made[1], shuffle == Shuffle::Never);
        }
        let inside = epochs(Batches::new(6, 3, None, Shuffle::InBatches, 1, 0), 1).remove(0);
        assert!(inside[0].iter().all(|r| *r < 3) && inside[1].iter().all(|r| *r >= 3));
    }

    #[test]
    fn an_epoch_has_its_order_wherever_training_began() {
        let of = |first| epochs(Batches::new(8, 4, None, Shuffle::Rows, 3, first), 3);
        assert_eq!(of(0)[2], of(2)[0]);
    }
}
