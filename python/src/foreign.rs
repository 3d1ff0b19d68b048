//! Classes written in Python: they stand where the tables' classes stand, and enter Python while a graph is traced.

use crate::array::value_of;
use crate::error::OrRaise;
use crate::handle::{Handle, Object};
use crate::json;
use crate::scope::lend;
use crate::tensor::{Tensor, given};
use crate::variable::Variable;
use addax::arguments::Argument;
use addax::class::{Class, Config};
use addax::constraints::Constrain;
use addax::core::rng::Rng;
use addax::core::{Trace, with_data};
use addax::fields::Name;
use addax::initializers::Initialize;
use addax::layers::{Layer, LayerRef};
use addax::losses::{Loss, Reduction};
use addax::metrics::{Batch, Direction, Metric, Reading};
use addax::policy::Policy;
use addax::regularizers::Regularize;
use addax::scope::{Scope, Traced};
use addax::{DType, Error, Result, Shape, Tensor as Core, Value};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList, PyTuple};
use serde_json::Value as Json;
use std::cell::RefCell;
use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};

thread_local! {
    static RAISED: RefCell<Option<(String, PyErr)>> = const { RefCell::new(None) };
}

/// An exception of Python's as an error; it is raised again as it was when the error reaches Python.
fn told(py: Python<'_>, error: PyErr) -> Error {
    let text: String =
        error.value(py).to_string().chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let text = if text.is_empty() { error.get_type(py).to_string() } else { text };
    RAISED.with_borrow_mut(|raised| *raised = Some((text.clone(), error)));
    Error::value(text)
}

/// The exception that an error came from.
pub fn take_exception(text: &str) -> Option<PyErr> {
    RAISED.with_borrow_mut(|raised| match raised {
        Some((own, _)) if text.contains(own.as_str()) => raised.take().map(|(_, e)| e),
        _ => None,
    })
}

/// The name of a class for as long as the process lives; each is kept once.
fn lasting(name: &str) -> &'static str {
    static NAMES: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    let names = names.get_or_insert_with(HashSet::new);
    match names.get(name) {
        Some(known) => known,
        None => {
            let kept: &'static str = Box::leak(name.to_string().into_boxed_str());
            names.insert(kept);
            kept
        }
    }
}

/// What every class of Python's knows of itself, and how it is entered.
#[derive(Debug)]
struct Own {
    /// The object, or a weak reference to it.
    object: Py<PyAny>,
    weak: bool,
    name: &'static str,
    module: &'static str,
    registered: Option<String>,
}

impl Own {
    fn new(object: &Bound<'_, PyAny>, identity: (String, String, Option<String>)) -> Own {
        let (name, module, registered) = identity;
        Own {
            object: object.clone().unbind(),
            weak: false,
            name: lasting(&name),
            module: lasting(&module),
            registered,
        }
    }

    /// Runs Python code with the object.
    fn enter<R>(&self, run: impl for<'py> FnOnce(&Bound<'py, PyAny>) -> PyResult<R>) -> Result<R> {
        Python::attach(|py| {
            let object = self.object.bind(py);
            let found = if self.weak { object.call0() } else { Ok(object.clone()) };
            let found = found.and_then(|object| {
                let gone =
                    || pyo3::exceptions::PyReferenceError::new_err(format!("{} was deleted", self.name));
                if object.is_none() { Err(gone()) } else { Ok(object) }
            });
            found.and_then(|object| run(&object)).map_err(|e| told(py, e))
        })
    }

    fn config(&self) -> Config {
        let config = self.enter(|object| {
            let config = object.call_method0("_own_config")?;
            json::to_json(&config, &mut Vec::new())
        });
        match config {
            Ok(Json::Object(config)) => config,
            _ => Config::new(),
        }
    }
}

macro_rules! own_class {
    ($($t:ident),*) => {$(
        impl Class for $t {
            fn class_name(&self) -> &'static str { self.own.name }
            fn module(&self) -> &'static str { self.own.module }
            fn config(&self) -> Config { self.own.config() }
            fn registered_name(&self) -> Option<String> { self.own.registered.clone() }
        }
    )*};
}
own_class!(PythonLayer, PythonLoss, PythonMetric, PythonInitializer, PythonRegularizer, PythonConstraint);

/// A tensor as Python sees it.
fn shown<'py>(py: Python<'py>, tensor: &Core) -> PyResult<Bound<'py, PyAny>> {
    Ok(Bound::new(py, Tensor::plain(tensor.clone()))?.into_any())
}

/// A layer whose `call` is Python's.
#[derive(Debug)]
struct PythonLayer {
    own: Own,
    signature: &'static [&'static str],
    masking: bool,
}

