//! The architecture of a model: layers and who is called on what. A network is a layer too, so models nest.

use super::symbolic::{Call, Symbolic, input};
use crate::class::{Class, Config};
use crate::layers::{Layer, LayerRef};
use crate::scope::{Scope, Weight};
use addax_core::{DType, Dim, Error, Result, Shape, Tensor, TensorType};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Layers one after another, as they are written down; becomes a [`Network`] when the input's shape is known.
#[derive(Clone, Debug, Default)]
pub struct Sequential {
    layers: Vec<LayerRef>,
}

impl Sequential {
    /// No layer yet.
    pub fn new() -> Sequential {
        Sequential::default()
    }

    /// Adds a layer at the end.
    #[allow(clippy::should_implement_trait)]
    pub fn add(mut self, layer: impl Into<LayerRef>) -> Sequential {
        self.layers.push(layer.into());
        self
    }

    /// The network, its input given by the first layer's `input_shape`.
    pub fn build(&self) -> Result<Network> {
        let first =
            self.layers.first().ok_or_else(|| Error::value("Sequential").expected("at least one layer"))?;
        let shape = first.given_input_shape().ok_or_else(|| {
            Error::value(format!("Sequential > {}", first.title())).expected("an input_shape").got("none")
        })?;
        self.build_for(shape)
    }

    /// The network for samples of a given shape.
    pub fn build_for(&self, sample: &Shape) -> Result<Network> {
        let shape = Shape::from([&[Dim::UNKNOWN], sample.dims()].concat());
        let x = input(TensorType::new(DType::F32, shape), None);
        let y = self.layers.iter().try_fold(x.clone(), |x, layer| layer.on(&x))?;
        Network::build(vec![x], vec![y], true)
    }
}

/// Inputs, outputs and the calls between them.
pub struct Network {
    inputs: Vec<Symbolic>,
    outputs: Vec<Symbolic>,
    /// Calls in an order in which each follows what it needs; those of inputs left out.
    calls: Vec<Arc<Call>>,
    /// Layers in Keras's order, inputs among them unless the model is sequential.
    layers: Vec<LayerRef>,
    sequential: bool,
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.layers).finish()
    }
}

fn address(call: &Arc<Call>) -> usize {
    Arc::as_ptr(call) as usize
}

impl Network {
    /// The network between symbolic inputs and outputs.
    pub fn new(inputs: &[&Symbolic], outputs: &[&Symbolic]) -> Result<Network> {
        let own = |list: &[&Symbolic]| list.iter().map(|s| (*s).clone()).collect();
        Network::build(own(inputs), own(outputs), false)
    }

    fn build(inputs: Vec<Symbolic>, outputs: Vec<Symbolic>, sequential: bool) -> Result<Network> {
        if inputs.is_empty() || outputs.is_empty() {
            return Err(Error::value("model").expected("at least one input and one output"));
        }
        let mut order: Vec<Arc<Call>> = Vec::new();
        for output in &outputs {
            visit(output, &inputs, &mut order)?;
        }
        let (calls, layers) = sort(&inputs, order);
        if let Some((i, twin)) =
            layers.iter().enumerate().find(|(i, l)| layers[..*i].iter().any(|o| o.name() == l.name()))
        {
            let got = format!(
                "\"{}\" at places {} and {i}",
                twin.name(),
                layers.iter().position(|l| l.name() == twin.name()).unwrap_or(0)
            );
            return Err(Error::value("layer names").expected("all different").got(got));
        }
        let layers = if sequential {
            layers.into_iter().filter(|l| l.layer().class_name() != "InputLayer").collect()
        } else {
            layers
        };
        Ok(Network { inputs, outputs, calls, layers, sequential })
    }

