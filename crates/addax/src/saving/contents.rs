//! What is in a file, without making a model of it.

use super::legacy_h5::text;
use super::python;
use super::restore::told;
use addax_core::{Error, Result, Shape};
use addax_data::archive::Archive;
use addax_data::files;
use addax_h5::{File, Kind};
use serde_json::Value as Json;
use std::path::Path;

/// What is in a file.
#[derive(Clone, Debug, Default)]
pub struct Contents {
    /// What there is to say about it, each with a word for what it is.
    pub about: Vec<(&'static str, String)>,
    /// All arrays: path, element type, shape.
    pub arrays: Vec<(String, String, Shape)>,
}

impl Contents {
    fn say(&mut self, what: &'static str, value: impl Into<String>) {
        self.about.push((what, value.into()));
    }

    /// What a model's object says: class, name, number of layers, what it is compiled with.
    fn model(&mut self, json: &Json, compiled: Option<&Json>) {
        let word = |json: &Json, key: &str| json.get(key).and_then(Json::as_str).unwrap_or("?").to_string();
        let config = json.get("config").unwrap_or(&Json::Null);
        self.say("model", format!("{} \"{}\"", word(json, "class_name"), word(config, "name")));
        let layers = config.get("layers").and_then(Json::as_array).map_or(0, Vec::len);
        self.say("layers", layers.to_string());
        let optimizer = compiled.and_then(|c| c.get("optimizer").or(c.get("optimizer_config")));
        let optimizer = optimizer.map(|o| o.as_str().map_or_else(|| word(o, "class_name"), str::to_string));
        self.say("compiled", optimizer.map_or("no".to_string(), |o| format!("with {o}")));
    }

    /// All datasets of an HDF5 file.
    fn tree(&mut self, file: &File) -> Result<()> {
        for (path, _) in file.walk().filter(|(_, kind)| *kind == Kind::Dataset) {
            let dataset = file.dataset(&path).map_err(told)?;
            self.arrays.push((path, dataset.dtype().to_string(), Shape::of(dataset.shape())));
        }
        self.say("arrays", self.arrays.len().to_string());
        Ok(())
    }
}

/// Looks into a `.keras`, HDF5 or `.safetensors` file.
///
/// # Errors
/// A file that cannot be read, is damaged, or is none of these.
pub fn contents(path: impl AsRef<Path>) -> Result<Contents> {
    let path = path.as_ref();
    let bytes = files::bytes(path)?;
    look(&bytes).map_err(|e| e.at(path.display()))
}

fn look(bytes: &[u8]) -> Result<Contents> {
    let mut found = Contents::default();
    found.say("bytes", bytes.len().to_string());
    if bytes.starts_with(b"PK") {
        archive(bytes, &mut found)?;
    } else if bytes.starts_with(b"\x89HDF") {
        let file = File::open(bytes).map_err(told)?;
        let root = file.root();
        found.say("kind", "HDF5");
        if let Some(version) = text(&root, "keras_version")? {
            found.say("keras", version);
        }
        let parse = |name: &str| -> Result<Option<Json>> {
            text(&root, name)?.map(|t| python::parse(t.as_bytes()).map_err(|e| e.at(name))).transpose()
        };
        if let Some(config) = parse("model_config")? {
            found.model(&config, parse("training_config")?.as_ref());
        }
        found.tree(&file)?;
    } else {
        safetensors(bytes, &mut found)?;
    }
    Ok(found)
}

fn archive(bytes: &[u8], found: &mut Contents) -> Result<()> {
    let archive = Archive::open(bytes)?;
    found.say("kind", "Keras archive");
    for name in archive.names() {
        let size = archive.read(name)?.len();
        found.say("entry", format!("{name} ({size} bytes)"));
    }
    let json = |name: &str| python::parse(&archive.read(name)?).map_err(|e| e.at(name));
    if archive.contains("metadata.json") {
        let metadata = json("metadata.json")?;
        let version = metadata.get("keras_version").and_then(Json::as_str);
        found.say("keras", version.unwrap_or("?"));
    }
    let config = json("config.json")?;
    found.model(
        &config,
        config.get("compile_config").filter(|c| c.as_object().is_some_and(|o| !o.is_empty())),
    );
    let weights = archive.read("model.weights.h5")?;
    found.tree(&File::open(&weights).map_err(told)?)
}

fn safetensors(bytes: &[u8], found: &mut Contents) -> Result<()> {
    let wrong = || Error::value("file").expected("a model, weights or arrays").got("something else");
    let length = bytes.first_chunk().map(|b| u64::from_le_bytes(*b)).ok_or_else(wrong)?;
    let header = usize::try_from(length).ok().and_then(|n| bytes.get(8..)?.get(..n)).ok_or_else(wrong)?;
    let header = python::parse(header).map_err(|_| wrong())?;
    found.say("kind", "safetensors");
    for (name, entry) in header.as_object().ok_or_else(wrong)?.iter().filter(|(n, _)| *n != "__metadata__") {
        let shape = entry.get("shape").and_then(Json::as_array).ok_or_else(wrong)?;
        let dims = shape.iter().map(|d| d.as_u64().and_then(|n| usize::try_from(n).ok()).ok_or_else(wrong));
        let dtype = entry.get("dtype").and_then(Json::as_str).unwrap_or("?");
        found.arrays.push((name.clone(), dtype.to_string(), Shape::of(&dims.collect::<Result<Vec<_>>>()?)));
    }
    found.say("arrays", found.arrays.len().to_string());
    Ok(())
}
