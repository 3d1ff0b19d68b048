//! Models: built, compiled, trained piece by piece, asked, saved.

use crate::array::{to_numpy, value_of};
use crate::error::OrRaise;
use crate::handle::{Handle, Object, with_objects};
use crate::json;
use crate::symbolic::KerasTensor;
use crate::tensor::{argument, shape_of};
use crate::variable::Variable;
use addax::arguments::Argument;
use addax::layers::LayerRef;
use addax::metrics::{LossMetric, Reading};
use addax::models::{Network, Sequential, Symbolic};
use addax::training::{self, Arrays, Compile, Logs, Model, Weights};
use addax::{Error, Result, Shape, Value};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::thread::ThreadId;
use std::time::Duration;

/// A model, and which thread works with it.
struct Shared {
    model: Mutex<Model>,
    worker: Mutex<Option<ThreadId>>,
}

/// Models whose sessions may hold newer weights than their layers.
static AHEAD: Mutex<Vec<Weak<Shared>>> = Mutex::new(Vec::new());

/// Brings the weights of all layers up to date: whoever reads one directly calls it first.
pub fn settle() {
    let ahead = std::mem::take(&mut *AHEAD.lock().unwrap_or_else(PoisonError::into_inner));
    for shared in ahead.iter().filter_map(Weak::upgrade) {
        // A model that is at work stores its weights when it is done.
        if let Ok(mut model) = shared.model.try_lock() {
            let _ = model.store();
        }
    }
}

/// A model.
#[pyclass(frozen, module = "addax._addax", name = "Model")]
pub struct PyModel(Arc<Shared>);

impl PyModel {
    fn new(model: Model) -> PyModel {
        PyModel(Arc::new(Shared { model: Mutex::new(model), worker: Mutex::new(None) }))
    }

    /// Works with the model while other threads of Python go on.
    pub fn with<R: Send>(
        &self,
        py: Python<'_>,
        work: impl FnOnce(&mut Model) -> Result<R> + Send,
    ) -> PyResult<R> {
        let shared = &self.0;
        let me = std::thread::current().id();
        if *shared.worker.lock().unwrap_or_else(PoisonError::into_inner) == Some(me) {
            return Err(PyRuntimeError::new_err(
                "the model is at work: it cannot be used from code that it calls",
            ));
        }
        let result = py.detach(|| {
            let mut model = shared.model.lock().unwrap_or_else(PoisonError::into_inner);
            let set = |worker| *shared.worker.lock().unwrap_or_else(PoisonError::into_inner) = worker;
            set(Some(me));
            let result = with_objects(Vec::new(), || work(&mut model));
            set(None);
            result
        });
        result.or_raise()
    }

    /// Says that the session holds newer weights than the layers.
    pub fn ahead(&self) {
        let mut ahead = AHEAD.lock().unwrap_or_else(PoisonError::into_inner);
        if !ahead.iter().any(|w| w.as_ptr() == Arc::as_ptr(&self.0)) {
            ahead.retain(|w| w.strong_count() > 0);
            ahead.push(Arc::downgrade(&self.0));
        }
    }
}

/// Arrays in order or by name; one array is a list of one.
pub fn arrays(object: &Bound<'_, PyAny>) -> PyResult<Arrays> {
    if let Ok(dict) = object.cast::<PyDict>() {
        let named = dict.iter().map(|(k, v)| Ok((k.extract::<String>()?, value_of(&v)?)));
        return Ok(Arrays::Named(named.collect::<PyResult<_>>()?));
    }
    if object.is_none() {
        return Ok(Arrays::List(Vec::new()));
    }
    if object.is_instance_of::<PyList>() || object.is_instance_of::<PyTuple>() {
        return Ok(Arrays::List(object.try_iter()?.map(|v| value_of(&v?)).collect::<PyResult<_>>()?));
    }
    Ok(Arrays::List(vec![value_of(object)?]))
}

/// Sample weights, if there are any.
pub fn weights(object: Option<&Bound<'_, PyAny>>) -> PyResult<Weights> {
    Ok(Weights(object.filter(|o| !o.is_none()).map(arrays).transpose()?))
}

/// Values by name for Python.
pub fn logs<'py>(py: Python<'py>, logs: &Logs) -> PyResult<Bound<'py, PyDict>> {
    let dict = PyDict::new(py);
    for (name, reading) in logs {
        match reading {
            Reading::Number(x) => dict.set_item(name, x)?,
            Reading::List(list) => dict.set_item(name, list)?,
        }
    }
    Ok(dict)
}

