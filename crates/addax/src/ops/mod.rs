//! Keras's ops (`keras.ops`): functions of tensors, and the same as nodes of functional models.
//!
//! Every op is a row (see [`ops!`](crate::ops!)): `ops::argmax(&x, -1)` computes, `ops::Argmax::new().axis(-1).on(&x)`
//! is a node of a model, and a file finds the class by its name. Numbers take the kind of the tensor beside them, as in
//! Keras: an int8 tensor plus 2 is int8, plus 2.5 float32.
//!
//! All of Keras's ops are here but those whose numbers are complex (`view_as_complex`, `view_as_real`, `polar`, `eig`: no
//! element type holds them) and those that differentiate (`jvp`, `custom_gradient`: the trainer does that). The shape, the
//! element type and the numbers of a tensor are its own methods. Ops that take functions (`map`, `scan`, `cond`, …) are
//! functions only, as a file would hold Python code in their place.
//!
//! ```
//! use addax::{Tensor, Value, ops};
//! let x = Tensor::from(Value::new([2, 2], vec![1f32, 2.0, 3.0, 4.0])?);
//! let y = ops::multiply(ops::add(&x, 1), 0.5);
//! assert_eq!(y.to_value()?, Value::new([2, 2], vec![1f32, 1.5, 2.0, 2.5])?);
//! # Ok::<(), addax::Error>(())
//! ```

mod argument;
mod axes;
mod control;
mod core;
mod define;
mod einops;
pub mod image;
mod linalg;
mod math;
mod nn;
mod numpy;
mod operand;

pub use self::core::*;
pub use argument::{CallArgument, Given, Rest};
pub use axes::{Axes, Several};
pub use control::*;
pub use define::{OpDef, Outcome, Outputs, refuse_others};
pub use einops::*;
pub use linalg::*;
pub use math::*;
pub use nn::*;
pub use numpy::*;
pub use operand::{Kind, Listed, Number, Operand, float, result_type};

use crate::arguments::Arguments;
use addax_core::{Error, Result, Tensor};

/// All ops, file by file.
pub const OPS: &[&[&[OpDef]]] =
    &[core::TABLES, einops::TABLES, image::TABLES, linalg::TABLES, math::TABLES, nn::TABLES, numpy::TABLES];

/// All ops, one after another.
pub fn defs() -> impl Iterator<Item = &'static OpDef> {
    OPS.iter().copied().flatten().copied().flatten()
}

/// Calls a function of `keras.ops` by its name, with arguments by place and by name.
pub fn call(function: &str, arguments: Arguments<Tensor>) -> Result<Vec<Tensor>> {
    find(function)?.apply(arguments)
}

/// The op of a function of `keras.ops`.
pub fn find(function: &str) -> Result<&'static OpDef> {
    let found = defs().find(|op| op.functions.iter().any(|f| keras_name(f) == function));
    let known = || defs().flat_map(|op| op.functions.iter().map(|f| keras_name(f)));
    found.ok_or_else(|| Error::unknown("function of ops", function, known()))
}

/// Keras's name of a function: Rust's own words have a `_` behind them here.
pub fn keras_name(function: &'static str) -> &'static str {
    function.trim_end_matches('_')
}
