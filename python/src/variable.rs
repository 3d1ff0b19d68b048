//! Variables: weights of layers, and those that stand alone.

use crate::array::{to_numpy, value_of};
use crate::error::OrRaise;
use crate::handle::{Handle, Object, with_objects};
use crate::scope::current;
use crate::tensor::{Tensor, given};
use addax::core::rng::Rng;
use addax::initializers::Initializer;
use addax::scope::Weight;
use addax::{DType, Tensor as Core, Value};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use std::sync::Arc;

/// A weight of a layer, or a variable that stands alone.
#[pyclass(frozen, module = "addax", weakref)]
pub struct Variable(pub Arc<Weight>);

impl Variable {
    /// Its numbers.
    pub fn value(&self) -> PyResult<Value> {
        crate::model::settle();
        self.0.value().or_raise()
    }

    /// Its tensor in the call that is being traced, or its numbers.
    pub fn tensor(&self) -> PyResult<Core> {
        if let Some(tensor) = current(|cx| cx.tensor_of(&self.0)) {
            return Ok(tensor);
        }
        crate::model::settle();
        let tensor = self.0.tensor().or_raise()?;
        if self.0.trainable {
            addax::core::GradientTape::watch_on_all(&tensor);
        }
        Ok(tensor)
    }
}

#[pymethods]
impl Variable {
    /// A variable with an initializer, or with numbers.
    #[new]
    #[pyo3(signature = (name, shape, dtype, initializer, trainable=true, regularizer=None, constraint=None))]
    fn new(
        name: &str,
        shape: Vec<usize>,
        dtype: &str,
        initializer: &Handle,
        trainable: bool,
        regularizer: Option<&Handle>,
        constraint: Option<&Handle>,
    ) -> PyResult<Variable> {
        let wrong = |what: &str| PyValueError::new_err(format!("{what}: expected one of its kind"));
        let Object::Initializer(first) = &initializer.0 else { return Err(wrong("initializer")) };
        let first = Initializer::shared(first.clone());
        let mut made = Weight::new(name, shape, DType::parse(dtype).or_raise()?, &first).or_raise()?;
        let regularizer = match regularizer.map(|h| &h.0) {
            None => None,
            Some(Object::Regularizer(r)) => Some(addax::class::Handle::shared(r.clone())),
            Some(_) => return Err(wrong("regularizer")),
        };
        let constraint = match constraint.map(|h| &h.0) {
            None => None,
            Some(Object::Constraint(c)) => Some(addax::class::Handle::shared(c.clone())),
            Some(_) => return Err(wrong("constraint")),
        };
        (made.trainable, made.regularizer, made.constraint) = (trainable, regularizer, constraint);
        Ok(Variable(Arc::new(made)))
    }

    /// A variable with numbers.
    #[staticmethod]
    #[pyo3(signature = (name, value, trainable=true))]
    fn of(name: &str, value: &Bound<'_, PyAny>, trainable: bool) -> PyResult<Variable> {
        let value = given(value)?.to_value().or_raise()?;
        let zeros = Initializer::from("zeros");
        let mut made = Weight::new(name, value.shape().to_vec(), value.dtype(), &zeros).or_raise()?;
        made.set(value).or_raise()?;
        made.trainable = trainable;
        Ok(Variable(Arc::new(made)))
    }

    #[getter]
    fn name(&self) -> &str {
        &self.0.name
    }

    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, &self.0.shape)
    }

    #[getter]
    fn dtype(&self) -> &'static str {
        self.0.dtype.name()
    }

    #[getter]
    fn ndim(&self) -> usize {
        self.0.shape.len()
    }

    #[getter]
    fn trainable(&self) -> bool {
        self.0.trainable
    }

    /// What tells it from other variables while it lives.
    #[getter]
    fn _key(&self) -> usize {
        Arc::as_ptr(&self.0) as usize
    }

    /// The regularizer's penalty on it, if it has a regularizer.
    fn _penalty(&self) -> PyResult<Option<Tensor>> {
        let Some(r) = &self.0.regularizer else { return Ok(None) };
        Ok(Some(Tensor::plain(r.get().or_raise()?.penalty(&self.tensor()?))))
    }

    /// The tensor that it is now.
    fn _tensor(&self) -> PyResult<Tensor> {
        self.tensor().map(Tensor::plain)
    }

    /// Its numbers.
    fn numpy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        if let Some(tensor) = current(|cx| cx.tensor_of(&self.0)) {
            return to_numpy(py, tensor.to_value().or_raise()?);
        }
        to_numpy(py, self.value()?)
    }

    /// Gives it another value: at once, or at the end of the step that is being traced.
    fn assign(&self, value: &Bound<'_, PyAny>) -> PyResult<()> {
        let traced = value.cast::<Tensor>().is_ok_and(|t| t.get().0.as_node().is_some());
        let inside = traced || current(|cx| !cx.is_eager()).unwrap_or(false);
        if inside {
            let value = given(value)?;
            current(|cx| cx.assign(&self.0, value));
            return Ok(());
        }
        crate::model::settle();
        let value = value_of(value)?;
        let same = value.shape() == self.0.shape;
        let value = if !same && value.len() == 1 && self.0.shape.iter().product::<usize>() == 1 {
            value.reshape(&self.0.shape).or_raise()?
        } else {
            value
        };
        self.0.set(value).or_raise()
    }

    fn __hash__(&self) -> usize {
        self._key()
    }
}

/// Makes the numbers of an initializer.
#[pyfunction]
pub fn initial<'py>(
    py: Python<'py>,
    initializer: &Handle,
    shape: Vec<usize>,
    seed: Option<u64>,
) -> PyResult<Bound<'py, PyAny>> {
    let Object::Initializer(object) = &initializer.0 else {
        return Err(PyValueError::new_err("initializer: expected one, got another kind of object"));
    };
    let own = object.seed().map(|s| s as u64).or(seed);
    let mut rng = Rng::new(own.unwrap_or_else(addax::random::fresh_seed), 0);
    let values = with_objects(Vec::new(), || object.values(&shape, &mut rng)).or_raise()?;
    let values: Vec<f32> = values.into_iter().map(|x| x as f32).collect();
    to_numpy(py, Value::new(shape, values).or_raise()?)
}
