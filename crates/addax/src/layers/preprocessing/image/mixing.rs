//! Images mixed with others of their batch, or with nothing.

use super::augmentation;
use super::chance::{Draw, Factor, ValueRange};
use super::geometry::extent;
use crate::fields::OneOrMany;
use crate::layers::Layer;
use addax_core::{DType, Error, Result, Shape, Tensor, Value};

augmentation! {
    /// In training mixes each image with another one of its batch, as much as is drawn from a beta distribution.
    pub struct MixUp () {
        /// Both parameters of the distribution.
        alpha: f64 = 0.2,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts false
    change |layer, cx, x| {
        if layer.alpha.is_nan() || layer.alpha <= 0.0 {
            return Err(Error::value("alpha").expected("a number above 0").got(layer.alpha));
        }
        let mut draw = Draw::new(cx, layer.seed, x);
        let others = draw.shuffled(x);
        let share = draw.beta([x.dim(0), 1.into(), 1.into(), 1.into()], &Tensor::constant(x.dtype(), layer.alpha));
        Ok(&share * x + (1.0 - &share) * others)
    }
}

/// Whether each place lies in a box of each image, its height and width being shares `[batch, 1, 1, 1]` of the image's.
fn boxed(draw: &mut Draw, x: &Tensor, wide: &Tensor, tall: &Tensor) -> Result<Tensor> {
    let [h, w] = extent(x)?;
    let mut along = |axis: usize, n: f64, share: &Tensor| {
        let length = share * n;
        let start = draw.each([0.0, 1.0]) * (n - &length);
        let end = &start + length;
        let place = Tensor::iota(x.dtype(), x.shape(), axis);
        place.ge(&start.broadcast_to(x.shape())).and(&place.lt(&end.broadcast_to(x.shape())))
    };
    let columns = along(2, w, wide);
    Ok(columns.and(&along(1, h, tall)))
}

augmentation! {
    /// In training puts a box of another image of the batch into each image.
    pub struct CutMix () {
        /// The largest parameter of the beta distribution from which the box's share is drawn, or its range.
        factor: Factor = 1.0.into(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts true
    change |layer, cx, x| {
        let range = layer.factor.up_to("factor", 1.0)?;
        let mut draw = Draw::new(cx, layer.seed, x);
        let alpha = draw.one(range) + 1e-6;
        let share = draw.beta([x.dim(0), 1.into(), 1.into(), 1.into()], &alpha);
        let side = (1.0 - share).max_scalar(0.0).sqrt();
        let inside = boxed(&mut draw, x, &side, &side)?;
        Ok(inside.select(&draw.shuffled(x), x))
    }
}

augmentation! {
    /// In training fills a box of some images with noise or a number.
    pub struct RandomErasing () {
        /// The probability, or the range that it is drawn from.
        factor: Factor = 1.0.into(),
        /// The share of the image that the box has: the largest, or the range that it is drawn from.
        scale: Factor = (0.02, 0.33).into(),
        /// What the box is filled with: a number, or one for each of three channels; noise unless given.
        fill_value: Option<OneOrMany<f64>> = None,
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts true
    change |layer, cx, x| {
        let mut draw = Draw::new(cx, layer.seed, x);
        let scale = layer.scale.up_to("scale", 1.0)?;
        let (wide, tall) = (draw.each(scale).sqrt(), draw.each(scale).sqrt());
        let inside = boxed(&mut draw, x, &wide, &tall)?;
        let erased = draw.whether(layer.factor.up_to("factor", 1.0)?);
        let fill = match &layer.fill_value {
            None => draw.normal(x.shape()) * layer.value_range.0[1],
            Some(fill) => {
                let numbers = Tensor::new(Value::from(fill.all().to_vec()).cast(DType::F64)).cast(x.dtype());
                match fill.all().len() {
                    1 => numbers.reshape(Shape::scalar()).broadcast_to(x.shape()),
                    3 => numbers.broadcast_to(x.shape()),
                    n => return Err(Error::value("fill_value").expected("one or three numbers").got(n)),
                }
            }
        };
        let where_erased = erased.broadcast_to(x.shape()).and(&inside);
        Ok(where_erased.select(&layer.value_range.clip(&fill), x))
    }
}
