//! What needs Keras itself: reading what we wrote.

use super::case::Case;
use super::process::run;
use addax_data::{Arrays, npz};
use std::path::PathBuf;

const READER: &str = include_str!("reader.py");

/// Runs the reader with some arguments; it leaves its answer in `out`.
fn ask(arguments: &[&str], out: &str) -> Result<Arrays, String> {
    let python = std::env::var_os("ADDAX_PYTHON").map(PathBuf::from);
    let python = python.ok_or("skip: needs a Python with Keras, named by ADDAX_PYTHON")?;
    let all: Vec<String> = ["-c", READER].iter().chain(arguments).map(|a| a.to_string()).collect();
    run(&python, &all)?.succeeded()?;
    let bytes = std::fs::read(out).map_err(|e| format!("{out}: {e}"))?;
    npz::decode(&bytes).map_err(|e| e.to_string())
}

/// Keras loads a trained model, predicts, trains on and predicts again.
pub(crate) fn continues(case: &Case, model: &str, out: &str) -> Result<Arrays, String> {
    let (epochs, batch) = (case.number("continue_epochs"), case.number("batch_size"));
    let data = case.file("data.npz");
    ask(&["continue", model, &data, &epochs.unwrap_or_default(), &batch.unwrap_or_default(), out], out)
}

/// The reader of a format predicts.
pub(crate) fn reads(case: &Case, target: &str, file: &str, out: &str) -> Result<Arrays, String> {
    ask(&["read", target, &case.file("model.keras"), file, &case.file("in.npz"), out], out)
}
