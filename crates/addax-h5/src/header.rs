//! Object headers, versions 1 and 2: the list of messages that an object is.

use crate::bytes::{Budget, Bytes, Cursor, checked};
use crate::limits::MESSAGES;
use crate::{Error, Result};

/// The kinds of message that are read here.
#[allow(missing_docs)]
pub(crate) mod kind {
    pub const SPACE: u16 = 0x01;
    pub const LINK_INFO: u16 = 0x02;
    pub const DATATYPE: u16 = 0x03;
    pub const OLD_FILL: u16 = 0x04;
    pub const FILL: u16 = 0x05;
    pub const LINK: u16 = 0x06;
    pub const EXTERNAL: u16 = 0x07;
    pub const LAYOUT: u16 = 0x08;
    pub const FILTERS: u16 = 0x0b;
    pub const ATTRIBUTE: u16 = 0x0c;
    pub const CONTINUATION: u16 = 0x10;
    pub const SYMBOL_TABLE: u16 = 0x11;
    pub const ATTRIBUTE_INFO: u16 = 0x15;
}

const KNOWN: [u16; 12] = [
    kind::SPACE,
    kind::LINK_INFO,
    kind::DATATYPE,
    kind::OLD_FILL,
    kind::FILL,
    kind::LINK,
    kind::EXTERNAL,
    kind::LAYOUT,
    kind::FILTERS,
    kind::ATTRIBUTE,
    kind::SYMBOL_TABLE,
    kind::ATTRIBUTE_INFO,
];

/// The flag of a message that lies elsewhere, to be shared between objects.
const SHARED: u8 = 0x02;
/// The flag of a message that whoever does not know it must not pass over.
const MUST_KNOW: u8 = 0x80;

/// One message of an object.
#[derive(Clone, Copy)]
pub(crate) struct Message<'a> {
    pub kind: u16,
    pub body: &'a [u8],
}

/// The messages of one object.
pub(crate) struct Header<'a>(Vec<Message<'a>>);

impl<'a> Header<'a> {
    /// Reads the header at `address` with everything that continues it.
    pub fn read(file: Bytes<'a>, address: u64, budget: &mut Budget) -> Result<Header<'a>> {
        let mut messages = Messages { found: Vec::new(), more: Vec::new() };
        let mut cursor = file.cursor(address, "an object header")?;
        match cursor.rest().starts_with(b"OHDR") {
            true => version_2(file, address, cursor, &mut messages, budget)?,
            false => {
                cursor.version(1..=1)?;
                version_1(file, cursor, &mut messages, budget)?;
            }
        }
        Ok(Header(messages.found))
    }

    /// All messages of one kind.
    pub fn all(&self, kind: u16) -> impl Iterator<Item = &'a [u8]> {
        self.0.iter().filter(move |m| m.kind == kind).map(|m| m.body)
    }

    /// The first message of a kind.
    pub fn find(&self, kind: u16) -> Option<&'a [u8]> {
        self.all(kind).next()
    }

    /// The message of a kind that must be there.
    pub fn need(&self, kind: u16, name: &str) -> Result<&'a [u8]> {
        self.find(kind).ok_or_else(|| Error::damaged(format_args!("its {name} is missing")))
    }
}

struct Messages<'a> {
    found: Vec<Message<'a>>,
    /// Blocks still to be read: address and length.
    more: Vec<(u64, u64)>,
}

impl<'a> Messages<'a> {
    fn add(&mut self, kind: u16, flags: u8, body: &'a [u8]) -> Result<()> {
        if kind == kind::CONTINUATION {
            let mut cursor = Cursor::new(body, "a header's continuation");
            self.more.push((cursor.u64()?, cursor.u64()?));
        } else if !KNOWN.contains(&kind) {
            if flags & MUST_KNOW != 0 {
                return Err(Error::refused(format_args!("the header message {kind:#04x} is")));
            }
        } else if flags & SHARED != 0 {
            return Err(Error::refused(match kind {
                kind::DATATYPE => "a committed datatype is",
                _ => "a shared header message is",
            }));
        } else {
            self.found.push(Message { kind, body });
        }
        if self.found.len() + self.more.len() > MESSAGES {
            return Err(Error::damaged(format_args!("an object header of more than {MESSAGES} messages")));
        }
        Ok(())
    }
}

/// A prefix of 16 bytes, then messages on multiples of eight; the version has been read.
fn version_1<'a>(
    file: Bytes<'a>,
    mut cursor: Cursor<'a>,
    messages: &mut Messages<'a>,
    budget: &mut Budget,
) -> Result<()> {
    cursor.take(7)?;
    let len = cursor.u32()?;
    cursor.take(4)?;
    budget.spend(16 + u64::from(len), "an object header")?;
    let mut block = cursor.take(len as usize)?;
    loop {
        let mut cursor = Cursor::new(block, "an object header");
        while cursor.rest().len() >= 8 {
            let kind = cursor.u16()?;
            let len = usize::from(cursor.u16()?);
            let flags = cursor.u8()?;
            cursor.take(3)?;
            messages.add(kind, flags, cursor.take(len)?)?;
        }
        let Some((address, len)) = messages.more.pop() else { return Ok(()) };
        budget.spend(len, "an object header")?;
        block = file.slice(address, len, "a header's continuation")?;
    }
}

/// A prefix whose fields depend on its flags, messages without padding, a checksum at the end of each block.
fn version_2<'a>(
    file: Bytes<'a>,
    address: u64,
    mut cursor: Cursor<'a>,
    messages: &mut Messages<'a>,
    budget: &mut Budget,
) -> Result<()> {
    cursor.tag(b"OHDR")?;
    cursor.version(2..=2)?;
    let flags = cursor.u8()?;
    // Four times of 4 bytes, then the bounds of attribute storage.
    cursor.take(if flags & 0x20 != 0 { 16 } else { 0 })?;
    cursor.take(if flags & 0x10 != 0 { 4 } else { 0 })?;
    let len = cursor.uint(1 << (flags & 3))?;
    let prefix = cursor.position();
    let whole = len.saturating_add(prefix as u64 + 4);
    budget.spend(whole, "an object header")?;
    let mut block = &checked(file.slice(address, whole, "an object header")?, "an object header")?[prefix..];
    let order = if flags & 4 != 0 { 2 } else { 0 };
    loop {
        let mut cursor = Cursor::new(block, "an object header");
        // What is shorter than a message is a gap.
        while cursor.rest().len() >= 4 + order {
            let kind = u16::from(cursor.u8()?);
            let len = usize::from(cursor.u16()?);
            let flags = cursor.u8()?;
            cursor.take(order)?;
            messages.add(kind, flags, cursor.take(len)?)?;
        }
        let Some((address, len)) = messages.more.pop() else { return Ok(()) };
        budget.spend(len, "an object header")?;
        block = file.block(address, len, b"OCHK", "a header's continuation")?.rest();
    }
}
