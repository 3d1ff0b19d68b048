//! BatchNormalization (Ioffe and Szegedy 2015), and its renormalization (Ioffe 2017).

use super::moments::wide;
use crate::class::{Class, Config, Field};
use crate::constraints::Constraint;
use crate::initializers::{Initialize, Initializer};
use crate::layer;
use crate::layers::Layer;
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::rng::Rng;
use addax_core::{DType, Dim, Error, Result, Tensor};
use serde_json::Value as Json;
use std::sync::Arc;

/// Limits of the corrections of renormalization.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct RenormClipping {
    /// The largest ratio of deviations.
    pub rmax: Option<f64>,
    /// The smallest ratio of deviations.
    pub rmin: Option<f64>,
    /// The largest shift of the mean, in deviations.
    pub dmax: Option<f64>,
}

impl Field for RenormClipping {
    fn to_json(&self) -> Json {
        let all = [("rmax", self.rmax), ("rmin", self.rmin), ("dmax", self.dmax)];
        let given = all.iter().filter_map(|(key, x)| Some((key.to_string(), (*x)?.to_json())));
        Json::Object(given.collect())
    }

    fn from_json(json: &Json) -> Result<Self> {
        let object =
            json.as_object().ok_or_else(|| Error::type_("limits").expected("a dictionary").got(json))?;
        if let Some(key) = object.keys().find(|k| !["rmax", "rmin", "dmax"].contains(&k.as_str())) {
            return Err(Error::unknown("limit", key, ["rmax", "rmin", "dmax"]));
        }
        let limit = |key: &str| Option::from_json(object.get(key).unwrap_or(&Json::Null));
        Ok(RenormClipping { rmax: limit("rmax")?, rmin: limit("rmin")?, dmax: limit("dmax")? })
    }
}

layer! {
    /// `γ (x - μ) / √(σ² + ε) + β` along `axis`: with the batch's mean and (biased) variance in training, with their
    /// moving averages `a = momentum · a + (1 - momentum) · batch` otherwise. Steps that a mask leaves out do not count.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([5, 8])?;
    /// assert_eq!(BatchNormalization::new().on(&x)?.shape().to_string(), "(None, 5, 8)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct BatchNormalization () {
        /// The axis of the features.
        axis: isize = -1,
        /// How much of the moving averages stays.
        momentum: f64 = 0.99,
        /// Keeps the quotient finite.
        epsilon: f64 = 0.001,
        /// Whether β is added.
        center: bool = true,
        /// Whether γ multiplies.
        scale: bool = true,
        /// First values of β.
        beta_initializer: Initializer = "zeros".into(),
        /// First values of γ.
        gamma_initializer: Initializer = "ones".into(),
        /// First values of the moving mean.
        moving_mean_initializer: Initializer = "zeros".into(),
        /// First values of the moving variance.
        moving_variance_initializer: Initializer = "ones".into(),
        /// Penalty on β.
        beta_regularizer: Option<Regularizer> = None,
        /// Penalty on γ.
        gamma_regularizer: Option<Regularizer> = None,
        /// Constraint of β.
        beta_constraint: Option<Constraint> = None,
        /// Constraint of γ.
        gamma_constraint: Option<Constraint> = None,
        /// Whether training, too, normalizes by averages, the batch's statistics correcting them.
        renorm: bool = false,
        /// Limits of these corrections.
        renorm_clipping: Option<RenormClipping> = None,
        /// How much of the averages of renormalization stays.
        renorm_momentum: f64 = 0.99,
        /// Whether statistics are taken over several devices.
        synchronized: bool = false,
    }
}

/// The square roots of what another initializer gives.
#[derive(Debug)]
struct Root(Initializer);

impl Class for Root {
    fn class_name(&self) -> &'static str {
        "Root"
    }

    fn module(&self) -> &'static str {
        "keras.initializers"
    }

    fn config(&self) -> Config {
        Config::new()
    }
}

impl Initialize for Root {
    fn values(&self, shape: &[usize], rng: &mut Rng) -> Result<Vec<f64>> {
        Ok(self.0.get()?.values(shape, rng)?.into_iter().map(f64::sqrt).collect())
    }

    fn seed(&self) -> Option<i64> {
        self.0.get().ok().and_then(|i| i.seed())
    }
}

/// A normalization under way: the input with enough digits, and which axis has the features.
struct Run<'a> {
    layer: &'a BatchNormalization,
    x: Tensor,
    axis: usize,
    others: Vec<usize>,
    epsilon: f64,
}

