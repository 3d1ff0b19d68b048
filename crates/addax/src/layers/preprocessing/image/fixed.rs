//! Layers that leave images as they are.

use crate::class::{Config, Word};
use crate::layer;
use crate::layers::{DataFormat, Layer};
use crate::scope::Scope;
use addax_core::Tensor;

layer! {
    /// Brings lists of boxes to one length; images stay as they are.
    pub struct MaxNumBoundingBoxes (
        /// How many boxes each image has afterwards.
        max_number: usize,
    ) {
        /// What boxes that are added hold.
        fill_value: i64 = -1,
        /// Where the channels are.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
        /// How boxes would be written.
        bounding_box_format: Option<String> = None,
    }
}

impl Layer for MaxNumBoundingBoxes {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        x.clone()
    }

    fn written(&self, config: &mut Config) {
        // Keras forgets it.
        config.remove("fill_value");
        super::without_boxes(config);
    }
}
