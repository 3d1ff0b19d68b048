//! The rows of each step: passes over the data, in batches, in the order asked for.

use super::fit::Shuffle;
use addax_core::rng::Rng;

/// Streams of random numbers of a fit: shuffles have one per pass.
const SHUFFLE: u64 = 1 << 32;

/// Passes over the rows of a data set. With a number of steps per epoch, an epoch goes on where the last one stopped.
pub(crate) struct Batches {
    size: usize,
    steps: Option<usize>,
    shuffle: Shuffle,
    seed: u64,
    order: Vec<usize>,
    /// The number of the next pass.
    pass: u64,
    /// Rows of this pass that were given out.
    taken: usize,
    /// Steps of this epoch that were given out.
    done: usize,
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
        Batches { size, steps, shuffle, seed, taken: order.len(), order, pass: first as u64, done: 0 }
    }

    /// Steps of an epoch.
    pub fn steps(&self) -> usize {
        self.steps.unwrap_or_else(|| self.order.len().div_ceil(self.size))
    }

    /// Begins an epoch.
    pub fn begin(&mut self) {
        self.done = 0;
        if self.steps.is_none() || self.taken >= self.order.len() {
            self.shuffle();
        }
    }

    /// Begins a pass.
    fn shuffle(&mut self) {
        let mut rng = Rng::new(self.seed, SHUFFLE + self.pass);
        match self.shuffle {
            Shuffle::Never => {}
            Shuffle::Rows => self.order = rng.permutation(self.order.len()),
            Shuffle::InBatches => {
                self.order.iter_mut().enumerate().for_each(|(i, row)| *row = i);
                self.order.chunks_mut(self.size).for_each(|batch| rng.shuffle(batch));
            }
        }
        self.pass += 1;
        self.taken = 0;
    }

    /// The rows of the next step; none at the end of the epoch, or of the data.
    pub fn next(&mut self) -> Option<&[usize]> {
        let left = self.order.len() - self.taken;
        if left == 0 || self.steps.is_some_and(|s| self.done >= s) {
            return None;
        }
        let from = self.taken;
        self.taken += left.min(self.size);
        self.done += 1;
        Some(&self.order[from..self.taken])
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