impl Run<'_> {
    fn fixed(&self, cx: &mut Scope, name: &'static str, initializer: &Initializer) -> Tensor {
        let width = self.x.dim(self.axis as isize);
        cx.weight(name, vec![width], initializer).fixed().uncast().get().cast(self.x.dtype())
    }

    /// A number for each feature in a shape that broadcasts to the input.
    fn along(&self, t: &Tensor) -> Tensor {
        let mut dims = vec![Dim::new(1); self.x.rank()];
        dims[self.axis] = self.x.dim(self.axis as isize);
        t.reshape(dims)
    }

    /// The batch's mean and variance. In two passes: the squares of what is left after the mean are exact where the
    /// mean is large.
    fn moments(&self, mask: Option<Tensor>) -> Result<(Tensor, Tensor)> {
        let (x, others) = (&self.x, &self.others[..]);
        let Some(mask) = mask else {
            let mean = x.mean(others);
            let variance = (x - self.along(&mean)).square().mean(others);
            return Ok((mean, variance));
        };
        if mask.check()?.rank() + 1 != x.rank() {
            let e = Error::value("mask").expected(format_args!("one axis less than {}", x.shape()));
            return Err(e.got(mask.shape()));
        }
        let mask = mask.cast(DType::Bool).expand_dims(-1).broadcast_to(x.shape());
        let zero = x.filled(0.0);
        let count = mask.cast(x.dtype()).sum(others) + 1e-7;
        let mean = mask.select(x, &zero).sum(others) / &count;
        let variance = mask.select(&(x - self.along(&mean)), &zero).square().sum(others) / count;
        Ok((mean, variance))
    }

    fn average(&self, cx: &mut Scope, name: &str, old: &Tensor, new: &Tensor, momentum: f64) -> Tensor {
        let moved = old * momentum + new.stop_gradient() * (1.0 - momentum);
        cx.update(name, moved.clone());
        moved
    }

    /// The averages that renormalization keeps.
    fn renorm_averages(&self, cx: &mut Scope) -> [Tensor; 3] {
        let layer = self.layer;
        let root = Initializer::shared(Arc::new(Root(layer.moving_variance_initializer.clone())));
        [
            self.fixed(cx, "moving_stddev", &root),
            self.fixed(cx, "renorm_mean", &layer.moving_mean_initializer),
            self.fixed(cx, "renorm_stddev", &root),
        ]
    }

    /// How the batch's statistics correct the averages: a factor and a shift. The averages move on.
    fn renormalize(
        &self,
        cx: &mut Scope,
        averages: [Tensor; 3],
        (mean, variance): &(Tensor, Tensor),
    ) -> (Tensor, Tensor) {
        let layer = self.layer;
        let [moving_deviation, renorm_mean, renorm_deviation] = averages;
        let deviation = (variance + self.epsilon).sqrt();
        let safe = renorm_deviation.max_scalar(self.epsilon.sqrt());
        let limits = layer.renorm_clipping.unwrap_or_default();
        let mut r = &deviation / &safe;
        r = limits.rmin.map_or(r.clone(), |limit| r.max_scalar(limit));
        r = limits.rmax.map_or(r.clone(), |limit| r.min_scalar(limit));
        let mut d = (mean - &renorm_mean) / safe;
        d = limits.dmax.map_or(d.clone(), |limit| d.clip(-limit, limit));
        self.average(cx, "renorm_mean", &renorm_mean, mean, layer.renorm_momentum);
        self.average(cx, "renorm_stddev", &renorm_deviation, &deviation, layer.renorm_momentum);
        let moved = self.average(cx, "moving_stddev", &moving_deviation, &deviation, layer.momentum);
        cx.update("moving_variance", (moved.square() - self.epsilon).relu());
        (r.stop_gradient(), d.stop_gradient())
    }

    fn run(&self, cx: &mut Scope, mask: Option<Tensor>) -> Result<Tensor> {
        let layer = self.layer;
        let mut weight = |name, initializer: &Initializer, regularizer, constraint| {
            let w = cx.weight(name, vec![self.x.dim(self.axis as isize)], initializer).uncast();
            w.regularizer(regularizer).constraint(constraint).get().cast(self.x.dtype())
        };
        let mut gamma = layer.scale.then(|| {
            weight("gamma", &layer.gamma_initializer, &layer.gamma_regularizer, &layer.gamma_constraint)
        });
        let mut beta = layer.center.then(|| {
            weight("beta", &layer.beta_initializer, &layer.beta_regularizer, &layer.beta_constraint)
        });
        let mut mean = self.fixed(cx, "moving_mean", &layer.moving_mean_initializer);
        let mut variance = self.fixed(cx, "moving_variance", &layer.moving_variance_initializer);
        let averages = layer.renorm.then(|| self.renorm_averages(cx));
        if cx.layer_training() {
            let batch = self.moments(mask)?;
            self.average(cx, "moving_mean", &mean, &batch.0, layer.momentum);
            if let Some(averages) = averages {
                let (r, d) = self.renormalize(cx, averages, &batch);
                let shift = gamma.as_ref().map_or(d.clone(), |gamma| d * gamma);
                gamma = Some(gamma.map_or(r.clone(), |gamma| r * gamma));
                beta = Some(beta.map_or(shift.clone(), |beta| shift + beta));
            } else {
                self.average(cx, "moving_variance", &variance, &batch.1, layer.momentum);
            }
            (mean, variance) = batch;
        }
        let mut factor = (variance + self.epsilon).rsqrt();
        if let Some(gamma) = gamma {
            factor = factor * gamma;
        }
        let y = (&self.x - self.along(&mean)) * self.along(&factor);
        Ok(match beta {
            Some(beta) => y + self.along(&beta),
            None => y,
        })
    }
}

