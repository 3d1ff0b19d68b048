//! AutoContrast: the full range of values.

use super::chance::ValueRange;
use super::{BYTES, ranged};
use crate::class::{Config, Word};
use crate::layer;
use crate::layers::{DataFormat, Layer};
use crate::scope::Scope;
use addax_core::{Error, Tensor};

layer! {
    /// Stretches the values of each channel of each image over the whole range, in training and in inference.
    pub struct AutoContrast () {
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// Where the channels are.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
        /// How boxes would be written.
        bounding_box_format: Option<String> = None,
    }
}

impl Layer for AutoContrast {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            // As in Keras the axes after the batch are height and width, whatever the layout.
            let axes: [usize; 2] = match x.check()?.rank() {
                3 => [0, 1],
                4 => [1, 2],
                _ => return Err(Error::value("images").expected("3 or 4 axes").got(x.shape())),
            };
            let original = x.cast(cx.policy().compute);
            let range = [
                self.value_range.0[0].min(self.value_range.0[1]),
                self.value_range.0[0].max(self.value_range.0[1]),
            ];
            let y = ranged(&original, range, BYTES);
            let (low, high) = (y.min(&axes).keep_axes(&axes), y.max(&axes).keep_axes(&axes));
            let scale = 255.0 / (high - &low);
            let y = (&y * &scale - low * &scale).clip(0.0, 255.0);
            let y = ranged(&y, BYTES, range);
            // Where there is one value only there is nothing to stretch.
            Ok(y.is_nan().select(&original, &y))
        })
    }

    fn written(&self, config: &mut Config) {
        super::without_boxes(config);
    }
}
