//! Whole models in one HDF5 file, as Keras 1 and 2 wrote them and Keras 3 still does: the architecture as an attribute,
//! weights by layer and by order.

use super::arrays::Stored;
use super::keras::{KERAS_VERSION, major};
use super::object::{read_model, write};
use super::optimizer::numbered;
use super::python;
use super::restore::{Mismatch, Parts, Placed, Target, fits, stored, told};
use super::tree::{Attribute, Group};
use crate::layers::LayerRef;
use crate::scope::Weight;
use crate::training::Model;
use addax_core::{Error, Result, Shape, Value};
use addax_h5::File;
use serde_json::{Value as Json, json};
use std::collections::HashMap;
use std::sync::Arc;

const WEIGHTS: &str = "model_weights";
const OPTIMIZER: &str = "optimizer_weights";
/// The bytes of a list of names that one attribute may hold; longer lists are divided.
const LONGEST_LIST: usize = 64_512;
/// What a text of any length takes in an attribute.
const TEXT: usize = 16;

/// Reads a model out of a file's bytes.
pub(crate) fn read(bytes: Vec<u8>) -> Result<Model> {
    let (model, parts) = find(&bytes)?;
    super::weights::fill(model, parts, bytes)
}

/// The model of a file, and where its arrays are.
fn find(bytes: &[u8]) -> Result<(Model, Parts)> {
    let file = File::open(bytes).map_err(told)?;
    let root = file.root();
    let version = text(&root, "keras_version")?;
    let config = text(&root, "model_config")?.ok_or_else(|| {
        let error = Error::value("file").expected("a model (attribute \"model_config\")");
        error.got("weights only").hint("Give load_weights the file and a model.")
    })?;
    let mut config = python::parse(config.as_bytes()).map_err(|e| e.at("model_config"))?;
    if let (Some(training), Json::Object(object)) = (text(&root, "training_config")?, &mut config) {
        let training = python::parse(training.as_bytes()).map_err(|e| e.at("training_config"))?;
        object.insert("compile_config".to_string(), compile_config(training));
    }
    let model = read_model(config, version.as_deref().and_then(major)).map_err(|e| e.at("model_config"))?;
    let (mut placed, _) = place(&model, &file.group(WEIGHTS).map_err(told)?, Mismatch::Refuse)?;
    if root.kind(OPTIMIZER).is_some() && model.compiled().is_some() {
        placed.extend(numbered(arrays(&file.group(OPTIMIZER).map_err(told)?)?));
    }
    let parts = Parts::of(placed, bytes)?;
    Ok((model, parts))
}

/// A text among the attributes of a group.
pub(super) fn text(group: &addax_h5::Group, name: &str) -> Result<Option<String>> {
    let array = group.attribute(name).map_err(told)?;
    array.map(|a| a.text().map_err(told)).transpose()
}

/// A list of texts among the attributes of a group, divided over several if it is long.
fn names(group: &addax_h5::Group, name: &str) -> Result<Option<Vec<String>>> {
    let list = |name: &str| -> Result<Option<Vec<String>>> {
        let Some(array) = group.attribute(name).map_err(told)? else { return Ok(None) };
        // An empty list of names is written as an empty list of numbers.
        if array.shape().contains(&0) { Ok(Some(Vec::new())) } else { array.texts().map_err(told).map(Some) }
    };
    if let Some(all) = list(name)? {
        return Ok(Some(all));
    }
    let mut all = Vec::new();
    for i in 0.. {
        match list(&format!("{name}{i}"))? {
            Some(more) => all.extend(more),
            None if i == 0 => return Ok(None),
            None => break,
        }
    }
    Ok(Some(all))
}

fn wanted(group: &addax_h5::Group, name: &str) -> Result<Vec<String>> {
    names(group, name)?.ok_or_else(|| {
        Error::value(format!("\"{}\"", group.path()))
            .expected(format_args!("the attribute \"{name}\""))
            .got("none")
    })
}

/// The arrays of a layer in the order of its names.
fn arrays<'a>(group: &addax_h5::Group<'_, 'a>) -> Result<Vec<Stored<'a>>> {
    let names = wanted(group, "weight_names")?;
    names.iter().map(|n| stored(&group.dataset(n).map_err(told)?)).collect()
}

/// The weights of a layer, all layers inside it included: first those that training may change.
fn weights(layer: &LayerRef) -> Vec<Arc<Weight>> {
    let mut all = layer.weights();
    all.sort_by_key(|(_, open)| !open);
    all.into_iter().map(|(w, _)| w).collect()
}

/// Finds the arrays of a model's layers: those that have weights, one after another on both sides.
pub(crate) fn place<'a>(
    model: &Model,
    root: &addax_h5::Group<'_, 'a>,
    mismatch: Mismatch,
) -> Result<(Vec<Placed<'a>>, Vec<Error>)> {
    let mut stored = Vec::new();
    for name in wanted(root, "layer_names")? {
        let arrays = arrays(&root.group(&name).map_err(told)?)?;
        if !arrays.is_empty() {
            stored.push((name, arrays));
        }
    }
    let layers: Vec<(LayerRef, Vec<Arc<Weight>>)> = model
        .architecture()
        .layers()
        .into_iter()
        .map(|l| (l.clone(), weights(&l)))
        .filter(|(_, w)| !w.is_empty())
        .collect();
    if layers.len() != stored.len() {
        return Err(Error::value("layers with weights").expected(layers.len()).got(stored.len()));
    }
    let (mut placed, mut skipped) = (Vec::new(), Vec::new());
    for ((layer, weights), (name, arrays)) in layers.into_iter().zip(stored) {
        match (one(&weights, arrays).map_err(|e| e.at(name).at(layer.title())), mismatch) {
            (Ok(more), _) => placed.extend(more),
            (Err(e), Mismatch::Skip) => skipped.push(e),
            (Err(e), Mismatch::Refuse) => return Err(e),
        }
    }
    Ok((placed, skipped))
}

