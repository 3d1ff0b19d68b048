//! Images sharper, or less sharp.

use super::augmentation;
use super::chance::{Draw, Factor, ValueRange};
use crate::layers::{Extent, Layer};
use addax_core::ops::Spatial;
use addax_core::{DType, Dim, Error, Result, Tensor, Value};

/// Each channel by itself through a window `[height, width]`, zeros around.
pub(super) fn filtered(x: &Tensor, window: &Tensor) -> Result<Tensor> {
    let channels = x.dim(-1).known();
    let channels = channels.ok_or_else(|| Error::value("images").expected("a known number of channels"))?;
    let shape = [window.dim(0), window.dim(1), Dim::new(channels), Dim::new(1)];
    Ok(x.depthwise_conv(&window.broadcast_in_dim(shape, &[0, 1]), &Spatial::same()))
}

/// A bell curve over so many places, 0 beyond `reach` places from the middle.
pub(super) fn bell(size: usize, sigma: &Tensor, reach: Option<&Tensor>) -> Tensor {
    let place = (Tensor::iota(DType::I32, [size], 0).cast(sigma.dtype()) - (size as f64 - 1.0) / 2.0).abs();
    let curve = ((&place / sigma).square() * -0.5).exp();
    let curve =
        reach.map_or(curve.clone(), |r| place.le(&r.broadcast_to([size])).select(&curve, &curve.filled(0.0)));
    let sum = curve.sum(&[0]);
    curve / sum
}

augmentation! {
    /// In training blurs some images by a bell curve.
    pub struct RandomGaussianBlur () {
        /// The probability, or the range that it is drawn from.
        factor: Factor = 1.0.into(),
        /// The size of the window across and down, odd.
        kernel_size: Extent<2> = 3.into(),
        /// The largest width of the curve, or the range that it is drawn from.
        sigma: Factor = 1.0.into(),
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts true
    change |layer, cx, x| {
        let [across, down] = layer.kernel_size.0;
        if [across, down].iter().any(|n| n % 2 == 0 || *n > 1 << 12) {
            return Err(Error::value("kernel_size").expected("odd numbers").got(format_args!("{across}, {down}")));
        }
        let mut draw = Draw::new(cx, layer.seed, x);
        let blurred = draw.whether(layer.factor.up_to("factor", 1.0)?);
        let sigma = draw.numbers([2], layer.sigma.up_to("sigma", 1.0)?) + 1e-6;
        let row = bell(across, &sigma.slice_axis(0, 0, 1), None).expand_dims(0);
        let column = bell(down, &sigma.slice_axis(0, 1, 2), None).expand_dims(1);
        let y = blurred.broadcast_to(x.shape()).select(&filtered(x, &(column * row))?, x);
        Ok(layer.value_range.clip(&y))
    }
}

augmentation! {
    /// In training mixes each image with a smoother one, or takes some of that away from it.
    pub struct RandomSharpness (
        /// Half the largest factor, or the range that it is drawn from: 0 is smooth, 0.5 the image, 1 sharp.
        factor: Factor,
    ) {
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts true
    change |layer, cx, x| {
        let factor = Draw::new(cx, layer.seed, x).each(layer.factor.up_to("factor", 1.0)?) * 2.0;
        let mut window = vec![1.0 / 13.0; 9];
        window[4] = 5.0 / 13.0;
        let window = Tensor::new(Value::new([3, 3], window)?.cast(x.dtype()));
        let smooth = filtered(x, &window)?;
        Ok(layer.value_range.clip(&(x + (1.0 - factor) * (smooth - x))))
    }
}
