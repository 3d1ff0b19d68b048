//! What is drawn, before it becomes pixels or SVG: a list of shapes in pixels, y downwards.

use super::font::{Piece, outline};
use addax_core::{Error, Result};
use tiny_skia::{
    FillRule, LineCap, LineJoin, Paint, PathBuilder, Pixmap, Rect, Stroke, StrokeDash, Transform,
};

/// Red, green, blue.
pub type Color = [u8; 3];

/// Where a text stands relative to its point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Anchor {
    /// The point is at its beginning.
    Start,
    /// In its middle.
    Middle,
    /// At its end.
    End,
}

/// One thing that is drawn. The fields are what they are called: places and sizes in pixels, `alpha` from 0 to 1.
#[allow(missing_docs)]
#[derive(Clone, Debug)]
pub enum Shape {
    /// A line through points.
    Line { points: Vec<(f32, f32)>, color: Color, width: f32, alpha: f32, dash: Option<[f32; 2]> },
    /// A filled circle.
    Dot { x: f32, y: f32, radius: f32, color: Color, alpha: f32 },
    /// A filled rectangle, with an edge if one is given.
    Box { x: f32, y: f32, w: f32, h: f32, fill: Color, alpha: f32, edge: Option<Color> },
    /// A line of text; `up` turns it by 90° to read upwards.
    Text { x: f32, y: f32, size: f32, text: String, color: Color, anchor: Anchor, up: bool },
}

/// A picture.
#[derive(Clone, Debug)]
pub struct Scene {
    /// Its width.
    pub width: f32,
    /// Its height.
    pub height: f32,
    /// What is on it, the first at the bottom.
    pub shapes: Vec<Shape>,
}

impl Scene {
    /// As PNG, `scale` pixels per unit.
    pub fn png(&self, scale: f32) -> Result<Vec<u8>> {
        let (w, h) = ((self.width * scale).round() as u32, (self.height * scale).round() as u32);
        let fail =
            || Error::value("picture").expected("a size that can be drawn").got(format_args!("{w}x{h}"));
        let mut pixels = Pixmap::new(w, h).filter(|_| w <= 20_000 && h <= 20_000).ok_or_else(fail)?;
        pixels.fill(tiny_skia::Color::WHITE);
        let base = Transform::from_scale(scale, scale);
        self.shapes.iter().for_each(|s| draw(&mut pixels, s, base));
        pixels.encode_png().map_err(|e| Error::value("PNG").got(e))
    }

    /// As SVG; text is drawn as outlines, so it looks the same everywhere.
    pub fn svg(&self) -> String {
        let (w, h) = (self.width, self.height);
        let mut out = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\">\n\
             <rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>\n"
        );
        self.shapes.iter().for_each(|s| out += &element(s));
        out + "</svg>\n"
    }
}

fn paint(color: Color, alpha: f32) -> Paint<'static> {
    let mut paint = Paint { anti_alias: true, ..Paint::default() };
    paint.set_color_rgba8(color[0], color[1], color[2], (alpha * 255.0).round() as u8);
    paint
}

