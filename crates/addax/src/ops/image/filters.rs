//! Filters: blurring, edges, likeness.

use super::{batched, layout};
use crate::ops;
use crate::ops::numpy::{outer, stacked};
use crate::ops::operand::float;
use addax_core::ops::Spatial;
use addax_core::{Dim, Error, Result, Tensor, Value};

ops! {
    table TABLE in "keras.src.ops.image";

    /// Blurred by a bell curve in each direction.
    GaussianBlur gaussian_blur(images: Tensor)
        [; kernel_size: Vec<usize> = vec![3, 3], sigma: Vec<f64> = vec![1.0, 1.0]]{ data_format: Option<String> = None } =
        blurred(&images, &kernel_size, &sigma, &data_format);
    /// Sobel's edges: along a new last axis the change downwards and to the right.
    SobelEdges sobel_edges(images: Tensor)[; data_format: Option<String> = None] = edges(&images, &data_format);
    /// The structural similarity of images, a number for each.
    SSIM ssim(image1: Tensor, image2: Tensor)[; max_val: f64 = 1.0]
        { filter_size: usize = 11, filter_sigma: f64 = 1.5, k1: f64 = 0.01, k2: f64 = 0.03, data_format: Option<String> = None } =
        likeness(&image1, &image2, Bell { size: filter_size, sigma: filter_sigma }, [(k1 * max_val).powi(2), (k2 * max_val).powi(2)], &data_format);
}

/// A bell curve on so many places.
#[derive(Clone, Copy)]
struct Bell {
    size: usize,
    sigma: f64,
}

impl Bell {
    fn curve(self, like: &Tensor) -> Result<Tensor> {
        if !(1..1 << 16).contains(&self.size) {
            return Err(Error::value("kernel_size").expected("1 to 65535").got(self.size));
        }
        let middle = (self.size - 1) as f64 / 2.0;
        let at = |i: usize| (-0.5 * ((i as f64 - middle) / self.sigma).powi(2)).exp();
        let curve: Vec<f64> = (0..self.size).map(at).collect();
        let sum: f64 = curve.iter().sum();
        Ok(Tensor::new(
            Value::from(curve.into_iter().map(|x| x / sum).collect::<Vec<f64>>()).cast(like.dtype()),
        ))
    }
}

/// Each channel by itself through a window `[height, width]`, zeros around.
fn filtered(x: &Tensor, window: &Tensor) -> Result<Tensor> {
    let channels =
        x.dim(-1).known().ok_or_else(|| Error::value("images").expected("a known number of channels"))?;
    let [h, w] = [window.dim(0), window.dim(1)];
    let kernel = window.broadcast_in_dim([h, w, Dim::new(channels), Dim::new(1)], &[0, 1]);
    Ok(x.depthwise_conv(&kernel, &Spatial::same()))
}

fn blurred(images: &Tensor, size: &[usize], sigma: &[f64], data_format: &Option<String>) -> Result<Tensor> {
    let ([width, height], [across, down]) = (pair(size)?, pair(sigma)?);
    batched(images, data_format, |x| {
        let (x, own) = (float(x), x.dtype());
        let rows = Bell { size: height, sigma: down }.curve(&x)?;
        let columns = Bell { size: width, sigma: across }.curve(&x)?;
        Ok(filtered(&x, &outer(rows, columns))?.cast(own))
    })
}

fn pair<T: Copy + std::fmt::Debug>(list: &[T]) -> Result<[T; 2]> {
    <[T; 2]>::try_from(list)
        .map_err(|_| Error::value("kernel_size and sigma").expected("pairs").got(format_args!("{list:?}")))
}

fn edges(images: &Tensor, data_format: &Option<String>) -> Result<Tensor> {
    layout(images, data_format)?;
    let across = Value::new([3, 3], vec![-1f64, 0.0, 1.0, -2.0, 0.0, 2.0, -1.0, 0.0, 1.0])?;
    let window = Tensor::new(across.cast(float(images).dtype()));
    let along = |window: &Tensor| batched(images, data_format, |x| filtered(&float(x), window));
    stacked(&[along(&window.transpose(&[1, 0]))?, along(&window)?], -1)
}

/// Means over windows that stay inside, of each channel as an image of its own.
fn likeness(
    a: &Tensor,
    b: &Tensor,
    bell: Bell,
    [c1, c2]: [f64; 2],
    data_format: &Option<String>,
) -> Result<Tensor> {
    let own = a.dtype();
    if a.rank() != b.rank() || !a.shape().fits(&b.shape()) {
        return Err(Error::value("image2").expected(format_args!("the shape {}", a.shape())).got(b.shape()));
    }
    let axis = layout(a, data_format)?.channels;
    let single = a.rank() == 3;
    let channel_images = |x: &Tensor| -> Result<Tensor> {
        let x = ops::moved(&float(x), &[axis as isize], &[if single { 0 } else { 1 }])?;
        let (h, w) = (x.dim(-2), x.dim(-1));
        let count = x.shape().size().zip(h.known().zip(w.known())).map(|(n, (h, w))| n / (h * w).max(1));
        Ok(x.reshape([Dim::from(count), h, w, Dim::new(1)]))
    };
    let (x, y) = (channel_images(a)?, channel_images(b)?);
    let curve = bell.curve(&x)?;
    let kernel = outer(&curve, &curve).reshape([bell.size, bell.size, 1, 1]);
    let mean = |t: &Tensor| t.conv(&kernel, &Spatial::valid());
    let (mx, my) = (mean(&x), mean(&y));
    let (xx, yy, xy) = (mx.square(), my.square(), &mx * &my);
    let (vx, vy, both) = (mean(&x.square()) - &xx, mean(&y.square()) - &yy, mean(&(&x * &y)) - &xy);
    let map = ((xy * 2.0 + c1) * (both * 2.0 + c2)) / ((xx + yy + c1) * (vx + vy + c2));
    let each =
        map.mean(&[1, 2, 3]).reshape([if single { Dim::new(1) } else { a.dim(0) }, a.dim(axis as isize)]);
    let mean = each.mean(&[1]).cast(own);
    Ok(if single { mean.squeeze(0) } else { mean })
}
