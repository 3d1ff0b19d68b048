//! Tensors: numbers, or values of a call that is being traced.

use crate::array::{to_numpy, value_of};
use crate::error::OrRaise;
use crate::json;
use crate::symbolic::KerasTensor;
use crate::variable::Variable;
use addax::arguments::{Argument, Arguments};
use addax::class::Field;
use addax::models::Symbolic;
use addax::ops::{self, Number};
use addax::scope::Traced;
use addax::{DType, Tensor as Core};
use numpy::PyUntypedArray;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyTuple};

/// A tensor, with the mask that a layer gave it.
#[pyclass(frozen, module = "addax", weakref)]
pub struct Tensor(pub Core, pub Option<Core>);

impl Tensor {
    /// Without a mask.
    pub fn plain(tensor: Core) -> Tensor {
        Tensor(tensor, None)
    }

    /// As a layer takes it.
    pub fn traced(&self) -> Traced {
        Traced { tensor: self.0.clone(), mask: self.1.clone() }
    }
}

/// The lengths of the axes, with None for those that are not known.
pub fn shape_of<'py>(py: Python<'py>, shape: &addax::Shape) -> PyResult<Bound<'py, PyTuple>> {
    PyTuple::new(py, shape.dims().iter().map(|d| d.known()))
}

#[pymethods]
impl Tensor {
    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        shape_of(py, &self.0.shape())
    }

    #[getter]
    fn dtype(&self) -> &'static str {
        self.0.dtype().name()
    }

    #[getter]
    fn ndim(&self) -> usize {
        self.0.rank()
    }

    /// The mask that a layer gave it.
    #[getter]
    fn _keras_mask(&self) -> Option<Tensor> {
        self.1.clone().map(Tensor::plain)
    }

    /// The same tensor with a mask.
    fn _with_mask(&self, mask: Option<&Bound<'_, Tensor>>) -> Tensor {
        Tensor(self.0.clone(), mask.map(|m| m.get().0.clone()))
    }

    /// Whether it has no numbers yet.
    #[getter]
    fn _traced(&self) -> bool {
        self.0.as_node().is_some()
    }

    /// The numbers.
    fn numpy<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        to_numpy(py, self.0.to_value().or_raise()?)
    }
}

/// Whether there is a tensor of a model in it.
pub fn holds_symbolic(object: &Bound<'_, PyAny>) -> bool {
    if object.is_instance_of::<KerasTensor>() {
        return true;
    }
    if let Ok(dict) = object.cast::<PyDict>() {
        return dict.values().iter().any(|v| holds_symbolic(&v));
    }
    let sequence = object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>();
    sequence && object.try_iter().is_ok_and(|mut all| all.any(|v| v.is_ok_and(|v| holds_symbolic(&v))))
}

/// One tensor, whatever it was given as.
pub fn given(object: &Bound<'_, PyAny>) -> PyResult<Core> {
    if let Ok(tensor) = object.cast::<Tensor>() {
        return Ok(tensor.get().0.clone());
    }
    if let Ok(variable) = object.cast::<Variable>() {
        return variable.get().tensor();
    }
    if object.is_instance_of::<PyBool>() {
        return Ok(Core::scalar(object.extract::<bool>()?));
    }
    if object.is_instance_of::<PyInt>() {
        return Ok(Core::scalar(object.extract::<i64>()?).cast(DType::I32));
    }
    if object.is_instance_of::<PyFloat>() {
        return Ok(Core::scalar(object.extract::<f64>()? as f32));
    }
    let sequence = object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>();
    if sequence && !object.is_empty()? {
        let items = object.try_iter()?.collect::<PyResult<Vec<_>>>()?;
        if items.iter().any(|i| i.is_instance_of::<Tensor>() || i.is_instance_of::<Variable>()) {
            let parts = items.iter().map(given).collect::<PyResult<Vec<Core>>>()?;
            let arguments = Arguments::of(vec![])
                .with("x", Argument::List(parts.into_iter().map(Argument::Tensor).collect()));
            return one(ops::call("stack", Arguments { positional: Vec::new(), ..arguments }).or_raise()?);
        }
    }
    if let Ok(variable) = object.getattr("_variable") {
        return given(&variable);
    }
    let value = value_of(object)?;
    // Whole numbers in lists are int32, as in Keras.
    let listed = !object.is_instance_of::<PyUntypedArray>() && object.getattr("dtype").is_err();
    Ok(Core::new(if listed && value.dtype() == DType::I64 { value.cast(DType::I32) } else { value }))
}

fn one(mut tensors: Vec<Core>) -> PyResult<Core> {
    let last = tensors.pop().ok_or_else(|| PyTypeError::new_err("op: expected a result, got none"))?;
    last.check().or_raise()?;
    Ok(last)
}

