//! What a model is trained for: optimizer, losses, metrics.

use super::asked::Asked;
use crate::class::{Config, find};
use crate::losses::{Loss, LossHandle, function};
use crate::metrics::{LossMetric, Metric, MetricHandle, is_accuracy, of_function};
use crate::models::names::unique;
use crate::optimizers::Optimizer;
use addax_core::{Error, Result};
use std::sync::Arc;

/// A metric as it was asked for.
#[derive(Clone, Debug)]
pub enum MetricRequest {
    /// By name; the name is its key in History.
    Named(String),
    /// A function of `keras.losses` or `keras.metrics`; its name is the key.
    Function(String),
    /// As an object, under its own name.
    Object(String, MetricHandle),
}

impl MetricRequest {
    /// An object; if it has no name the process gives it one.
    pub fn object(metric: MetricHandle) -> MetricRequest {
        let name = metric.get().map(|m| m.name().0.clone().unwrap_or_else(|| unique(m.class_name())));
        MetricRequest::Object(name.unwrap_or_default(), metric)
    }

    /// Its key in History, and the metric that was meant; `accuracy` is the name of the one that fits.
    pub(crate) fn resolve(&self, accuracy: &str) -> Result<(String, MetricHandle)> {
        let by_name = |name: &str| find::<dyn Metric>(name).and_then(|d| (d.from_config)(&Config::new()));
        Ok(match self {
            MetricRequest::Object(name, m) => {
                m.get()?;
                (name.clone(), m.clone())
            }
            MetricRequest::Named(name) if is_accuracy(name) => {
                (name.clone(), MetricHandle::shared(by_name(accuracy)?))
            }
            MetricRequest::Named(name) => (name.clone(), MetricHandle::shared(by_name(name)?)),
            MetricRequest::Function(name) => {
                (name.clone(), MetricHandle::shared(of_function(name, &Config::new())?))
            }
        })
    }

    /// Finds mistakes that need no data.
    fn check(&self) -> Result<()> {
        let (name, metric) = self.resolve("BinaryAccuracy")?;
        let metric = metric.get()?;
        if metric.takes_values() {
            let e = Error::value(metric.class_name()).expected("a metric of targets and outputs");
            return Err(e.got("one of values"));
        }
        metric.check().map_err(|e| e.at(name))
    }
}

impl From<&str> for MetricRequest {
    fn from(name: &str) -> Self {
        MetricRequest::Named(name.to_string())
    }
}

impl<T: Into<MetricHandle> + Metric> From<T> for MetricRequest {
    fn from(metric: T) -> Self {
        MetricRequest::object(metric.into())
    }
}

impl From<Arc<dyn Loss>> for MetricRequest {
    fn from(loss: Arc<dyn Loss>) -> Self {
        MetricRequest::object(MetricHandle::shared(Arc::new(LossMetric::new(loss))))
    }
}

/// A loss as it was asked for.
#[derive(Clone, Debug)]
pub enum LossRequest {
    /// By name; `"crossentropy"` is found by the shapes.
    Named(String),
    /// A function of `keras.losses`.
    Function(String),
    /// As an object.
    Object(LossHandle),
}

impl LossRequest {
    /// The loss that was meant; `crossentropy` is the name of the one that fits.
    pub(crate) fn resolve(&self, crossentropy: &str) -> Result<LossHandle> {
        let handle = match self {
            LossRequest::Object(l) => l.clone(),
            LossRequest::Named(name) if matches!(name.to_lowercase().as_str(), "crossentropy" | "ce") => {
                LossHandle::from(crossentropy)
            }
            LossRequest::Named(name) => LossHandle::from(name.as_str()),
            LossRequest::Function(name) => LossHandle::shared(function(name, &Config::new())?),
        };
        handle.get()?;
        Ok(handle)
    }

    /// Whether its targets are the places of classes rather than a number for each.
    pub(crate) fn wants_places(&self) -> bool {
        match self {
            LossRequest::Named(name) | LossRequest::Function(name) => {
                matches!(name.to_lowercase().as_str(), "crossentropy" | "ce")
                    || name.to_lowercase().starts_with("sparse")
            }
            LossRequest::Object(loss) => loss.get().is_ok_and(|l| l.class_name().starts_with("Sparse")),
        }
    }

    fn check(&self) -> Result<()> {
        let handle = self.resolve("binary_crossentropy")?;
        let loss = handle.get()?;
        loss.reduction().check()?;
        loss.check().map_err(|e| e.at(loss.class_name()))
    }
}

impl From<&str> for LossRequest {
    fn from(name: &str) -> Self {
        LossRequest::Named(name.to_string())
    }
}

impl<T: Into<LossHandle> + Loss> From<T> for LossRequest {
    fn from(loss: T) -> Self {
        LossRequest::Object(loss.into())
    }
}

impl From<LossHandle> for LossRequest {
    fn from(loss: LossHandle) -> Self {
        LossRequest::Object(loss)
    }
}

