//! Contrast by histograms: as many elements of each value.

use super::chance::ValueRange;
use super::{BYTES, augmentation, batched, ranged};
use crate::class::{Config, Word};
use crate::layer;
use crate::layers::{DataFormat, Extent, Layer};
use crate::scope::Scope;
use addax_core::{DType, Dim, Error, Result, Tensor};

augmentation! {
    /// In training gives each channel of a batch values that are spread evenly.
    pub struct Equalization () {
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// How many bins the values are counted in.
        bins: usize = 256,
    }
    casts false
    change |layer, _cx, x| {
        if !(2..=1 << 16).contains(&layer.bins) {
            return Err(Error::value("bins").expected("2 to 65536").got(layer.bins));
        }
        let bytes = ranged(x, layer.value_range.0, BYTES);
        let top = (layer.bins - 1) as f64;
        let places = (&bytes * top / 255.0).cast(DType::I32).clip(0.0, top);
        // A histogram for each channel, over the whole batch: [channels, bins].
        let table = places.one_hot(layer.bins, -1, DType::F32).sum(&[0, 1, 2]);
        let sums = table.cumsum(-1);
        let several = table.gt_scalar(0.0).cast(DType::F32).sum(&[1]).gt_scalar(1.0);
        let huge = sums.filled(f64::from(f32::MAX));
        let first = sums.gt_scalar(0.0).select(&sums, &huge).min(&[1]).expand_dims(1);
        let range = sums.max(&[1]).expand_dims(1) - &first;
        let range = range.gt_scalar(0.0).select(&range, &range.filled(1.0));
        let mapped = ((sums - &first) * 255.0 / range).round().clip(0.0, 255.0);
        let seen = (&bytes / 255.0 * top).clip(0.0, top).cast(DType::I32);
        // The table of all channels is read at channel · bins + place.
        let channels = x.dim(-1).known().ok_or_else(|| Error::value("images").expected("known channels"))?;
        let base = Tensor::iota(DType::I32, x.shape(), 3) * layer.bins as f64;
        let new = mapped.reshape([channels * layer.bins]).take(&(base + seen), 0).cast(x.dtype());
        let new = several.broadcast_in_dim(x.shape(), &[3]).select(&new, &bytes);
        Ok(ranged(&new, BYTES, layer.value_range.0))
    }
}

layer! {
    /// Gives each part of each image values that are spread evenly, none rising too steeply; between the middles of the
    /// parts their maps are mixed.
    pub struct ContrastLimitedAdaptiveHistogramEqualization () {
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// How many times the mean a value may be counted.
        clip_limit: f64 = 4.0,
        /// The number of parts down and across.
        tile_grid_size: Extent<2> = 8.into(),
        /// Where the channels are.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
        /// How boxes would be written.
        bounding_box_format: Option<String> = None,
    }
}

/// One axis of an image in tiles.
struct Tiles {
    axis: usize,
    count: usize,
    length: usize,
}

impl Tiles {
    fn of(x: &Tensor, axis: usize, count: usize) -> Result<(Tiles, Tensor)> {
        let n = x.dim(axis as isize).known().filter(|n| *n > 0);
        let n =
            n.ok_or_else(|| Error::value("images").expected("a known height and width").got(x.shape()))?;
        if count == 0 {
            return Err(Error::value("tile_grid_size").expected("at least 1").got(0));
        }
        let length = n.div_ceil(count);
        // What is missing is mirrored at the border.
        let mut y = x.clone();
        while let Some(missing) =
            (length * count).checked_sub(y.dim(axis as isize).known().unwrap_or(0)).filter(|m| *m > 0)
        {
            let have = y.dim(axis as isize).known().unwrap_or(0);
            let more = y.slice_axis(axis, have - missing.min(have), have).reverse(&[axis]);
            y = Tensor::concatenate(&[&y, &more], axis);
        }
        Ok((Tiles { axis, count, length }, y))
    }

    /// For each place of `x` the two tiles whose middles lie around it, in a grid with one more tile at each end, and the
    /// share of the second.
    fn around(&self, x: &Tensor) -> [Tensor; 3] {
        let n = self.length as f64;
        let place = (Tensor::iota(DType::F32, x.shape(), self.axis) - n / 2.0) / n + 1.0;
        let first = place.floor();
        let share = place - &first;
        let index = |t: Tensor| t.clip(0.0, self.count as f64 + 1.0).cast(DType::I32);
        [index(first.clone()), index(first + 1.0), share]
    }
}