/// A kind of tensor that calls are made on.
pub trait Operand: Sized + Clone {
    /// What is given if it is a tensor of this kind.
    fn tensor(object: &Bound<'_, PyAny>) -> PyResult<Option<Argument<Self>>>;
}

impl Operand for Symbolic {
    fn tensor(object: &Bound<'_, PyAny>) -> PyResult<Option<Argument<Self>>> {
        if let Ok(s) = object.cast::<KerasTensor>() {
            return Ok(Some(Argument::Tensor(s.get().0.clone())));
        }
        let numbers = object.is_instance_of::<PyUntypedArray>() || object.is_instance_of::<Tensor>();
        // Arrays beside the tensors of a model are constants of it.
        Ok(if numbers { Some(Argument::Plain(Number::from(given(object)?).to_json())) } else { None })
    }
}

impl Operand for Traced {
    fn tensor(object: &Bound<'_, PyAny>) -> PyResult<Option<Argument<Self>>> {
        if let Ok(t) = object.cast::<Tensor>() {
            return Ok(Some(Argument::Tensor(t.get().traced())));
        }
        Ok(<Core as Operand>::tensor(object)?.map(|a| a.map(&mut |t: &Core| t.clone().into())))
    }
}

impl Operand for Core {
    fn tensor(object: &Bound<'_, PyAny>) -> PyResult<Option<Argument<Self>>> {
        let numbers = object.is_instance_of::<Tensor>()
            || object.is_instance_of::<Variable>()
            || object.is_instance_of::<PyUntypedArray>()
            || object.hasattr("_variable")?;
        Ok(if numbers { Some(Argument::Tensor(given(object)?)) } else { None })
    }
}

/// An argument of a call: tensors, plain values and structures of both.
pub fn argument<T: Operand>(object: &Bound<'_, PyAny>) -> PyResult<Argument<T>> {
    if let Some(tensor) = T::tensor(object)? {
        return Ok(tensor);
    }
    if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
        let list = object.try_iter()?.map(|v| argument::<T>(&v?)).collect::<PyResult<Vec<_>>>()?;
        if list.iter().all(|a| matches!(a, Argument::Plain(_))) {
            let plain = |a| if let Argument::Plain(json) = a { json } else { serde_json::Value::Null };
            return Ok(Argument::Plain(serde_json::Value::Array(list.into_iter().map(plain).collect())));
        }
        return Ok(Argument::List(list));
    }
    if let Ok(dict) = object.cast::<PyDict>() {
        let entries = dict.iter().map(|(k, v)| Ok((k.str()?.to_string(), argument::<T>(&v)?)));
        return Ok(Argument::Dict(entries.collect::<PyResult<_>>()?));
    }
    Ok(Argument::Plain(json::to_json(object, &mut Vec::new())?))
}

/// The arguments of a call.
pub fn arguments<T: Operand>(
    args: &Bound<'_, PyTuple>,
    kwargs: Option<&Bound<'_, PyDict>>,
) -> PyResult<Arguments<T>> {
    let positional = args.iter().map(|a| argument(&a)).collect::<PyResult<Vec<_>>>()?;
    let named = kwargs
        .map(|k| k.iter().map(|(n, a)| Ok((n.extract()?, argument(&a)?))).collect::<PyResult<Vec<_>>>());
    Ok(Arguments { positional, named: named.transpose()?.unwrap_or_default() })
}

/// A tensor of anything; with an element type it is cast.
#[pyfunction]
#[pyo3(signature = (object, dtype=None))]
pub fn tensor(object: &Bound<'_, PyAny>, dtype: Option<&str>) -> PyResult<Tensor> {
    let mask = object.cast::<Tensor>().ok().and_then(|t| t.get().1.clone());
    let made = given(object)?;
    let made = match dtype {
        Some(name) => made.cast(DType::parse(name).or_raise()?),
        None => made,
    };
    made.check().or_raise()?;
    Ok(Tensor(made, mask))
}

/// The tensor, through which no gradient goes.
#[pyfunction]
pub fn stop_gradient(object: &Bound<'_, PyAny>) -> PyResult<Tensor> {
    Ok(Tensor::plain(given(object)?.stop_gradient()))
}

/// Calls a function of `keras.ops`: computes it, or makes a node of a model. All results, and whether it has several.
#[pyfunction]
#[pyo3(signature = (name, args, kwargs=None))]
pub fn op<'py>(
    py: Python<'py>,
    name: &str,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let op = ops::find(name).or_raise()?;
    let symbolic = holds_symbolic(args) || kwargs.is_some_and(|k| holds_symbolic(k));
    let results: Vec<Bound<'py, PyAny>> = if symbolic {
        let outputs = op.node(arguments(args, kwargs)?).or_raise()?;
        outputs
            .into_iter()
            .map(|s| Ok(Bound::new(py, KerasTensor(s))?.into_any()))
            .collect::<PyResult<_>>()?
    } else {
        let outputs = op.apply(arguments(args, kwargs)?).or_raise()?;
        outputs.iter().try_for_each(|t| t.check().map(|_| ())).or_raise()?;
        outputs
            .into_iter()
            .map(|t| Ok(Bound::new(py, Tensor::plain(t))?.into_any()))
            .collect::<PyResult<_>>()?
    };
    match <[_; 1]>::try_from(results) {
        Ok([one]) if !op.several => Ok(one),
        Ok(one) => Ok(PyList::new(py, one)?.into_any()),
        Err(many) => Ok(PyTuple::new(py, many)?.into_any()),
    }
}
