//! Attributes: named arrays in an object's header, or in a heap of their own where there are many.

use crate::array::{Array, exact};
use crate::bytes::{Budget, Bytes, Cursor, c_str, size};
use crate::header::{Header, kind};
use crate::links::heap_objects;
use crate::{Error, Result, btree2, dtype, space};

/// The parts of an attribute message, not yet understood.
pub(crate) struct Attribute<'a> {
    pub name: &'a str,
    datatype: &'a [u8],
    dataspace: &'a [u8],
    bytes: &'a [u8],
}

impl<'a> Attribute<'a> {
    /// Reads an attribute message, versions 1 to 3.
    fn parse(body: &'a [u8]) -> Result<Attribute<'a>> {
        let mut cursor = Cursor::new(body, "an attribute");
        let version = cursor.version(1..=3)?;
        let flags = cursor.u8()?;
        let name_len = usize::from(cursor.u16()?);
        let lens = [usize::from(cursor.u16()?), usize::from(cursor.u16()?)];
        cursor.take(if version == 3 { 1 } else { 0 })?;
        // Only the first version pads the parts.
        let mut part = |len: usize| -> Result<&'a [u8]> {
            let bytes = cursor.take(len)?;
            if version == 1 {
                cursor.align();
            }
            Ok(bytes)
        };
        let name = c_str(part(name_len)?);
        let name = std::str::from_utf8(name).map_err(|_| {
            Error::refused(format_args!("the attribute \"{}\", which is not UTF-8, is", name.escape_ascii()))
        })?;
        let (datatype, dataspace) = (part(lens[0])?, part(lens[1])?);
        if version > 1 && flags & 3 != 0 {
            return Err(Error::refused("a committed datatype is")).map_err(|e| in_attribute(name, e));
        }
        Ok(Attribute { name, datatype, dataspace, bytes: cursor.rest() })
    }

    /// The value.
    pub fn read(&self, file: Bytes<'a>) -> Result<Array<'a>> {
        self.array(file).map_err(|e| in_attribute(self.name, e))
    }

    fn array(&self, file: Bytes<'a>) -> Result<Array<'a>> {
        let stored = dtype::parse(self.datatype)?;
        let shape = space::parse(self.dataspace)?.shape;
        let len = size(space::byte_len(&shape, stored.dtype.size())?, "an attribute")?;
        Ok(Array::new(file, shape, stored, exact(self.bytes, len)?.into()))
    }
}

fn in_attribute(name: &str, error: Error) -> Error {
    Error::new(error.kind(), format_args!("attribute \"{}\": {}", name.escape_debug(), error.message()))
}

/// All attributes of the object with that header, in the order of the file.
pub(crate) fn all<'a>(
    file: Bytes<'a>,
    header: &Header<'a>,
    budget: &mut Budget,
) -> Result<Vec<Attribute<'a>>> {
    let mut found: Vec<_> = header.all(kind::ATTRIBUTE).map(Attribute::parse).collect::<Result<_>>()?;
    if let Some(body) = header.find(kind::ATTRIBUTE_INFO) {
        let mut cursor = Cursor::new(body, "the attributes");
        cursor.version(0..=0)?;
        let flags = cursor.u8()?;
        cursor.take(if flags & 1 != 0 { 2 } else { 0 })?;
        let places = (cursor.u64()?, cursor.u64()?);
        heap_objects(file, places, btree2::of::ATTRIBUTES_BY_NAME, 0, budget, |body| {
            found.push(Attribute::parse(body)?);
            Ok(())
        })?;
    }
    Ok(found)
}

/// The value of the attribute of that name, if there is one.
pub(crate) fn find<'a>(file: Bytes<'a>, header: &Header<'a>, name: &str) -> Result<Option<Array<'a>>> {
    let all = all(file, header, &mut Budget::of(file))?;
    all.iter().find(|a| a.name == name).map(|a| a.read(file)).transpose()
}

/// All names and values.
pub(crate) fn read_all<'a>(file: Bytes<'a>, header: &Header<'a>) -> Result<Vec<(String, Array<'a>)>> {
    let all = all(file, header, &mut Budget::of(file))?;
    all.iter().map(|a| Ok((a.name.to_owned(), a.read(file)?))).collect()
}
