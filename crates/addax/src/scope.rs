//! The trace of a layer's call: where it asks for weights, chance and the way it is run.

use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layers::LayerRef;
use crate::random;
use crate::regularizers::Regularizer;
use addax_core::rng::Rng;
use addax_core::{DType, Error, Result, Shape, Tensor, Trace, Value};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// A weight of a layer.
#[derive(Debug)]
pub struct Weight {
    /// Its name in the layer: `kernel`, `bias`, …
    pub name: String,
    /// Its shape.
    pub shape: Vec<usize>,
    /// Its element type.
    pub dtype: DType,
    /// Whether training may change it (if its layer may be trained at all).
    pub trainable: bool,
    /// The penalty on it.
    pub regularizer: Option<Regularizer>,
    /// What is done to it after each update.
    pub constraint: Option<Constraint>,
    value: Mutex<Value>,
}

impl Weight {
    /// Its numbers.
    pub fn value(&self) -> Value {
        self.value.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Gives it other numbers of the same shape and element type.
    pub fn set(&self, value: Value) -> Result<()> {
        if value.shape() != self.shape {
            let got = Shape::of(value.shape());
            return Err(Error::value(format!("weight \"{}\"", self.name))
                .expected(Shape::of(&self.shape))
                .got(got));
        }
        *self.value.lock().unwrap_or_else(PoisonError::into_inner) = value.cast(self.dtype);
        Ok(())
    }

    /// How many numbers it has.
    pub fn count(&self) -> usize {
        self.shape.iter().product()
    }
}

/// What a layer says of a weight when it asks for it; made by [`Scope::weight`], ended by `get`.
pub struct WeightRequest<'s, 'a> {
    scope: &'s mut Scope<'a>,
    name: &'static str,
    shape: Shape,
    initializer: Initializer,
    trainable: bool,
    regularizer: Option<Regularizer>,
    constraint: Option<Constraint>,
}

impl WeightRequest<'_, '_> {
    /// Not changed by the optimizer; the layer itself may [`Scope::update`] it.
    pub fn fixed(mut self) -> Self {
        self.trainable = false;
        self
    }

    /// With a penalty.
    pub fn regularizer(mut self, regularizer: &Option<Regularizer>) -> Self {
        self.regularizer = regularizer.clone();
        self
    }

    /// With a constraint.
    pub fn constraint(mut self, constraint: &Option<Constraint>) -> Self {
        self.constraint = constraint.clone();
        self
    }

    /// The weight as a tensor of the trace.
    pub fn get(self) -> Tensor {
        let Self { scope, name, shape, initializer, trainable, regularizer, constraint } = self;
        let make = || {
            let dims = shape.known().ok_or_else(|| {
                let e = Error::value(format!("weight \"{name}\"")).expected("a known shape").got(&shape);
                e.hint("Give the axes of the input that are not the batch a length.")
            })?;
            let object = initializer.get().map_err(|e| e.at(format!("{name}_initializer")))?;
            let mut rng = object.seed().map_or_else(random::stream, |s| Rng::new(s as u64, 0));
            let data: Vec<f32> = object.values(&dims, &mut rng)?.into_iter().map(|x| x as f32).collect();
            let value = Mutex::new(Value::new(dims.clone(), data)?);
            let name = name.to_string();
            Ok(Weight { name, shape: dims, dtype: DType::F32, trainable, regularizer, constraint, value })
        };
        Tensor::from_result(|| scope.next_weight(make))
    }
}

/// One call of a model or layer, being traced.
pub struct Scope<'a> {
    trace: &'a Trace,
    training: bool,
    /// Key and step of the random numbers, if there are any.
    chance: Option<(Tensor, Tensor)>,
    bound: HashMap<usize, Tensor>,
    frames: Vec<Frame>,
    streams: u32,
    /// New values of weights that the layers themselves change.
    pub(crate) updates: Vec<(Arc<Weight>, Tensor)>,
    /// Penalties and losses that layers add.
    pub(crate) losses: Vec<Tensor>,
}

struct Frame {
    layer: LayerRef,
    next: usize,
}

