//! Against h5py itself, where `ADDAX_PYTHON` names a Python that has it.

use crate::{fixtures, samples};
use addax_h5::{Dtype, File, Tree, Value};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Runs a script of the fixtures' folder; what it prints. `None`, with a word about it, where there is no Python.
fn python(script: &str, arguments: &[PathBuf]) -> Option<Json> {
    let Ok(python) = std::env::var("ADDAX_PYTHON") else {
        eprintln!("skipped: ADDAX_PYTHON does not name a Python with h5py");
        return None;
    };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(script);
    let out = Command::new(python).arg("-B").arg(script).args(arguments).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    Some(serde_json::from_slice(&out.stdout).unwrap())
}

/// A folder that is removed at the end.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("addax-h5-{name}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// A file with everything that can be written.
fn everything() -> Vec<u8> {
    let mut tree = Tree::new();
    use Dtype::*;
    for dtype in [F16, BF16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, Bool, Opaque(3), FixedText(5)] {
        let bytes: Vec<u8> =
            (0..6 * dtype.size()).map(|i| if dtype == Bool { i % 2 } else { 65 + i } as u8).collect();
        tree.dataset(&format!("types/{dtype}"), dtype, &[2, 3], bytes.clone()).unwrap();
        tree.dataset(&format!("scalars/{dtype}"), dtype, &[], bytes[..dtype.size()].to_vec()).unwrap();
        tree.dataset(&format!("empty/{dtype}"), dtype, &[2, 0], vec![]).unwrap();
        let value = Value::array(dtype, &[3, 2], bytes).unwrap();
        tree.attribute("types", &dtype.to_string(), value).unwrap();
    }
    for count in [9, 300, 9000] {
        for i in 0..count {
            tree.group(&format!("crowd/{count}/{i}")).unwrap();
        }
    }
    tree.attribute("", "text", "schön\n").unwrap();
    tree.attribute("", "nothing", "").unwrap();
    tree.attribute("", "größe", 1.5).unwrap();
    tree.attribute("", "whole", -3).unwrap();
    tree.attribute("", "long", "y".repeat(100_000)).unwrap();
    tree.attribute("", "fixed", Value::fixed_texts(["a", "", "ccc"])).unwrap();
    tree.attribute("", "fixed_one", Value::fixed_text("abc")).unwrap();
    tree.attribute("", "names", Value::texts((0..3000).map(|i| "n".repeat(i % 61)))).unwrap();
    tree.to_vec().unwrap()
}

#[test]
fn h5py_reads_what_is_written_as_this_crate_reads_it() {
    let folder = Folder::new("written");
    let mut files = vec![("everything".to_owned(), everything())];
    files.extend(samples::structures().iter().map(|(name, s)| (name.replace('/', "_"), samples::written(s))));
    let paths: Vec<PathBuf> = files.iter().map(|(name, _)| folder.0.join(name)).collect();
    for ((_, bytes), path) in files.iter().zip(&paths) {
        std::fs::write(path, bytes).unwrap();
    }
    let Some(told) = python("tell.py", &paths) else { return };
    for ((name, bytes), objects) in files.iter().zip(told.as_array().unwrap()) {
        fixtures::check(name, bytes, objects.as_object().unwrap());
    }
}

#[test]
fn trees_of_several_levels_read_as_h5py_reads_them() {
    let folder = Folder::new("large");
    let Some(told) = python("large.py", std::slice::from_ref(&folder.0)) else { return };
    let bytes = std::fs::read(folder.0.join("large.h5")).unwrap();
    assert!(File::open(&bytes).unwrap().group("crowd").unwrap().entries().len() == 4000);
    fixtures::check("large.h5", &bytes, told[0].as_object().unwrap());
}
