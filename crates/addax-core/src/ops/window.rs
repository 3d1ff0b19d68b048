//! Windows that slide along axes: what a position sees, how many positions there are.

use crate::error::{Error, Result};
use crate::shape::Dim;

/// A window sliding along one axis, as in StableHLO: the input's elements stand `base_dilation` apart, between `low`
/// and `high` places of padding (negative cuts off); the window's `size` places stand `window_dilation` apart, and it
/// moves by `stride`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Sliding {
    pub input: usize,
    pub size: usize,
    pub stride: usize,
    pub low: isize,
    pub high: isize,
    pub base_dilation: usize,
    pub window_dilation: usize,
}

/// No stride, dilation or padding may be beyond this: sums of a few of them stay far from overflow.
const LIMIT: usize = 1 << 40;

/// The extent of `n` elements that stand `by` apart.
fn spread(n: usize, by: usize) -> Option<isize> {
    let extent = if n == 0 { 0 } else { (n - 1).checked_mul(by)?.checked_add(1)? };
    isize::try_from(extent).ok()
}

impl Sliding {
    /// How many positions the window has; `None` if the numbers are beyond all bounds.
    pub fn positions(&self) -> Option<usize> {
        let (input, window) =
            (spread(self.input, self.base_dilation)?, spread(self.size, self.window_dilation)?);
        let room = input.checked_add(self.low)?.checked_add(self.high)?.checked_sub(window)?;
        Some(if room < 0 { 0 } else { room as usize / self.stride + 1 })
    }

    /// What the window sees at a position: (place in the window, index in the input), padding left out.
    pub fn seen(self, position: usize) -> impl Iterator<Item = (usize, usize)> {
        let start = (position * self.stride) as isize - self.low;
        (0..self.size).filter_map(move |k| {
            let place = usize::try_from(start + (k * self.window_dilation) as isize).ok()?;
            let index = place / self.base_dilation;
            (place.is_multiple_of(self.base_dilation) && index < self.input).then_some((k, index))
        })
    }

    /// The padding with which the gradient by the input is a window of the same places, turned around, over the
    /// positions: these stand `stride` apart, and the window moves by `base_dilation`.
    pub fn input_gradient_padding(&self) -> Option<(isize, isize)> {
        let (input, window) =
            (spread(self.input, self.base_dilation)?, spread(self.size, self.window_dilation)?);
        let low = window - 1 - self.low;
        Some((low, input + window - 1 - spread(self.positions()?, self.stride)? - low))
    }

    /// The padding with which the gradient by the window is a convolution of the input with the positions, which
    /// stand `stride` apart, moving by `window_dilation`.
    pub fn window_gradient_padding(&self) -> Option<(isize, isize)> {
        let (input, window) =
            (spread(self.input, self.base_dilation)?, spread(self.size, self.window_dilation)?);
        Some((self.low, window - 1 + spread(self.positions()?, self.stride)? - input - self.low))
    }
}

/// The attributes of windows over several axes.
pub(crate) struct Windows<'a> {
    pub strides: &'a [usize],
    pub padding: &'a [(isize, isize)],
    pub base_dilation: &'a [usize],
    pub window_dilation: &'a [usize],
}

impl Windows<'_> {
    /// Checks that there is one of each for every axis, that strides and dilations are positive, and all are in bounds.
    pub fn check(&self, axes: usize) -> Result<()> {
        let counts =
            [self.strides.len(), self.padding.len(), self.base_dilation.len(), self.window_dilation.len()];
        if counts != [axes; 4] {
            return Err(Error::value("window")
                .expected(format_args!("strides, padding and dilations for {axes} axes"))
                .got(format_args!("{counts:?}")));
        }
        let steps = [self.strides, self.base_dilation, self.window_dilation];
        if let Some(n) = steps.iter().flat_map(|s| s.iter()).find(|n| !(1..=LIMIT).contains(*n)) {
            return Err(Error::value("window").expected("strides and dilations of at least 1").got(n));
        }
        match self.padding.iter().find(|(low, high)| low.unsigned_abs().max(high.unsigned_abs()) > LIMIT) {
            Some(p) => {
                Err(Error::value("window").expected("padding within bounds").got(format_args!("{p:?}")))
            }
            None => Ok(()),
        }
    }

    /// The window along one axis.
    pub fn along(&self, axis: usize, input: usize, size: usize) -> Sliding {
        let (low, high) = self.padding[axis];
        Sliding {
            input,
            size,
            stride: self.strides[axis],
            low,
            high,
            base_dilation: self.base_dilation[axis],
            window_dilation: self.window_dilation[axis],
        }
    }

    /// The number of positions along an axis; unknown where one of the lengths is.
    pub fn positions(&self, axis: usize, input: Dim, size: Dim) -> Result<Dim> {
        let (Some(input), Some(size)) = (input.known(), size.known()) else { return Ok(Dim::UNKNOWN) };
        let n = self.along(axis, input, size).positions();
        n.map(Dim::new).ok_or_else(|| {
            Error::value("window")
                .expected("lengths that fit in memory")
                .got(format_args!("{:?}", self.padding[axis]))
        })
    }
}

/// What a window of several axes sees at each of its positions.
pub(crate) struct Seen {
    /// How many positions there are along each axis.
    pub positions: Vec<usize>,
    /// For each axis and position: (place in the window, index in the input), each times its stride.
    along: Vec<Vec<Vec<(usize, usize)>>>,
}

impl Seen {
    /// From the window along each axis, the strides of its places and of the input's elements. `turned[a]` counts the
    /// places of an axis from the other end.
    pub fn new(axes: &[(Sliding, usize)], places: &[usize], elements: &[usize], turned: &[bool]) -> Seen {
        let along = axes.iter().enumerate().map(|(a, (sliding, positions))| {
            let place = |k: usize| if turned[a] { sliding.size - 1 - k } else { k };
            let at = |p| sliding.seen(p).map(|(k, i)| (place(k) * places[a], i * elements[a])).collect();
            (0..*positions).map(at).collect()
        });
        Seen { along: along.collect(), positions: axes.iter().map(|a| a.1).collect() }
    }

    /// Fills `seen` with (place in the window, offset in the input) for a position, counted in row-major order.
    pub fn at(&self, position: usize, seen: &mut Vec<(usize, usize)>) {
        seen.clear();
        seen.push((0, 0));
        let mut rest = position;
        for (along, length) in self.along.iter().zip(&self.positions).rev() {
            let here = &along[rest % length];
            rest /= length;
            // Earlier axes go outside, so that places come in row-major order.
            let before = seen.len();
            for (k, at) in here {
                for i in 0..before {
                    let (other_k, other_at) = seen[i];
                    seen.push((other_k + k, other_at + at));
                }
            }
            seen.drain(..before);
        }
    }
}
