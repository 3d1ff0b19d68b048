//! Configs of Keras 2 as Keras 3 would write them: one table of rewrites, applied before anything is made of them.

use crate::activations::HARD_SIGMOID_OF_KERAS_2;
use crate::class::{Config, find};
use crate::initializers::INITIALIZERS;
use crate::metrics::Metric;
use crate::optimizers::OPTIMIZERS;
use addax_core::{Error, Result};
use serde_json::{Value as Json, json};

/// What is done to the config of a class.
enum Rewrite {
    /// A key without effect goes.
    Drop(&'static str),
    /// A key goes if it says what Keras 3 does anyway; anything else is refused.
    Must(&'static str, &'static [&'static str]),
    /// A key has another name today.
    Rename(&'static str, &'static str),
    /// Anything more.
    Change(fn(&mut Config)),
}

use Rewrite::{Change, Drop, Must, Rename};

const RECURRENT: &[&str] = &[
    "RNN",
    "SimpleRNN",
    "LSTM",
    "GRU",
    "ConvLSTM1D",
    "ConvLSTM2D",
    "ConvLSTM3D",
    "SimpleRNNCell",
    "LSTMCell",
    "GRUCell",
    "StackedRNNCells",
];
const GROUPLESS: &[&str] = &[
    "Conv1DTranspose",
    "Conv2DTranspose",
    "Conv3DTranspose",
    "DepthwiseConv1D",
    "DepthwiseConv2D",
    "SeparableConv1D",
    "SeparableConv2D",
];
const SEPARABLE: &[&str] = &["SeparableConv1D", "SeparableConv2D"];
const SPATIAL_DROPOUT: &[&str] = &["SpatialDropout1D", "SpatialDropout2D", "SpatialDropout3D"];

/// The rewrites by class; those without classes are for every one.
const TABLE: &[(&[&str], Rewrite)] = &[
    (&["InputLayer"], Rename("batch_input_shape", "batch_shape")),
    (&["InputLayer"], Drop("type_spec")),
    (&[], Drop("batch_input_shape")),
    (&[], Must("dynamic", &["false"])),
    (RECURRENT, Must("time_major", &["false"])),
    (RECURRENT, Drop("implementation")),
    (RECURRENT, Drop("input_length")),
    (RECURRENT, Drop("input_dim")),
    (&["Embedding"], Drop("input_length")),
    (GROUPLESS, Must("groups", &["1"])),
    (SEPARABLE, Drop("kernel_initializer")),
    (SEPARABLE, Drop("kernel_regularizer")),
    (SEPARABLE, Drop("kernel_constraint")),
    (SPATIAL_DROPOUT, Drop("noise_shape")),
    (&["LeakyReLU"], Rename("alpha", "negative_slope")),
    (&["BatchNormalization"], Change(single_axis)),
    (&["BatchNormalization"], Drop("fused")),
    (&["BatchNormalization"], Must("virtual_batch_size", &["null"])),
    (&["MultiHeadAttention"], Drop("query_shape")),
    (&["MultiHeadAttention"], Drop("key_shape")),
    (&["MultiHeadAttention"], Drop("value_shape")),
    (&["MultiHeadAttention"], Must("softmax_robust_masking", &["false"])),
    (&[], Must("rng_type", &["\"stateful\"", "\"stateless\"", "null"])),
    (&["VarianceScaling"], Change(truncated)),
    (&[], Rename("lr", "learning_rate")),
    (&[], Drop("is_legacy_optimizer")),
    (&[], Change(decay)),
    (&[], Change(automatic_reduction)),
    (&[], Drop("fn")),
];

/// Rewrites a whole config, whatever is inside it; `keras` is the version that wrote it, as far as it is known.
pub(crate) fn modernize(json: &mut Json, keras: Option<u32>) -> Result<()> {
    match json {
        Json::Array(list) => list.iter_mut().try_for_each(|j| modernize(j, keras)),
        Json::Object(object) => {
            this(object, keras)?;
            object.values_mut().try_for_each(|j| modernize(j, keras))
        }
        _ => Ok(()),
    }
}

/// Rewrites one object.
fn this(object: &mut Config, keras: Option<u32>) -> Result<()> {
    let Some(class) = object.get("class_name").and_then(Json::as_str) else { return Ok(()) };
    // Optimizers were registered like own classes for a while.
    let plain = class.strip_prefix("Custom>").filter(|c| OPTIMIZERS.iter().any(|d| d.name == *c));
    let class = plain.unwrap_or(class).to_string();
    let registered = object.get("registered_name").and_then(Json::as_str);
    if class.contains('>') || registered.is_some_and(|r| r.contains('>') && plain.is_none()) {
        return Ok(());
    }
    object.insert("class_name".to_string(), json!(class));
    match class.as_str() {
        "Sequential" => with_input(object),
        "MeanMetricWrapper" => {
            wrapped(object);
            return Ok(());
        }
        _ => {}
    }
    let Some(Json::Object(config)) = object.get_mut("config") else { return Ok(()) };
    for (_, rewrite) in TABLE.iter().filter(|(c, _)| c.is_empty() || c.contains(&class.as_str())) {
        apply(rewrite, config).map_err(|e| e.at(&class))?;
    }
    if matches!(class.as_str(), "Functional" | "Model") {
        renumber(config);
    }
    if INITIALIZERS.iter().any(|d| d.name == class) {
        config.shift_remove("dtype");
    }
    if keras.is_some_and(|version| version < 3) {
        of_keras_2(&class, config);
    }
    if class == "ThresholdedReLU" {
        if let Some(theta) = config.shift_remove("theta") {
            config.insert("threshold".to_string(), theta);
        }
        object.insert("class_name".to_string(), json!("ReLU"));
    }
    Ok(())
}

fn apply(rewrite: &Rewrite, config: &mut Config) -> Result<()> {
    match rewrite {
        Drop(key) => drop(config.shift_remove(*key)),
        Must(key, allowed) => {
            let said = config.shift_remove(*key).map(|v| v.to_string());
            if let Some(other) = said.filter(|s| !allowed.contains(&s.as_str())) {
                let wanted = allowed.join(" or ");
                return Err(Error::unsupported(format!("\"{key}\"")).expected(wanted).got(other));
            }
        }
        Rename(old, new) => {
            if let Some(value) = config.shift_remove(*old) {
                config.entry(*new).or_insert(value);
            }
        }
        Change(change) => change(config),
    }
    Ok(())
}

/// What the same words meant in Keras 2.
fn of_keras_2(class: &str, config: &mut Config) {
    for key in ["activation", "recurrent_activation"] {
        let Some(value) = config.get_mut(key) else { continue };
        let name = match value {
            Json::String(name) => Some(name.as_str()),
            Json::Object(object) => object.get("config").and_then(Json::as_str),
            _ => None,
        };
        if name == Some("hard_sigmoid") {
            *value = json!(HARD_SIGMOID_OF_KERAS_2);
        }
    }
    if matches!(class, "GRU" | "GRUCell") {
        config.entry("reset_after").or_insert(Json::Bool(false));
    }
}

fn single_axis(config: &mut Config) {
    if let Some(axis) = config.get_mut("axis")
        && let Some([one]) = axis.as_array().map(Vec::as_slice)
    {
        *axis = one.clone();
    }
}

fn truncated(config: &mut Config) {
    if config.get("distribution").and_then(Json::as_str) == Some("normal") {
        config.insert("distribution".to_string(), json!("truncated_normal"));
    }
}

/// Optimizers had a `decay`: the rate divided by `1 + decay · step`.
fn decay(config: &mut Config) {
    if !config.contains_key("learning_rate") {
        return;
    }
    let Some(decay) = config.shift_remove("decay") else { return };
    let rate = config.get("learning_rate").cloned().filter(Json::is_number);
    if let (Some(rate), true) = (rate, decay.as_f64().is_some_and(|d| d > 0.0)) {
        let schedule =
            json!({"initial_learning_rate": rate, "decay_steps": 1, "decay_rate": decay, "staircase": false});
        let schedule = json!({"module": "keras.optimizers.schedules", "class_name": "InverseTimeDecay", "config": schedule});
        config.insert("learning_rate".to_string(), schedule);
    }
}

fn automatic_reduction(config: &mut Config) {
    if config.get("reduction").and_then(Json::as_str) == Some("auto") {
        config.insert("reduction".to_string(), json!("sum_over_batch_size"));
    }
}

/// Keras 2 counts the calls of a model inside a model from 1 if that model has an input of its own; today they count
/// from 0, but for functional models among the outputs, where they still count from 1.
fn renumber(config: &mut Config) {
    let layers = config.get("layers").and_then(Json::as_array).map_or(&[][..], Vec::as_slice);
    let old = |l: &Json| l.get("inbound_nodes").and_then(|n| n.get(0)).is_some_and(Json::is_array);
    if !layers.iter().any(old) {
        return;
    }
    let model = |l: &Json| {
        let class = l.get("class_name")?.as_str()?;
        let name = l.get("name").or_else(|| l.get("config")?.get("name"))?.as_str()?;
        matches!(class, "Sequential" | "Functional" | "Model")
            .then(|| (name.to_string(), class == "Sequential"))
    };
    let inner: Vec<(String, bool)> = layers.iter().filter_map(model).collect();
    for (name, sequential) in inner {
        let mut least = u64::MAX;
        calls_in(config, &name, &mut |_, call| {
            least = least.min(call);
            call
        });
        if least > 0 && least < u64::MAX {
            calls_in(config, &name, &mut |output, call| if output && !sequential { call } else { call - 1 });
        }
    }
}

/// Changes the numbers of the calls of a layer, wherever its tensors are used; `change` is told whether as outputs.
fn calls_in(config: &mut Config, name: &str, change: &mut dyn FnMut(bool, u64) -> u64) {
    if let Some(Json::Array(layers)) = config.get_mut("layers") {
        for nodes in layers.iter_mut().filter_map(|l| l.get_mut("inbound_nodes")) {
            calls_of(nodes, name, &mut |call| change(false, call));
        }
    }
    if let Some(outputs) = config.get_mut("output_layers") {
        calls_of(outputs, name, &mut |call| change(true, call));
    }
}

/// Changes the second number of each `[name, call, output, …]`.
fn calls_of(json: &mut Json, name: &str, change: &mut dyn FnMut(u64) -> u64) {
    match json {
        Json::Array(list) => {
            let number = list.get(1).and_then(Json::as_u64).filter(|_| list.get(2).is_some_and(Json::is_u64));
            let own = list.first().and_then(Json::as_str) == Some(name);
            if let Some(call) = number.filter(|_| own) {
                list[1] = Json::from(change(call));
            }
            list.iter_mut().for_each(|j| calls_of(j, name, change));
        }
        Json::Object(object) => object.values_mut().for_each(|j| calls_of(j, name, change)),
        _ => {}
    }
}

/// A metric made of a function that is given by name stands for the class of that function.
fn wrapped(object: &mut Config) {
    let Some(Json::Object(config)) = object.get_mut("config") else { return };
    let function = config.get("fn").and_then(Json::as_str);
    if let Some(def) = function.and_then(|name| find::<dyn Metric>(name).ok()) {
        config.shift_remove("fn");
        object.insert("class_name".to_string(), json!(def.name));
    }
}

/// A Sequential model whose config is a bare list, or whose first layer alone says the shape of the input.
fn with_input(object: &mut Config) {
    if let Some(Json::Array(layers)) = object.get_mut("config") {
        let layers = std::mem::take(layers);
        object.insert("config".to_string(), json!({"name": "sequential", "layers": layers}));
    }
    let built = object.get("build_config").and_then(|b| b.get("input_shape")).cloned();
    let Some(Json::Object(config)) = object.get_mut("config") else { return };
    let Some(Json::Array(layers)) = config.get_mut("layers") else { return };
    let Some(first) = layers.first() else { return };
    if first.get("class_name").and_then(Json::as_str) == Some("InputLayer") {
        return;
    }
    if let Some(shape) = first.get("config").and_then(|c| c.get("batch_input_shape")).cloned() {
        let dtype = first.get("config").and_then(|c| c.get("dtype")).filter(|d| d.is_string());
        let dtype = dtype.cloned().unwrap_or_else(|| json!("float32"));
        let name = first.get("config").and_then(|c| c.get("name")).and_then(Json::as_str).unwrap_or("first");
        let input = json!({"batch_shape": shape, "dtype": dtype, "name": format!("{name}_input")});
        layers.insert(0, json!({"module": "keras.layers", "class_name": "InputLayer", "config": input}));
    } else if let Some(shape) = built.filter(Json::is_array) {
        config.entry("build_input_shape").or_insert(shape);
    }
}

/// Refuses what Keras 3 has no name for, by the layer that has it.
pub(crate) fn refuse_old(json: &Json) -> Result<()> {
    match json {
        Json::Array(list) => list.iter().try_for_each(refuse_old),
        Json::Object(object) => {
            let old = object.iter().find(|(_, v)| v.as_str() == Some(HARD_SIGMOID_OF_KERAS_2));
            if let Some((key, _)) = old {
                let name = object.get("name").and_then(Json::as_str).unwrap_or_default();
                let what = format!("layer \"{name}\" with the {key} that Keras 2 called hard_sigmoid");
                return Err(Error::unsupported(what).hint("Keras 3 has another one under that name."));
            }
            object.values().try_for_each(refuse_old)
        }
        _ => Ok(()),
    }
}
