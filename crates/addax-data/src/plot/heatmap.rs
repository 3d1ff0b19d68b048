//! Heatmaps with the numbers written in: confusion matrices.

use super::chart::{BLACK, TEXT, text};
use super::font::width;
use super::scene::{Anchor, Color, Scene, Shape};
use addax_core::Result;
use std::path::Path;

/// A matrix in colours.
///
/// ```
/// use addax_data::plot::Heatmap;
/// let svg = Heatmap::new(&[vec![50.0, 3.0], vec![5.0, 42.0]]).title("Матрица ошибок").labels(&["0", "1"]).svg();
/// assert!(svg.starts_with("<svg"));
/// ```
#[derive(Clone, Debug)]
pub struct Heatmap {
    rows: Vec<Vec<f64>>,
    title: String,
    x_label: String,
    y_label: String,
    labels: Vec<String>,
}

/// From light to dark blue (ColorBrewer "Blues").
const BLUES: [Color; 9] = [
    [247, 251, 255],
    [222, 235, 247],
    [198, 219, 239],
    [158, 202, 225],
    [107, 174, 214],
    [66, 146, 198],
    [33, 113, 181],
    [8, 81, 156],
    [8, 48, 107],
];

fn blue(share: f64) -> Color {
    let at = share.clamp(0.0, 1.0) * (BLUES.len() - 1) as f64;
    let i = (at as usize).min(BLUES.len() - 2);
    let f = at - i as f64;
    std::array::from_fn(|c| {
        (f64::from(BLUES[i][c]) * (1.0 - f) + f64::from(BLUES[i + 1][c]) * f).round() as u8
    })
}

/// Black on light colours, white on dark ones, by luminance.
fn ink(c: Color) -> Color {
    let luminance = 0.2126 * f64::from(c[0]) + 0.7152 * f64::from(c[1]) + 0.0722 * f64::from(c[2]);
    if luminance > 110.0 { BLACK } else { [255, 255, 255] }
}

impl Heatmap {
    /// A matrix by rows.
    pub fn new(rows: &[Vec<f64>]) -> Heatmap {
        let empty = String::new();
        Heatmap {
            rows: rows.to_vec(),
            title: empty.clone(),
            x_label: empty.clone(),
            y_label: empty,
            labels: Vec::new(),
        }
    }

    /// The line above.
    pub fn title(mut self, text: &str) -> Self {
        self.title = text.into();
        self
    }

    /// The names of the axes.
    pub fn axes(mut self, x: &str, y: &str) -> Self {
        (self.x_label, self.y_label) = (x.into(), y.into());
        self
    }

    /// The names of the classes.
    pub fn labels(mut self, names: &[&str]) -> Self {
        self.labels = names.iter().map(|n| n.to_string()).collect();
        self
    }

    fn name(&self, i: usize) -> String {
        self.labels.get(i).cloned().unwrap_or_else(|| i.to_string())
    }

    /// The drawing.
    pub fn scene(&self) -> Scene {
        let (n, m) = (self.rows.len().max(1), self.rows.first().map_or(1, Vec::len).max(1));
        let longest = (0..n.max(m)).map(|i| width(&self.name(i), TEXT)).fold(0.0, f32::max);
        let (left, top) = (54.0 + longest, 46.0);
        let cell = (360.0 / n.max(m) as f32).clamp(26.0, 110.0);
        let (w, h) = (cell * m as f32, cell * n as f32);
        let (mut low, mut high) = (f64::INFINITY, f64::NEG_INFINITY);
        self.rows.iter().flatten().for_each(|v| (low, high) = (low.min(*v), high.max(*v)));
        let share = |v: f64| if high > low { (v - low) / (high - low) } else { 0.5 };
        let mut shapes = Vec::new();
        for (r, row) in self.rows.iter().enumerate() {
            for (c, v) in row.iter().enumerate() {
                let (x, y, fill) = (left + c as f32 * cell, top + r as f32 * cell, blue(share(*v)));
                shapes.push(Shape::Box {
                    x,
                    y,
                    w: cell,
                    h: cell,
                    fill,
                    alpha: 1.0,
                    edge: Some([255, 255, 255]),
                });
                let label = if v.fract() == 0.0 { format!("{v:.0}") } else { format!("{v:.2}") };
                let size = (cell * 0.22).clamp(9.0, 20.0);
                let (x, y) = (x + cell / 2.0, y + cell / 2.0 + size * 0.36);
                shapes.push(Shape::Text {
                    x,
                    y,
                    size,
                    text: label,
                    color: ink(fill),
                    anchor: Anchor::Middle,
                    up: false,
                });
            }
        }
        for c in 0..m {
            shapes.push(text(
                left + (c as f32 + 0.5) * cell,
                top + h + 19.0,
                TEXT,
                &self.name(c),
                Anchor::Middle,
            ));
        }
        for r in 0..n {
            let y = top + (r as f32 + 0.5) * cell + TEXT * 0.36;
            shapes.push(text(left - 9.0, y, TEXT, &self.name(r), Anchor::End));
        }
        shapes.push(text(left + w / 2.0, top - 14.0, 16.0, &self.title, Anchor::Middle));
        shapes.push(text(left + w / 2.0, top + h + 43.0, TEXT + 1.0, &self.x_label, Anchor::Middle));
        let (label, at) = (self.y_label.clone(), top + h / 2.0);
        shapes.push(Shape::Text {
            x: 22.0,
            y: at,
            size: TEXT + 1.0,
            text: label,
            color: BLACK,
            anchor: Anchor::Middle,
            up: true,
        });
        let right = bar(left + w + 22.0, top, h, low, high, &mut shapes);
        Scene { width: right + 14.0, height: top + h + 58.0, shapes }
    }

    /// The drawing as SVG.
    pub fn svg(&self) -> String {
        self.scene().svg()
    }

    /// Writes a file; its ending says how: `.png`, `.svg` or `.html`.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        super::save(&self.scene(), &self.title, path.as_ref())
    }
}

/// The bar that tells which colour is which number; returns where its labels end.
fn bar(x: f32, top: f32, height: f32, low: f64, high: f64, shapes: &mut Vec<Shape>) -> f32 {
    const STEPS: usize = 128;
    let step = height / STEPS as f32;
    for i in 0..STEPS {
        let fill = blue(1.0 - (i as f64 + 0.5) / STEPS as f64);
        shapes.push(Shape::Box {
            x,
            y: top + i as f32 * step,
            w: 18.0,
            h: step + 0.6,
            fill,
            alpha: 1.0,
            edge: None,
        });
    }
    let axis = super::axis::Axis {
        low,
        high: if high > low { high } else { low + 1.0 },
        from: top + height,
        to: top,
    };
    let ticks = axis.ticks(5, false);
    for (v, label) in &ticks {
        let y = axis.at(*v);
        let points = vec![(x + 18.0, y), (x + 22.0, y)];
        shapes.push(Shape::Line { points, color: BLACK, width: 0.9, alpha: 1.0, dash: None });
        shapes.push(text(x + 26.0, y + TEXT * 0.36, TEXT, label, Anchor::Start));
    }
    x + 26.0 + ticks.iter().map(|t| width(&t.1, TEXT)).fold(0.0, f32::max)
}
