//! One `Tensor` for both worlds: numbers now, or a value of a graph being traced.
//!
//! Methods are written beside the ops they apply (`ops/`). A failed op yields a tensor that carries the error, so
//! mathematics stays free of `?`; whoever asks for the numbers, or finishes the trace, gets the error.

use crate::backend;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::{Entered, TensorType, Trace, ValueId};
use crate::ops::Op;
use crate::shape::{Dim, Shape};
use crate::tape;
use crate::value::{Stored, Value};
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A tensor: concrete numbers, a value of a trace, or the error that prevented it.
#[derive(Clone)]
pub struct Tensor(Repr);

#[derive(Clone)]
enum Repr {
    Eager(Arc<Eager>),
    Node { trace: Trace, id: ValueId, ty: TensorType },
    Failed(Error),
}

struct Eager {
    value: Value,
    id: u64,
}

/// What a tensor is, for maps keyed by tensors: two clones have the same identity.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Identity {
    /// A concrete tensor.
    Eager(u64),
    /// A value of the trace at hand.
    Node(ValueId),
    /// No tensor at all.
    Failed,
}

static NEXT_ID: AtomicU64 = AtomicU64::new(0);

impl Tensor {
    /// A concrete tensor.
    pub fn new(value: Value) -> Tensor {
        Tensor(Repr::Eager(Arc::new(Eager { value, id: NEXT_ID.fetch_add(1, Ordering::Relaxed) })))
    }

    /// A scalar.
    pub fn scalar<T: Stored>(x: T) -> Tensor {
        Tensor::new(Value::scalar(x))
    }

    /// A scalar constant of the given element type.
    pub fn constant(dtype: DType, x: f64) -> Tensor {
        Tensor::new(Value::scalar_of(dtype, x))
    }

    /// A tensor filled with one number; in a trace a broadcast scalar, not an array.
    pub fn full(dtype: DType, shape: impl Into<Shape>, x: f64) -> Tensor {
        Tensor::constant(dtype, x).broadcast_to(shape)
    }

    /// The tensor that carries an error.
    pub fn failed(error: Error) -> Tensor {
        Tensor(Repr::Failed(error))
    }

    pub(crate) fn node(trace: Trace, id: ValueId, ty: TensorType) -> Tensor {
        Tensor(Repr::Node { trace, id, ty })
    }

    /// Applies an op with one result. This and [`Tensor::apply_many`] are the only places where worlds part.
    pub fn apply(op: impl Into<Op>, inputs: &[&Tensor]) -> Tensor {
        let mut outputs = Tensor::apply_many(op, inputs);
        match outputs.len() {
            1 => outputs.remove(0),
            n => Tensor::failed(Error::value("op").expected("one result").got(n)),
        }
    }

    /// Applies an op with any number of results (at least one tensor comes back, carrying the error if it failed).
    pub fn apply_many(op: impl Into<Op>, inputs: &[&Tensor]) -> Vec<Tensor> {
        let owned: Vec<Tensor> = inputs.iter().map(|t| (*t).clone()).collect();
        Self::try_apply(op.into(), &owned).unwrap_or_else(|e| vec![Tensor::failed(e)])
    }

    fn try_apply(op: Op, inputs: &[Tensor]) -> Result<Vec<Tensor>> {
        for t in inputs {
            t.check()?;
        }
        let innermost =
            inputs.iter().filter_map(|t| t.as_node().map(|(trace, _)| trace)).max_by_key(|t| t.depth());
        if let Some(trace) = innermost.cloned().or_else(Trace::current) {
            return trace.apply(op, inputs);
        }
        let values = inputs.iter().filter_map(|t| t.value().transpose()).collect::<Result<Vec<&Value>>>()?;
        let outputs: Vec<Tensor> =
            backend::eager().apply(&op, &values)?.into_iter().map(Tensor::new).collect();
        tape::record(&op, inputs, &outputs);
        Ok(outputs)
    }

    /// The error it carries, if any.
    pub fn check(&self) -> Result<&Tensor> {
        match &self.0 {
            Repr::Failed(e) => Err(e.clone()),
            _ => Ok(self),
        }
    }

