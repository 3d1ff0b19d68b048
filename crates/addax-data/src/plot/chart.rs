//! Lines and points between axes.

use super::axis::Axis;
use super::font::width;
use super::scene::{Anchor, Color, Scene, Shape};
use super::{Figure, Series};

/// The ten colours that follow one another (the "tab10" palette).
pub(super) const COLORS: [Color; 10] = [
    [31, 119, 180],
    [255, 127, 14],
    [44, 160, 44],
    [214, 39, 40],
    [148, 103, 189],
    [140, 86, 75],
    [227, 119, 194],
    [127, 127, 127],
    [188, 189, 34],
    [23, 190, 207],
];

pub(super) const BLACK: Color = [26, 26, 26];
const GRID: Color = [220, 220, 220];
pub(super) const TEXT: f32 = 13.0;
const TITLE: f32 = 16.0;
const SIZE: (f32, f32) = (640.0, 480.0);

pub(super) fn text(x: f32, y: f32, size: f32, text: &str, anchor: Anchor) -> Shape {
    Shape::Text { x, y, size, text: text.into(), color: BLACK, anchor, up: false }
}

fn straight(points: [(f32, f32); 2], color: Color, width: f32) -> Shape {
    Shape::Line { points: points.to_vec(), color, width, alpha: 1.0, dash: None }
}

pub(super) fn scene(figure: &Figure) -> Scene {
    let (w, h) = SIZE;
    let bottom = h - if figure.x_label.is_empty() { 36.0 } else { 58.0 };
    let top = if figure.title.is_empty() { 20.0 } else { 46.0 };
    let y = Axis::around(figure.series.iter().flat_map(|s| s.y.iter().copied()), bottom, top);
    let marks = y.ticks(6, false);
    let widest = marks.iter().map(|t| width(&t.1, TEXT)).fold(0.0, f32::max);
    let left = 22.0 + widest + if figure.y_label.is_empty() { 0.0 } else { 24.0 };
    let x = Axis::around(figure.series.iter().flat_map(|s| s.x.iter().copied()), left, w - 20.0);
    let counted = figure.series.iter().all(|s| !s.dots && s.x.iter().all(|v| v.fract() == 0.0));
    let mut shapes = Vec::new();
    frame(figure, &x, &y, &x.ticks(7, counted), &marks, &mut shapes);
    if figure.diagonal {
        let (a, b) = (x.low.max(y.low), x.high.min(y.high));
        let points = vec![(x.at(a), y.at(a)), (x.at(b), y.at(b))];
        shapes.push(Shape::Line {
            points,
            color: [90, 90, 90],
            width: 1.4,
            alpha: 1.0,
            dash: Some([6.0, 4.0]),
        });
    }
    for (i, s) in figure.series.iter().enumerate() {
        series(s, COLORS[i % COLORS.len()], &x, &y, &mut shapes);
    }
    legend(figure, &x, &y, &mut shapes);
    Scene { width: w, height: h, shapes }
}

fn frame(
    figure: &Figure,
    x: &Axis,
    y: &Axis,
    across: &[(f64, String)],
    upwards: &[(f64, String)],
    shapes: &mut Vec<Shape>,
) {
    for (v, label) in across {
        let at = x.at(*v).round() + 0.5;
        if figure.grid {
            shapes.push(straight([(at, y.from), (at, y.to)], GRID, 0.8));
        }
        shapes.push(straight([(at, y.from), (at, y.from + 4.5)], BLACK, 0.9));
        shapes.push(text(at, y.from + 19.0, TEXT, label, Anchor::Middle));
    }
    for (v, label) in upwards {
        let at = y.at(*v).round() + 0.5;
        if figure.grid {
            shapes.push(straight([(x.from, at), (x.to, at)], GRID, 0.8));
        }
        shapes.push(straight([(x.from - 4.5, at), (x.from, at)], BLACK, 0.9));
        shapes.push(text(x.from - 9.0, at + TEXT * 0.36, TEXT, label, Anchor::End));
    }
    let corners = vec![(x.from, y.from), (x.from, y.to), (x.to, y.to), (x.to, y.from), (x.from, y.from)];
    shapes.push(Shape::Line { points: corners, color: BLACK, width: 0.9, alpha: 1.0, dash: None });
    let middle = (x.from + x.to) / 2.0;
    shapes.push(text(middle, y.to - 14.0, TITLE, &figure.title, Anchor::Middle));
    shapes.push(text(middle, y.from + 43.0, TEXT + 1.0, &figure.x_label, Anchor::Middle));
    let (label, at) = (figure.y_label.clone(), (y.from + y.to) / 2.0);
    shapes.push(Shape::Text {
        x: 20.0,
        y: at,
        size: TEXT + 1.0,
        text: label,
        color: BLACK,
        anchor: Anchor::Middle,
        up: true,
    });
}

