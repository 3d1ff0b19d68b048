//! Pictures: curves of a History, drawings that Python lays out.

use crate::error::OrRaise;
use addax::data::plot::{Anchor, Figure, Scene, Shape};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use std::collections::BTreeMap;

/// The curves of a History as PNG.
#[pyfunction]
pub fn curves<'py>(py: Python<'py>, history: BTreeMap<String, Vec<f64>>) -> PyResult<Bound<'py, PyBytes>> {
    let figure = Figure::new().title("History").x_label("epoch").grid(true);
    let figure = history.iter().fold(figure, |f, (name, values)| f.line(name, values));
    Ok(PyBytes::new(py, &figure.scene().png(2.0).or_raise()?))
}

/// Boxes `(x, y, width, height)`, lines through points and texts `(x, y, size, text)` as PNG, or as SVG.
#[pyfunction]
pub fn drawing<'py>(
    py: Python<'py>,
    size: (f32, f32),
    boxes: Vec<(f32, f32, f32, f32)>,
    lines: Vec<Vec<(f32, f32)>>,
    texts: Vec<(f32, f32, f32, String)>,
    svg: bool,
) -> PyResult<Bound<'py, PyBytes>> {
    let (black, gray) = ([0, 0, 0], [90, 90, 90]);
    let line = |points| Shape::Line { points, color: gray, width: 1.2, alpha: 1.0, dash: None };
    let frame = |(x, y, w, h)| Shape::Box { x, y, w, h, fill: [244, 247, 251], alpha: 1.0, edge: Some(gray) };
    let text = |(x, y, size, text)| Shape::Text {
        x,
        y,
        size,
        text,
        color: black,
        anchor: Anchor::Middle,
        up: false,
    };
    let shapes =
        lines.into_iter().map(line).chain(boxes.into_iter().map(frame)).chain(texts.into_iter().map(text));
    let scene = Scene { width: size.0, height: size.1, shapes: shapes.collect() };
    let bytes = if svg { scene.svg().into_bytes() } else { scene.png(2.0).or_raise()? };
    Ok(PyBytes::new(py, &bytes))
}
