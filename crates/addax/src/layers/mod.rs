//! Layers (`keras.layers`): one file each, written once as a traced `call`.

/// What a folder of layers holds: each class of each file, and the folder's table of them.
macro_rules! registry {
    ($($file:ident::$name:ident),* $(,)?) => {
        $(pub use $file::$name;)*

        pub(super) const TABLE: &[&$crate::class::Def<dyn $crate::layers::Layer>] = &[$(&$name::DEF),*];
    };
}

mod activations;
mod attention;
#[cfg(test)]
mod check;
mod convolutional;
mod core;
mod handle;
mod interpolation;
mod low_rank;
mod merging;
mod normalization;
mod object;
mod pooling;
mod preprocessing;
mod recurrent;
mod regularization;
mod reshaping;
mod spatial;

pub use activations::*;
pub use attention::*;
pub use convolutional::*;
pub use core::*;
pub use handle::{LayerExt, LayerRef};
pub use interpolation::Interpolation;
pub use merging::*;
pub use normalization::*;
pub use pooling::*;
pub use preprocessing::*;
pub use recurrent::*;
pub use regularization::*;
pub use reshaping::*;
pub use spatial::{DataFormat, Extent, OptionalExtent, Sides};

use crate::class::{Class, Config, Def, Kind};
use crate::scope::Scope;
use addax_core::{Error, Result, Tensor, Value};
use std::sync::LazyLock;

/// A layer. Asking the scope for a weight declares it; the output's shape is the traced shape.
pub trait Layer: Class {
    /// The output for one input.
    fn call(&self, _cx: &mut Scope, _x: &Tensor) -> Tensor {
        Tensor::failed(Error::value(self.class_name()).expected("several inputs").got("one"))
    }

    /// The outputs for any number of inputs; layers of one input leave this as it is. Other arguments of the call are
    /// asked of the scope by name.
    fn call_many(&self, cx: &mut Scope, inputs: &[Tensor]) -> Vec<Tensor> {
        match inputs {
            [x] => vec![self.call(cx, x)],
            _ => vec![Tensor::failed(Error::value("inputs").expected("one").got(inputs.len()))],
        }
    }

    /// The names of Keras's call arguments, in order: how arguments given by place are found by name.
    fn signature(&self) -> &'static [&'static str] {
        &["inputs"]
    }

    /// Whether the mask of its input is passed on (to its first output, unless it says more by `set_mask`).
    fn supports_masking(&self) -> bool {
        false
    }

    /// Whether float inputs are cast to the element type that the layer's policy computes in.
    fn autocasts(&self) -> bool {
        true
    }

    /// The cell, if it is one: what recurrent layers run.
    fn cell(&self) -> Option<&dyn Cell> {
        None
    }

    /// Whether it is one of Keras's layers; an op that stands as a node of a functional model is none: it has neither
    /// weights nor a policy.
    fn is_layer(&self) -> bool {
        true
    }

    /// The last touch to the config as it is written: keys that Keras writes only when they were given, say.
    fn written(&self, _config: &mut Config) {}

    /// Files that belong to it and are kept beside its weights, by name: a vocabulary.
    fn assets(&self) -> Result<Vec<(String, Vec<u8>)>> {
        Ok(Vec::new())
    }

    /// Takes over a file that [`Layer::assets`] gave. Only bytes that stood in the model's own file come here.
    fn load_asset(&self, name: &str, _bytes: &[u8]) -> Result<()> {
        Err(Error::unsupported(format!("file \"{name}\" beside the weights")))
    }

    /// Learns from data what it needs before it is used; `layer` is itself in use. See [`LayerRef::adapt`].
    fn adapt(&self, _layer: &LayerRef, _data: &Value) -> Result<()> {
        Err(Error::unsupported("adapt: this layer learns nothing before training"))
    }

    /// What does its work before the graph, for layers of text and hashes; in the graph they are types only
    /// ([`Scope::promised`]).
    fn host(&self) -> Option<&dyn Host> {
        None
    }

    /// Whether it gives text: bytes along one more axis than its shape has for Keras.
    fn gives_text(&self) -> bool {
        false
    }

    /// The layers of a network; other layers keep those inside them by [`Scope::child`].
    fn sublayers(&self) -> Vec<LayerRef> {
        Vec::new()
    }
}

/// Work that is done on arrays before the graph.
pub trait Host {
    /// The output for inputs of the same batch.
    fn run(&self, inputs: &[Value]) -> Result<Value>;

    /// Whether the length of a row depends on the other rows of the batch.
    fn length_varies(&self) -> bool {
        false
    }
}

impl Kind for dyn Layer {
    const WHAT: &'static str = "layer";

    fn defs() -> &'static [&'static Def<dyn Layer>] {
        &LAYERS
    }
}

/// All layers, folder by folder.
pub static LAYERS: LazyLock<Vec<&Def<dyn Layer>>> = LazyLock::new(|| {
    [
        core::TABLE,
        activations::TABLE,
        convolutional::TABLE,
        pooling::TABLE,
        normalization::TABLE,
        regularization::TABLE,
        attention::TABLE,
        recurrent::TABLE,
        reshaping::TABLE,
        merging::TABLE,
        preprocessing::TABLE,
        preprocessing::IMAGES,
        preprocessing::TEXT,
        preprocessing::SOUND,
    ]
    .concat()
});

/// Declares a layer: a class whose name, dtype policy and like keys, which every layer has, are kept in its
/// [`LayerRef`]. Other names that Keras has for the class stand in brackets.
#[macro_export]
macro_rules! layer {
    ($(#[doc = $doc:literal])* pub struct $name:ident $([$($alias:literal),*])? ($($required:tt)*) { $($optional:tt)* }) => {
        $crate::class! {
            $(#[doc = $doc])*
            pub struct $name: dyn Layer in "keras.layers" [$($($alias),*)?]
                keeping ["name", "trainable", "dtype", "activity_regularizer"] ($($required)*) { $($optional)* }
        }

        impl From<$name> for $crate::layers::LayerRef {
            fn from(layer: $name) -> Self { $crate::layers::LayerRef::new(layer) }
        }
    };
}