fn series(s: &Series, color: Color, x: &Axis, y: &Axis, shapes: &mut Vec<Shape>) {
    let points =
        s.x.iter().zip(&s.y).map(|(a, b)| (a.is_finite() && b.is_finite()).then(|| (x.at(*a), y.at(*b))));
    if s.dots {
        shapes.extend(points.flatten().map(|(x, y)| Shape::Dot { x, y, radius: 3.2, color, alpha: 0.65 }));
        return;
    }
    // A gap ends one piece and begins the next; a lone point is a dot.
    let points: Vec<Option<(f32, f32)>> = points.collect();
    for piece in points.split(Option::is_none) {
        let points: Vec<(f32, f32)> = piece.iter().flatten().copied().collect();
        match points[..] {
            [] => {}
            [(x, y)] => shapes.push(Shape::Dot { x, y, radius: 2.5, color, alpha: 1.0 }),
            _ => shapes.push(Shape::Line { points, color, width: 2.0, alpha: 1.0, dash: None }),
        }
    }
}

/// In the corner that hides the fewest points.
fn legend(figure: &Figure, x: &Axis, y: &Axis, shapes: &mut Vec<Shape>) {
    let named: Vec<(usize, &Series)> =
        figure.series.iter().enumerate().filter(|(_, s)| !s.name.is_empty()).collect();
    if named.is_empty() {
        return;
    }
    let widest = named.iter().map(|(_, s)| width(&s.name, TEXT)).fold(0.0, f32::max);
    let (w, h) = (widest + 52.0, named.len() as f32 * 20.0 + 10.0);
    let (right, low) = (x.to - w - 8.0, y.from - h - 8.0);
    let corners = [(right, y.to + 8.0), (x.from + 8.0, y.to + 8.0), (x.from + 8.0, low), (right, low)];
    let hidden = |(cx, cy): &(f32, f32)| {
        let inside =
            |(a, b): (f32, f32)| a > *cx - 6.0 && a < cx + w + 6.0 && b > *cy - 6.0 && b < cy + h + 6.0;
        let all = figure.series.iter().flat_map(|s| s.x.iter().zip(&s.y));
        all.filter(|(a, b)| inside((x.at(**a), y.at(**b)))).count()
    };
    let Some((cx, cy)) = corners.into_iter().min_by_key(hidden) else { return };
    shapes.push(Shape::Box {
        x: cx,
        y: cy,
        w,
        h,
        fill: [255, 255, 255],
        alpha: 0.85,
        edge: Some([204, 204, 204]),
    });
    for (row, (i, s)) in named.into_iter().enumerate() {
        let at = cy + 15.0 + row as f32 * 20.0;
        let color = COLORS[i % COLORS.len()];
        if s.dots {
            shapes.push(Shape::Dot { x: cx + 21.0, y: at, radius: 3.6, color, alpha: 0.8 });
        } else {
            shapes.push(straight([(cx + 9.0, at), (cx + 33.0, at)], color, 2.0));
        }
        shapes.push(text(cx + 42.0, at + TEXT * 0.36, TEXT, &s.name, Anchor::Start));
    }
}
