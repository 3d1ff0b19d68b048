//! Walks over boxes of indices: the offsets at which their elements lie, in row-major order.

/// The offsets of all positions of a box, the last axis fastest.
///
/// ```
/// use addax_core::walk::Walk;
/// // The columns of a 2×3 matrix, one after another.
/// assert_eq!(Walk::new(&[3, 2], &[1, 3]).collect::<Vec<_>>(), [0, 3, 1, 4, 2, 5]);
/// ```
#[derive(Clone, Debug)]
pub struct Walk {
    lengths: Vec<usize>,
    steps: Vec<isize>,
    index: Vec<usize>,
    at: isize,
    left: usize,
}

impl Walk {
    /// All positions of a box with the given lengths, `steps[a]` elements between neighbours along axis `a`.
    pub fn new(lengths: &[usize], steps: &[usize]) -> Walk {
        Walk::from(0, lengths, steps.iter().map(|s| *s as isize).collect())
    }

    /// The same beginning at `start`, with steps in either direction (0 stays).
    pub fn from(start: usize, lengths: &[usize], steps: Vec<isize>) -> Walk {
        let left = lengths.iter().product();
        let index = vec![0; lengths.len()];
        Walk { lengths: lengths.to_vec(), steps, index, at: start as isize, left }
    }
}

impl Iterator for Walk {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        self.left = self.left.checked_sub(1)?;
        let here = self.at as usize;
        for a in (0..self.lengths.len()).rev() {
            self.index[a] += 1;
            self.at += self.steps[a];
            if self.index[a] < self.lengths[a] {
                break;
            }
            self.at -= self.steps[a] * self.lengths[a] as isize;
            self.index[a] = 0;
        }
        Some(here)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

impl ExactSizeIterator for Walk {}

/// The offsets of all positions along some axes of a row-major array, in row-major order of these axes.
///
/// ```
/// assert_eq!(addax_core::walk::along(&[2, 3, 2], &[2, 0]), [0, 6, 1, 7]);
/// ```
pub fn along(shape: &[usize], axes: &[usize]) -> Vec<usize> {
    let strides = crate::value::strides(shape);
    let pick = |from: &[usize]| axes.iter().map(|a| from[*a]).collect::<Vec<_>>();
    Walk::new(&pick(shape), &pick(&strides)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scalar_has_one_position_and_an_empty_box_none() {
        assert_eq!(Walk::new(&[], &[]).collect::<Vec<_>>(), [0]);
        assert_eq!(Walk::new(&[2, 0], &[0, 1]).count(), 0);
    }

    #[test]
    fn steps_may_go_backwards_or_stay() {
        assert_eq!(Walk::from(2, &[2, 3], vec![0, -1]).collect::<Vec<_>>(), [2, 1, 0, 2, 1, 0]);
    }
}
