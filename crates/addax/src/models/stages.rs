//! Work before the graph: layers of text and hashes, and all that they are called on.

use super::Network;
use super::symbolic::{Call, Symbolic, address};
use crate::arguments::Argument;
use crate::scope::{Scope, Traced};
use addax_core::{Error, Result, Tensor, Trace, Value, evaluate};
use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A network in two parts: calls that run on arrays, and the graph of the rest.
#[derive(Clone)]
pub struct Stages {
    /// The inputs of the whole network.
    inputs: Vec<Symbolic>,
    /// Calls on arrays, each after those it needs.
    host: Vec<Arc<Call>>,
    /// What the graph reads: its inputs.
    feeds: Vec<Symbolic>,
    /// The rest.
    pub(super) graph: Network,
}

type Key = (usize, usize);

/// All calls, those of networks inside that have such work taken out of them.
struct Flat {
    calls: Vec<Arc<Call>>,
    /// What stands for a tensor of the network as it was written.
    now: HashMap<Key, Symbolic>,
}

fn nested(call: &Call) -> Option<&Network> {
    let network = (&**call.layer.layer() as &dyn Any).downcast_ref::<Network>()?;
    network.stages().map(|_| network)
}

fn unmade(s: &Symbolic) -> Error {
    Error::value(format!("{s:?} is used before it is made"))
}

impl Flat {
    fn get(&self, s: &Symbolic) -> Result<Symbolic> {
        self.now.get(&s.key()).cloned().ok_or_else(|| unmade(s))
    }

    fn add(&mut self, calls: &[Arc<Call>]) -> Result<()> {
        for call in calls {
            if let Some(s) = call.inputs().into_iter().find(|s| !self.now.contains_key(&s.key())) {
                return Err(unmade(s));
            }
            let arguments = call.arguments.map(&mut |s: &Symbolic| self.now[&s.key()].clone());
            let outputs = match nested(call) {
                Some(network) => self.inline(network, arguments.leaves())?,
                None => {
                    let made = Symbolic::outputs_of(&call.layer, arguments, call.outputs.clone());
                    self.calls.extend(made.first().map(|s| s.call().clone()));
                    made
                }
            };
            for (i, s) in outputs.into_iter().enumerate() {
                self.now.entry((address(call), i)).or_insert(s);
            }
        }
        Ok(())
    }

    fn inline(&mut self, network: &Network, inputs: Vec<&Symbolic>) -> Result<Vec<Symbolic>> {
        let given = network.inputs().iter().zip(inputs).map(|(own, s)| (own.key(), s.clone())).collect();
        let mut inside = Flat { calls: std::mem::take(&mut self.calls), now: given };
        inside.add(network.calls())?;
        self.calls = std::mem::take(&mut inside.calls);
        network.outputs().iter().map(|s| inside.get(s)).collect()
    }
}

impl Stages {
    /// The parts of a network; nothing if all of it is a graph.
    pub(super) fn of(
        inputs: &[Symbolic],
        outputs: &[Symbolic],
        calls: &[Arc<Call>],
    ) -> Result<Option<Stages>> {
        if !calls.iter().any(|c| c.layer.layer().host().is_some() || nested(c).is_some()) {
            return Ok(None);
        }
        let now = inputs.iter().map(|s| (s.key(), s.clone())).collect();
        let mut flat = Flat { calls: Vec::new(), now };
        flat.add(calls)?;
        let outputs = outputs.iter().map(|s| flat.get(s)).collect::<Result<Vec<_>>>()?;
        let before = before(&flat.calls, inputs)?;
        let made_before: HashSet<Key> = inputs
            .iter()
            .map(Symbolic::key)
            .chain(before.iter().flat_map(|c| (0..c.outputs.len()).map(move |i| (address(c), i))))
            .collect();
        let host: HashSet<usize> = before.iter().map(address).collect();
        let rest = flat.calls.iter().filter(|c| !host.contains(&address(c)));
        let read = rest.flat_map(|c| c.inputs()).chain(&outputs);
        let mut feeds: Vec<Symbolic> = Vec::new();
        for s in read.filter(|s| made_before.contains(&s.key())) {
            if !feeds.iter().any(|f| f.is(s)) {
                feeds.push(s.clone());
            }
        }
        let list = |all: &[Symbolic]| Argument::List(all.iter().cloned().map(Argument::Tensor).collect());
        let graph = Network::assembled(list(&feeds), list(&outputs))?;
        Ok(Some(Stages { inputs: inputs.to_vec(), host: before, feeds, graph }))
    }

