//! Images seen from the side, or through water.

use super::augmentation;
use super::blur::{bell, filtered};
use super::chance::{Draw, Factor, ValueRange};
use super::geometry::extent;
use crate::layers::Layer;
use crate::ops::image::MapCoordinates;
use addax_core::{DType, Dim, Error, Result, Tensor, Value};

/// Images `[batch, height, width, channels]` read at `(y, x)`, `[batch, height, width]` each.
fn read_at(
    images: &Tensor,
    y: &Tensor,
    x: &Tensor,
    interpolation: &str,
    fill_mode: &str,
    fill: f64,
) -> Result<Tensor> {
    let order = match interpolation {
        "nearest" => 0usize,
        "bilinear" => 1,
        other => return Err(Error::unknown("interpolation", other, ["nearest", "bilinear"])),
    };
    let shape = images.shape();
    let spread = |t: &Tensor| t.cast(y.dtype()).broadcast_to(shape.clone()).expand_dims(0);
    let (batch, channel) =
        (Tensor::iota(y.dtype(), shape.clone(), 0), Tensor::iota(y.dtype(), shape.clone(), 3));
    let parts = [spread(&batch), spread(&y.expand_dims(-1)), spread(&x.expand_dims(-1)), spread(&channel)];
    let places = Tensor::concatenate(&parts.iter().collect::<Vec<_>>(), 0);
    MapCoordinates::new(order).fill_mode(fill_mode).fill_value(fill).apply(images, places).check().cloned()
}

/// Rows and columns, `[1, height, width]`.
fn grid(h: f64, w: f64, dtype: DType) -> [Tensor; 2] {
    let shape = [1, h as usize, w as usize];
    [Tensor::iota(dtype, shape, 1), Tensor::iota(dtype, shape, 2)]
}

augmentation! {
    /// In training moves the corners of some images and stretches the images between them.
    pub struct RandomPerspective () {
        /// The probability, or the range that it is drawn from.
        factor: Factor = 1.0.into(),
        /// How far corners move: by up to half of this share of the image.
        scale: f64 = 1.0,
        /// How places between elements are filled.
        interpolation: String = "bilinear".to_string(),
        /// The number beyond the borders.
        fill_value: f64 = 0.0,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts true
    change |layer, cx, x| {
        crate::fields::within("scale", layer.scale, 0.0, 1.0)?;
        let [h, w] = extent(x)?;
        let mut draw = Draw::new(cx, layer.seed, x);
        let changed = draw.whether(layer.factor.up_to("factor", 1.0)?);
        let moves = draw.numbers([x.dim(0), Dim::new(4), Dim::new(2)], [-0.5 * layer.scale, 0.5 * layer.scale]);
        let corners = vec![0.0, 0.0, w - 1.0, 0.0, 0.0, h - 1.0, w - 1.0, h - 1.0];
        let start = Tensor::new(Value::new([1, 4, 2], corners)?.cast(x.dtype())).broadcast_to(moves.shape());
        let end = &start + &start * &moves;
        let map = homography(&start, &end);
        let number = |i: usize| map.slice_axis(1, i, i + 1).expand_dims(-1);
        let [row, column] = grid(h, w, x.dtype());
        let depth = number(6) * &column + number(7) * &row + 1.0;
        let x_in = (number(0) * &column + number(1) * &row + number(2)) / &depth;
        let y_in = (number(3) * &column + number(4) * &row + number(5)) / &depth;
        let seen = read_at(x, &y_in, &x_in, &layer.interpolation, "constant", layer.fill_value)?;
        Ok(changed.broadcast_to(x.shape()).select(&seen, x))
    }
}

/// The eight numbers of the map that takes each end to its start, `[batch, 8]`.
fn homography(start: &Tensor, end: &Tensor) -> Tensor {
    let part = |t: &Tensor, i: usize| t.slice_axis(2, i, i + 1);
    let (sx, sy, ex, ey) = (part(start, 0), part(start, 1), part(end, 0), part(end, 1));
    let (zero, one) = (ex.filled(0.0), ex.filled(1.0));
    let rows = |columns: [&Tensor; 8]| Tensor::concatenate(&columns, 2);
    let of_x = rows([&ex, &ey, &one, &zero, &zero, &zero, &-(&sx * &ex), &-(&sx * &ey)]);
    let of_y = rows([&zero, &zero, &zero, &ex, &ey, &one, &-(&sy * &ex), &-(&sy * &ey)]);
    let matrix = Tensor::concatenate(&[&of_x, &of_y], 1);
    matrix.solve(&Tensor::concatenate(&[&sx, &sy], 1)).squeeze(-1)
}

augmentation! {
    /// In training moves the elements of some images by a smooth field of displacements.
    pub struct RandomElasticTransform () {
        /// The probability, or the range that it is drawn from.
        factor: Factor = 1.0.into(),
        /// How strong the displacements are at most, or the range that this is drawn from.
        scale: Factor = 1.0.into(),
        /// How places between elements are filled.
        interpolation: String = "bilinear".to_string(),
        /// What lies beyond the borders.
        fill_mode: String = "reflect".to_string(),
        /// The number beyond the borders, for the mode `constant`.
        fill_value: f64 = 0.0,
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts true
    change |layer, cx, x| {
        let (factor, scale) = (layer.factor.up_to("factor", 1.0)?, layer.scale.up_to("scale", 1.0)?);
        if factor[1] == 0.0 || scale[1] == 0.0 {
            return Ok(x.clone());
        }
        let [h, w] = extent(x)?;
        let mut draw = Draw::new(cx, layer.seed, x);
        let changed = draw.whether(factor);
        let strength = draw.one(scale);
        let (alpha, sigma) = (&strength * (0.1 * h.max(w)), &strength * (0.05 * h.min(w)));
        let noise = draw.normal([x.dim(0), x.dim(1), x.dim(2), Dim::new(1)]) * &sigma;
        // A window that holds the widest curve; a narrower one is cut off at its own three deviations.
        let size = (6.0 * 0.05 * h.min(w) * scale[1]) as usize | 1;
        let reach = ((&sigma * 6.0).floor() * 0.5).floor();
        let curve = bell(size, &sigma, Some(&reach));
        let window = curve.expand_dims(1) * curve.expand_dims(0);
        // Keras displaces both ways by the same numbers.
        let moved = filtered(&noise, &window)?.squeeze(-1) * alpha;
        let [row, column] = grid(h, w, x.dtype());
        let (y_in, x_in) = (row + &moved, column + moved);
        let seen = read_at(x, &y_in, &x_in, &layer.interpolation, &layer.fill_mode, layer.fill_value)?;
        Ok(layer.value_range.clip(&changed.broadcast_to(x.shape()).select(&seen, x)))
    }
}
