//! Arrays of numbers or text under their names: what a data file holds.

use addax_core::{Error, Result, Value, element_count};
use std::fmt;

/// An array of text, row-major. All texts lie in one string: an array of short texts is not larger than its file.
///
/// ```
/// use addax_data::Strings;
/// let s = Strings::new([2], ["до", "после"])?;
/// assert_eq!((s.shape(), s.get(1), s.iter().next()), (&[2][..], Some("после"), Some("до")));
/// # Ok::<(), addax_core::Error>(())
/// ```
#[derive(Clone, PartialEq)]
pub struct Strings {
    shape: Vec<usize>,
    text: String,
    ends: Vec<usize>,
}

impl Strings {
    /// An array of the given shape; the number of texts must fit.
    pub fn new<S: AsRef<str>>(
        shape: impl Into<Vec<usize>>,
        texts: impl IntoIterator<Item = S>,
    ) -> Result<Strings> {
        Strings::try_new(shape, texts.into_iter().map(Ok))
    }

    /// As [`Strings::new`], of texts that may be errors: the first one is returned.
    pub(crate) fn try_new<S: AsRef<str>>(
        shape: impl Into<Vec<usize>>,
        texts: impl Iterator<Item = Result<S>>,
    ) -> Result<Strings> {
        let (shape, mut text, mut ends) = (shape.into(), String::new(), Vec::new());
        for t in texts {
            text.push_str(t?.as_ref());
            ends.push(text.len());
        }
        match element_count(&shape) {
            Some(n) if n == ends.len() => Ok(Strings { shape, text, ends }),
            _ => Err(Error::value("array of text")
                .expected(format_args!("{} texts", ends.len()))
                .got(format_args!("shape {shape:?}"))),
        }
    }

    /// The lengths of the axes.
    pub fn shape(&self) -> &[usize] {
        &self.shape
    }

    /// The number of texts.
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The text at a place of the row-major order.
    pub fn get(&self, i: usize) -> Option<&str> {
        let end = *self.ends.get(i)?;
        let start = if i == 0 { 0 } else { self.ends[i - 1] };
        self.text.get(start..end)
    }

    /// The bytes of all texts along one more axis, filled up with zeros: how models take text.
    ///
    /// # Errors
    /// More bytes than memory can hold.
    pub fn to_value(&self) -> Result<Value> {
        let width = self.iter().map(str::len).max().unwrap_or(0).max(1);
        let shape = [&self.shape[..], &[width]].concat();
        let count = element_count(&shape).filter(|n| *n <= isize::MAX as usize / 2);
        let count =
            count.ok_or_else(|| Error::value("array of text").expected("shorter texts").got(width))?;
        let mut bytes: Vec<u8> = Vec::with_capacity(count);
        for text in self.iter() {
            bytes.extend_from_slice(text.as_bytes());
            bytes.resize(bytes.len() + width - text.len(), 0);
        }
        Value::new(shape, bytes)
    }

    /// The texts whose bytes stand along the last axis, without the zeros behind them.
    ///
    /// # Errors
    /// Bytes that are no UTF-8, or an array of something else.
    pub fn from_value(bytes: &Value) -> Result<Strings> {
        let wrong = || Error::type_("array").expected("text").got(bytes.dtype());
        let (width, shape) = bytes.shape().split_last().ok_or_else(wrong)?;
        let all = bytes.as_slice::<u8>()?;
        let count = element_count(shape).ok_or_else(wrong)?;
        let text = |i: usize| {
            let text = std::str::from_utf8(&all[i * width..(i + 1) * width]);
            let text = text.map_err(|_| Error::value("text").expected("UTF-8").got("other bytes"))?;
            Ok(text.trim_end_matches('\0'))
        };
        Strings::try_new(shape, (0..count).map(text))
    }

    /// The texts in row-major order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &str> {
        (0..self.len()).map(|i| self.get(i).unwrap_or_default())
    }
}

impl fmt::Debug for Strings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "str{:?}", self.shape)?;
        f.debug_list().entries(self.iter().take(16)).finish()?;
        if self.len() > 16 { f.write_str("…") } else { Ok(()) }
    }
}

/// Numbers or text.
#[derive(Clone, Debug, PartialEq)]
pub enum Array {
    /// Numbers, or truth values.
    Numbers(Value),
    /// Text.
    Strings(Strings),
}

impl Array {
    /// The lengths of the axes.
    pub fn shape(&self) -> &[usize] {
        match self {
            Array::Numbers(v) => v.shape(),
            Array::Strings(s) => s.shape(),
        }
    }

    /// The numbers; an error if it is text.
    pub fn numbers(&self) -> Result<&Value> {
        match self {
            Array::Numbers(v) => Ok(v),
            Array::Strings(_) => Err(Error::type_("array").expected("numbers").got("text")),
        }
    }

    /// The texts; an error if it is numbers.
    pub fn strings(&self) -> Result<&Strings> {
        match self {
            Array::Strings(s) => Ok(s),
            Array::Numbers(v) => Err(Error::type_("array").expected("text").got(v.dtype())),
        }
    }
}

impl From<Value> for Array {
    fn from(v: Value) -> Array {
        Array::Numbers(v)
    }
}

impl From<Strings> for Array {
    fn from(s: Strings) -> Array {
        Array::Strings(s)
    }
}

/// Arrays under their names, in order: the contents of an `.npz` file.
///
/// ```
/// use addax_core::Value;
/// use addax_data::Arrays;
/// let mut arrays = Arrays::new();
/// arrays.insert("x", Value::new([2, 1], vec![1f32, 2.0])?)?;
/// assert_eq!(arrays.numbers("x")?.shape(), [2, 1]);
/// assert!(arrays.numbers("y").unwrap_err().to_string().starts_with("unknown array \"y\""));
/// # Ok::<(), addax_core::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Arrays {
    entries: Vec<(String, Array)>,
}

impl Arrays {
    /// None yet.
    pub fn new() -> Arrays {
        Arrays::default()
    }

    /// Adds an array under a name that is not taken.
    pub fn insert(&mut self, name: impl Into<String>, array: impl Into<Array>) -> Result<()> {
        let name = name.into();
        if self.get(&name).is_some() {
            return Err(Error::value("arrays")
                .expected("names of their own")
                .got(format_args!("\"{name}\" twice")));
        }
        self.entries.push((name, array.into()));
        Ok(())
    }

    /// The names, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(|(n, _)| n.as_str())
    }

    /// Names and arrays, in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Array)> {
        self.entries.iter().map(|(n, a)| (n.as_str(), a))
    }

    /// How many arrays.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The array of this name, if there is one.
    pub fn get(&self, name: &str) -> Option<&Array> {
        self.entries.iter().find(|(n, _)| n == name).map(|(_, a)| a)
    }

    /// The array of this name; the error names near ones.
    pub fn array(&self, name: &str) -> Result<&Array> {
        self.get(name).ok_or_else(|| Error::unknown("array", name, self.names()))
    }

    /// The numbers of this name; an error if there are none, or text.
    pub fn numbers(&self, name: &str) -> Result<&Value> {
        self.array(name)?.numbers().map_err(|e| e.at(format_args!("array \"{name}\"")))
    }
}
