//! What Keras computed (`cargo xtask goldens`), computed again.

use addax::class::Handle;
use addax::class::from_json;
use addax::core::testing::check_first_gradient;
use addax::layers::{Layer, LayerRef};
use addax::models::Sequential;
use addax::optimizers::Optimize;
use addax::prelude::*;
use serde_json::Value as Json;

pub fn read(name: &str) -> Vec<Json> {
    let path = format!("{}/../../goldens/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn array(json: &Json) -> Value {
    let shape: Vec<usize> =
        json["shape"].as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect();
    let values =
        json["values"].as_array().unwrap().iter().map(|v| v.as_f64().unwrap() as f32).collect::<Vec<f32>>();
    Value::new(shape, values).unwrap()
}

fn near(got: f64, want: f64, scale: f64, what: &str) {
    assert!((got - want).abs() <= 1e-5 * scale + 1e-4 * want.abs(), "{what}: got {got}, Keras has {want}");
}

fn all_near(got: &Value, want: &Json, what: &str) {
    let want = array(want);
    assert_eq!(got.shape(), want.shape(), "{what}");
    let scale = want.to_f64().iter().fold(0.1f64, |m, x| m.max(x.abs()));
    got.to_f64().iter().zip(want.to_f64()).for_each(|(g, w)| near(*g, w, scale, what));
}

fn model(case: &Json) -> Model {
    let mut layers = case["layers"].as_array().unwrap().iter();
    let first: LayerRef = LayerRef::shared(from_json::<dyn Layer>(layers.next().unwrap()).unwrap(), None);
    let width = array(&case["x"]).shape()[1];
    let mut sequential = Sequential::new().add(first.input_shape([width]));
    for layer in layers {
        let layer = from_json::<dyn Layer>(layer).unwrap_or_else(|e| panic!("{}: {e}", case["name"]));
        sequential = sequential.add(LayerRef::shared(layer, None));
    }
    Model::sequential(sequential).unwrap()
}

#[test]
fn ten_training_steps_are_those_of_keras() {
    for case in read("models") {
        let name = case["name"].as_str().unwrap();
        let mut model = model(&case);
        let weights: Vec<Value> = case["weights"].as_array().unwrap().iter().map(array).collect();
        model.set_weights(&weights).unwrap_or_else(|e| panic!("{name}: {e}"));
        let optimizer = Handle::shared(
            from_json::<dyn Optimize>(&case["optimizer"]).unwrap_or_else(|e| panic!("{name}: {e}")),
        );
        let metrics: Vec<&str> =
            case["metrics"].as_array().unwrap().iter().map(|m| m.as_str().unwrap()).collect();
        model.compile(Compile::new(optimizer).loss(case["loss"].as_str().unwrap()).metrics(metrics)).unwrap();
        let (x, y) = (array(&case["x"]), array(&case["y"]));
        all_near(&model.predict(&x).unwrap(), &case["predictions"], &format!("{name}: predictions"));
        let weight = case.get("sample_weight").map(array);
        for (i, step) in case["steps"].as_array().unwrap().iter().enumerate() {
            model.reset_metrics().unwrap();
            let logs =
                model.train_on_batch(&x, &y, weight.as_ref()).unwrap_or_else(|e| panic!("{name}: {e}"));
            for (key, want) in step.as_object().unwrap() {
                near(
                    logs[key].number().unwrap(),
                    want.as_f64().unwrap(),
                    1.0,
                    &format!("{name}: {key} of step {i}"),
                );
            }
        }
        for (i, want) in case["trained"].as_array().unwrap().iter().enumerate() {
            all_near(&model.get_weights().unwrap()[i], want, &format!("{name}: weight {i} after ten steps"));
        }
    }
}

#[test]
fn activations_are_those_of_keras() {
    for row in read("activations") {
        let name = row["name"].as_str().unwrap();
        let f = addax::activations::named(name).unwrap();
        all_near(&f(&Tensor::from(array(&row["x"]))).to_value().unwrap(), &row["y"], name);
        let trace = addax::core::Trace::new();
        let x = trace.parameter("x", DType::F32, [3, 11]);
        let entered = trace.enter();
        let weights = Tensor::iota(DType::F32, [33], 0).reshape([3, 11]);
        let slope = addax::core::gradients(&(f(&x) * weights).sum_all(), &[&x]).unwrap().remove(0);
        drop(entered);
        let graph = trace.finish(&[slope.unwrap()]).unwrap();
        let got = addax::core::evaluate(&graph, &[array(&row["x"])]).unwrap();
        all_near(&got[0], &row["slope"], &format!("slope of {name}"));
    }
}

#[test]
fn a_network_has_the_gradient_of_its_loss() {
    let d = (-1.0, 1.0);
    let f = |x: &[Tensor]| (x[0].matmul(&x[1]).tanh().matmul(&x[2])).square().mean_all();
    check_first_gradient("network", f, &[(&[4, 3], d), (&[3, 5], d), (&[5, 2], d)]);
}
