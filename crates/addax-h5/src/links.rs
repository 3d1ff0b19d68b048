//! What a group holds: names and the addresses of objects, in the three ways the format has.

use crate::bytes::{Budget, Bytes, Cursor, UNDEFINED, c_str};
use crate::fractal_heap::FractalHeap;
use crate::header::{Header, kind};
use crate::{Error, Result, btree1, btree2};

/// One entry of a group: its name, and where its object's header is.
pub(crate) type Link<'a> = (&'a str, u64);

/// All entries of the group with that header, sorted bytewise; `None` if it is not a group.
pub(crate) fn read<'a>(
    file: Bytes<'a>,
    header: &Header<'a>,
    budget: &mut Budget,
) -> Result<Option<Vec<Link<'a>>>> {
    let mut links = Vec::new();
    let mut group = false;
    if let Some(body) = header.find(kind::SYMBOL_TABLE) {
        group = true;
        symbol_tables(file, body, budget, &mut links)?;
    }
    for body in header.all(kind::LINK) {
        group = true;
        links.push(message(body)?);
    }
    if let Some(body) = header.find(kind::LINK_INFO) {
        group = true;
        dense(file, body, budget, &mut links)?;
    }
    links.sort_unstable();
    match links.windows(2).find(|w| w[0].0 == w[1].0) {
        Some(w) => Err(Error::damaged(format_args!("two entries are called \"{}\"", w[0].0.escape_debug()))),
        None => Ok(group.then_some(links)),
    }
}

/// The names in a path; doubled, leading and trailing slashes do not matter.
pub(crate) fn names(path: &str) -> impl DoubleEndedIterator<Item = &str> {
    path.split('/').filter(|name| !name.is_empty())
}

/// A name that can be part of a path.
pub(crate) fn name(bytes: &[u8]) -> Result<&str> {
    let name = std::str::from_utf8(bytes).map_err(|_| {
        Error::refused(format_args!("the name \"{}\", which is not UTF-8, is", bytes.escape_ascii()))
    })?;
    match name {
        "" | "." | ".." => Err(Error::damaged(format_args!("an entry is called \"{name}\""))),
        _ if name.contains(['/', '\0']) => {
            Err(Error::damaged(format_args!("an entry is called \"{}\"", name.escape_debug())))
        }
        _ => Ok(name),
    }
}

/// A symbol-table message: a B-tree over tables of entries, whose names are in a local heap.
fn symbol_tables<'a>(
    file: Bytes<'a>,
    body: &'a [u8],
    budget: &mut Budget,
    links: &mut Vec<Link<'a>>,
) -> Result<()> {
    let mut cursor = Cursor::new(body, "a symbol table");
    let (tree, heap) = (cursor.u64()?, cursor.u64()?);
    let mut cursor = file.cursor(heap, "a local heap")?;
    cursor.tag(b"HEAP")?;
    cursor.version(0..=0)?;
    cursor.take(3)?;
    let len = cursor.u64()?;
    cursor.take(8)?;
    let names = file.slice(cursor.u64()?, len, "a local heap")?;
    btree1::leaves(file, tree, btree1::Of::Symbols, 8, budget, |_, address, budget| {
        let mut cursor = file.cursor(address, "a symbol table")?;
        cursor.tag(b"SNOD")?;
        cursor.version(1..=1)?;
        cursor.take(1)?;
        let count = cursor.u16()?;
        budget.spend(8 + u64::from(count) * 40, "a symbol table")?;
        for _ in 0..count {
            let at = crate::bytes::size(cursor.u64()?, "a symbol table")?;
            let address = cursor.u64()?;
            let cached = cursor.u32()?;
            cursor.take(20)?;
            let entry = c_str(names.get(at..).unwrap_or_default());
            budget.spend(entry.len() as u64, "a local heap")?;
            let name = name(entry)?;
            // The cache says 2 where the entry is not an object's but a soft link's.
            if cached == 2 || address == UNDEFINED {
                return Err(soft(name));
            }
            links.push((name, address));
        }
        Ok(())
    })
}

/// A link message, which stands for one entry.
fn message(body: &[u8]) -> Result<Link<'_>> {
    let mut cursor = Cursor::new(body, "a link");
    cursor.version(1..=1)?;
    let flags = cursor.u8()?;
    let class = if flags & 8 != 0 { cursor.u8()? } else { 0 };
    cursor.take(if flags & 4 != 0 { 8 } else { 0 })?;
    cursor.take(if flags & 16 != 0 { 1 } else { 0 })?;
    let len = cursor.uint(1 << (flags & 3))?;
    let name = name(cursor.take(crate::bytes::size(len, "a link")?)?)?;
    match class {
        0 => Ok((name, cursor.u64()?)),
        1 => Err(soft(name)),
        64 => Err(Error::refused(format_args!("the external link \"{}\" is", name.escape_debug()))),
        _ => Err(Error::refused(format_args!("the user-defined link \"{}\" is", name.escape_debug()))),
    }
}

fn soft(name: &str) -> Error {
    Error::refused(format_args!("the soft link \"{}\" is", name.escape_debug()))
}

/// A link-info message: where there are many entries, they are objects of a fractal heap.
fn dense<'a>(file: Bytes<'a>, body: &'a [u8], budget: &mut Budget, links: &mut Vec<Link<'a>>) -> Result<()> {
    let mut cursor = Cursor::new(body, "a group's links");
    cursor.version(0..=0)?;
    let flags = cursor.u8()?;
    cursor.take(if flags & 1 != 0 { 8 } else { 0 })?;
    let (heap, tree) = (cursor.u64()?, cursor.u64()?);
    heap_objects(file, (heap, tree), btree2::of::LINKS_BY_NAME, 4, budget, |body| {
        links.push(message(body)?);
        Ok(())
    })
}

/// Hands each object that a B-tree's records name to `visit`; a name stands `at` bytes into its record.
pub(crate) fn heap_objects<'a>(
    file: Bytes<'a>,
    (heap, tree): (u64, u64),
    kind: u8,
    at: usize,
    budget: &mut Budget,
    mut visit: impl FnMut(&'a [u8]) -> Result<()>,
) -> Result<()> {
    if heap == UNDEFINED || tree == UNDEFINED {
        return Ok(());
    }
    let mut objects = FractalHeap::read(file, heap, budget)?;
    let mut names = Vec::new();
    btree2::records(file, tree, &[kind], budget, |record| {
        names.push(record);
        Ok(())
    })?;
    for record in names {
        let mut cursor = Cursor::new(record, "a fractal heap's object");
        cursor.take(at)?;
        let name = cursor.take(cursor.rest().len().min(objects.name_width()))?;
        visit(objects.object(name, budget)?)?;
    }
    Ok(())
}
