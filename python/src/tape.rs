//! The gradient tape.

use crate::error::OrRaise;
use crate::tensor::{Tensor, given};
use crate::variable::Variable;
use addax::core::GradientTape;
use pyo3::prelude::*;

/// Records the ops on the tensors that it follows, until it is stopped.
#[pyclass(frozen, module = "addax._addax")]
pub struct Tape(GradientTape);

#[pymethods]
impl Tape {
    #[new]
    fn new() -> Tape {
        Tape(GradientTape::new())
    }

    /// Records no more.
    fn pause(&self) {
        self.0.pause();
    }

    /// Follows a tensor or variable.
    fn watch(&self, tensor: &Bound<'_, PyAny>) -> PyResult<()> {
        self.0.watch(&given(tensor)?);
        Ok(())
    }

    /// The gradient of the target by each source; None where it does not depend on it.
    fn gradient(
        &self,
        target: &Bound<'_, PyAny>,
        sources: Vec<Bound<'_, PyAny>>,
    ) -> PyResult<Vec<Option<Tensor>>> {
        let sources = sources.iter().map(|s| match s.cast::<Variable>() {
            // As it was read while the tape recorded.
            Ok(v) => v.get().0.tensor().or_raise(),
            Err(_) => given(s),
        });
        let sources = sources.collect::<PyResult<Vec<_>>>()?;
        let found = self.0.gradient(&given(target)?, &sources.iter().collect::<Vec<_>>()).or_raise()?;
        Ok(found.into_iter().map(|g| g.map(Tensor::plain)).collect())
    }
}
