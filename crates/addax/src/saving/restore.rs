//! Weights out of files into a model: first everything is found and checked, then numbers are copied.

use super::adapted;
use super::arrays::{Stored, value};
use super::limits::Limit;
use super::store::Entry;
use crate::scope::Weight;
use addax_core::{Error, Result, Shape, Value};
use addax_h5::{Dtype, ErrorKind, File, Kind};
use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

/// Where arrays come from: a tree of groups.
pub(crate) trait Source<'a> {
    /// The arrays of a group in their order; nothing if there is no such group.
    fn group(&self, path: &str) -> Result<Option<Vec<Stored<'a>>>>;
}

/// An error of the file format as one of ours.
pub(crate) fn told(error: addax_h5::Error) -> Error {
    match error.kind() {
        ErrorKind::Refused => Error::unsupported(error.to_string()),
        _ => Error::value(error.to_string()),
    }
    .at("HDF5")
}

/// A tree in an HDF5 file.
pub(crate) struct Tree<'f, 'a> {
    file: &'f File<'a>,
    /// Early files call the layers of a model by another name.
    layers: &'static str,
}

impl<'f, 'a> Tree<'f, 'a> {
    /// The tree of a file.
    pub fn of(file: &'f File<'a>) -> Tree<'f, 'a> {
        let early = "_layer_checkpoint_dependencies";
        let layers = if file.root().kind(early).is_some() { early } else { "layers" };
        Tree { file, layers }
    }
}

impl<'a> Source<'a> for Tree<'_, 'a> {
    fn group(&self, path: &str) -> Result<Option<Vec<Stored<'a>>>> {
        let named = |part: &'_ str| if part == "layers" { self.layers } else { part }.to_string();
        let path = path.split('/').map(named).collect::<Vec<_>>().join("/");
        if self.file.root().kind(&path) != Some(Kind::Group) {
            return Ok(None);
        }
        let group = self.file.group(&path).map_err(told)?;
        let mut arrays = Vec::new();
        while group.kind(&arrays.len().to_string()) == Some(Kind::Dataset) {
            arrays.push(stored(&group.dataset(&arrays.len().to_string()).map_err(told)?)?);
        }
        Ok(Some(arrays))
    }
}

/// A dataset with its bytes.
pub(crate) fn stored<'a>(dataset: &addax_h5::Dataset<'a>) -> Result<Stored<'a>> {
    let bytes = dataset.data().map_err(told)?;
    Ok(Stored { shape: dataset.shape().to_vec(), dtype: dataset.dtype(), bytes })
}

/// What an array is for.
#[derive(Debug)]
pub(crate) enum Target {
    /// A weight of a layer.
    Weight(Arc<Weight>),
    /// Something that is asked for by its number.
    Numbered(usize),
}

/// An array and what it is for.
pub(crate) struct Placed<'a> {
    pub target: Target,
    pub array: Stored<'a>,
}

/// What to do with arrays that do not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mismatch {
    /// The first is an error.
    Refuse,
    /// The weights of its layer stay as they are.
    Skip,
}

/// Finds the arrays of all entries of a model; also tells what was skipped, one line each.
pub(crate) fn assign<'a>(
    entries: &[Entry],
    source: &impl Source<'a>,
    mismatch: Mismatch,
) -> Result<(Vec<Placed<'a>>, Vec<Error>)> {
    let (mut placed, mut skipped) = (Vec::new(), Vec::new());
    for entry in entries {
        let Some(layer) = &entry.layer else { continue };
        let weights = adapted::kept(layer);
        if weights.is_empty() {
            continue;
        }
        let found = one(&entry.group(), &weights, source)
            .and_then(|more| Ok(more.into_iter().chain(adapted::nothing(layer)?).collect::<Vec<_>>()))
            .map_err(|e| e.at(layer.title()));
        match (found, mismatch) {
            (Ok(more), _) => placed.extend(more),
            (Err(e), Mismatch::Skip) => skipped.push(e),
            (Err(e), Mismatch::Refuse) => return Err(e),
        }
    }
    Ok((placed, skipped))
}

/// The arrays of one object.
fn one<'a>(path: &str, weights: &[Arc<Weight>], source: &impl Source<'a>) -> Result<Vec<Placed<'a>>> {
    let wanted = || {
        let each = weights.iter().map(|w| format!("{} {}", w.name, Shape::of(&w.shape)));
        format!("{} arrays ({}) at \"{path}\"", weights.len(), each.collect::<Vec<_>>().join(", "))
    };
    let arrays = source.group(path)?.ok_or_else(|| Error::value("weights").expected(wanted()).got("none"))?;
    if arrays.len() != weights.len() {
        return Err(Error::value("weights").expected(wanted()).got(arrays.len()));
    }
    let pairs = weights.iter().cloned().zip(arrays).enumerate();
    pairs
        .map(|(i, (weight, array))| {
            fits(&weight, &array).map_err(|e| e.at(format!("{path}/{i}")))?;
            Ok(Placed { target: Target::Weight(weight), array })
        })
        .collect()
}

