//! Losses, metrics, optimizers and their like called by hand, outside a model.

use crate::error::OrRaise;
use crate::handle::{Handle, Object};
use crate::tensor::{Tensor, given};
use crate::variable::Variable;
use addax::core::Trace;
use addax::losses::{Loss, reduced, same_rank};
use addax::metrics::{Batch, Reading};
use addax::optimizers::{Initial, Layout, Optimize, Variable as Trained, WeightInfo};
use addax::{DType, Error, Result, Shape, Tensor as Core, Value};
use pyo3::prelude::*;
use std::sync::{Arc, Mutex, PoisonError};

macro_rules! of_kind {
    ($handle:expr, $kind:ident, $what:literal) => {
        match &$handle.0 {
            Object::$kind(object) => Ok(object.clone()),
            _ => Err(Error::type_("argument").expected($what).got("another kind of object")),
        }
        .or_raise()
    };
}

fn sound(tensor: Core) -> PyResult<Tensor> {
    tensor.check().or_raise()?;
    Ok(Tensor::plain(tensor))
}

/// A regularizer's penalty.
#[pyfunction]
pub fn penalty(regularizer: &Handle, x: &Bound<'_, PyAny>) -> PyResult<Tensor> {
    sound(of_kind!(regularizer, Regularizer, "a regularizer")?.penalty(&given(x)?))
}

/// A weight after its constraint.
#[pyfunction]
pub fn constrained(constraint: &Handle, w: &Bound<'_, PyAny>) -> PyResult<Tensor> {
    sound(of_kind!(constraint, Constraint, "a constraint")?.constrain(&given(w)?))
}

/// An activation by its name.
#[pyfunction]
pub fn activate(name: &str, x: &Bound<'_, PyAny>) -> PyResult<Tensor> {
    let x = given(x)?;
    let x = if x.dtype().is_float() { x } else { x.cast(DType::F32) };
    sound(addax::activations::named(name).or_raise()?(&x))
}

/// Targets and outputs in the element types that a loss takes.
fn pair(loss: &dyn Loss, y_true: &Bound<'_, PyAny>, y_pred: &Bound<'_, PyAny>) -> PyResult<(Core, Core)> {
    let float = loss.dtype().unwrap_or(DType::F32);
    let labels = loss.labels().dtype();
    let labels = if labels.is_float() { float } else { labels };
    Ok((given(y_true)?.cast(labels), given(y_pred)?.cast(float)))
}

/// The loss of each sample.
#[pyfunction]
pub fn loss_values(loss: &Handle, y_true: &Bound<'_, PyAny>, y_pred: &Bound<'_, PyAny>) -> PyResult<Tensor> {
    let loss = of_kind!(loss, Loss, "a loss")?;
    let (t, p) = pair(&*loss, y_true, y_pred)?;
    let (t, p) = same_rank(&t, &p);
    sound(loss.per_sample(&t, &p))
}

/// The loss as one number, or as its reduction says.
#[pyfunction]
#[pyo3(signature = (loss, y_true, y_pred, sample_weight=None))]
pub fn reduced_loss(
    loss: &Handle,
    y_true: &Bound<'_, PyAny>,
    y_pred: &Bound<'_, PyAny>,
    sample_weight: Option<&Bound<'_, PyAny>>,
) -> PyResult<Tensor> {
    let loss = of_kind!(loss, Loss, "a loss")?;
    let (t, p) = pair(&*loss, y_true, y_pred)?;
    let weight = sample_weight.map(given).transpose()?.map(|w| w.cast(p.dtype()));
    let mask = y_pred.cast::<Tensor>().ok().and_then(|t| t.get().1.clone());
    sound(reduced(&*loss, &t, &p, weight.as_ref(), mask.as_ref()))
}

