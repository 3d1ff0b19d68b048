//! Where everything stands in the file, known before the first byte is written.
//!
//! First the superblock, then object after object with the tables of its group, then the global heap, then the data.

use super::collections::{Collections, Place};
use super::encode::{self, Header, attribute_len};
use super::{Body, Node, Tree};
use crate::Result;
use crate::bytes::UNDEFINED;
use crate::header::kind;
use std::collections::BTreeMap;

/// Entries of a symbol table and children of a B-tree node: twice the ranks in the superblock, h5py's defaults.
const IN_TABLE: usize = 8;
const IN_NODE: usize = 32;

const SUPERBLOCK_LEN: u64 = 96;
const TABLE_LEN: u64 = 8 + 40 * IN_TABLE as u64;
const NODE_LEN: u64 = 24 + 16 * IN_NODE as u64 + 8;

/// The places of all parts of a tree's file.
pub(super) struct Plan {
    places: Vec<Object>,
    /// Where the collections of texts start, and their bytes.
    heap: u64,
    collections: Vec<u8>,
    total: u64,
}

/// The places of one object.
struct Object {
    header: u64,
    /// For each attribute, where its texts are.
    texts: Vec<Vec<Option<Place>>>,
    /// Of a group, its B-tree; the tables follow after the tree and the heap of names. Of a dataset, its data.
    rest: u64,
}

/// How many nodes there are in each level of the B-tree over so many entries, from the leaves up.
fn levels(entries: usize) -> Vec<usize> {
    let mut counts = vec![entries.div_ceil(IN_TABLE).div_ceil(IN_NODE).max(1)];
    while let Some(count) = counts.last().copied().filter(|n| *n > 1) {
        counts.push(count.div_ceil(IN_NODE));
    }
    counts
}

/// Bytes of the names of a group, each ended by zero and padded to eight, after an empty one.
fn names_len(entries: &BTreeMap<String, usize>) -> u64 {
    8 + entries.keys().map(|name| (name.len() as u64 + 1).next_multiple_of(8)).sum::<u64>()
}

impl Plan {
    pub fn new(tree: &Tree<'_>) -> Result<Plan> {
        let mut texts = Collections::default();
        let mut places = Vec::with_capacity(tree.nodes.len());
        let mut at = SUPERBLOCK_LEN;
        for node in &tree.nodes {
            let header = at;
            let fixed = match &node.body {
                Body::Group(_) => 16 + 8 + 16,
                Body::Dataset(data) => 16 + dataset_len(data)?,
            };
            let mut rest = at + fixed;
            for (name, value) in &node.attributes {
                rest += 8 + (attribute_len(name, value)? as u64).next_multiple_of(8);
            }
            at = rest;
            if let Body::Group(entries) = &node.body {
                let nodes: usize = levels(entries.len()).iter().sum();
                let tables = entries.len().div_ceil(IN_TABLE) as u64;
                at += nodes as u64 * NODE_LEN + 32 + names_len(entries) + tables * TABLE_LEN;
            }
            let texts = node.attributes.iter().map(|(_, v)| encode::collect(v, &mut texts)).collect();
            places.push(Object { header, texts, rest });
        }
        let (heap, collections) = (at, texts.finish());
        at += collections.len() as u64;
        let mut total = at;
        for (node, place) in tree.nodes.iter().zip(&mut places) {
            if let Body::Dataset(data) = &node.body {
                place.rest = at;
                if !data.bytes.is_empty() {
                    total = at + data.bytes.len() as u64;
                    at = total.next_multiple_of(8);
                }
            }
        }
        Ok(Plan { places, heap, collections, total })
    }

    /// Bytes of the file.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// Everything before the data.
    pub fn metadata(&self, tree: &Tree<'_>) -> Result<Vec<u8>> {
        let mut out = Vec::with_capacity(self.heap as usize + self.collections.len());
        self.superblock(tree, &mut out);
        for (node, object) in tree.nodes.iter().zip(&self.places) {
            self.object(node, object, &mut out)?;
        }
        out.extend_from_slice(&self.collections);
        Ok(out)
    }