    /// Whether a batch must be worked on by itself: the length of its rows depends on all of them.
    pub fn length_varies(&self) -> bool {
        self.host.iter().any(|c| c.layer.layer().host().is_some_and(|h| h.length_varies()))
    }

    /// What the graph reads, from the inputs of the network.
    pub fn run(&self, inputs: Vec<Value>) -> Result<Vec<Value>> {
        let mut known: HashMap<Key, Value> = self.inputs.iter().map(Symbolic::key).zip(inputs).collect();
        for call in &self.host {
            let outputs = match call.layer.layer().host() {
                Some(host) => {
                    let read = |s: &Symbolic| known.get(&s.key()).cloned().ok_or_else(|| unmade(s));
                    let inputs = call.inputs().into_iter().map(read).collect::<Result<Vec<_>>>()?;
                    vec![host.run(&inputs).map_err(|e| e.at(call.layer.title()))?]
                }
                None => evaluated(call, &known)?,
            };
            for (i, (value, ty)) in outputs.into_iter().zip(&call.outputs).enumerate() {
                known.insert((address(call), i), value.cast(ty.dtype));
            }
        }
        self.feeds.iter().map(|s| known.get(&s.key()).cloned().ok_or_else(|| unmade(s))).collect()
    }
}

/// The calls that must run before the graph: those of layers that do such work, and all that these need.
fn before(calls: &[Arc<Call>], inputs: &[Symbolic]) -> Result<Vec<Arc<Call>>> {
    let given: HashSet<Key> = inputs.iter().map(Symbolic::key).collect();
    let mut needed: HashSet<Key> = HashSet::new();
    let mut found = Vec::new();
    for call in calls.iter().rev() {
        let host = call.layer.layer().host().is_some();
        let read = (0..call.outputs.len()).any(|i| needed.contains(&(address(call), i)));
        if !host && !read {
            continue;
        }
        if !host && call.layer.weights().iter().any(|(w, _)| w.trainable) {
            let e = Error::unsupported(format!(
                "{}: weights that are trained, before work on text or hashes",
                call.layer.title()
            ));
            return Err(e);
        }
        needed.extend(call.inputs().into_iter().map(Symbolic::key).filter(|k| !given.contains(k)));
        found.push(call.clone());
    }
    found.reverse();
    Ok(found)
}

/// The outputs of a call of any layer, by the plain evaluation.
fn evaluated(call: &Call, known: &HashMap<Key, Value>) -> Result<Vec<Value>> {
    let trace = Trace::new();
    let mut values = Vec::new();
    if let Some(s) = call.inputs().into_iter().find(|s| !known.contains_key(&s.key())) {
        return Err(unmade(s));
    }
    let mut arguments = call.arguments.map(&mut |s: &Symbolic| {
        let value = known[&s.key()].clone();
        let tensor = trace.parameter("x", value.dtype(), value.shape());
        values.push(value);
        Traced::from(tensor)
    });
    arguments.named.retain(|(name, _)| name != "training");
    let entered = trace.enter();
    let mut scope = Scope::new(&trace, false);
    let weights: Vec<_> = call.layer.weights().into_iter().map(|(w, _)| w).collect();
    let bound: Vec<Tensor> =
        weights.iter().map(|w| trace.parameter(&w.name, w.dtype, &w.shape[..])).collect();
    scope.bind(&weights, &bound);
    let outputs: Vec<Tensor> =
        scope.call_with(&call.layer, arguments)?.into_iter().map(|t| t.tensor).collect();
    drop(entered);
    for weight in &weights {
        values.push(weight.value()?);
    }
    evaluate(&trace.finish(&outputs)?, &values)
}
