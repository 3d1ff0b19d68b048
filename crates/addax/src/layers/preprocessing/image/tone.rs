//! Images lighter, darker, with more or less contrast, inverted, in fewer steps.

use super::augmentation;
use super::chance::{Draw, Factor, ValueRange};
use super::{BYTES, ranged};
use crate::layers::Layer;
use addax_core::{DType, Tensor, Value};

augmentation! {
    /// In training adds a share of the range of values to each image.
    pub struct RandomBrightness (
        /// The largest share, or the range that it is drawn from.
        factor: Factor,
    ) {
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts false
    change |layer, cx, x| {
        let share = Draw::new(cx, layer.seed, x).each(layer.factor.range("factor", -1.0, 1.0)?);
        let [low, high] = layer.value_range.0;
        Ok(layer.value_range.clip(&(x + share * (high - low))))
    }
}

augmentation! {
    /// In training brings each image nearer to its mean, or away from it.
    pub struct RandomContrast (
        /// By how much at most, or the ends of the range `1 - first` to `1 + second` that is drawn from.
        factor: Factor,
    ) {
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts false
    change |layer, cx, x| {
        let [low, high] = layer.factor.range("factor", 0.0, 1.0)?;
        let factor = Draw::new(cx, layer.seed, x).each([1.0 - low, 1.0 + high]);
        let mean = x.mean(&[1, 2]).keep_axes(&[1, 2]);
        Ok(layer.value_range.clip(&((x - &mean) * factor + mean)))
    }
}

augmentation! {
    /// In training inverts the values of some images.
    pub struct RandomInvert () {
        /// The probability, or the range that it is drawn from.
        factor: Factor = 1.0.into(),
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts false
    change |layer, cx, x| {
        let inverted = Draw::new(cx, layer.seed, x).whether(layer.factor.up_to("factor", 1.0)?);
        Ok(inverted.broadcast_to(x.shape()).select(&(layer.value_range.0[1] - x), x))
    }
}

augmentation! {
    /// In training keeps only the upper bits of each image's values.
    pub struct RandomPosterization (
        /// How many bits at most, or the range that it is drawn from.
        factor: Factor,
    ) {
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts false
    change |layer, cx, x| {
        let [low, high] = layer.factor.range("factor", 1.0, 8.0)?;
        let mut draw = Draw::new(cx, layer.seed, x);
        let bits = draw.each([low, high]).floor().cast(DType::I32);
        // 2⁸⁻ᵇ for each number of bits b.
        let steps = Tensor::new(Value::from((0..=8).map(|b| f64::from(1 << (8 - b))).collect::<Vec<f64>>()));
        let steps = steps.cast(x.dtype()).take(&bits, 0);
        // Whole numbers modulo 256, as a byte holds them.
        let bytes = ranged(x, layer.value_range.0, BYTES).cast(DType::U8).cast(x.dtype());
        let kept = (bytes / &steps).floor() * steps;
        Ok(ranged(&kept, BYTES, layer.value_range.0))
    }
}

augmentation! {
    /// In training adds a number to each image and inverts the values above a threshold.
    pub struct Solarization () {
        /// The largest share of 255 that is added, or the range that it is drawn from.
        addition_factor: Factor = 0.0.into(),
        /// The largest share of 255 that the threshold is, or the range that it is drawn from.
        threshold_factor: Factor = 0.0.into(),
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts true
    change |layer, cx, x| {
        let mut draw = Draw::new(cx, layer.seed, x);
        let [low, high] = layer.addition_factor.up_to("addition_factor", 1.0)?;
        let addition = draw.each([low, high * 255.0]);
        let [low, high] = layer.threshold_factor.up_to("threshold_factor", 1.0)?;
        let threshold = draw.each([low, high * 255.0]);
        let lighter = (ranged(x, layer.value_range.0, BYTES) + addition).clip(0.0, 255.0);
        let dark = lighter.lt(&threshold.broadcast_to(x.shape()));
        Ok(ranged(&dark.select(&lighter, &(255.0 - &lighter)), BYTES, layer.value_range.0))
    }
}
