//! The standard output: a reader that has gone is no reason to fail.

use addax::prelude::*;
use std::io::{ErrorKind, Write};

/// Writes text as it is.
pub fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(Error::io("standard output", e)),
        _ => Ok(()),
    }
}
