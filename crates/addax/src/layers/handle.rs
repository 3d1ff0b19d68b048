//! A layer in use: its name, its weights, whether it may be trained. Cheap to clone; clones are the same layer.

use super::Layer;
use crate::models::Symbolic;
use crate::models::names::unique;
use crate::scope::{Scope, Weight};
use addax_core::{Result, Shape, Trace};
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// A layer in use.
#[derive(Clone)]
pub struct LayerRef(Arc<Cell>);

struct Cell {
    name: String,
    layer: Arc<dyn Layer>,
    trainable: AtomicBool,
    weights: Mutex<Vec<Arc<Weight>>>,
    /// The shape of one sample, if it was given with the layer.
    input_shape: Option<Shape>,
}

impl LayerRef {
    /// A layer with a name of its own (`dense`, `dense_1`, …).
    pub fn new(layer: impl Layer + 'static) -> LayerRef {
        LayerRef::shared(Arc::new(layer), None)
    }

    /// A layer with a given name, or one made from its class.
    pub fn shared(layer: Arc<dyn Layer>, name: Option<String>) -> LayerRef {
        let name = name.unwrap_or_else(|| unique(layer.class_name()));
        LayerRef(Arc::new(Cell {
            name,
            layer,
            trainable: AtomicBool::new(true),
            weights: Mutex::new(Vec::new()),
            input_shape: None,
        }))
    }

    fn changed(self, change: impl FnOnce(&mut Cell)) -> LayerRef {
        // Called while a layer is being written down, before anybody shares it.
        let mut cell = Cell {
            name: self.0.name.clone(),
            layer: self.0.layer.clone(),
            trainable: AtomicBool::new(self.trainable()),
            weights: Mutex::new(self.own_weights()),
            input_shape: self.0.input_shape.clone(),
        };
        change(&mut cell);
        LayerRef(Arc::new(cell))
    }

    /// With another name.
    pub fn named(self, name: &str) -> LayerRef {
        self.changed(|cell| cell.name = name.to_string())
    }

    /// With the shape of one sample, as the first layer of a Sequential model may say it.
    pub fn input_shape(self, shape: impl Into<Shape>) -> LayerRef {
        self.changed(|cell| cell.input_shape = Some(shape.into()))
    }

    /// The shape of one sample, if it was given.
    pub fn given_input_shape(&self) -> Option<&Shape> {
        self.0.input_shape.as_ref()
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.0.name
    }

    /// How messages call it: `Dense "dense_1"`.
    pub fn title(&self) -> String {
        format!("{} \"{}\"", self.0.layer.class_name(), self.0.name)
    }

    /// What it computes.
    pub fn layer(&self) -> &Arc<dyn Layer> {
        &self.0.layer
    }

    /// Whether training may change its weights.
    pub fn trainable(&self) -> bool {
        self.0.trainable.load(Ordering::Relaxed)
    }

    /// Lets training change its weights, or not; takes effect at the next `compile`.
    pub fn set_trainable(&self, trainable: bool) {
        self.0.trainable.store(trainable, Ordering::Relaxed);
    }

    /// Its own weights in the order in which they were asked for.
    pub fn own_weights(&self) -> Vec<Arc<Weight>> {
        self.0.weights.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its weights and those of the layers inside it; with each, whether training may change it.
    pub fn weights(&self) -> Vec<(Arc<Weight>, bool)> {
        let open = self.trainable();
        let inner = self.0.layer.sublayers();
        let mut all: Vec<(Arc<Weight>, bool)> = self
            .own_weights()
            .into_iter()
            .map(|w| {
                let trainable = w.trainable && open;
                (w, trainable)
            })
            .collect();
        all.extend(inner.iter().flat_map(LayerRef::weights).map(|(w, t)| (w, t && open)));
        // Keras lists what is trainable by nature first.
        all.sort_by_key(|(w, _)| !w.trainable);
        all
    }

    /// The `place`th weight, made if it is asked for the first time.
    pub(crate) fn weight_at(
        &self,
        place: usize,
        make: impl FnOnce() -> Result<Weight>,
    ) -> Result<Arc<Weight>> {
        let mut weights = self.0.weights.lock().unwrap_or_else(PoisonError::into_inner);
        if weights.len() <= place {
            weights.push(Arc::new(make()?));
        }
        Ok(weights[place].clone())
    }

    /// Applies the layer to symbolic tensors: a node of a functional model.
    pub fn on_all(&self, inputs: &[&Symbolic]) -> Result<Vec<Symbolic>> {
        let trace = Trace::new();
        let tensors: Vec<_> = inputs.iter().map(|s| trace.parameter("input", s.dtype(), s.shape())).collect();
        let _entered = trace.enter();
        let mut scope = Scope::new(&trace, false);
        let outputs = scope.call(self, &tensors)?;
        let types = outputs.iter().map(|t| t.ty()).collect();
        Ok(Symbolic::outputs_of(self, inputs.iter().map(|s| (*s).clone()).collect(), types))
    }

    /// Applies the layer to one symbolic tensor and gives its first output.
    pub fn on(&self, input: &Symbolic) -> Result<Symbolic> {
        Ok(self.on_all(&[input])?.remove(0))
    }

    /// Whether both are the same layer.
    pub fn is(&self, other: &LayerRef) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl fmt::Debug for LayerRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title())
    }
}

/// What every layer's description can do: become a layer in use.
pub trait LayerExt: Layer + Sized + 'static {
    /// With a name.
    fn named(self, name: &str) -> LayerRef {
        LayerRef::new(self).named(name)
    }

    /// With the shape of one sample: `Dense::new(64usize).input_shape([10])`.
    fn input_shape(self, shape: impl Into<Shape>) -> LayerRef {
        LayerRef::new(self).input_shape(shape)
    }

    /// Applied to a symbolic tensor.
    fn on(self, input: &Symbolic) -> Result<Symbolic> {
        LayerRef::new(self).on(input)
    }

    /// Applied to several symbolic tensors.
    fn on_all(self, inputs: &[&Symbolic]) -> Result<Symbolic> {
        Ok(LayerRef::new(self).on_all(inputs)?.remove(0))
    }
}

impl<L: Layer + Sized + 'static> LayerExt for L {}
