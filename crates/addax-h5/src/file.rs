//! An open file: its superblock is read, its tree of groups is proven.

use crate::bytes::{Budget, Bytes, UNDEFINED};
use crate::header::{Header, kind};
use crate::limits::{DEPTH, PATH};
use crate::{Array, Dataset, Error, ErrorKind, Result, attribute, links};
use std::collections::HashMap;

/// An HDF5 file in memory.
///
/// Opening reads the whole skeleton (groups, links, object headers), so that afterwards a look-up is a search in
/// memory and only the contents of a dataset or attribute can still be found damaged. A file with a soft or external
/// link, a loop of groups or a committed type is refused as a whole.
///
/// ```
/// use addax_h5::{Dtype, File, Tree};
/// let mut tree = Tree::new();
/// tree.dataset("layers/dense/vars/0", Dtype::U8, &[2, 2], &[1, 2, 3, 4][..])?;
/// let bytes = tree.to_vec()?;
/// let file = File::open(&bytes)?;
/// let kernel = file.dataset("layers/dense/vars/0")?;
/// assert_eq!((kernel.shape(), &*kernel.data()?), (&[2, 2][..], &[1, 2, 3, 4][..]));
/// # Ok::<(), addax_h5::Error>(())
/// ```
pub struct File<'a> {
    bytes: Bytes<'a>,
    nodes: Vec<Node<'a>>,
}

/// An object: the address of its header and, if it is a group, its entries with the numbers of their nodes.
struct Node<'a> {
    address: u64,
    entries: Option<Vec<(&'a str, usize)>>,
}

/// What an entry of a group is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A group.
    Group,
    /// A dataset.
    Dataset,
}

impl<'a> File<'a> {
    /// Opens a file that is in memory.
    ///
    /// # Errors
    /// What is not HDF5, is cut short or damaged, or has links that are refused.
    pub fn open(bytes: &'a [u8]) -> Result<File<'a>> {
        let (bytes, root) = superblock(bytes)?;
        let mut file = File { bytes, nodes: Vec::new() };
        file.skeleton(root)?;
        Ok(file)
    }

    /// Reads groups in the order in which they are found, each once.
    fn skeleton(&mut self, root: u64) -> Result<()> {
        let mut budget = Budget::of(self.bytes);
        let mut known = HashMap::from([(root, 0)]);
        // For each node its parent, its name and the length and depth of its path.
        let mut found = vec![Found { parent: 0, name: "", path: 0, depth: 0 }];
        self.nodes.push(Node { address: root, entries: None });
        let mut at = 0;
        while at < self.nodes.len() {
            let links = self.links(at, &mut budget).map_err(|e| e.at(path_of(&found, at)))?;
            let Some(links) = links else {
                at += 1;
                continue;
            };
            let mut entries = Vec::with_capacity(links.len());
            let (depth, path) = (found[at].depth + 1, found[at].path + 1);
            for (name, address) in links {
                if depth > DEPTH || path + name.len() > PATH {
                    return Err(Error::refused("a path that deep or long is").at(path_of(&found, at)));
                }
                let node = *known.entry(address).or_insert(self.nodes.len());
                if node == self.nodes.len() {
                    self.nodes.push(Node { address, entries: None });
                    found.push(Found { parent: at, name, path: path + name.len(), depth });
                }
                entries.push((name, node));
            }
            self.nodes[at].entries = Some(entries);
            at += 1;
        }
        self.no_loops(&found)
    }

    /// The entries of a group; a dataset has none.
    fn links(&self, node: usize, budget: &mut Budget) -> Result<Option<Vec<links::Link<'a>>>> {
        let header = Header::read(self.bytes, self.nodes[node].address, budget)?;
        let links = links::read(self.bytes, &header, budget)?;
        if links.is_none() {
            not_a_dataset(&header, node)?;
        }
        Ok(links)
    }

