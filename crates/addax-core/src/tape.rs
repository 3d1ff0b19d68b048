//! The gradient tape: remembers eager ops so that they can be differentiated afterwards.

use crate::error::Result;
use crate::graph::autodiff::{Record, backward};
use crate::ops::Op;
use crate::tensor::{Identity, Tensor};
use std::cell::RefCell;
use std::collections::HashSet;

struct Recording {
    id: u64,
    paused: bool,
    watched: HashSet<Identity>,
    records: Vec<Record>,
}

thread_local! {
    static TAPES: RefCell<Vec<Recording>> = const { RefCell::new(Vec::new()) };
}

/// Records the ops on watched tensors while it lives.
///
/// ```
/// use addax_core::{GradientTape, Tensor};
/// let tape = GradientTape::new();
/// let x = Tensor::scalar(3.0f32);
/// tape.watch(&x);
/// let y = &x * &x;
/// assert_eq!(tape.gradient(&y, &[&x]).unwrap()[0].as_ref().unwrap().to_value().unwrap().item().unwrap(), 6.0);
/// ```
pub struct GradientTape {
    id: u64,
}

impl Default for GradientTape {
    fn default() -> Self {
        GradientTape::new()
    }
}

impl GradientTape {
    /// Starts recording on this thread.
    pub fn new() -> GradientTape {
        TAPES.with_borrow_mut(|tapes| {
            let id = tapes.last().map_or(0, |t| t.id + 1);
            tapes.push(Recording { id, paused: false, watched: HashSet::new(), records: Vec::new() });
            GradientTape { id }
        })
    }

    /// Records no more ops; what was recorded stays.
    pub fn pause(&self) {
        TAPES.with_borrow_mut(|tapes| {
            tapes.iter_mut().filter(|t| t.id == self.id).for_each(|t| t.paused = true)
        });
    }

    /// Follows a tensor: ops on it, and on what comes of it, are recorded.
    pub fn watch(&self, tensor: &Tensor) {
        TAPES.with_borrow_mut(|tapes| {
            tapes.iter_mut().filter(|t| t.id == self.id).for_each(|t| {
                t.watched.insert(tensor.identity());
            });
        });
    }

    /// Has every tape of this thread follow a tensor: what reads a variable does so.
    pub fn watch_on_all(tensor: &Tensor) {
        TAPES.with_borrow_mut(|tapes| {
            tapes.iter_mut().for_each(|t| {
                t.watched.insert(tensor.identity());
            });
        });
    }

    /// The gradient of `target` (summed over its elements) by each source; `None` where it does not depend on it.
    /// Outer tapes record this computation too, so gradients of gradients work.
    pub fn gradient(&self, target: &Tensor, sources: &[&Tensor]) -> Result<Vec<Option<Tensor>>> {
        let records = TAPES.with_borrow_mut(|tapes| {
            tapes.iter_mut().find(|t| t.id == self.id).map(|t| std::mem::take(&mut t.records))
        });
        let records = records.unwrap_or_default();
        let ones = Tensor::full(target.dtype(), target.shape(), 1.0);
        let gradients = backward(&records, &[(target.clone(), ones)], sources);
        TAPES.with_borrow_mut(|tapes| {
            tapes.iter_mut().filter(|t| t.id == self.id).for_each(|t| t.records = records.clone());
        });
        gradients
    }
}

impl Drop for GradientTape {
    fn drop(&mut self) {
        TAPES.with_borrow_mut(|tapes| tapes.retain(|t| t.id != self.id));
    }
}

/// Whether a tape of this thread follows a tensor.
pub(crate) fn follows(tensor: &Tensor) -> bool {
    TAPES.with_borrow(|tapes| tapes.iter().any(|t| !t.paused && t.watched.contains(&tensor.identity())))
}

/// Tells every tape of this thread that follows one of the inputs about an eager op.
pub(crate) fn record(op: &Op, inputs: &[Tensor], outputs: &[Tensor]) {
    TAPES.with_borrow_mut(|tapes| {
        for tape in tapes.iter_mut() {
            if !tape.paused && inputs.iter().any(|t| tape.watched.contains(&t.identity())) {
                tape.watched.extend(outputs.iter().map(Tensor::identity));
                let (inputs, outputs) = (inputs.to_vec(), outputs.to_vec());
                tape.records.push(Record { op: op.clone(), inputs, outputs });
            }
        }
    });
}
