//! A model's layers: a network, or a stack that waits for the shape of its input.

use super::{Network, Sequential};
use crate::layers::LayerRef;
use crate::scope::Weight;
use addax_core::{Error, Result, Shape};
use std::sync::Arc;

/// What a model is made of.
#[derive(Clone, Debug)]
pub enum Architecture {
    /// Inputs, outputs and the calls between them.
    Built(Arc<Network>),
    /// Layers one after another whose input is not known; it is learnt from the first data.
    Open(Sequential),
}

impl Architecture {
    /// Layers one after another, built if they say what their input is.
    pub fn of(layers: Sequential) -> Result<Architecture> {
        if layers.layers().is_empty() || layers.knows_input() {
            return layers.build().map(|network| Architecture::Built(Arc::new(network)));
        }
        Ok(Architecture::Open(layers))
    }

    /// The network; an error while the input is not known.
    pub fn network(&self) -> Result<&Arc<Network>> {
        match self {
            Architecture::Built(network) => Ok(network),
            Architecture::Open(_) => {
                let error = Error::value("Sequential").expected("the shape of its input").got("none");
                Err(error.hint("Give the first layer an input_shape, or the model data."))
            }
        }
    }

    /// Builds what is not built yet for samples of a given shape.
    pub fn build(&mut self, sample: &Shape) -> Result<()> {
        if let Architecture::Open(layers) = self {
            *self = Architecture::Built(Arc::new(layers.build_for(sample)?));
        }
        Ok(())
    }

    /// Whether it is a plain stack.
    pub fn is_sequential(&self) -> bool {
        match self {
            Architecture::Built(network) => network.is_sequential(),
            Architecture::Open(_) => true,
        }
    }

    /// Its layers in Keras's order.
    pub fn layers(&self) -> Vec<LayerRef> {
        match self {
            Architecture::Built(network) => network.layers(),
            Architecture::Open(layers) => layers.layers().to_vec(),
        }
    }

    /// All weights in Keras's order, and for each whether training may change it; none before it is built.
    pub fn weights(&self) -> Vec<(Arc<Weight>, bool)> {
        match self {
            Architecture::Built(network) => network.weights(),
            Architecture::Open(_) => Vec::new(),
        }
    }
}