/// A metric's totals after a batch; none before the first. Metrics of values have no outputs.
#[pyfunction]
#[pyo3(signature = (metric, totals, y_true, y_pred=None, sample_weight=None))]
pub fn metric_update(
    metric: &Handle,
    totals: Option<Vec<Bound<'_, Tensor>>>,
    y_true: &Bound<'_, PyAny>,
    y_pred: Option<&Bound<'_, PyAny>>,
    sample_weight: Option<&Bound<'_, PyAny>>,
) -> PyResult<Vec<Tensor>> {
    let metric = of_kind!(metric, Metric, "a metric")?;
    let y_true = given(y_true)?;
    let (y_pred, second) = match y_pred {
        Some(p) => (given(p)?, None),
        None => (y_true.clone(), None::<Core>),
    };
    // A metric of values takes its weights where others have outputs.
    let weight = sample_weight.map(given).transpose()?.or(second).map(|w| w.cast(DType::F32));
    let y_pred = if y_pred.dtype() == DType::F64 { y_pred.cast(DType::F32) } else { y_pred };
    let old: Vec<Core> = match totals {
        Some(t) => t.iter().map(|t| t.get().0.clone()).collect(),
        None => {
            let shapes = metric.totals(&y_true.shape(), &y_pred.shape()).or_raise()?;
            shapes
                .iter()
                .map(|s| Ok(Value::zeros(DType::F64, &s.concrete()?).into()))
                .collect::<Result<_>>()
                .or_raise()?
        }
    };
    let batch = Batch { y_true: &y_true, y_pred: &y_pred, weight: weight.as_ref(), mask: None };
    metric.update(&old, &batch).or_raise()?.into_iter().map(sound).collect()
}

/// The values of a metric's formula, where it is one of a loss.
#[pyfunction]
pub fn metric_values<'py>(
    py: Python<'py>,
    metric: &Handle,
    y_true: &Bound<'py, PyAny>,
    y_pred: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    // One row at a time: a metric that is a mean says the value of a row then.
    let (t, p) = (given(y_true)?, given(y_pred)?);
    let (t, p) = (t.to_value().or_raise()?, p.to_value().or_raise()?);
    let object = of_kind!(metric, Metric, "a metric")?;
    let mut values = Vec::with_capacity(p.rows());
    for row in 0..p.rows() {
        let (t, p): (Core, Core) =
            (t.take_rows(&[row]).or_raise()?.into(), p.take_rows(&[row]).or_raise()?.into());
        let shapes = object.totals(&t.shape(), &p.shape()).or_raise()?;
        let zeros = shapes.iter().map(|s| Ok(Value::zeros(DType::F64, &s.concrete()?).into()));
        let zeros = zeros.collect::<Result<Vec<Core>>>().or_raise()?;
        let batch = Batch { y_true: &t, y_pred: &p, weight: None, mask: None };
        let totals = object.update(&zeros, &batch).or_raise()?;
        let totals = totals.iter().map(Core::to_value).collect::<Result<Vec<_>>>().or_raise()?;
        values.push(object.result(&totals).or_raise()?.number().unwrap_or(f64::NAN) as f32);
    }
    Ok(Bound::new(py, Tensor::plain(Value::from(values).into()))?.into_any())
}

/// What a metric's totals say.
#[pyfunction]
pub fn metric_result<'py>(
    py: Python<'py>,
    metric: &Handle,
    totals: Vec<Bound<'py, Tensor>>,
) -> PyResult<Bound<'py, PyAny>> {
    let metric = of_kind!(metric, Metric, "a metric")?;
    let totals = totals.iter().map(|t| t.get().0.to_value()).collect::<Result<Vec<_>>>().or_raise()?;
    Ok(match metric.result(&totals).or_raise()? {
        Reading::Number(x) => x.into_pyobject(py)?.into_any(),
        Reading::List(list) => list.into_pyobject(py)?,
    })
}

/// The learning rate of a schedule at a step.
#[pyfunction]
pub fn scheduled(schedule: &Handle, step: usize) -> PyResult<f64> {
    let schedule = of_kind!(schedule, Schedule, "a schedule")?;
    let step = Core::constant(DType::I32, step as f64);
    schedule.rate(&step).to_value().and_then(|v| v.item()).or_raise()
}

/// What an optimizer keeps for variables that are changed by hand.
#[pyclass(frozen, module = "addax._addax")]
pub struct Applied {
    infos: Vec<(usize, WeightInfo)>,
    state: Mutex<Vec<Value>>,
}

fn key(variable: &Variable) -> usize {
    Arc::as_ptr(&variable.0) as usize
}

