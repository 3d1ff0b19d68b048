//! The first kind of B-tree: of a group's symbol tables, and of a dataset's chunks.

use crate::Result;
use crate::bytes::{Budget, Bytes};

/// What a tree's leaves point at.
#[derive(Clone, Copy)]
pub(crate) enum Of {
    Symbols = 0,
    Chunks = 1,
}

/// Hands each key and address of the tree's leaves to `visit`, in order.
pub(crate) fn leaves<'a>(
    file: Bytes<'a>,
    root: u64,
    of: Of,
    key: usize,
    budget: &mut Budget,
    mut visit: impl FnMut(&'a [u8], u64, &mut Budget) -> Result<()>,
) -> Result<()> {
    // Nodes to read, the next on top, each with the level it must have; any level will do for the root.
    let mut nodes = vec![(root, None)];
    while let Some((address, expected)) = nodes.pop() {
        let mut cursor = file.cursor(address, "a B-tree")?;
        cursor.tag(b"TREE")?;
        if cursor.u8()? != of as u8 {
            return Err(cursor.damaged("it is of the wrong type"));
        }
        let level = cursor.u8()?;
        if expected.is_some_and(|e| e != level) {
            return Err(cursor.damaged("its levels do not follow each other"));
        }
        let count = usize::from(cursor.u16()?);
        cursor.take(16)?;
        budget.spend(24 + count as u64 * (8 + key as u64), "a B-tree")?;
        let first = nodes.len();
        for _ in 0..count {
            let key = cursor.take(key)?;
            let child = cursor.u64()?;
            match level {
                0 => visit(key, child, budget)?,
                _ => nodes.push((child, Some(level - 1))),
            }
        }
        nodes[first..].reverse();
    }
    Ok(())
}
