//! Text as outlines: DejaVu Sans, a subset with Latin, Cyrillic and Greek letters.

use ttf_parser::{Face, OutlineBuilder};

static FONT: &[u8] = include_bytes!("../../assets/DejaVuSans-subset.ttf");

/// A piece of an outline, in pixels.
#[derive(Clone, Copy, Debug)]
pub enum Piece {
    /// Begins a contour.
    Move(f32, f32),
    /// A straight line.
    Line(f32, f32),
    /// A quadratic curve.
    Quad(f32, f32, f32, f32),
    /// The end of a contour.
    Close,
}

struct Pen {
    pieces: Vec<Piece>,
    x: f32,
    scale: f32,
}

impl OutlineBuilder for Pen {
    fn move_to(&mut self, x: f32, y: f32) {
        self.pieces.push(Piece::Move(self.x + x * self.scale, -y * self.scale));
    }
    fn line_to(&mut self, x: f32, y: f32) {
        self.pieces.push(Piece::Line(self.x + x * self.scale, -y * self.scale));
    }
    fn quad_to(&mut self, a: f32, b: f32, x: f32, y: f32) {
        let (k, o) = (self.scale, self.x);
        self.pieces.push(Piece::Quad(o + a * k, -b * k, o + x * k, -y * k));
    }
    fn curve_to(&mut self, _: f32, _: f32, _: f32, _: f32, x: f32, y: f32) {
        // TrueType outlines have quadratic curves only.
        self.line_to(x, y);
    }
    fn close(&mut self) {
        self.pieces.push(Piece::Close);
    }
}

/// The outline of a line of text from (0, 0) on its baseline, and its width. Letters that the font lacks are boxes.
pub fn outline(text: &str, size: f32) -> (Vec<Piece>, f32) {
    let Ok(face) = Face::parse(FONT, 0) else { return (Vec::new(), 0.0) };
    let scale = size / f32::from(face.units_per_em());
    let mut pen = Pen { pieces: Vec::new(), x: 0.0, scale };
    for c in text.chars() {
        let glyph = face.glyph_index(c).unwrap_or_default();
        face.outline_glyph(glyph, &mut pen);
        pen.x += f32::from(face.glyph_hor_advance(glyph).unwrap_or(0)) * scale;
    }
    (pen.pieces, pen.x)
}

/// The width of a line of text.
pub fn width(text: &str, size: f32) -> f32 {
    outline(text, size).1
}
