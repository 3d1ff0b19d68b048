//! JSON as Python writes and reads it: `NaN` and infinities are numbers, everything beyond ASCII is escaped.

use super::limits::Limit;
use crate::class::NOT_FINITE;
use addax_core::{Error, Result};
use serde_json::Value as Json;
use std::fmt::Write;

/// Reads a text. What is not finite stands in the result as [`NOT_FINITE`] says; sizes and nesting are bounded.
pub(crate) fn parse(text: &[u8]) -> Result<Json> {
    Limit::JSON_BYTES.check(text.len())?;
    let text = std::str::from_utf8(text).map_err(|e| Error::value("JSON").expected("UTF-8").got(e))?;
    Limit::JSON_MEMORY.check(memory(text))?;
    let plain = with_names(text);
    // The reader's own limit on nesting stays on: 128 levels.
    serde_json::from_str(&plain).map_err(|e| Error::value("JSON").expected("a sound text").got(e))
}

/// At most so many bytes the parsed text takes: an object costs more than it shows.
fn memory(text: &str) -> usize {
    const OBJECT: usize = 400;
    const VALUE: usize = 64;
    let count = |c: u8| text.bytes().filter(|b| *b == c).count();
    text.len() + OBJECT * count(b'{') + VALUE * (count(b',') + count(b'[') + count(b':'))
}

/// The text with strings in place of the tokens that only Python writes.
fn with_names(text: &str) -> std::borrow::Cow<'_, str> {
    if !text.contains("NaN") && !text.contains("Infinity") {
        return text.into();
    }
    let (mut out, mut rest) = (String::with_capacity(text.len() + 64), text);
    while let Some(at) = rest.find(['"', 'N', 'I', '-']) {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let token = NOT_FINITE.iter().find(|(name, _)| rest.starts_with(&name[1..]));
        let taken = match token {
            Some((name, _)) => {
                // The first character of the name is NUL, which JSON writes as an escape.
                let _ = write!(out, "\"\\u0000{}\"", &name[1..]);
                name.len() - 1
            }
            None => {
                let taken = if rest.starts_with('"') { string_length(rest) } else { 1 };
                out.push_str(&rest[..taken]);
                taken
            }
        };
        rest = &rest[taken..];
    }
    out.push_str(rest);
    out.into()
}

/// The length of the string literal that a text begins with, its quotes included.
fn string_length(text: &str) -> usize {
    let mut escaped = false;
    for (i, b) in text.bytes().enumerate().skip(1) {
        match b {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => return i + 1,
            _ => {}
        }
    }
    text.len()
}

/// Writes a value as `json.dumps` does; `indent` puts each entry on its own line.
pub(crate) fn dump(json: &Json, indent: Option<usize>) -> String {
    let mut out = String::new();
    write_value(json, indent, 0, &mut out);
    out
}

fn write_value(json: &Json, indent: Option<usize>, depth: usize, out: &mut String) {
    match json {
        Json::Null => out.push_str("null"),
        Json::Bool(b) => out.push_str(if *b { "true" } else { "false" }),
        Json::Number(n) => match n.as_f64() {
            Some(x) if n.is_f64() => out.push_str(&float(x)),
            _ => out.push_str(&n.to_string()),
        },
        Json::String(s) => match NOT_FINITE.iter().find(|(name, _)| name == s) {
            Some((name, _)) => out.push_str(&name[1..]),
            None => write_string(s, out),
        },
        Json::Array(list) => write_all(['[', ']'], list.iter(), indent, depth, out, |v, out| {
            write_value(v, indent, depth + 1, out);
        }),
        Json::Object(map) => write_all(['{', '}'], map.iter(), indent, depth, out, |(k, v), out| {
            write_string(k, out);
            out.push_str(": ");
            write_value(v, indent, depth + 1, out);
        }),
    }
}

fn write_all<T>(
    [open, close]: [char; 2],
    items: impl ExactSizeIterator<Item = T>,
    indent: Option<usize>,
    depth: usize,
    out: &mut String,
    mut write: impl FnMut(T, &mut String),
) {
    let empty = items.len() == 0;
    let line = |out: &mut String, depth: usize| {
        if let Some(width) = indent {
            out.push('\n');
            out.extend(std::iter::repeat_n(' ', width * depth));
        }
    };
    out.push(open);
    for (i, item) in items.enumerate() {
        if i > 0 {
            out.push_str(if indent.is_some() { "," } else { ", " });
        }
        line(out, depth + 1);
        write(item, out);
    }
    if !empty {
        line(out, depth);
    }
    out.push(close);
}

fn write_string(s: &str, out: &mut String) {
    out.push('"');
    for c in s.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            ' '..='~' => out.push(c),
            _ => c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| {
                let _ = write!(out, "\\u{unit:04x}");
            }),
        }
    }
    out.push('"');
}

/// The shortest digits that read back as the same float, in the form that Python's `repr` gives them.
fn float(x: f64) -> String {
    let text = format!("{x:e}");
    let (digits, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..16).contains(&exponent) {
        let plain = x.to_string();
        return if plain.contains('.') { plain } else { plain + ".0" };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{digits}e{sign}{:02}", exponent.abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::class::number;
    use serde_json::json;

    #[test]
    fn floats_are_written_as_python_writes_them() {
        let cases = [
            (1.0, "1.0"),
            (1e-7, "1e-07"),
            (0.0001, "0.0001"),
            (1e15, "1000000000000000.0"),
            (1e16, "1e+16"),
            (1.5e300, "1.5e+300"),
            (-0.0, "-0.0"),
            (0.001_000_000_047_497_451_3, "0.0010000000474974513"),
        ];
        for (x, text) in cases {
            assert_eq!(float(x), text);
        }
    }

    #[test]
    fn what_is_not_finite_comes_back() {
        let text = br#"{"a": NaN, "b": [-Infinity, Infinity], "NaN": "-Infinity \" NaN", "c": -1.5}"#;
        let json = parse(text).unwrap();
        assert!(number(&json["a"]).unwrap().is_nan());
        assert_eq!(number(&json["b"][0]), Some(f64::NEG_INFINITY));
        assert_eq!(json["NaN"], "-Infinity \" NaN");
        assert_eq!(dump(&json, None).as_bytes(), text);
        assert_eq!(number(&json!("NaN")), None);
    }

    #[test]
    fn text_is_escaped_and_indented_as_python_does() {
        let json = json!({"я": ["a\n\u{1F600}", []], "e": {}});
        assert_eq!(dump(&json, None), r#"{"\u044f": ["a\n\ud83d\ude00", []], "e": {}}"#);
        assert_eq!(dump(&json!({"a": [1, 2]}), Some(4)), "{\n    \"a\": [\n        1,\n        2\n    ]\n}");
    }

    #[test]
    fn texts_that_would_swell_are_refused() {
        let many = format!("[{}]", vec!["{\"\":0}"; 3_000_000].join(","));
        let error = parse(many.as_bytes()).unwrap_err().to_string();
        assert!(error.starts_with("memory of a JSON text: expected at most"), "{error}");
        let deep = "[".repeat(200_000);
        assert!(parse(deep.as_bytes()).unwrap_err().to_string().contains("recursion limit"));
    }
}