    /// A group has one place in the tree; a dataset may have several.
    fn no_loops(&self, found: &[Found<'_>]) -> Result<()> {
        for (at, node) in self.nodes.iter().enumerate() {
            for (name, child) in node.entries.iter().flatten() {
                let first = (found[*child].parent, found[*child].name) == (at, *name);
                if self.nodes[*child].entries.is_some() && !first {
                    let e = Error::refused(format_args!("a second link to a group, \"{name}\", is"));
                    return Err(e.at(path_of(found, at)));
                }
            }
        }
        Ok(())
    }

    /// The group that holds everything.
    pub fn root(&self) -> Group<'_, 'a> {
        Group { file: self, node: 0, path: String::new() }
    }

    /// The group at that path.
    ///
    /// # Errors
    /// No such group.
    pub fn group(&self, path: &str) -> Result<Group<'_, 'a>> {
        self.root().group(path)
    }

    /// The dataset at that path.
    ///
    /// # Errors
    /// No such dataset, a damaged one, or one whose type or layout is refused.
    pub fn dataset(&self, path: &str) -> Result<Dataset<'a>> {
        self.root().dataset(path)
    }

    /// All objects below the root with their paths, each group before what it holds, names sorted bytewise.
    pub fn walk(&self) -> impl Iterator<Item = (String, Kind)> {
        // Groups that are open: their entries still to come, and the length of their path.
        let entries = |node: usize| self.nodes[node].entries.iter().flatten();
        let mut open = vec![(entries(0), 0)];
        let mut path = String::new();
        std::iter::from_fn(move || {
            loop {
                let (rest, len) = open.last_mut()?;
                path.truncate(*len);
                let Some((name, node)) = rest.next() else {
                    open.pop();
                    continue;
                };
                join(&mut path, name);
                let kind = self.kind(*node);
                if kind == Kind::Group {
                    open.push((entries(*node), path.len()));
                }
                return Some((path.clone(), kind));
            }
        })
    }

    fn kind(&self, node: usize) -> Kind {
        if self.nodes[node].entries.is_some() { Kind::Group } else { Kind::Dataset }
    }
}

struct Found<'a> {
    parent: usize,
    name: &'a str,
    path: usize,
    depth: usize,
}

fn path_of(found: &[Found<'_>], mut at: usize) -> String {
    let mut names = Vec::new();
    while at != 0 {
        names.push(found[at].name);
        at = found[at].parent;
    }
    names.reverse();
    if names.is_empty() { "/".to_owned() } else { names.join("/") }
}

fn join(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('/');
    }
    path.push_str(name);
}

/// What holds no links must be a dataset, and the root must hold links.
fn not_a_dataset(header: &Header<'_>, node: usize) -> Result<()> {
    if node == 0 {
        Err(Error::damaged("the root is not a group"))
    } else if header.find(kind::LAYOUT).is_some() {
        Ok(())
    } else if header.find(kind::DATATYPE).is_some() {
        Err(Error::refused("a committed datatype is"))
    } else {
        Err(Error::damaged("neither a group nor a dataset"))
    }
}

/// The bytes from the superblock on, and the address of the root's header.
fn superblock(bytes: &[u8]) -> Result<(Bytes<'_>, u64)> {
    const SIGNATURE: &[u8] = b"\x89HDF\r\n\x1a\n";
    // Bytes of somebody else may stand in front: 512, or that doubled any number of times.
    let starts = std::iter::once(0).chain((9..40).map(|n| 1usize << n));
    let start = starts.take_while(|s| *s < bytes.len()).find(|s| bytes[*s..].starts_with(SIGNATURE));
    let Some(start) = start else {
        return Err(Error::damaged("not an HDF5 file: its signature is missing"));
    };
    let file = Bytes(&bytes[start..]);
    let mut cursor = file.cursor(0, "the superblock")?;
    cursor.take(SIGNATURE.len())?;
    let version = cursor.version(0..=3)?;
    cursor.take(if version < 2 { 4 } else { 0 })?;
    let (offsets, lengths) = (cursor.u8()?, cursor.u8()?);
    if (offsets, lengths) != (8, 8) {
        return Err(Error::refused(format_args!("offsets of {offsets} and lengths of {lengths} bytes are")));
    }
    cursor.take(match version {
        0 => 1 + 2 * 2 + 4,
        1 => 1 + 2 * 2 + 4 + 4,
        _ => 1,
    })?;
    let base = cursor.u64()?;
    let _extension = cursor.u64()?;
    let end = cursor.u64()?;
    let root = if version < 2 {
        if cursor.u64()? != UNDEFINED {
            return Err(Error::refused("a file split in several is"));
        }
        cursor.take(8)?;
        cursor.u64()?
    } else {
        file.block(0, 48, b"\x89HDF", "the superblock")?;
        cursor.u64()?
    };
    if base != start as u64 {
        return Err(Error::refused(format_args!("a base address of {base} in a file at {start} is")));
    }
    match end.saturating_sub(base) <= file.len() {
        true => Ok((file, root)),
        false => Err(Error::damaged(format_args!(
            "the file is cut short: expected {end} bytes, got {}",
            bytes.len()
        ))),
    }
}

