//! A graph under construction, shared by the tensors that stand for its values.

use super::{Graph, TensorType, ValueId};
use crate::error::{Error, Result};
use crate::ops::{Constant, Op, Parameter};
use crate::tape;
use crate::tensor::Tensor;
use crate::value::Value;
use std::cell::RefCell;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A graph being built. Ops on its tensors become nodes; [`Trace::finish`] gives the graph.
///
/// ```
/// use addax_core::{DType, Trace};
/// let trace = Trace::new();
/// let x = trace.parameter("x", DType::F32, [2, 3]);
/// let graph = trace.finish(&[&x + 1.0]).unwrap();
/// assert_eq!(graph.ty(graph.outputs[0]).to_string(), "f32[2,3]");
/// ```
#[derive(Clone)]
pub struct Trace(Arc<Mutex<State>>, usize);

struct State {
    graph: Graph,
    scopes: Vec<Arc<str>>,
    captures: Vec<(Tensor, Tensor)>,
    /// Whether concrete tensors of some size, or followed by a tape, are captured too instead of copied in.
    of_body: bool,
}

/// The largest concrete tensor that becomes part of a body, in elements.
const COPY_LIMIT: usize = 64;

thread_local! {
    static CURRENT: RefCell<Vec<Trace>> = const { RefCell::new(Vec::new()) };
}

/// While it lives, ops on concrete tensors (constants, `iota`) become nodes of the trace that was entered.
pub struct Entered(());

impl Drop for Entered {
    fn drop(&mut self) {
        CURRENT.with_borrow_mut(|stack| stack.pop());
    }
}

impl Default for Trace {
    fn default() -> Self {
        Trace::new()
    }
}

impl Trace {
    /// An empty graph, inside the one that is being traced on this thread, if any.
    pub fn new() -> Trace {
        let depth = Trace::current().map_or(0, |t| t.1 + 1);
        let state = State { graph: Graph::new(), scopes: Vec::new(), captures: Vec::new(), of_body: false };
        Trace(Arc::new(Mutex::new(state)), depth)
    }

