//! What layers over space share: sizes per axis, padding, where the channels are, and windows that slide.

use crate::class::Field;
use addax_core::ops::Slice;
use addax_core::{Dim, Error, Result, Shape, Tensor};
use serde_json::{Value as Json, json};

/// One whole number per axis of space; a single one stands for all.
///
/// ```
/// use addax::layers::Extent;
/// assert_eq!(Extent::<2>::from(3), Extent::from((3, 3)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Extent<const N: usize>(pub [usize; N]);

impl<const N: usize> From<usize> for Extent<N> {
    fn from(n: usize) -> Self {
        Extent([n; N])
    }
}

impl<const N: usize> From<[usize; N]> for Extent<N> {
    fn from(sizes: [usize; N]) -> Self {
        Extent(sizes)
    }
}

impl From<(usize, usize)> for Extent<2> {
    fn from((height, width): (usize, usize)) -> Self {
        Extent([height, width])
    }
}

impl From<(usize, usize, usize)> for Extent<3> {
    fn from((depth, height, width): (usize, usize, usize)) -> Self {
        Extent([depth, height, width])
    }
}

impl<const N: usize> Field for Extent<N> {
    fn to_json(&self) -> Json {
        self.0.to_vec().to_json()
    }

    fn from_json(json: &Json) -> Result<Self> {
        if !json.is_array() {
            return usize::from_json(json).map(Extent::from);
        }
        let sizes: Vec<usize> = Vec::from_json(json)?;
        let wrong = |_| Error::type_("argument").expected(format_args!("{N} whole numbers")).got(json);
        sizes.try_into().map(Extent).map_err(wrong)
    }
}

/// The steps of a pooling window; as long as the window unless given.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Strides<const N: usize>(pub Option<[usize; N]>);

impl<const N: usize, T: Into<Extent<N>>> From<T> for Strides<N> {
    fn from(strides: T) -> Self {
        Strides(Some(strides.into().0))
    }
}

impl<const N: usize> Field for Strides<N> {
    fn to_json(&self) -> Json {
        self.0.map_or(Json::Null, |s| Extent(s).to_json())
    }

    fn from_json(json: &Json) -> Result<Self> {
        Ok(Strides(Option::<Extent<N>>::from_json(json)?.map(|e| e.0)))
    }
}

/// How much is added or cut before and after, along each axis of space.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sides<const N: usize>(pub [(usize, usize); N]);

impl<const N: usize> From<usize> for Sides<N> {
    fn from(n: usize) -> Self {
        Sides([(n, n); N])
    }
}

impl<const N: usize> From<[(usize, usize); N]> for Sides<N> {
    fn from(sides: [(usize, usize); N]) -> Self {
        Sides(sides)
    }
}

impl From<(usize, usize)> for Sides<2> {
    fn from((height, width): (usize, usize)) -> Self {
        Sides([(height, height), (width, width)])
    }
}

impl<const N: usize> Field for Sides<N> {
    fn to_json(&self) -> Json {
        match self.0[..] {
            [(before, after)] => json!([before, after]),
            _ => Json::Array(self.0.iter().map(|(before, after)| json!([before, after])).collect()),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        let Json::Array(list) = json else { return usize::from_json(json).map(Sides::from) };
        let wrong =
            || Error::type_("argument").expected(format_args!("a pair for each of {N} axes")).got(json);
        let pair = |j: &Json| -> Result<(usize, usize)> {
            let Extent([before, after]) = Extent::<2>::from_json(j)?;
            Ok((before, after))
        };
        // In one dimension Keras writes the pair itself.
        let flat = N == 1 && list.len() == 2;
        let pairs = if flat { vec![pair(json)?] } else { list.iter().map(pair).collect::<Result<_>>()? };
        pairs.try_into().map(Sides).map_err(|_| wrong())
    }
}

/// Where the channels are.
#[derive(Clone, Copy, PartialEq)]
pub(super) struct Layout {
    channels_first: bool,
}

impl Layout {
    /// By Keras's name; `None` is channels_last.
    pub fn of(data_format: &Option<String>) -> Result<Layout> {
        match data_format.as_deref() {
            None | Some("channels_last") => Ok(Layout { channels_first: false }),
            Some("channels_first") => Ok(Layout { channels_first: true }),
            Some(other) => Err(Error::unknown("data_format", other, ["channels_last", "channels_first"])),
        }
    }

    /// The first axis of space.
    pub fn space(self) -> usize {
        if self.channels_first { 2 } else { 1 }
    }

    /// With the channels last, whatever they were.
    pub fn enter(self, x: &Tensor) -> Tensor {
        let order: Vec<usize> = [0].into_iter().chain(2..x.rank()).chain([1]).collect();
        if self.channels_first { x.transpose(&order) } else { x.clone() }
    }

    /// From channels last to where they belong.
    pub fn leave(self, y: &Tensor) -> Tensor {
        let last = y.rank().saturating_sub(1);
        let order: Vec<usize> = [0, last].into_iter().chain(1..last).collect();
        if self.channels_first { y.transpose(&order) } else { y.clone() }
    }

