//! Images in another size, each axis by a linear map (`jax.image.scale_and_translate`).

use super::layout;
use crate::ops;
use crate::ops::axes::from_front;
use crate::ops::operand::float;
use addax_core::{DType, Dim, Error, Result, Tensor, Value};
use std::f64::consts::PI;

ops! {
    table TABLE in "keras.src.ops.image";

    /// Images in another height and width.
    Resize resize(images: Tensor)[size: Vec<usize>; interpolation: String = "bilinear".to_string()]
        { antialias: bool = false, crop_to_aspect_ratio: bool = false, pad_to_aspect_ratio: bool = false,
          fill_mode: String = "constant".to_string(), fill_value: f64 = 0.0, data_format: Option<String> = None } =
        resized(&images, &size, &interpolation, antialias, [crop_to_aspect_ratio, pad_to_aspect_ratio], (&fill_mode, fill_value), &data_format);
    /// Axes scaled and moved into an output shape; what comes from outside is 0.
    ScaleAndTranslate scale_and_translate(images: Tensor, output_shape: Vec<usize>, scale: Tensor, translation: Tensor)
        [spatial_dims: Vec<isize>, method: String]{ antialias: bool = true } =
        moved_and_scaled(&images, &output_shape, &scale, &translation, &spatial_dims, &method, antialias);
}

/// How much of an element at some distance there is in a result.
#[derive(Clone, Copy, PartialEq)]
enum Curve {
    Triangle,
    Cubic,
    Lanczos(f64),
}

impl Curve {
    fn named(name: &str) -> Result<Curve> {
        match name {
            "linear" | "bilinear" | "trilinear" => Ok(Curve::Triangle),
            "cubic" | "bicubic" | "tricubic" => Ok(Curve::Cubic),
            "lanczos3" => Ok(Curve::Lanczos(3.0)),
            "lanczos5" => Ok(Curve::Lanczos(5.0)),
            other => Err(Error::unknown(
                "interpolation",
                other,
                ["bilinear", "nearest", "bicubic", "lanczos3", "lanczos5"],
            )),
        }
    }

    /// At distances that are not negative.
    fn at(self, x: &Tensor) -> Tensor {
        let zero = x.filled(0.0);
        match self {
            Curve::Triangle => (1.0 - x).max_scalar(0.0),
            // Keys's, with a = -½.
            Curve::Cubic => {
                let near = ((x * 1.5 - 2.5) * x) * x + 1.0;
                let far = ((x * -0.5 + 2.5) * x - 4.0) * x + 2.0;
                x.ge(&x.filled(2.0)).select(&zero, &x.ge(&x.filled(1.0)).select(&far, &near))
            }
            Curve::Lanczos(radius) => {
                let middle = x.le(&x.filled(1e-3));
                let safe = middle.select(&x.filled(1.0), x);
                let wave =
                    (&safe * PI).sin() * (&safe * (PI / radius)).sin() * radius / (safe.square() * (PI * PI));
                x.gt_scalar(radius).select(&zero, &middle.select(&x.filled(1.0), &wave))
            }
        }
    }
}

/// The weights `[input, output]` of each element in each result.
fn weights(
    input: usize,
    output: usize,
    scale: &Tensor,
    shift: &Tensor,
    curve: Curve,
    antialias: bool,
) -> Tensor {
    let dtype = scale.dtype();
    let inverse = scale.reciprocal();
    // Where the image shrinks, the curve covers all that falls into one place.
    let width = if antialias { inverse.max_scalar(1.0) } else { inverse.filled(1.0) };
    let place = (Tensor::iota(dtype, [1, output], 1) + 0.5) * &inverse - shift * &inverse - 0.5;
    let distance = (&place - Tensor::iota(dtype, [input, 1], 0)).abs() / width;
    let raw = curve.at(&distance);
    let total = raw.sum(&[0]).expand_dims(0);
    let some = total.abs().gt_scalar(1000.0 * f64::from(f32::EPSILON));
    let share = &raw / some.select(&total, &total.filled(1.0));
    let inside = place.ge(&place.filled(-0.5)).and(&place.le(&place.filled(input as f64 - 0.5)));
    some.and(&inside).select(&share, &share.filled(0.0))
}

/// An axis through a matrix of weights.
fn mapped(x: &Tensor, axis: usize, weights: &Tensor) -> Result<Tensor> {
    let last = x.rank() as isize - 1;
    let product = ops::moved(x, &[axis as isize], &[last])?.matmul(&weights.cast(x.dtype()));
    ops::moved(&product, &[last], &[axis as isize])
}

/// An axis whose length is only known later, in its new length.
fn promised(x: &Tensor, axis: usize, length: usize) -> Tensor {
    let mut dims = x.shape().dims().to_vec();
    dims[axis] = Dim::new(length);
    x.reshape(dims)
}

