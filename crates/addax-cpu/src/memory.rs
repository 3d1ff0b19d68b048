//! How much memory the system can still give: asked before a large block is taken, because a system that promises more
//! than it has ends the process when the promise is called in.

use addax_core::{Error, Result};
use std::fs::read_to_string;

/// Smaller blocks are taken without asking.
const SMALL: usize = 64 << 20;

/// An error if a block of so many bytes is more than the system can give.
pub fn check(bytes: usize) -> Result<()> {
    match if bytes < SMALL { None } else { available() } {
        Some(most) if bytes > most => Err(Error::value("memory")
            .expected(format_args!("at most {most} bytes, which are free"))
            .got(bytes)),
        _ => Ok(()),
    }
}

/// The bytes that are free for this process; `None` where the system does not say.
fn available() -> Option<usize> {
    let free = field(&read_to_string("/proc/meminfo").ok()?, "MemAvailable:")?.checked_mul(1024)?;
    let limits = read_to_string("/proc/self/limits").unwrap_or_default();
    let Some(limit) = field(&limits, "Max address space") else { return Some(free) };
    let status = read_to_string("/proc/self/status").unwrap_or_default();
    let used = field(&status, "VmSize:").unwrap_or(0).saturating_mul(1024);
    Some(free.min(limit.saturating_sub(used)))
}

/// The number after a word at the beginning of a line.
fn field(text: &str, word: &str) -> Option<usize> {
    let line = text.lines().find_map(|l| l.strip_prefix(word))?;
    line.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_after_their_words() {
        let text = "MemTotal: 10 kB\nMemAvailable:   8 kB\n";
        assert_eq!(field(text, "MemAvailable:"), Some(8));
        assert_eq!(field("Max address space     unlimited   unlimited bytes", "Max address space"), None);
        assert!(check(1 << 20).is_ok());
        assert!(available().is_none() || check(usize::MAX / 2).is_err());
    }
}
