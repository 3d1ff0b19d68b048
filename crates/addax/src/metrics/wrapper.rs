//! Functions and losses as metrics.

use super::{Batch, Direction, METRICS, Metric, MetricHandle, Reading, mean};
use crate::class::{Arg, Class, Config, Def, Field, take};
use crate::fields::Name;
use crate::losses::{Loss, function, function_name, function_object, reduced, same_rank};
use addax_core::{DType, Error, Result, Shape, Tensor, Value};
use serde_json::Value as Json;
use std::sync::Arc;

/// Functions of `keras.metrics` that are no losses: those of the metrics of the same name.
const FUNCTIONS: &[&str] = &[
    "binary_accuracy",
    "categorical_accuracy",
    "sparse_categorical_accuracy",
    "top_k_categorical_accuracy",
    "sparse_top_k_categorical_accuracy",
    "pearson_correlation",
    "concordance_correlation",
];

/// The running mean of a function of `keras.losses` or `keras.metrics`, with arguments of the function in `config`.
pub fn of_function(name: &str, config: &Config) -> Result<Arc<dyn Metric>> {
    if FUNCTIONS.contains(&name) {
        let found = METRICS.iter().find(|d| d.identifiers.contains(&name));
        let def = found.ok_or_else(|| Error::unknown("metric", name, FUNCTIONS.iter().copied()))?;
        return (def.from_config)(config).map_err(|e| e.at(name));
    }
    let loss = function(name, config).map_err(|e| e.at("metric"))?;
    Ok(Arc::new(LossMetric { loss, each: true, name: name.into() }))
}

/// A loss as a metric: the running mean of its formula's values or, for a loss object, of the batches' reduced losses.
#[derive(Clone, Debug)]
pub struct LossMetric {
    loss: Arc<dyn Loss>,
    each: bool,
    name: Name,
}

impl LossMetric {
    /// A loss object in the place of a metric: Keras averages what it gives for each batch, whatever the batch's size.
    pub fn new(loss: Arc<dyn Loss>) -> LossMetric {
        let name = loss.config().get("name").and_then(Json::as_str).map(Name::from).unwrap_or_default();
        LossMetric { loss, each: false, name }
    }

    /// A function in the place of a metric: the mean of its values.
    pub fn of_function(loss: Arc<dyn Loss>, name: &str) -> LossMetric {
        LossMetric { loss, each: true, name: name.into() }
    }
}

impl Class for LossMetric {
    fn class_name(&self) -> &'static str {
        self.loss.class_name()
    }

    fn module(&self) -> &'static str {
        self.loss.module()
    }

    fn config(&self) -> Config {
        self.loss.config()
    }
}

impl Metric for LossMetric {
    fn name(&self) -> &Name {
        &self.name
    }

    fn totals(&self, _: &Shape, _: &Shape) -> Result<Vec<Shape>> {
        Ok(mean::totals())
    }

    fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>> {
        if !self.each {
            let value = reduced(&*self.loss, batch.y_true, batch.y_pred, None, batch.mask);
            return mean::sums(&value, None, &Batch { mask: None, ..*batch });
        }
        let (t, p) = same_rank(batch.y_true, batch.y_pred);
        let values = self.loss.per_sample(&t, &p);
        mean::sums(&values, self.loss.counted(&t, &values), batch)
    }

    fn result(&self, totals: &[Value]) -> Result<Reading> {
        Ok(mean::result(totals)?.into())
    }

    fn direction(&self) -> Option<Direction> {
        Some(Direction::Down)
    }
}

/// The running mean of a function as an object: `{"fn": function, arguments…}`.
#[derive(Clone, Debug)]
pub struct MeanMetricWrapper {
    name: Name,
    dtype: Option<DType>,
    function: String,
    arguments: Config,
    inner: MetricHandle,
}

impl MeanMetricWrapper {
    /// The class as data.
    pub const DEF: Def<dyn Metric> = Def {
        name: "MeanMetricWrapper",
        module: "keras.metrics",
        doc: "The running mean of a function.",
        identifiers: &["mean_metric_wrapper"],
        args: || {
            let arg = |name, default, doc| Arg { name, default, doc };
            vec![
                arg("fn", None, "The function."),
                arg("name", Some(Json::Null), "Its name."),
                arg("dtype", Some(Json::Null), "The element type it computes in."),
            ]
        },
        from_config: |config| Ok(Arc::new(MeanMetricWrapper::from_config(config)?)),
    };

    fn from_config(config: &Config) -> Result<Self> {
        let function = function_name(config.get("fn"))?;
        let mut arguments = config.clone();
        ["fn", "name", "dtype"].iter().for_each(|k| drop(arguments.shift_remove(*k)));
        let inner = MetricHandle::shared(of_function(&function, &arguments)?);
        let name = take(config, "name", Some(Name::default()))?;
        Ok(MeanMetricWrapper { name, dtype: take(config, "dtype", Some(None))?, function, arguments, inner })
    }
}

impl Class for MeanMetricWrapper {
    fn class_name(&self) -> &'static str {
        Self::DEF.name
    }

    fn module(&self) -> &'static str {
        Self::DEF.module
    }

    fn config(&self) -> Config {
        let mut config = Config::new();
        config.insert("name".into(), self.name.to_json());
        config.insert("dtype".into(), self.dtype.to_json());
        config.insert("fn".into(), function_object(&self.function));
        config.extend(self.arguments.clone());
        config
    }
}

impl Metric for MeanMetricWrapper {
    fn name(&self) -> &Name {
        &self.name
    }

    fn totals(&self, y_true: &Shape, y_pred: &Shape) -> Result<Vec<Shape>> {
        self.inner.get()?.totals(y_true, y_pred)
    }

    fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>> {
        self.inner.get()?.batch(batch)
    }

    fn result(&self, totals: &[Value]) -> Result<Reading> {
        self.inner.get()?.result(totals)
    }

    fn direction(&self) -> Option<Direction> {
        self.inner.get().ok()?.direction()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::{from_json, to_json};
    use crate::metrics::Running;
    use serde_json::json;

    #[test]
    fn a_function_with_arguments_is_read_and_written() {
        let json = json!({"module": "keras.metrics", "class_name": "MeanMetricWrapper", "config": {
            "name": "hh", "dtype": "float32", "fn": function_object("huber"), "delta": 0.5}, "registered_name": null});
        let metric = from_json::<dyn Metric>(&json).unwrap();
        assert_eq!(to_json(&*metric), json);
        let t = Tensor::from(Value::new([2, 1], vec![0f32, 0.0]).unwrap());
        let p = Tensor::from(Value::new([2, 1], vec![0.2f32, -2.0]).unwrap());
        let mut running = Running::new(MetricHandle::shared(metric)).unwrap();
        running.update(&Batch::new(&t, &p)).unwrap();
        assert!((running.result().unwrap().number().unwrap() - (0.02 + 0.875) / 2.0).abs() < 1e-6);
    }

    #[test]
    fn the_function_keeps_the_sign_that_the_metric_turns() {
        let x = Tensor::from(Value::new([1, 2], vec![1f32, 0.0]).unwrap());
        let mut running =
            Running::new(MetricHandle::shared(of_function("cosine_similarity", &Config::new()).unwrap()))
                .unwrap();
        running.update(&Batch::new(&x, &x)).unwrap();
        assert_eq!(running.result().unwrap(), -1.0);
        assert!(of_function("binary_accuracy", &Config::new()).is_ok());
        assert!(of_function("accurracy", &Config::new()).unwrap_err().to_string().contains("accurracy"));
    }
}
