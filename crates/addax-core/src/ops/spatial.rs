//! How Keras moves a window over the spatial axes: strides, padding by name, dilation, where the channels are.

use crate::error::{Error, Result};
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::word_enum;

word_enum! {
    /// Padding by name.
    pub enum Padding {
        /// None: the window stays inside.
        Valid = "valid",
        /// So much that strides of 1 keep the length; the odd place comes after.
        Same = "same",
        /// As much as `same` has, all of it before: no position sees what comes after it.
        Causal = "causal",
    }
}

/// How a window moves over the spatial axes, for [`Tensor::conv`], [`Tensor::max_pool`] and their like.
///
/// ```
/// use addax_core::ops::Spatial;
/// let twice = Spatial::same().strides(&[2, 2]).channels_first();
/// assert_eq!(twice.strides, [2, 2]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Spatial {
    /// How far the window moves along each axis; empty means 1 everywhere.
    pub strides: Vec<usize>,
    /// How the edges are padded.
    pub padding: Padding,
    /// How far apart the places of the window are; empty means 1 everywhere.
    pub dilation: Vec<usize>,
    /// Whether the channels come before the spatial axes; otherwise they are last.
    pub channels_first: bool,
}

impl Spatial {
    fn new(padding: Padding) -> Spatial {
        Spatial { strides: Vec::new(), padding, dilation: Vec::new(), channels_first: false }
    }

    /// Without padding.
    pub fn valid() -> Spatial {
        Spatial::new(Padding::Valid)
    }

    /// With so much padding that strides of 1 keep the length.
    pub fn same() -> Spatial {
        Spatial::new(Padding::Same)
    }

    /// With all padding before: no position sees what comes after it.
    pub fn causal() -> Spatial {
        Spatial::new(Padding::Causal)
    }

    /// With these strides.
    pub fn strides(mut self, strides: &[usize]) -> Spatial {
        self.strides = strides.to_vec();
        self
    }

    /// With the window's places this far apart.
    pub fn dilation(mut self, dilation: &[usize]) -> Spatial {
        self.dilation = dilation.to_vec();
        self
    }

    /// With the channels before the spatial axes.
    pub fn channels_first(mut self) -> Spatial {
        self.channels_first = true;
        self
    }

    /// How many spatial axes a tensor has.
    pub(crate) fn axes_of(x: &Tensor) -> Result<usize> {
        let shape = x.check()?.shape();
        shape.rank().checked_sub(3).map(|n| n + 1).ok_or_else(|| {
            Error::value("input").expected("batch, channels and at least one spatial axis").got(shape)
        })
    }

    /// The first spatial axis.
    pub(crate) fn first_axis(&self) -> usize {
        if self.channels_first { 2 } else { 1 }
    }

    /// One number for each axis; empty means 1 everywhere.
    pub(crate) fn each(name: &str, given: &[usize], axes: usize) -> Result<Vec<usize>> {
        match given {
            [] => Ok(vec![1; axes]),
            _ if given.contains(&0) => Err(Error::value(name).expected("at least 1").got(0)),
            _ if given.len() == axes => Ok(given.to_vec()),
            _ => Err(Error::value(name)
                .expected(format_args!("{axes} numbers"))
                .got(format_args!("{given:?}"))),
        }
    }

    /// The padding along each axis for windows of the given sizes. Where a length is open, so is the result's.
    pub(crate) fn amounts(&self, x: &Shape, sizes: &[usize]) -> Result<Vec<(isize, isize)>> {
        let axes = sizes.len();
        let strides = Self::each("strides", &self.strides, axes)?;
        let dilation = Self::each("dilation", &self.dilation, axes)?;
        let along = |i: usize| {
            let extent = sizes[i].saturating_sub(1).saturating_mul(dilation[i]).saturating_add(1);
            let total = match self.padding {
                Padding::Valid => 0,
                Padding::Causal => extent - 1,
                Padding::Same => missing(x.dims()[self.first_axis() + i], extent, strides[i]),
            };
            let before = if self.padding == Padding::Causal { total } else { total / 2 };
            (before as isize, (total - before) as isize)
        };
        Ok((0..axes).map(along).collect())
    }
}

/// How many places are missing so that there are `ceil(length / stride)` positions.
fn missing(length: Dim, extent: usize, stride: usize) -> usize {
    let length = match length.known() {
        Some(n) => n,
        None if stride == 1 => 1,
        None => return 0,
    };
    let last = length.div_ceil(stride).saturating_sub(1).saturating_mul(stride);
    last.saturating_add(extent).saturating_sub(length)
}
