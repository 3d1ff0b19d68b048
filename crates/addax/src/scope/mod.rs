//! The trace of a layer's call: where it asks for weights, arguments, masks, chance and the way it is run.

mod weight;

pub use weight::{Weight, WeightRequest};

use crate::arguments::{Argument, Arguments};
use crate::initializers::Initializer;
use crate::layers::LayerRef;
use crate::policy::Policy;
use crate::random;
use crate::regularizers::Regularizer;
use addax_core::{DType, Error, GradientTape, Result, Shape, Tensor, Trace, Value};
use serde_json::Value as Json;
use std::collections::HashMap;
use std::sync::Arc;

/// A tensor of a call with the mask that Keras carries beside it: which steps are there (bool, `[batch, steps]`).
#[derive(Clone, Debug)]
pub struct Traced {
    /// The tensor.
    pub tensor: Tensor,
    /// Its mask, if it has one.
    pub mask: Option<Tensor>,
}

impl From<Tensor> for Traced {
    fn from(tensor: Tensor) -> Traced {
        Traced { tensor, mask: None }
    }
}

/// One call of a model or layer, being traced.
pub struct Scope {
    trace: Trace,
    /// Whether weights are their numbers at hand, not parameters of a trace.
    eager: bool,
    training: bool,
    /// Whether only the types of the results matter: a model is being written down.
    symbolic: bool,
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

/// A layer's call that is under way.
struct Frame {
    layer: LayerRef,
    arguments: Arguments<Traced>,
    /// Masks that the layer gave its outputs.
    masks: Vec<(usize, Option<Tensor>)>,
}

fn key(weight: &Arc<Weight>) -> usize {
    Arc::as_ptr(weight) as usize
}

impl Scope {
    /// A scope in which weights become parameters of the trace when they are first asked for.
    pub fn new(trace: &Trace, training: bool) -> Scope {
        Scope {
            trace: trace.clone(),
            eager: false,
            training,
            symbolic: false,
            chance: None,
            bound: HashMap::new(),
            frames: Vec::new(),
            streams: 0,
            updates: Vec::new(),
            losses: Vec::new(),
        }
    }

    /// A scope in which weights are their numbers at hand: layers compute at once, and tapes follow their weights.
    ///
    /// ```
    /// use addax::prelude::*;
    /// use addax::{layers::LayerRef, scope::Scope};
    /// let dense = LayerRef::new(Dense::new(2usize).kernel_initializer("ones"));
    /// let x = Tensor::from(Value::new([1, 2], vec![1f32, 2.0])?);
    /// assert_eq!(Scope::eager(false).call(&dense, &[x])?[0].to_value()?, Value::new([1, 2], vec![3f32, 3.0])?);
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub fn eager(training: bool) -> Scope {
        let mut scope = Scope { eager: true, ..Scope::new(&Trace::new(), training) };
        let seed = random::fresh_seed();
        let key = Value::from(vec![seed as u32, (seed >> 32) as u32]);
        scope.set_chance(key.into(), Value::scalar(0u32).into());
        scope
    }

    /// Whether weights are their numbers at hand.
    pub fn is_eager(&self) -> bool {
        self.eager
    }

    /// Moves the scope out, to lend it to code that cannot borrow; what is left behind holds nothing.
    pub fn take(&mut self) -> Scope {
        let empty = Scope::new(&self.trace, self.training);
        std::mem::replace(self, empty)
    }

    /// The new values of weights so far, and what was added to the loss.
    pub fn effects(&self) -> (&[(Arc<Weight>, Tensor)], &[Tensor]) {
        (&self.updates, &self.losses)
    }

    /// A scope in which only the types of results matter: a model is being written down.
    pub(crate) fn symbolic(trace: &Trace) -> Scope {
        Scope { symbolic: true, ..Scope::new(trace, false) }
    }

    /// Whether only the types of results matter.
    pub fn is_symbolic(&self) -> bool {
        self.symbolic
    }

    /// The result of work that is done before the graph (see [`Layer::host`](crate::layers::Layer::host)): a type while
    /// a model is written down, an error where the graph itself would have to do it.
    pub fn promised(&self, dtype: DType, shape: impl Into<Shape>) -> Tensor {
        if self.symbolic {
            return self.trace.parameter("host", dtype, shape);
        }
        let error = Error::unsupported("work on text or hashes inside the graph");
        Tensor::failed(
            error.hint("Call the layer on what comes from the model's inputs without trained weights."),
        )
    }

    /// Gives weights their tensors.
    pub fn bind(&mut self, weights: &[Arc<Weight>], tensors: &[Tensor]) {
        self.bound.extend(weights.iter().map(key).zip(tensors.iter().cloned()));
    }

    /// Gives random layers a key (`u32[2]`) and the number of the step (`u32`).
    pub fn set_chance(&mut self, key: Tensor, step: Tensor) {
        self.chance = Some((key, step));
    }

