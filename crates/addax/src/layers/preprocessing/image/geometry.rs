//! Images turned, moved, stretched and mirrored.

use super::augmentation;
use super::chance::{Draw, Factor};
use crate::class::{Word, Words};
use crate::layers::Layer;
use crate::ops::image::AffineTransform;
use addax_core::{Error, Result, Tensor};

/// In which directions images are mirrored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum FlipMode {
    /// Left and right.
    Horizontal,
    /// Up and down.
    Vertical,
    /// Both at once.
    Both,
}

impl Words for FlipMode {
    const WHAT: &'static str = "mode";

    fn all() -> &'static [FlipMode] {
        &[FlipMode::Horizontal, FlipMode::Vertical, FlipMode::Both]
    }

    fn word(self) -> &'static str {
        match self {
            FlipMode::Horizontal => "horizontal",
            FlipMode::Vertical => "vertical",
            FlipMode::Both => "horizontal_and_vertical",
        }
    }
}

augmentation! {
    /// In training mirrors half of the images.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let y = addax::layers::RandomFlip::new().mode("horizontal").on(&Input([8, 8, 3])?)?;
    /// assert_eq!(y.shape().to_string(), "(None, 8, 8, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct RandomFlip () {
        /// In which directions.
        mode: Word<FlipMode> = FlipMode::Both.into(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts true
    change |layer, cx, x| {
        let axes: &[usize] = match layer.mode.get()? {
            FlipMode::Horizontal => &[2],
            FlipMode::Vertical => &[1],
            FlipMode::Both => &[1, 2],
        };
        let flips = Draw::new(cx, layer.seed, x).each([0.0, 1.0]);
        let flips = flips.le(&flips.filled(0.5)).broadcast_to(x.shape());
        Ok(flips.select(&x.reverse(axes), x))
    }
}

/// How places between and beyond the elements of an image are filled.
struct Fill<'a> {
    mode: &'a str,
    interpolation: &'a str,
    value: f64,
}

impl Fill<'_> {
    /// Images through affine maps of numbers `[batch, 1, 1, 1]`: `(a₀, a₁, a₂, b₀, b₁, b₂)`.
    fn transformed(&self, x: &Tensor, map: [&Tensor; 6]) -> Result<Tensor> {
        let known = ["reflect", "wrap", "constant", "nearest"];
        if !known.contains(&self.mode) {
            return Err(Error::unknown("fill_mode", self.mode, known));
        }
        let column = |t: &Tensor| t.reshape([x.dim(0), 1usize.into()]);
        let zero = column(&map[0].filled(0.0));
        let columns: Vec<Tensor> = map.into_iter().map(column).chain([zero.clone(), zero]).collect();
        let maps = Tensor::concatenate(&columns.iter().collect::<Vec<_>>(), 1);
        let op = AffineTransform::new().interpolation(self.interpolation).fill_mode(self.mode);
        op.fill_value(self.value).apply(x, &maps).check().cloned()
    }
}

/// Height and width, which are known where images are changed.
pub(super) fn extent(x: &Tensor) -> Result<[f64; 2]> {
    match (x.dim(1).known(), x.dim(2).known()) {
        (Some(h), Some(w)) => Ok([h as f64, w as f64]),
        _ => Err(Error::value("images").expected("a known height and width").got(x.shape())),
    }
}

augmentation! {
    /// In training turns each image by an angle from `factor · 2π`.
    pub struct RandomRotation (
        /// The largest angle in turns, or the range that it is drawn from.
        factor: Factor,
    ) {
        /// What lies beyond the borders.
        fill_mode: String = "reflect".to_string(),
        /// How places between elements are filled.
        interpolation: String = "bilinear".to_string(),
        /// A seed of its own.
        seed: Option<i64> = None,
        /// The number beyond the borders, for the mode `constant`.
        fill_value: f64 = 0.0,
    }
    casts true
    change |layer, cx, x| {
        let [low, high] = layer.factor.range("factor", -1.0, 1.0)?;
        let turn = std::f64::consts::TAU;
        let angle = Draw::new(cx, layer.seed, x).each([low * turn, high * turn]);
        let (cos, sin) = (angle.cos(), angle.sin());
        let [h, w] = extent(x)?;
        let (cx, cy) = ((w - 1.0) / 2.0, (h - 1.0) / 2.0);
        let a2 = &sin * cy - &cos * cx + cx;
        let b2 = cy - &sin * cx - &cos * cy;
        let fill = Fill { mode: &layer.fill_mode, interpolation: &layer.interpolation, value: layer.fill_value };
        fill.transformed(x, [&cos, &-&sin, &a2, &sin, &cos, &b2])
    }
}

