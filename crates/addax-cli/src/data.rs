//! Data files of the command: `.npz` and `.npy` arrays or a CSV table, by name or by what is in them.

use addax::data::{Array, Arrays, Table, npy, npz};
use addax::prelude::*;
use std::io::Read;
use std::path::Path;

/// What a data file holds.
pub enum Data {
    /// Arrays by name.
    Arrays(Arrays),
    /// A table.
    Table(Table),
}

/// The bytes of a file, or of the standard input for `-`.
pub fn bytes(path: &Path) -> Result<Vec<u8>> {
    let read = || match path.to_str() {
        Some("-") => {
            let mut all = Vec::new();
            std::io::stdin().lock().read_to_end(&mut all).map(|_| all)
        }
        _ => std::fs::read(path),
    };
    read().map_err(|e| Error::io(path.display(), e))
}

impl Data {
    /// Reads a file; errors name it.
    pub fn read(path: &Path) -> Result<Data> {
        let bytes = bytes(path)?;
        let ends = |ending: &str| path.extension().is_some_and(|e| e.eq_ignore_ascii_case(ending));
        let data = if ends("npz") || (!ends("csv") && npz::is_npz(&bytes)) {
            npz::decode(&bytes).map(Data::Arrays)
        } else if ends("npy") || (!ends("csv") && npy::is_npy(&bytes)) {
            npy::decode(&bytes).and_then(|array| {
                let mut arrays = Arrays::new();
                arrays.insert("x", array)?;
                Ok(Data::Arrays(arrays))
            })
        } else {
            Table::parse(&bytes).map(Data::Table)
        };
        data.map_err(|e| e.at(path.display()))
    }
}

/// The arrays of a model's inputs: by their names, after a prefix; a single input may also have the only array there
/// is, or the one called `x`.
pub fn inputs(names: &[String], arrays: &Arrays, prefix: &str) -> Result<Vec<Array>> {
    if let [name] = names {
        let only = (arrays.len() == 1).then(|| arrays.iter().next()).flatten().map(|(_, a)| a);
        let known = arrays.get(&format!("{prefix}{name}")).or_else(|| arrays.get("x")).or(only);
        return known.cloned().map(|a| vec![a]).ok_or_else(|| missing("input", names, arrays, prefix));
    }
    let find = |n: &String| {
        let array = arrays.get(&format!("{prefix}{n}"));
        array.cloned().ok_or_else(|| missing("input", names, arrays, prefix))
    };
    names.iter().map(find).collect()
}

/// Which arrays were wanted and which are there.
fn missing(what: &str, names: &[String], arrays: &Arrays, prefix: &str) -> Error {
    let wanted: Vec<String> = names.iter().map(|n| format!("\"{prefix}{n}\"")).collect();
    let there: Vec<String> = arrays.names().map(|n| format!("\"{n}\"")).collect();
    let there = if there.is_empty() { "none".to_string() } else { there.join(", ") };
    Error::value(format!("arrays of the model's {what}s")).expected(wanted.join(", ")).got(there)
}
