//! The one error type: where in the file, and what is wrong, in one line.

use std::fmt;

/// What kind of trouble an [`Error`] reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// The bytes are not what the format demands: cut short, overwritten, made up.
    Damaged,
    /// The file is well formed but uses something this crate does not follow, on purpose or for want of need.
    Refused,
    /// There is no object or attribute of that name.
    Missing,
    /// The caller asked for something that does not fit: a wrong name, shape, type or length.
    Wrong,
    /// The output could not be written.
    Io,
}

/// One mistake, told in one line: `"layers/dense/vars/0": a checksum does not match`.
///
/// ```
/// let error = addax_h5::File::open(b"PK").unwrap_err();
/// assert_eq!(error.to_string(), "not an HDF5 file: its signature is missing");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    kind: ErrorKind,
    path: String,
    message: String,
}

/// The result of everything that can fail here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    pub(crate) fn new(kind: ErrorKind, message: impl fmt::Display) -> Error {
        Error { kind, path: String::new(), message: message.to_string() }
    }

    pub(crate) fn damaged(message: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Damaged, message)
    }

    pub(crate) fn refused(what: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Refused, format_args!("{what} not supported"))
    }

    pub(crate) fn wrong(message: impl fmt::Display) -> Error {
        Error::new(ErrorKind::Wrong, message)
    }

    /// Says in which object; the first to know wins.
    pub(crate) fn at(mut self, path: impl Into<String>) -> Error {
        if self.path.is_empty() {
            self.path = path.into();
        }
        self
    }

    /// What kind of trouble it is.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The path of the object inside the file, empty where it is about the file itself.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// What is wrong, without the path.
    pub fn message(&self) -> &str {
        &self.message
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Names come from the file: escaped, so that the line stays one line.
        match self.path.as_str() {
            "" => f.write_str(&self.message),
            path => write!(f, "\"{}\": {}", path.escape_debug(), self.message),
        }
    }
}

impl std::error::Error for Error {}
