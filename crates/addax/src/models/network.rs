//! The architecture of a model: layers and who is called on what. A network is a layer too, so models nest.

use super::order::{Order, order};
use super::stages::Stages;
use super::symbolic::{Call, Symbolic, address};
use crate::arguments::Argument;
use crate::class::{Class, Config};
use crate::layers::{Layer, LayerRef};
use crate::scope::{Scope, Traced, Weight};
use addax_core::{Error, Graph, Result, Shape, Tensor, Trace, Value};
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::Arc;

/// Inputs, outputs and the calls between them.
#[derive(Clone)]
pub struct Network {
    inputs: Vec<Symbolic>,
    outputs: Vec<Symbolic>,
    /// Inputs and outputs in the structure in which they were given: one, a list, a dictionary.
    structure: (Argument<Symbolic>, Argument<Symbolic>),
    /// Calls in an order in which each follows what it needs; those of inputs left out.
    calls: Vec<Arc<Call>>,
    /// Layers and ops in Keras's order.
    operations: Vec<LayerRef>,
    sequential: bool,
    /// What is done before the graph, and what is left for it, where there is such work.
    stages: Option<Box<Stages>>,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.operations).finish()
    }
}

impl Network {
    /// The network between symbolic inputs and outputs.
    pub fn new(inputs: &[&Symbolic], outputs: &[&Symbolic]) -> Result<Network> {
        let own = |list: &[&Symbolic]| match list {
            [one] => Argument::Tensor((*one).clone()),
            many => Argument::List(many.iter().map(|s| Argument::Tensor((*s).clone())).collect()),
        };
        Network::structured(own(inputs), own(outputs))
    }

    /// The network between structures of symbolic tensors: one, lists, dictionaries by name.
    pub fn structured(inputs: Argument<Symbolic>, outputs: Argument<Symbolic>) -> Result<Network> {
        let network = Network::assembled(inputs, outputs)?;
        let mut names: HashMap<&str, usize> = HashMap::new();
        for (i, layer) in network.operations.iter().enumerate() {
            if let Some(first) = names.insert(layer.name(), i) {
                let got = format!("\"{}\" at places {first} and {i}", layer.name());
                return Err(Error::value("layer names").expected("all different").got(got));
            }
        }
        Ok(network)
    }

    /// As [`Network::structured`]; names may be there twice, as in networks that were taken apart.
    pub(super) fn assembled(inputs: Argument<Symbolic>, outputs: Argument<Symbolic>) -> Result<Network> {
        let own = |a: &Argument<Symbolic>| a.leaves().into_iter().cloned().collect::<Vec<_>>();
        let (flat_inputs, flat_outputs) = (own(&inputs), own(&outputs));
        if flat_inputs.is_empty() || flat_outputs.is_empty() {
            return Err(Error::value("model").expected("at least one input and one output"));
        }
        let Order { calls, operations } = order(&flat_inputs, &flat_outputs)?;
        let stages = Stages::of(&flat_inputs, &flat_outputs, &calls)?.map(Box::new);
        Ok(Network {
            inputs: flat_inputs,
            outputs: flat_outputs,
            structure: (inputs, outputs),
            calls,
            operations,
            sequential: false,
            stages,
        })
    }

    /// The network of layers one after another.
    pub(super) fn stack(input: Symbolic, layers: &[LayerRef]) -> Result<Network> {
        let mut x = input.clone();
        for layer in layers {
            let outputs = layer.on_all(&[&x])?;
            x = match <[Symbolic; 1]>::try_from(outputs) {
                Ok([one]) => one,
                Err(many) => {
                    return Err(Error::value(format!("Sequential > {}", layer.title()))
                        .expected("one output")
                        .got(many.len()));
                }
            };
        }
        let network = Network::structured(Argument::Tensor(input), Argument::Tensor(x))?;
        Ok(Network { sequential: true, ..network })
    }

    /// Its layers in Keras's order: ops are none, and the input of a plain stack is left out.
    pub fn layers(&self) -> Vec<LayerRef> {
        let hidden = |l: &&LayerRef| self.sequential && l.layer().class_name() == "InputLayer";
        self.operations.iter().filter(|l| l.layer().is_layer()).filter(|l| !hidden(l)).cloned().collect()
    }