    /// The numbers, if it is concrete; the error if it carries one.
    pub fn value(&self) -> Result<Option<&Value>> {
        match &self.0 {
            Repr::Eager(e) => Ok(Some(&e.value)),
            Repr::Node { .. } => Ok(None),
            Repr::Failed(e) => Err(e.clone()),
        }
    }

    /// The numbers; an error for a tensor that is still being traced.
    pub fn to_value(&self) -> Result<Value> {
        self.value()?.cloned().ok_or_else(|| {
            Error::value("a traced tensor has no numbers yet")
                .hint("Read it outside the function that is being traced.")
        })
    }

    /// The trace and the value it stands for, if it is being traced.
    pub fn as_node(&self) -> Option<(&Trace, ValueId)> {
        match &self.0 {
            Repr::Node { trace, id, .. } => Some((trace, *id)),
            _ => None,
        }
    }

    /// Makes ops on constants nodes of this tensor's trace (unless one inside it is at work) until the guard is
    /// dropped: what has open axes like it cannot be computed now.
    pub(crate) fn enter_trace(&self) -> Option<Entered> {
        let (trace, _) = self.as_node()?;
        let inside = Trace::current().is_some_and(|t| t.depth() > trace.depth() || t.same(trace));
        (!inside).then(|| trace.enter())
    }

    /// What it is, as a key.
    pub fn identity(&self) -> Identity {
        match &self.0 {
            Repr::Eager(e) => Identity::Eager(e.id),
            Repr::Node { id, .. } => Identity::Node(*id),
            Repr::Failed(_) => Identity::Failed,
        }
    }

    /// Whether both are the same tensor (not merely equal ones).
    pub fn is(&self, other: &Tensor) -> bool {
        match (self.as_node(), other.as_node()) {
            (Some((a, x)), Some((b, y))) => a.same(b) && x == y,
            (None, None) => self.identity() == other.identity() && self.identity() != Identity::Failed,
            _ => false,
        }
    }

    /// Element type and shape; a tensor that carries an error is a float scalar here.
    pub fn ty(&self) -> TensorType {
        match &self.0 {
            Repr::Eager(e) => TensorType::new(e.value.dtype(), e.value.shape()),
            Repr::Node { ty, .. } => ty.clone(),
            Repr::Failed(_) => TensorType::new(DType::F32, Shape::scalar()),
        }
    }

    /// The element type.
    pub fn dtype(&self) -> DType {
        match &self.0 {
            Repr::Node { ty, .. } => ty.dtype,
            _ => self.ty().dtype,
        }
    }

    /// The shape.
    pub fn shape(&self) -> Shape {
        self.ty().shape
    }

    /// The number of axes.
    pub fn rank(&self) -> usize {
        match &self.0 {
            Repr::Node { ty, .. } => ty.shape.rank(),
            _ => self.ty().shape.rank(),
        }
    }

    /// The length of an axis (negative counts from the end); unknown if there is no such axis.
    pub fn dim(&self, axis: isize) -> Dim {
        self.shape().get(axis).unwrap_or(Dim::UNKNOWN)
    }

    /// The axis number counted from the front, or an error that names the rank.
    pub fn axis(&self, axis: isize) -> Result<usize> {
        let rank = self.rank() as isize;
        let from_front = if axis < 0 { axis + rank } else { axis };
        if (0..rank).contains(&from_front) {
            Ok(from_front as usize)
        } else {
            Err(Error::value("axis").expected(format_args!("-{rank} to {}", rank - 1)).got(axis))
        }
    }

    /// Runs `f` and turns its error into a tensor that carries it.
    pub fn from_result(f: impl FnOnce() -> Result<Tensor>) -> Tensor {
        f().unwrap_or_else(Tensor::failed)
    }
}

impl From<Value> for Tensor {
    fn from(value: Value) -> Tensor {
        Tensor::new(value)
    }
}

impl fmt::Debug for Tensor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Repr::Eager(e) => write!(f, "{:?}", e.value),
            Repr::Node { id, ty, .. } => write!(f, "{id:?}: {ty}"),
            Repr::Failed(e) => write!(f, "{e:?}"),
        }
    }
}
