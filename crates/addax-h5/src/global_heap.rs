//! The global heap: texts of any length, in collections of numbered objects.

use crate::bytes::{Budget, Bytes};
use crate::{Error, Result};
use std::collections::HashMap;

/// The collections read so far.
pub(crate) struct GlobalHeap<'a> {
    file: Bytes<'a>,
    collections: HashMap<u64, HashMap<u16, &'a [u8]>>,
    budget: Budget,
}

impl<'a> GlobalHeap<'a> {
    pub fn new(file: Bytes<'a>) -> Self {
        GlobalHeap { file, collections: HashMap::new(), budget: Budget::of(file) }
    }

    /// The first `len` bytes of an object.
    pub fn get(&mut self, address: u64, index: u32, len: u32) -> Result<&'a [u8]> {
        if !self.collections.contains_key(&address) {
            let collection = self.read(address)?;
            self.collections.insert(address, collection);
        }
        self.budget.spend(len.into(), "texts in the global heap")?;
        let object = u16::try_from(index).ok().and_then(|i| self.collections[&address].get(&i).copied());
        object.and_then(|object| object.get(..len as usize)).ok_or_else(|| {
            Error::damaged(format_args!(
                "a text points outside the global heap (object {index} at {address})"
            ))
        })
    }

    fn read(&mut self, address: u64) -> Result<HashMap<u16, &'a [u8]>> {
        let mut cursor = self.file.cursor(address, "the global heap")?;
        cursor.tag(b"GCOL")?;
        cursor.version(1..=1)?;
        cursor.take(3)?;
        let len = cursor.u64()?;
        self.budget.spend(len, "the global heap")?;
        let mut cursor =
            crate::bytes::Cursor::new(self.file.slice(address, len, "the global heap")?, "the global heap");
        cursor.take(16)?;
        let mut objects = HashMap::new();
        while cursor.rest().len() >= 16 {
            let index = cursor.u16()?;
            cursor.take(6)?;
            let len = crate::bytes::size(cursor.u64()?, "the global heap")?;
            // Object 0 is the free space at the end.
            if index == 0 {
                break;
            }
            objects.insert(index, cursor.take(len)?);
            cursor.align();
        }
        Ok(objects)
    }
}