    /// Layers and ops in Keras's order, inputs among them.
    pub fn operations(&self) -> &[LayerRef] {
        &self.operations
    }

    /// The calls in an order in which each follows what it needs; those of inputs left out.
    pub fn calls(&self) -> &[Arc<Call>] {
        &self.calls
    }

    /// A layer by its name.
    pub fn layer(&self, name: &str) -> Result<&LayerRef> {
        self.operations
            .iter()
            .find(|l| l.name() == name)
            .ok_or_else(|| Error::unknown("layer", name, self.operations.iter().map(LayerRef::name)))
    }

    /// Whether it is a plain stack.
    pub fn is_sequential(&self) -> bool {
        self.sequential
    }

    /// Its inputs.
    pub fn inputs(&self) -> &[Symbolic] {
        &self.inputs
    }

    /// Its outputs.
    pub fn outputs(&self) -> &[Symbolic] {
        &self.outputs
    }

    /// Inputs and outputs in the structure in which they were given.
    pub fn structure(&self) -> (&Argument<Symbolic>, &Argument<Symbolic>) {
        (&self.structure.0, &self.structure.1)
    }

    /// The names of its inputs.
    pub fn input_names(&self) -> Vec<String> {
        self.inputs.iter().map(|s| s.call().layer.name().to_string()).collect()
    }

    /// The names of its outputs: the keys of a dictionary, else the names of the layers that make them.
    pub fn output_names(&self) -> Vec<String> {
        if let Argument::Dict(entries) = &self.structure.1 {
            let flat = entries.iter().all(|(_, a)| matches!(a, Argument::Tensor(_)));
            if flat {
                let mut keys: Vec<String> = entries.iter().map(|(k, _)| k.clone()).collect();
                keys.sort();
                return keys;
            }
        }
        self.outputs.iter().map(|s| s.call().layer.name().to_string()).collect()
    }

    /// The shapes that a layer's last call gives, as `summary` shows them.
    pub(crate) fn outputs_of(&self, layer: &LayerRef) -> Vec<Shape> {
        let own = self.calls.iter().rev().find(|c| c.layer.is(layer));
        let input = || self.inputs.iter().map(Symbolic::call).find(|c| c.layer.is(layer));
        let call = own.or_else(input);
        call.map(shown).unwrap_or_default()
    }

    /// All weights in Keras's order, and for each whether training may change it.
    pub fn weights(&self) -> Vec<(Arc<Weight>, bool)> {
        let mut seen: HashSet<usize> = HashSet::new();
        let all = self.layers().into_iter().flat_map(|l| l.weights());
        all.filter(|(w, _)| seen.insert(Arc::as_ptr(w) as usize)).collect()
    }

    /// The part of the network that is a graph: all of it, unless layers do work before.
    pub fn graph(&self) -> &Network {
        self.stages.as_ref().map_or(self, |s| &s.graph)
    }

    /// What the graph reads, from the inputs of the network.
    pub fn prepared(&self, inputs: Vec<Value>) -> Result<Vec<Value>> {
        match &self.stages {
            Some(stages) => stages.run(inputs),
            None => Ok(inputs),
        }
    }

    /// What is done before the graph, if anything is.
    pub fn stages(&self) -> Option<&Stages> {
        self.stages.as_deref()
    }

    /// The outputs for given inputs, traced.
    pub fn forward(&self, cx: &mut Scope, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let inputs: Vec<Traced> = inputs.iter().cloned().map(Traced::from).collect();
        Ok(self.forward_masked(cx, &inputs)?.into_iter().map(|t| t.tensor).collect())
    }

    /// The graph that predicts: the model's inputs are its first parameters, weights follow.
    pub fn inference_graph(&self) -> Result<Graph> {
        let trace = Trace::new();
        let graph = self.graph();
        let inputs: Vec<Tensor> =
            graph.inputs.iter().map(|s| trace.parameter("input", s.dtype(), s.shape())).collect();
        let entered = trace.enter();
        let outputs = graph.forward(&mut Scope::new(&trace, false), &inputs)?;
        drop(entered);
        trace.finish(&outputs)
    }

