//! The tree of weights in HDF5: inside `.keras`, alone as `.weights.h5`, or divided over several files.

use super::arrays::bytes;
use super::restore::{self, Mismatch, Parts, Placed, Source, told};
use super::store::entries;
use crate::training::Model;
use addax_core::{Error, Result, Value};
use addax_data::archive::Writer;
use std::io::Write;

/// Finds the arrays of a model in a tree; `tree` is a part of the bytes `file`.
pub(crate) fn find(model: &Model, tree: &[u8], file: &[u8]) -> Result<Parts> {
    let opened = addax_h5::File::open(tree).map_err(told)?;
    let source = restore::Tree::of(&opened);
    let (placed, _) = restore::assign(&entries(model.architecture()), &source, Mismatch::Refuse)?;
    Parts::of(placed, file)
}

/// Gives a model the arrays that were found for it.
pub(crate) fn fill(model: &mut Model, parts: Parts, file: Vec<u8>) -> Result<()> {
    let _ = model;
    parts.copy(file)?;
    Ok(())
}

/// The arrays of an object of the tree.
pub(crate) struct Group {
    path: String,
    name: String,
    arrays: Vec<Value>,
}

/// All groups of a model with their arrays, which are shared, not copied.
pub(crate) fn collect(model: &Model) -> Result<Vec<Group>> {
    let group = |entry: super::store::Entry| {
        let weights = entry.layer.as_ref().map(|l| l.own_weights()).unwrap_or_default();
        let arrays = weights.iter().map(|w| w.value()).collect::<Result<Vec<_>>>()?;
        let name = entry.layer.as_ref().map_or(model.name(), |l| l.name()).to_string();
        Ok(Group { path: entry.group(), name, arrays })
    };
    entries(model.architecture()).into_iter().map(group).collect()
}

/// The tree of groups.
pub(crate) fn tree(groups: &[Group]) -> Result<addax_h5::Tree<'_>> {
    let mut tree = addax_h5::Tree::new();
    for group in groups {
        tree.group(&group.path).map_err(told)?;
        tree.attribute(&group.path, "name", group.name.as_str()).map_err(told)?;
        for (i, array) in group.arrays.iter().enumerate() {
            let (dtype, data) = bytes(array);
            tree.dataset(&format!("{}/{i}", group.path), dtype, array.shape(), data).map_err(told)?;
        }
    }
    Ok(tree)
}

/// Writes a tree as an entry of an archive.
pub(crate) fn write_into<W: Write>(archive: &mut Writer<W>, name: &str, tree: &addax_h5::Tree) -> Result<()> {
    let parts = tree.parts().map_err(told)?;
    archive.add(name, &parts.iter().map(|p| &**p).collect::<Vec<_>>())
}