    /// Whether the call is part of training; a `training` argument of a call decides for all inside it.
    pub fn training(&self) -> bool {
        let said = |f: &Frame| match f.arguments.named.iter().find(|(n, _)| n == "training") {
            Some((_, Argument::Plain(Json::Bool(b)))) => Some(*b),
            _ => None,
        };
        self.frames.iter().rev().find_map(said).unwrap_or(self.training)
    }

    /// Whether the call is part of training and the layer at hand may be trained: a frozen layer that keeps
    /// statistics uses those it has.
    pub fn layer_training(&self) -> bool {
        self.training() && self.frames.iter().all(|f| f.layer.trainable())
    }

    /// The dtype policy of the layer at hand.
    pub fn policy(&self) -> Policy {
        self.frames.last().map(|f| f.layer.policy().clone()).unwrap_or_default()
    }

    /// An argument of the call by its name in the layer's signature.
    pub fn argument(&self, name: &str) -> Option<&Argument<Traced>> {
        let frame = self.frames.last()?;
        frame.arguments.get(frame.layer.layer().signature(), name)
    }

    /// All arguments of the call.
    pub fn arguments(&self) -> Option<&Arguments<Traced>> {
        self.frames.last().map(|f| &f.arguments)
    }

    /// A tensor argument by its name.
    pub fn tensor(&self, name: &str) -> Option<Tensor> {
        match self.argument(name)? {
            Argument::Tensor(t) => Some(t.tensor.clone()),
            _ => None,
        }
    }

    /// A truth value among the arguments.
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.argument(name)? {
            Argument::Plain(Json::Bool(b)) => Some(*b),
            _ => None,
        }
    }

    /// The mask of the `i`th input: the argument `mask` of the call if it was given, else what the tensor carries.
    pub fn mask(&self, i: usize) -> Option<Tensor> {
        let given = self.argument("mask").map(Argument::leaves).unwrap_or_default();
        if let Some(mask) = given.get(i) {
            return Some(mask.tensor.clone());
        }
        let frame = self.frames.last()?;
        frame.arguments.inputs(frame.layer.layer().signature()).get(i).and_then(|t| t.mask.clone())
    }

    /// Gives the `i`th output a mask, or none; an output that is not spoken of keeps the first input's mask if the
    /// layer supports masking.
    pub fn set_mask(&mut self, i: usize, mask: Option<Tensor>) {
        if let Some(frame) = self.frames.last_mut() {
            frame.masks.push((i, mask));
        }
    }

