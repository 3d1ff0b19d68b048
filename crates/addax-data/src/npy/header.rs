//! The header: a Python dict with `descr`, `fortran_order` and `shape`, parsed strictly.

use super::{MAGIC, NATIVE};
use addax_core::{Error, Result};

/// The longest header that is read: NumPy's own are 118 bytes, those of 64 axes some 1,500.
const LONGEST: usize = 10_000;

/// What elements are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Kind {
    Bool,
    Signed,
    Unsigned,
    Float,
    /// Code points of 32 bits.
    Text,
    /// Text by bytes.
    Bytes,
}

/// What a header says.
#[derive(Debug, PartialEq)]
pub(super) struct Header {
    pub kind: Kind,
    /// Bytes per element.
    pub size: usize,
    /// Whether the most significant byte comes first.
    pub big: bool,
    pub fortran: bool,
    pub shape: Vec<usize>,
}

/// The header, and the elements' bytes behind it.
pub(super) fn read(bytes: &[u8]) -> Result<(Header, &[u8])> {
    let short = || Error::value("npy").expected("a whole header").got(format_args!("{} bytes", bytes.len()));
    let rest = bytes.strip_prefix(MAGIC).ok_or_else(|| {
        Error::value("npy").expected("a file that begins with \\x93NUMPY").got("something else")
    })?;
    let (version, rest) = rest.split_at_checked(2).ok_or_else(short)?;
    let (length, rest) = match version[0] {
        1 => rest.split_first_chunk().map(|(n, rest)| (usize::from(u16::from_le_bytes(*n)), rest)),
        2 | 3 => rest.split_first_chunk().map(|(n, rest)| (u32::from_le_bytes(*n) as usize, rest)),
        other => return Err(Error::unsupported("npy").expected("version 1, 2 or 3").got(other)),
    }
    .ok_or_else(short)?;
    if length > LONGEST {
        return Err(Error::value("npy")
            .expected(format_args!("a header of at most {LONGEST} bytes"))
            .got(length));
    }
    let (text, body) = rest.split_at_checked(length).ok_or_else(short)?;
    let header = std::str::from_utf8(text).ok().and_then(|text| Literal { rest: text }.header());
    let (descr, fortran, shape) = header.ok_or_else(|| {
        Error::value("npy header")
            .expected("a dict of 'descr', 'fortran_order' and 'shape'")
            .got(format_args!("\"{}\"", String::from_utf8_lossy(&text[..text.len().min(200)]).trim_end()))
    })?;
    let (kind, size, big) = element(&descr)?;
    Ok((Header { kind, size, big, fortran, shape }, body))
}

/// The text of a header for the given element type and shape, filled up as NumPy does, so that elements begin at a
/// multiple of 64 bytes and the first axis could grow in place.
pub(super) fn write(descr: &str, shape: &[usize]) -> Vec<u8> {
    let mut lengths = shape.iter().map(usize::to_string).collect::<Vec<_>>().join(", ");
    if shape.len() == 1 {
        lengths.push(',');
    }
    let mut text = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': ({lengths}), }}");
    if let Some(first) = shape.first() {
        text += &" ".repeat(21usize.saturating_sub(first.to_string().len()));
    }
    let before = MAGIC.len() + 4;
    let length = (before + text.len() + 1).next_multiple_of(64) - before;
    let mut out = [MAGIC, &[1, 0], &(length as u16).to_le_bytes(), text.as_bytes()].concat();
    out.resize(before + length - 1, b' ');
    out.push(b'\n');
    out
}

/// Kind, size in bytes and byte order of an element type such as `<f4`.
fn element(descr: &str) -> Result<(Kind, usize, bool)> {
    let refused = |what: &str| {
        let e = Error::unsupported(format!("npy with elements '{descr}' ({what})"));
        Err(e.hint("Save booleans, integers, floats of 16, 32 or 64 bits, or text."))
    };
    let mut letters = descr.chars();
    let (order, letter, digits) = (letters.next(), letters.next(), letters.as_str());
    let kind = match letter {
        Some('b') => Kind::Bool,
        Some('i') => Kind::Signed,
        Some('u') => Kind::Unsigned,
        Some('f') => Kind::Float,
        Some('U') => Kind::Text,
        Some('S') => Kind::Bytes,
        Some('O') => return refused("Python objects, which are pickles"),
        Some('c') => return refused("complex numbers"),
        Some('m' | 'M') => return refused("dates or times"),
        Some('V') => return refused("raw bytes or records"),
        _ => return refused("which is no element type of NumPy's"),
    };
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    let number = digits.parse::<usize>().ok().filter(|_| plain);
    let size = number.and_then(|n| n.checked_mul(if kind == Kind::Text { 4 } else { 1 }));
    let sizes: &[usize] = match kind {
        Kind::Bool => &[1],
        Kind::Signed | Kind::Unsigned => &[1, 2, 4, 8],
        Kind::Float => &[2, 4, 8],
        Kind::Text | Kind::Bytes => &[],
    };
    match (size, order) {
        (Some(size), Some('<' | '>' | '=' | '|')) if sizes.is_empty() || sizes.contains(&size) => {
            Ok((kind, size, order.filter(|o| *o != '=' && *o != '|').unwrap_or(NATIVE) == '>'))
        }
        _ => refused("of a size or byte order that is not read"),
    }
}

