//! Where each value lives: one arena, planned from lifetimes before the first step.

use crate::buffer::ALIGN;

/// A piece of memory wanted from step `first` to step `last`, both included.
#[derive(Clone, Copy, Debug)]
pub struct Want {
    /// How many bytes.
    pub bytes: usize,
    /// The step that writes it first.
    pub first: usize,
    /// The step that reads it last.
    pub last: usize,
}

/// Offsets for all wants, and the size of the arena. Larger pieces are placed first, each at the lowest offset where
/// it meets no piece that lives at the same time.
pub fn assign(wants: &[Want]) -> (Vec<usize>, usize) {
    let mut order: Vec<usize> = (0..wants.len()).collect();
    order.sort_by_key(|i| (std::cmp::Reverse(wants[*i].bytes), *i));
    let mut offsets = vec![0; wants.len()];
    let mut placed: Vec<usize> = Vec::new();
    let mut total = 0;
    for i in order {
        let want = wants[i];
        let size = want.bytes.next_multiple_of(ALIGN);
        let mut neighbours: Vec<(usize, usize)> = placed
            .iter()
            .filter(|j| wants[**j].first <= want.last && want.first <= wants[**j].last)
            .map(|j| (offsets[*j], offsets[*j] + wants[*j].bytes.next_multiple_of(ALIGN)))
            .collect();
        neighbours.sort_unstable();
        let mut at = 0;
        for (from, to) in neighbours {
            if at + size <= from {
                break;
            }
            at = at.max(to);
        }
        offsets[i] = at;
        total = total.max(at + size);
        placed.push(i);
    }
    (offsets, total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_that_live_at_different_times_share_memory() {
        let want = |bytes, first, last| Want { bytes, first, last };
        let (offsets, total) = assign(&[want(100, 0, 1), want(100, 2, 3), want(64, 1, 2)]);
        assert_eq!((offsets[0], offsets[1], total), (0, 0, 192));
        assert_eq!(offsets[2], 128);
    }
}
