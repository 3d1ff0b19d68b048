//! Copies along strides: broadcasts, transpositions, slices, reversals. Only the size of an element matters.

/// A copy into a dense array from an array with any strides.
#[derive(Clone, Debug)]
pub struct StridedCopy {
    /// Lengths of the axes, outermost first, in the result's order.
    shape: Vec<usize>,
    /// Elements between neighbours along each axis of the source.
    strides: Vec<isize>,
    /// The first element of the source.
    offset: isize,
    /// Bytes per element.
    size: usize,
}

impl StridedCopy {
    /// Axes that can be walked as one are joined.
    pub fn new(shape: &[usize], strides: &[isize], offset: isize, size: usize) -> StridedCopy {
        let mut joined: Vec<(usize, isize)> = Vec::new();
        for (n, s) in shape.iter().copied().zip(strides.iter().copied()).filter(|(n, _)| *n != 1) {
            match joined.last_mut() {
                Some((length, stride)) if *stride == s * n as isize => {
                    *length *= n;
                    *stride = s;
                }
                _ => joined.push((n, s)),
            }
        }
        let (shape, strides) = joined.into_iter().unzip();
        StridedCopy { shape, strides, offset, size }
    }

    /// Copies.
    ///
    /// # Safety
    /// `from` holds every element that the strides reach; `to` holds the result; the two do not overlap.
    pub unsafe fn run(&self, from: *const u8, to: *mut u8) {
        // SAFETY: the caller's contract.
        unsafe {
            match self.size {
                1 => self.typed::<u8>(from, to),
                2 => self.typed::<u16>(from, to),
                4 => self.typed::<u32>(from, to),
                _ => self.typed::<u64>(from, to),
            }
        }
    }

    unsafe fn typed<T: Copy>(&self, from: *const u8, to: *mut u8) {
        // SAFETY: the caller's contract.
        unsafe {
            let from = from.cast::<T>().offset(self.offset);
            let mut to = to.cast::<T>();
            if !self.shape.contains(&0) {
                walk(&self.shape, &self.strides, from, &mut to);
            }
        }
    }
}

/// Axis after axis; the depth is the number of axes.
unsafe fn walk<T: Copy>(shape: &[usize], strides: &[isize], from: *const T, to: &mut *mut T) {
    // SAFETY: the caller's contract; `to` advances by one per element.
    unsafe {
        match (shape, strides) {
            ([], []) => {
                **to = *from;
                *to = to.add(1);
            }
            ([n], [1]) => {
                to.copy_from_nonoverlapping(from, *n);
                *to = to.add(*n);
            }
            ([n], [s]) => {
                for i in 0..*n {
                    *to.add(i) = *from.offset(i as isize * s);
                }
                *to = to.add(*n);
            }
            ([n, shape @ ..], [s, strides @ ..]) => {
                for i in 0..*n {
                    walk(shape, strides, from.offset(i as isize * s), to);
                }
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transposes_broadcasts_and_reverses() {
        let x: Vec<u32> = (0..6).collect();
        let run = |shape: &[usize], strides: &[isize], offset| {
            let mut out = vec![0u32; shape.iter().product()];
            let copy = StridedCopy::new(shape, strides, offset, 4);
            // SAFETY: the strides stay inside the six elements.
            unsafe { copy.run(x.as_ptr().cast(), out.as_mut_ptr().cast()) };
            out
        };
        assert_eq!(run(&[3, 2], &[1, 3], 0), [0, 3, 1, 4, 2, 5]);
        assert_eq!(run(&[2, 3], &[0, 1], 3), [3, 4, 5, 3, 4, 5]);
        assert_eq!(run(&[6], &[-1], 5), [5, 4, 3, 2, 1, 0]);
    }
}