/// What is left of a literal.
struct Literal<'a> {
    rest: &'a str,
}

impl<'a> Literal<'a> {
    /// The whole header: three keys in any order, each once, and nothing after them but white space.
    fn header(mut self) -> Option<(String, bool, Vec<usize>)> {
        let (mut descr, mut fortran, mut shape) = (None, None, None);
        self.word("{")?;
        while self.word("}").is_none() {
            let key = self.string()?;
            self.word(":")?;
            let repeated = match key {
                "descr" => descr.replace(self.descr()?).is_some(),
                "fortran_order" => fortran.replace(self.truth()?).is_some(),
                "shape" => shape.replace(self.shape()?).is_some(),
                _ => true,
            };
            let last = self.word(",").is_none();
            if repeated || (last && !self.rest.trim_start().starts_with('}')) {
                return None;
            }
        }
        self.rest.trim().is_empty().then_some((descr?, fortran?, shape?))
    }

    fn word(&mut self, word: &str) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(word)?;
        Some(())
    }

    fn string(&mut self) -> Option<&'a str> {
        self.rest = self.rest.trim_start();
        let quote = self.rest.chars().next().filter(|c| matches!(c, '\'' | '"'))?;
        let (text, rest) = self.rest[1..].split_once(quote)?;
        self.rest = rest;
        (!text.contains('\\')).then_some(text)
    }

    /// A string; the list that describes records is taken as a name that [`element`] refuses.
    fn descr(&mut self) -> Option<String> {
        if !self.rest.trim_start().starts_with('[') {
            return self.string().map(str::to_string);
        }
        self.rest = &self.rest[self.rest.rfind(']')? + 1..];
        Some("|V".to_string())
    }

    fn truth(&mut self) -> Option<bool> {
        self.word("True").map(|()| true).or_else(|| self.word("False").map(|()| false))
    }

    fn shape(&mut self) -> Option<Vec<usize>> {
        let mut shape = Vec::new();
        self.word("(")?;
        while self.word(")").is_none() {
            self.rest = self.rest.trim_start();
            let end = self.rest.find(|c: char| !c.is_ascii_digit())?;
            shape.push(self.rest[..end].parse().ok()?);
            self.rest = &self.rest[end..];
            // Python 2 wrote its long integers so.
            let _ = self.word("L");
            let last = self.word(",").is_none();
            if last && !(self.rest.trim_start().starts_with(')') && shape.len() > 1) {
                return None;
            }
        }
        Some(shape)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Result<Header> {
        let mut bytes = [MAGIC, &[2, 0], &(text.len() as u32).to_le_bytes()].concat();
        bytes.extend(text.as_bytes());
        read(&bytes).map(|(h, _)| h)
    }

    #[test]
    fn literals_are_read_as_python_writes_them() {
        let header = parsed("{'descr': '>f8', 'fortran_order': True, 'shape': (3, 4), }   \n").unwrap();
        assert_eq!(
            header,
            Header { kind: Kind::Float, size: 8, big: true, fortran: true, shape: vec![3, 4] }
        );
        let header = parsed("{\"shape\":(5L,),'fortran_order':False,'descr':'<U7'}").unwrap();
        assert_eq!((header.kind, header.size, header.shape), (Kind::Text, 28, vec![5]));
        assert!(parsed("{'descr': '|b1', 'fortran_order': False, 'shape': ()}").unwrap().shape.is_empty());
    }

    #[test]
    fn anything_but_the_three_keys_is_refused() {
        for bad in [
            "",
            "{}",
            "{'descr': '<f4', 'fortran_order': False}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (-3,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'shape': (3,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3,), 'more': 1}",
            "{'descr': '<f4', 'fortran_order': 1, 'shape': (3,)}",
            "{'descr': '<f4' 'fortran_order': False, 'shape': (3,)}",
            "{'descr': '<f4', 'fortran_order': False, 'shape': (3,)} x",
            "{'descr': __import__('os'), 'fortran_order': False, 'shape': (3,)}",
            "{'descr': '<f4, 'fortran_order': False, 'shape': (3,",
        ] {
            let message = parsed(bad).unwrap_err().to_string();
            assert!(message.starts_with("npy header: expected a dict of"), "{bad}: {message}");
        }
    }

    #[test]
    fn element_types_that_are_not_read_are_named() {
        for (descr, word) in [
            ("'|O'", "pickles"),
            ("'<c8'", "complex"),
            ("'<M8[ns]'", "dates"),
            ("'|V2'", "raw bytes"),
            ("[('a', '<f4'), ('b', '<i4')]", "records"),
            ("'<f16'", "size or byte order"),
            ("'<i3'", "size or byte order"),
            ("'f4'", "no element type"),
            ("'<f'", "size or byte order"),
            ("'<f+4'", "size or byte order"),
            ("'<U99999999999999999999'", "size or byte order"),
        ] {
            let text = format!("{{'descr': {descr}, 'fortran_order': False, 'shape': (3,)}}");
            let message = parsed(&text).unwrap_err().to_string();
            assert!(message.contains(word), "{descr}: {message}");
        }
    }
}