    /// An empty graph inside the one that is being traced and inside those in which the tensors live.
    pub(crate) fn inside<'a>(tensors: impl Iterator<Item = &'a Tensor>) -> Trace {
        let deepest = tensors.filter_map(|t| t.as_node()).map(|(trace, _)| trace.depth() + 1).max();
        let trace = Trace::new();
        trace.lock().of_body = true;
        // At least 1: what is captured may live in a trace that nobody entered.
        Trace(trace.0, trace.1.max(deepest.unwrap_or(1)))
    }

    /// A trace that goes on where a graph ends, as deep as `inside` says; the tensors of its parameters and outputs.
    pub(crate) fn resume(graph: &Graph, inside: &Trace) -> (Trace, Vec<Tensor>, Vec<Tensor>) {
        let state = State { graph: graph.clone(), scopes: Vec::new(), captures: Vec::new(), of_body: false };
        let trace = Trace(Arc::new(Mutex::new(state)), inside.1);
        let tensors = |ids: &[ValueId]| {
            ids.iter().map(|v| Tensor::node(trace.clone(), *v, graph.ty(*v).clone())).collect::<Vec<_>>()
        };
        let (parameters, outputs) = (tensors(graph.parameters()), tensors(&graph.outputs));
        (trace, parameters, outputs)
    }

    /// The trace entered last on this thread.
    pub fn current() -> Option<Trace> {
        CURRENT.with_borrow(|stack| stack.last().cloned())
    }

    /// Makes this the trace of all ops on concrete tensors on this thread, until the guard is dropped.
    pub fn enter(&self) -> Entered {
        CURRENT.with_borrow_mut(|stack| stack.push(self.clone()));
        Entered(())
    }

    /// Adds an input of the graph.
    pub fn parameter(&self, name: &str, dtype: crate::DType, shape: impl Into<crate::Shape>) -> Tensor {
        let ty = TensorType::new(dtype, shape);
        let mut state = self.lock();
        let index = state.graph.parameters().len();
        let op = Op::Parameter(Parameter { index, name: name.to_string() });
        let id = state.graph.push(op, Vec::new(), vec![ty.clone()], None);
        let value = state.graph.node(id).output();
        drop(state);
        Tensor::node(self.clone(), value, ty)
    }

    /// Names the layer whose ops follow; [`Trace::pop_scope`] ends it.
    pub fn push_scope(&self, name: &str) {
        let mut state = self.lock();
        let path = match state.scopes.last() {
            Some(outer) => format!("{outer} > {name}"),
            None => name.to_string(),
        };
        state.scopes.push(path.into());
    }

    /// Ends the innermost scope.
    pub fn pop_scope(&self) {
        self.lock().scopes.pop();
    }

    /// Adds a node; the inputs must be concrete tensors or tensors of this trace or of one around it.
    pub(crate) fn apply(&self, op: Op, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        let ids = inputs.iter().map(|t| self.value_of(t)).collect::<Result<Vec<_>>>()?;
        let mut state = self.lock();
        let scope = state.scopes.last().cloned();
        let located = |e: Error| match &scope {
            Some(s) => e.at(s),
            None => e,
        };
        let id = state.graph.add(op, ids, scope.clone()).map_err(located)?;
        let outputs: Vec<ValueId> = state.graph.node(id).outputs().collect();
        let typed: Vec<_> = outputs.into_iter().map(|v| (v, state.graph.ty(v).clone())).collect();
        drop(state);
        Ok(typed.into_iter().map(|(v, ty)| Tensor::node(self.clone(), v, ty)).collect())
    }

    /// The value that stands for a tensor here: its own node, a constant, or a capture of an outer tensor.
    pub(crate) fn value_of(&self, tensor: &Tensor) -> Result<ValueId> {
        let concrete = tensor.value()?;
        if let Some(value) = concrete.filter(|v| !self.captures_concrete(tensor, v)) {
            return Ok(self.constant(value));
        }
        if concrete.is_some() {
            return self.capture(tensor);
        }
        let Some((trace, id)) = tensor.as_node() else {
            return Err(Error::value("a tensor without value or node"));
        };
        if self.same(trace) {
            return Ok(id);
        }
        if trace.1 >= self.1 {
            return Err(Error::value("a tensor of another graph")
                .hint("A traced tensor lives only inside its own function."));
        }
        self.capture(tensor)
    }

    fn captures_concrete(&self, tensor: &Tensor, value: &Value) -> bool {
        self.lock().of_body && (value.len() > COPY_LIMIT || tape::follows(tensor))
    }

    /// The parameter that stands for an outer tensor.
    fn capture(&self, tensor: &Tensor) -> Result<ValueId> {
        let find = |state: &State| state.captures.iter().find(|(t, _)| t.is(tensor)).map(|c| c.1.clone());
        let known = find(&self.lock());
        let inner = known.unwrap_or_else(|| {
            let ty = tensor.ty();
            let inner = self.parameter("captured", ty.dtype, ty.shape);
            self.lock().captures.push((tensor.clone(), inner.clone()));
            inner
        });
        self.value_of(&inner)
    }

    fn constant(&self, value: &Value) -> ValueId {
        let ty = TensorType::new(value.dtype(), value.shape());
        let mut state = self.lock();
        let id =
            state.graph.push(Op::Constant(Constant { value: value.clone() }), Vec::new(), vec![ty], None);
        state.graph.node(id).output()
    }

    /// Tensors of outer traces that were used inside, in the order of the parameters that stand for them.
    pub fn captures(&self) -> Vec<Tensor> {
        self.lock().captures.iter().map(|(outer, _)| outer.clone()).collect()
    }

    /// A copy of the nodes so far with `outputs` as results; fails if one of them carries an error.
    pub fn finish(&self, outputs: &[Tensor]) -> Result<Graph> {
        let ids = outputs.iter().map(|t| self.value_of(t)).collect::<Result<Vec<_>>>()?;
        let mut graph = self.lock().graph.clone();
        graph.outputs = ids;
        Ok(graph)
    }

    /// Reads the graph so far.
    pub(crate) fn with_graph<R>(&self, read: impl FnOnce(&Graph) -> R) -> R {
        read(&self.lock().graph)
    }

    /// Whether both are the same graph.
    pub fn same(&self, other: &Trace) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// How deep inside other traces it is.
    pub(crate) fn depth(&self) -> usize {
        self.1
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // A panic while building leaves a graph that is merely shorter, so a poisoned lock is still good.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