fn draw(pixels: &mut Pixmap, shape: &Shape, base: Transform) {
    match shape {
        Shape::Line { points, color, width, alpha, dash } => {
            let mut path = PathBuilder::new();
            for (i, (x, y)) in points.iter().enumerate() {
                if i == 0 { path.move_to(*x, *y) } else { path.line_to(*x, *y) }
            }
            let dash = dash.and_then(|d| StrokeDash::new(d.to_vec(), 0.0));
            let cap = if dash.is_some() { LineCap::Butt } else { LineCap::Square };
            let stroke = Stroke {
                width: *width,
                line_cap: cap,
                line_join: LineJoin::Round,
                dash,
                ..Stroke::default()
            };
            if let Some(path) = path.finish() {
                pixels.stroke_path(&path, &paint(*color, *alpha), &stroke, base, None);
            }
        }
        Shape::Dot { x, y, radius, color, alpha } => {
            if let Some(path) = PathBuilder::from_circle(*x, *y, *radius) {
                pixels.fill_path(&path, &paint(*color, *alpha), FillRule::Winding, base, None);
            }
        }
        Shape::Box { x, y, w, h, fill, alpha, edge } => {
            let Some(rect) = Rect::from_xywh(*x, *y, *w, *h) else { return };
            let path = PathBuilder::from_rect(rect);
            pixels.fill_path(&path, &paint(*fill, *alpha), FillRule::Winding, base, None);
            if let Some(edge) = edge {
                pixels.stroke_path(
                    &path,
                    &paint(*edge, 1.0),
                    &Stroke { width: 0.8, ..Stroke::default() },
                    base,
                    None,
                );
            }
        }
        Shape::Text { x, y, size, text, color, anchor, up } => {
            let (pieces, width) = outline(text, *size);
            let mut path = PathBuilder::new();
            for piece in pieces {
                match piece {
                    Piece::Move(x, y) => path.move_to(x, y),
                    Piece::Line(x, y) => path.line_to(x, y),
                    Piece::Quad(a, b, x, y) => path.quad_to(a, b, x, y),
                    Piece::Close => path.close(),
                }
            }
            let shift = Transform::from_translate(-shift_of(*anchor, width), 0.0);
            let turn = if *up { Transform::from_rotate(-90.0) } else { Transform::identity() };
            let place = shift.post_concat(turn).post_translate(*x, *y).post_concat(base);
            if let Some(path) = path.finish() {
                pixels.fill_path(&path, &paint(*color, 1.0), FillRule::Winding, place, None);
            }
        }
    }
}

fn shift_of(anchor: Anchor, width: f32) -> f32 {
    match anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => width / 2.0,
        Anchor::End => width,
    }
}

fn hex(c: Color) -> String {
    format!("#{:02x}{:02x}{:02x}", c[0], c[1], c[2])
}

fn element(shape: &Shape) -> String {
    match shape {
        Shape::Line { points, color, width, alpha, dash } => {
            let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.2},{y:.2}")).collect();
            let dash = dash.map_or(String::new(), |d| format!(" stroke-dasharray=\"{} {}\"", d[0], d[1]));
            format!(
                "<polyline points=\"{}\" fill=\"none\" stroke=\"{}\" stroke-width=\"{width}\" stroke-opacity=\"{alpha}\" stroke-linejoin=\"round\"{dash}/>\n",
                points.join(" "),
                hex(*color)
            )
        }
        Shape::Dot { x, y, radius, color, alpha } => {
            format!(
                "<circle cx=\"{x:.2}\" cy=\"{y:.2}\" r=\"{radius}\" fill=\"{}\" fill-opacity=\"{alpha}\"/>\n",
                hex(*color)
            )
        }
        Shape::Box { x, y, w, h, fill, alpha, edge } => {
            let edge = edge.map_or(String::new(), |e| format!(" stroke=\"{}\" stroke-width=\"0.8\"", hex(e)));
            format!(
                "<rect x=\"{x:.2}\" y=\"{y:.2}\" width=\"{w:.2}\" height=\"{h:.2}\" fill=\"{}\" fill-opacity=\"{alpha}\"{edge}/>\n",
                hex(*fill)
            )
        }
        Shape::Text { x, y, size, text, color, anchor, up } => {
            let (pieces, width) = outline(text, *size);
            let d: Vec<String> = pieces
                .iter()
                .map(|p| match p {
                    Piece::Move(x, y) => format!("M{x:.2} {y:.2}"),
                    Piece::Line(x, y) => format!("L{x:.2} {y:.2}"),
                    Piece::Quad(a, b, x, y) => format!("Q{a:.2} {b:.2} {x:.2} {y:.2}"),
                    Piece::Close => "Z".to_string(),
                })
                .collect();
            let turn = if *up { " rotate(-90)" } else { "" };
            let shift = shift_of(*anchor, width);
            format!(
                "<path transform=\"translate({x:.2} {y:.2}){turn} translate({:.2} 0)\" fill=\"{}\" d=\"{}\"/>\n",
                -shift,
                hex(*color),
                d.concat()
            )
        }
    }
}
