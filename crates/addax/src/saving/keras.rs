//! `.keras`: an archive of the model's object, its weights and the files that layers keep beside them.

use super::object::{read_model, write};
use super::python;
use super::store::entries;
use super::tree::write_entry;
use super::weights;
use crate::training::Model;
use addax_core::{Error, Result};
use addax_data::archive::{Archive, Writer};
use serde_json::{Value as Json, json};
use std::borrow::Cow;
use std::io::Write;

const CONFIG: &str = "config.json";
const METADATA: &str = "metadata.json";
const WEIGHTS: &str = "model.weights.h5";
const ASSETS: &str = "assets/";

/// The version of Keras whose files these are.
pub(crate) const KERAS_VERSION: &str = "3.15.1";

/// Reads a model out of a file's bytes.
pub(crate) fn read(bytes: Vec<u8>) -> Result<Model> {
    let archive = Archive::open(&bytes)?;
    let config = json(&archive, CONFIG)?;
    // Keras itself never reads this entry.
    let metadata = if archive.contains(METADATA) { json(&archive, METADATA)? } else { Json::Null };
    let version = metadata.get("keras_version").and_then(Json::as_str).and_then(major);
    let model = read_model(config, version).map_err(|e| e.at(CONFIG))?;
    if archive.contains("model.weights.npz") && !archive.contains(WEIGHTS) {
        return Err(Error::unsupported("weights as pickled Python objects (model.weights.npz)"));
    }
    assets(&model, &archive)?;
    let at = |e: Error| e.at(WEIGHTS);
    match archive.read(WEIGHTS)? {
        Cow::Borrowed(tree) => {
            let parts = weights::find(&model, tree, &bytes).map_err(at)?;
            weights::fill(model, parts, bytes).map_err(at)
        }
        Cow::Owned(inflated) => {
            drop(bytes);
            let parts = weights::find(&model, &inflated, &inflated).map_err(at)?;
            weights::fill(model, parts, inflated).map_err(at)
        }
    }
}

/// Hands layers the files that stand beside the weights, each under the path of its layer.
fn assets(model: &Model, archive: &Archive) -> Result<()> {
    let names: Vec<&str> = archive.names().filter(|n| n.starts_with(ASSETS)).collect();
    if names.is_empty() {
        return Ok(());
    }
    for entry in entries(model.architecture()) {
        let Some(layer) = entry.layer else { continue };
        let own = names
            .iter()
            .filter_map(|n| n[ASSETS.len()..].rsplit_once('/').map(|(path, file)| (*n, path, file)));
        for (name, _, file) in own.filter(|(_, path, _)| *path == entry.path) {
            let bytes = archive.read(name)?;
            layer.layer().load_asset(file, &bytes).map_err(|e| e.at(name).at(layer.title()))?;
        }
    }
    Ok(())
}

fn json(archive: &Archive, name: &str) -> Result<Json> {
    python::parse(&archive.read(name)?).map_err(|e| e.at(name))
}

/// The first number of a version: `2.15.0` is 2.
pub(crate) fn major(version: &str) -> Option<u32> {
    version.split('.').next()?.parse().ok()
}

/// Writes a model. The same model gives the same bytes on any day.
pub(crate) fn save(model: &Model, out: &mut dyn Write) -> Result<()> {
    let config = python::dump(&write(model)?, None);
    let metadata = python::dump(&json!({"keras_version": KERAS_VERSION}), None);
    let mut archive = Writer::new(out);
    archive.add(METADATA, &[metadata.as_bytes()])?;
    archive.add(CONFIG, &[config.as_bytes()])?;
    write_entry(&weights::collect(model)?, WEIGHTS, &mut archive)?;
    for entry in entries(model.architecture()) {
        for (name, bytes) in entry.layer.map_or_else(|| Ok(Vec::new()), |l| l.layer().assets())? {
            archive.add(&format!("{ASSETS}{}/{name}", entry.path), &[&bytes])?;
        }
    }
    archive.finish().map(drop)
}
