//! Configs as Python's values, and back. Objects of ours inside are handed over as they are.

use crate::handle::{Handle, Object};
use addax::class::{Config, NOT_FINITE, float, number};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};
use serde_json::{Value as Json, json};

/// The class name of a place where an object stood.
const PLACE: &str = "\u{0}object";

/// A value as JSON; objects of ours are put into `objects` and stand in the JSON by their places.
pub fn to_json(value: &Bound<'_, PyAny>, objects: &mut Vec<Object>) -> PyResult<Json> {
    if value.is_none() {
        return Ok(Json::Null);
    }
    if let Ok(x) = value.cast::<PyBool>() {
        return Ok(Json::Bool(x.is_true()));
    }
    if value.is_instance_of::<PyInt>() {
        return Ok(value
            .extract::<i64>()
            .map_or_else(|_| Json::from(value.extract::<f64>().unwrap_or(f64::NAN)), Json::from));
    }
    if value.is_instance_of::<PyFloat>() {
        return Ok(float(value.extract()?));
    }
    if let Ok(s) = value.cast::<PyString>() {
        return Ok(Json::String(s.to_string()));
    }
    if let Ok(handle) = value.cast::<Handle>() {
        return Ok(place(handle.get().0.clone(), objects));
    }
    if let Ok(dict) = value.cast::<PyDict>() {
        let mut config = Config::new();
        for (k, v) in dict {
            config.insert(k.str()?.to_string(), to_json(&v, objects)?);
        }
        return Ok(Json::Object(config));
    }
    if value.is_instance_of::<PyList>() || value.is_instance_of::<PyTuple>() {
        let all: PyResult<Vec<Json>> = value.try_iter()?.map(|v| to_json(&v?, objects)).collect();
        return Ok(Json::Array(all?));
    }
    for attribute in ["_handle", "_config_value"] {
        if let Ok(inner) = value.getattr(attribute) {
            return to_json(&inner, objects);
        }
    }
    // NumPy's scalars, arrays and element types.
    if let Ok(list) = value.call_method0("tolist") {
        return to_json(&list, objects);
    }
    if let Ok(dtype) = value.py().import("numpy")?.call_method1("dtype", (value,)) {
        return Ok(Json::String(dtype.getattr("name")?.extract()?));
    }
    Err(PyTypeError::new_err(format!(
        "argument: expected a value that a config can hold, got {}",
        value.repr()?
    )))
}

fn place(object: Object, objects: &mut Vec<Object>) -> Json {
    objects.push(object);
    json!({"class_name": PLACE, "config": {"index": objects.len() - 1}})
}

/// The object that stands at a place.
pub fn at_place(json: &Json, objects: &[Object]) -> Option<Object> {
    if json.get("class_name").and_then(Json::as_str) != Some(PLACE) {
        return None;
    }
    let index = json.get("config")?.get("index")?.as_u64()?;
    objects.get(usize::try_from(index).ok()?).cloned()
}

/// JSON as Python's values.
pub fn from_json<'py>(py: Python<'py>, json: &Json) -> PyResult<Bound<'py, PyAny>> {
    Ok(match json {
        Json::Null => py.None().into_bound(py),
        Json::Bool(x) => PyBool::new(py, *x).to_owned().into_any(),
        Json::Number(n) => match n.as_i64() {
            Some(i) => i.into_pyobject(py)?.into_any(),
            None => n.as_f64().unwrap_or(f64::NAN).into_pyobject(py)?.into_any(),
        },
        Json::String(s) => match number(json).filter(|_| NOT_FINITE.iter().any(|(name, _)| name == s)) {
            Some(x) => x.into_pyobject(py)?.into_any(),
            None => PyString::new(py, s).into_any(),
        },
        Json::Array(list) => {
            let all: PyResult<Vec<_>> = list.iter().map(|j| from_json(py, j)).collect();
            PyList::new(py, all?)?.into_any()
        }
        Json::Object(map) => {
            let dict = PyDict::new(py);
            for (k, v) in map {
                dict.set_item(k, from_json(py, v)?)?;
            }
            dict.into_any()
        }
    })
}
