//! Files in and out.

use addax::prelude::*;
use addax::saving::{Format, contents};
use serde_json::Value as Json;
use std::path::{Path, PathBuf};

/// A folder that goes with its last user.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Scratch {
        let path = std::env::temp_dir().join(format!("addax-saving-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Scratch(path)
    }

    fn file(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).unwrap();
    }
}

fn keras2(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/keras2").join(name)
}

fn array(json: &Json) -> Value {
    let numbers = |key: &str| json[key].as_array().unwrap().iter().map(|x| x.as_f64().unwrap());
    let shape: Vec<usize> = numbers("shape").map(|x| x as usize).collect();
    Value::new(shape, numbers("values").map(|x| x as f32).collect::<Vec<_>>()).unwrap()
}

fn near(got: &Value, want: &Value, what: &str) {
    assert_eq!(got.shape(), want.shape(), "{what}");
    let far =
        got.to_f64().into_iter().zip(want.to_f64()).find(|(g, w)| (g - w).abs() > 1e-5 * (1.0 + w.abs()));
    assert_eq!(far, None, "{what}");
}

#[test]
fn what_keras_2_wrote_predicts_as_it_did() {
    let answers = std::fs::read(keras2("answers.json")).unwrap();
    let answers: Json = serde_json::from_slice(&answers).unwrap();
    assert_eq!(answers.as_object().unwrap().len(), 10);
    let scratch = Scratch::new("keras2");
    for (name, answer) in answers.as_object().unwrap() {
        let list = |key: &str| answer[key].as_array().unwrap().iter().map(array).collect::<Vec<_>>();
        let mut model = Model::load(keras2(name)).unwrap();
        let check = |model: &mut Model, what: &str| {
            for (got, want) in model.predict_all(list("x"), 32).unwrap().iter().zip(list("y")) {
                near(got, &want, what);
            }
        };
        check(&mut model, name);
        if name.starts_with("seq") {
            let state = model.optimizer_state().unwrap().unwrap();
            assert_eq!(state[0].item().unwrap(), 4.0, "{name}: steps so far");
            assert!(state[2].to_f64().iter().any(|m| *m != 0.0), "{name}: momenta");
        }
        if name.starts_with("rnn") {
            // What Keras 2 called hard_sigmoid has no name in Keras 3.
            assert!(model.save(scratch.file("rnn.keras")).unwrap_err().to_string().contains("hard_sigmoid"));
            continue;
        }
        for format in ["keras", "h5"] {
            let file = scratch.file(&format!("again.{format}"));
            model.save(&file).unwrap();
            check(&mut Model::load(&file).unwrap(), &format!("{name} as {format}"));
        }
    }
    let error = Model::load(keras2("lambda.h5")).err().unwrap().to_string();
    assert!(error.ends_with("Lambda \"lambda\" > Python code in a file is never run"), "{error}");
}

fn trained() -> (Model, Value, Value) {
    set_random_seed(5);
    let x = Value::new([12, 3], (0..36).map(|i| (i as f32 * 0.7).sin()).collect::<Vec<_>>()).unwrap();
    let y = Value::new([12, 1], (0..12).map(|i| (i as f32).cos()).collect::<Vec<_>>()).unwrap();
    let layers = Sequential::new().add(Dense::new(4usize).activation("tanh").input_shape([3]));
    let mut model = Model::sequential(layers.add(BatchNormalization::new()).add(Dense::new(1usize))).unwrap();
    model.compile(Compile::new("adam").loss("mse").metrics(["mae"])).unwrap();
    model.fit(&x, &y, Fit::new().epochs(2).batch_size(5).shuffle(false).verbose(0)).unwrap();
    (model, x, y)
}

#[test]
fn training_goes_on_where_it_stood() {
    let (mut model, x, y) = trained();
    let scratch = Scratch::new("on");
    for format in ["keras", "h5"] {
        model.save(scratch.file(&format!("m.{format}"))).unwrap();
    }
    let fit = || Fit::new().epochs(2).batch_size(5).shuffle(false).verbose(0);
    let want = model.fit(&x, &y, fit()).unwrap();
    for format in ["keras", "h5"] {
        let mut again = Model::load(scratch.file(&format!("m.{format}"))).unwrap();
        assert_eq!(again.fit(&x, &y, fit()).unwrap(), want, "{format}");
        assert_eq!(again.get_weights().unwrap(), model.get_weights().unwrap(), "{format}");
    }
}

