//! Copies along strides: broadcasts, transpositions, slices, reversals, paddings. Only the size of an element matters.

use addax_core::strides;

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

/// A dense array put into another that is one element everywhere else.
#[derive(Clone, Debug)]
pub struct Padded {
    /// Lengths of the axes that are put in, and elements between neighbours there and here.
    axes: Vec<(usize, usize, usize)>,
    /// The first element that is put in, there and here.
    first: (usize, usize),
    /// Elements of the result.
    count: usize,
    /// Bytes per element.
    size: usize,
}

impl Padded {
    /// Puts `shape` into `result`: along each axis `low` elements before, and every `steps`th place taken; what would
    /// lie outside is cut off.
    pub fn new(shape: &[usize], result: &[usize], low: &[isize], steps: &[usize], size: usize) -> Padded {
        let (here, there) = (strides(shape), strides(result));
        let (mut axes, mut first) = (Vec::new(), (0, 0));
        for (a, (low, step)) in low.iter().copied().zip(steps.iter().map(|s| *s as isize)).enumerate() {
            let from = if low < 0 { (-low + step - 1) / step } else { 0 };
            let end = ((result[a] as isize - low + step - 1) / step).min(shape[a] as isize);
            axes.push(((end - from).max(0) as usize, step as usize * there[a], here[a]));
            first.0 += (low + from * step).max(0) as usize * there[a];
            first.1 += from as usize * here[a];
        }
        if axes.iter().any(|a| a.0 == 0) {
            (axes, first) = (vec![(0, 1, 1)], (0, 0));
        }
        Padded { axes, first, count: result.iter().product(), size }
    }

    /// Copies; `number` points at the element for all other places.
    ///
    /// # Safety
    /// `from` holds the array, `to` the result; they do not overlap.
    pub unsafe fn run(&self, from: *const u8, number: *const u8, to: *mut u8) {
        // SAFETY: the caller's contract.
        unsafe {
            match self.size {
                1 => self.typed::<u8>(from, number, to),
                2 => self.typed::<u16>(from, number, to),
                4 => self.typed::<u32>(from, number, to),
                _ => self.typed::<u64>(from, number, to),
            }
        }
    }

    unsafe fn typed<T: Copy>(&self, from: *const u8, number: *const u8, to: *mut u8) {
        // SAFETY: the caller's contract; what is put in lies inside both.
        unsafe {
            let (from, to) = (from.cast::<T>(), to.cast::<T>());
            std::slice::from_raw_parts_mut(to, self.count).fill(*number.cast::<T>());
            if self.axes.iter().all(|a| a.0 > 0) {
                put(&self.axes, from.add(self.first.1), to.add(self.first.0));
            }
        }
    }
}

/// Axis after axis; the depth is the number of axes.
unsafe fn put<T: Copy>(axes: &[(usize, usize, usize)], from: *const T, to: *mut T) {
    // SAFETY: the caller's contract.
    unsafe {
        match axes {
            [] => *to = *from,
            [(n, 1, 1)] => to.copy_from_nonoverlapping(from, *n),
            [(n, there, here), rest @ ..] => {
                (0..*n).for_each(|i| put(rest, from.add(i * here), to.add(i * there)));
            }
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
