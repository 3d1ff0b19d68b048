//! Files that h5py wrote, and what h5py reads in them.

use addax_h5::{Array, Dtype, File};
use flate2::Crc;
use flate2::read::ZlibDecoder;
use serde_json::{Map, Value};
use std::io::Read;
use std::path::PathBuf;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures")
}

pub fn expected() -> Value {
    let text = std::fs::read_to_string(folder().join("expected.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

pub fn fixture(name: &str) -> Vec<u8> {
    let file = std::fs::File::open(folder().join(format!("{name}.z"))).unwrap();
    let mut bytes = Vec::new();
    ZlibDecoder::new(file).read_to_end(&mut bytes).unwrap();
    bytes
}

/// All files with their names, also those to be refused.
pub fn all() -> Vec<(String, Vec<u8>)> {
    let mut names: Vec<_> = std::fs::read_dir(folder())
        .unwrap()
        .filter_map(|e| e.unwrap().file_name().to_str()?.strip_suffix(".z").map(str::to_owned))
        .collect();
    names.sort();
    names.into_iter().map(|name| (name.clone(), fixture(&name))).collect()
}

/// What h5py tells of an array, told of ours.
fn told(array: &Array<'_>, like: &Map<String, Value>) -> Map<String, Value> {
    let mut map = Map::new();
    map.insert("dtype".into(), array.dtype().to_string().into());
    map.insert("shape".into(), array.shape().into());
    if matches!(array.dtype(), Dtype::Text | Dtype::FixedText(_)) {
        map.insert("texts".into(), array.texts().unwrap().into());
    } else if like.contains_key("crc32") {
        let mut crc = Crc::new();
        crc.update(array.bytes());
        map.insert("crc32".into(), crc.sum().into());
    } else {
        let hex: String = array.bytes().iter().map(|b| format!("{b:02x}")).collect();
        map.insert("hex".into(), hex.into());
    }
    map
}

fn check_attributes(place: &str, found: Vec<(String, Array<'_>)>, expected: &Map<String, Value>) {
    let mut names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
    let mut wanted: Vec<_> = expected.keys().map(String::as_str).collect();
    names.sort_unstable();
    wanted.sort_unstable();
    assert_eq!(names, wanted, "attributes of {place}");
    for (name, array) in &found {
        let wanted = expected[name].as_object().unwrap();
        assert_eq!(&told(array, wanted), wanted, "{place}, attribute {name}");
    }
}

/// Whether everything in the file is as h5py tells of it.
pub fn check(name: &str, bytes: &[u8], objects: &Map<String, Value>) {
    let file = File::open(bytes).unwrap_or_else(|e| panic!("{name}: {e}"));
    let mut paths: Vec<_> = file.walk().map(|(path, _)| path).collect();
    paths.push(String::new());
    paths.sort();
    let mut wanted: Vec<_> = objects.keys().cloned().collect();
    wanted.sort();
    assert_eq!(paths, wanted, "paths of {name}");
    for (path, object) in objects {
        let place = format!("{name}, {path:?}");
        let object = match object.get("same") {
            Some(other) => {
                let (this, other) = (file.dataset(path), file.dataset(other.as_str().unwrap()));
                assert_eq!(this.unwrap().data(), other.unwrap().data(), "{place}");
                continue;
            }
            None => object.as_object().unwrap(),
        };
        let attributes = if object.contains_key("shape") {
            let dataset = file.dataset(path).unwrap_or_else(|e| panic!("{name}: {e}"));
            let mut wanted = object.clone();
            wanted.remove("attributes");
            let array = dataset.read().unwrap_or_else(|e| panic!("{name}: {e}"));
            assert_eq!(told(&array, &wanted), wanted, "{place}");
            dataset.attributes()
        } else {
            file.group(path).unwrap().attributes()
        };
        let attributes = attributes.unwrap_or_else(|e| panic!("{name}: {e}"));
        check_attributes(&place, attributes, object["attributes"].as_object().unwrap());
    }
}

#[test]
fn every_file_reads_as_h5py_reads_it() {
    let expected = expected();
    let files = expected["files"].as_object().unwrap();
    assert!(files.len() >= 16);
    for (name, objects) in files {
        check(name, &fixture(name), objects.as_object().unwrap());
    }
}

#[test]
fn what_is_refused_is_refused_by_name() {
    let expected = expected();
    for (name, message) in expected["refused"].as_object().unwrap() {
        let bytes = fixture(name);
        let error = match File::open(&bytes) {
            Err(error) => error,
            Ok(file) => match file.dataset("x") {
                Err(error) => error,
                Ok(dataset) => dataset.data().unwrap_err(),
            },
        };
        assert_eq!(error.to_string(), message.as_str().unwrap(), "{name}");
        assert_eq!(error.kind(), addax_h5::ErrorKind::Refused, "{name}");
    }
}

#[test]
fn contiguous_data_is_borrowed_and_chunks_are_not() {
    let bytes = fixture("keras.weights.h5");
    let file = File::open(&bytes).unwrap();
    let data = file.dataset("layers/dense/vars/0").unwrap().data().unwrap();
    let std::borrow::Cow::Borrowed(data) = data else { panic!("copied") };
    assert!(bytes.as_ptr_range().contains(&data.as_ptr()));
    let bytes = fixture("chunks_new.h5");
    let data = File::open(&bytes).unwrap().dataset("deflate").unwrap().data().unwrap();
    assert!(matches!(data, std::borrow::Cow::Owned(_)));
}

#[test]
fn numbers_of_every_type_become_floats() {
    let bytes = fixture("types.h5");
    let file = File::open(&bytes).unwrap();
    for side in ["little", "big"] {
        let group = file.group(side).unwrap();
        assert_eq!(group.entries().len(), 11);
        for (name, _) in group.entries() {
            let values = group.dataset(name).unwrap().read().unwrap().floats().unwrap();
            assert_eq!(values, [1.0, 2.0, 3.0, 4.0, 5.0, 120.0], "{side} {name}");
        }
    }
    assert_eq!(file.dataset("bfloat16").unwrap().read().unwrap().floats().unwrap(), [1.0, -2.0]);
    assert!(file.dataset("opaque").unwrap().read().unwrap().floats().is_err());
}

#[test]
fn missing_and_misplaced_objects_are_told_by_path() {
    let bytes = fixture("superblock_2.h5");
    let file = File::open(&bytes).unwrap();
    let say = |e: addax_h5::Error| e.to_string();
    assert_eq!(file.dataset("a/x").map_err(say).unwrap_err(), "\"a/x\": there is no such dataset");
    assert_eq!(file.dataset("a/b").map_err(say).unwrap_err(), "\"a/b\": expected a dataset, got a group");
    assert_eq!(file.group("a/b/c").map_err(say).unwrap_err(), "\"a/b/c\": expected a group, got a dataset");
    assert_eq!(file.group("a").unwrap().attribute("none").unwrap().map(|_| ()), None);
}
