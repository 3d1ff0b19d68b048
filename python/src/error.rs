//! Errors as Python's exceptions.

use addax::core::ErrorKind;
use pyo3::PyErr;
use pyo3::exceptions::{PyKeyboardInterrupt, PyNotImplementedError, PyOSError, PyTypeError, PyValueError};
use pyo3::prelude::*;

/// The exception that Keras raises for an error of this kind. What was raised in Python below comes back as it was.
pub fn raised(error: addax::Error) -> PyErr {
    let text = error.to_string();
    if let Some(own) = crate::foreign::take_exception(&text) {
        return own;
    }
    match error.kind() {
        ErrorKind::Value | ErrorKind::Key => PyValueError::new_err(text),
        ErrorKind::Type => PyTypeError::new_err(text),
        ErrorKind::Io => PyOSError::new_err(text),
        ErrorKind::Interrupted => PyKeyboardInterrupt::new_err(text),
        ErrorKind::Unsupported => PyNotImplementedError::new_err(text),
    }
}

/// A result for Python.
pub trait OrRaise<T> {
    /// The value, or the exception.
    fn or_raise(self) -> PyResult<T>;
}

impl<T> OrRaise<T> for addax::Result<T> {
    fn or_raise(self) -> PyResult<T> {
        self.map_err(raised)
    }
}
