//! Images cut out and brought to another size.

use super::chance::Draw;
use crate::class::{Config, Word, Words};
use crate::layer;
use crate::layers::{DataFormat, Interpolation, Layer};
use crate::ops::image::Resize;
use crate::scope::Scope;
use addax_core::{DType, Dim, Error, Result, Tensor};

layer! {
    /// Images in another height and width, in the element type that they came in.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let y = addax::layers::Resizing::new(4usize, 6usize).on(&Input([8, 8, 3])?)?;
    /// assert_eq!(y.shape().to_string(), "(None, 4, 6, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct Resizing (
        /// The new height.
        height: usize,
        /// The new width.
        width: usize,
    ) {
        /// How places between elements are filled.
        interpolation: Word<Interpolation> = Interpolation::Bilinear.into(),
        /// Whether the largest part with the new proportions is cut out first.
        crop_to_aspect_ratio: bool = false,
        /// Whether a border brings the image to the new proportions first.
        pad_to_aspect_ratio: bool = false,
        /// What the border is.
        fill_mode: String = "constant".to_string(),
        /// The number of the border.
        fill_value: f64 = 0.0,
        /// Whether the image is smoothed where it shrinks.
        antialias: bool = false,
        /// Where the channels are.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
        /// How boxes would be written.
        bounding_box_format: Option<String> = None,
    }
}

/// Numbers in an element type: whole ones rounded, and cut off at the ends of the type.
fn saturated(x: &Tensor, dtype: DType) -> Tensor {
    let ends = match dtype {
        DType::U8 => Some((0.0, 255.0)),
        DType::I8 => Some((-128.0, 127.0)),
        DType::U32 => Some((0.0, f64::from(u32::MAX))),
        DType::I32 => Some((f64::from(i32::MIN), f64::from(i32::MAX))),
        _ => None,
    };
    match ends {
        _ if x.dtype() == dtype => x.clone(),
        Some((low, high)) => x.round().clip(low, high).cast(dtype),
        None if dtype.is_int() => x.round().cast(dtype),
        None => x.cast(dtype),
    }
}

impl Layer for Resizing {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let op = Resize::new(vec![self.height, self.width])
                .interpolation(self.interpolation.get()?.word())
                .antialias(self.antialias)
                .crop_to_aspect_ratio(self.crop_to_aspect_ratio)
                .pad_to_aspect_ratio(self.pad_to_aspect_ratio)
                .fill_mode(self.fill_mode.as_str())
                .fill_value(self.fill_value)
                .data_format(Some(self.data_format.get()?.word().to_string()));
            let y = op.apply(x);
            Ok(saturated(y.check()?, x.dtype()))
        })
    }

    fn written(&self, config: &mut Config) {
        super::without_boxes(config);
    }
}

/// Where height and width are in images of 3 or 4 axes.
fn axes(x: &Tensor, format: DataFormat) -> Result<[usize; 2]> {
    let first = match x.check()?.rank() {
        3 => 0,
        4 => 1,
        _ => return Err(Error::value("images").expected("3 axes, or 4 with the batch").got(x.shape())),
    };
    Ok(if format == DataFormat::ChannelsFirst { [first + 1, first + 2] } else { [first, first + 1] })
}

/// A shape with other lengths along two axes, the numbers not mattering.
fn promised(x: &Tensor, axes: [usize; 2], lengths: [usize; 2]) -> Tensor {
    let mut dims = x.shape().dims().to_vec();
    axes.iter().zip(lengths).for_each(|(a, n)| dims[*a] = Dim::new(n));
    let zero = x.filled(0.0).max(&axes);
    let kept: Vec<usize> = (0..x.rank()).filter(|a| !axes.contains(a)).collect();
    zero.broadcast_in_dim(dims, &kept)
}

layer! {
    /// The middle of images; smaller ones are first brought to a size that has it.
    pub struct CenterCrop (
        /// The height that is left.
        height: usize,
        /// The width that is left.
        width: usize,
    ) {
        /// Where the channels are.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
        /// How boxes would be written.
        bounding_box_format: Option<String> = None,
    }
}

