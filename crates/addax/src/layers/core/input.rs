//! InputLayer: where a model's input comes in.

use crate::class;
use crate::class::Field;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{DType, Error, Result, Tensor};
use serde_json::Value as Json;

/// What an input holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputType {
    /// Numbers of an element type.
    Numbers(DType),
    /// Text: its bytes along one more axis.
    Text,
}

impl From<DType> for InputType {
    fn from(dtype: DType) -> Self {
        InputType::Numbers(dtype)
    }
}

impl InputType {
    /// The element type of the arrays.
    pub fn dtype(self) -> DType {
        match self {
            InputType::Numbers(dtype) => dtype,
            InputType::Text => DType::U8,
        }
    }
}

impl Field for InputType {
    fn to_json(&self) -> Json {
        match self {
            InputType::Numbers(dtype) => dtype.to_json(),
            InputType::Text => Json::from("string"),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        match json.as_str() {
            Some("string") => Ok(InputType::Text),
            Some(name) => DType::parse(name).map(InputType::Numbers),
            None => Err(Error::type_("dtype").expected("a name").got(json)),
        }
    }
}

class! {
    /// Where a model's input comes in: shape and element type of a batch.
    pub struct InputLayer: dyn Layer in "keras.layers" [] keeping ["name", "trainable"] () {
        /// The shape, the batch axis (usually `None`) first.
        batch_shape: Vec<Option<usize>> = vec![],
        /// The element type, or text.
        dtype: InputType = InputType::Numbers(DType::F32),
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

    fn gives_text(&self) -> bool {
        self.dtype == InputType::Text
    }
}
