//! The second kind of B-tree: records of one size, of links, attributes, large heap objects or chunks.

use crate::Result;
use crate::bytes::{Budget, Bytes};

/// The record types that are read here.
pub(crate) mod of {
    pub const HUGE_OBJECTS: u8 = 1;
    pub const LINKS_BY_NAME: u8 = 5;
    pub const ATTRIBUTES_BY_NAME: u8 = 8;
    pub const CHUNKS: u8 = 10;
    pub const FILTERED_CHUNKS: u8 = 11;
}

/// Deeper trees would have more records than a file has bytes.
const DEPTH: usize = 64;

/// What the header of a tree says.
struct Tree {
    kind: u8,
    node: u64,
    record: u64,
    /// For each depth, the bytes of a pointer to a node there: its address, its records, all records below.
    pointers: Vec<[usize; 3]>,
}

/// Hands each record of the tree at `address` to `visit`; trees of another type are damage.
pub(crate) fn records<'a>(
    file: Bytes<'a>,
    address: u64,
    kinds: &[u8],
    budget: &mut Budget,
    mut visit: impl FnMut(&'a [u8]) -> Result<()>,
) -> Result<()> {
    let mut cursor = file.block(address, 38, b"BTHD", "a B-tree")?;
    cursor.version(0..=0)?;
    let kind = cursor.u8()?;
    if !kinds.contains(&kind) {
        return Err(cursor.damaged(format_args!("it is of the wrong type {kind}")));
    }
    let (node, record) = (u64::from(cursor.u32()?), u64::from(cursor.u16()?));
    let depth = usize::from(cursor.u16()?);
    cursor.take(2)?;
    let (root, count) = (cursor.u64()?, u64::from(cursor.u16()?));
    if record == 0 || node < 10 + record || depth > DEPTH {
        return Err(cursor.damaged("its nodes hold no records"));
    }
    let tree = Tree { kind, node, record, pointers: pointers(node, record, depth) };
    let mut nodes = if count == 0 { vec![] } else { vec![(root, count, depth)] };
    while let Some((address, count, depth)) = nodes.pop() {
        tree.node(file, (address, count, depth), budget, &mut visit, &mut nodes)?;
    }
    Ok(())
}

/// How wide the counts in pointers are follows from how many records fit at each depth.
fn pointers(node: u64, record: u64, depth: usize) -> Vec<[usize; 3]> {
    let width = |most: u64| most.max(1).ilog2() as usize / 8 + 1;
    let in_leaf = (node - 10) / record;
    let mut found = Vec::with_capacity(depth);
    let mut below = in_leaf;
    for d in 0..depth {
        let pointer = [8, width(in_leaf), if d == 0 { 0 } else { width(below) }];
        let bytes = pointer.iter().sum::<usize>() as u64;
        let here = node.saturating_sub(10 + bytes) / (record + bytes);
        below = here.saturating_add(1).saturating_mul(below).saturating_add(here);
        found.push(pointer);
    }
    found
}

impl Tree {
    fn node<'a>(
        &self,
        file: Bytes<'a>,
        (address, count, depth): (u64, u64, usize),
        budget: &mut Budget,
        visit: &mut impl FnMut(&'a [u8]) -> Result<()>,
        nodes: &mut Vec<(u64, u64, usize)>,
    ) -> Result<()> {
        let pointer = if depth == 0 { [0; 3] } else { self.pointers[depth - 1] };
        let children = if depth == 0 { 0 } else { count + 1 };
        let used = 10 + count * self.record + children * pointer.iter().sum::<usize>() as u64;
        budget.spend(used, "a B-tree")?;
        if used > self.node {
            return Err(crate::Error::damaged("a B-tree: more records than its node has room for"));
        }
        let tag = if depth == 0 { b"BTLF" } else { b"BTIN" };
        let mut cursor = file.block(address, used, tag, "a B-tree")?;
        cursor.version(0..=0)?;
        if cursor.u8()? != self.kind {
            return Err(cursor.damaged("its nodes are of several types"));
        }
        for _ in 0..count {
            visit(cursor.take(self.record as usize)?)?;
        }
        for _ in 0..children {
            let [address, count, _all] = pointer.map(|width| cursor.uint(width));
            nodes.push((address?, count?, depth - 1));
        }
        Ok(())
    }
}
