//! Symbolic tensors: what a functional model is written with.

use crate::layers::{InputLayer, LayerRef};
use addax_core::{DType, Dim, Result, Shape, TensorType};
use std::fmt;
use std::sync::Arc;

/// A tensor of a model that is being written down: its type, and which call of which layer makes it.
#[derive(Clone)]
pub struct Symbolic {
    ty: TensorType,
    call: Arc<Call>,
    index: usize,
}

/// One call of a layer.
pub struct Call {
    /// The layer.
    pub layer: LayerRef,
    /// What it is called on.
    pub inputs: Vec<Symbolic>,
}

impl Symbolic {
    /// The outputs of a call.
    pub(crate) fn outputs_of(
        layer: &LayerRef,
        inputs: Vec<Symbolic>,
        types: Vec<TensorType>,
    ) -> Vec<Symbolic> {
        let call = Arc::new(Call { layer: layer.clone(), inputs });
        types.into_iter().enumerate().map(|(index, ty)| Symbolic { ty, call: call.clone(), index }).collect()
    }

    /// The shape, with `None` for the batch.
    pub fn shape(&self) -> &Shape {
        &self.ty.shape
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.ty.dtype
    }

    /// Element type and shape.
    pub fn ty(&self) -> &TensorType {
        &self.ty
    }

    /// The call that makes it.
    pub fn call(&self) -> &Arc<Call> {
        &self.call
    }

    /// Which output of the call it is.
    pub fn index(&self) -> usize {
        self.index
    }

    /// Whether both are the same output of the same call.
    pub fn is(&self, other: &Symbolic) -> bool {
        Arc::ptr_eq(&self.call, &other.call) && self.index == other.index
    }
}

impl fmt::Debug for Symbolic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {:?}", self.ty, self.call.layer)
    }
}

/// An input of a model: the shape of one sample, float32.
///
/// ```
/// use addax::prelude::*;
/// assert_eq!(Input([28, 28, 1])?.shape().to_string(), "(None, 28, 28, 1)");
/// # Ok::<(), addax::Error>(())
/// ```
#[allow(non_snake_case)]
pub fn Input(shape: impl Into<Shape>) -> Result<Symbolic> {
    let sample = shape.into();
    let shape = Shape::from([&[Dim::UNKNOWN], sample.dims()].concat());
    Ok(input(TensorType::new(DType::F32, shape), None))
}

/// An input of a given type and perhaps name.
pub(crate) fn input(ty: TensorType, name: Option<String>) -> Symbolic {
    let batch_shape = ty.shape.dims().iter().map(|d| d.known()).collect::<Vec<_>>();
    let layer = InputLayer::new().batch_shape(batch_shape).dtype(ty.dtype);
    let name = name.or_else(|| Some(super::names::unique("InputLayer")));
    let layer = LayerRef::shared(Arc::new(layer), name);
    Symbolic::outputs_of(&layer, Vec::new(), vec![ty]).remove(0)
}
