//! Images read at other places than those of their elements.

use super::batched;
use crate::ops;
use crate::ops::numpy::floor_remainder;
use crate::ops::operand::float;
use addax_core::{DType, Dim, Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.image";

    /// A tensor read at coordinates `[rank, …]`: the nearest element (order 0), or between neighbours (order 1).
    MapCoordinates map_coordinates(inputs: Tensor, coordinates: Tensor)
        [order: usize; fill_mode: String = "constant".to_string(), fill_value: f64 = 0.0] =
        read(&inputs, &coordinates, order, &fill_mode, fill_value);
    /// Images through affine maps `[a₀, a₁, a₂, b₀, b₁, b₂, 0, 0]`: the place `(x, y)` of the result is
    /// `(a₀x + a₁y + a₂, b₀x + b₁y + b₂)` of the image.
    AffineTransform affine_transform(images: Tensor, transform: Tensor)
        [; interpolation: String = "bilinear".to_string(), fill_mode: String = "constant".to_string()]
        { fill_value: f64 = 0.0, data_format: Option<String> = None } =
        Edges::new(&interpolation, &fill_mode, fill_value).and_then(|e| affine(&images, &transform, &e, &data_format));
}

/// How places between and beyond elements are filled.
#[derive(Clone, Copy)]
pub(in crate::ops) struct Edges<'a> {
    linear: bool,
    mode: &'a str,
    fill: f64,
}

