//! Datasets: arrays with a shape, a type, attributes and a layout.

use crate::array::{Array, exact};
use crate::bytes::{Budget, Bytes, Cursor, UNDEFINED, size};
use crate::chunks::Chunks;
use crate::dtype::Stored;
use crate::filters::{self, Filter};
use crate::header::{Header, kind};
use crate::layout::{self, Layout};
use crate::limits::PROPORTION;
use crate::space::{self, Space};
use crate::{Dtype, Error, Result, attribute, dtype};
use std::borrow::Cow;

/// A dataset of an open file: everything about it but the elements has been read.
pub struct Dataset<'a> {
    file: Bytes<'a>,
    path: String,
    header: Header<'a>,
    space: Space,
    stored: Stored,
    layout: Layout<'a>,
    filters: Vec<Filter>,
    /// What an element is that was never written; empty for zero.
    fill: &'a [u8],
}

impl<'a> Dataset<'a> {
    pub(crate) fn open(file: Bytes<'a>, address: u64, path: String) -> Result<Dataset<'a>> {
        let mut budget = Budget::of(file);
        let header = Header::read(file, address, &mut budget)?;
        if header.find(kind::EXTERNAL).is_some() {
            return Err(Error::refused("storage in external files is"));
        }
        let space = space::parse(header.need(kind::SPACE, "dataspace")?)?;
        let mut stored = dtype::parse(header.need(kind::DATATYPE, "datatype")?)?;
        let layout = layout::parse(header.need(kind::LAYOUT, "layout")?)?;
        let filters = header.find(kind::FILTERS).map_or(Ok(vec![]), filters::parse)?;
        let fill = fill(&header, stored.dtype.size())?;
        if let Layout::Chunked(chunks) = &layout
            && (chunks.shape.len(), chunks.element) != (space.shape.len(), stored.dtype.size() as u64)
        {
            let (chunk, shape) = (&chunks.shape, &space.shape);
            return Err(Error::damaged(format_args!("chunks of shape {chunk:?} in a shape of {shape:?}")));
        }
        let mut dataset = Dataset { file, path, header, space, stored, layout, filters, fill };
        if dataset.stored.dtype == Dtype::Opaque(2) && dataset.says_bfloat16(&mut budget)? {
            stored.dtype = Dtype::BF16;
            dataset.stored = stored;
        }
        Ok(dataset)
    }

    /// Keras's mark on two opaque bytes.
    fn says_bfloat16(&self, budget: &mut Budget) -> Result<bool> {
        let attributes = attribute::all(self.file, &self.header, budget)?;
        let Some(mark) = attributes.iter().find(|a| a.name == "dtype") else { return Ok(false) };
        Ok(mark.read(self.file)?.text().is_ok_and(|text| text == "bfloat16"))
    }

    /// The path inside the file.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The shape, empty for a scalar.
    pub fn shape(&self) -> &[usize] {
        &self.space.shape
    }

    /// The type of the elements.
    pub fn dtype(&self) -> Dtype {
        self.stored.dtype
    }

    /// The attribute of that name, if there is one.
    ///
    /// # Errors
    /// A damaged file, or a type or feature that is refused.
    pub fn attribute(&self, name: &str) -> Result<Option<Array<'a>>> {
        attribute::find(self.file, &self.header, name).map_err(|e| e.at(&self.path))
    }

    /// All attributes with their names, in the order of the file.
    ///
    /// # Errors
    /// As for [`Dataset::attribute`].
    pub fn attributes(&self) -> Result<Vec<(String, Array<'a>)>> {
        attribute::read_all(self.file, &self.header).map_err(|e| e.at(&self.path))
    }

    /// The elements with shape and type.
    ///
    /// # Errors
    /// As for [`Dataset::data`].
    pub fn read(&self) -> Result<Array<'a>> {
        let bytes = self.stored_bytes().map_err(|e| e.at(&self.path))?;
        Ok(Array::new(self.file, self.space.shape.clone(), self.stored, bytes))
    }

    /// The elements, little-endian and in row-major order. They are borrowed from the file, without a copy, where they
    /// lie there in one piece in that order.
    ///
    /// # Errors
    /// Elements that the file does not hold, broken chunks, filters that are refused, and a size that is out of
    /// proportion: over 16 MiB and more than deflate can make of the stored bytes, or over 4 GiB and over 1000 times
    /// the stored bytes.
    pub fn data(&self) -> Result<Cow<'a, [u8]>> {
        self.read().map(Array::into_bytes)
    }

    fn stored_bytes(&self) -> Result<Cow<'a, [u8]>> {
        let len = space::byte_len(&self.space.shape, self.stored.dtype.size())?;
        match &self.layout {
            _ if len == 0 => Ok(Cow::Borrowed(&[])),
            Layout::Compact(bytes) => Ok(exact(bytes, size(len, "a dataset")?)?.into()),
            Layout::Contiguous(UNDEFINED) => self.filled(len, 0).map(Cow::Owned),
            Layout::Contiguous(address) => Ok(self.file.slice(*address, len, "its elements")?.into()),
            Layout::Chunked(chunked) => {
                let (shape, most) = (&self.space.shape, &self.space.most);
                let chunks = Chunks { file: self.file, shape, most, chunked, filters: &self.filters };
                let mut bytes = self.filled(len, chunks.stored()?)?;
                chunks.read_into(&mut bytes)?;
                Ok(bytes.into())
            }
        }
    }

    /// `len` bytes of the fill value, if that is in proportion to what is stored.
    fn filled(&self, len: u64, stored: u64) -> Result<Vec<u8>> {
        if PROPORTION.iter().any(|(size, ratio)| len > *size && len / ratio > stored) {
            return Err(Error::refused(format_args!(
                "a dataset of {len} bytes with {stored} of them stored is"
            )));
        }
        let len = size(len, "a dataset")?;
        match self.fill.iter().all(|b| *b == 0) {
            true => Ok(vec![0; len]),
            false => Ok(self.fill.repeat(len / self.fill.len())),
        }
    }
}

/// The fill value, by whichever message there is; empty if there is none.
fn fill<'a>(header: &Header<'a>, element: usize) -> Result<&'a [u8]> {
    let value = if let Some(body) = header.find(kind::FILL) {
        let mut cursor = Cursor::new(body, "a fill value");
        let version = cursor.version(1..=3)?;
        let defined = match version {
            3 => cursor.u8()? & 0x20 != 0,
            _ => cursor.take(3)?[2] != 0 || version == 1,
        };
        if defined { sized(&mut cursor)? } else { &[] }
    } else if let Some(body) = header.find(kind::OLD_FILL) {
        sized(&mut Cursor::new(body, "a fill value"))?
    } else {
        &[]
    };
    match value.is_empty() || value.len() == element {
        true => Ok(value),
        false => Err(Error::damaged(format_args!("a fill value of {} bytes for {element}", value.len()))),
    }
}

/// A length of four bytes, and that many bytes; a length of -1 stands for no value.
fn sized<'a>(cursor: &mut Cursor<'a>) -> Result<&'a [u8]> {
    match cursor.u32()? {
        u32::MAX => Ok(&[]),
        len => cursor.take(len as usize),
    }
}

impl std::fmt::Debug for Dataset<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Dataset(\"{}\", {}, {:?})", self.path, self.dtype(), self.shape())
    }
}