impl Layer for BatchNormalization {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let axis = x.check()?.axis(self.axis)?;
            let others = (0..x.rank()).filter(|a| *a != axis).collect();
            let run = Run { layer: self, x: wide(x), axis, others, epsilon: self.epsilon };
            let mask = cx.mask(0);
            Ok(run.run(cx, mask)?.cast(cx.policy().compute))
        })
    }

    fn signature(&self) -> &'static [&'static str] {
        &["inputs", "training", "mask"]
    }

    fn supports_masking(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use crate::layers::LayerRef;
    use crate::layers::check::{check_layer, run};
    use crate::scope::Traced;
    use addax_core::{Trace, Value, evaluate};

    #[test]
    fn behaves_like_a_layer() {
        check_layer(BatchNormalization::new(), &[&[3]]);
        check_layer(BatchNormalization::new().axis(1isize).center(false), &[&[2, 3, 2]]);
        check_layer(BatchNormalization::new().scale(false), &[&[2, 2]]);
        let x = Tensor::from(Value::new([1, 2], vec![1f32, -2.0]).unwrap());
        let y = run(BatchNormalization::new().epsilon(3.0), &[x]);
        assert_eq!(y.to_f64(), [0.5, -1.0]);
    }

    /// The new values of the averages after a training step, in the order of the weights, and the output.
    fn step(layer: BatchNormalization, x: Vec<f32>, mask: Option<Vec<bool>>) -> Vec<Vec<f64>> {
        let layer = LayerRef::new(layer);
        let trace = Trace::new();
        let entered = trace.enter();
        let rows = x.len();
        let shape: &[usize] = if mask.is_some() { &[1, rows, 1] } else { &[rows, 1] };
        let mask = mask.map(|m| Tensor::from(Value::new([1, rows], m).unwrap()));
        let mut scope = Scope::new(&trace, true);
        let tensor = trace.parameter("x", DType::F32, shape);
        let y =
            scope.call_with(&layer, Arguments::of(vec![Traced { tensor, mask }])).unwrap().remove(0).tensor;
        let weights = layer.own_weights();
        let new = |w: &&Arc<_>| scope.updates.iter().find(|(u, _)| Arc::ptr_eq(u, w)).map(|(_, t)| t.clone());
        let outputs: Vec<Tensor> = weights.iter().filter_map(|w| new(&w)).chain([y]).collect();
        drop(entered);
        let graph = trace.finish(&outputs).unwrap();
        let x = Value::new(shape, x).unwrap();
        let values: Vec<Value> = [x].into_iter().chain(weights.iter().map(|w| w.value().unwrap())).collect();
        evaluate(&graph, &values).unwrap().iter().map(Value::to_f64).collect()
    }

    #[test]
    fn moving_averages_go_towards_the_batch() {
        let results = step(BatchNormalization::new().momentum(0.75), vec![1.0, 5.0], None);
        // Mean 3, variance 4 (not 8): a quarter of the way from 0 and 1.
        assert_eq!((&results[0][..], &results[1][..]), (&[0.75][..], &[1.75][..]));
        assert!((results[2][0] + 2.0 / 4.001f64.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn masked_steps_do_not_count() {
        let mask = Some(vec![true, true, false]);
        let results = step(BatchNormalization::new().momentum(0.75), vec![1.0, 5.0, 100.0], mask);
        assert!((results[0][0] - 0.75).abs() < 1e-6 && (results[1][0] - 1.75).abs() < 1e-6);
    }

    #[test]
    fn renormalization_gives_what_inference_would_give() {
        let layer = BatchNormalization::new().epsilon(0.0).renorm(true);
        let results = step(layer, vec![1.0, 5.0], None);
        // With averages of 0 and 1 and corrections without limits the input comes out as it went in.
        assert!(results[5].iter().zip([1.0, 5.0]).all(|(a, b)| (a - b).abs() < 1e-5), "{results:?}");
        let clipping = RenormClipping { rmax: Some(1.0), rmin: None, dmax: Some(0.0) };
        let layer = BatchNormalization::new().epsilon(0.0).renorm(true);
        let results =
            step(BatchNormalization { renorm_clipping: Some(clipping), ..layer }, vec![1.0, 5.0], None);
        assert!(results[5].iter().zip([-1.0, 1.0]).all(|(a, b)| (a - b).abs() < 1e-5), "{results:?}");
    }
}
