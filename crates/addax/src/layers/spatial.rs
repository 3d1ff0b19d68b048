//! What layers over space share: sizes per axis, where the channels are, and windows that slide.

use crate::class::{Field, Word, Words};
use addax_core::ops::{Padding, Spatial};
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

/// One whole number per axis of space, or nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct OptionalExtent<const N: usize>(pub Option<[usize; N]>);

impl<const N: usize, T: Into<Extent<N>>> From<T> for OptionalExtent<N> {
    fn from(sizes: T) -> Self {
        OptionalExtent(Some(sizes.into().0))
    }
}

impl<const N: usize> Field for OptionalExtent<N> {
    fn to_json(&self) -> Json {
        self.0.map_or(Json::Null, |s| Extent(s).to_json())
    }

    fn from_json(json: &Json) -> Result<Self> {
        Ok(OptionalExtent(Option::<Extent<N>>::from_json(json)?.map(|e| e.0)))
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

impl Words for Padding {
    const WHAT: &'static str = "padding";

    fn all() -> &'static [Padding] {
        Padding::ALL
    }

    fn word(self) -> &'static str {
        Padding::word(self)
    }
}

/// Where the channels are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DataFormat {
    /// `[batch, space…, channels]`
    ChannelsLast,
    /// `[batch, channels, space…]`
    ChannelsFirst,
}

impl Words for DataFormat {
    const WHAT: &'static str = "data_format";
    const NONE: Option<DataFormat> = Some(DataFormat::ChannelsLast);

    fn all() -> &'static [DataFormat] {
        &[DataFormat::ChannelsLast, DataFormat::ChannelsFirst]
    }

    fn word(self) -> &'static str {
        match self {
            DataFormat::ChannelsLast => "channels_last",
            DataFormat::ChannelsFirst => "channels_first",
        }
    }
}

impl DataFormat {
    /// The first axis of space.
    pub(super) fn space(self) -> usize {
        if self == DataFormat::ChannelsFirst { 2 } else { 1 }
    }

    /// The axis of the channels.
    pub(super) fn channels(self) -> isize {
        if self == DataFormat::ChannelsFirst { 1 } else { -1 }
    }

    /// With the channels last, whatever they were.
    pub(super) fn enter(self, x: &Tensor) -> Tensor {
        let order: Vec<usize> = [0].into_iter().chain(2..x.rank()).chain([1]).collect();
        if self == DataFormat::ChannelsFirst { x.transpose(&order) } else { x.clone() }
    }

    /// From channels last to where they belong.
    pub(super) fn leave(self, y: &Tensor) -> Tensor {
        let last = y.rank().saturating_sub(1);
        let order: Vec<usize> = [0, last].into_iter().chain(1..last).collect();
        if self == DataFormat::ChannelsFirst { y.transpose(&order) } else { y.clone() }
    }

    /// A number for each channel in a shape that broadcasts to the whole.
    pub(super) fn by_channel(self, numbers: &Tensor, axes: usize) -> Tensor {
        match self {
            DataFormat::ChannelsLast => numbers.clone(),
            DataFormat::ChannelsFirst => {
                let ones = std::iter::repeat_n(Dim::new(1), axes);
                numbers.reshape([numbers.dim(0)].into_iter().chain(ones).collect::<Vec<_>>())
            }
        }
    }

    /// Checks that the input has a batch, `n` axes of space and channels.
    pub(super) fn check(self, x: &Tensor, n: usize) -> Result<()> {
        if x.check()?.rank() == n + 2 {
            return Ok(());
        }
        let space = ["steps", "height, width", "depth, height, width"][n.clamp(1, 3) - 1];
        let axes = match self {
            DataFormat::ChannelsFirst => format!("channels, {space}"),
            DataFormat::ChannelsLast => format!("{space}, channels"),
        };
        Err(Error::value("input").expected(format_args!("rank {} (batch, {axes})", n + 2)).got(x.shape()))
    }
}

/// A window that slides over the axes of space, as the arguments of a layer say it.
pub(super) struct Window<'a, const N: usize> {
    pub size: [usize; N],
    pub strides: [usize; N],
    pub dilation: [usize; N],
    pub padding: &'a Word<Padding>,
    pub format: DataFormat,
}

impl<const N: usize> Window<'_, N> {
    /// How it moves over an input; what does not fit is refused.
    pub fn over(&self, x: &Tensor) -> Result<Spatial> {
        self.format.check(x, N)?;
        for (what, sizes) in
            [("window", self.size), ("strides", self.strides), ("dilation_rate", self.dilation)]
        {
            if sizes.contains(&0) {
                return Err(Error::value(what)
                    .expected("at least 1 along every axis")
                    .got(format_args!("{sizes:?}")));
            }
        }
        let padding = self.padding.get()?;
        if padding == Padding::Causal && N != 1 {
            return Err(Error::value("padding").expected("\"valid\" or \"same\"").got("\"causal\""));
        }
        if padding == Padding::Valid {
            self.check_fits(x)?;
        }
        Ok(Spatial {
            strides: self.strides.to_vec(),
            padding,
            dilation: self.dilation.to_vec(),
            channels_first: self.format == DataFormat::ChannelsFirst,
        })
    }

    fn check_fits(&self, x: &Tensor) -> Result<()> {
        for i in 0..N {
            let axis = self.format.space() + i;
            let reach = (self.size[i] - 1).saturating_mul(self.dilation[i]).saturating_add(1);
            if x.dim(axis as isize).known().is_some_and(|n| n < reach) {
                return Err(Error::value("input")
                    .expected(format_args!("at least {reach} along axis {axis}"))
                    .got(x.shape())
                    .hint("The window is larger than the input; padding=\"same\" would fit."));
            }
        }
        Ok(())
    }

    /// Refuses a window that both jumps and has gaps.
    pub fn jumps_or_gaps(&self) -> Result<()> {
        if self.strides.iter().any(|s| *s > 1) && self.dilation.iter().any(|d| *d > 1) {
            return Err(Error::value("strides and dilation_rate").expected("one of them 1"));
        }
        Ok(())
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
    fn configs_are_read_in_every_form() {
        assert_eq!(Extent::<2>::from_json(&json!(3)).unwrap(), Extent([3, 3]));
        assert_eq!(Sides::<1>::from_json(&json!([1, 2])).unwrap(), Sides([(1, 2)]));
        assert_eq!(Sides::<2>::from_json(&json!([1, [2, 3]])).unwrap(), Sides([(1, 1), (2, 3)]));
        assert!(Extent::<2>::from_json(&json!([1, 2, 3])).is_err());
    }
}