impl<'a> Edges<'a> {
    pub(in crate::ops) fn new(interpolation: &str, mode: &'a str, fill: f64) -> Result<Edges<'a>> {
        let linear = match interpolation {
            "bilinear" => true,
            "nearest" => false,
            other => return Err(Error::unknown("interpolation", other, ["nearest", "bilinear"])),
        };
        let modes = ["constant", "nearest", "wrap", "mirror", "reflect"];
        if !modes.contains(&mode) {
            return Err(Error::unknown("fill_mode", mode, modes));
        }
        Ok(Edges { linear, mode, fill })
    }

    /// Indices beyond the ends of an axis brought inside.
    fn inside(&self, index: &Tensor, n: f64) -> Tensor {
        let number = |x: f64| index.filled(x);
        let mirrored = |i: &Tensor, n: f64| {
            let s = (n - 1.0).max(1.0);
            (floor_remainder(&(i + s), &number(2.0 * s)) - s).abs()
        };
        match self.mode {
            "wrap" => floor_remainder(index, &number(n.max(1.0))),
            "mirror" if n <= 1.0 => number(0.0),
            "mirror" => mirrored(index, n),
            "reflect" => {
                (mirrored(&(index * 2.0 + 1.0), 2.0 * n + 1.0) - 1.0).shift_right_arithmetic(&number(1.0))
            }
            _ => index.clip(0.0, (n - 1.0).max(0.0)),
        }
    }

    /// The elements around a coordinate: index, and its weight.
    fn around(&self, coordinate: &Tensor) -> Vec<(Tensor, Tensor)> {
        if !self.linear {
            let nearest = coordinate.sign() * (coordinate.abs() + 0.5).floor();
            return vec![(nearest.cast(DType::I32), coordinate.filled(1.0))];
        }
        let low = coordinate.floor();
        let share = coordinate - &low;
        let index = low.cast(DType::I32);
        vec![(index.clone(), 1.0 - &share), (&index + 1.0, share)]
    }
}

/// Reads rows `[count, …]` of a table that lists the elements of an axis after another: along each axis there is a
/// coordinate (of one shape) and a length; `base` is added to the index in the table.
pub(in crate::ops) fn sampled(
    table: &Tensor,
    coordinates: &[Tensor],
    lengths: &[usize],
    base: Option<&Tensor>,
    edges: &Edges,
) -> Result<Tensor> {
    let own = table.dtype();
    let mut corners: Vec<(Option<Tensor>, Option<Tensor>, Option<Tensor>)> = vec![(None, None, None)];
    for (coordinate, n) in coordinates.iter().zip(lengths) {
        let n = *n as f64;
        let along: Vec<(Tensor, Tensor, Tensor)> = edges
            .around(&float(coordinate))
            .into_iter()
            .map(|(i, w)| (edges.inside(&i, n), i.ge(&i.filled(0.0)).and(&i.lt(&i.filled(n))), w))
            .collect();
        let joined = corners.iter().flat_map(|(index, valid, weight)| {
            along.iter().map(move |(i, v, w)| {
                (
                    Some(index.as_ref().map_or(i.clone(), |index| index * n + i)),
                    Some(valid.as_ref().map_or(v.clone(), |valid| valid.and(v))),
                    Some(weight.as_ref().map_or(w.clone(), |weight| weight * w)),
                )
            })
        });
        corners = joined.collect();
    }
    let mut sum: Option<Tensor> = None;
    for (index, valid, weight) in corners {
        let (Some(index), Some(valid), Some(weight)) = (index, valid, weight) else {
            return Err(Error::value("coordinates").expected("at least one axis").got(0));
        };
        let index = base.map_or(index.clone(), |b| b + &index);
        let read = float(&table.take(&index, 0));
        let lead: Vec<usize> = (0..index.rank()).collect();
        let read = if edges.mode == "constant" {
            valid.broadcast_in_dim(read.shape(), &lead).select(&read, &read.filled(edges.fill))
        } else {
            read
        };
        let part = weight.cast(read.dtype()).broadcast_in_dim(read.shape(), &lead) * read;
        sum = Some(sum.map_or(part.clone(), |s| s + part));
    }
    let sum = sum.ok_or_else(|| Error::value("coordinates").expected("at least one axis"))?;
    // Halves of whole numbers are rounded away from 0.
    Ok(if own.is_float() { sum.cast(own) } else { (sum.sign() * (sum.abs() + 0.5).floor()).cast(own) })
}

fn read(x: &Tensor, coordinates: &Tensor, order: usize, mode: &str, fill: f64) -> Result<Tensor> {
    let interpolation = match order {
        0 => "nearest",
        1 => "bilinear",
        _ => return Err(Error::value("order").expected("0 or 1").got(order)),
    };
    let edges = Edges::new(interpolation, mode, fill)?;
    if coordinates.rank() < 2 || !coordinates.dim(0).fits(x.rank().into()) {
        return Err(Error::value("coordinates")
            .expected(format_args!("[{}, …]", x.rank()))
            .got(coordinates.shape()));
    }
    let Some(lengths) = x.shape().known() else {
        return Ok(coordinates.slice_axis(0, 0, 1).squeeze(0).cast(x.dtype()));
    };
    let along: Vec<Tensor> = (0..x.rank()).map(|a| coordinates.slice_axis(0, a, a + 1).squeeze(0)).collect();
    sampled(&ops::ravel(x), &along, &lengths, None, &edges)
}

/// Images `[batch, height, width, channels]` read at `(y, x)` for each place of the result, each `[batch, h, w]`.
pub(in crate::ops) fn warped(images: &Tensor, y: &Tensor, x: &Tensor, edges: &Edges) -> Result<Tensor> {
    let shape = images.shape();
    let [batch, height, width, channels] = shape.dims() else {
        return Err(Error::value("images").expected("four axes").got(&shape));
    };
    let (Some(h), Some(w)) = (height.known(), width.known()) else {
        return Ok(images.reshape([y.dim(0), y.dim(1), y.dim(2), *channels]));
    };
    let rows = batch
        .known()
        .map(|b| b.checked_mul(h * w))
        .map(|n| n.ok_or_else(|| Error::value("images").expected("fewer")));
    let table = images.reshape([Dim::from(rows.transpose()?), *channels]);
    let base = Tensor::iota(DType::I32, y.shape(), 0) * (h * w) as f64;
    sampled(&table, &[y.clone(), x.clone()], &[h, w], Some(&base), edges)
}

/// The rows and columns of each place of images, `[batch, height, width]`.
pub(in crate::ops) fn places(images: &Tensor, dtype: DType) -> (Tensor, Tensor) {
    let shape = [images.dim(0), images.dim(1), images.dim(2)];
    (Tensor::iota(dtype, shape, 1), Tensor::iota(dtype, shape, 2))
}

fn affine(
    images: &Tensor,
    transform: &Tensor,
    edges: &Edges,
    data_format: &Option<String>,
) -> Result<Tensor> {
    let transform = float(&if transform.rank() == 1 { transform.expand_dims(0) } else { transform.clone() });
    if transform.rank() != 2 || !transform.dim(1).fits(8.into()) {
        return Err(Error::value("transform").expected("8 numbers, or [batch, 8]").got(transform.shape()));
    }
    batched(images, data_format, |images| {
        let (y, x) = places(images, transform.dtype());
        let number = |i: usize| transform.slice_axis(1, i, i + 1).expand_dims(-1);
        let x_in = number(0) * &x + number(1) * &y + number(2);
        let y_in = number(3) * &x + number(4) * &y + number(5);
        warped(images, &y_in, &x_in, edges)
    })
}
