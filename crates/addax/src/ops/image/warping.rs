//! Images as seen from another side, or through water.

use super::batched;
use super::sampling::{Edges, places, warped};
use crate::ops;
use crate::ops::operand::float;
use addax_core::rng::Rng;
use addax_core::{DType, Error, Result, Tensor, Value};

ops! {
    table TABLE in "keras.src.ops.image";

    /// Images seen so that four points `(x, y)` come to stand at four others.
    PerspectiveTransform perspective_transform(images: Tensor, start_points: Tensor, end_points: Tensor)
        [; interpolation: String = "bilinear".to_string()]{ fill_value: f64 = 0.0, data_format: Option<String> = None } =
        Edges::new(&interpolation, "constant", fill_value)
            .and_then(|e| seen_from(&images, &start_points, &end_points, &e, &data_format));
    /// Images as through moving water: each place is read somewhere near, at distances that vary smoothly and at random.
    /// Keras draws the distances anew each time it traces; here they follow from the seed, which is 0 if none is given.
    ElasticTransform elastic_transform(images: Tensor)
        [; alpha: f64 = 20.0, sigma: f64 = 5.0, interpolation: String = "bilinear".to_string(), fill_mode: String = "reflect".to_string()]
        { fill_value: f64 = 0.0, seed: Option<i64> = None, data_format: Option<String> = None } =
        Edges::new(&interpolation, &fill_mode, fill_value)
            .and_then(|e| shaken(&images, alpha, sigma, &e, seed.unwrap_or(0), &data_format));
}

/// The eight numbers of the map from end points to start points, `[batch, 8]`.
fn homography(start: &Tensor, end: &Tensor) -> Result<Tensor> {
    let points = |name: &str, p: &Tensor| {
        let p = if p.rank() == 2 { p.expand_dims(0) } else { p.clone() };
        if p.rank() != 3 || !p.dim(1).fits(4.into()) || !p.dim(2).fits(2.into()) {
            return Err(Error::value(name).expected("(4, 2) or (batch, 4, 2)").got(p.shape()));
        }
        Ok(p.cast(DType::F32))
    };
    let (start, end) = (points("start_points", start)?, points("end_points", end)?);
    let column = |p: &Tensor, i: usize| p.slice_axis(2, i, i + 1).squeeze(2);
    let (x, y) = (column(&end, 0), column(&end, 1));
    let (zero, one) = (x.filled(0.0), x.filled(1.0));
    let rows = |to: &Tensor, first: bool| {
        let own = [&x, &y, &one];
        let none = [&zero, &zero, &zero];
        let (a, b) = if first { (own, none) } else { (none, own) };
        let tail = [(to * &x).negate(), (to * &y).negate()];
        let all: Vec<Tensor> = a.iter().chain(&b).map(|t| (*t).clone()).chain(tail).collect();
        ops::stack(&all[..], -1isize)
    };
    let (u, v) = (column(&start, 0), column(&start, 1));
    let matrix = Tensor::concatenate(&[&rows(&u, true), &rows(&v, false)], 1);
    let right = Tensor::concatenate(&[&u, &v], 1).expand_dims(-1);
    Ok(matrix.solve(&right).squeeze(-1))
}

fn seen_from(
    images: &Tensor,
    start: &Tensor,
    end: &Tensor,
    edges: &Edges,
    data_format: &Option<String>,
) -> Result<Tensor> {
    let map = homography(start, end)?;
    batched(images, data_format, |images| {
        let (y, x) = places(images, DType::F32);
        let number = |i: usize| map.slice_axis(1, i, i + 1).expand_dims(-1);
        let sum = |i: usize, rest: Tensor| number(i) * &x + number(i + 1) * &y + rest;
        let depth = number(6) * &x + number(7) * &y + 1.0;
        warped(images, &(sum(3, number(5)) / &depth), &(sum(0, number(2)) / &depth), edges)
    })
}

fn shaken(
    images: &Tensor,
    alpha: f64,
    sigma: f64,
    edges: &Edges,
    seed: i64,
    data_format: &Option<String>,
) -> Result<Tensor> {
    if !(0.0..1e4).contains(&sigma) {
        return Err(Error::value("sigma").expected("0 to 10000").got(sigma));
    }
    batched(images, data_format, |images| {
        let known = (images.dim(0).known(), images.dim(1).known(), images.dim(2).known());
        let (Some(b), Some(h), Some(w)) = known else { return Ok(images.clone()) };
        let mut rng = Rng::new(seed as u64, 0);
        let noise: Vec<f64> = (0..b * h * w).map(|_| rng.normal() * sigma).collect();
        let noise = Tensor::new(Value::new([b, h, w, 1], noise)?.cast(float(images).dtype()));
        let size = (6.0 * sigma) as usize | 1;
        // Keras moves places as far down as to the right.
        let far = ops::image::gaussian_blur(&noise, vec![size, size], vec![sigma, sigma]).squeeze(-1) * alpha;
        let (y, x) = places(images, far.dtype());
        warped(images, &(y + &far), &(x + &far), edges)
    })
}