/// A group of an open file.
pub struct Group<'f, 'a> {
    file: &'f File<'a>,
    node: usize,
    path: String,
}

impl<'f, 'a> Group<'f, 'a> {
    /// The path inside the file, empty for the root.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Names and kinds of what it holds, sorted bytewise.
    pub fn entries(&self) -> impl ExactSizeIterator<Item = (&'f str, Kind)> {
        let file = self.file;
        let entries: &'f [(&'a str, usize)] = file.nodes[self.node].entries.as_deref().unwrap_or_default();
        entries.iter().map(|(name, node)| (*name, file.kind(*node)))
    }

    /// What is at that path below it, if anything.
    pub fn kind(&self, path: &str) -> Option<Kind> {
        self.find(path).map(|node| self.file.kind(node))
    }

    /// The group at that path below it.
    ///
    /// # Errors
    /// No such group.
    pub fn group(&self, path: &str) -> Result<Group<'f, 'a>> {
        let full = self.full(path);
        match self.find(path) {
            Some(node) if self.file.kind(node) == Kind::Group => {
                Ok(Group { file: self.file, node, path: full })
            }
            Some(_) => Err(Error::wrong("expected a group, got a dataset").at(full)),
            None => Err(Error::new(ErrorKind::Missing, "there is no such group").at(full)),
        }
    }

    /// The dataset at that path below it.
    ///
    /// # Errors
    /// No such dataset, a damaged one, or one whose type or layout is refused.
    pub fn dataset(&self, path: &str) -> Result<Dataset<'a>> {
        let full = self.full(path);
        match self.find(path) {
            Some(node) if self.file.kind(node) == Kind::Dataset => {
                let address = self.file.nodes[node].address;
                Dataset::open(self.file.bytes, address, full.clone()).map_err(|e| e.at(full))
            }
            Some(_) => Err(Error::wrong("expected a dataset, got a group").at(full)),
            None => Err(Error::new(ErrorKind::Missing, "there is no such dataset").at(full)),
        }
    }

    /// The attribute of that name, if there is one.
    ///
    /// # Errors
    /// A damaged file, or a type or feature that is refused.
    pub fn attribute(&self, name: &str) -> Result<Option<Array<'a>>> {
        let found = self.header().and_then(|h| attribute::find(self.file.bytes, &h, name));
        found.map_err(|e| e.at(self.full("")))
    }

    /// All attributes with their names, in the order of the file.
    ///
    /// # Errors
    /// As for [`Group::attribute`].
    pub fn attributes(&self) -> Result<Vec<(String, Array<'a>)>> {
        let found = self.header().and_then(|h| attribute::read_all(self.file.bytes, &h));
        found.map_err(|e| e.at(self.full("")))
    }

    fn header(&self) -> Result<Header<'a>> {
        let bytes = self.file.bytes;
        Header::read(bytes, self.file.nodes[self.node].address, &mut Budget::of(bytes))
    }

    fn find(&self, path: &str) -> Option<usize> {
        links::names(path).try_fold(self.node, |node, name| {
            let entries = self.file.nodes[node].entries.as_ref()?;
            entries.binary_search_by_key(&name, |e| e.0).ok().map(|i| entries[i].1)
        })
    }

    fn full(&self, path: &str) -> String {
        let mut full = self.path.clone();
        links::names(path).for_each(|name| join(&mut full, name));
        if full.is_empty() { "/".to_owned() } else { full }
    }
}

impl std::fmt::Debug for File<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "File({} bytes, {} objects)", self.bytes.len(), self.nodes.len())
    }
}

impl std::fmt::Debug for Group<'_, '_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Group(\"{}\", {} entries)", self.path, self.entries().len())
    }
}
