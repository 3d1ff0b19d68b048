//! What `keras.ops` computed (`cargo xtask goldens`), computed again.

mod indexing;
mod linalg;
mod ordering;
mod windows;

use addax_core::{DType, GradientTape, Tensor, Value, dtype::Element, with_element};
use serde_json::Value as Json;

/// A recorded case: its name, and how the inputs become the results.
type Case = (&'static str, fn(&[Tensor]) -> Vec<Tensor>);

/// Every recorded case by its name.
const CASES: &[&[Case]] = &[indexing::CASES, linalg::CASES, ordering::CASES, windows::CASES];

fn one(t: Tensor) -> Vec<Tensor> {
    vec![t]
}

/// The gradient by the first input, times the last input.
fn gradient(f: impl Fn(&Tensor) -> Tensor, x: &[Tensor]) -> Vec<Tensor> {
    let tape = GradientTape::new();
    tape.watch(&x[0]);
    let y = (f(&x[0]) * &x[x.len() - 1]).sum_all();
    vec![tape.gradient(&y, &[&x[0]]).unwrap().remove(0).unwrap()]
}

fn shape(json: &Json) -> Vec<usize> {
    json["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect()
}

/// Recorded numbers, in their element type.
fn recorded(json: &Json) -> Value {
    let dtype = DType::parse(json["dtype"].as_str().unwrap()).unwrap();
    let numbers = json["values"].as_array().unwrap().iter();
    // JSON has no NaN or infinity; Python writes them as bare words, the recorder as strings.
    let number = |v: &Json| v.as_f64().unwrap_or_else(|| v.as_str().unwrap().parse().unwrap());
    with_element!(dtype, T => Value::new(shape(json), numbers.map(|v| T::from_f64(number(v))).collect::<Vec<T>>()).unwrap())
}

/// An input: recorded, or made by the recorder's formula.
fn input(which: usize, json: &Json) -> Value {
    if json.get("values").is_some() {
        return recorded(json);
    }
    let (low, high) = (json["low"].as_f64().unwrap(), json["high"].as_f64().unwrap());
    let shape = shape(json);
    let made = |i: usize| (low + (high - low) * ((i * 7919 + which * 31 + 17) % 1009) as f64 / 1008.0) as f32;
    Value::new(shape.clone(), (0..shape.iter().product()).map(made).collect::<Vec<f32>>()).unwrap()
}

fn agree(name: &str, got: &Value, want: &Value) {
    assert_eq!((got.dtype(), got.shape()), (want.dtype(), want.shape()), "{name}");
    let scale = want.to_f64().iter().filter(|x| x.is_finite()).fold(0.1f64, |m, x| m.max(x.abs()));
    for (i, (g, w)) in got.to_f64().into_iter().zip(want.to_f64()).enumerate() {
        let same = g == w || (g.is_nan() && w.is_nan()) || (g - w).abs() <= 2e-6 * scale + 1e-5 * w.abs();
        assert!(same, "{name}: element {i}: got {g}, Keras has {w}");
    }
}

#[test]
fn ops_are_those_of_keras() {
    let path = format!("{}/../../goldens/ops.json", env!("CARGO_MANIFEST_DIR"));
    let rows: Vec<Json> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut names: Vec<&str> = CASES.iter().copied().flatten().map(|c| c.0).collect();
    for row in &rows {
        let name = row["name"].as_str().unwrap();
        let place = names.iter().position(|n| *n == name).unwrap_or_else(|| panic!("no case \"{name}\""));
        names.swap_remove(place);
        let (_, f) = CASES.iter().copied().flatten().find(|c| c.0 == name).unwrap();
        let inputs = row["inputs"].as_array().unwrap().iter().enumerate();
        let inputs: Vec<Tensor> = inputs.map(|(i, json)| Tensor::from(input(i, json))).collect();
        let outputs = f(&inputs);
        let wanted = row["outputs"].as_array().unwrap();
        assert_eq!(outputs.len(), wanted.len(), "{name}");
        for (got, want) in outputs.iter().zip(wanted) {
            agree(name, &got.to_value().unwrap_or_else(|e| panic!("{name}: {e}")), &recorded(want));
        }
    }
    assert!(names.is_empty(), "not recorded: {names:?}");
}