fn to_python<'py>(py: Python<'py>, argument: &Argument<Traced>) -> PyResult<Bound<'py, PyAny>> {
    Ok(match argument {
        Argument::Tensor(t) => Bound::new(py, Tensor(t.tensor.clone(), t.mask.clone()))?.into_any(),
        Argument::Plain(plain) => json::from_json(py, plain)?,
        Argument::List(list) => {
            PyList::new(py, list.iter().map(|a| to_python(py, a)).collect::<PyResult<Vec<_>>>()?)?.into_any()
        }
        Argument::Dict(entries) => {
            let dict = PyDict::new(py);
            entries.iter().try_for_each(|(k, a)| dict.set_item(k, to_python(py, a)?))?;
            dict.into_any()
        }
    })
}

impl Layer for PythonLayer {
    fn call_many(&self, cx: &mut Scope, _: &[Core]) -> Vec<Core> {
        let Some(arguments) = cx.arguments().cloned() else {
            return vec![Core::failed(Error::value(self.own.name).expected("a call"))];
        };
        let outputs = lend(cx, || {
            self.own.enter(|object| {
                let py = object.py();
                let args =
                    arguments.positional.iter().map(|a| to_python(py, a)).collect::<PyResult<Vec<_>>>()?;
                let kwargs = PyDict::new(py);
                arguments.named.iter().try_for_each(|(n, a)| kwargs.set_item(n, to_python(py, a)?))?;
                let outputs = object.call_method("_call_inside", PyTuple::new(py, args)?, Some(&kwargs))?;
                let outputs = outputs.try_iter()?.map(|o| {
                    let o = o?;
                    let mask = o.cast::<Tensor>().ok().and_then(|t| t.get().1.clone());
                    Ok((given(&o)?, mask))
                });
                outputs.collect::<PyResult<Vec<_>>>()
            })
        });
        match outputs {
            Ok(outputs) => {
                outputs
                    .iter()
                    .enumerate()
                    .filter(|(_, o)| o.1.is_some())
                    .for_each(|(i, o)| cx.set_mask(i, o.1.clone()));
                outputs.into_iter().map(|o| o.0).collect()
            }
            Err(e) => vec![Core::failed(e)],
        }
    }

    fn signature(&self) -> &'static [&'static str] {
        self.signature
    }

    fn supports_masking(&self) -> bool {
        self.masking
    }
}

type Identity = (String, String, Option<String>);

/// The Python object of a layer, if it is written in Python and held by its handle alone.
pub fn held(layer: &LayerRef) -> Option<&Py<PyAny>> {
    let own = &(&**layer.layer() as &dyn std::any::Any).downcast_ref::<PythonLayer>()?.own;
    (!own.weak && layer.holders() == 1).then_some(&own.object)
}

/// A layer written in Python; `weak` says that `object` is a weak reference to it.
#[pyfunction]
#[pyo3(signature = (object, weak, identity, name, signature, masking, policy, trainable))]
#[allow(clippy::too_many_arguments)]
pub fn make_layer(
    object: &Bound<'_, PyAny>,
    weak: bool,
    identity: Identity,
    name: String,
    signature: Vec<String>,
    masking: bool,
    policy: &str,
    trainable: bool,
) -> PyResult<Handle> {
    let signature: Vec<&'static str> = signature.iter().map(|s| lasting(s)).collect();
    let signature = signatures(signature);
    let layer = PythonLayer { own: Own { weak, ..Own::new(object, identity) }, signature, masking };
    let layer = LayerRef::shared(Arc::new(layer), Some(name)).with_policy(Policy::named(policy).or_raise()?);
    layer.set_trainable(trainable);
    Ok(Handle(Object::Layer(layer)))
}

/// A signature for as long as the process lives; each is kept once.
fn signatures(names: Vec<&'static str>) -> &'static [&'static str] {
    static ALL: Mutex<Vec<&'static [&'static str]>> = Mutex::new(Vec::new());
    let mut all = ALL.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = all.iter().find(|s| **s == names) {
        return known;
    }
    let kept: &'static [&'static str] = Box::leak(names.into_boxed_slice());
    all.push(kept);
    kept
}

/// A loss whose formula is Python's.
#[derive(Debug)]
struct PythonLoss {
    own: Own,
    reduction: Reduction,
}

impl Loss for PythonLoss {
    fn per_sample(&self, y_true: &Core, y_pred: &Core) -> Core {
        let value = self.own.enter(|object| {
            let py = object.py();
            given(&object.call_method1("call", (shown(py, y_true)?, shown(py, y_pred)?))?)
        });
        value.unwrap_or_else(Core::failed)
    }

    fn reduction(&self) -> &Reduction {
        &self.reduction
    }
}

/// A loss written in Python.
#[pyfunction]
pub fn make_loss(object: &Bound<'_, PyAny>, identity: Identity, reduction: &str) -> Handle {
    let loss = PythonLoss { own: Own::new(object, identity), reduction: reduction.into() };
    Handle(Object::Loss(Arc::new(loss)))
}

/// A metric whose update and result are Python's; its variables are totals of the step.
#[derive(Debug)]
struct PythonMetric {
    own: Own,
    name: Name,
}

impl PythonMetric {
    /// Its variables.
    fn variables(&self) -> Result<Vec<Arc<addax::scope::Weight>>> {
        self.own.enter(|object| {
            let all = object.getattr("variables")?;
            all.try_iter()?.map(|v| Ok(v?.cast::<Variable>()?.get().0.clone())).collect()
        })
    }
}

