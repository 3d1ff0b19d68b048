//! An object of any kind that the tables know: what a Python object of a class holds.

use crate::error::{OrRaise, raised};
use crate::json;
use addax::class::{self, Class, Config};
use addax::constraints::Constrain;
use addax::core::ErrorKind;
use addax::foreign::{self, Found};
use addax::initializers::Initialize;
use addax::layers::LayerRef;
use addax::losses::Loss;
use addax::metrics::Metric;
use addax::optimizers::Optimize;
use addax::regularizers::Regularize;
use addax::schedules::Schedule;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::PyDict;
use serde_json::{Value as Json, json};
use std::any::Any;
use std::sync::Arc;

macro_rules! kinds {
    ($($kind:ident $word:literal dyn $t:ident;)*) => {
        /// An object of one of the kinds.
        #[derive(Clone)]
        pub enum Object {
            /// A layer in use.
            Layer(LayerRef),
            $(#[allow(missing_docs)] $kind(Arc<dyn $t>),)*
        }

        impl Object {
            /// As a reader of configs wants it.
            fn boxed(&self) -> Box<dyn Any> {
                match self {
                    Object::Layer(l) => Box::new(l.clone()),
                    $(Object::$kind(o) => Box::new(o.clone()),)*
                }
            }

            fn class(&self) -> &dyn Class {
                match self {
                    Object::Layer(l) => &**l.layer(),
                    $(Object::$kind(o) => &**o,)*
                }
            }

            fn to_json(&self) -> Json {
                match self {
                    Object::Layer(l) => l.to_json(),
                    $(Object::$kind(o) => class::to_json(&**o),)*
                }
            }

            fn make(kind: &str, json: &Json) -> addax::Result<Object> {
                Ok(match kind {
                    "layers" => Object::Layer(LayerRef::from_json(json)?),
                    $($word => Object::$kind(class::from_json::<dyn $t>(json)?),)*
                    other => return Err(addax::Error::unknown("kind", other, ["layers" $(, $word)*])),
                })
            }
        }

        $(impl From<Arc<dyn $t>> for Object {
            fn from(object: Arc<dyn $t>) -> Object { Object::$kind(object) }
        })*
    };
}

kinds! {
    Initializer "initializers" dyn Initialize;
    Regularizer "regularizers" dyn Regularize;
    Constraint "constraints" dyn Constrain;
    Loss "losses" dyn Loss;
    Metric "metrics" dyn Metric;
    Optimizer "optimizers" dyn Optimize;
    Schedule "schedules" dyn Schedule;
}

/// What a Python object of a class holds.
#[pyclass(frozen, module = "addax._addax")]
pub struct Handle(pub Object);

/// Reads something while objects stand at their places in its config.
pub fn with_objects<R>(objects: Vec<Object>, read: impl FnOnce() -> R) -> R {
    let source = move |json: &Json| -> Found {
        match json::at_place(json, &objects) {
            Some(object) => Some(Ok(object.boxed())),
            None => crate::foreign::own_class(json).map(|found| found.map(|object| object.boxed())),
        }
    };
    foreign::with(source, read)
}

#[pymethods]
impl Handle {
    /// An object of a class with a config.
    #[staticmethod]
    fn make(kind: &str, class_name: &str, config: &Bound<'_, PyDict>) -> PyResult<Handle> {
        let mut objects = Vec::new();
        let config = json::to_json(config, &mut objects)?;
        let json = json!({"class_name": class_name, "config": config});
        let made = with_objects(objects, || Object::make(kind, &json));
        // An argument of the wrong type is a ValueError here: Keras's constructors say so.
        made.map(Handle).map_err(|e| match e.kind() {
            ErrorKind::Type => PyValueError::new_err(e.to_string()),
            _ => raised(e),
        })
    }

    /// An object out of what `to_json` gave, or a name.
    #[staticmethod]
    fn read(kind: &str, object: &Bound<'_, PyAny>) -> PyResult<Handle> {
        let mut objects = Vec::new();
        let json = json::to_json(object, &mut objects)?;
        with_objects(objects, || Object::make(kind, &json)).or_raise().map(Handle)
    }

    /// In Keras's form.
    fn to_json<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        json::from_json(py, &self.0.to_json())
    }

    #[getter]
    fn class_name(&self) -> &'static str {
        self.0.class().class_name()
    }

    #[getter]
    fn module(&self) -> &'static str {
        self.0.class().module()
    }

    /// Its arguments.
    fn config<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        let config: Config = match &self.0 {
            Object::Layer(l) => match l.to_json().get_mut("config").map(Json::take) {
                Some(Json::Object(config)) => config,
                _ => Config::new(),
            },
            other => other.class().config(),
        };
        json::from_json(py, &Json::Object(config))
    }

    /// A layer written in Python and its handle hold each other: the collector must see it.
    fn __traverse__(&self, visit: pyo3::PyVisit<'_>) -> Result<(), pyo3::PyTraverseError> {
        match &self.0 {
            Object::Layer(l) => crate::foreign::held(l).map_or(Ok(()), |object| visit.call(object)),
            _ => Ok(()),
        }
    }

    /// What tells a layer from others while it lives.
    #[getter]
    fn address(&self) -> PyResult<usize> {
        Ok(self.layer()?.address())
    }
}

impl Handle {
    /// The layer, if it is one.
    pub fn layer(&self) -> PyResult<&LayerRef> {
        match &self.0 {
            Object::Layer(l) => Ok(l),
            other => {
                Err(PyValueError::new_err(format!("expected a layer, got {}", other.class().class_name())))
            }
        }
    }
}
