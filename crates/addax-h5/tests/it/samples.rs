//! The trees of 32 files that Keras 3 and tf_keras 2 wrote: all can be written, and come back the same.

use addax_h5::{Dtype, File, Tree, Value};
use flate2::read::ZlibDecoder;
use serde_json::{Map, Value as Json};
use std::io::Read;

pub fn structures() -> Map<String, Json> {
    let packed: &[u8] = include_bytes!("../fixtures/structures.json.z");
    let mut text = String::new();
    ZlibDecoder::new(packed).read_to_string(&mut text).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn dtype(name: &str) -> Dtype {
    match name {
        "float32" => Dtype::F32,
        "int8" => Dtype::I8,
        "int32" => Dtype::I32,
        "int64" => Dtype::I64,
        "|V2" => Dtype::BF16,
        other => panic!("{other}"),
    }
}

fn shape(object: &Json) -> Option<Vec<usize>> {
    let shape = object.get("shape")?.as_array()?;
    Some(shape.iter().map(|n| n.as_u64().unwrap() as usize).collect())
}

fn value(json: &Json) -> Value<'_> {
    match json {
        Json::String(text) => text.as_str().into(),
        // h5py has no other type for a list without elements.
        Json::Array(list) if list.is_empty() => Value::array(Dtype::F64, &[0], &[][..]).unwrap(),
        Json::Array(list) => Value::texts(list.iter().map(|t| t.as_str().unwrap())),
        other => panic!("{other}"),
    }
}

/// The file of one structure; each dataset is filled with a byte of its own.
pub fn written(objects: &Json) -> Vec<u8> {
    let mut tree = Tree::new();
    for (i, object) in objects.as_array().unwrap().iter().enumerate() {
        let path = object["path"].as_str().unwrap();
        match shape(object) {
            Some(shape) => {
                let dtype = dtype(object["dtype"].as_str().unwrap());
                let len = shape.iter().product::<usize>() * dtype.size();
                tree.dataset(path, dtype, &shape, vec![i as u8; len]).unwrap();
            }
            None => tree.group(path).unwrap(),
        }
        for (name, json) in object.get("attrs").and_then(Json::as_object).into_iter().flatten() {
            tree.attribute(path, name, value(json)).unwrap();
        }
    }
    tree.to_vec().unwrap()
}

#[test]
fn every_structure_comes_back() {
    let structures = structures();
    assert_eq!(structures.len(), 32);
    for (name, objects) in &structures {
        let bytes = written(objects);
        let file = File::open(&bytes).unwrap();
        let objects = objects.as_array().unwrap();
        assert_eq!(file.walk().count() + 1, objects.len(), "{name}");
        for (i, object) in objects.iter().enumerate() {
            let path = object["path"].as_str().unwrap();
            let attributes = match shape(object) {
                Some(shape) => {
                    let dataset = file.dataset(path).unwrap();
                    assert_eq!(dataset.dtype(), dtype(object["dtype"].as_str().unwrap()), "{name}, {path}");
                    assert_eq!(dataset.shape(), shape, "{name}, {path}");
                    assert!(dataset.data().unwrap().iter().all(|b| *b == i as u8), "{name}, {path}");
                    dataset.attributes().unwrap()
                }
                None => file.group(path).unwrap().attributes().unwrap(),
            };
            for (attribute, array) in attributes {
                match &object["attrs"][&attribute] {
                    Json::String(text) => assert_eq!(&array.text().unwrap(), text),
                    Json::Array(list) if list.is_empty() => assert_eq!(array.shape(), [0]),
                    list => assert_eq!(&Json::from(array.texts().unwrap()), list),
                }
            }
        }
    }
}