impl Layer for CenterCrop {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let x = x.check()?.cast(cx.policy().compute);
            let format = self.data_format.get()?;
            let at = axes(&x, format)?;
            let wanted = [self.height, self.width];
            let (Some(h), Some(w)) = (x.dim(at[0] as isize).known(), x.dim(at[1] as isize).known()) else {
                return Ok(promised(&x, at, wanted));
            };
            if h >= self.height && w >= self.width {
                let (top, left) = ((h - self.height) / 2, (w - self.width) / 2);
                return Ok(x.slice_axis(at[0], top, top + self.height).slice_axis(
                    at[1],
                    left,
                    left + self.width,
                ));
            }
            let op = Resize::new(wanted.to_vec()).crop_to_aspect_ratio(true);
            op.data_format(Some(format.word().to_string())).apply(&x).check().cloned()
        })
    }

    fn written(&self, config: &mut Config) {
        super::without_boxes(config);
    }
}

layer! {
    /// In training a part of a batch of images at a place that is drawn, or the middle of images that are not larger; in
    /// inference images as they are.
    pub struct RandomCrop (
        /// The height that is left.
        height: usize,
        /// The width that is left.
        width: usize,
    ) {
        /// A seed of its own.
        seed: Option<i64> = None,
        /// Where the channels are.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
        /// How boxes would be written.
        bounding_box_format: Option<String> = None,
    }
}

impl RandomCrop {
    /// A part that begins at the same place of all images.
    fn part(&self, cx: &mut Scope, x: &Tensor, at: [usize; 2], [h, w]: [usize; 2]) -> Result<Tensor> {
        if h > self.height && w > self.width {
            let mut draw = Draw::new(cx, self.seed, &x.cast(DType::F32));
            let mut size = x.shape().concrete()?;
            let mut start = vec![Tensor::constant(DType::I32, 0.0).expand_dims(0); x.rank()];
            for (axis, n, wanted) in [(at[0], h, self.height), (at[1], w, self.width)] {
                start[axis] =
                    draw.one([0.0, (n - wanted + 1) as f64]).floor().cast(DType::I32).expand_dims(0);
                size[axis] = wanted;
            }
            let start = Tensor::concatenate(&start.iter().collect::<Vec<_>>(), 0);
            return Ok(x.dynamic_slice(&start, &size));
        }
        let share = |n: usize, part: usize, other: usize| {
            ((n as f64 * part as f64 / other.max(1) as f64) as usize).max(1)
        };
        let crop = [share(w, self.height, self.width).min(h), share(h, self.width, self.height).min(w)];
        let mut y = x.clone();
        for (i, (n, wanted)) in [(h, self.height), (w, self.width)].into_iter().enumerate() {
            let start = (n - crop[i]) / 2;
            y = y.slice_axis(at[i], start, (start + wanted).min(n));
        }
        Ok(y)
    }
}

impl Layer for RandomCrop {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let format = self.data_format.get()?;
            let at = axes(x, format)?;
            let wanted = [self.height, self.width];
            if cx.is_symbolic() {
                return Ok(promised(&x.cast(cx.policy().compute), at, wanted));
            }
            if !cx.training() {
                return Ok(x.clone());
            }
            let x = x.cast(cx.policy().compute);
            let (Some(h), Some(w)) = (x.dim(at[0] as isize).known(), x.dim(at[1] as isize).known()) else {
                return Ok(promised(&x, at, wanted));
            };
            if h * w == 0 || self.height * self.width == 0 {
                return Err(Error::value("images").expected("a height and a width").got(x.shape()));
            }
            let y = self.part(cx, &x, at, [h, w])?;
            let left = [y.dim(at[0] as isize), y.dim(at[1] as isize)];
            if left == wanted.map(Dim::new) {
                return Ok(y);
            }
            let op = Resize::new(wanted.to_vec()).data_format(Some(format.word().to_string()));
            op.apply(&y).check().cloned()
        })
    }

    fn autocasts(&self) -> bool {
        false
    }

    fn written(&self, config: &mut Config) {
        super::without_boxes(config);
    }
}
