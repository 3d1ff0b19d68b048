//! Attributes of ops as text, so that graphs can be written and read.

use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::shape::{Dim, Shape};

/// A value that an op's attribute can have.
pub trait AttributeValue: Sized {
    /// Its text, without `;` or unbalanced brackets.
    fn write(&self) -> String;
    /// Reads the text back.
    fn read(text: &str) -> Result<Self>;
}

fn bad(what: &str, text: &str) -> Error {
    Error::value("attribute").expected(what).got(format!("\"{text}\""))
}

macro_rules! by_display {
    ($($t:ty: $what:literal),*) => {$(
        impl AttributeValue for $t {
            fn write(&self) -> String { self.to_string() }
            fn read(text: &str) -> Result<Self> { text.trim().parse().map_err(|_| bad($what, text)) }
        }
    )*};
}
by_display!(usize: "a whole number", isize: "an integer", i64: "an integer", bool: "true or false", String: "a name");

impl AttributeValue for DType {
    fn write(&self) -> String {
        self.short().to_string()
    }
    fn read(text: &str) -> Result<Self> {
        DType::parse(text.trim())
    }
}

impl AttributeValue for Dim {
    fn write(&self) -> String {
        self.known().map_or("?".to_string(), |n| n.to_string())
    }
    fn read(text: &str) -> Result<Self> {
        if text.trim() == "?" { Ok(Dim::UNKNOWN) } else { usize::read(text).map(Dim::new) }
    }
}

impl AttributeValue for Shape {
    fn write(&self) -> String {
        self.dims().to_vec().write()
    }
    fn read(text: &str) -> Result<Self> {
        Vec::<Dim>::read(text).map(Shape::from)
    }
}

impl<T: AttributeValue> AttributeValue for Vec<T> {
    fn write(&self) -> String {
        format!("[{}]", self.iter().map(T::write).collect::<Vec<_>>().join(","))
    }
    fn read(text: &str) -> Result<Self> {
        let inner = text.trim().strip_prefix('[').and_then(|t| t.strip_suffix(']'));
        split(inner.ok_or_else(|| bad("a list in brackets", text))?).map(T::read).collect()
    }
}

impl<A: AttributeValue, B: AttributeValue> AttributeValue for (A, B) {
    fn write(&self) -> String {
        format!("[{},{}]", self.0.write(), self.1.write())
    }
    fn read(text: &str) -> Result<Self> {
        let inner = text.trim().strip_prefix('[').and_then(|t| t.strip_suffix(']'));
        let parts: Vec<&str> = split(inner.ok_or_else(|| bad("a pair in brackets", text))?).collect();
        match parts[..] {
            [a, b] => Ok((A::read(a)?, B::read(b)?)),
            _ => Err(bad("a pair", text)),
        }
    }
}

/// Splits at commas outside brackets.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0i32;
    text.split(move |c: char| {
        depth += match c {
            '[' => 1,
            ']' => -1,
            _ => 0,
        };
        c == ',' && depth == 0
    })
    .filter(|part| !part.trim().is_empty())
}

/// The attributes of one op as read from text: name and value.
pub type Attributes = Vec<(String, String)>;

/// Reads one attribute by name.
pub fn attribute<T: AttributeValue>(attributes: &Attributes, name: &str) -> Result<T> {
    let found = attributes.iter().find(|(n, _)| n == name);
    let (_, text) = found.ok_or_else(|| Error::value("attribute").expected(format_args!("\"{name}\"")))?;
    T::read(text).map_err(|e| e.at(name))
}

/// Declares the struct of an op: its documented fields are its attributes, written and read by name.
#[macro_export]
macro_rules! op_struct {
    ($(#[$doc:meta])* pub struct $name:ident = $text:literal { $($(#[$fdoc:meta])* $field:ident: $ty:ty),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $name { $($(#[$fdoc])* pub $field: $ty),* }

        impl $name {
            /// The op's name in graphs.
            pub const NAME: &'static str = $text;

            /// Its attributes as text.
            #[allow(clippy::vec_init_then_push)]
            pub fn attributes(&self) -> $crate::ops::Attributes {
                vec![$((stringify!($field).to_string(), $crate::ops::AttributeValue::write(&self.$field))),*]
            }

            /// Reads it back from its attributes.
            #[allow(unused_variables)]
            pub fn from_attributes(a: &$crate::ops::Attributes) -> $crate::Result<Self> {
                Ok($name { $($field: $crate::ops::attribute(a, stringify!($field))?),* })
            }
        }

        impl From<$name> for $crate::ops::Op {
            fn from(op: $name) -> $crate::ops::Op { $crate::ops::Op::$name(op) }
        }
    };
}

/// Declares an enum whose variants are written as words; it serves as an attribute.
#[macro_export]
macro_rules! word_enum {
    ($(#[$doc:meta])* pub enum $name:ident { $($(#[$vdoc:meta])* $variant:ident = $word:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name { $($(#[$vdoc])* $variant),* }

        impl $name {
            /// All of them.
            pub const ALL: &'static [$name] = &[$($name::$variant),*];

            /// Its word in text.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),* }
            }
        }

        impl $crate::ops::AttributeValue for $name {
            fn write(&self) -> String { self.word().to_string() }
            fn read(text: &str) -> $crate::Result<Self> {
                $name::ALL.iter().copied().find(|v| v.word() == text.trim()).ok_or_else(|| {
                    $crate::Error::unknown(stringify!($name), text.trim(), $name::ALL.iter().map(|v| v.word()))
                })
            }
        }
    };
}
