//! Layers in Keras's object form: `{"module", "class_name", "config", "registered_name"}`.

use super::{LAYERS, Layer, LayerRef};
use crate::class::{Config, Def, Field};
use crate::foreign;
use crate::models;
use crate::ops;
use crate::policy::Policy;
use crate::regularizers::Regularizer;
use addax_core::{Error, Result};
use serde_json::{Value as Json, json};

impl LayerRef {
    /// Reads a layer, a model or an op. No code is ever taken from it: what is not in the tables is refused by name.
    ///
    /// ```
    /// use addax::layers::LayerRef;
    /// let json = serde_json::json!({"module": "keras.layers", "class_name": "Dense", "config": {"name": "d", "units": 4}});
    /// assert_eq!(LayerRef::from_json(&json)?.title(), "Dense \"d\"");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub fn from_json(json: &Json) -> Result<LayerRef> {
        if let Some(foreign) = foreign::find::<LayerRef>("layer", json) {
            return foreign;
        }
        let text = |key: &str| json.get(key).and_then(Json::as_str);
        let class = text("class_name")
            .ok_or_else(|| Error::value("layer").expected("an object with class_name").got(shown(json)))?;
        let empty = Config::new();
        let config = match json.get("config") {
            Some(Json::Object(config)) => config,
            None | Some(Json::Null) => &empty,
            Some(other) => return Err(Error::type_(class).expected("a config with keys").got(shown(other))),
        };
        let name = match config.get("name") {
            Some(Json::String(name)) => Some(name.clone()),
            None | Some(Json::Null) => None,
            Some(other) => return Err(Error::type_(class).expected("a name").got(other)),
        };
        let title = || format!("{class} \"{}\"", name.as_deref().unwrap_or_default());
        Self::read(class, text("module"), text("registered_name"), config, name.clone())
            .map_err(|e| e.at(title()))
    }

    fn read(
        class: &str,
        module: Option<&str>,
        registered: Option<&str>,
        config: &Config,
        name: Option<String>,
    ) -> Result<LayerRef> {
        if models::is_network(class, config) {
            let network = models::read(class, config)?.network()?.clone();
            let model = LayerRef::shared(network, name);
            return Ok(trained(model, config));
        }
        let def = find(class, module, registered)?;
        let made = LayerRef::shared((def.from_config)(config)?, name);
        // An input says its element type by `dtype`, any other layer its policy.
        if !made.layer().is_layer() || class == "InputLayer" {
            return Ok(made);
        }
        let policy = config.get("dtype").map(Policy::from_json).transpose()?.unwrap_or_default();
        let made = trained(made.with_policy(policy), config);
        match config.get(ACTIVITY) {
            Some(penalty) if !penalty.is_null() && !(def.args)().iter().any(|a| a.name == ACTIVITY) => {
                let penalty = Regularizer::from_json(penalty).map_err(|e| e.at(ACTIVITY))?;
                Ok(made.with_activity_regularizer(penalty))
            }
            _ => Ok(made),
        }
    }

    /// Writes it as Keras does.
    pub fn to_json(&self) -> Json {
        let layer = self.layer();
        let mut config = Config::new();
        let mut own = layer.config();
        let input = layer.class_name() == "InputLayer";
        let network = layer.class_name() == "Functional";
        if input {
            config.append(&mut own);
        }
        config.insert("name".to_string(), json!(self.name()));
        if layer.is_layer() && !input {
            config.insert("trainable".to_string(), json!(self.trainable()));
            if !network {
                config.insert("dtype".to_string(), self.policy().to_json());
            }
            if let Some(penalty) = self.activity_regularizer() {
                config.insert(ACTIVITY.to_string(), penalty.to_json());
            }
        }
        config.append(&mut own);
        layer.written(&mut config);
        let by_class = network || !layer.is_layer();
        let registered = if by_class { json!(layer.class_name()) } else { json!(layer.registered_name()) };
        json!({
            "module": layer.module(), "class_name": layer.class_name(), "config": config, "registered_name": registered
        })
    }
}

fn trained(layer: LayerRef, config: &Config) -> LayerRef {
    layer.set_trainable(config.get("trainable").and_then(Json::as_bool).unwrap_or(true));
    layer
}

/// A key that any layer may have; some have an argument of that name.
const ACTIVITY: &str = "activity_regularizer";

