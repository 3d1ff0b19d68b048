//! A whole model in Keras's object form: what `config.json` holds and `to_json` gives.

use super::legacy_config::{modernize, refuse_old};
use super::limits::Limit;
use super::python;
use crate::class::Config;
use crate::layers::LayerRef;
use crate::models::{Architecture, is_network, read};
use crate::policy::Policy;
use crate::training::{Compile, Model};
use addax_core::{Error, Result};
use serde_json::{Value as Json, json};

impl Model {
    /// The architecture, and what the model is compiled for, as Keras's `to_json` gives them.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let model = Model::sequential(Sequential::new().add(Dense::new(2usize).input_shape([3])))?;
    /// let again = Model::from_json(&model.to_json()?)?;
    /// assert_eq!((again.name(), again.count_params()), (model.name(), 8));
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub fn to_json(&self) -> Result<String> {
        Ok(python::dump(&write(self)?, None))
    }

    /// A model with new weights from what [`Model::to_json`] or Keras's `to_json` gave. No code is ever run from it:
    /// classes that are not known here are refused by name.
    pub fn from_json(text: &str) -> Result<Model> {
        self::read_model(python::parse(text.as_bytes())?, None)
    }

    /// A model of the same architecture with new weights, not compiled (`keras.models.clone_model`).
    pub fn clone_model(&self) -> Result<Model> {
        let mut json = describe(self)?;
        if let Json::Object(object) = &mut json {
            object.shift_remove("compile_config");
        }
        read_model(json, None)
    }
}

/// Reads a model; `keras` is the version that wrote it, as far as it is known.
pub(crate) fn read_model(mut json: Json, keras: Option<u32>) -> Result<Model> {
    Limit::LAYERS.check(expanded(&json))?;
    modernize(&mut json, keras)?;
    let class = json.get("class_name").and_then(Json::as_str);
    let class = class.ok_or_else(|| Error::value("model").expected("an object with class_name"))?;
    let empty = Config::new();
    let config = json.get("config").and_then(Json::as_object).unwrap_or(&empty);
    if !is_network(class, config) {
        let own = Error::unsupported(format!("model of class \"{class}\", whose code is not in the file"));
        return Err(own.hint("Only Sequential and functional models can be read."));
    }
    let name = config.get("name").and_then(Json::as_str).unwrap_or_default().to_string();
    let architecture = read(class, config).map_err(|e| e.at(format!("{class} \"{name}\"")))?;
    let mut model = Model::named(name, architecture);
    if config.get("trainable") == Some(&Json::Bool(false)) {
        model.set_trainable(false);
    }
    let compile = json.get("compile_config").filter(|c| c.as_object().is_some_and(|o| !o.is_empty()));
    if let Some(compile) = compile {
        let compile = Compile::from_config(compile).map_err(|e| e.at("compile_config"))?;
        model.compile(compile).map_err(|e| e.at("compile_config"))?;
    }
    Ok(model)
}

/// How many objects a model is made of when each call of a model inside it counts as often as it is made: what reading
/// it costs.
fn expanded(json: &Json) -> usize {
    match json {
        Json::Array(list) => list.iter().map(expanded).fold(0, usize::saturating_add),
        Json::Object(object) => {
            let named = object.get("config").is_some_and(|c| c.get("name").is_some());
            let own = usize::from(named);
            let calls = object.get("inbound_nodes").and_then(Json::as_array).map_or(1, Vec::len);
            let inner = object.iter().filter(|(k, _)| *k != "inbound_nodes").map(|(_, v)| expanded(v));
            inner.fold(own, usize::saturating_add).saturating_mul(calls.max(1))
        }
        _ => 0,
    }
}

/// Writes a model for Keras 3.
pub(crate) fn write(model: &Model) -> Result<Json> {
    let json = describe(model)?;
    refuse_old(&json["config"])?;
    Ok(json)
}

/// A model as an object.
fn describe(model: &Model) -> Result<Json> {
    let mut json = match model.architecture() {
        Architecture::Built(network) => {
            let layer = LayerRef::shared(network.clone(), Some(model.name().to_string()));
            layer.set_trainable(model.trainable());
            layer.to_json()
        }
        Architecture::Open(layers) => {
            let layers: Vec<Json> = layers.layers().iter().map(LayerRef::to_json).collect();
            let config = json!({
                "name": model.name(), "trainable": model.trainable(), "dtype": Policy::default().to_json(),
                "layers": layers
            });
            json!({"module": "keras", "class_name": "Sequential", "config": config, "registered_name": null})
        }
    };
    let shape = json["config"].get("build_input_shape").cloned();
    if let Json::Object(object) = &mut json {
        object.insert("build_config".to_string(), json!({"input_shape": shape.unwrap_or(Json::Null)}));
        let compile = model.compiled().map_or_else(|| json!({}), Compile::to_config);
        object.insert("compile_config".to_string(), compile);
    }
    Ok(json)
}
