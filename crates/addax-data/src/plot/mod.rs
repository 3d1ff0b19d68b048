//! Figures: lines, scatter plots and heatmaps, as PNG, SVG or HTML.

mod axis;
mod chart;
mod evaluation;
mod font;
mod heatmap;
mod report;
mod scene;

pub use evaluation::{curve_names, plot_confusion_matrix, plot_curves, plot_predictions, plot_roc};
pub use font::width as text_width;
pub use heatmap::Heatmap;
pub use report::Report;
pub use scene::{Anchor, Color, Scene, Shape};

use crate::atomic;
use addax_core::{Error, Result};
use std::path::Path;

/// A figure with axes.
///
/// ```
/// use addax_data::Figure;
/// let svg = Figure::new().title("Loss по эпохам").x_label("Эпохи").y_label("MSE").grid(true)
///     .line("Train Loss", &[3.0, 1.0, 0.5]).line("Test Loss", &[3.5, 1.5, 0.9]).svg();
/// assert!(svg.starts_with("<svg"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Figure {
    title: String,
    x_label: String,
    y_label: String,
    grid: bool,
    series: Vec<Series>,
    diagonal: bool,
}

#[derive(Clone, Debug)]
struct Series {
    name: String,
    x: Vec<f64>,
    y: Vec<f64>,
    dots: bool,
}

impl Figure {
    /// An empty figure.
    pub fn new() -> Figure {
        Figure::default()
    }

    /// The line above.
    pub fn title(mut self, text: &str) -> Self {
        self.title = text.to_string();
        self
    }

    /// The name of the horizontal axis.
    pub fn x_label(mut self, text: &str) -> Self {
        self.x_label = text.to_string();
        self
    }

    /// The name of the vertical axis.
    pub fn y_label(mut self, text: &str) -> Self {
        self.y_label = text.to_string();
        self
    }

    /// Whether there are thin lines at the ticks.
    pub fn grid(mut self, grid: bool) -> Self {
        self.grid = grid;
        self
    }

    /// A line through values at 0, 1, 2, …; NaN leaves a gap.
    pub fn line(self, name: &str, y: &[f64]) -> Self {
        let x: Vec<f64> = (0..y.len()).map(|i| i as f64).collect();
        self.line_xy(name, &x, y)
    }

    /// A line through points.
    pub fn line_xy(mut self, name: &str, x: &[f64], y: &[f64]) -> Self {
        self.series.push(Series { name: name.into(), x: x.to_vec(), y: y.to_vec(), dots: false });
        self
    }

    /// Points.
    pub fn scatter(mut self, name: &str, x: &[f64], y: &[f64]) -> Self {
        self.series.push(Series { name: name.into(), x: x.to_vec(), y: y.to_vec(), dots: true });
        self
    }

    /// A dashed line where both axes are equal.
    pub fn diagonal(mut self) -> Self {
        self.diagonal = true;
        self
    }

    /// The drawing.
    pub fn scene(&self) -> Scene {
        chart::scene(self)
    }

    /// The drawing as SVG.
    pub fn svg(&self) -> String {
        self.scene().svg()
    }

    /// Writes a file; its ending says how: `.png`, `.svg` or `.html`.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        save(&self.scene(), &self.title, path.as_ref())
    }
}

/// Writes a drawing to a file by its ending.
pub(crate) fn save(scene: &Scene, title: &str, path: &Path) -> Result<()> {
    let bytes = match path.extension().and_then(|e| e.to_str()) {
        Some("png") => scene.png(2.0)?,
        Some("svg") => scene.svg().into_bytes(),
        Some("html") => page(title, &[scene.svg()]).into_bytes(),
        other => {
            let e = Error::value(path.display().to_string()).expected("a file ending in .png, .svg or .html");
            return Err(e.got(other.unwrap_or("none")));
        }
    };
    atomic::write(path, &bytes)
}

/// A page of its own with some drawings.
pub fn page(title: &str, drawings: &[String]) -> String {
    let title = title.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<!DOCTYPE html>\n<html><head><meta charset=\"utf-8\"><title>{title}</title>\
         <style>body{{font-family:sans-serif;margin:2em;background:#fff}}svg{{max-width:100%;height:auto}}</style></head>\n\
         <body>\n{}\n</body></html>\n",
        drawings.join("\n")
    )
}
