//! The scope of the call that is being traced, while Python code runs inside it.

use crate::tensor::Tensor;
use addax::scope::Scope;
use pyo3::prelude::*;
use std::cell::RefCell;

thread_local! {
    static SCOPES: RefCell<Vec<Scope>> = const { RefCell::new(Vec::new()) };
}

/// Lends the scope to Python code that runs meanwhile on this thread.
pub fn lend<R>(cx: &mut Scope, run: impl FnOnce() -> R) -> R {
    SCOPES.with_borrow_mut(|scopes| scopes.push(cx.take()));
    let result = run();
    if let Some(scope) = SCOPES.with_borrow_mut(Vec::pop) {
        *cx = scope;
    }
    result
}

/// Does something with the scope that was lent last; nothing outside a traced call.
pub fn current<R>(run: impl FnOnce(&mut Scope) -> R) -> Option<R> {
    let mut scope = SCOPES.with_borrow_mut(Vec::pop)?;
    let result = run(&mut scope);
    SCOPES.with_borrow_mut(|scopes| scopes.push(scope));
    Some(result)
}

/// Whether a call is under way, and if so, whether it is part of training.
#[pyfunction]
pub fn training() -> Option<bool> {
    current(|cx| cx.training())
}

/// Whether a call is being traced, so that tensors have no numbers.
#[pyfunction]
pub fn tracing() -> bool {
    current(|cx| !cx.is_eager()).unwrap_or(false)
}

/// The mask of an input of the call that is under way.
#[pyfunction]
pub fn mask(index: usize) -> Option<Tensor> {
    current(|cx| cx.mask(index)).flatten().map(Tensor::plain)
}

/// Adds to the loss of the call that is under way.
#[pyfunction]
pub fn add_loss(loss: &Bound<'_, PyAny>) -> PyResult<()> {
    let loss = crate::tensor::given(loss)?;
    current(|cx| cx.add_loss(loss));
    Ok(())
}
