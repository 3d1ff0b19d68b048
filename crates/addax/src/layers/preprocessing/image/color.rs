//! Colours changed: stronger, weaker, others, none.

use super::augmentation;
use super::chance::{Draw, Factor, ValueRange};
use super::ranged;
use super::tone::{RandomBrightness, RandomContrast};
use crate::layers::Layer;
use crate::ops::image::{hsv_to_rgb, rgb_to_grayscale, rgb_to_hsv};
use addax_core::{Error, Result, Tensor};

augmentation! {
    /// In training mixes each image with its shades of grey.
    pub struct RandomColorDegeneration (
        /// How much grey at most, or the range that it is drawn from.
        factor: Factor,
    ) {
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts false
    change |layer, cx, x| {
        let factor = Draw::new(cx, layer.seed, x).each(layer.factor.range("factor", -1.0, 1.0)?);
        let grey = rgb_to_grayscale(x, None::<String>);
        Ok(layer.value_range.clip(&(x + factor * (grey - x))))
    }
}

augmentation! {
    /// In training multiplies the saturation of each image by `f / (1 - f)`.
    pub struct RandomSaturation (
        /// The largest f, or the range that it is drawn from; at 0.5 the image stays.
        factor: Factor,
    ) {
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts false
    change |layer, cx, x| {
        let factor = Draw::new(cx, layer.seed, x).each(layer.factor.range("factor", -1.0, 1.0)?);
        let factor = &factor / (1.0 - &factor + 1e-7);
        in_hsv(x, |[h, s, v]| [h, layer.value_range.clip(&(s * factor)), v])
    }
}

augmentation! {
    /// In training moves the hue of each image around the circle of colours.
    pub struct RandomHue (
        /// How far at most, 1 being half the circle, or the range that it is drawn from.
        factor: Factor,
    ) {
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts false
    change |layer, cx, x| {
        let mut draw = Draw::new(cx, layer.seed, x);
        let signs = draw.signs();
        let shift = draw.each(layer.factor.range("factor", 0.0, 1.0)?) * signs * 0.5;
        let unit = [0.0, 1.0];
        let moved = in_hsv(&ranged(x, layer.value_range.0, unit), |[h, s, v]| {
            let h = h + shift;
            let h = h.gt_scalar(1.0).select(&(&h - 1.0), &h);
            let h = h.lt_scalar(0.0).select(&(&h + 1.0), &h);
            [h, s, v]
        })?;
        Ok(ranged(&moved.clip(0.0, 1.0), unit, layer.value_range.0))
    }
}

/// Images changed as hue, saturation and value, planes `[batch, height, width, 1]`.
fn in_hsv(x: &Tensor, change: impl FnOnce([Tensor; 3]) -> [Tensor; 3]) -> Result<Tensor> {
    let hsv = rgb_to_hsv(x, None::<String>);
    hsv.check()?;
    let plane = |i: usize| hsv.slice_axis(3, i, i + 1);
    let planes = change([plane(0), plane(1), plane(2)]);
    hsv_to_rgb(Tensor::concatenate(&planes.iter().collect::<Vec<_>>(), 3), None::<String>).check().cloned()
}

augmentation! {
    /// In training makes some images grey.
    pub struct RandomGrayscale () {
        /// The probability.
        factor: f64 = 0.5,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts false
    change |layer, cx, x| {
        if !(0.0..=1.0).contains(&layer.factor) {
            return Err(Error::value("factor").expected("a number from 0 to 1").got(layer.factor));
        }
        let grey = Draw::new(cx, layer.seed, x).each([0.0, 1.0]).lt_scalar(layer.factor);
        Ok(grey.broadcast_to(x.shape()).select(&rgb_to_grayscale(x, None::<String>).broadcast_to(x.shape()), x))
    }
}

augmentation! {
    /// In training changes brightness, contrast, saturation and hue, those that have a factor, in this order.
    pub struct RandomColorJitter () {
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// As RandomBrightness has it.
        brightness_factor: Option<Factor> = None,
        /// As RandomContrast has it.
        contrast_factor: Option<Factor> = None,
        /// As RandomSaturation has it.
        saturation_factor: Option<Factor> = None,
        /// As RandomHue has it.
        hue_factor: Option<Factor> = None,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts false
    change |layer, cx, x| {
        let (range, seed) = (layer.value_range, layer.seed);
        let mut y = x.clone();
        if let Some(factor) = layer.brightness_factor {
            y = RandomBrightness::new(factor).value_range(range).seed(seed).change(cx, &y)?;
        }
        if let Some(factor) = layer.contrast_factor {
            y = RandomContrast::new(factor).value_range(range).seed(seed).change(cx, &y)?;
        }
        if let Some(factor) = layer.saturation_factor {
            y = RandomSaturation::new(factor).value_range(range).seed(seed).change(cx, &y)?;
        }
        if let Some(factor) = layer.hue_factor {
            y = RandomHue::new(factor).value_range(range).seed(seed).change(cx, &y)?;
        }
        Ok(y)
    }
}