impl Metric for PythonMetric {
    fn name(&self) -> &Name {
        &self.name
    }

    fn totals(&self, _: &Shape, _: &Shape) -> Result<Vec<Shape>> {
        Ok(self.variables()?.iter().map(|w| Shape::of(&w.shape)).collect())
    }

    fn batch(&self, _: &Batch) -> Result<Vec<Core>> {
        Err(Error::value(self.own.name).expected("to be updated as a whole"))
    }

    fn update(&self, totals: &[Core], batch: &Batch) -> Result<Vec<Core>> {
        let variables = self.variables()?;
        let trace = Trace::new();
        let mut cx = Scope::new(&trace, false);
        let own: Vec<Core> = totals.iter().zip(&variables).map(|(t, w)| t.cast(w.dtype)).collect();
        cx.bind(&variables, &own);
        lend(&mut cx, || {
            self.own.enter(|object| {
                let py = object.py();
                let kwargs = PyDict::new(py);
                if let Some(weight) = batch.weight {
                    kwargs.set_item("sample_weight", shown(py, weight)?)?;
                }
                let args = (shown(py, batch.y_true)?, shown(py, batch.y_pred)?);
                object.call_method("update_state", args, Some(&kwargs)).map(|_| ())
            })
        })?;
        Ok(variables.iter().map(|w| cx.tensor_of(w).cast(DType::F64)).collect())
    }

    fn result(&self, totals: &[Value]) -> Result<Reading> {
        let variables = self.variables()?;
        let mut cx = Scope::eager(false);
        let own: Vec<Core> = totals.iter().zip(&variables).map(|(t, w)| t.cast(w.dtype).into()).collect();
        cx.bind(&variables, &own);
        let value = lend(&mut cx, || self.own.enter(|object| value_of(&object.call_method0("result")?)))?;
        Ok(if value.rank() == 0 { Reading::Number(value.item()?) } else { Reading::List(value.to_f64()) })
    }

    fn direction(&self) -> Option<Direction> {
        None
    }
}

/// A metric written in Python.
#[pyfunction]
pub fn make_metric(object: &Bound<'_, PyAny>, identity: Identity, name: &str) -> Handle {
    let metric = PythonMetric { own: Own::new(object, identity), name: name.into() };
    Handle(Object::Metric(Arc::new(metric)))
}

macro_rules! functions {
    ($($(#[doc = $doc:literal])* $name:ident $make:ident $kind:ident: $t:ident { $($body:tt)* })*) => {$(
        $(#[doc = $doc])*
        #[derive(Debug)]
        struct $name {
            own: Own,
        }

        impl $t for $name { $($body)* }

        $(#[doc = $doc])*
        #[pyfunction]
        pub fn $make(object: &Bound<'_, PyAny>, identity: Identity) -> Handle {
            Handle(Object::$kind(Arc::new($name { own: Own::new(object, identity) })))
        }
    )*};
}

functions! {
    /// An initializer written in Python.
    PythonInitializer make_initializer Initializer: Initialize {
        fn values(&self, shape: &[usize], _: &mut Rng) -> Result<Vec<f64>> {
            let value = self.own.enter(|object| {
                let shape = PyTuple::new(object.py(), shape)?;
                value_of(&object.call1((shape,))?)
            })?;
            if value.shape() != shape {
                let wrong = Error::value(self.own.name).expected(Shape::of(shape));
                return Err(wrong.got(Shape::of(value.shape())));
            }
            Ok(with_data!(value.data(), v => v.iter().map(|x| addax::core::Element::to_f64(*x)).collect()))
        }
    }
    /// A regularizer written in Python.
    PythonRegularizer make_regularizer Regularizer: Regularize {
        fn penalty(&self, w: &Core) -> Core {
            let value = self.own.enter(|object| given(&object.call1((shown(object.py(), w)?,))?));
            value.unwrap_or_else(Core::failed)
        }
    }
    /// A constraint written in Python.
    PythonConstraint make_constraint Constraint: Constrain {
        fn constrain(&self, w: &Core) -> Core {
            let value = self.own.enter(|object| given(&object.call1((shown(object.py(), w)?,))?));
            value.unwrap_or_else(Core::failed)
        }
    }
}

/// The object of a class that was registered in Python, if a config means one.
pub fn own_class(object: &Json) -> Option<Result<Object>> {
    let text = |key: &str| object.get(key).and_then(Json::as_str);
    let registered = text("registered_name").or(text("class_name"))?;
    Python::attach(|py| {
        let made = py.import("addax._registry").and_then(|registry| {
            if !registry.call_method1("knows", (registered,))?.extract::<bool>()? {
                return Ok(None);
            }
            let made = registry.call_method1("made", (registered, json::from_json(py, object)?))?;
            Ok(Some(made.cast::<Handle>()?.get().0.clone()))
        });
        made.map_err(|e| told(py, e)).transpose()
    })
}
