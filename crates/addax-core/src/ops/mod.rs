//! The ops, named and defined as in StableHLO. Each stands in one file with its shape rule (`infer`), its plain
//! evaluation (`eval`), its gradient (`vjp`), its method on [`Tensor`] and its tests; elementwise
//! ops are rows of a table. Whatever can be written with ops is a plain function of tensors, not an op.

pub mod arg_reduce;
mod attributes;
pub mod binary;
pub mod bitcast;
pub mod broadcast;
pub mod compare;
pub mod concatenate;
pub mod conv;
pub mod convert;
pub mod convolution;
pub mod cumulative;
pub mod dot;
pub mod dynamic;
pub mod einsum;
pub mod fft;
pub mod gather;
pub mod indexing;
pub mod leaf;
pub mod linalg;
pub mod pad;
pub mod pool;
pub mod random;
pub mod reduce;
pub mod reduce_window;
pub mod reshape;
pub mod reverse;
pub mod scan;
mod scan_gradient;
pub mod scatter;
pub mod select;
pub mod select_window;
pub mod slice;
pub mod sort;
pub mod spatial;
pub mod unary;
pub mod while_loop;
mod wide;
mod window;

pub use arg_reduce::ArgReduce;
pub use attributes::{AttributeValue, Attributes, attribute};
pub use binary::Binary;
pub use bitcast::BitcastConvert;
pub use broadcast::BroadcastInDim;
pub use compare::{Compare, Direction};
pub use concatenate::Concatenate;
pub use convert::Convert;
pub use convolution::{ConvAxes, ConvDimensions, Convolution};
pub use cumulative::Cumulative;
pub use dot::DotGeneral;
pub use fft::Fft;
pub use gather::{Gather, GatherDims};
pub use leaf::{Constant, Iota, Parameter, StopGradient};
pub use linalg::{Cholesky, Eigh, Lu, Qr, Svd, TriangularSolve};
pub use pad::Pad;
pub use random::{RandomBits, RandomUniform};
pub use reduce::{Reduce, Reduction};
pub use reduce_window::ReduceWindow;
pub use reshape::{Reshape, Transpose};
pub use reverse::Reverse;
pub use scan::{Body, Scan};
pub use scatter::{Scatter, ScatterKind};
pub use select::Select;
pub use select_window::{SelectAndGather, SelectAndScatter};
pub use slice::Slice;
pub use sort::{Sort, TopK};
pub use spatial::{Padding, Spatial};
pub use unary::Unary;
pub use while_loop::While;

use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::tensor::Tensor;
use crate::value::Value;

/// What every op owes.
pub trait Primitive {
    /// The types of the results from the types of the inputs, or what does not fit.
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>>;

    /// The results by the definition, in the plainest loops that are right.
    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>>;

    /// The gradient by each input, from the gradient by each result; written in ops.
    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>>;
}

macro_rules! primitives {
    ($($name:ident),* $(,)?) => {
        /// An op with its attributes.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs)]
        pub enum Op { $($name($name)),* }

        impl Op {
            fn primitive(&self) -> &dyn Primitive {
                match self { $(Op::$name(op) => op),* }
            }

            /// Its attributes as text.
            pub fn attributes(&self) -> Attributes {
                match self { $(Op::$name(op) => op.attributes()),* }
            }

            /// The kind of op, whatever its attributes.
            fn kind(&self) -> &'static str {
                match self { $(Op::$name(_) => $name::NAME),* }
            }

            /// Builds an op from its name and attributes.
            pub fn from_text(name: &str, attributes: &Attributes) -> Result<Op> {
                if let Some(op) = Unary::named(name) {
                    return Ok(Op::Unary(op));
                }
                if let Some(op) = Binary::named(name) {
                    return Ok(Op::Binary(op));
                }
                match name {
                    $($name::NAME => $name::from_attributes(attributes).map(Op::$name),)*
                    _ => Err(Error::unknown("op", name, [$($name::NAME),*])),
                }
            }
        }
    };
}

primitives! {
    Parameter, Constant, Iota, StopGradient, Unary, Binary, Compare, Select, Convert, BroadcastInDim, Reshape,
    Transpose, Reduce, DotGeneral, RandomUniform, Slice, Pad, Concatenate, Scan, While, Reverse, Convolution,
    ReduceWindow, SelectAndScatter, SelectAndGather, Gather, Scatter,
    Cumulative, Sort, TopK, ArgReduce, BitcastConvert, RandomBits,
    Cholesky, TriangularSolve, Lu, Qr, Eigh, Svd, Fft,
}

impl Op {
    /// Its name: `dot_general`, `tanh`, …
    pub fn name(&self) -> &'static str {
        match self {
            Op::Unary(op) => op.name(),
            Op::Binary(op) => op.name(),
            _ => self.kind(),
        }
    }

    /// The types of its results.
    pub fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        self.primitive().infer(inputs).map_err(|e| e.at(self.name()))
    }

    /// Its results by the definition.
    pub fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        self.primitive().eval(inputs).map_err(|e| e.at(self.name()))
    }

    /// The gradients by its inputs.
    pub fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        self.primitive().vjp(cx)
    }
}

/// The inputs of an op with exactly `N` of them.
pub fn exactly<'a, T: ?Sized, const N: usize>(inputs: &[&'a T]) -> Result<[&'a T; N]> {
    <[&T; N]>::try_from(inputs).map_err(|_| Error::value("inputs").expected(N).got(inputs.len()))
}

/// Checks that two inputs have the same element type.
pub fn same_dtype(a: &TensorType, b: &TensorType) -> Result<()> {
    if a.dtype == b.dtype {
        return Ok(());
    }
    let error = Error::type_("element types").expected("the same on both sides");
    Err(error.got(format_args!("{} and {}", a.dtype, b.dtype)).hint("Convert one of them."))
}

/// Checks that every axis is in range and named once.
pub fn check_axes(axes: &[usize], rank: usize) -> Result<()> {
    for (i, a) in axes.iter().enumerate() {
        if *a >= rank || axes[..i].contains(a) {
            return Err(Error::value("axes")
                .expected(format_args!("different axes below {rank}"))
                .got(format_args!("{axes:?}")));
        }
    }
    Ok(())
}
