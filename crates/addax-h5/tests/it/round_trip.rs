//! What is written is read again, and is laid out so that it can be borrowed.

use crate::fixtures;
use addax_h5::{Array, Dtype, ErrorKind, File, Kind, Tree, Value};
use proptest::prelude::*;
use std::borrow::Cow;
use std::collections::BTreeMap;

fn dtype() -> impl Strategy<Value = Dtype> {
    use Dtype::*;
    let plain = [F16, BF16, F32, F64, I8, I16, I32, I64, U8, U16, U32, U64, Bool];
    prop_oneof![
        proptest::sample::select(plain.to_vec()),
        (1usize..9).prop_map(Opaque),
        (1usize..9).prop_map(FixedText),
    ]
}

/// A type, a shape and bytes that fit it.
fn array() -> impl Strategy<Value = (Dtype, Vec<usize>, Vec<u8>)> {
    (dtype(), proptest::collection::vec(0usize..4, 0..4)).prop_flat_map(|(dtype, shape)| {
        let len = shape.iter().product::<usize>() * dtype.size();
        proptest::collection::vec(0u8..2, len).prop_map(move |bytes| (dtype, shape.clone(), bytes))
    })
}

#[derive(Clone, Debug)]
enum Told {
    Array(Dtype, Vec<usize>, Vec<u8>),
    Texts(Vec<String>),
    Text(String),
}

impl Told {
    fn value(&self) -> Value<'_> {
        match self {
            Told::Array(dtype, shape, bytes) => Value::array(*dtype, shape, &bytes[..]).unwrap(),
            Told::Texts(texts) => Value::texts(texts.iter().map(String::as_str)),
            Told::Text(text) => text.as_str().into(),
        }
    }

    fn check(&self, array: &Array<'_>) {
        match self {
            // The mark of bfloat16 is a dataset's.
            Told::Array(Dtype::BF16, shape, bytes) => {
                assert_eq!(
                    (array.dtype(), array.shape(), array.bytes()),
                    (Dtype::Opaque(2), &shape[..], &bytes[..])
                );
            }
            Told::Array(dtype, shape, bytes) => {
                assert_eq!((array.dtype(), array.shape(), array.bytes()), (*dtype, &shape[..], &bytes[..]));
            }
            Told::Texts(texts) => assert_eq!(&array.texts().unwrap(), texts),
            Told::Text(text) => assert_eq!(&array.text().unwrap(), text),
        }
    }
}

fn attributes() -> impl Strategy<Value = BTreeMap<String, Told>> {
    let text = || "[a-zäß \n]{0,12}";
    let value = prop_oneof![
        array().prop_map(|(dtype, shape, bytes)| Told::Array(dtype, shape, bytes)),
        proptest::collection::vec(text(), 0..40).prop_map(Told::Texts),
        text().prop_map(Told::Text),
    ];
    proptest::collection::btree_map("[a-zé_]{1,9}", value, 0..4)
}

type Objects = BTreeMap<String, (Option<(Dtype, Vec<usize>, Vec<u8>)>, BTreeMap<String, Told>)>;