augmentation! {
    /// In training moves each image by a share of its height and width.
    pub struct RandomTranslation (
        /// The largest share of the height, or the range that it is drawn from.
        height_factor: Factor,
        /// The largest share of the width, or the range that it is drawn from.
        width_factor: Factor,
    ) {
        /// What lies beyond the borders.
        fill_mode: String = "reflect".to_string(),
        /// How places between elements are filled.
        interpolation: String = "bilinear".to_string(),
        /// A seed of its own.
        seed: Option<i64> = None,
        /// The number beyond the borders, for the mode `constant`.
        fill_value: f64 = 0.0,
    }
    casts true
    change |layer, cx, x| {
        let [h, w] = extent(x)?;
        let mut draw = Draw::new(cx, layer.seed, x);
        let down = draw.each(layer.height_factor.range("height_factor", -1.0, 1.0)?) * -h;
        let across = draw.each(layer.width_factor.range("width_factor", -1.0, 1.0)?) * -w;
        let (zero, one) = (down.filled(0.0), down.filled(1.0));
        let fill = Fill { mode: &layer.fill_mode, interpolation: &layer.interpolation, value: layer.fill_value };
        fill.transformed(x, [&one, &zero, &across, &zero, &one, &down])
    }
}

augmentation! {
    /// In training makes each image larger or smaller around its middle.
    pub struct RandomZoom (
        /// By how much at most the height of what is seen grows, or the range that it is drawn from.
        height_factor: Factor,
    ) {
        /// The same for the width; as the height unless given.
        width_factor: Option<Factor> = None,
        /// What lies beyond the borders.
        fill_mode: String = "reflect".to_string(),
        /// How places between elements are filled.
        interpolation: String = "bilinear".to_string(),
        /// A seed of its own.
        seed: Option<i64> = None,
        /// The number beyond the borders, for the mode `constant`.
        fill_value: f64 = 0.0,
    }
    casts true
    change |layer, cx, x| {
        let [h, w] = extent(x)?;
        let mut draw = Draw::new(cx, layer.seed, x);
        let tall = draw.each(layer.height_factor.range("height_factor", -1.0, 1.0)?) + 1.0;
        let wide = match layer.width_factor {
            Some(factor) => draw.each(factor.range("width_factor", -1.0, 1.0)?) + 1.0,
            None => tall.clone(),
        };
        let across = (1.0 - &wide) * ((w - 1.0) / 2.0);
        let down = (1.0 - &tall) * ((h - 1.0) / 2.0);
        let zero = tall.filled(0.0);
        let fill = Fill { mode: &layer.fill_mode, interpolation: &layer.interpolation, value: layer.fill_value };
        fill.transformed(x, [&wide, &zero, &across, &zero, &tall, &down])
    }
}

augmentation! {
    /// In training shears each image along both axes.
    pub struct RandomShear () {
        /// By how much at most along the width, or the range that it is drawn from.
        x_factor: Factor = 0.0.into(),
        /// By how much at most along the height, or the range that it is drawn from.
        y_factor: Factor = 0.0.into(),
        /// How places between elements are filled.
        interpolation: String = "bilinear".to_string(),
        /// What lies beyond the borders.
        fill_mode: String = "reflect".to_string(),
        /// The number beyond the borders, for the mode `constant`.
        fill_value: f64 = 0.0,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts true
    change |layer, cx, x| {
        let mut draw = Draw::new(cx, layer.seed, x);
        let signs = draw.signs();
        // Files hold the range that a number stood for.
        let range = |factor: Factor, name| match factor {
            Factor::Number(_) => factor.mirrored(name, 0.0, 1.0),
            Factor::Range(..) => factor.range(name, -1.0, 1.0),
        };
        let y = draw.each(range(layer.y_factor, "y_factor")?) * &signs;
        let across = draw.each(range(layer.x_factor, "x_factor")?) * &signs;
        let (zero, one) = (y.filled(0.0), y.filled(1.0));
        let fill = Fill { mode: &layer.fill_mode, interpolation: &layer.interpolation, value: layer.fill_value };
        fill.transformed(x, [&one, &across, &zero, &y, &one, &zero])
    }
}