/// Checks that an array is what a weight can hold.
pub(crate) fn fits(weight: &Weight, array: &Stored) -> Result<()> {
    if weight.shape == array.shape {
        return Ok(());
    }
    let name = format!("shape of weight \"{}\"", weight.name);
    Err(Error::value(name).expected(Shape::of(&weight.shape)).got(Shape::of(&array.shape)))
}

/// An array that no longer borrows the bytes of its file.
struct Part {
    target: Target,
    shape: Vec<usize>,
    dtype: Dtype,
    place: Place,
}

enum Place {
    /// In the bytes of the file.
    At(Range<usize>),
    Own(Vec<u8>),
}

/// Arrays whose places in a file are known. They are copied from the end of the file to its beginning, while the file
/// is let go behind them: file and model are never in memory both whole.
pub(crate) struct Parts(Vec<Part>);

impl Parts {
    /// Takes note of where arrays are in the bytes `file`. Their sizes must be in proportion to it.
    pub fn of(placed: Vec<Placed>, file: &[u8]) -> Result<Parts> {
        in_proportion(&placed, file.len())?;
        let part = |p: Placed| {
            let place = match p.array.bytes {
                Cow::Borrowed(bytes) => Place::At(range(file, bytes)),
                Cow::Owned(bytes) => Place::Own(bytes),
            };
            Part { target: p.target, shape: p.array.shape, dtype: p.array.dtype, place }
        };
        let mut parts: Vec<Part> = placed.into_iter().map(part).collect();
        parts.sort_by_key(|p| p.place.end());
        Ok(Parts(parts))
    }

    /// Copies the numbers to where they belong; those that were asked for by number come back in that order.
    pub fn copy(mut self, mut file: Vec<u8>) -> Result<Vec<Value>> {
        let mut numbered = Vec::new();
        while let Some(part) = self.0.pop() {
            if part.place.end().saturating_add(PIECE) < file.len() {
                file.truncate(part.place.end());
                file.shrink_to_fit();
            }
            let numbers = match &part.place {
                Place::At(range) => {
                    value(&part.shape, part.dtype, file.get(range.clone()).unwrap_or_default())?
                }
                Place::Own(bytes) => value(&part.shape, part.dtype, bytes)?,
            };
            part.target.give(numbers, &mut numbered)?;
        }
        Ok(in_order(numbered))
    }
}

impl Target {
    fn give(self, numbers: Value, numbered: &mut Vec<(usize, Value)>) -> Result<()> {
        match self {
            Target::Weight(weight) => weight.set(numbers)?,
            Target::Numbered(i) => numbered.push((i, numbers)),
        }
        Ok(())
    }
}

fn in_order(mut numbered: Vec<(usize, Value)>) -> Vec<Value> {
    numbered.sort_by_key(|(i, _)| *i);
    numbered.into_iter().map(|(_, v)| v).collect()
}

/// Copies numbers to where they belong while all files are kept; else as [`Parts::copy`].
pub(crate) fn copy(placed: Vec<Placed>) -> Result<Vec<Value>> {
    let mut numbered = Vec::new();
    for p in placed {
        p.target.give(value(&p.array.shape, p.array.dtype, &p.array.bytes)?, &mut numbered)?;
    }
    Ok(in_order(numbered))
}

/// Checks that arrays do not lie over each other, and do not inflate to far more than their file of `length` bytes is.
pub(crate) fn in_proportion(placed: &[Placed], length: usize) -> Result<()> {
    let (mut borrowed, mut owned) = (0usize, 0usize);
    for p in placed {
        let sum = if matches!(p.array.bytes, Cow::Borrowed(_)) { &mut borrowed } else { &mut owned };
        *sum = sum.saturating_add(p.array.bytes.len());
    }
    if borrowed > length {
        let e = Error::value("datasets").expected("places of their own");
        return Err(e.got(format_args!("{borrowed} bytes in a file of {length}")));
    }
    if owned > length.saturating_mul(INFLATES_TIMES) { Limit::INFLATED.check(owned) } else { Ok(()) }
}

/// How many times its own size the compressed arrays of a file may inflate to, if that is more than the limit.
const INFLATES_TIMES: usize = 100;
/// How much of a file is let go at once.
const PIECE: usize = 4 << 20;

impl Place {
    /// Where it ends in the file; arrays of their own do not need it any more.
    fn end(&self) -> usize {
        match self {
            Place::At(range) => range.end,
            Place::Own(_) => usize::MAX,
        }
    }
}

/// Where a part of some bytes is in them.
fn range(whole: &[u8], part: &[u8]) -> Range<usize> {
    let start = (part.as_ptr() as usize).wrapping_sub(whole.as_ptr() as usize);
    if start <= whole.len() && part.len() <= whole.len() - start { start..start + part.len() } else { 0..0 }
}
