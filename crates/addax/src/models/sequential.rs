//! Layers one after another, as they are written down.

use super::Network;
use super::symbolic::{input, input_of};
use crate::layers::{InputLayer, LayerRef};
use addax_core::{DType, Dim, Error, Result, Shape, TensorType};
use std::any::Any;

/// Layers one after another; becomes a [`Network`] when the input's shape is known.
#[derive(Clone, Debug, Default)]
pub struct Sequential {
    layers: Vec<LayerRef>,
}

impl Sequential {
    /// No layer yet.
    pub fn new() -> Sequential {
        Sequential::default()
    }

    /// Adds a layer at the end. The first may be an InputLayer.
    #[allow(clippy::should_implement_trait)]
    pub fn add(mut self, layer: impl Into<LayerRef>) -> Sequential {
        self.layers.push(layer.into());
        self
    }

    /// Its layers, an InputLayer that was added among them.
    pub fn layers(&self) -> &[LayerRef] {
        &self.layers
    }

    /// Whether the shape of its input is known: by an InputLayer, the first layer's `input_shape`, or a model that
    /// comes first.
    pub fn knows_input(&self) -> bool {
        self.layers.first().is_some_and(|first| {
            let network = (&**first.layer() as &dyn Any).is::<Network>();
            network || input_type(first).is_some() || first.given_input_shape().is_some()
        })
    }

    /// The network, its input given by an InputLayer, by the first layer's `input_shape`, or by a model that comes first.
    pub fn build(&self) -> Result<Network> {
        let first =
            self.layers.first().ok_or_else(|| Error::value("Sequential").expected("at least one layer"))?;
        if let Some(ty) = input_type(first) {
            return Network::stack(input_of(first, ty), &self.layers[1..]);
        }
        if let Some(shape) = first.given_input_shape() {
            return self.build_for(shape);
        }
        let nested = (&**first.layer() as &dyn Any).downcast_ref::<Network>();
        if let Some([one]) = nested.map(Network::inputs) {
            return Network::stack(input(one.ty().clone(), None), &self.layers);
        }
        let error = Error::value(format!("Sequential > {}", first.title()));
        Err(error.expected("an input_shape").got("none"))
    }

    /// The network for samples of a given shape, without the batch.
    pub fn build_for(&self, sample: &Shape) -> Result<Network> {
        let shape = Shape::from([&[Dim::UNKNOWN], sample.dims()].concat());
        self.build_for_batch(shape)
    }

    /// The network for batches of a given shape.
    pub fn build_for_batch(&self, shape: Shape) -> Result<Network> {
        let dtype = self.layers.first().map(|l| l.policy().compute).unwrap_or(DType::F32);
        Network::stack(input(TensorType::new(dtype, shape), None), &self.layers)
    }
}

/// What an InputLayer lets in; nothing for any other layer.
pub(super) fn input_type(layer: &LayerRef) -> Option<TensorType> {
    let input = (&**layer.layer() as &dyn Any).downcast_ref::<InputLayer>()?;
    let mut dims: Vec<Dim> = input.batch_shape.iter().map(|d| Dim::from(*d)).collect();
    if layer.layer().gives_text() {
        dims.push(Dim::UNKNOWN);
    }
    Some(TensorType::new(input.dtype.dtype(), Shape::from(dims)))
}
