//! Colours in other systems.

use super::layout;
use crate::ops;
use crate::ops::numpy::{floor_remainder, stacked};
use crate::ops::operand::float;
use addax_core::{Error, Result, Tensor, Value};

ops! {
    table TABLE in "keras.src.ops.image";

    /// Red, green and blue as one shade of grey.
    RGBToGrayscale rgb_to_grayscale(images: Tensor)[; data_format: Option<String> = None] = grey(&images, &data_format);
    /// Red, green and blue as hue, saturation and value, all from 0 to 1.
    RGBToHSV rgb_to_hsv(images: Tensor)[; data_format: Option<String> = None] = planes(&images, &data_format, hue_of);
    /// Hue, saturation and value as red, green and blue, all from 0 to 1.
    HSVToRGB hsv_to_rgb(images: Tensor)[; data_format: Option<String> = None] = planes(&images, &data_format, colour_of);
}

fn grey(images: &Tensor, data_format: &Option<String>) -> Result<Tensor> {
    let axis = layout(images, data_format)?.channels;
    match images.dim(axis as isize).known() {
        Some(1) => return Ok(images.clone()),
        Some(3) => {}
        _ => return Err(Error::value("images").expected("1 or 3 channels").got(images.shape())),
    }
    let x = float(images);
    let shares = Tensor::new(Value::from(vec![0.2989, 0.5870, 0.1140]).cast(x.dtype()));
    let shares = shares.broadcast_in_dim(x.shape(), &[axis]);
    Ok((x * shares).sum(&[axis]).expand_dims(axis as isize).cast(images.dtype()))
}

fn planes(
    images: &Tensor,
    data_format: &Option<String>,
    change: fn([Tensor; 3]) -> [Tensor; 3],
) -> Result<Tensor> {
    let axis = layout(images, data_format)?.channels;
    if !images.dtype().is_float() {
        return Err(Error::type_("images").expected("a float").got(images.dtype()));
    }
    if !images.dim(axis as isize).fits(3.into()) {
        return Err(Error::value("images").expected("3 channels").got(images.shape()));
    }
    let plane = |i: usize| images.slice_axis(axis, i, i + 1).squeeze(axis as isize);
    stacked(&change([plane(0), plane(1), plane(2)]), axis as isize)
}

fn hue_of(planes: [Tensor; 3]) -> [Tensor; 3] {
    // What is less than the type can tell from 1 counts as nothing.
    let epsilon = match planes[0].dtype() {
        addax_core::DType::F64 => f64::EPSILON,
        addax_core::DType::F16 => 9.765625e-4,
        addax_core::DType::BF16 => 7.8125e-3,
        _ => f64::from(f32::EPSILON),
    };
    let [r, g, b] = planes.map(|p| p.abs().lt_scalar(epsilon).select(&p.filled(0.0), &p));
    let (value, least) = (r.maximum(&g).maximum(&b), r.minimum(&g).minimum(&b));
    let (zero, one) = (value.filled(0.0), value.filled(1.0));
    let range = &value - least;
    let (light, coloured) = (value.gt(&zero), range.gt(&zero));
    let saturation = light.select(&(&range / light.select(&value, &one)), &zero);
    let unit = 1.0 / (coloured.select(&range, &one) * 6.0);
    let hue = value.equal(&g).select(&(&unit * (&b - &r) + 2.0 / 6.0), &(&unit * (&r - &g) + 4.0 / 6.0));
    let hue = value.equal(&r).select(&(&unit * (&g - &b)), &hue);
    let around = hue.lt(&zero).cast(hue.dtype());
    let hue = coloured.select(&hue, &zero) + around;
    [hue, saturation, value]
}

fn colour_of([hue, saturation, value]: [Tensor; 3]) -> [Tensor; 3] {
    let sixth = floor_remainder(&hue, &hue.filled(1.0)) * 6.0;
    let ramp = |t: Tensor| t.clip(0.0, 1.0);
    let colours = [
        ramp((&sixth - 3.0).abs() - 1.0),
        ramp(2.0 - (&sixth - 2.0).abs()),
        ramp(2.0 - (&sixth - 4.0).abs()),
    ];
    colours.map(|c| &value * (1.0 - &saturation + &saturation * c))
}