    /// Its layers in Keras's order.
    pub fn layers(&self) -> &[LayerRef] {
        &self.layers
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

    /// The names of its inputs.
    pub fn input_names(&self) -> Vec<String> {
        self.inputs.iter().map(|s| s.call().layer.name().to_string()).collect()
    }

    /// The names of its outputs: those of the layers that make them.
    pub fn output_names(&self) -> Vec<String> {
        self.outputs.iter().map(|s| s.call().layer.name().to_string()).collect()
    }

    /// The shape that a layer's first call gives, as `summary` shows it.
    pub(crate) fn output_of(&self, layer: &LayerRef) -> Option<Shape> {
        let all = self.calls.iter().flat_map(|c| &c.inputs).chain(&self.outputs).chain(&self.inputs);
        all.into_iter().find(|s| s.call().layer.is(layer)).map(|s| s.shape().clone())
    }

    /// All weights in Keras's order, and for each whether training may change it.
    pub fn weights(&self) -> Vec<(Arc<Weight>, bool)> {
        let mut seen: Vec<usize> = Vec::new();
        let all = self.layers.iter().flat_map(LayerRef::weights);
        all.filter(|(w, _)| {
            let address = Arc::as_ptr(w) as usize;
            let new = !seen.contains(&address);
            seen.push(address);
            new
        })
        .collect()
    }

    /// The outputs for given inputs, traced.
    pub fn forward(&self, cx: &mut Scope, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        if inputs.len() != self.inputs.len() {
            return Err(Error::value("inputs").expected(self.inputs.len()).got(inputs.len()));
        }
        let mut known: HashMap<(usize, usize), Tensor> = HashMap::new();
        for (symbolic, tensor) in self.inputs.iter().zip(inputs) {
            if !symbolic.shape().fits(&tensor.shape()) {
                let name = symbolic.call().layer.name();
                return Err(Error::value(format!("input \"{name}\""))
                    .expected(symbolic.shape())
                    .got(tensor.shape()));
            }
            known.insert((address(symbolic.call()), symbolic.index()), tensor.clone());
        }
        let get = |known: &HashMap<(usize, usize), Tensor>, s: &Symbolic| {
            let found = known.get(&(address(s.call()), s.index())).cloned();
            found.ok_or_else(|| Error::value(format!("{s:?} is used before it is made")))
        };
        for call in &self.calls {
            let arguments = call.inputs.iter().map(|s| get(&known, s)).collect::<Result<Vec<_>>>()?;
            for (i, t) in cx.call(&call.layer, &arguments)?.into_iter().enumerate() {
                known.insert((address(call), i), t);
            }
        }
        self.outputs.iter().map(|s| get(&known, s)).collect()
    }
}

/// Depth first from an output to the inputs; a call follows what it needs.
fn visit(s: &Symbolic, inputs: &[Symbolic], order: &mut Vec<Arc<Call>>) -> Result<()> {
    // An explicit stack: a deep model must not overflow the program's own.
    let mut stack: Vec<(Arc<Call>, bool)> = vec![(s.call().clone(), false)];
    while let Some((call, done)) = stack.pop() {
        if order.iter().any(|c| Arc::ptr_eq(c, &call)) {
            continue;
        }
        if done {
            order.push(call);
            continue;
        }
        let given = inputs.iter().any(|i| Arc::ptr_eq(i.call(), &call));
        if call.inputs.is_empty() && !given {
            let name = call.layer.name();
            return Err(Error::value(format!("output depends on input \"{name}\""))
                .expected("it among the model's inputs"));
        }
        stack.push((call.clone(), true));
        if !given {
            stack.extend(call.inputs.iter().rev().map(|i| (i.call().clone(), false)));
        }
    }
    Ok(())
}

/// Keras's order: by depth counted from the outputs, the deepest first; among equals as they were met.
fn sort(inputs: &[Symbolic], order: Vec<Arc<Call>>) -> (Vec<Arc<Call>>, Vec<LayerRef>) {
    let mut depth: HashMap<usize, usize> = HashMap::new();
    for call in order.iter().rev() {
        let own = depth.get(&address(call)).copied().unwrap_or(0);
        depth.insert(address(call), own);
        for i in &call.inputs {
            let d = depth.entry(address(i.call())).or_insert(0);
            *d = (*d).max(own + 1);
        }
    }
    let mut layers: Vec<(LayerRef, usize)> = Vec::new();
    for call in &order {
        let d = depth[&address(call)];
        match layers.iter_mut().find(|(l, _)| l.is(&call.layer)) {
            Some((_, deepest)) => *deepest = (*deepest).max(d),
            None => layers.push((call.layer.clone(), d)),
        }
    }
    let deepest = layers.iter().map(|l| l.1).max().unwrap_or(0);
    for i in inputs {
        match layers.iter_mut().find(|(l, _)| l.is(&i.call().layer)) {
            Some((_, d)) => *d = deepest,
            None => layers.push((i.call().layer.clone(), deepest)),
        }
    }
    layers.sort_by_key(|(_, d)| std::cmp::Reverse(*d));
    let calls = order.into_iter().filter(|c| !inputs.iter().any(|i| Arc::ptr_eq(i.call(), c))).collect();
    (calls, layers.into_iter().map(|l| l.0).collect())
}

impl Class for Network {
    fn class_name(&self) -> &'static str {
        if self.sequential { "Sequential" } else { "Functional" }
    }

    fn module(&self) -> &'static str {
        if self.sequential { "keras" } else { "keras.src.models.functional" }
    }

    fn config(&self) -> Config {
        Config::new()
    }
}

impl Layer for Network {
    fn call_many(&self, cx: &mut Scope, inputs: &[Tensor]) -> Vec<Tensor> {
        self.forward(cx, inputs).unwrap_or_else(|e| vec![Tensor::failed(e)])
    }

    fn sublayers(&self) -> Vec<LayerRef> {
        self.layers.clone()
    }
}