fn symbolic(object: &Bound<'_, PyAny>) -> PyResult<Argument<Symbolic>> {
    argument(object)
}

#[pymethods]
impl PyModel {
    /// Layers one after another.
    #[staticmethod]
    fn sequential(layers: Vec<Bound<'_, Handle>>) -> PyResult<PyModel> {
        let all = layers.iter().map(|h| Ok(h.get().layer()?.clone())).collect::<PyResult<Vec<_>>>()?;
        let stack = all.into_iter().fold(Sequential::new(), Sequential::add);
        Ok(PyModel::new(Model::sequential(stack).or_raise()?))
    }

    /// The network between tensors of a model.
    #[staticmethod]
    fn functional(inputs: &Bound<'_, PyAny>, outputs: &Bound<'_, PyAny>) -> PyResult<PyModel> {
        let network = Network::structured(symbolic(inputs)?, symbolic(outputs)?).or_raise()?;
        Ok(PyModel::new(Model::new(network)))
    }

    /// The model's network as a layer.
    fn as_layer(&self, py: Python<'_>, name: String) -> PyResult<Handle> {
        let network = self.with(py, |m| Ok(m.network()?.clone()))?;
        Ok(Handle(Object::Layer(LayerRef::shared(network, Some(name)))))
    }

    /// What it is trained for, in the form of a `compile_config`.
    #[pyo3(signature = (config, undecayed))]
    fn compile(&self, py: Python<'_>, config: &Bound<'_, PyDict>, undecayed: Vec<String>) -> PyResult<()> {
        let mut objects = Vec::new();
        let json = json::to_json(config, &mut objects)?;
        let compile = with_objects(objects, || Compile::from_config(&json)).or_raise()?;
        self.with(py, |m| m.compile(compile.exclude_from_weight_decay(undecayed)))
    }