fn one<'a>(weights: &[Arc<Weight>], arrays: Vec<Stored<'a>>) -> Result<Vec<Placed<'a>>> {
    if weights.len() != arrays.len() {
        let each: Vec<String> =
            weights.iter().map(|w| format!("{} {}", w.name, Shape::of(&w.shape))).collect();
        return Err(Error::value("weights").expected(each.join(", ")).got(arrays.len()));
    }
    let pairs = weights.iter().cloned().zip(arrays);
    pairs
        .map(|(weight, array)| {
            fits(&weight, &array)?;
            Ok(Placed { target: Target::Weight(weight), array })
        })
        .collect()
}

/// `training_config` as a compile config: the optimizer has a key of its own.
fn compile_config(mut training: Json) -> Json {
    if let Json::Object(object) = &mut training
        && let Some(optimizer) = object.shift_remove("optimizer_config")
    {
        object.insert("optimizer".to_string(), optimizer);
    }
    training
}

/// The groups of a model's file.
pub(crate) fn collect(model: &Model) -> Result<Vec<Group>> {
    let mut json = write(model)?;
    let training = json.as_object_mut().and_then(|o| o.shift_remove("compile_config"));
    let about = || {
        let version = Attribute::Text(KERAS_VERSION.to_string());
        vec![
            ("backend".to_string(), Attribute::Text("jax".to_string())),
            ("keras_version".to_string(), version),
        ]
    };
    let mut root = Group { path: String::new(), attributes: about(), arrays: Vec::new() };
    let mut config = |name: &str, json: &Json| {
        root.attributes.push((name.to_string(), Attribute::Text(python::dump(json, None))));
    };
    config("model_config", &json!({"class_name": json["class_name"], "config": json["config"]}));
    if let Some(training) = training.filter(|_| model.compiled().is_some()) {
        config("training_config", &training_config(training));
    }
    let layers = model.architecture().layers();
    let mut all = Group { path: WEIGHTS.to_string(), attributes: about(), arrays: Vec::new() };
    list("layer_names", layers.iter().map(|l| l.name().to_string()).collect(), &mut all.attributes);
    let mut groups = vec![root, all];
    for layer in layers {
        groups.push(named_group(format!("{WEIGHTS}/{}", layer.name()), named(&layer)?));
    }
    groups.push(named_group(format!("{WEIGHTS}/top_level_model_weights"), Vec::new()));
    let slots = super::optimizer::named(model)?;
    if !slots.is_empty() {
        groups.push(named_group(OPTIMIZER.to_string(), slots));
    }
    Ok(groups)
}

/// A compile config as `training_config`.
fn training_config(mut compile: Json) -> Json {
    if let Json::Object(object) = &mut compile
        && let Some(optimizer) = object.shift_remove("optimizer")
    {
        let optimizer = json!({"class_name": optimizer["class_name"], "config": optimizer["config"]});
        object.insert("optimizer_config".to_string(), optimizer);
    }
    compile
}

/// A list of texts as attributes, divided over several if it is long.
fn list(name: &str, texts: Vec<String>, out: &mut Vec<(String, Attribute)>) {
    if texts.len() * TEXT <= LONGEST_LIST {
        return out.push((name.to_string(), Attribute::Texts(texts)));
    }
    for (i, part) in texts.chunks(LONGEST_LIST / TEXT).enumerate() {
        out.push((format!("{name}{i}"), Attribute::Texts(part.to_vec())));
    }
}

fn named_group(path: String, arrays: Vec<(String, Value)>) -> Group {
    let mut attributes = Vec::new();
    list("weight_names", arrays.iter().map(|(n, _)| n.clone()).collect(), &mut attributes);
    Group { path, attributes, arrays }
}

/// The weights of a layer in the order of [`weights`], under names of their own: `lstm/lstm_cell/kernel`.
fn named(layer: &LayerRef) -> Result<Vec<(String, Value)>> {
    fn walk(layer: &LayerRef, above: &str, names: &mut HashMap<usize, String>) {
        let path =
            if above.is_empty() { layer.name().to_string() } else { format!("{above}/{}", layer.name()) };
        for weight in layer.own_weights() {
            names.entry(Arc::as_ptr(&weight) as usize).or_insert_with(|| format!("{path}/{}", weight.name));
        }
        layer.children().iter().for_each(|(_, child)| walk(child, &path, names));
        layer.layer().sublayers().iter().for_each(|inner| walk(inner, &path, names));
    }
    let (mut names, mut counts) = (HashMap::new(), HashMap::new());
    walk(layer, "", &mut names);
    let one = |weight: Arc<Weight>| {
        let name = names.get(&(Arc::as_ptr(&weight) as usize)).unwrap_or(&weight.name).clone();
        let count = counts.entry(name.clone()).or_insert(0usize);
        *count += 1;
        let name = if *count == 1 { name } else { format!("{name}_{}", *count - 1) };
        Ok((name, weight.value()?))
    };
    weights(layer).into_iter().map(one).collect()
}