/// The arguments of `compile`.
///
/// ```
/// use addax::prelude::*;
/// let compile = Compile::new("adam").loss("mse").metrics(["mae"]);
/// let compile = Compile::new(SGD::new().learning_rate(0.1)).loss("mse");
/// ```
#[derive(Clone, Debug)]
pub struct Compile {
    /// The optimizer.
    pub optimizer: Optimizer,
    /// The losses: one for all outputs, a list, or by output name.
    pub loss: Asked<LossRequest>,
    /// How much each loss counts.
    pub loss_weights: Asked<f64>,
    /// Metrics in which sample weights do not count.
    pub metrics: Asked<MetricRequest>,
    /// Metrics in which sample weights count.
    pub weighted_metrics: Asked<MetricRequest>,
    /// Kept for the config; everything runs compiled.
    pub run_eagerly: bool,
    /// How many steps callbacks are told of at once.
    pub steps_per_execution: usize,
    /// Kept for the config; `None` is Keras's `"auto"`.
    pub jit_compile: Option<bool>,
    /// Patterns of the names of weights that do not decay.
    pub(crate) undecayed: Vec<String>,
}

impl Default for Compile {
    fn default() -> Self {
        Compile::new("rmsprop")
    }
}

impl Compile {
    /// With an optimizer, by name or as an object.
    pub fn new(optimizer: impl Into<Optimizer>) -> Compile {
        Compile {
            optimizer: optimizer.into(),
            loss: Asked::Nothing,
            loss_weights: Asked::Nothing,
            metrics: Asked::Nothing,
            weighted_metrics: Asked::Nothing,
            run_eagerly: false,
            steps_per_execution: 1,
            jit_compile: None,
            undecayed: Vec::new(),
        }
    }

    /// The loss of every output.
    pub fn loss(mut self, loss: impl Into<LossRequest>) -> Self {
        self.loss.append(Asked::One(loss.into()));
        self
    }

    /// The loss of one output.
    pub fn loss_for(mut self, output: &str, loss: impl Into<LossRequest>) -> Self {
        self.loss.name(output, Asked::One(loss.into()));
        self
    }

    /// How much each output's loss counts, in the order of the outputs.
    pub fn loss_weights(mut self, weights: impl Into<Vec<f64>>) -> Self {
        self.loss_weights = Asked::Many(weights.into().into_iter().map(Asked::One).collect());
        self
    }

    /// How much the loss of one output counts.
    pub fn loss_weight_for(mut self, output: &str, weight: f64) -> Self {
        self.loss_weights.name(output, Asked::One(weight));
        self
    }

    /// The metrics of a model with one output.
    pub fn metrics<M: Into<MetricRequest>>(mut self, metrics: impl IntoIterator<Item = M>) -> Self {
        self.metrics.append(list(metrics));
        self
    }

    /// The metrics of one output.
    pub fn metrics_for<M: Into<MetricRequest>>(
        mut self,
        output: &str,
        metrics: impl IntoIterator<Item = M>,
    ) -> Self {
        self.metrics.name(output, list(metrics));
        self
    }

    /// Metrics that sample weights count in.
    pub fn weighted_metrics<M: Into<MetricRequest>>(mut self, metrics: impl IntoIterator<Item = M>) -> Self {
        self.weighted_metrics.append(list(metrics));
        self
    }

    /// Metrics of one output that sample weights count in.
    pub fn weighted_metrics_for<M: Into<MetricRequest>>(
        mut self,
        output: &str,
        metrics: impl IntoIterator<Item = M>,
    ) -> Self {
        self.weighted_metrics.name(output, list(metrics));
        self
    }

    /// How many steps callbacks are told of at once.
    pub fn steps_per_execution(mut self, steps: usize) -> Self {
        self.steps_per_execution = steps;
        self
    }

    /// Weights whose name a pattern is found in do not decay: `bias`, `gamma`, …
    pub fn exclude_from_weight_decay<S: Into<String>>(mut self, names: impl IntoIterator<Item = S>) -> Self {
        self.undecayed.extend(names.into_iter().map(Into::into));
        self
    }

    /// Finds mistakes that need no data.
    pub fn check(&self) -> Result<()> {
        let optimizer = self.optimizer.get()?;
        crate::optimizers::check(&**optimizer)?;
        self.loss.leaves().into_iter().try_for_each(LossRequest::check)?;
        for (what, asked) in [("metrics", &self.metrics), ("weighted_metrics", &self.weighted_metrics)] {
            asked.leaves().into_iter().try_for_each(MetricRequest::check)?;
            if let Asked::One(one) = asked {
                return Err(Error::value(what).expected("a list or a dict").got(format_args!("{one:?}")));
            }
        }
        if self.steps_per_execution == 0 {
            return Err(Error::value("steps_per_execution").expected("at least 1").got(0));
        }
        Ok(())
    }
}

fn list<M: Into<MetricRequest>>(metrics: impl IntoIterator<Item = M>) -> Asked<MetricRequest> {
    Asked::Many(metrics.into_iter().map(|m| Asked::One(m.into())).collect())
}
