//! Training and evaluation piece by piece: what the loop in Python drives.

use crate::model::{PyModel, arrays, logs, weights};
use addax::training::{Course, Evaluate, Fit, Shuffle};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The data of a `fit` and how far it is.
#[pyclass(frozen, module = "addax._addax", name = "Course")]
pub struct PyCourse(Mutex<Course>);

/// How many steps, batches and so on are asked for; what is left out is Keras's default.
#[derive(FromPyObject)]
struct Asked {
    #[pyo3(item)]
    batch_size: Option<usize>,
    #[pyo3(item)]
    steps_per_epoch: Option<usize>,
    #[pyo3(item)]
    initial_epoch: usize,
    #[pyo3(item)]
    shuffle: Option<String>,
    #[pyo3(item)]
    validation_split: f64,
    #[pyo3(item)]
    validation_batch_size: Option<usize>,
    #[pyo3(item)]
    validation_steps: Option<usize>,
}

/// Data to validate on, perhaps with weights.
type Validation<'py> = (Bound<'py, PyAny>, Bound<'py, PyAny>, Option<Bound<'py, PyAny>>);

#[pymethods]
impl PyModel {
    /// Checks the data and stands before the first epoch.
    #[pyo3(signature = (x, y, sample_weight, class_weight, validation, asked))]
    #[allow(clippy::too_many_arguments)]
    fn course(
        &self,
        py: Python<'_>,
        x: &Bound<'_, PyAny>,
        y: &Bound<'_, PyAny>,
        sample_weight: Option<&Bound<'_, PyAny>>,
        class_weight: Option<BTreeMap<i64, f64>>,
        validation: Option<Validation<'_>>,
        asked: Asked,
    ) -> PyResult<PyCourse> {
        let shuffle = match asked.shuffle.as_deref() {
            None => Shuffle::Never,
            Some("batch") => Shuffle::InBatches,
            Some(_) => Shuffle::Rows,
        };
        let w = weights(sample_weight)?;
        let class_weight: Vec<(i64, f64)> = class_weight.unwrap_or_default().into_iter().collect();
        let validation = validation
            .map(|(x, y, w)| Ok::<_, PyErr>((arrays(&x)?, arrays(&y)?, weights(w.as_ref())?)))
            .transpose()?;
        let (x, y) = (arrays(x)?, arrays(y)?);
        let course = self.with(py, |m| {
            let mut fit = Fit::new().initial_epoch(asked.initial_epoch).shuffle(shuffle).sample_weight(w);
            fit = asked.batch_size.into_iter().fold(fit, Fit::batch_size);
            fit = asked.steps_per_epoch.into_iter().fold(fit, Fit::steps_per_epoch);
            fit = asked.validation_batch_size.into_iter().fold(fit, Fit::validation_batch_size);
            fit = asked.validation_steps.into_iter().fold(fit, Fit::validation_steps);
            fit = fit.class_weight(class_weight);
            fit = match validation {
                Some((x, y, w)) => fit.validation_data(x, y).validation_sample_weight(w),
                None => fit.validation_split(asked.validation_split),
            };
            m.course(x, y, fit)
        });
        course.map(|c| PyCourse(Mutex::new(c)))
    }

    /// Checks the data and stands before an evaluation.
    fn evaluation(
        &self,
        py: Python<'_>,
        x: &Bound<'_, PyAny>,
        y: &Bound<'_, PyAny>,
        sample_weight: Option<&Bound<'_, PyAny>>,
        batch_size: Option<usize>,
        steps: Option<usize>,
    ) -> PyResult<PyCourse> {
        let (x, y, w) = (arrays(x)?, arrays(y)?, weights(sample_weight)?);
        let course = self.with(py, |m| {
            let mut asked = Evaluate::new().sample_weight(w);
            asked = batch_size.into_iter().fold(asked, Evaluate::batch_size);
            asked = steps.into_iter().fold(asked, Evaluate::steps);
            m.evaluation(x, y, asked)
        });
        course.map(|c| PyCourse(Mutex::new(c)))
    }
}

#[pymethods]
impl PyCourse {
    /// Steps of an epoch.
    #[getter]
    fn steps(&self) -> usize {
        self.locked().steps()
    }

    /// Whether there is data to validate on.
    #[getter]
    fn validates(&self) -> bool {
        self.locked().validates()
    }

    fn begin_epoch(&self, py: Python<'_>, model: &PyModel) -> PyResult<()> {
        model.with(py, |m| self.locked().begin_epoch(m))
    }

    /// Trains so many steps, fewer where the epoch ends or the time is over; how many there were.
    #[pyo3(signature = (model, steps, seconds=None))]
    fn run(&self, py: Python<'_>, model: &PyModel, steps: usize, seconds: Option<f64>) -> PyResult<usize> {
        let time = seconds.map_or(Duration::MAX, Duration::from_secs_f64);
        let done = model.with(py, |m| self.locked().run(m, steps, time))?;
        model.ahead();
        Ok(done)
    }

    /// Evaluates so many batches.
    #[pyo3(signature = (model, steps, seconds=None))]
    fn test(&self, py: Python<'_>, model: &PyModel, steps: usize, seconds: Option<f64>) -> PyResult<usize> {
        let time = seconds.map_or(Duration::MAX, Duration::from_secs_f64);
        model.with(py, |m| self.locked().test(m, steps, time))
    }

    /// Loss and metrics since the epoch began.
    fn results<'py>(&self, py: Python<'py>, model: &PyModel) -> PyResult<Bound<'py, PyDict>> {
        logs(py, &model.with(py, |m| self.locked().results(m))?)
    }

    /// Loss and metrics on the data to validate on.
    fn validate<'py>(&self, py: Python<'py>, model: &PyModel) -> PyResult<Bound<'py, PyDict>> {
        logs(py, &model.with(py, |m| self.locked().validate(m))?)
    }
}

impl PyCourse {
    fn locked(&self) -> std::sync::MutexGuard<'_, Course> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
