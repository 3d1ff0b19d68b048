//! Several changes, drawn anew for each batch (Cubuk et al. 2019; Hendrycks et al. 2019).

use super::blur::RandomSharpness;
use super::chance::{Draw, Factor, ValueRange};
use super::color::RandomColorDegeneration;
use super::contrast::AutoContrast;
use super::geometry::{RandomRotation, RandomShear, RandomTranslation};
use super::histogram::Equalization;
use super::tone::{RandomBrightness, RandomContrast, RandomPosterization, Solarization};
use super::{Augmentation, augmentation};
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{Dim, Error, Result, Tensor};

/// What the changes of a policy have in common.
struct Policy<'a> {
    factor: [f64; 2],
    range: ValueRange,
    interpolation: &'a str,
    seed: Option<i64>,
}

/// How many changes there are, and how many of them AugMix makes without `all_ops`.
const CHANGES: usize = 11;
const PLAIN: usize = 7;

impl Policy<'_> {
    /// The `i`th change of a batch.
    fn change(&self, i: usize, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
        let factor = Factor::Range(self.factor[0], self.factor[1]);
        let (range, seed, how) = (self.range, self.seed, self.interpolation);
        match i {
            0 => RandomShear::new()
                .x_factor(factor)
                .y_factor(factor)
                .interpolation(how)
                .seed(seed)
                .change(cx, x),
            1 => RandomTranslation::new(factor, factor).interpolation(how).seed(seed).change(cx, x),
            2 => RandomRotation::new(factor).interpolation(how).seed(seed).change(cx, x),
            3 => {
                let bits = ((8.0 * self.factor[1]) as i64).max(1) as f64;
                RandomPosterization::new(bits).value_range(range).seed(seed).change(cx, x)
            }
            4 => {
                let layer = Solarization::new().addition_factor(factor).threshold_factor(factor);
                layer.value_range(range).seed(seed).change(cx, x)
            }
            5 => AutoContrast::new().value_range(range).call(cx, x).check().cloned(),
            6 => Equalization::new().value_range(range).change(cx, x),
            7 => RandomBrightness::new(factor).value_range(range).seed(seed).change(cx, x),
            8 => RandomColorDegeneration::new(factor).value_range(range).seed(seed).change(cx, x),
            9 => RandomContrast::new(factor).value_range(range).seed(seed).change(cx, x),
            10 => RandomSharpness::new(factor).value_range(range).seed(seed).change(cx, x),
            _ => Ok(x.clone()),
        }
    }

    /// One change out of the first `count`, drawn for the whole batch.
    fn drawn(&self, cx: &mut Scope, x: &Tensor, count: usize) -> Result<Tensor> {
        let which = Draw::new(cx, self.seed, x).one([0.0, count as f64]).floor();
        let mut y = x.clone();
        for i in 0..count.min(CHANGES) {
            let changed = self.change(i, cx, x)?;
            let this = which.equal(&which.filled(i as f64)).broadcast_to(x.shape());
            y = this.select(&changed.cast(x.dtype()), &y);
        }
        Ok(y)
    }
}

augmentation! {
    /// In training changes each batch in some ways out of eleven: turned, moved, sheared, of other tones and colours.
    pub struct RandAugment () {
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// How many changes follow each other.
        num_ops: usize = 2,
        /// How strong they are at most, or the range that this is drawn from.
        factor: Factor = 0.5.into(),
        /// How places between elements are filled.
        interpolation: String = "bilinear".to_string(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts true
    change |layer, cx, x| {
        let policy = Policy {
            factor: layer.factor.up_to("factor", 1.0)?,
            range: layer.value_range,
            interpolation: &layer.interpolation,
            seed: layer.seed,
        };
        if layer.num_ops > 64 {
            return Err(Error::value("num_ops").expected("at most 64").got(layer.num_ops));
        }
        (0..layer.num_ops).try_fold(x.clone(), |y, _| policy.drawn(cx, &y, CHANGES))
    }
}

augmentation! {
    /// In training mixes each batch with several chains of changes.
    pub struct AugMix () {
        /// The values that images have.
        value_range: ValueRange = (0.0, 255.0).into(),
        /// How many chains.
        num_chains: usize = 3,
        /// How many changes a chain has at most.
        chain_depth: usize = 3,
        /// How strong they are at most, or the range that this is drawn from.
        factor: Factor = 0.3.into(),
        /// The parameter of the distributions from which shares are drawn.
        alpha: f64 = 1.0,
        /// Whether tones and colours are changed as well.
        all_ops: bool = true,
        /// How places between elements are filled.
        interpolation: String = "bilinear".to_string(),
        /// A seed of its own.
        seed: Option<i64> = None,
    }
    casts true
    change |layer, cx, x| {
        let policy = Policy {
            factor: layer.factor.up_to("factor", 1.0)?,
            range: layer.value_range,
            interpolation: &layer.interpolation,
            seed: layer.seed,
        };
        let (chains, depth) = (layer.num_chains, layer.chain_depth);
        if chains == 0 || chains.saturating_mul(depth) > 64 || layer.alpha.is_nan() || layer.alpha <= 0.0 {
            return Err(Error::value("chains").expected("up to 64 changes in all, and an alpha above 0"));
        }
        let alpha = Tensor::constant(x.dtype(), layer.alpha);
        let mut draw = Draw::new(cx, layer.seed, x);
        let gamma = draw.log_gamma([Dim::new(chains)], &alpha);
        let gamma = (&gamma - gamma.max(&[0])).exp();
        let shares = &gamma / gamma.sum(&[0]);
        let own = draw.beta(addax_core::Shape::scalar(), &alpha);
        // One of the choices is no change at all.
        let choices = if layer.all_ops { CHANGES } else { PLAIN } + 1;
        let mut mixed = x.filled(0.0);
        for i in 0..chains {
            let chain = (0..depth).try_fold(x.clone(), |y, _| policy.drawn(cx, &y, choices))?;
            mixed = mixed + chain * shares.slice_axis(0, i, i + 1);
        }
        Ok(layer.value_range.clip(&(&own * x + (1.0 - &own) * mixed)))
    }
}
