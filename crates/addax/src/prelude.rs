//! Everything that a program needs: `use addax::prelude::*;`.

pub use crate::callbacks::{Callback, EarlyStopping, LearningRateScheduler, ModelCheckpoint, TerminateOnNaN};
pub use crate::layers::{
    Activation, Add, Average, BatchNormalization, Concatenate, Dense, Dropout, Flatten, LayerExt, LayerRef,
    Maximum, Minimum, Multiply, Reshape, Subtract,
};
pub use crate::models::{Input, Network, Sequential, Symbolic};
pub use crate::optimizers::{Adam, RMSprop, SGD};
pub use crate::random::set_random_seed;
pub use crate::regularizers::{L1, L1L2, L2};
pub use crate::training::{Compile, Fit, History, Model, Verbose};
pub use addax_core::{DType, Error, Result, Shape, Tensor, Value};
