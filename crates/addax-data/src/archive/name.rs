//! Which names an entry may have.

use addax_core::{Error, Result};

/// Plain relative paths with `/`, and nothing that another tool could take for a path to somewhere else.
pub(super) fn check(name: &[u8]) -> Result<String> {
    let error = |why: &str| {
        let e = Error::value("unsafe name of an entry").expected("a plain relative path");
        e.got(format_args!("\"{}\", {why}", String::from_utf8_lossy(name)))
    };
    let text = std::str::from_utf8(name).map_err(|_| error("which is not UTF-8"))?;
    let drive = matches!(text.as_bytes(), [letter, b':', b'/', ..] if letter.is_ascii_alphabetic());
    if text.starts_with('/') || drive {
        return Err(error("which is absolute"));
    }
    if text.contains('\\') || text.contains(char::is_control) {
        return Err(error("with a backslash or a control character"));
    }
    match text.strip_suffix('/').unwrap_or(text).split('/').find(|part| matches!(*part, "" | "." | "..")) {
        None => Ok(text.to_string()),
        Some("") => Err(error("with an empty part")),
        Some(part) => Err(error(&format!("with the part {part}"))),
    }
}

#[cfg(test)]
mod tests {
    use super::check;

    #[test]
    fn names_are_plain_relative_paths() {
        for good in ["x.npy", "assets/a b.txt", "слой/ядро.npy", "dense/kernel:0.npy", "..x", "assets/"]
        {
            assert_eq!(check(good.as_bytes()).unwrap(), good);
        }
        for bad in ["", "/", "/etc/passwd", "C:/x", "a/../b", "..", "a\\b", "a//b", "./a", "a\0b", "a\nb"] {
            let message = check(bad.as_bytes()).unwrap_err().to_string();
            assert!(message.starts_with("unsafe name of an entry"), "{bad:?}: {message}");
        }
        assert!(check(b"\xff.npy").is_err());
    }
}
