//! One case: its folder and what `case.json` says.

use serde_json::Value as Json;
use std::fs;
use std::path::{Path, PathBuf};

/// One case.
pub(crate) struct Case {
    /// The folder's name.
    pub name: String,
    /// The folder.
    pub folder: PathBuf,
    json: Json,
}

impl Case {
    /// All cases below a folder, sorted by kind and name.
    pub fn all(root: &Path) -> Vec<Case> {
        let folders = |path: &Path| -> Vec<PathBuf> {
            let entries = fs::read_dir(path).into_iter().flatten().flatten();
            let mut found: Vec<PathBuf> = entries.map(|e| e.path()).filter(|p| p.is_dir()).collect();
            found.sort();
            found
        };
        let cases = ["P", "E", "T", "F", "R"].iter().flat_map(|kind| folders(&root.join(kind)));
        cases.filter_map(Case::read).collect()
    }

    fn read(folder: PathBuf) -> Option<Case> {
        let json = serde_json::from_slice(&fs::read(folder.join("case.json")).ok()?).ok()?;
        let name = folder.file_name()?.to_string_lossy().into_owned();
        Some(Case { name, folder, json })
    }

    /// `P`, `E`, `T`, `F` or `R`.
    pub fn kind(&self) -> &str {
        self.text("kind").unwrap_or_default()
    }

    /// A field.
    pub fn get(&self, key: &str) -> Option<&Json> {
        self.json.get(key).filter(|v| !v.is_null())
    }

    /// A field that is text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.get(key)?.as_str()
    }

    /// A field that is a list of texts.
    pub fn texts(&self, key: &str) -> Vec<String> {
        let list = self.get(key).and_then(Json::as_array);
        list.into_iter().flatten().filter_map(Json::as_str).map(str::to_string).collect()
    }

    /// A field that is a number, as text.
    pub fn number(&self, key: &str) -> Option<String> {
        self.get(key).filter(|v| v.is_number()).map(Json::to_string)
    }

    /// A file of the case, as an argument.
    pub fn file(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }

    /// How far from Keras's value a key may be: relative and absolute.
    pub fn tolerance(&self, key: &str) -> (f64, f64) {
        let tolerance = self.get("tol");
        let relative = tolerance.and_then(|t| t["rtol"].as_f64()).unwrap_or(1e-4);
        (relative, tolerance.and_then(|t| t["atol"][key].as_f64()).unwrap_or(1e-6))
    }
}
