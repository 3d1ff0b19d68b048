//! Weights out of a file into a model that is there already.

use super::arrays::Stored;
use super::limits::Limit;
use super::python;
use super::restore::{Mismatch, Parts, Source, Tree, copy, in_proportion, told};
use super::weights::gather;
use super::{legacy_h5, optimizer};
use crate::training::Model;
use addax_core::{Error, Result, Value};
use addax_data::archive::Archive;
use addax_h5::File;
use serde_json::Value as Json;
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::path::Path;

impl Model {
    /// Gives the model the weights of a file: `.weights.h5`, a whole model, or the list of a sharded file
    /// (`.weights.json`), whose parts are read beside it. A compiled model takes the optimizer's state over too.
    ///
    /// # Errors
    /// Weights that are missing or of another shape: nothing is taken then.
    pub fn load_weights(&mut self, path: impl AsRef<Path>) -> Result<()> {
        self.take_weights(path.as_ref(), Mismatch::Refuse).map(drop)
    }

    /// As [`Model::load_weights`], but layers whose weights are missing or of another shape keep what they have; returns
    /// what was wrong with each (`load_weights(skip_mismatch=True)`).
    pub fn load_weights_that_fit(&mut self, path: impl AsRef<Path>) -> Result<Vec<Error>> {
        self.take_weights(path.as_ref(), Mismatch::Skip)
    }

    fn take_weights(&mut self, path: &Path, mismatch: Mismatch) -> Result<Vec<Error>> {
        self.network()?;
        let bytes = addax_data::files::bytes(path)?;
        let taken = if path.to_string_lossy().ends_with(LIST) {
            self.take_shards(path, &bytes, mismatch)
        } else if bytes.starts_with(b"PK") {
            self.take_archive(bytes, mismatch)
        } else {
            found(self, &bytes, &bytes, mismatch)
                .and_then(|(parts, skipped)| Ok((parts.copy(bytes)?, skipped)))
        };
        let (slots, skipped) = taken.map_err(|e| e.at(path.display()))?;
        let weights = self.architecture().weights();
        self.set_weights(&weights.iter().map(|(w, _)| w.value()).collect::<Result<Vec<_>>>()?)?;
        if !slots.is_empty() {
            optimizer::give(self, slots)?;
        }
        Ok(skipped)
    }

    fn take_archive(&self, bytes: Vec<u8>, mismatch: Mismatch) -> Result<Taken> {
        let archive = Archive::open(&bytes)?;
        let ((parts, skipped), bytes) = match archive.read("model.weights.h5")? {
            Cow::Borrowed(tree) => (found(self, tree, &bytes, mismatch)?, bytes),
            Cow::Owned(tree) => (found(self, &tree, &tree, mismatch)?, tree),
        };
        Ok((parts.copy(bytes)?, skipped))
    }

    /// The arrays of a file that is divided over several: which group is in which is said by a list.
    fn take_shards(&self, path: &Path, list: &[u8], mismatch: Mismatch) -> Result<Taken> {
        let list = python::parse(list)?;
        let (folder, name) = (path.parent().unwrap_or(Path::new("")), path.file_name().unwrap_or_default());
        let stem = name.to_string_lossy().replace(LIST, "");
        let map = list.get("weight_map").and_then(Json::as_object);
        let map = map.ok_or_else(|| Error::value("list of weights").expected("the key \"weight_map\""))?;
        let mut groups: BTreeMap<String, Vec<String>> = BTreeMap::new();
        let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
        for (group, names) in map {
            let names = names.as_array().map_or(std::slice::from_ref(names), Vec::as_slice);
            for name in names.iter().filter_map(Json::as_str) {
                shard(name, &stem)?;
                if !files.contains_key(name) {
                    Limit::SHARDS.check(files.len() + 1)?;
                    files.insert(name.to_string(), addax_data::files::bytes(&folder.join(name))?);
                }
                groups.entry(group.trim_start_matches('/').to_string()).or_default().push(name.to_string());
            }
        }
        let opened = files.iter().map(|(name, bytes)| Ok((name.as_str(), File::open(bytes).map_err(told)?)));
        let opened = opened.collect::<Result<BTreeMap<&str, File>>>()?;
        let (placed, skipped) = gather(self, &Shards { groups: &groups, files: &opened }, mismatch)?;
        in_proportion(&placed, files.values().map(Vec::len).sum())?;
        Ok((copy(placed)?, skipped))
    }
}

/// The optimizer's arrays, and what was skipped.
type Taken = (Vec<Value>, Vec<Error>);

/// How the name of a list of parts ends.
const LIST: &str = ".weights.json";

/// A part of a sharded file is called as the list is, with a number; no other file is opened because of a list.
fn shard(name: &str, stem: &str) -> Result<()> {
    let number = name.strip_prefix(stem).and_then(|n| n.strip_suffix(".weights.h5"));
    match number.is_some_and(|n| n.starts_with('_') && n[1..].bytes().all(|b| b.is_ascii_digit())) {
        true => Ok(()),
        false => Err(Error::value("name of a part")
            .expected(format!("{stem}_00000.weights.h5 and so on"))
            .got(name)),
    }
}

/// A tree that is divided over several files.
struct Shards<'s, 'a> {
    groups: &'s BTreeMap<String, Vec<String>>,
    files: &'s BTreeMap<&'a str, File<'a>>,
}

impl<'a> Source<'a> for Shards<'_, 'a> {
    fn group(&self, path: &str) -> Result<Option<Vec<Stored<'a>>>> {
        let Some(names) = self.groups.get(path) else { return Ok(None) };
        let mut arrays: BTreeMap<usize, Stored<'a>> = BTreeMap::new();
        for file in names.iter().filter_map(|n| self.files.get(n.as_str())) {
            let Ok(group) = file.group(path) else { continue };
            for (name, _) in group.entries() {
                if let Ok(number) = name.parse::<usize>() {
                    let dataset = group.dataset(name).map_err(told)?;
                    arrays.insert(number, super::restore::stored(&dataset)?);
                }
            }
        }
        Ok(Some(arrays.into_values().collect()))
    }
}

/// The arrays for a model in an HDF5 file of either kind; `tree` is a part of the bytes `file`.
fn found(model: &Model, tree: &[u8], file: &[u8], mismatch: Mismatch) -> Result<(Parts, Vec<Error>)> {
    let opened = File::open(tree).map_err(told)?;
    let root = opened.root();
    let legacy = |group: &addax_h5::Group| {
        group.attribute("layer_names").is_ok_and(|a| a.is_some())
            || group.attribute("layer_names0").is_ok_and(|a| a.is_some())
    };
    let (placed, skipped) = match opened.group("model_weights") {
        Ok(group) => legacy_h5::place(model, &group, mismatch)?,
        Err(_) if legacy(&root) => legacy_h5::place(model, &root, mismatch)?,
        Err(_) => gather(model, &Tree::of(&opened), mismatch)?,
    };
    Ok((Parts::of(placed, file)?, skipped))
}