    /// Checks that the input has a batch, `n` axes of space and channels.
    pub fn check(self, x: &Tensor, n: usize) -> Result<()> {
        if x.check()?.rank() == n + 2 {
            return Ok(());
        }
        let space = ["steps", "height, width", "depth, height, width"][n.clamp(1, 3) - 1];
        let axes =
            if self.channels_first { format!("channels, {space}") } else { format!("{space}, channels") };
        Err(Error::value("input").expected(format_args!("rank {} (batch, {axes})", n + 2)).got(x.shape()))
    }
}

/// A window that slides over the axes of space of a `[batch, space…, channels]` tensor.
#[derive(Clone, Copy)]
pub(super) struct Window<const N: usize> {
    pub size: [usize; N],
    pub strides: [usize; N],
    pub dilation: [usize; N],
}

impl<const N: usize> Window<N> {
    /// Checks that nothing is zero.
    pub fn check(&self) -> Result<()> {
        for (what, sizes) in
            [("window", self.size), ("strides", self.strides), ("dilation_rate", self.dilation)]
        {
            if sizes.contains(&0) {
                return Err(Error::value(what)
                    .expected("at least 1 along every axis")
                    .got(format_args!("{sizes:?}")));
            }
        }
        if self.strides.iter().any(|s| *s > 1) && self.dilation.iter().any(|d| *d > 1) {
            return Err(Error::value("strides and dilation_rate").expected("one of them 1"));
        }
        Ok(())
    }

    /// How far the window reaches along an axis.
    pub fn reach(&self, axis: usize) -> usize {
        (self.size[axis] - 1) * self.dilation[axis] + 1
    }

    /// What `padding` adds before and after; nothing along axes whose length is not known yet and matters.
    pub fn padding(&self, padding: &str, space: &[Dim]) -> Result<[(usize, usize); N]> {
        let mut sides = [(0, 0); N];
        for (axis, side) in sides.iter_mut().enumerate() {
            let (reach, stride) = (self.reach(axis), self.strides[axis]);
            *side = match padding {
                "valid" => (0, 0),
                "causal" if N == 1 => (reach - 1, 0),
                "same" => {
                    // With a step of 1 the length does not matter.
                    let n = space[axis].known().unwrap_or(if stride == 1 { reach } else { 0 });
                    let covered = (n.div_ceil(stride).max(1) - 1) * stride + reach;
                    let total = covered.saturating_sub(n) * usize::from(n > 0);
                    (total / 2, total - total / 2)
                }
                other => return Err(Error::unknown("padding", other, ["valid", "same", "causal"])),
            };
        }
        Ok(sides)
    }

    /// What each place of the window sees, in row-major order: `[batch, positions…, channels]` each.
    pub fn taps(&self, x: &Tensor) -> Result<Vec<Tensor>> {
        let shape = x.check()?.shape();
        let space = &shape.dims()[1..=N];
        if let Some(axis) = (0..N).find(|a| space[*a].known().is_some_and(|n| n < self.reach(*a))) {
            return Err(Error::value("input")
                .expected(format_args!("at least {} along axis {}", self.reach(axis), axis + 1))
                .got(&shape)
                .hint("The window is larger than the input; padding=\"same\" would fit."));
        }
        let count: usize = self.size.iter().product();
        Ok((0..count).map(|i| self.tap(x, space, i)).collect())
    }

    fn tap(&self, x: &Tensor, space: &[Dim], place: usize) -> Tensor {
        let (mut start, mut stride, mut limit) = (vec![0; N + 2], vec![1; N + 2], vec![Dim::UNKNOWN; N + 2]);
        let mut rest = place;
        for axis in (0..N).rev() {
            let offset = rest % self.size[axis] * self.dilation[axis];
            rest /= self.size[axis];
            (start[axis + 1], stride[axis + 1]) = (offset, self.strides[axis]);
            let steps = |n: usize| (n - self.reach(axis)) / self.strides[axis] * self.strides[axis];
            limit[axis + 1] = space[axis].map(|n| offset + steps(n) + 1);
        }
        Tensor::apply(Slice { start, limit, stride }, &[x])
    }
}

/// Adds a number around the axes of space, the first of which is `first`.
pub(super) fn pad_space(x: &Tensor, first: usize, sides: &[(usize, usize)], number: f64) -> Tensor {
    if sides.iter().all(|s| *s == (0, 0)) {
        return x.clone();
    }
    let (mut low, mut high) = (vec![0; x.rank()], vec![0; x.rank()]);
    for (i, (before, after)) in sides.iter().enumerate() {
        (low[first + i], high[first + i]) = (*before as isize, *after as isize);
    }
    x.pad(&low, &high, number)
}

/// Each element along `axis` `n` times.
pub(super) fn repeat(x: &Tensor, axis: usize, n: usize) -> Tensor {
    let mut dims = x.shape().dims().to_vec();
    let long = dims[axis].map(|d| d * n);
    dims.insert(axis + 1, Dim::new(n));
    let spread = x.expand_dims(axis as isize + 1).broadcast_to(Shape::from(dims.clone()));
    dims.remove(axis);
    dims[axis] = long;
    spread.reshape(dims)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_padding_is_the_one_of_keras() {
        let window = |k, s| Window { size: [k], strides: [s], dilation: [1] };
        // (n, kernel, stride) and what is added: one more at the end.
        for ((n, k, s), sides) in [
            ((5, 3, 1), (1, 1)),
            ((6, 3, 2), (0, 1)),
            ((5, 2, 1), (0, 1)),
            ((8, 4, 3), (1, 1)),
            ((7, 1, 2), (0, 0)),
        ] {
            assert_eq!(window(k, s).padding("same", &[Dim::new(n)]).unwrap(), [sides], "{n} {k} {s}");
        }
    }

    #[test]
    fn configs_are_read_in_every_form() {
        assert_eq!(Extent::<2>::from_json(&json!(3)).unwrap(), Extent([3, 3]));
        assert_eq!(Sides::<1>::from_json(&json!([1, 2])).unwrap(), Sides([(1, 2)]));
        assert_eq!(Sides::<2>::from_json(&json!([1, [2, 3]])).unwrap(), Sides([(1, 1), (2, 3)]));
        assert!(Extent::<2>::from_json(&json!([1, 2, 3])).is_err());
    }
}