    /// The outputs with their masks for given inputs and masks, traced.
    pub fn forward_masked(&self, cx: &mut Scope, inputs: &[Traced]) -> Result<Vec<Traced>> {
        if inputs.len() != self.inputs.len() {
            return Err(Error::value("inputs").expected(self.inputs.len()).got(inputs.len()));
        }
        let mut known: HashMap<(usize, usize), Traced> = HashMap::new();
        for (symbolic, given) in self.inputs.iter().zip(inputs) {
            known.insert(symbolic.key(), fitted(symbolic, given)?);
        }
        for call in &self.calls {
            if let Some(unmade) = call.inputs().into_iter().find(|s| !known.contains_key(&s.key())) {
                return Err(Error::value(format!("{unmade:?} is used before it is made")));
            }
            let mut arguments = call.arguments.map(&mut |s: &Symbolic| known[&s.key()].clone());
            // As in Keras, the way the whole model is called decides, whatever a node says of training.
            arguments.named.retain(|(name, _)| name != "training");
            for (i, t) in cx.call_with(&call.layer, arguments)?.into_iter().enumerate() {
                // A tensor that was declared an input stays what was given for it.
                known.entry((address(call), i)).or_insert(t);
            }
        }
        let get = |s: &Symbolic| {
            known.get(&s.key()).cloned().ok_or_else(|| Error::value(format!("{s:?} is never made")))
        };
        self.outputs.iter().map(get).collect()
    }
}

/// The shapes of a call's outputs as Keras counts them.
fn shown(call: &Arc<Call>) -> Vec<Shape> {
    let text = call.layer.layer().gives_text();
    let kept = |s: &Shape| s.dims()[..s.rank() - usize::from(text && s.rank() > 0)].to_vec();
    call.outputs.iter().map(|t| Shape::from(kept(&t.shape))).collect()
}

/// An input as the model wants it: its element type, and an axis of 1 at the end more or less where that fits.
fn fitted(symbolic: &Symbolic, given: &Traced) -> Result<Traced> {
    let (wanted, got) = (symbolic.shape(), given.tensor.shape());
    if symbolic.is_text() {
        return Ok(given.clone());
    }
    let tensor = match (wanted.rank(), got.rank()) {
        (w, g) if g == w + 1 && got.get(-1).is_some_and(|d| d == 1usize) => given.tensor.squeeze(-1),
        (w, g) if g + 1 == w && wanted.get(-1).is_some_and(|d| d == 1usize) => given.tensor.expand_dims(-1),
        _ => given.tensor.clone(),
    };
    if !wanted.fits(&tensor.shape()) {
        let name = symbolic.call().layer.name();
        return Err(Error::value(format!("input \"{name}\"")).expected(wanted).got(got));
    }
    let tensor = if tensor.dtype() == symbolic.dtype() { tensor } else { tensor.cast(symbolic.dtype()) };
    Ok(Traced { tensor, mask: given.mask.clone() })
}

impl Class for Network {
    fn class_name(&self) -> &'static str {
        if self.sequential { "Sequential" } else { "Functional" }
    }

    fn module(&self) -> &'static str {
        if self.sequential { "keras" } else { "keras.src.models.functional" }
    }

    fn config(&self) -> Config {
        super::config::write(self)
    }
}

impl Layer for Network {
    fn call_many(&self, cx: &mut Scope, inputs: &[Tensor]) -> Vec<Tensor> {
        let inputs: Vec<Traced> = inputs
            .iter()
            .enumerate()
            .map(|(i, tensor)| Traced { tensor: tensor.clone(), mask: cx.mask(i) })
            .collect();
        match self.forward_masked(cx, &inputs) {
            Ok(outputs) => outputs
                .into_iter()
                .enumerate()
                .map(|(i, t)| {
                    cx.set_mask(i, t.mask);
                    t.tensor
                })
                .collect(),
            Err(e) => vec![Tensor::failed(e)],
        }
    }

    fn autocasts(&self) -> bool {
        false
    }

    fn sublayers(&self) -> Vec<LayerRef> {
        self.layers()
    }
}
