//! Calls of layers: at once, inside a traced call, or as nodes of a model.

use crate::error::OrRaise;
use crate::handle::{Handle, Object};
use crate::scope::current;
use crate::symbolic::KerasTensor;
use crate::tensor::{Tensor, arguments, holds_symbolic};
use crate::variable::Variable;
use addax::core::TensorType;
use addax::scope::Scope;
use addax::{DType, Shape};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

/// The symbolic input of a model, and its layer.
#[pyfunction]
pub fn input(shape: Vec<Option<usize>>, dtype: &str, name: Option<String>) -> PyResult<KerasTensor> {
    let dims: Vec<addax::core::Dim> = shape.into_iter().map(addax::core::Dim::from).collect();
    let ty = TensorType::new(DType::parse(dtype).or_raise()?, Shape::from(dims));
    Ok(KerasTensor(addax::models::input(ty, name)))
}

#[pymethods]
impl Handle {
    /// Calls the layer and gives all outputs: tensors, or tensors of a model if it is called on such.
    #[pyo3(signature = (args, kwargs=None))]
    fn call<'py>(
        &self,
        py: Python<'py>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Vec<Bound<'py, PyAny>>> {
        let layer = self.layer()?;
        if holds_symbolic(args) || kwargs.is_some_and(|k| holds_symbolic(k)) {
            let outputs = layer.on_with(arguments(args, kwargs)?).or_raise()?;
            return outputs.into_iter().map(|s| Ok(Bound::new(py, KerasTensor(s))?.into_any())).collect();
        }
        let arguments = arguments(args, kwargs)?;
        let outputs = match current(|cx| cx.call_with(layer, arguments.clone())) {
            Some(outputs) => outputs,
            None => {
                crate::model::settle();
                Scope::eager(false).call_with(layer, arguments)
            }
        };
        let outputs = outputs.or_raise()?.into_iter();
        outputs.map(|t| Ok(Bound::new(py, Tensor(t.tensor, t.mask))?.into_any())).collect()
    }

    /// The name of a layer.
    #[getter]
    fn name(&self) -> PyResult<String> {
        Ok(self.layer()?.name().to_string())
    }

    #[getter]
    fn get_trainable(&self) -> PyResult<bool> {
        Ok(self.layer()?.trainable())
    }

    #[setter]
    fn set_trainable(&self, trainable: bool) -> PyResult<()> {
        self.layer()?.set_trainable(trainable);
        Ok(())
    }

    /// The names of the policy, and of its element types of computation and of weights.
    #[getter]
    fn policy(&self) -> PyResult<(String, &'static str, &'static str)> {
        let p = self.layer()?.policy();
        Ok((p.name().to_string(), p.compute.name(), p.variable.name()))
    }

    /// The layer with the shape of one sample.
    fn with_input_shape(&self, shape: Vec<Option<usize>>) -> PyResult<Handle> {
        let dims: Vec<addax::core::Dim> = shape.into_iter().map(addax::core::Dim::from).collect();
        Ok(Handle(Object::Layer(self.layer()?.clone().input_shape(Shape::from(dims)))))
    }

    /// All weights, those of the layers inside too; with each, whether training may change it.
    fn weights(&self) -> PyResult<Vec<(Variable, bool)>> {
        Ok(self.layer()?.weights().into_iter().map(|(w, t)| (Variable(w), t)).collect())
    }

    /// Its own weights.
    fn own_weights(&self) -> PyResult<Vec<Variable>> {
        Ok(self.layer()?.own_weights().into_iter().map(Variable).collect())
    }

    /// The layers inside it, with the names of the attributes that hold them; those of a network without.
    fn children(&self) -> PyResult<Vec<(Option<String>, Handle)>> {
        let layer = self.layer()?;
        let inside = layer.children().into_iter().map(|(name, l)| (Some(name), l));
        let all = inside.chain(layer.layer().sublayers().into_iter().map(|l| (None, l)));
        Ok(all.map(|(name, l)| (name, Handle(Object::Layer(l)))).collect())
    }

    /// Counts a weight among its own.
    fn adopt(&self, variable: &Variable) -> PyResult<()> {
        self.layer()?.adopt(&variable.0);
        Ok(())
    }

    /// Keeps a layer under the name of an attribute.
    fn put_child(&self, attribute: &str, layer: &Handle) -> PyResult<()> {
        let inside = layer.layer()?.clone();
        self.layer()?.child(attribute, || inside);
        Ok(())
    }
}
