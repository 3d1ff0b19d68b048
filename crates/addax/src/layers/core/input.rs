//! InputLayer: where a model's input comes in.

use crate::class;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{DType, Tensor};

class! {
    /// Where a model's input comes in: shape and element type of a batch.
    pub struct InputLayer: dyn Layer in "keras.layers" [] keeping ["name", "trainable"] () {
        /// The shape, the batch axis (usually `None`) first.
        batch_shape: Vec<Option<usize>> = vec![],
        /// The element type.
        dtype: DType = DType::F32,
        /// Whether Keras would take sparse tensors.
        sparse: bool = false,
        /// Whether Keras would take ragged tensors.
        ragged: bool = false,
        /// Whether the input may be left out.
        optional: bool = false,
    }
}

impl Layer for InputLayer {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        x.clone()
    }
}
