//! Layers (`keras.layers`): one file each, written once as a traced `call`.

mod activation;
mod attention;
mod batch_normalization;
#[cfg(test)]
mod check;
mod conv;
mod dense;
mod dropout;
mod einsum_dense;
mod elu;
mod embedding;
mod flatten;
mod gaussian;
mod global_pooling;
mod handle;
mod input;
mod layer_normalization;
mod leaky_relu;
mod merge;
mod object;
mod permute;
mod pooling;
mod prelu;
mod relu;
mod repeat_vector;
mod reshape;
mod softmax;
mod spatial;
mod spatial_dropout;
mod up_sampling;
mod zero_padding;

pub use activation::Activation;
pub use attention::{AdditiveAttention, Attention, GroupQueryAttention, MultiHeadAttention};
pub use batch_normalization::BatchNormalization;
pub use conv::{Conv1D, Conv2D, Conv3D};
pub use dense::Dense;
pub use dropout::Dropout;
pub use einsum_dense::{EinsumDense, PartialShape};
pub use elu::ELU;
pub use embedding::Embedding;
pub use flatten::Flatten;
pub use gaussian::{GaussianDropout, GaussianNoise};
pub use global_pooling::{
    GlobalAveragePooling1D, GlobalAveragePooling2D, GlobalAveragePooling3D, GlobalMaxPooling1D,
    GlobalMaxPooling2D, GlobalMaxPooling3D,
};
pub use handle::{LayerExt, LayerRef};
pub use input::InputLayer;
pub use layer_normalization::LayerNormalization;
pub use leaky_relu::LeakyReLU;
pub use merge::{Add, Average, Concatenate, Maximum, Minimum, Multiply, Subtract};
pub use permute::Permute;
pub use pooling::{
    AveragePooling1D, AveragePooling2D, AveragePooling3D, MaxPooling1D, MaxPooling2D, MaxPooling3D,
};
pub use prelu::PReLU;
pub use relu::ReLU;
pub use repeat_vector::RepeatVector;
pub use reshape::Reshape;
pub use softmax::Softmax;
pub use spatial::{Extent, Sides, Strides};
pub use spatial_dropout::{SpatialDropout1D, SpatialDropout2D, SpatialDropout3D};
pub use up_sampling::{UpSampling1D, UpSampling2D, UpSampling3D};
pub use zero_padding::{Cropping1D, Cropping2D, Cropping3D, ZeroPadding1D, ZeroPadding2D, ZeroPadding3D};

use crate::class::{Class, Def, Kind};
use crate::scope::Scope;
use addax_core::{Error, Tensor};

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

    /// Whether it is one of Keras's layers; an op that stands as a node of a functional model is none: it has neither
    /// weights nor a policy.
    fn is_layer(&self) -> bool {
        true
    }

    /// The layers of a network; other layers keep those inside them by [`Scope::child`].
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
    &Conv1D::DEF,
    &Conv2D::DEF,
    &Conv3D::DEF,
    &MaxPooling1D::DEF,
    &MaxPooling2D::DEF,
    &MaxPooling3D::DEF,
    &AveragePooling1D::DEF,
    &AveragePooling2D::DEF,
    &AveragePooling3D::DEF,
    &GlobalAveragePooling1D::DEF,
    &GlobalAveragePooling2D::DEF,
    &GlobalAveragePooling3D::DEF,
    &GlobalMaxPooling1D::DEF,
    &GlobalMaxPooling2D::DEF,
    &GlobalMaxPooling3D::DEF,
    &Embedding::DEF,
    &LayerNormalization::DEF,
    &ReLU::DEF,
    &LeakyReLU::DEF,
    &PReLU::DEF,
    &ELU::DEF,
    &Permute::DEF,
    &RepeatVector::DEF,
    &ZeroPadding1D::DEF,
    &ZeroPadding2D::DEF,
    &ZeroPadding3D::DEF,
    &Cropping1D::DEF,
    &Cropping2D::DEF,
    &Cropping3D::DEF,
    &UpSampling1D::DEF,
    &UpSampling2D::DEF,
    &UpSampling3D::DEF,
    &SpatialDropout1D::DEF,
    &SpatialDropout2D::DEF,
    &SpatialDropout3D::DEF,
    &GaussianNoise::DEF,
    &GaussianDropout::DEF,
    &Softmax::DEF,
    &EinsumDense::DEF,
    &MultiHeadAttention::DEF,
    &GroupQueryAttention::DEF,
    &Attention::DEF,
    &AdditiveAttention::DEF,
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
