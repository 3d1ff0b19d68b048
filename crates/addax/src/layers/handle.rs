//! A layer in use: its name, its weights, whether it may be trained. Cheap to clone; clones are the same layer.

use super::Layer;
use crate::arguments::Arguments;
use crate::models::Symbolic;
use crate::models::names::unique;
use crate::policy::Policy;
use crate::regularizers::Regularizer;
use crate::scope::{Scope, Traced, Weight};
use addax_core::{Result, Shape, Tensor, Trace, Value};
use std::collections::HashSet;
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
    policy: Policy,
    weights: Mutex<Vec<Arc<Weight>>>,
    /// Layers inside it by Keras's attribute name, in the order in which they were made.
    children: Mutex<Vec<(String, LayerRef)>>,
    /// The shape of one sample, if it was given with the layer.
    input_shape: Option<Shape>,
    /// The penalty on its outputs, for layers that have no such argument of their own.
    activity_regularizer: Option<Regularizer>,
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
            policy: Policy::default(),
            weights: Mutex::new(Vec::new()),
            children: Mutex::new(Vec::new()),
            input_shape: None,
            activity_regularizer: None,
        }))
    }

    fn changed(self, change: impl FnOnce(&mut Cell)) -> LayerRef {
        // Called while a layer is being written down, before anybody shares it.
        let mut cell = Cell {
            name: self.0.name.clone(),
            layer: self.0.layer.clone(),
            trainable: AtomicBool::new(self.trainable()),
            policy: self.0.policy.clone(),
            weights: Mutex::new(self.own_weights()),
            children: Mutex::new(self.children()),
            input_shape: self.0.input_shape.clone(),
            activity_regularizer: self.0.activity_regularizer.clone(),
        };
        change(&mut cell);
        LayerRef(Arc::new(cell))
    }

    /// With another name.
    pub fn named(self, name: &str) -> LayerRef {
        self.changed(|cell| cell.name = name.to_string())
    }

    /// With another dtype policy than float32.
    pub fn with_policy(self, policy: Policy) -> LayerRef {
        self.changed(|cell| cell.policy = policy)
    }

    /// With the shape of one sample, as the first layer of a Sequential model may say it.
    pub fn input_shape(self, shape: impl Into<Shape>) -> LayerRef {
        self.changed(|cell| cell.input_shape = Some(shape.into()))
    }

    /// With a penalty on its outputs, per row; for layers that have no such argument of their own.
    pub fn with_activity_regularizer(self, regularizer: impl Into<Regularizer>) -> LayerRef {
        self.changed(|cell| cell.activity_regularizer = Some(regularizer.into()))
    }

    /// The penalty on its outputs, if it was given so.
    pub fn activity_regularizer(&self) -> &Option<Regularizer> {
        &self.0.activity_regularizer
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

    /// In which element type it computes and keeps its weights.
    pub fn policy(&self) -> &Policy {
        &self.0.policy
    }

    /// Whether training may change its weights.
    pub fn trainable(&self) -> bool {
        self.0.trainable.load(Ordering::Relaxed)
    }

    /// Lets training change its weights, or not; takes effect at the next `compile`.
    pub fn set_trainable(&self, trainable: bool) {
        self.0.trainable.store(trainable, Ordering::Relaxed);
    }

    /// Its own weights: those that are trainable by nature first, each kind in the order in which it was asked for.
    pub fn own_weights(&self) -> Vec<Arc<Weight>> {
        let mut weights = self.0.weights.lock().unwrap_or_else(PoisonError::into_inner).clone();
        weights.sort_by_key(|w| !w.trainable);
        weights
    }

    /// The layers inside it with Keras's attribute names, in the order in which they were made; none for a network.
    pub fn children(&self) -> Vec<(String, LayerRef)> {
        self.0.children.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Its weights and those of the layers inside it, each once; with each, whether training may change it.
    pub fn weights(&self) -> Vec<(Arc<Weight>, bool)> {
        let open = self.trainable();
        let own = self.own_weights().into_iter().map(|w| {
            let trainable = w.trainable && open;
            (w, trainable)
        });
        let inside = self.children().into_iter().map(|(_, l)| l).chain(self.0.layer.sublayers());
        let inner = inside.flat_map(|l| l.weights()).map(|(w, t)| (w, t && open));
        let mut seen: HashSet<*const Weight> = HashSet::new();
        own.chain(inner).filter(|(w, _)| seen.insert(Arc::as_ptr(w))).collect()
    }

    /// Counts a weight among its own.
    pub fn adopt(&self, weight: &Arc<Weight>) {
        let mut weights = self.0.weights.lock().unwrap_or_else(PoisonError::into_inner);
        if !weights.iter().any(|w| Arc::ptr_eq(w, weight)) {
            weights.push(weight.clone());
        }
    }

    /// The weight of a name, made if it is asked for the first time.
    pub fn weight_named(&self, name: &str, make: impl FnOnce() -> Result<Weight>) -> Result<Arc<Weight>> {
        let mut weights = self.0.weights.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = weights.iter().find(|w| w.name == name) {
            return Ok(known.clone());
        }
        let made = Arc::new(make()?);
        weights.push(made.clone());
        Ok(made)
    }

    /// The layer inside it under an attribute name, made if it is asked for the first time.
    pub fn child(&self, attribute: &str, make: impl FnOnce() -> LayerRef) -> LayerRef {
        let mut children = self.0.children.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = children.iter().find(|(a, _)| a == attribute) {
            return known.clone();
        }
        let made = make();
        children.push((attribute.to_string(), made.clone()));
        made
    }

    /// Learns from data what the layer needs before it is used: the mean and variance of features, quantiles, a
    /// vocabulary.
    ///
    /// # Errors
    /// A layer that learns nothing so; data of the wrong kind.
    pub fn adapt(&self, data: &Value) -> Result<()> {
        self.0.layer.adapt(self, data).map_err(|e| e.at(self.title()))
    }

    /// An input in the element type in which the layer computes: float tensors only, and only where layers cast.
    pub(crate) fn autocast(&self, x: &Tensor) -> Tensor {
        let to = self.0.policy.compute;
        let casts = self.0.layer.is_layer() && self.0.layer.autocasts() && to.is_float();
        if casts && x.dtype().is_float() && x.dtype() != to { x.cast(to) } else { x.clone() }
    }

    /// Applies the layer to symbolic tensors: a node of a functional model. One tensor is one argument, several are a
    /// list.
    pub fn on_all(&self, inputs: &[&Symbolic]) -> Result<Vec<Symbolic>> {
        self.on_with(Arguments::of(inputs.iter().map(|s| (*s).clone()).collect()))
    }

    /// Applies the layer to any arguments.
    pub fn on_with(&self, arguments: Arguments<Symbolic>) -> Result<Vec<Symbolic>> {
        let trace = Trace::new();
        let traced =
            arguments.map(&mut |s: &Symbolic| Traced::from(trace.parameter("input", s.dtype(), s.shape())));
        let _entered = trace.enter();
        let outputs = Scope::symbolic(&trace).call_with(self, traced)?;
        let types = outputs.iter().map(|t| t.tensor.ty()).collect();
        Ok(Symbolic::outputs_of(self, arguments, types))
    }

    /// Applies the layer to one symbolic tensor and gives its first output.
    pub fn on(&self, input: &Symbolic) -> Result<Symbolic> {
        Ok(self.on_all(&[input])?.remove(0))
    }

    /// Whether both are the same layer.
    pub fn is(&self, other: &LayerRef) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// How many hold it.
    pub fn holders(&self) -> usize {
        Arc::strong_count(&self.0)
    }

    /// What tells it from other layers while it lives.
    pub fn address(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
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
