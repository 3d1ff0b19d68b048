//! Writing: a tree of groups, datasets and attributes becomes a file as h5py writes it for Keras.

mod collections;
mod encode;
mod layout;
mod value;

pub use value::Value;

use crate::limits::{DEPTH, PATH};
use crate::{Dtype, Error, Result, links, space};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;

/// A file to be written: groups, datasets whose data is borrowed, attributes.
///
/// ```
/// use addax_h5::{Dtype, Tree, Value};
/// let weights = [0u8; 16];
/// let mut tree = Tree::new();
/// tree.dataset("dense/kernel", Dtype::F32, &[2, 2], &weights[..])?;
/// tree.attribute("dense", "weight_names", Value::texts(["dense/kernel"]))?;
/// let mut out = Vec::new();
/// assert_eq!(tree.write(&mut out)?, out.len() as u64);
/// # Ok::<(), addax_h5::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Tree<'a> {
    nodes: Vec<Node<'a>>,
}

#[derive(Clone, Debug)]
struct Node<'a> {
    attributes: Vec<(String, Value<'a>)>,
    body: Body<'a>,
}

#[derive(Clone, Debug)]
enum Body<'a> {
    /// Names, sorted bytewise, and the numbers of their nodes.
    Group(BTreeMap<String, usize>),
    Dataset(Data<'a>),
}

#[derive(Clone, Debug)]
struct Data<'a> {
    dtype: Dtype,
    shape: Vec<usize>,
    bytes: Cow<'a, [u8]>,
}

impl Default for Tree<'_> {
    fn default() -> Self {
        Tree::new()
    }
}

