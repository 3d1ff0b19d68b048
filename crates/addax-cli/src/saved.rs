//! What `addax fit` keeps of a model for a table: columns, scaling, sizes and weights, as JSON.

use super::tables::{Task, network};
use addax::data::atomic;
use addax::prelude::*;
use serde_json::{Value as Json, json};
use std::path::Path;

/// A model for a table.
pub struct Saved {
    /// The columns it reads.
    pub features: Vec<String>,
    layers: Vec<usize>,
    activation: String,
    dropout: f64,
    /// What it predicts.
    pub task: Task,
    /// Mean and deviation of each feature, and of the target if it is a number.
    scales: Vec<(f64, f64)>,
    target: (f64, f64),
    /// Its weights.
    pub weights: Vec<Value>,
}

/// Mean and deviation of numbers, those that are missing left out; a constant has deviation 1.
fn spread(values: impl Iterator<Item = f64> + Clone) -> (f64, f64) {
    let known = values.filter(|v| v.is_finite());
    let n = known.clone().count().max(1) as f64;
    let mean = known.clone().sum::<f64>() / n;
    let deviation = (known.map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    (mean, if deviation > 0.0 { deviation } else { 1.0 })
}

impl Saved {
    pub fn new(
        features: Vec<String>,
        layers: &[usize],
        activation: &str,
        dropout: f64,
        task: Task,
        x: &Value,
        y: &Value,
    ) -> Result<Saved> {
        let width = features.len();
        if width == 0 {
            return Err(Error::value("table").expected("at least one column beside the target").got("none"));
        }
        let cells = x.to_f64();
        let scales = (0..width).map(|c| spread(cells.iter().skip(c).step_by(width).copied())).collect();
        let target = if task == Task::Number { spread(y.to_f64().into_iter()) } else { (0.0, 1.0) };
        let (layers, activation) = (layers.to_vec(), activation.to_string());
        Ok(Saved { features, layers, activation, dropout, task, scales, target, weights: Vec::new() })
    }

    /// The model, its weights as they begin.
    pub fn model(&self) -> Result<Model> {
        network(self.features.len(), &self.layers, &self.activation, self.dropout, &self.task)
    }

    /// Features with mean 0 and deviation 1; missing ones become the mean.
    pub fn scale(&self, x: &Value) -> Result<Value> {
        let width = self.scales.len();
        let scaled = |(i, v): (usize, f64)| {
            let (mean, deviation) = self.scales[i % width];
            if v.is_nan() { 0.0 } else { ((v - mean) / deviation) as f32 }
        };
        Value::new(x.shape(), x.to_f64().into_iter().enumerate().map(scaled).collect::<Vec<f32>>())
    }

    /// Targets as the network predicts them.
    pub fn scale_target(&self, y: &Value) -> Value {
        let (mean, deviation) = self.target;
        Value::from(y.to_f64().into_iter().map(|v| ((v - mean) / deviation) as f32).collect::<Vec<f32>>())
    }

    /// A prediction in the target's own units.
    pub fn unscale(&self, v: f64) -> f64 {
        v * self.target.1 + self.target.0
    }

    pub fn write(&self, path: &Path) -> Result<()> {
        let classes = match &self.task {
            Task::Number => Json::Null,
            Task::Classes(names) => json!(names),
        };
        let weights: Vec<Json> =
            self.weights.iter().map(|w| json!({"shape": w.shape(), "values": w.to_f64()})).collect();
        let json = json!({
            "format": "addax table model", "features": self.features, "layers": self.layers,
            "activation": self.activation, "dropout": self.dropout, "classes": classes, "scales": self.scales,
            "target": self.target, "weights": weights,
        });
        atomic::write(path, format!("{json}\n").as_bytes())
    }

    pub fn read(path: &Path) -> Result<Saved> {
        let name = path.display().to_string();
        let text = std::fs::read(path).map_err(|e| Error::io(&name, e))?;
        let json: Json = serde_json::from_slice(&text).map_err(|e| Error::io(&name, e))?;
        parse(&json)
            .ok_or_else(|| Error::value(name).expected("what `addax fit` writes").got("something else"))
    }
}

fn numbers(json: &Json) -> Option<Vec<f64>> {
    json.as_array()?.iter().map(Json::as_f64).collect()
}

fn names(json: &Json) -> Option<Vec<String>> {
    json.as_array()?.iter().map(|v| v.as_str().map(str::to_string)).collect()
}

fn parse(json: &Json) -> Option<Saved> {
    let pair = |v: &Json| numbers(v).and_then(|p| Some((*p.first()?, *p.get(1)?)));
    let sizes = |v: &Json| {
        v.as_array()?.iter().map(|n| n.as_u64().map(|n| n as usize)).collect::<Option<Vec<usize>>>()
    };
    let weight = |w: &Json| {
        let values: Vec<f32> = numbers(w.get("values")?)?.into_iter().map(|x| x as f32).collect();
        Value::new(sizes(w.get("shape")?)?, values).ok()
    };
    let features = names(json.get("features")?)?;
    let scales: Vec<(f64, f64)> = json.get("scales")?.as_array()?.iter().map(pair).collect::<Option<_>>()?;
    let layers = sizes(json.get("layers")?)?;
    let reasonable = scales.len() == features.len()
        && !features.is_empty()
        && layers.iter().all(|n| (1..1 << 20).contains(n));
    let classes = json.get("classes")?;
    let task =
        if classes.is_null() { Task::Number } else { Task::Classes(names(classes).filter(|n| n.len() > 1)?) };
    reasonable.then_some(Saved {
        features,
        layers,
        activation: json.get("activation")?.as_str()?.to_string(),
        dropout: json.get("dropout")?.as_f64()?,
        task,
        scales,
        target: pair(json.get("target")?)?,
        weights: json.get("weights")?.as_array()?.iter().map(weight).collect::<Option<_>>()?,
    })
}
