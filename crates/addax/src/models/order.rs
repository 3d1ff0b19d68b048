//! The order of a model's calls and layers, as Keras finds it (`keras/src/ops/function.py`).

use super::symbolic::{Call, Symbolic, address};
use crate::layers::LayerRef;
use addax_core::{Error, Result};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// Calls and layers between a model's inputs and outputs.
pub(super) struct Order {
    /// Each call after those it needs; those of inputs left out.
    pub calls: Vec<Arc<Call>>,
    /// Layers and ops by depth counted from the outputs, the deepest first; among equals as a walk from the outputs
    /// meets them.
    pub operations: Vec<LayerRef>,
}

/// A walk, depth first, from the outputs to the inputs.
struct Walk {
    /// Calls in the order in which all they need was seen.
    finished: Vec<Arc<Call>>,
    done: HashSet<usize>,
    /// When a layer was first met.
    met: HashMap<usize, usize>,
}

/// Orders what lies between inputs and outputs; an output that depends on anything else is an error.
pub(super) fn order(inputs: &[Symbolic], outputs: &[Symbolic]) -> Result<Order> {
    let given: HashSet<(usize, usize)> = inputs.iter().map(Symbolic::key).collect();
    let mut walk = Walk { finished: Vec::new(), done: HashSet::new(), met: HashMap::new() };
    for output in outputs {
        walk.from(output, &given)?;
    }
    let in_graph: HashSet<usize> = walk.finished.iter().map(address).collect();
    let mut of_call: HashMap<usize, usize> = HashMap::new();
    let mut of_layer: HashMap<usize, (LayerRef, usize)> = HashMap::new();
    for call in walk.finished.iter().rev() {
        let own = of_call.get(&address(call)).copied().unwrap_or(0);
        // A layer that is called several times stands where its deepest call stands.
        let depth = own.max(of_layer.get(&call.layer.address()).map_or(0, |l| l.1));
        of_layer.insert(call.layer.address(), (call.layer.clone(), depth));
        of_call.insert(address(call), depth);
        for parent in call.inputs() {
            if in_graph.contains(&address(parent.call())) {
                let at = of_call.entry(address(parent.call())).or_insert(0);
                *at = (*at).max(depth + 1);
            }
        }
    }
    let mut layers: Vec<(LayerRef, usize, isize)> = of_layer
        .into_values()
        .map(|(l, depth)| {
            let met = walk.met.get(&l.address()).map_or(0, |m| *m as isize);
            (l, depth, met)
        })
        .collect();
    for input in inputs.iter().filter(|i| i.call().inputs().is_empty()) {
        let layer = &input.call().layer;
        if !layers.iter().any(|(l, ..)| l.is(layer)) {
            layers.push((layer.clone(), 0, -1));
        }
    }
    layers.sort_by_key(|(_, depth, met)| (std::cmp::Reverse(*depth), *met));
    let calls = walk.finished.into_iter().filter(|c| !c.inputs().is_empty()).collect();
    Ok(Order { calls, operations: layers.into_iter().map(|l| l.0).collect() })
}

impl Walk {
    fn from(&mut self, output: &Symbolic, given: &HashSet<(usize, usize)>) -> Result<()> {
        // An explicit stack: a deep model must not overflow the program's own.
        let mut stack: Vec<(Arc<Call>, Vec<Symbolic>)> = Vec::new();
        self.enter(output, given, &mut stack)?;
        while let Some((call, open)) = stack.last_mut() {
            match open.pop() {
                Some(next) => self.enter(&next, given, &mut stack)?,
                None => {
                    let call = call.clone();
                    self.done.insert(address(&call));
                    self.finished.push(call);
                    stack.pop();
                }
            }
        }
        Ok(())
    }

    fn enter(
        &mut self,
        s: &Symbolic,
        given: &HashSet<(usize, usize)>,
        stack: &mut Vec<(Arc<Call>, Vec<Symbolic>)>,
    ) -> Result<()> {
        let call = s.call();
        if self.done.contains(&address(call)) {
            return Ok(());
        }
        let input = given.contains(&s.key());
        let mut parents: Vec<Symbolic> = call.inputs().into_iter().cloned().collect();
        if input && !parents.is_empty() {
            // An intermediate tensor that was declared an input: what lies before it does not belong to the model.
            return Ok(());
        }
        if parents.is_empty() && !input {
            let name = call.layer.name();
            return Err(Error::value(format!("output depends on input \"{name}\""))
                .expected("it among the model's inputs"));
        }
        let next = self.met.len();
        self.met.entry(call.layer.address()).or_insert(next);
        // Calls cannot form a cycle: a call exists only after its inputs.
        parents.reverse();
        stack.push((call.clone(), parents));
        Ok(())
    }
}