    /// Ends a `fit`.
    fn finish(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, Model::finish)
    }

    /// The outputs for all rows.
    fn predict<'py>(
        &self,
        py: Python<'py>,
        x: &Bound<'py, PyAny>,
        batch_size: usize,
    ) -> PyResult<Bound<'py, PyList>> {
        let x = arrays(x)?;
        let outputs = self.with(py, |m| m.predict_all(x, batch_size))?;
        PyList::new(py, outputs.into_iter().map(|v| to_numpy(py, v)).collect::<PyResult<Vec<_>>>()?)
    }

    /// One step, or one batch of an evaluation; the values since they were reset.
    fn on_batch<'py>(
        &self,
        py: Python<'py>,
        train: bool,
        x: &Bound<'py, PyAny>,
        y: &Bound<'py, PyAny>,
        sample_weight: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyDict>> {
        let (x, y, w) = (arrays(x)?, arrays(y)?, weights(sample_weight)?);
        let values =
            self.with(py, |m| if train { m.train_on_batch(x, y, w) } else { m.test_on_batch(x, y, w) })?;
        if train {
            self.ahead();
        }
        logs(py, &values)
    }

    /// Begins the values of loss and metrics anew.
    fn reset_metrics(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, Model::reset_metrics)
    }

    /// The names of the values, in the order in which Keras lists them.
    fn in_compile_order<'py>(
        &self,
        py: Python<'py>,
        values: BTreeMap<String, Bound<'py, PyAny>>,
    ) -> PyResult<Vec<String>> {
        // Each name stands in the place of its value: the order is the model's.
        let names: Vec<String> = values.into_keys().collect();
        let places: Logs =
            names.iter().enumerate().map(|(i, n)| (n.clone(), Reading::Number(i as f64))).collect();
        let order = self.with(py, |m| Ok(m.in_compile_order(&places)))?;
        Ok(order.iter().filter_map(|r| names.get(r.number()? as usize).cloned()).collect())
    }

    /// Builds a model whose input was not known for samples of a shape.
    fn build(&self, py: Python<'_>, sample: Vec<Option<usize>>) -> PyResult<()> {
        let dims: Vec<addax::core::Dim> = sample.into_iter().map(addax::core::Dim::from).collect();
        self.with(py, |m| m.build(Shape::from(dims)))
    }

    #[getter]
    fn built(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, |m| Ok(m.network().is_ok()))
    }

    /// Keras's table of layers.
    fn summary(&self, py: Python<'_>) -> PyResult<String> {
        self.with(py, |m| Ok(m.summary()))
    }

    #[getter]
    fn name(&self, py: Python<'_>) -> PyResult<String> {
        self.with(py, |m| Ok(m.name().to_string()))
    }

    /// Gives it another name.
    fn rename(&self, py: Python<'_>, name: String) -> PyResult<()> {
        self.with(py, |m| {
            m.set_name(&name);
            Ok(())
        })
    }

    #[getter]
    fn is_sequential(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, |m| Ok(m.architecture().is_sequential()))
    }

    fn layers(&self, py: Python<'_>) -> PyResult<Vec<Handle>> {
        let layers = self.with(py, |m| Ok(m.architecture().layers()))?;
        Ok(layers.into_iter().map(|l| Handle(Object::Layer(l))).collect())
    }

    /// All weights; with each, whether training may change it.
    fn weights(&self, py: Python<'_>) -> PyResult<Vec<(Variable, bool)>> {
        let weights = self.with(py, |m| Ok(m.architecture().weights()))?;
        Ok(weights.into_iter().map(|(w, t)| (Variable(w), t)).collect())
    }

    #[getter]
    fn get_trainable(&self, py: Python<'_>) -> PyResult<bool> {
        self.with(py, |m| Ok(m.trainable()))
    }

    #[setter]
    fn set_trainable(&self, py: Python<'_>, trainable: bool) -> PyResult<()> {
        self.with(py, |m| {
            m.set_trainable(trainable);
            Ok(())
        })
    }

    fn get_weights<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let values = self.with(py, |m| m.get_weights())?;
        PyList::new(py, values.into_iter().map(|v| to_numpy(py, v)).collect::<PyResult<Vec<_>>>()?)
    }

    fn set_weights(&self, py: Python<'_>, values: Vec<Bound<'_, PyAny>>) -> PyResult<()> {
        let values = values.iter().map(value_of).collect::<PyResult<Vec<Value>>>()?;
        self.with(py, |m| m.set_weights(&values))
    }

    fn input_names(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.with(py, |m| Ok(m.input_names()))
    }

    fn output_names(&self, py: Python<'_>) -> PyResult<Vec<String>> {
        self.with(py, |m| Ok(m.output_names()))
    }

    /// Its inputs and outputs as tensors of a model.
    fn ends(&self, py: Python<'_>) -> PyResult<(Vec<KerasTensor>, Vec<KerasTensor>)> {
        let network = self.with(py, |m| Ok(m.network()?.clone()))?;
        let all = |list: &[Symbolic]| list.iter().cloned().map(KerasTensor).collect();
        Ok((all(network.inputs()), all(network.outputs())))
    }

    /// The names of outputs that were given as a dictionary, in the order of the arrays.
    fn output_keys(&self, py: Python<'_>) -> PyResult<Option<Vec<String>>> {
        let network = self.with(py, |m| Ok(m.network()?.clone()))?;
        Ok(matches!(network.structure().1, Argument::Dict(_)).then(|| network.output_names()))
    }

    /// The tensors that a layer's last call takes and gives.
    fn tensors_of(&self, py: Python<'_>, layer: &Handle) -> PyResult<(Vec<KerasTensor>, Vec<KerasTensor>)> {
        let layer = layer.layer()?.clone();
        let network = self.with(py, |m| Ok(m.network()?.clone()))?;
        let calls = network.calls().iter().rev();
        let call = calls.chain(network.inputs().iter().map(Symbolic::call)).find(|c| c.layer.is(&layer));
        let call =
            call.ok_or_else(|| Error::value(layer.title()).expected("a layer of the model")).or_raise()?;
        let inputs = call.inputs().into_iter().cloned().map(KerasTensor).collect();
        Ok((inputs, Symbolic::outputs(call).into_iter().map(KerasTensor).collect()))
    }

    /// The shapes of the outputs of a layer's last call.
    fn shapes_of<'py>(&self, py: Python<'py>, layer: &Handle) -> PyResult<Vec<Bound<'py, PyTuple>>> {
        let layer = layer.layer()?.clone();
        let network = self.with(py, |m| Ok(m.network()?.clone()))?;
        let calls = network.calls().iter().rev();
        let call =
            calls.chain(network.inputs().iter().map(Symbolic::call)).find(|c| c.layer.is(&layer)).cloned();
        call.map_or(Ok(Vec::new()), |c| c.outputs.iter().map(|t| shape_of(py, &t.shape)).collect())
    }

    /// The learning rate of the next step, and how many steps were taken.
    fn progress(&self, py: Python<'_>) -> PyResult<Option<(f64, usize)>> {
        self.with(py, |m| m.progress())
    }

    fn set_learning_rate(&self, py: Python<'_>, rate: f64) -> PyResult<()> {
        self.with(py, |m| m.set_learning_rate(rate))
    }

    /// The names and arrays that the optimizer keeps.
    fn optimizer_state<'py>(&self, py: Python<'py>) -> PyResult<Vec<(String, Bound<'py, PyAny>)>> {
        let (layout, values) = self.with(py, |m| Ok((m.optimizer_layout()?, m.optimizer_state()?)))?;
        let values = values.unwrap_or_default().into_iter();
        layout.specs.into_iter().zip(values).map(|(s, v)| Ok((s.path, to_numpy(py, v)?))).collect()
    }

    fn set_optimizer_state(&self, py: Python<'_>, values: Vec<Bound<'_, PyAny>>) -> PyResult<()> {
        let values = values.iter().map(value_of).collect::<PyResult<Vec<Value>>>()?;
        self.with(py, |m| m.set_optimizer_state(values))
    }

    /// What it is compiled for, as files hold it.
    fn compile_config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let config = self.with(py, |m| Ok(m.compiled().map(Compile::to_config)))?;
        json::from_json(py, &config.unwrap_or_default())
    }

    fn to_json(&self, py: Python<'_>) -> PyResult<String> {
        self.with(py, |m| m.to_json())
    }

    fn clone_model(&self, py: Python<'_>) -> PyResult<PyModel> {
        self.with(py, |m| m.clone_model()).map(PyModel::new)
    }

    fn save(&self, py: Python<'_>, path: std::path::PathBuf) -> PyResult<()> {
        self.with(py, |m| {
            m.store()?;
            m.save(&path)
        })
    }

    fn load_weights(&self, py: Python<'_>, path: std::path::PathBuf) -> PyResult<()> {
        self.with(py, |m| m.load_weights(&path))
    }
}