/// Paths of few names, so that groups are shared; a dataset's path begins with `d`, so that it is in nobody's way.
fn objects() -> impl Strategy<Value = Objects> {
    let groups = (proptest::collection::vec("[g-iü]{1,2}", 0..5), attributes());
    let datasets = (proptest::collection::vec("[g-iü]{1,2}", 0..4), "d[0-9]{0,3}", array(), attributes());
    (proptest::collection::vec(groups, 0..6), proptest::collection::vec(datasets, 0..60)).prop_map(
        |(groups, datasets)| {
            let mut objects = Objects::new();
            for (path, attributes) in groups {
                objects.insert(path.join("/"), (None, attributes));
            }
            for (mut path, name, array, mut attributes) in datasets {
                attributes.remove("dtype");
                path.push(name);
                objects.insert(path.join("/"), (Some(array), attributes));
            }
            objects
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_tree_comes_back(objects in objects()) {
        let mut tree = Tree::new();
        for (path, (array, attributes)) in &objects {
            match array {
                Some((dtype, shape, bytes)) => tree.dataset(path, *dtype, shape, &bytes[..]).unwrap(),
                None => tree.group(path).unwrap(),
            }
            for (name, value) in attributes {
                tree.attribute(path, name, value.value()).unwrap();
            }
        }
        let bytes = tree.to_vec().unwrap();
        let file = File::open(&bytes).unwrap();
        for (path, (array, attributes)) in &objects {
            let found = match array {
                Some((dtype, shape, bytes)) => {
                    let dataset = file.dataset(path).unwrap();
                    prop_assert_eq!((dataset.dtype(), dataset.shape()), (*dtype, &shape[..]));
                    let data = dataset.data().unwrap();
                    prop_assert!(matches!(data, Cow::Borrowed(_)));
                    prop_assert_eq!(&*data, &bytes[..]);
                    dataset.attributes().unwrap()
                }
                None => file.group(path).unwrap().attributes().unwrap(),
            };
            let mark = array.as_ref().is_some_and(|(dtype, ..)| *dtype == Dtype::BF16);
            prop_assert_eq!(found.len(), attributes.len() + usize::from(mark));
            for (name, array) in found.iter().filter(|(name, _)| name != "dtype") {
                attributes[name].check(array);
            }
        }
        let datasets = file.walk().filter(|(_, kind)| *kind == Kind::Dataset).count();
        prop_assert_eq!(datasets, objects.values().filter(|(array, _)| array.is_some()).count());
    }
}

#[test]
fn groups_of_any_size_are_found_again() {
    for count in [0, 1, 8, 9, 256, 257, 9000] {
        let mut tree = Tree::new();
        tree.group("vars").unwrap();
        for i in 0..count {
            tree.dataset(&format!("vars/{i}"), Dtype::U32, &[], (i as u32).to_le_bytes().to_vec()).unwrap();
        }
        let bytes = tree.to_vec().unwrap();
        let file = File::open(&bytes).unwrap();
        let group = file.group("vars").unwrap();
        let names: Vec<_> = group.entries().map(|(name, _)| name).collect();
        assert_eq!(names.len(), count);
        assert!(names.is_sorted());
        for i in 0..count {
            assert_eq!(&*group.dataset(&i.to_string()).unwrap().data().unwrap(), (i as u32).to_le_bytes());
        }
    }
}

#[test]
fn texts_fill_several_collections() {
    let texts: Vec<String> = (0..3000).map(|i| "x".repeat(i % 97)).collect();
    let long = "y".repeat(300_000);
    let mut tree = Tree::new();
    tree.attribute("", "names", Value::texts(&texts)).unwrap();
    tree.attribute("", "config", long.as_str()).unwrap();
    let bytes = tree.to_vec().unwrap();
    let root = File::open(&bytes).unwrap();
    assert_eq!(root.root().attribute("names").unwrap().unwrap().texts().unwrap(), texts);
    assert_eq!(root.root().attribute("config").unwrap().unwrap().text().unwrap(), long);
}

#[test]
fn a_stream_gets_the_bytes_that_memory_gets() {
    let mut one = Tree::new();
    one.dataset("a/x", Dtype::U8, &[1], vec![1]).unwrap();
    let mut streamed = Vec::new();
    let written = one.write(&mut streamed).unwrap();
    assert_eq!((written, &streamed), (streamed.len() as u64, &one.to_vec().unwrap()));
    assert_eq!(one.to_vec().unwrap(), one.clone().to_vec().unwrap());
}

#[test]
fn what_cannot_be_written_is_told_at_once() {
    let mut tree = Tree::new();
    let mut say = |path: &str, dtype, shape: &[usize], len| {
        let error = tree.dataset(path, dtype, shape, vec![0; len]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Wrong);
        error.to_string()
    };
    assert_eq!(
        say("x", Dtype::F32, &[2, 2], 12),
        "\"x\": expected the bytes of float32 in the shape [2, 2], got 12 bytes"
    );
    assert!(say("x", Dtype::F32, &[usize::MAX, usize::MAX], 0).contains("got 0 bytes"));
    assert!(say("x", Dtype::Text, &[], 16).contains("only be attributes"));
    assert!(say("x", Dtype::Opaque(0), &[], 0).contains("elements of 0 bytes"));
    assert!(say("x", Dtype::U8, &[1; 33], 1).contains("at most 32 axes"));
}

#[test]
fn names_that_cannot_be_paths_are_told() {
    let mut tree = Tree::new();
    for path in [".", "a/../b", "a\0"] {
        let error = tree.dataset(path, Dtype::U8, &[], vec![0]).unwrap_err();
        assert!(error.to_string().contains("an entry is called"), "{path:?}: {error}");
    }
    assert!(tree.dataset("/", Dtype::U8, &[], vec![0]).unwrap_err().to_string().contains("without a name"));
    tree.dataset("/x/", Dtype::U8, &[], vec![0]).unwrap();
    let error = tree.dataset("x", Dtype::U8, &[], vec![0]).unwrap_err();
    assert_eq!(error.to_string(), "\"x\": there is something at that path already");
    let error = tree.dataset("x/y", Dtype::U8, &[], vec![0]).unwrap_err();
    assert_eq!(error.to_string(), "\"x/y\": there is a dataset in the way");
    let error = tree.attribute("y", "name", 1.0).unwrap_err();
    assert_eq!(error.to_string(), "\"y\": there is no such object to have an attribute");
    let error = tree.attribute("x", "names", Value::texts(vec!["n"; 5000])).unwrap_err();
    assert!(error.to_string().contains("expected at most 65528 bytes"), "{error}");
}

/// A copy of a file, written anew.
fn copy(file: &File<'_>) -> Vec<u8> {
    let mut tree = Tree::new();
    for (path, kind) in file.walk().chain([(String::new(), Kind::Group)]) {
        let attributes = match kind {
            Kind::Group => {
                tree.group(&path).unwrap();
                file.group(&path).unwrap().attributes()
            }
            Kind::Dataset => {
                let dataset = file.dataset(&path).unwrap();
                tree.dataset(&path, dataset.dtype(), dataset.shape(), dataset.data().unwrap()).unwrap();
                dataset.attributes()
            }
        };
        for (name, array) in attributes.unwrap() {
            let shape = array.shape().to_vec();
            let value = match array.dtype() {
                Dtype::Text if array.shape().is_empty() => array.text().unwrap().into(),
                Dtype::Text => Value::texts(array.texts().unwrap()),
                dtype => Value::array(dtype, &shape, array.into_bytes()).unwrap(),
            };
            tree.attribute(&path, &name, value).unwrap();
        }
    }
    tree.to_vec().unwrap()
}

#[test]
fn files_of_keras_can_be_written_anew() {
    let expected = fixtures::expected();
    for name in ["keras.weights.h5", "keras_bf16.weights.h5", "keras_legacy.h5", "types.h5"] {
        let bytes = fixtures::fixture(name);
        let copied = copy(&File::open(&bytes).unwrap());
        fixtures::check(name, &copied, expected["files"][name].as_object().unwrap());
    }
}

#[test]
fn a_full_disk_is_told() {
    struct Full;
    impl std::io::Write for Full {
        fn write(&mut self, _: &[u8]) -> std::io::Result<usize> {
            Err(std::io::ErrorKind::StorageFull.into())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    let error = Tree::new().write(&mut Full).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Io);
}
