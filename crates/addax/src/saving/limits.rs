//! What a file may ask for at most, in one table.

use addax_core::{Error, Result};
use std::fmt;

/// One limit: what it is about, how much is allowed, and the unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limit {
    /// What is bounded.
    pub what: &'static str,
    /// The most that is allowed.
    pub most: usize,
    /// In which unit.
    pub unit: &'static str,
}

macro_rules! limits {
    ($($name:ident: $what:literal, $most:expr, $unit:literal;)*) => {
        impl Limit {
            $(#[doc = concat!("Of the ", $what, ".")] pub const $name: Limit = Limit { what: $what, most: $most, unit: $unit };)*

            /// All limits on what is read from files; each is told when it is passed.
            pub const ALL: &[Limit] = &[$(Limit::$name),*];
        }
    };
}

limits! {
    JSON_BYTES: "length of a JSON text", 64 << 20, "bytes";
    JSON_MEMORY: "memory of a JSON text", 512 << 20, "bytes";
    LAYERS: "number of layers, models and ops", 50_000, "objects";
    INFLATED: "size of compressed arrays", 256 << 20, "bytes";
    SHARDS: "number of files of weights", 10_000, "files";
    VOCABULARY: "length of a vocabulary", 16 << 20, "lines";
}

impl Limit {
    /// An error if there is more than allowed.
    pub fn check(&self, amount: usize) -> Result<()> {
        if amount <= self.most {
            return Ok(());
        }
        let wanted = format!("at most {} {}", self.most, self.unit);
        Err(Error::value(self.what).expected(wanted).got(amount))
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<36} {:>12} {}", self.what, self.most, self.unit)
    }
}
