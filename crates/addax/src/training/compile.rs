//! What a model is trained for: optimizer, losses, metrics.

use crate::losses::LossHandle;
use crate::metrics::MetricHandle;
use crate::optimizers::Optimizer;
use addax_core::Result;

/// A metric as it was asked for.
#[derive(Clone, Debug)]
pub enum MetricRequest {
    /// By name; the name is its key in History.
    Named(String),
    /// As an object, with its own name.
    Object(MetricHandle),
}

impl From<&str> for MetricRequest {
    fn from(name: &str) -> Self {
        MetricRequest::Named(name.to_string())
    }
}

impl<T: Into<MetricHandle> + crate::metrics::Metric> From<T> for MetricRequest {
    fn from(metric: T) -> Self {
        MetricRequest::Object(metric.into())
    }
}

/// A loss as it was asked for.
#[derive(Clone, Debug)]
pub enum LossRequest {
    /// `"crossentropy"`: found by the shapes.
    Crossentropy,
    /// A loss.
    Object(LossHandle),
}

impl From<&str> for LossRequest {
    fn from(name: &str) -> Self {
        if matches!(name, "crossentropy" | "ce") {
            LossRequest::Crossentropy
        } else {
            LossRequest::Object(name.into())
        }
    }
}

impl<T: Into<LossHandle> + crate::losses::Loss> From<T> for LossRequest {
    fn from(loss: T) -> Self {
        LossRequest::Object(loss.into())
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
    pub(crate) optimizer: Optimizer,
    /// One for all outputs, or one per output by name.
    pub(crate) losses: Vec<(Option<String>, LossRequest)>,
    pub(crate) loss_weights: Vec<f64>,
    pub(crate) metrics: Vec<(Option<String>, MetricRequest)>,
    pub(crate) weighted_metrics: Vec<(Option<String>, MetricRequest)>,
}

impl Default for Compile {
    fn default() -> Self {
        Compile::new("rmsprop")
    }
}

impl Compile {
    /// With an optimizer, by name or as an object.
    pub fn new(optimizer: impl Into<Optimizer>) -> Compile {
        let (losses, metrics) = (Vec::new(), Vec::new());
        Compile {
            optimizer: optimizer.into(),
            losses,
            loss_weights: Vec::new(),
            weighted_metrics: metrics.clone(),
            metrics,
        }
    }

    /// The loss of every output.
    pub fn loss(mut self, loss: impl Into<LossRequest>) -> Self {
        self.losses.push((None, loss.into()));
        self
    }

    /// The loss of one output.
    pub fn loss_for(mut self, output: &str, loss: impl Into<LossRequest>) -> Self {
        self.losses.push((Some(output.to_string()), loss.into()));
        self
    }

    /// How much each output's loss counts, in the order of the outputs.
    pub fn loss_weights(mut self, weights: impl Into<Vec<f64>>) -> Self {
        self.loss_weights = weights.into();
        self
    }

    /// The metrics of a model with one output.
    pub fn metrics<M: Into<MetricRequest>>(mut self, metrics: impl IntoIterator<Item = M>) -> Self {
        self.metrics.extend(metrics.into_iter().map(|m| (None, m.into())));
        self
    }

    /// The metrics of one output.
    pub fn metrics_for<M: Into<MetricRequest>>(
        mut self,
        output: &str,
        metrics: impl IntoIterator<Item = M>,
    ) -> Self {
        self.metrics.extend(metrics.into_iter().map(|m| (Some(output.to_string()), m.into())));
        self
    }

    /// Metrics that sample weights count in.
    pub fn weighted_metrics<M: Into<MetricRequest>>(mut self, metrics: impl IntoIterator<Item = M>) -> Self {
        self.weighted_metrics.extend(metrics.into_iter().map(|m| (None, m.into())));
        self
    }

    /// Finds mistakes that need no data.
    pub(crate) fn check(&self) -> Result<()> {
        crate::optimizers::check(&**self.optimizer.get()?)?;
        for (_, loss) in &self.losses {
            if let LossRequest::Object(l) = loss {
                l.get()?;
            }
        }
        for (_, metric) in self.metrics.iter().chain(&self.weighted_metrics) {
            match metric {
                MetricRequest::Object(m) => drop(m.get()?),
                MetricRequest::Named(n) if crate::metrics::is_accuracy(n) => {}
                MetricRequest::Named(n) => drop(crate::class::find::<dyn crate::metrics::Metric>(n)?),
            }
        }
        Ok(())
    }
}
