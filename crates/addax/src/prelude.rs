//! Everything that a program needs: `use addax::prelude::*;`.

pub use crate::callbacks::{Callback, EarlyStopping, LearningRateScheduler, ModelCheckpoint, TerminateOnNaN};
pub use crate::layers::{
    Activation, Add, Average, AveragePooling1D, AveragePooling2D, AveragePooling3D, BatchNormalization,
    Concatenate, Conv1D, Conv2D, Conv3D, Cropping1D, Cropping2D, Cropping3D, Dense, Dropout, ELU, Embedding,
    Flatten, GaussianDropout, GaussianNoise, GlobalAveragePooling1D, GlobalAveragePooling2D,
    GlobalAveragePooling3D, GlobalMaxPooling1D, GlobalMaxPooling2D, GlobalMaxPooling3D, LayerExt,
    LayerNormalization, LayerRef, LeakyReLU, MaxPooling1D, MaxPooling2D, MaxPooling3D, Maximum, Minimum,
    Multiply, PReLU, Permute, ReLU, RepeatVector, Reshape, SpatialDropout1D, SpatialDropout2D,
    SpatialDropout3D, Subtract, UpSampling1D, UpSampling2D, UpSampling3D, ZeroPadding1D, ZeroPadding2D,
    ZeroPadding3D,
};
pub use crate::models::{Input, Network, Sequential, Symbolic, text_input};
pub use crate::optimizers::{Adam, RMSprop, SGD};
pub use crate::random::set_random_seed;
pub use crate::regularizers::{L1, L1L2, L2};
pub use crate::training::{Compile, Fit, History, Model, Verbose};
pub use addax_core::{DType, Error, Result, Shape, Tensor, Value};