    /// Asks for a weight: the first call of a layer declares it, later ones find it. Weights come in Keras's order.
    pub fn weight(
        &mut self,
        name: &'static str,
        shape: impl Into<Shape>,
        initializer: &Initializer,
    ) -> WeightRequest<'_> {
        WeightRequest::new(self, name, shape.into(), initializer.clone())
    }

    fn weight_named(&mut self, name: &str, make: impl FnOnce() -> Result<Weight>) -> Result<Tensor> {
        let Some(frame) = self.frames.last() else {
            return Err(Error::value("a weight is asked for outside a layer's call"));
        };
        let weight = frame.layer.weight_named(name, make)?;
        Ok(self.tensor_of(&weight))
    }

    /// A layer inside the layer at hand, under Keras's attribute name; made at the first call.
    pub fn child(&mut self, attribute: &str, make: impl FnOnce() -> LayerRef) -> Result<LayerRef> {
        let frame = self.frames.last().ok_or_else(|| Error::value("a layer outside a layer's call"))?;
        Ok(frame.layer.child(attribute, make))
    }

    /// The new value of a weight that the layer changes itself; later calls see it.
    pub fn update(&mut self, name: &str, value: Tensor) {
        let own = self.frames.last().map(|f| f.layer.own_weights()).unwrap_or_default();
        if let Some(weight) = own.into_iter().find(|w| w.name == name) {
            self.assign(&weight, value);
        }
    }

    /// The new value of any weight; later calls see it. An eager scope sets the weight at once.
    pub fn assign(&mut self, weight: &Arc<Weight>, value: Tensor) {
        let value = value.cast(weight.dtype);
        if self.eager {
            if let Err(e) = value.to_value().and_then(|v| weight.set(v)) {
                self.bound.insert(key(weight), Tensor::failed(e));
            }
            return;
        }
        // A layer that is called again in the same step goes on from there.
        self.bound.insert(key(weight), value.clone());
        self.updates.retain(|(w, _)| !Arc::ptr_eq(w, weight));
        self.updates.push((weight.clone(), value));
    }

    /// Counts a weight of a layer inside among the layer's own too, as Keras does where a layer keeps it as an
    /// attribute.
    pub fn adopt(&mut self, weight: &Arc<Weight>) {
        if let Some(frame) = self.frames.last() {
            frame.layer.adopt(weight);
        }
    }

    /// The tensor of a weight, in the element type in which it is kept.
    pub fn tensor_of(&mut self, weight: &Arc<Weight>) -> Tensor {
        if let Some(bound) = self.bound.get(&key(weight)) {
            return bound.clone();
        }
        if self.eager {
            let tensor = weight.tensor().unwrap_or_else(Tensor::failed);
            if weight.trainable {
                GradientTape::watch_on_all(&tensor);
            }
            return tensor;
        }
        let made = self.trace.parameter(&weight.name, weight.dtype, &weight.shape[..]);
        self.bound.insert(key(weight), made.clone());
        made
    }

    /// Runs a part of the call in which a weight has another value.
    pub fn rebound<R>(&mut self, weight: &Arc<Weight>, value: Tensor, run: impl FnOnce(&mut Self) -> R) -> R {
        let before = self.tensor_of(weight);
        self.bound.insert(key(weight), value);
        let result = run(self);
        self.bound.insert(key(weight), before);
        result
    }

    /// Adds the penalty on an output to the loss, divided by the rows of the batch.
    pub fn penalize(&mut self, regularizer: &Option<Regularizer>, y: &Tensor) {
        if let Some(r) = regularizer {
            let rows: &[usize] = if y.rank() == 0 { &[] } else { &[0] };
            self.add_loss(Tensor::from_result(|| {
                let penalty = r.get()?.penalty(y);
                let rows = y.count(rows).cast(penalty.dtype());
                Ok(penalty / rows)
            }));
        }
    }

    /// Adds to the loss.
    pub fn add_loss(&mut self, loss: Tensor) {
        self.losses.push(loss);
    }

    /// Uniform numbers in [0, 1), others at each call, step and seed.
    pub fn uniform(&mut self, shape: impl Into<Shape>) -> Tensor {
        self.uniform_from(None, shape)
    }

    /// As [`Scope::uniform`]; with a seed that the layer was given they do not depend on the model's.
    pub fn uniform_from(&mut self, seed: Option<i64>, shape: impl Into<Shape>) -> Tensor {
        let shape = shape.into();
        self.streams += 1;
        let Some((key, step)) = &self.chance else {
            // Shapes are found out without chance.
            return Tensor::full(DType::F32, shape, 0.5);
        };
        let own = seed.map(|s| Tensor::from(Value::from(vec![s as u32, (s >> 32) as u32])));
        let first = Tensor::iota(DType::U32, [2], 0).equal(&Tensor::full(DType::U32, [2], 0.0));
        let stream = Tensor::full(DType::U32, [2], f64::from(self.streams));
        let counter = first.select(&step.broadcast_to([2]), &stream);
        Tensor::random_uniform(own.as_ref().unwrap_or(key), &counter, shape)
    }

    /// Runs `f` as part of a layer inside this call: weights that it asks for are that layer's.
    pub fn within<R>(&mut self, layer: &LayerRef, f: impl FnOnce(&mut Self) -> Result<R>) -> Result<R> {
        let arguments = Arguments { positional: Vec::new(), named: Vec::new() };
        self.trace.push_scope(&layer.title());
        self.frames.push(Frame { layer: layer.clone(), arguments, masks: Vec::new() });
        let made = f(self);
        self.frames.pop();
        self.trace.pop_scope();
        made
    }

    /// Runs a layer inside this call on tensors without masks; errors name it.
    pub fn call(&mut self, layer: &LayerRef, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let inputs = inputs.iter().cloned().map(Traced::from).collect();
        Ok(self.call_with(layer, Arguments::of(inputs))?.into_iter().map(|t| t.tensor).collect())
    }

    /// Runs a layer inside this call; errors name it.
    pub fn call_with(&mut self, layer: &LayerRef, arguments: Arguments<Traced>) -> Result<Vec<Traced>> {
        let arguments =
            arguments.map(&mut |t| Traced { tensor: layer.autocast(&t.tensor), mask: t.mask.clone() });
        let inputs: Vec<Tensor> =
            arguments.inputs(layer.layer().signature()).into_iter().map(|t| t.tensor.clone()).collect();
        let name = layer.title();
        self.trace.push_scope(&name);
        self.frames.push(Frame { layer: layer.clone(), arguments, masks: Vec::new() });
        let outputs = layer.layer().call_many(self, &inputs);
        outputs.iter().for_each(|y| self.penalize(layer.activity_regularizer(), y));
        let passed = if layer.layer().supports_masking() { self.mask(0) } else { None };
        let said = self.frames.pop().map(|f| f.masks).unwrap_or_default();
        self.trace.pop_scope();
        for t in outputs.iter() {
            t.check().map_err(|e| if e.to_string().starts_with(&name) { e } else { e.at(&name) })?;
        }
        let mask = |i: usize| match said.iter().rev().find(|(o, _)| *o == i) {
            Some((_, mask)) => mask.clone(),
            None if i == 0 => passed.clone(),
            None => None,
        };
        Ok(outputs.into_iter().enumerate().map(|(i, tensor)| Traced { tensor, mask: mask(i) }).collect())
    }
}
