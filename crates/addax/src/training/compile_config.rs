//! `compile_config` of Keras's files: what `compile` was given, read and written.

use super::asked::Asked;
use super::compile::{Compile, LossRequest, MetricRequest};
use crate::class::{Field, from_json, to_json};
use crate::losses::{LOSSES, Loss, LossHandle};
use crate::metrics::{Metric, MetricHandle};
use crate::optimizers::Optimizer;
use addax_core::{Error, Result};
use serde_json::{Value as Json, json};

/// How deep lists and dicts of losses and metrics may nest.
const DEEPEST: usize = 16;

impl Compile {
    /// Reads a `compile_config` (or an old `training_config`). Names that are unknown are refused by name.
    ///
    /// ```
    /// use addax::training::Compile;
    /// let json = serde_json::json!({"optimizer": "adam", "loss": "mse", "metrics": ["mae"]});
    /// assert_eq!(Compile::from_config(&json)?.to_config()["loss"], "mse");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub fn from_config(json: &Json) -> Result<Compile> {
        let object = json
            .as_object()
            .ok_or_else(|| Error::type_("compile_config").expected("an object").got(short(json)))?;
        let get = |key: &str| object.get(key).unwrap_or(&Json::Null);
        let optimizer = object.get("optimizer").or(object.get("optimizer_config")).unwrap_or(&Json::Null);
        let optimizer = match optimizer {
            Json::Null => Optimizer::from("rmsprop"),
            some => Optimizer::from_json(some).map_err(|e| e.at("optimizer"))?,
        };
        let metrics = |key: &str| Asked::from_json(get(key), &metric, DEEPEST).map_err(|e| e.at(key));
        let compile = Compile {
            loss: Asked::from_json(get("loss"), &loss, DEEPEST).map_err(|e| e.at("loss"))?,
            loss_weights: Asked::from_json(get("loss_weights"), &f64::from_json, DEEPEST)
                .map_err(|e| e.at("loss_weights"))?,
            metrics: metrics("metrics")?,
            weighted_metrics: metrics("weighted_metrics")?,
            run_eagerly: get("run_eagerly").as_bool().unwrap_or(false),
            steps_per_execution: match get("steps_per_execution") {
                Json::Null => 1,
                some => usize::from_json(some).map_err(|e| e.at("steps_per_execution"))?,
            },
            jit_compile: get("jit_compile").as_bool(),
            ..Compile::new(optimizer)
        };
        compile.check()?;
        Ok(compile)
    }

    /// Writes a `compile_config` as Keras does.
    pub fn to_config(&self) -> Json {
        let metrics = |asked: &Asked<MetricRequest>| asked.to_json(&metric_json);
        json!({
            "optimizer": self.optimizer.to_json(),
            "loss": self.loss.to_json(&loss_json),
            "loss_weights": self.loss_weights.to_json(&|w| Json::from(*w)),
            "metrics": metrics(&self.metrics),
            "weighted_metrics": metrics(&self.weighted_metrics),
            "run_eagerly": self.run_eagerly,
            "steps_per_execution": self.steps_per_execution,
            "jit_compile": self.jit_compile.map_or(json!("auto"), Json::Bool),
        })
    }
}

/// The name in a function object.
fn function_of(json: &Json) -> Option<String> {
    let is_function = json.get("class_name").and_then(Json::as_str) == Some("function");
    let name = json.get("config").and_then(Json::as_str).filter(|_| is_function)?;
    Some(name.to_string())
}

/// Refuses what is not Keras's own.
fn known(json: &Json) -> Result<()> {
    let class = json.get("class_name").and_then(Json::as_str).unwrap_or_default();
    if class == "__lambda__" {
        return Err(Error::unsupported("Python code in a file is never run"));
    }
    let own = |key: &str| json.get(key).and_then(Json::as_str).filter(|s| !s.is_empty());
    if let Some(name) = own("registered_name").filter(|n| n.contains('>')) {
        return Err(Error::unsupported(format!("own class \"{name}\", which is not known here")));
    }
    match own("module").and_then(|m| m.split('.').next()) {
        None | Some("keras" | "tf_keras" | "tensorflow" | "keras_core" | "builtins") => Ok(()),
        Some(_) => Err(Error::unsupported(format!(
            "class \"{class}\" of module \"{}\", which is not Keras's",
            own("module").unwrap_or_default()
        ))),
    }
}

fn loss(json: &Json) -> Result<LossRequest> {
    if let Json::String(name) = json {
        return Ok(LossRequest::Named(name.clone()));
    }
    known(json)?;
    match function_of(json) {
        Some(name) => Ok(LossRequest::Function(name)),
        None => from_json::<dyn Loss>(json).map(|l| LossRequest::Object(LossHandle::shared(l))),
    }
}

fn metric(json: &Json) -> Result<MetricRequest> {
    if let Json::String(name) = json {
        return Ok(MetricRequest::Named(name.clone()));
    }
    known(json)?;
    if let Some(name) = function_of(json) {
        return Ok(MetricRequest::Function(name));
    }
    let text = |key: &str| json.get(key).and_then(Json::as_str).unwrap_or_default();
    let is_loss = text("module").ends_with("losses") && LOSSES.iter().any(|d| d.name == text("class_name"));
    if is_loss {
        return from_json::<dyn Loss>(json).map(MetricRequest::from);
    }
    from_json::<dyn Metric>(json).map(|m| MetricRequest::object(MetricHandle::shared(m)))
}

fn loss_json(loss: &LossRequest) -> Json {
    match loss {
        LossRequest::Named(name) => Json::String(name.clone()),
        LossRequest::Function(name) => crate::losses::function_object(name),
        LossRequest::Object(l) => l.to_json(),
    }
}

fn metric_json(metric: &MetricRequest) -> Json {
    match metric {
        MetricRequest::Named(name) => Json::String(name.clone()),
        MetricRequest::Function(name) => crate::losses::function_object(name),
        MetricRequest::Object(name, m) => {
            let mut json = m.get().map_or(Json::Null, |m| to_json(&**m));
            if let Some(config) = json.get_mut("config").and_then(Json::as_object_mut) {
                config.insert("name".into(), Json::String(name.clone()));
            }
            json
        }
    }
}

/// The beginning of a text that came from outside.
fn short(json: &Json) -> String {
    json.to_string().chars().take(60).collect()
}