/// Finds a class of layers or ops by name and module.
fn find(class: &str, module: Option<&str>, registered: Option<&str>) -> Result<&'static Def<dyn Layer>> {
    if matches!(class, "Lambda" | "__lambda__") {
        return Err(Error::unsupported("Python code in a file is never run"));
    }
    if let Some(own) = registered.filter(|r| *r != class && !r.is_empty()) {
        return Err(Error::unsupported(format!("own class \"{own}\", which is not known here")));
    }
    let module = module.unwrap_or("keras.layers");
    let is_op = module.starts_with("keras.src.ops") || module.starts_with("keras.ops");
    if !is_op && !matches!(module.split('.').next(), Some("keras" | "tf_keras" | "tensorflow" | "keras_core"))
    {
        return Err(Error::unsupported(format!(
            "class \"{class}\" of module \"{module}\", which is not Keras's"
        )));
    }
    let same_module = |d: &Def<dyn Layer>| d.module == module || module.starts_with("keras.ops");
    if is_op {
        let found = ops::defs().map(|op| &op.class).find(|d| d.name == class && same_module(d));
        return found.ok_or_else(|| Error::unknown("op", class, ops::defs().map(|op| op.class.name)));
    }
    let found = LAYERS.iter().copied().find(|d| d.name == class || d.identifiers.contains(&class));
    found.ok_or_else(|| Error::unknown("layer", class, LAYERS.iter().map(|d| d.name)))
}

/// The beginning of a text that came from outside.
fn shown(json: &Json) -> String {
    json.to_string().chars().take(60).collect()
}

impl Field for LayerRef {
    fn to_json(&self) -> Json {
        LayerRef::to_json(self)
    }

    fn from_json(json: &Json) -> Result<Self> {
        LayerRef::from_json(json)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scope::Scope;
    use addax_core::{DType, Trace, Value, evaluate};

    fn read(class: &str, module: &str, registered: Json, config: Json) -> Result<LayerRef> {
        LayerRef::from_json(
            &json!({"module": module, "class_name": class, "config": config, "registered_name": registered}),
        )
    }

    #[test]
    fn what_every_layer_has_comes_back() {
        let config = json!({"name": "d", "trainable": false, "dtype": "mixed_bfloat16", "units": 3});
        let layer = read("Dense", "keras.layers", Json::Null, config).unwrap();
        let again = LayerRef::from_json(&layer.to_json()).unwrap();
        assert_eq!((again.name(), again.trainable(), again.policy().name()), ("d", false, "mixed_bfloat16"));
        assert_eq!(again.to_json(), layer.to_json());
    }

    #[test]
    fn any_layer_may_have_a_penalty_on_its_output() {
        let penalty = json!({"class_name": "L2", "config": {"l2": 0.5}});
        let config = json!({"name": "f", "activity_regularizer": penalty});
        let layer = read("Flatten", "keras.layers", Json::Null, config).unwrap();
        assert_eq!(layer.to_json()["config"]["activity_regularizer"]["config"], json!({"l2": 0.5}));
        let trace = Trace::new();
        let x = trace.parameter("x", DType::F32, [2, 2]);
        let entered = trace.enter();
        let mut scope = Scope::new(&trace, true);
        scope.call(&layer, &[x]).unwrap();
        let losses = std::mem::take(&mut scope.losses);
        drop(entered);
        let x = Value::new([2, 2], vec![1f32, 2.0, 3.0, 0.0]).unwrap();
        let loss = evaluate(&trace.finish(&losses).unwrap(), &[x]).unwrap();
        assert_eq!(loss[0].to_f64(), [0.5 * 14.0 / 2.0]);
    }

    #[test]
    fn other_names_of_a_class_are_known() {
        let layer = read("MaxPool2D", "keras.layers", Json::Null, json!({"name": "m"})).unwrap();
        assert_eq!(layer.to_json()["class_name"], json!("MaxPooling2D"));
    }

    #[test]
    fn what_is_not_known_is_refused_by_name() {
        let error = |class, module, registered, config| {
            read(class, module, registered, config).unwrap_err().to_string()
        };
        let name = || json!({"name": "x"});
        assert_eq!(
            error("Densee", "keras.layers", Json::Null, name()),
            "Densee \"x\" > unknown layer \"Densee\". Did you mean \"Dense\"?"
        );
        assert_eq!(
            error("Lambda", "keras.layers", Json::Null, name()),
            "Lambda \"x\" > Python code in a file is never run"
        );
        assert!(error("Popen", "subprocess", Json::Null, name()).contains("module \"subprocess\""));
        assert!(error("Own", "mine", json!("Custom>Own"), name()).contains("own class \"Custom>Own\""));
        assert!(
            error("Dense", "keras.layers", Json::Null, json!({"name": "x", "units": 1, "unitz": 2}))
                .contains("unitz")
        );
    }
}
