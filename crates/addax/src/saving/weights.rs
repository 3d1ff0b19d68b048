//! The tree of weights in HDF5: inside `.keras`, alone as `.weights.h5`, or divided over several files.

use super::adapted;
use super::optimizer;
use super::restore::{self, Mismatch, Parts, Placed, Source, told};
use super::store::{Entry, entries};
use super::tree::Group;
use crate::training::Model;
use addax_core::{Error, Result};

/// Finds the arrays of a model and its optimizer in a tree; `tree` is a part of the bytes `file`.
pub(crate) fn find(model: &Model, tree: &[u8], file: &[u8]) -> Result<Parts> {
    let opened = addax_h5::File::open(tree).map_err(told)?;
    let (placed, _) = gather(model, &restore::Tree::of(&opened), Mismatch::Refuse)?;
    Parts::of(placed, file)
}

/// The arrays of a tree for a model and, if it is compiled, its optimizer.
pub(crate) fn gather<'a>(
    model: &Model,
    source: &impl Source<'a>,
    mismatch: Mismatch,
) -> Result<(Vec<Placed<'a>>, Vec<Error>)> {
    let (mut placed, skipped) = restore::assign(&entries(model.architecture()), source, mismatch)?;
    if model.compiled().is_some() {
        placed.extend(optimizer::find(source)?);
    }
    Ok((placed, skipped))
}

/// Gives a model the arrays that were found for it.
pub(crate) fn fill(mut model: Model, parts: Parts, file: Vec<u8>) -> Result<Model> {
    let slots = parts.copy(file)?;
    optimizer::give(&mut model, slots)?;
    Ok(model)
}

/// All groups of a model and its optimizer.
pub(crate) fn collect(model: &Model) -> Result<Vec<Group>> {
    let group = |entry: Entry| {
        let arrays = entry.layer.as_ref().map_or_else(|| Ok(Vec::new()), adapted::values)?;
        Ok(Group::numbered(entry.group(), entry.layer.as_ref().map_or(model.name(), |l| l.name()), arrays))
    };
    let mut groups = entries(model.architecture()).into_iter().map(group).collect::<Result<Vec<_>>>()?;
    groups.extend(optimizer::collect(model)?);
    Ok(groups)
}
