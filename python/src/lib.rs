//! The extension module under the Python package `addax`: classes from the tables, tensors, layers, models.
//!
//! What is Keras's is decided in the Rust crates; what is Python's (subclasses, data adapters, the loop that tells
//! callbacks) is written in Python over this module.
#![forbid(unsafe_code)]

mod array;
mod course;
mod eager;
mod error;
mod foreign;
mod handle;
mod json;
mod layer;
mod model;
mod picture;
mod scope;
mod selection;
mod symbolic;
mod tables;
mod tape;
mod tensor;
mod variable;

use pyo3::prelude::*;

/// What the Python package stands on.
#[pymodule(name = "_addax")]
mod module {
    #[pymodule_export]
    use super::course::PyCourse;
    #[pymodule_export]
    use super::eager::{
        Applied, activate, constrained, loss_values, metric_result, metric_update, metric_values, penalty,
        reduced_loss, scheduled, traced_shape,
    };
    #[pymodule_export]
    use super::foreign::{
        make_constraint, make_initializer, make_layer, make_loss, make_metric, make_regularizer,
    };
    #[pymodule_export]
    use super::handle::Handle;
    #[pymodule_export]
    use super::layer::input;
    #[pymodule_export]
    use super::model::{PyModel, check_compile, load_model, loss_as_metric, progress_line, read_model};
    #[pymodule_export]
    use super::picture::{curves, drawing};
    #[pymodule_export]
    use super::scope::{add_loss, mask, tracing, training};
    #[pymodule_export]
    use super::selection::{
        area, class_report, class_scores, confusion, draws, fit_seed, matrix_score, multiclass_auc,
        precision_recall, probability_score, ranked, roc, score, scorings, seeded, split_rows, splits,
    };
    #[pymodule_export]
    use super::symbolic::KerasTensor;
    #[pymodule_export]
    use super::tables::{
        describe, devices, forget_names, fresh_seed, function_names, names, set_random_seed, unique_name,
    };
    #[pymodule_export]
    use super::tape::Tape;
    #[pymodule_export]
    use super::tensor::{Tensor, op, stop_gradient, tensor};
    #[pymodule_export]
    use super::variable::{Variable, initial};

    #[pymodule_init]
    fn init(module: &pyo3::Bound<'_, pyo3::types::PyModule>) -> pyo3::PyResult<()> {
        use pyo3::types::PyModuleMethods;
        module.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
