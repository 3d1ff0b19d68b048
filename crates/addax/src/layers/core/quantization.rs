//! The argument `quantization_config` of Keras's layers.

use crate::class::Field;
use addax_core::{Error, Result};
use serde_json::Value as Json;

/// How Keras would quantize a layer. Quantized layers are not computed here: only `None` can be read.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Quantization;

impl Field for Quantization {
    fn to_json(&self) -> Json {
        Json::Null
    }

    fn from_json(json: &Json) -> Result<Self> {
        if json.is_null() { Ok(Quantization) } else { Err(Error::unsupported("quantized layers")) }
    }
}
