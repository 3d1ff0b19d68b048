//! NumPy's arrays in and out.

use crate::error::OrRaise;
use addax::core::{Data, Stored, f16};
use addax::{DType, Value};
use numpy::{Element, IntoPyArray, PyArrayDyn, PyArrayMethods, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use std::sync::Arc;

/// The numbers of anything that NumPy can make an array of.
pub fn value_of(object: &Bound<'_, PyAny>) -> PyResult<Value> {
    let py = object.py();
    if let Ok(tensor) = object.cast::<crate::tensor::Tensor>() {
        return tensor.get().0.to_value().or_raise();
    }
    if let Ok(variable) = object.cast::<crate::variable::Variable>() {
        return variable.get().value();
    }
    let numpy = py.import("numpy")?;
    let given = object.is_instance_of::<PyUntypedArray>();
    let array = if given { object.clone() } else { numpy.call_method1("asarray", (object,))? };
    if !given && array.getattr("dtype")?.getattr("name")?.extract::<String>()? == "float64" {
        // Numbers that had no element type are float32, as in Keras.
        return value_of(&array.call_method1("astype", ("float32",))?);
    }
    read(&array)
}

macro_rules! read {
    ($array:ident, $name:ident; $($text:literal => $t:ty),*) => {
        match $name.as_str() {
            $($text => typed::<$t>($array),)*
            "int16" => read(&$array.call_method1("astype", ("int32",))?),
            "uint16" => read(&$array.call_method1("astype", ("int32",))?),
            "uint64" => read(&$array.call_method1("astype", ("int64",))?),
            "float16" => {
                let value = read(&$array.call_method1("astype", ("float32",))?)?;
                Ok(value.cast(DType::F16))
            }
            "bfloat16" => {
                let value = read(&$array.call_method1("astype", ("float32",))?)?;
                Ok(value.cast(DType::BF16))
            }
            "object" => object_array($array),
            other => Err(PyTypeError::new_err(format!("array: expected numbers, got dtype {other}"))),
        }
    };
}

fn read(array: &Bound<'_, PyAny>) -> PyResult<Value> {
    let name: String = array.getattr("dtype")?.getattr("name")?.extract()?;
    read!(array, name; "float32" => f32, "float64" => f64, "int32" => i32, "int64" => i64, "uint8" => u8,
        "int8" => i8, "uint32" => u32, "bool" => bool)
}

/// An array of Python objects: numbers all of one shape, or an error that says that the lengths differ.
fn object_array(array: &Bound<'_, PyAny>) -> PyResult<Value> {
    let converted = array.call_method1("astype", ("float32",));
    let array = converted.map_err(|_| {
        PyTypeError::new_err(
            "array: expected numbers in rows of one length, got objects (ragged lists, strings or None)",
        )
    })?;
    read(&array)
}

fn typed<T: Stored + Element + Copy>(array: &Bound<'_, PyAny>) -> PyResult<Value> {
    let py = array.py();
    let array = array.cast::<PyArrayDyn<T>>()?;
    let shape = array.shape().to_vec();
    // Row by row in memory, or made so.
    let rows = if array.is_c_contiguous() {
        array.clone()
    } else {
        py.import("numpy")?.call_method1("ascontiguousarray", (array,))?.cast_into::<PyArrayDyn<T>>()?
    };
    let data = rows.try_readonly()?.as_slice().map_err(|e| PyTypeError::new_err(e.to_string()))?.to_vec();
    Value::new(shape, data).or_raise()
}

/// An array with the numbers of a value; the memory is handed over if nobody else holds it.
pub fn to_numpy(py: Python<'_>, value: Value) -> PyResult<Bound<'_, PyAny>> {
    let shape = value.shape().to_vec();
    fn out<'py, T: Element + Clone>(
        py: Python<'py>,
        data: Arc<Vec<T>>,
        shape: Vec<usize>,
    ) -> PyResult<Bound<'py, PyAny>> {
        let owned = Arc::try_unwrap(data).unwrap_or_else(|shared| shared.to_vec());
        Ok(owned.into_pyarray(py).reshape(shape)?.into_any())
    }
    let halves = |value: Value| -> PyResult<Bound<'_, PyAny>> {
        let wide = to_numpy(py, value.cast(DType::F32))?;
        if value.dtype() == DType::F16 { wide.call_method1("astype", ("float16",)) } else { Ok(wide) }
    };
    match value.dtype() {
        DType::F16 | DType::BF16 => return halves(value),
        _ => {}
    }
    match value.into_data() {
        Data::Bool(v) => out(py, v, shape),
        Data::U8(v) => out(py, v, shape),
        Data::I8(v) => out(py, v, shape),
        Data::U32(v) => out(py, v, shape),
        Data::I32(v) => out(py, v, shape),
        Data::I64(v) => out(py, v, shape),
        Data::F32(v) => out(py, v, shape),
        Data::F64(v) => out(py, v, shape),
        Data::F16(v) => out(py, Arc::new(v.iter().map(|x: &f16| x.to_f32()).collect()), shape),
        Data::BF16(v) => out(py, Arc::new(v.iter().map(|x| x.to_f32()).collect()), shape),
    }
}