/// An axis in another length.
fn scaled(x: &Tensor, axis: usize, length: usize, interpolation: &str, antialias: bool) -> Result<Tensor> {
    let Some(n) = x.dim(axis as isize).known() else { return Ok(promised(x, axis, length)) };
    if n == length {
        return Ok(x.clone());
    }
    if n == 0 || length == 0 || n.max(length) >= 1 << 24 {
        return Err(Error::value("size").expected("1 to 2^24 places").got(format_args!("{n} to {length}")));
    }
    if interpolation == "nearest" {
        let at = |i: usize| ((i as f32 + 0.5) * n as f32 / length as f32).floor() as i32;
        let places: Vec<i32> = (0..length).map(|i| at(i).min(n as i32 - 1)).collect();
        return Ok(x.take(&Tensor::new(Value::from(places)), axis as isize));
    }
    let number = |t: f64| Tensor::constant(if x.dtype() == DType::F64 { DType::F64 } else { DType::F32 }, t);
    let scale = number(length as f64 / n as f64);
    mapped(x, axis, &weights(n, length, &scale, &number(0.0), Curve::named(interpolation)?, antialias))
}

fn resized(
    images: &Tensor,
    size: &[usize],
    interpolation: &str,
    antialias: bool,
    [crop, pad]: [bool; 2],
    (fill_mode, fill): (&str, f64),
    data_format: &Option<String>,
) -> Result<Tensor> {
    let [height, width] = <[usize; 2]>::try_from(size)
        .map_err(|_| Error::value("size").expected("height and width").got(format_args!("{size:?}")))?;
    if fill_mode != "constant" {
        return Err(Error::unknown("fill_mode", fill_mode, ["constant"]));
    }
    if crop && pad {
        return Err(Error::value("pad_to_aspect_ratio")
            .expected("false where the image is cropped")
            .got(pad));
    }
    let at = layout(images, data_format)?;
    let lengths = (images.dim(at.height as isize).known(), images.dim(at.width as isize).known());
    let x = match (lengths, crop, pad) {
        ((Some(h), Some(w)), true, _) => cropped(images, (at.height, h), (at.width, w), [height, width]),
        ((Some(h), Some(w)), _, true) => padded(images, (at.height, h), (at.width, w), [height, width], fill),
        _ => images.clone(),
    };
    let x = if interpolation == "nearest" { x } else { float(&x) };
    let x = scaled(&x, at.height, height, interpolation, antialias)?;
    scaled(&x, at.width, width, interpolation, antialias)
}

/// The largest part from the middle that has the target's proportions.
fn cropped(
    x: &Tensor,
    (ya, h): (usize, usize),
    (xa, w): (usize, usize),
    [height, width]: [usize; 2],
) -> Tensor {
    let share =
        |n: usize, target: usize, other: usize| (n as f64 * target as f64 / other.max(1) as f64) as usize;
    let (ch, cw) = (share(w, height, width).min(h).max(1), share(h, width, height).min(w).max(1));
    let (top, left) = ((h - ch) / 2, (w - cw) / 2);
    x.slice_axis(ya, top, top + ch).slice_axis(xa, left, left + cw)
}

/// As much around as the target's proportions need: above and below, or else left and right.
fn padded(
    x: &Tensor,
    (ya, h): (usize, usize),
    (xa, w): (usize, usize),
    [height, width]: [usize; 2],
    fill: f64,
) -> Tensor {
    let share =
        |n: usize, target: usize, other: usize| (n as f64 * target as f64 / other.max(1) as f64) as usize;
    let (top, left) = ((share(w, height, width).max(h) - h) / 2, (share(h, width, height).max(w) - w) / 2);
    let (axis, amount) = if top > 0 { (ya, top) } else { (xa, left) };
    let mut around = vec![0; x.rank()];
    around[axis] = amount as isize;
    x.pad(&around, &around, fill)
}

fn moved_and_scaled(
    images: &Tensor,
    output_shape: &[usize],
    scale: &Tensor,
    translation: &Tensor,
    axes: &[isize],
    method: &str,
    antialias: bool,
) -> Result<Tensor> {
    let curve = Curve::named(method)?;
    if output_shape.len() != images.rank() {
        return Err(Error::value("output_shape")
            .expected(format_args!("{} lengths", images.rank()))
            .got(output_shape.len()));
    }
    let wrong =
        || Error::value("scale and translation").expected(format_args!("{} numbers each", axes.len()));
    if !scale.shape().fits(&axes.len().into()) || !translation.shape().fits(&axes.len().into()) {
        return Err(wrong().got(format_args!("{} and {}", scale.shape(), translation.shape())));
    }
    let mut x = float(images);
    for (i, axis) in axes.iter().enumerate() {
        let axis = from_front(*axis, x.rank())?;
        let output = output_shape[axis];
        let number = |t: &Tensor| float(t).slice_axis(0, i, i + 1).squeeze(0);
        x = match x.dim(axis as isize).known() {
            None => promised(&x, axis, output),
            Some(n) if n.max(output) >= 1 << 24 => {
                return Err(Error::value("output_shape").expected("less").got(output));
            }
            Some(n) => {
                mapped(&x, axis, &weights(n, output, &number(scale), &number(translation), curve, antialias))?
            }
        };
    }
    Ok(x)
}
