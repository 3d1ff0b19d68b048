//! The tables as data: what classes and functions there are, with their arguments and docs.

use crate::error::OrRaise;
use crate::json::from_json;
use addax::class::{Arg, Def, Kind, find};
use addax::constraints::Constrain;
use addax::initializers::Initialize;
use addax::layers::Layer;
use addax::losses::Loss;
use addax::metrics::Metric;
use addax::optimizers::Optimize;
use addax::regularizers::Regularize;
use addax::schedules::Schedule;
use addax::{Error, activations, models, ops};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyList};

macro_rules! by_kind {
    ($kind:expr, $T:ident => $body:expr) => {
        by_kind!(@ $kind, $T, $body,
            "layers" => Layer, "initializers" => Initialize, "regularizers" => Regularize,
            "constraints" => Constrain, "losses" => Loss, "metrics" => Metric, "optimizers" => Optimize,
            "schedules" => Schedule)
    };
    (@ $kind:expr, $T:ident, $body:expr, $($name:literal => $Class:ident),*) => {
        by_kind!(@ $kind, $T, $body, [$($name),*], $($name => $Class),*)
    };
    (@ $kind:expr, $T:ident, $body:expr, $names:expr, $($name:literal => $Class:ident),*) => {
        match $kind {
            $($name => {
                type $T = dyn $Class;
                $body
            })*
            other => Err(Error::unknown("kind of classes", other, $names)),
        }
    };
}

/// The names of all classes of a kind.
#[pyfunction]
pub fn names(kind: &str) -> PyResult<Vec<&'static str>> {
    by_kind!(kind, T => Ok(T::defs().iter().map(|d| d.name).collect())).or_raise()
}

/// A class: its name, module, doc, other names and arguments `(name, whether it has a default, default, doc)`.
#[pyfunction]
pub fn describe<'py>(py: Python<'py>, kind: &str, name: &str) -> PyResult<Bound<'py, PyDict>> {
    by_kind!(kind, T => find::<T>(name).map(described)).or_raise().and_then(|d| d.to_python(py))
}

struct Described {
    name: &'static str,
    module: &'static str,
    doc: &'static str,
    identifiers: &'static [&'static str],
    args: Vec<Arg>,
}

fn described<T: ?Sized>(def: &Def<T>) -> Described {
    let Def { name, module, doc, identifiers, args, .. } = *def;
    Described { name, module, doc, identifiers, args: args() }
}

impl Described {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let dict = PyDict::new(py);
        dict.set_item("name", self.name)?;
        dict.set_item("module", self.module)?;
        dict.set_item("doc", self.doc.trim())?;
        dict.set_item("identifiers", self.identifiers)?;
        dict.set_item("args", arguments(py, &self.args)?)?;
        Ok(dict)
    }
}

fn arguments<'py>(py: Python<'py>, args: &[Arg]) -> PyResult<Bound<'py, PyList>> {
    let list = PyList::empty(py);
    for arg in args {
        let default = arg.default.as_ref().map(|d| from_json(py, d)).transpose()?;
        list.append((arg.name, default.is_some(), default, arg.doc.trim()))?;
    }
    Ok(list)
}

/// The functions of a module (`ops`, `activations`, `losses`, `metrics`): name, doc and arguments of each.
#[pyfunction]
pub fn function_names<'py>(py: Python<'py>, module: &str) -> PyResult<Bound<'py, PyDict>> {
    let all = PyDict::new(py);
    match module {
        "ops" => {
            for op in ops::defs() {
                for name in op.functions {
                    let args = arguments(py, &op.parameters())?;
                    all.set_item(ops::keras_name(name), (op.class.doc.trim(), args, op.variadic))?;
                }
            }
        }
        "activations" => {
            for name in activations::names() {
                all.set_item(name, "")?;
            }
        }
        _ => {
            let identifiers = |list: &[&'static str]| list.to_vec();
            let found: Vec<&str> = match module {
                "losses" => addax::losses::LOSSES.iter().flat_map(|d| identifiers(d.identifiers)).collect(),
                "metrics" => {
                    addax::metrics::METRICS.iter().flat_map(|d| identifiers(d.identifiers)).collect()
                }
                _ => Vec::new(),
            };
            for name in found {
                all.set_item(name, "")?;
            }
        }
    }
    Ok(all)
}

/// Sets the seed of the process.
#[pyfunction]
pub fn set_random_seed(seed: u64) {
    addax::random::set_random_seed(seed);
}

/// A seed drawn from the process's seed.
#[pyfunction]
pub fn fresh_seed() -> u64 {
    addax::random::fresh_seed()
}

/// Begins counting names anew.
#[pyfunction]
pub fn forget_names() {
    models::names::clear_session();
}

/// A name that no object of this class had yet.
#[pyfunction]
pub fn unique_name(class: &str) -> String {
    models::names::unique(class)
}

/// Every device: name, kind, whether it can be used, what it is or what is missing.
#[pyfunction]
pub fn devices() -> Vec<(String, &'static str, bool, String)> {
    addax::devices::list().into_iter().map(|d| (d.name, d.kind, d.available, d.description)).collect()
}
