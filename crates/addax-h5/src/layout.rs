//! Where a dataset's elements lie: the layout message, versions 1 to 5.

use crate::bytes::{Cursor, size};
use crate::limits::RANK;
use crate::{Error, Result};

/// Where the elements are.
pub(crate) enum Layout<'a> {
    /// In the header itself.
    Compact(&'a [u8]),
    /// In one piece at that address, which may not be allocated.
    Contiguous(u64),
    /// In pieces of equal shape.
    Chunked(Chunked),
}

/// Elements in chunks.
pub(crate) struct Chunked {
    /// The shape of a chunk; as many axes as the dataset has.
    pub shape: Vec<u64>,
    /// Bytes of an element, as the layout says.
    pub element: u64,
    /// Where the index of the chunks is, which may not be allocated.
    pub address: u64,
    /// What kind of index that is.
    pub index: Index,
    /// Chunks that reach beyond the dataset are kept as they are, without filters.
    pub bare_edges: bool,
}

/// How the chunks of a dataset are found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Index {
    BTree1,
    /// There is one chunk; with filters, its length and filter mask.
    Single(Option<(u64, u32)>),
    /// All chunks lie one after the other.
    Implicit,
    FixedArray,
    ExtensibleArray,
    BTree2,
}

/// Reads a layout message.
pub(crate) fn parse(body: &[u8]) -> Result<Layout<'_>> {
    let mut cursor = Cursor::new(body, "a layout");
    let version = cursor.version(1..=5)?;
    if version < 3 {
        return old(&mut cursor);
    }
    match cursor.u8()? {
        0 => {
            let len = cursor.u16()?;
            Ok(Layout::Compact(cursor.take(len.into())?))
        }
        1 => Ok(Layout::Contiguous(cursor.u64()?)),
        2 if version == 3 => {
            let rank = usize::from(cursor.u8()?);
            let address = cursor.u64()?;
            chunked(&mut cursor, rank, 4, address)
        }
        2 => indexed(&mut cursor),
        3 => Err(Error::refused("a virtual dataset is")),
        class => Err(cursor.damaged(format_args!("unknown class {class}"))),
    }
}

/// Versions 1 and 2 have the same fields for every class.
fn old<'a>(cursor: &mut Cursor<'a>) -> Result<Layout<'a>> {
    let rank = usize::from(cursor.u8()?);
    let class = cursor.u8()?;
    cursor.take(5)?;
    let address = if class == 0 { 0 } else { cursor.u64()? };
    match class {
        0 => {
            cursor.take(4 * rank)?;
            let len = size(cursor.u32()?.into(), "a layout")?;
            Ok(Layout::Compact(cursor.take(len)?))
        }
        1 => Ok(Layout::Contiguous(address)),
        2 => chunked(cursor, rank, 4, address),
        class => Err(cursor.damaged(format_args!("unknown class {class}"))),
    }
}

/// `rank` axes, the last of which is the size of an element.
fn chunked<'a>(cursor: &mut Cursor<'a>, rank: usize, width: usize, address: u64) -> Result<Layout<'a>> {
    if !(1..=RANK + 1).contains(&rank) {
        return Err(cursor.damaged(format_args!("chunks of {rank} axes")));
    }
    let shape: Vec<u64> = (1..rank).map(|_| cursor.uint(width)).collect::<Result<_>>()?;
    let element = cursor.uint(width)?;
    let bytes = shape.iter().try_fold(element, |p, n| p.checked_mul(*n));
    if bytes.is_none_or(|n| n == 0) {
        return Err(cursor.damaged(format_args!("chunks of shape {shape:?}")));
    }
    Ok(Layout::Chunked(Chunked { shape, element, address, index: Index::BTree1, bare_edges: false }))
}

/// Chunks since version 4, with a choice of indices; what the index says itself is not read here.
fn indexed<'a>(cursor: &mut Cursor<'a>) -> Result<Layout<'a>> {
    let flags = cursor.u8()?;
    let rank = usize::from(cursor.u8()?);
    let width = usize::from(cursor.u8()?);
    let Layout::Chunked(mut chunks) = chunked(cursor, rank, width, 0)? else {
        return Err(cursor.damaged("it is not chunked"));
    };
    chunks.bare_edges = flags & 1 != 0;
    chunks.index = match cursor.u8()? {
        1 if flags & 2 != 0 => Index::Single(Some((cursor.u64()?, cursor.u32()?))),
        1 => Index::Single(None),
        2 => Index::Implicit,
        3 => {
            cursor.take(1)?;
            Index::FixedArray
        }
        4 => {
            cursor.take(5)?;
            Index::ExtensibleArray
        }
        5 => {
            cursor.take(6)?;
            Index::BTree2
        }
        other => return Err(Error::refused(format_args!("the chunk index {other} is"))),
    };
    chunks.address = cursor.u64()?;
    Ok(Layout::Chunked(chunks))
}
