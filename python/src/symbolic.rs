//! Tensors of a model that is being written down.

use crate::handle::{Handle, Object};
use crate::tensor::shape_of;
use addax::models::Symbolic;
use pyo3::prelude::*;
use pyo3::types::PyTuple;

/// A tensor of a model that is being written down.
#[pyclass(frozen, module = "addax.keras", weakref)]
pub struct KerasTensor(pub Symbolic);

#[pymethods]
impl KerasTensor {
    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        shape_of(py, self.0.shape())
    }

    #[getter]
    fn dtype(&self) -> &'static str {
        self.0.dtype().name()
    }

    #[getter]
    fn ndim(&self) -> usize {
        self.0.shape().rank()
    }

    #[getter]
    fn name(&self) -> String {
        self.0.call().layer.name().to_string()
    }

    /// The layer that makes it.
    #[getter]
    fn _layer(&self) -> Handle {
        Handle(Object::Layer(self.0.call().layer.clone()))
    }

    /// What tells it from other tensors while it lives.
    #[getter]
    fn _key(&self) -> (usize, usize) {
        self.0.key()
    }

    /// The tensors that the call that makes it was given.
    fn _parents(&self) -> Vec<KerasTensor> {
        self.0.call().inputs().into_iter().map(|s| KerasTensor(s.clone())).collect()
    }

    fn __hash__(&self) -> u64 {
        let (call, index) = self.0.key();
        (call as u64).wrapping_mul(31).wrapping_add(index as u64)
    }

    fn __repr__(&self) -> String {
        format!("<KerasTensor shape={}, dtype={}, name={}>", self.0.shape(), self.0.dtype(), self.name())
    }
}
