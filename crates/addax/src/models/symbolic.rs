//! Symbolic tensors: what a functional model is written with.

use crate::arguments::{Argument, Arguments};
use crate::layers::{InputLayer, InputType, LayerRef};
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
    /// What it is called with.
    pub arguments: Arguments<Symbolic>,
    /// The types of its outputs.
    pub outputs: Vec<TensorType>,
}

impl Call {
    /// The tensors among its arguments.
    pub fn inputs(&self) -> Vec<&Symbolic> {
        self.arguments.leaves()
    }
}

impl Drop for Call {
    /// Calls hold each other in a chain as long as the model is deep; they are let go one by one, not by recursion.
    fn drop(&mut self) {
        let mut rest = Vec::new();
        release(&mut self.arguments, &mut rest);
        while let Some(symbolic) = rest.pop() {
            if let Some(mut call) = Arc::into_inner(symbolic.call) {
                release(&mut call.arguments, &mut rest);
            }
        }
    }
}

fn release(arguments: &mut Arguments<Symbolic>, rest: &mut Vec<Symbolic>) {
    let named = std::mem::take(&mut arguments.named).into_iter().map(|(_, a)| a);
    let mut open: Vec<Argument<Symbolic>> =
        std::mem::take(&mut arguments.positional).into_iter().chain(named).collect();
    while let Some(argument) = open.pop() {
        match argument {
            Argument::Tensor(s) => rest.push(s),
            Argument::Plain(_) => {}
            Argument::List(list) => open.extend(list),
            Argument::Dict(entries) => open.extend(entries.into_iter().map(|(_, a)| a)),
        }
    }
}

impl Symbolic {
    /// The outputs of a call.
    pub(crate) fn outputs_of(
        layer: &LayerRef,
        arguments: Arguments<Symbolic>,
        types: Vec<TensorType>,
    ) -> Vec<Symbolic> {
        let call = Arc::new(Call { layer: layer.clone(), arguments, outputs: types.clone() });
        types.into_iter().enumerate().map(|(index, ty)| Symbolic { ty, call: call.clone(), index }).collect()
    }

    /// All outputs of a call.
    pub fn outputs(call: &Arc<Call>) -> Vec<Symbolic> {
        let of = |(index, ty): (usize, &TensorType)| Symbolic { ty: ty.clone(), call: call.clone(), index };
        call.outputs.iter().enumerate().map(of).collect()
    }

    /// The shape, with `None` for the batch.
    pub fn shape(&self) -> &Shape {
        &self.ty.shape
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        self.ty.dtype
    }

    /// Whether it is text: bytes along one more axis than Keras counts.
    pub fn is_text(&self) -> bool {
        self.call.layer.layer().gives_text()
    }

    /// The shape as Keras counts it: text without the axis of its bytes.
    pub fn shown_shape(&self) -> Shape {
        let dims = self.ty.shape.dims();
        let kept = if self.is_text() { &dims[..dims.len().saturating_sub(1)] } else { dims };
        Shape::from(kept.to_vec())
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
        self.key() == other.key()
    }

    /// What tells it from other tensors while it lives.
    pub fn key(&self) -> (usize, usize) {
        (address(&self.call), self.index)
    }
}

/// What tells a call from others while it lives.
pub(crate) fn address(call: &Arc<Call>) -> usize {
    Arc::as_ptr(call) as usize
}

impl fmt::Debug for Symbolic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {:?}", self.ty, self.call.layer)
    }
}

impl PartialEq for Symbolic {
    fn eq(&self, other: &Symbolic) -> bool {
        self.is(other)
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

/// An input of text: the shape of one sample.
pub fn text_input(shape: impl Into<Shape>) -> Symbolic {
    let sample = shape.into();
    let batch_shape = [&[Dim::UNKNOWN], sample.dims()].concat();
    let shown = batch_shape.iter().map(|d| d.known()).collect::<Vec<_>>();
    let layer = LayerRef::new(InputLayer::new().batch_shape(shown).dtype(InputType::Text));
    input_of(&layer, TensorType::new(DType::U8, Shape::from([&batch_shape[..], &[Dim::UNKNOWN]].concat())))
}

/// An input of a given type and perhaps name.
pub fn input(ty: TensorType, name: Option<String>) -> Symbolic {
    let batch_shape = ty.shape.dims().iter().map(|d| d.known()).collect::<Vec<_>>();
    let layer = InputLayer::new().batch_shape(batch_shape).dtype(ty.dtype);
    let name = name.unwrap_or_else(|| super::names::unique("InputLayer"));
    let layer = LayerRef::shared(Arc::new(layer), Some(name));
    input_of(&layer, ty)
}

/// The tensor of an InputLayer.
pub(crate) fn input_of(layer: &LayerRef, ty: TensorType) -> Symbolic {
    let none = Arguments { positional: Vec::new(), named: Vec::new() };
    Symbolic::outputs_of(layer, none, vec![ty]).remove(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Activation, LayerExt};

    #[test]
    fn a_very_deep_model_is_let_go_without_recursion() {
        let relu = Activation::new("relu").named("relu");
        let mut x = Input([1]).unwrap();
        for _ in 0..200_000 {
            let arguments = Arguments::of(vec![x.clone()]);
            x = Symbolic::outputs_of(&relu, arguments, vec![x.ty().clone()]).remove(0);
        }
        drop(x);
    }
}
