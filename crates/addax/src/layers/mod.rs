//! Layers (`keras.layers`): one file each, written once as a traced `call`.

mod activation;
mod batch_normalization;
mod dense;
mod dropout;
mod flatten;
mod handle;
mod input;
mod merge;
mod reshape;

pub use activation::Activation;
pub use batch_normalization::BatchNormalization;
pub use dense::Dense;
pub use dropout::Dropout;
pub use flatten::Flatten;
pub use handle::{LayerExt, LayerRef};
pub use input::InputLayer;
pub use merge::{Add, Average, Concatenate, Maximum, Minimum, Multiply, Subtract};
pub use reshape::Reshape;

use crate::class::{Class, Def, Kind};
use crate::scope::Scope;
use addax_core::{Error, Tensor};

/// A layer. Asking the scope for a weight declares it; the output's shape is the traced shape.
pub trait Layer: Class {
    /// The output for one input.
    fn call(&self, _cx: &mut Scope, _x: &Tensor) -> Tensor {
        Tensor::failed(Error::value(self.class_name()).expected("several inputs").got("one"))
    }

    /// The outputs for any number of inputs; layers of one input leave this as it is.
    fn call_many(&self, cx: &mut Scope, inputs: &[Tensor]) -> Vec<Tensor> {
        match inputs {
            [x] => vec![self.call(cx, x)],
            _ => vec![Tensor::failed(Error::value("inputs").expected("one").got(inputs.len()))],
        }
    }

    /// The layers inside it, in the order in which their weights are listed.
    fn sublayers(&self) -> Vec<LayerRef> {
        Vec::new()
    }
}

impl Kind for dyn Layer {
    const WHAT: &'static str = "layer";

    fn defs() -> &'static [&'static Def<dyn Layer>] {
        LAYERS
    }
}

/// All layers.
pub const LAYERS: &[&Def<dyn Layer>] = &[
    &InputLayer::DEF,
    &Dense::DEF,
    &Activation::DEF,
    &Dropout::DEF,
    &Flatten::DEF,
    &Reshape::DEF,
    &BatchNormalization::DEF,
    &Add::DEF,
    &Subtract::DEF,
    &Multiply::DEF,
    &Average::DEF,
    &Maximum::DEF,
    &Minimum::DEF,
    &Concatenate::DEF,
];

/// Config keys that every layer has; they are kept in its [`LayerRef`].
#[macro_export]
macro_rules! layer {
    ($(#[doc = $doc:literal])* pub struct $name:ident ($($required:tt)*) { $($optional:tt)* }) => {
        $crate::class! {
            $(#[doc = $doc])*
            pub struct $name: dyn Layer in "keras.layers" [] keeping ["name", "trainable", "dtype"] ($($required)*) { $($optional)* }
        }

        impl From<$name> for $crate::layers::LayerRef {
            fn from(layer: $name) -> Self { $crate::layers::LayerRef::new(layer) }
        }
    };
}