fn key(weight: &Arc<Weight>) -> usize {
    Arc::as_ptr(weight) as usize
}

impl<'a> Scope<'a> {
    /// A scope in which weights become parameters of the trace when they are first asked for.
    pub fn new(trace: &'a Trace, training: bool) -> Scope<'a> {
        Scope {
            trace,
            training,
            chance: None,
            bound: HashMap::new(),
            frames: Vec::new(),
            streams: 0,
            updates: Vec::new(),
            losses: Vec::new(),
        }
    }

    /// Gives weights their tensors.
    pub fn bind(&mut self, weights: &[Arc<Weight>], tensors: &[Tensor]) {
        self.bound.extend(weights.iter().map(key).zip(tensors.iter().cloned()));
    }

    /// Gives random layers a key (`u32[2]`) and the number of the step (`u32`).
    pub fn set_chance(&mut self, key: Tensor, step: Tensor) {
        self.chance = Some((key, step));
    }

    /// Whether the call is part of training.
    pub fn training(&self) -> bool {
        self.training
    }

    /// Whether the call is part of training and the layer at hand may be trained: a frozen layer that keeps
    /// statistics uses those it has.
    pub fn layer_training(&self) -> bool {
        self.training && self.frames.iter().all(|f| f.layer.trainable())
    }

    /// Asks for a weight: the first call of a layer declares it, later ones find it. Weights come in Keras's order.
    pub fn weight(
        &mut self,
        name: &'static str,
        shape: impl Into<Shape>,
        initializer: &Initializer,
    ) -> WeightRequest<'_, 'a> {
        let (shape, initializer) = (shape.into(), initializer.clone());
        WeightRequest {
            scope: self,
            name,
            shape,
            initializer,
            trainable: true,
            regularizer: None,
            constraint: None,
        }
    }

    fn next_weight(&mut self, make: impl FnOnce() -> Result<Weight>) -> Result<Tensor> {
        let Some(frame) = self.frames.last_mut() else {
            return Err(Error::value("a weight is asked for outside a layer's call"));
        };
        let place = frame.next;
        frame.next += 1;
        let weight = frame.layer.weight_at(place, make)?;
        let trace = self.trace;
        let bound = self.bound.entry(key(&weight));
        Ok(bound.or_insert_with(|| trace.parameter(&weight.name, weight.dtype, &weight.shape[..])).clone())
    }

    /// The new value of a weight that the layer changes itself: the `place`th it asked for.
    pub fn update(&mut self, place: usize, value: Tensor) {
        if let Some(weight) = self.frames.last().and_then(|f| f.layer.own_weights().get(place).cloned()) {
            self.updates.push((weight, value));
        }
    }

    /// Adds to the loss.
    pub fn add_loss(&mut self, loss: Tensor) {
        self.losses.push(loss);
    }

    /// Uniform numbers in [0, 1), others at each call, step and seed.
    pub fn uniform(&mut self, shape: impl Into<Shape>) -> Tensor {
        let shape = shape.into();
        self.streams += 1;
        match &self.chance {
            Some((key, step)) => {
                let first = Tensor::iota(DType::U32, [2], 0).equal(&Tensor::full(DType::U32, [2], 0.0));
                let stream = Tensor::full(DType::U32, [2], f64::from(self.streams));
                let counter = first.select(&step.broadcast_to([2]), &stream);
                Tensor::random_uniform(key, &counter, shape)
            }
            // Shapes are found out without chance.
            None => Tensor::full(DType::F32, shape, 0.5),
        }
    }

    /// Runs a layer inside this call; errors name it.
    pub fn call(&mut self, layer: &LayerRef, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let name = layer.title();
        self.trace.push_scope(&name);
        self.frames.push(Frame { layer: layer.clone(), next: 0 });
        let outputs = layer.layer().call_many(self, inputs);
        self.frames.pop();
        self.trace.pop_scope();
        for t in outputs.iter() {
            t.check().map_err(|e| if e.to_string().starts_with(&name) { e } else { e.at(&name) })?;
        }
        Ok(outputs)
    }
}