/// A loss in the place of a metric: the mean of the batches' losses or, for a function of a name, of the samples'.
#[pyfunction]
#[pyo3(signature = (loss, name=None))]
pub fn loss_as_metric(loss: &Handle, name: Option<&str>) -> PyResult<Handle> {
    match &loss.0 {
        Object::Loss(l) => {
            let metric = match name {
                Some(name) => LossMetric::of_function(l.clone(), name),
                None => LossMetric::new(l.clone()),
            };
            Ok(Handle(Object::Metric(Arc::new(metric))))
        }
        _ => Err(Error::type_("metric").expected("a metric or a loss")).or_raise(),
    }
}

/// Finds what is wrong in a `compile_config`.
#[pyfunction]
pub fn check_compile(config: &Bound<'_, PyDict>) -> PyResult<()> {
    let mut objects = Vec::new();
    let json = json::to_json(config, &mut objects)?;
    with_objects(objects, || Compile::from_config(&json)).or_raise().map(drop)
}

#[pymethods]
impl Handle {
    /// The network that a layer is, as a model.
    fn as_model(&self) -> PyResult<PyModel> {
        let layer = self.layer()?;
        let network = (&**layer.layer() as &dyn std::any::Any).downcast_ref::<Network>();
        let network = network.ok_or_else(|| Error::type_(layer.title()).expected("a model")).or_raise()?;
        let mut model = Model::new(network.clone());
        model.set_name(layer.name());
        Ok(PyModel::new(model))
    }
}

/// Reads a whole model from a file.
#[pyfunction]
pub fn load_model(py: Python<'_>, path: std::path::PathBuf) -> PyResult<PyModel> {
    let model = py.detach(|| with_objects(Vec::new(), || Model::load(&path)));
    model.or_raise().map(PyModel::new)
}

/// A model out of JSON.
#[pyfunction]
pub fn read_model(text: &str) -> PyResult<PyModel> {
    with_objects(Vec::new(), || Model::from_json(text)).or_raise().map(PyModel::new)
}

/// The progress line after `done` of `total` steps.
#[pyfunction]
pub fn progress_line(done: usize, total: usize, seconds: f64, values: BTreeMap<String, Number>) -> String {
    let values: Logs = values.into_iter().map(|(k, v)| (k, v.into())).collect();
    training::line(done, total, Duration::from_secs_f64(seconds.max(0.0)), &values)
}

/// A value of an epoch as Python gives it.
#[derive(FromPyObject)]
pub enum Number {
    /// One number.
    One(f64),
    /// A list of numbers.
    Many(Vec<f64>),
}

impl From<Number> for Reading {
    fn from(number: Number) -> Reading {
        match number {
            Number::One(x) => Reading::Number(x),
            Number::Many(list) => Reading::List(list),
        }
    }
}