    /// The data of each dataset that has some, with its place.
    pub fn data<'t>(&self, tree: &'t Tree<'_>) -> impl Iterator<Item = (&'t [u8], u64)> {
        tree.nodes.iter().zip(&self.places).filter_map(|(node, object)| match &node.body {
            Body::Dataset(data) if !data.bytes.is_empty() => Some((&*data.bytes, object.rest)),
            _ => None,
        })
    }

    fn superblock(&self, tree: &Tree<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\x89HDF\r\n\x1a\n");
        // Versions of superblock, free space, root and shared messages; bytes of offsets and lengths.
        out.extend_from_slice(&[0, 0, 0, 0, 0, 8, 8, 0]);
        out.extend_from_slice(&(IN_TABLE as u16 / 2).to_le_bytes());
        out.extend_from_slice(&(IN_NODE as u16 / 2).to_le_bytes());
        out.extend_from_slice(&[0; 4]);
        for address in [0, UNDEFINED, self.total, UNDEFINED] {
            out.extend_from_slice(&address.to_le_bytes());
        }
        // The root's entry: no name, its header, and in the cache (1) its B-tree and heap.
        let root = &self.places[0];
        let heap = root.rest + tree_len(&tree.nodes[0]);
        for field in [0, root.header, 1, root.rest, heap] {
            out.extend_from_slice(&field.to_le_bytes());
        }
    }

    fn object(&self, node: &Node<'_>, object: &Object, out: &mut Vec<u8>) -> Result<()> {
        let mut header = Header::new();
        match &node.body {
            Body::Group(_) => {
                let heap = object.rest + tree_len(node);
                let body = [object.rest.to_le_bytes(), heap.to_le_bytes()].concat();
                header.message(kind::SYMBOL_TABLE, &body)?;
            }
            Body::Dataset(data) => {
                let len = data.bytes.len() as u64;
                let address = (len > 0).then_some(object.rest);
                encode::dataset(&mut header, data.dtype, &data.shape, address, len)?;
            }
        }
        for ((name, value), texts) in node.attributes.iter().zip(&object.texts) {
            header.message(kind::ATTRIBUTE, &encode::attribute(name, value, texts, self.heap))?;
        }
        out.extend_from_slice(&header.finish());
        if let Body::Group(entries) = &node.body {
            self.group(entries, object.rest, out);
        }
        Ok(())
    }

    /// A group's B-tree, names and symbol tables.
    fn group(&self, entries: &BTreeMap<String, usize>, tree: u64, out: &mut Vec<u8>) {
        let mut names = vec![0; 8];
        let mut offsets = Vec::with_capacity(entries.len());
        for name in entries.keys() {
            offsets.push(names.len() as u64);
            names.extend_from_slice(name.as_bytes());
            names.resize((names.len() + 1).next_multiple_of(8), 0);
        }
        let heap = tree + NODE_LEN * levels(entries.len()).iter().sum::<usize>() as u64;
        b_tree(&offsets, tree, heap + 32 + names.len() as u64, out);
        out.extend_from_slice(b"HEAP\0\0\0\0");
        // The length of the names, no free space in them (1), and where they are.
        for field in [names.len() as u64, 1, heap + 32] {
            out.extend_from_slice(&field.to_le_bytes());
        }
        out.extend_from_slice(&names);
        let rows: Vec<_> = offsets.iter().zip(entries.values()).collect();
        for table in rows.chunks(IN_TABLE) {
            let end = out.len() + TABLE_LEN as usize;
            out.extend_from_slice(b"SNOD\x01\0");
            out.extend_from_slice(&(table.len() as u16).to_le_bytes());
            for (offset, node) in table {
                for field in [**offset, self.places[**node].header, 0, 0, 0] {
                    out.extend_from_slice(&field.to_le_bytes());
                }
            }
            out.resize(end, 0);
        }
    }
}

fn tree_len(node: &Node<'_>) -> u64 {
    let Body::Group(entries) = &node.body else { return 0 };
    NODE_LEN * levels(entries.len()).iter().sum::<usize>() as u64
}

/// Header messages of a dataset without attributes.
fn dataset_len(data: &super::Data<'_>) -> Result<u64> {
    let mut header = Header::new();
    encode::dataset(&mut header, data.dtype, &data.shape, None, 0)?;
    Ok(header.finish().len() as u64 - 16)
}

/// The B-tree over symbol tables that stand from `tables` on. Its root comes first, at `address`, then level by level.
fn b_tree(offsets: &[u64], address: u64, tables: u64, out: &mut Vec<u8>) {
    // For each child of a level its address and the name it ends with.
    let ends = offsets.chunks(IN_TABLE).map(|table| table[table.len() - 1]);
    let mut children: Vec<(u64, u64)> = (0..).map(|i| tables + i * TABLE_LEN).zip(ends).collect();
    let levels = levels(offsets.len());
    let mut written = Vec::new();
    for (level, count) in levels.iter().enumerate() {
        let above: usize = levels[level + 1..].iter().sum();
        let first = address + above as u64 * NODE_LEN;
        let place = |i: usize| if i < *count { first + i as u64 * NODE_LEN } else { UNDEFINED };
        let mut bytes = Vec::new();
        let mut parents = Vec::with_capacity(*count);
        // A group without entries has a node without children.
        let nodes: Vec<&[(u64, u64)]> =
            if children.is_empty() { vec![&[]] } else { children.chunks(IN_NODE).collect() };
        let mut start = 0u64;
        for (i, node) in nodes.iter().enumerate() {
            bytes.extend_from_slice(b"TREE\0");
            bytes.push(level as u8);
            bytes.extend_from_slice(&(node.len() as u16).to_le_bytes());
            bytes.extend_from_slice(&place(i.wrapping_sub(1)).to_le_bytes());
            bytes.extend_from_slice(&place(i + 1).to_le_bytes());
            bytes.extend_from_slice(&start.to_le_bytes());
            for (child, end) in *node {
                bytes.extend_from_slice(&child.to_le_bytes());
                bytes.extend_from_slice(&end.to_le_bytes());
                start = *end;
            }
            bytes.resize((i + 1) * NODE_LEN as usize, 0);
            parents.push((place(i), start));
        }
        children = parents;
        written.push(bytes);
    }
    written.iter().rev().for_each(|bytes| out.extend_from_slice(bytes));
}