#[test]
fn the_same_model_gives_the_same_bytes() {
    let (model, ..) = trained();
    let scratch = Scratch::new("bytes");
    let saved = |name: &str| {
        model.save(scratch.file(name)).unwrap();
        std::fs::read(scratch.file(name)).unwrap()
    };
    for format in ["keras", "h5", "weights.h5", "safetensors"] {
        assert_eq!(saved(&format!("a.{format}")), saved(&format!("b.{format}")), "{format}");
    }
    let again = Model::load(scratch.file("a.keras")).unwrap();
    again.save(scratch.file("c.keras")).unwrap();
    assert_eq!(std::fs::read(scratch.file("c.keras")).unwrap(), saved("a.keras"));
}

#[test]
fn weights_go_into_a_model_that_is_there() {
    let (mut model, x, _) = trained();
    let want = model.predict(&x).unwrap();
    let scratch = Scratch::new("weights");
    for name in ["w.weights.h5", "m.keras", "m.h5"] {
        model.save(scratch.file(name)).unwrap();
        let mut other = model.clone_model().unwrap();
        assert_ne!(other.predict(&x).unwrap(), want);
        other.load_weights(scratch.file(name)).unwrap();
        assert_eq!(other.predict(&x).unwrap(), want, "{name}");
    }
    let layers = Sequential::new().add(Dense::new(4usize).input_shape([3]));
    let mut wider = Model::sequential(layers.add(BatchNormalization::new()).add(Dense::new(2usize))).unwrap();
    let before = wider.get_weights().unwrap();
    let error = wider.load_weights(scratch.file("w.weights.h5")).unwrap_err().to_string();
    assert!(error.ends_with("shape of weight \"kernel\": expected (4, 2), got (4, 1)"), "{error}");
    assert_eq!(wider.get_weights().unwrap(), before);
    assert_eq!(wider.load_weights_that_fit(scratch.file("w.weights.h5")).unwrap().len(), 1);
    assert_eq!(wider.get_weights().unwrap()[0], model.get_weights().unwrap()[0]);
}

#[test]
fn contents_are_told_without_a_model() {
    let (model, ..) = trained();
    let scratch = Scratch::new("contents");
    model.save(scratch.file("m.keras")).unwrap();
    let found = contents(scratch.file("m.keras")).unwrap();
    assert!(found.about.contains(&("compiled", "with Adam".to_string())), "{:?}", found.about);
    let kernel = found.arrays.iter().find(|(path, ..)| path == "layers/dense_1/vars/0").unwrap();
    assert_eq!((kernel.1.as_str(), kernel.2.to_string()), ("float32", "(4, 1)".to_string()));
    model.save(scratch.file("m.safetensors")).unwrap();
    assert_eq!(contents(scratch.file("m.safetensors")).unwrap().arrays.len(), 8);
}

#[test]
fn broken_files_end_in_one_line() {
    let (model, ..) = trained();
    let scratch = Scratch::new("broken");
    for name in ["m.keras", "m.h5"] {
        model.save(scratch.file(name)).unwrap();
        let whole = std::fs::read(scratch.file(name)).unwrap();
        let try_one = |bytes: &[u8]| {
            std::fs::write(scratch.file(name), bytes).unwrap();
            Model::load(scratch.file(name))
        };
        for length in (0..whole.len()).step_by(499) {
            let error = try_one(&whole[..length]).err().unwrap().to_string();
            assert!(!error.contains('\n'), "{error}");
        }
        for at in (0..whole.len()).step_by(211) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << (at % 8);
            match try_one(&bytes) {
                Err(e) => assert!(!e.to_string().contains('\n'), "{e}"),
                // An HDF5 file alone has no checksums: a flipped bit in a number is another number.
                Ok(_) if name.ends_with(".h5") => {}
                Ok(read) => {
                    assert_eq!(read.get_weights().unwrap(), model.get_weights().unwrap(), "byte {at}")
                }
            }
        }
    }
}

#[test]
fn names_must_say_a_format() {
    let (model, ..) = trained();
    let error = model.save("model.pt").unwrap_err().to_string();
    assert_eq!(
        error,
        "model.pt: expected a name that ends in .keras, .h5, .weights.h5, .safetensors or .onnx"
    );
    assert_eq!(Format::named(Path::new("a.weights.h5")).unwrap(), Format::Weights);
    let error = Model::load("nowhere.keras").err().unwrap().to_string();
    assert!(error.starts_with("nowhere.keras: "), "{error}");
}