#[pymethods]
impl Applied {
    #[new]
    fn new(optimizer: &Handle, variables: Vec<Bound<'_, Variable>>) -> PyResult<Applied> {
        let optimizer = of_kind!(optimizer, Optimizer, "an optimizer")?;
        let info = |(i, v): (usize, &Bound<'_, Variable>)| {
            let w = &v.get().0;
            (
                key(v.get()),
                WeightInfo { path: format!("{}_{i}", w.name), dtype: w.dtype, shape: w.shape.clone() },
            )
        };
        let infos: Vec<(usize, WeightInfo)> = variables.iter().enumerate().map(info).collect();
        let layout = layout(&*optimizer, &infos)?;
        let mut state = Vec::new();
        for spec in &layout.specs {
            state.push(match spec.initial {
                Initial::Number(x) => Value::full(spec.dtype, &spec.shape.concrete().or_raise()?, x),
                Initial::Weight(w) => variables[w].get().value()?,
            });
        }
        Ok(Applied { infos, state: Mutex::new(state) })
    }

    /// How many steps were taken.
    #[getter]
    fn steps(&self) -> usize {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.first().and_then(|v| v.item().ok()).map_or(0, |x| x as usize)
    }

    /// One step on these variables; those that have no gradient stay as they are.
    fn step(
        &self,
        optimizer: &Handle,
        variables: Vec<Bound<'_, Variable>>,
        gradients: Vec<Bound<'_, PyAny>>,
    ) -> PyResult<()> {
        let optimizer = of_kind!(optimizer, Optimizer, "an optimizer")?;
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let mut trained = Vec::new();
        for (at, info) in &self.infos {
            let found = variables.iter().zip(&gradients).find(|(v, _)| key(v.get()) == *at);
            let (v, g) = found
                .ok_or_else(|| {
                    Error::value(format!("variable \"{}\"", info.path)).expected("a gradient").got("none")
                })
                .or_raise()?;
            let weight = &v.get().0;
            trained.push(Trained {
                info: info.clone(),
                value: v.get().value()?.into(),
                gradient: given(g)?,
                constraint: weight.constraint.clone(),
                decays: true,
            });
        }
        if let Some(v) = variables.iter().find(|v| !self.infos.iter().any(|(at, _)| *at == key(v.get()))) {
            let e = Error::value("apply").expected("the variables that the optimizer was built for");
            return Err(e.got(&v.get().0.name)).or_raise();
        }
        let old: Vec<Core> = state.iter().cloned().map(Core::from).collect();
        let applied = optimizer.apply(&trained, &old).or_raise()?;
        let new = applied.state.iter().map(Core::to_value).collect::<Result<Vec<_>>>().or_raise()?;
        for ((at, _), value) in self.infos.iter().zip(&applied.values) {
            let variable = variables.iter().find(|v| key(v.get()) == *at);
            if let Some(v) = variable {
                v.get().0.set(value.to_value().or_raise()?).or_raise()?;
            }
        }
        *state = new;
        Ok(())
    }
}

fn layout(optimizer: &dyn Optimize, infos: &[(usize, WeightInfo)]) -> PyResult<Layout> {
    let infos: Vec<WeightInfo> = infos.iter().map(|(_, i)| i.clone()).collect();
    optimizer.layout(&infos).or_raise()
}

/// The shape that an op or function gives for tensors of given shapes, without computing it.
#[pyfunction]
pub fn traced_shape(
    function: &Bound<'_, PyAny>,
    shapes: Vec<Vec<Option<usize>>>,
    dtype: &str,
) -> PyResult<Vec<Option<usize>>> {
    let trace = Trace::new();
    let dtype = DType::parse(dtype).or_raise()?;
    let inputs = shapes.into_iter().map(|s| {
        let dims: Vec<addax::core::Dim> = s.into_iter().map(addax::core::Dim::from).collect();
        Tensor::plain(trace.parameter("input", dtype, Shape::from(dims)))
    });
    let entered = trace.enter();
    let result = function.call1(pyo3::types::PyTuple::new(function.py(), inputs.collect::<Vec<_>>())?)?;
    drop(entered);
    Ok(given(&result)?.shape().dims().iter().map(|d| d.known()).collect())
}
