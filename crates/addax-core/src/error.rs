//! The one error type: who, what was expected, what came, and how to mend it, in one line.

use std::fmt;

/// What kind of mistake an [`Error`] reports; faces map it (Python: `ValueError`, `TypeError`, …).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// A value, shape or name is wrong.
    Value,
    /// The type of an argument is wrong.
    Type,
    /// A name is not known (class, layer, column, key).
    Key,
    /// A file or stream failed.
    Io,
    /// The work was stopped from outside (a signal, the user).
    Interrupted,
    /// Something this build or backend cannot do.
    Unsupported,
}

/// One mistake, told in one line: `who > who: message: expected …, got …. Hint`.
///
/// ```
/// use addax_core::Error;
/// let e = Error::value("matmul").expected("(m, k) and (k, n)").got("(3, 4) and (5, 6)").at("Dense \"d\"");
/// assert_eq!(e.to_string(), "Dense \"d\" > matmul: expected (m, k) and (k, n), got (3, 4) and (5, 6)");
/// ```
#[derive(Clone, PartialEq)]
pub struct Error(Box<Story>);

#[derive(Clone, PartialEq)]
struct Story {
    kind: ErrorKind,
    path: Vec<String>,
    message: String,
    expected: Option<String>,
    got: Option<String>,
    hint: Option<String>,
}

/// The result of everything that can fail in addax.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// An error of the given kind with its message.
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Error(Box::new(Story {
            kind,
            path: Vec::new(),
            message: message.into(),
            expected: None,
            got: None,
            hint: None,
        }))
    }

    /// A wrong value, shape or setting.
    pub fn value(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Value, message)
    }

    /// A wrong type.
    pub fn type_(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Type, message)
    }

    /// An unknown name, with the nearest known ones as hint.
    pub fn unknown<'a>(what: &str, name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let error = Self::new(ErrorKind::Key, format!("unknown {what} \"{name}\""));
        let near = nearest(name, known);
        if near.is_empty() { error } else { error.hint(format!("Did you mean {}?", near.join(" or "))) }
    }

    /// A failed file operation: the path and the system's word.
    pub fn io(path: impl fmt::Display, error: impl fmt::Display) -> Self {
        Self::new(ErrorKind::Io, format!("{path}: {error}"))
    }

    /// Something this build or backend cannot do.
    pub fn unsupported(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, message)
    }

    /// Says what was wanted.
    pub fn expected(mut self, expected: impl fmt::Display) -> Self {
        self.0.expected = Some(expected.to_string());
        self
    }

    /// Says what came instead.
    pub fn got(mut self, got: impl fmt::Display) -> Self {
        self.0.got = Some(got.to_string());
        self
    }

    /// Says how to mend it; a sentence.
    pub fn hint(mut self, hint: impl fmt::Display) -> Self {
        self.0.hint = Some(hint.to_string());
        self
    }

    /// Puts `who` in front of the path: the layer, file or argument in which the mistake lies.
    pub fn at(mut self, who: impl fmt::Display) -> Self {
        self.0.path.insert(0, who.to_string());
        self
    }

    /// What kind of mistake it is.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let s = &*self.0;
        for who in &s.path {
            write!(f, "{} > ", one_line(who))?;
        }
        write!(f, "{}", one_line(&s.message))?;
        match (&s.expected, &s.got) {
            (Some(e), Some(g)) => write!(f, ": expected {}, got {}", one_line(e), one_line(g))?,
            (Some(e), None) => write!(f, ": expected {}", one_line(e))?,
            (None, Some(g)) => write!(f, ": got {}", one_line(g))?,
            (None, None) => {}
        }
        match &s.hint {
            Some(h) => write!(f, ". {}", one_line(h)),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Error({self})")
    }
}

impl std::error::Error for Error {}

/// Control characters would break the promise of one line (and let a file's text drive a terminal).
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Up to three known names within a small edit distance, nearest first.
fn nearest<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<String> {
    let lower = name.to_lowercase();
    let limit = (name.chars().count() / 3).max(1);
    let mut near: Vec<(usize, &str)> = known
        .into_iter()
        .map(|k| (edit_distance(&lower, &k.to_lowercase()), k))
        .filter(|(d, _)| *d <= limit)
        .collect();
    near.sort();
    near.into_iter().take(3).map(|(_, k)| format!("\"{k}\"")).collect()
}

fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let keep = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = keep.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_one_line_whatever_is_in_it() {
        let e = Error::value("a\nb").got("x\u{1b}[31m\r").at("file\n");
        assert!(!e.to_string().chars().any(char::is_control));
    }

    #[test]
    fn suggests_near_names() {
        let e = Error::unknown("activation", "rellu", ["relu", "relu6", "tanh"]);
        assert_eq!(e.to_string(), "unknown activation \"rellu\". Did you mean \"relu\"?");
    }
}
