//! The rules of the house, checked over the files: floors, names, lengths, leftovers.

use std::fs;
use std::path::{Path, PathBuf};

/// What each crate may import of ours.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("addax-core", &[]),
    ("addax-cpu", &["addax-core"]),
    ("addax-data", &["addax-core"]),
    ("addax-h5", &[]),
    ("addax", &["addax-core", "addax-cpu", "addax-data", "addax-h5"]),
    ("addax-cli", &["addax"]),
];

/// Inside `addax`, from the top down: a folder never says `use crate::` of one above it.
const FLOORS: &[&[&str]] = &[
    &["prelude"],
    &["wrappers", "report", "saving"],
    &["training", "callbacks"],
    &["models"],
    &["layers", "ops", "scope", "arguments"],
    &["losses", "metrics", "optimizers"],
    &[
        "activations",
        "constraints",
        "initializers",
        "regularizers",
        "random",
        "devices",
        "policy",
        "schedules",
    ],
    &["fields"],
    &["class"],
    &["foreign"],
];

/// Between neighbours that are written in terms of each other.
const ALLOWED: &[(&str, &str)] = &[
    // A layer in use makes nodes of models; a scope runs layers in use.
    ("layers", "models"),
    // So does a function of ops.
    ("ops", "models"),
    // A layer may be given where an activation is meant.
    ("activations", "layers"),
    ("activations", "scope"),
    // A callback is handed the session.
    ("callbacks", "training"),
];

const BAD_NAMES: &[&str] = &["utils", "common", "helpers", "base", "manager", "misc"];
const LONGEST: usize = 500;

/// Files that may be longer: tables and kernels.
const LONG: &[&str] = &[];

/// Every breach of the rules, one line each.
pub fn check(root: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for (name, allowed) in MAY_IMPORT {
        imports(&root.join("crates").join(name), name, allowed, &mut found);
    }
    let mut files = Vec::new();
    rust_files(&root.join("crates"), &mut files);
    rust_files(&root.join("xtask"), &mut files);
    for file in files {
        let Ok(text) = fs::read_to_string(&file) else { continue };
        let name = file.strip_prefix(root).unwrap_or(&file).display().to_string();
        one_file(&name, &text, &mut found);
    }
    for name in ["addax-core", "addax-data", "addax-h5", "addax"] {
        let lib = fs::read_to_string(root.join(format!("crates/{name}/src/lib.rs"))).unwrap_or_default();
        if !lib.contains("#![forbid(unsafe_code)]") {
            found.push(format!("crates/{name}: unsafe code is not forbidden"));
        }
    }
    found
}

fn imports(folder: &Path, name: &str, allowed: &[&str], found: &mut Vec<String>) {
    let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    let dependencies = manifest.split("[dependencies]").nth(1).unwrap_or_default();
    for line in dependencies.lines().filter(|l| l.starts_with("addax")) {
        let other = line.split(['.', ' ', '=']).next().unwrap_or_default();
        if !allowed.contains(&other) {
            found.push(format!("crates/{name}: may not import {other}"));
        }
    }
}

fn rust_files(folder: &Path, out: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            rust_files(&path, out);
        } else if path.extension().is_some_and(|e| e == "rs") {
            out.push(path);
        }
    }
}

fn one_file(name: &str, text: &str, found: &mut Vec<String>) {
    let stem = name.rsplit('/').next().unwrap_or_default().trim_end_matches(".rs");
    let before_tests = text.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = before_tests.lines().count();
    if lines > LONGEST && !LONG.contains(&name) {
        found.push(format!("{name}: {lines} lines before its tests, more than {LONGEST}"));
    }
    // `passes/common.rs` is named after common subexpressions, the standard term.
    if BAD_NAMES.contains(&stem) && !name.ends_with("passes/common.rs") {
        found.push(format!("{name}: a file may not be called {stem}"));
    }
    if name.starts_with("xtask") {
        return;
    }
    for word in ["todo!(", "unimplemented!(", "dbg!("] {
        if text.contains(word) {
            found.push(format!("{name}: holds {word}"));
        }
    }
    for path in ["\"/home/", "\"/root/", "\"/work/", "\"/tmp/"] {
        if text.contains(path) {
            found.push(format!("{name}: holds a path of one machine"));
        }
    }
    if let Some(inner) = name.strip_prefix("crates/addax/src/") {
        floors(name, inner, before_tests, found);
    }
}

fn floors(name: &str, inner: &str, text: &str, found: &mut Vec<String>) {
    let own = inner.split('/').next().unwrap_or_default().trim_end_matches(".rs");
    let floor = |folder: &str| FLOORS.iter().position(|f| f.contains(&folder));
    let Some(mine) = floor(own) else { return };
    for line in text.lines().filter_map(|l| l.trim().strip_prefix("use crate::")) {
        let other = line.split([':', ';', '{', ',']).next().unwrap_or_default();
        let above = floor(other).is_some_and(|f| f < mine);
        if above && !ALLOWED.contains(&(own, other)) {
            found.push(format!("{name}: {own} may not use {other}, a floor above"));
        }
    }
}