impl ContrastLimitedAdaptiveHistogramEqualization {
    fn equalized(&self, x: &Tensor) -> Result<Tensor> {
        let [down, across] = self.tile_grid_size.0;
        let (rows, padded) = Tiles::of(x, 1, down)?;
        let (columns, padded) = Tiles::of(&padded, 2, across)?;
        let (batch, channels) = (x.dim(0), x.dim(3));
        let Some(c) = channels.known() else {
            return Err(Error::value("images").expected("a known number of channels").got(x.shape()));
        };
        let d = Dim::new;
        let tiled = padded
            .reshape([batch, d(down), d(rows.length), d(across), d(columns.length), channels])
            .transpose(&[0, 1, 3, 5, 2, 4])
            .reshape([batch, d(down), d(across), channels, d(rows.length * columns.length)]);
        let counts = tiled.cast(DType::I32).clip(0.0, 255.0).one_hot(256, -1, DType::F32).sum(&[4]);
        let maps = self.maps(counts, (rows.length * columns.length) as f64);
        // The outer tiles once more around: [batch, down + 2, across + 2, channels, 256].
        let edged = |t: &Tensor, axis: usize, n: usize| {
            Tensor::concatenate(&[&t.slice_axis(axis, 0, 1), t, &t.slice_axis(axis, n - 1, n)], axis)
        };
        let maps = edged(&edged(&maps, 1, down), 2, across);
        let count = maps.shape().size().ok_or_else(|| Error::value("images").expected("a known shape"))?;
        let flat = maps.reshape([count]);
        let pixels = padded.clip(0.0, 255.0).cast(DType::I32);
        let ([y0, y1, wy], [x0, x1, wx]) = (rows.around(&padded), columns.around(&padded));
        let (across_stride, batch_stride) = (256 * c, 256 * c * (across + 2) * (down + 2));
        let own = Tensor::iota(DType::I32, padded.shape(), 0) * batch_stride as f64
            + Tensor::iota(DType::I32, padded.shape(), 3) * 256.0
            + pixels;
        let read = |y: &Tensor, x: &Tensor| {
            flat.take(&(&own + y * (across_stride * (across + 2)) as f64 + x * across_stride as f64), 0)
        };
        let top = read(&y0, &x0) * (1.0 - &wx) + read(&y0, &x1) * &wx;
        let bottom = read(&y1, &x0) * (1.0 - &wx) + read(&y1, &x1) * &wx;
        let mixed = top * (1.0 - &wy) + bottom * wy;
        let (h, w) = (x.dim(1).known().unwrap_or(0), x.dim(2).known().unwrap_or(0));
        Ok(mixed.slice_axis(1, 0, h).slice_axis(2, 0, w))
    }

    /// What each value becomes, from counts `[…, 256]` of so many elements.
    fn maps(&self, counts: Tensor, elements: f64) -> Tensor {
        let last = [counts.rank() - 1];
        let counts = if self.clip_limit > 0.0 {
            let clipped = counts.clip(0.0, self.clip_limit * elements / 256.0);
            let excess = (&counts - &clipped).sum(&last).keep_axes(&last);
            clipped + excess / 256.0
        } else {
            counts
        };
        let sums = counts.cumsum(-1);
        let least = sums.min(&last).keep_axes(&last);
        let range = elements - &least;
        let range = range.equal(&range.filled(0.0)).select(&range.filled(1.0), &range);
        ((sums - least) * 255.0 / range).clip(0.0, 255.0)
    }
}

impl Layer for ContrastLimitedAdaptiveHistogramEqualization {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let format = self.data_format.get()?;
            if !matches!(x.check()?.rank(), 3 | 4) {
                return Err(Error::value("images").expected("3 or 4 axes").got(x.shape()));
            }
            if cx.is_symbolic() {
                return Ok(x.clone());
            }
            let changed = batched(x, format, |x| {
                let bytes = ranged(&x.cast(DType::F32), self.value_range.0, BYTES);
                Ok(ranged(&self.equalized(&bytes)?, BYTES, self.value_range.0))
            })?;
            Ok(changed.cast(x.dtype()))
        })
    }

    fn written(&self, config: &mut Config) {
        super::without_boxes(config);
    }
}