impl<'a> Tree<'a> {
    /// A file with an empty root.
    pub fn new() -> Tree<'a> {
        Tree { nodes: vec![Node { attributes: Vec::new(), body: Body::Group(BTreeMap::new()) }] }
    }

    /// Makes the group at that path, with those above it; it may be there already.
    ///
    /// # Errors
    /// A dataset in the way, or a name that cannot be part of a path.
    pub fn group(&mut self, path: &str) -> Result<()> {
        self.make(&links::names(path).collect::<Vec<_>>()).map(|_| ()).map_err(|e| e.at(path))
    }

    /// Makes a dataset, with the groups above it. The data is little-endian and in row-major order. A
    /// [`Dtype::BF16`] gets Keras's mark, the attribute `dtype`.
    ///
    /// # Errors
    /// Data of another length than shape and type ask for, texts of variable length, something else at that path.
    pub fn dataset(
        &mut self,
        path: &str,
        dtype: Dtype,
        shape: &[usize],
        data: impl Into<Cow<'a, [u8]>>,
    ) -> Result<()> {
        self.add(path, dtype, shape, data.into()).map_err(|e| e.at(path))
    }

    fn add(&mut self, path: &str, dtype: Dtype, shape: &[usize], bytes: Cow<'a, [u8]>) -> Result<()> {
        if dtype == Dtype::Text {
            return Err(Error::wrong("texts of variable length can only be attributes"));
        }
        fits(dtype, shape, bytes.len())?;
        let mut names: Vec<&str> = links::names(path).collect();
        let name = names.pop().ok_or_else(|| Error::wrong("a dataset without a name"))?;
        let group = self.make(&names)?;
        let node = self.nodes.len();
        let Body::Group(entries) = &mut self.nodes[group].body else {
            return Err(Error::wrong("there is a dataset in the way"));
        };
        if entries.contains_key(links::name(name.as_bytes())?) {
            return Err(Error::wrong("there is something at that path already"));
        }
        entries.insert(name.to_owned(), node);
        let mut attributes = Vec::new();
        if dtype == Dtype::BF16 {
            attributes.push(("dtype".to_owned(), Value::from("bfloat16")));
        }
        self.nodes
            .push(Node { attributes, body: Body::Dataset(Data { dtype, shape: shape.to_vec(), bytes }) });
        Ok(())
    }

    /// Gives the object at that path an attribute, or another value for one it has. The empty path is the root's.
    ///
    /// # Errors
    /// No such object, an empty name, or a value over 64 KiB (texts count with 16 bytes each, whatever their length).
    pub fn attribute(&mut self, path: &str, name: &str, value: impl Into<Value<'a>>) -> Result<()> {
        let value = value.into();
        encode::attribute_len(name, &value).map_err(|e| e.at(path))?;
        let Some(node) = self.find(path) else {
            return Err(Error::wrong("there is no such object to have an attribute").at(path));
        };
        let attributes = &mut self.nodes[node].attributes;
        match attributes.iter_mut().find(|(n, _)| n == name) {
            Some((_, old)) => *old = value,
            None => attributes.push((name.to_owned(), value)),
        }
        Ok(())
    }

    /// Writes the file; returns how many bytes it has.
    ///
    /// # Errors
    /// What `out` answers, and an object with more attributes than a header can hold.
    pub fn write(&self, out: &mut impl Write) -> Result<u64> {
        let mut total = 0;
        for part in self.parts()? {
            out.write_all(&part).map_err(|e| Error::new(crate::ErrorKind::Io, e))?;
            total += part.len() as u64;
        }
        Ok(total)
    }

    /// The file in pieces, one after another: its skeleton, and the data as it was given, without a copy.
    ///
    /// # Errors
    /// An object with more attributes than a header can hold.
    pub fn parts(&self) -> Result<Vec<Cow<'_, [u8]>>> {
        let plan = layout::Plan::new(self)?;
        let skeleton = plan.metadata(self)?;
        let mut at = skeleton.len() as u64;
        let mut parts = vec![Cow::Owned(skeleton)];
        for (data, place) in plan.data(self) {
            // Everything stands on a multiple of eight.
            let gap = place.saturating_sub(at).min(8) as usize;
            parts.extend((gap > 0).then(|| Cow::Borrowed(&[0; 8][..gap])));
            parts.push(Cow::Borrowed(data));
            at = place + data.len() as u64;
        }
        Ok(parts)
    }

    /// The file in memory.
    ///
    /// # Errors
    /// As for [`Tree::write`].
    pub fn to_vec(&self) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(layout::Plan::new(self)?.total() as usize);
        self.write(&mut out)?;
        Ok(out)
    }

    /// The group under those names, made if need be.
    fn make(&mut self, names: &[&str]) -> Result<usize> {
        if names.len() > DEPTH || names.iter().map(|name| name.len() + 1).sum::<usize>() > PATH {
            return Err(Error::wrong("the path is too long or too deep"));
        }
        let mut at = 0;
        for name in names {
            let next = self.nodes.len();
            let Body::Group(entries) = &mut self.nodes[at].body else { break };
            at = *entries.entry(links::name(name.as_bytes())?.to_owned()).or_insert(next);
            if at == next {
                self.nodes.push(Node { attributes: Vec::new(), body: Body::Group(BTreeMap::new()) });
            }
        }
        match self.nodes[at].body {
            Body::Group(_) => Ok(at),
            Body::Dataset(_) => Err(Error::wrong("there is a dataset in the way")),
        }
    }

    fn find(&self, path: &str) -> Option<usize> {
        links::names(path).try_fold(0, |at, name| match &self.nodes[at].body {
            Body::Group(entries) => entries.get(name).copied(),
            Body::Dataset(_) => None,
        })
    }
}

/// Whether an array of that shape and type has `len` bytes.
fn fits(dtype: Dtype, shape: &[usize], len: usize) -> Result<()> {
    if shape.len() > crate::limits::RANK {
        return Err(Error::wrong(format_args!("expected at most 32 axes, got {}", shape.len())));
    }
    if dtype.size() == 0 || u32::try_from(dtype.size()).is_err() {
        return Err(Error::wrong(format_args!("elements of {} bytes cannot be written", dtype.size())));
    }
    let expected = space::byte_len(shape, dtype.size()).ok();
    match expected == Some(len as u64) {
        true => Ok(()),
        false => Err(Error::wrong(format_args!(
            "expected the bytes of {dtype} in the shape {shape:?}, got {len} bytes"
        ))),
    }
}
