//! Losses, metrics, optimizers, schedules and compile against what Keras computed.

use crate::goldens::read;
use addax::Tensor;
use addax::class::{Arg, Class, Def, Handle, Kind, from_json};
use addax::constraints::Constrain;
use addax::initializers::Initialize;
use addax::losses::{Loss, reduced};
use addax::metrics::{Batch, Metric, Reading, Running};
use addax::optimizers::{Initial, Optimize, Variable, WeightInfo};
use addax::prelude::*;
use addax::regularizers::Regularize;
use addax::schedules::Schedule;
use addax::training::{Arrays, Logs};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

fn floats(json: &Json) -> Vec<f64> {
    match json {
        Json::Array(list) => list.iter().flat_map(floats).collect(),
        Json::Bool(b) => vec![f64::from(u8::from(*b))],
        other => vec![other.as_f64().unwrap_or(f64::NAN)],
    }
}

fn sizes(json: &Json) -> Vec<usize> {
    floats(json).iter().map(|n| *n as usize).collect()
}

fn array(json: &Json) -> Value {
    let v = Value::new(sizes(&json["shape"]), floats(&json["values"])).unwrap();
    v.cast(if json["int"] == true { DType::I32 } else { DType::F32 })
}

#[track_caller]
fn near(got: &[f64], want: &[f64], what: &str) {
    assert_eq!(got.len(), want.len(), "{what}: {got:?}, Keras has {want:?}");
    for (g, w) in got.iter().zip(want) {
        let close = (g - w).abs() <= 2e-5 + 1e-4 * w.abs() || g.is_nan() && w.is_nan();
        assert!(close, "{what}: {got:?}, Keras has {want:?}");
    }
}

fn named_arrays() -> HashMap<String, HashMap<String, Value>> {
    let each = |d: &Json| d.as_object().unwrap().iter().map(|(k, v)| (k.clone(), array(v))).collect();
    read("arrays").iter().map(|row| (row[0].as_str().unwrap().to_string(), each(&row[1]))).collect()
}

fn object(row: &Json) -> Json {
    json!({"class_name": row[0], "config": row[1]})
}

#[test]
fn losses_are_those_of_keras() {
    let arrays = named_arrays();
    for row in read("losses") {
        let loss = from_json::<dyn Loss>(&object(&row)).unwrap_or_else(|e| panic!("{row}: {e}"));
        let set = &arrays[row[2].as_str().unwrap()];
        let tensor = |key: &str| Tensor::from(set[key].clone());
        let weight = (row[3] == true).then(|| tensor("w"));
        let mask = (row[4] == true).then(|| tensor("m").cast(DType::Bool));
        let got = reduced(&*loss, &tensor("t"), &tensor("p"), weight.as_ref(), mask.as_ref());
        let got = got.to_value().unwrap_or_else(|e| panic!("{row}: {e}"));
        near(&got.to_f64(), &floats(&row[5]), &row.to_string());
    }
}

#[test]
fn metrics_are_those_of_keras() {
    let arrays = named_arrays();
    for row in read("metrics") {
        let metric = from_json::<dyn Metric>(&object(&row)).unwrap_or_else(|e| panic!("{row}: {e}"));
        let set = &arrays[row[2].as_str().unwrap()];
        let rows = set["p"].rows();
        let mut running = Running::new(Handle::shared(metric)).unwrap();
        for (part, want) in [(0, rows / 2), (rows / 2, rows)].into_iter().zip(row[5].as_array().unwrap()) {
            let cut = |key: &str| Tensor::from(set[key].slice_rows(part.0, part.1).unwrap());
            let (t, p) = (cut("t"), cut("p"));
            let weight = (row[3] == true).then(|| cut("w"));
            let mask = (row[4] == true).then(|| cut("m").cast(DType::Bool));
            let y_true = if matches!(row[0].as_str(), Some("Mean" | "Sum")) { &p } else { &t };
            let batch = Batch { y_true, y_pred: &p, weight: weight.as_ref(), mask: mask.as_ref() };
            running.update(&batch).unwrap_or_else(|e| panic!("{row}: {e}"));
            let got = running.result().unwrap();
            assert_eq!(matches!(got, Reading::List(_)), want.is_array(), "{row}");
            near(got.all(), &floats(want), &row.to_string());
        }
    }
}

#[test]
fn ten_calls_of_every_optimizer_are_those_of_keras() {
    let shapes: [(&str, &[usize]); 4] =
        [("kernel", &[3, 2]), ("bias", &[2]), ("embedding_table", &[2, 3]), ("out_kernel", &[2, 2, 3])];
    let infos: Vec<WeightInfo> = shapes
        .iter()
        .map(|(path, shape)| WeightInfo { path: path.to_string(), dtype: DType::F32, shape: shape.to_vec() })
        .collect();
    for row in read("optimizers") {
        let what = row["object"].to_string();
        let optimizer = from_json::<dyn Optimize>(&row["object"]).unwrap_or_else(|e| panic!("{what}: {e}"));
        addax::optimizers::check(&*optimizer).unwrap_or_else(|e| panic!("{what}: {e}"));
        let wave = |i: usize, f: &dyn Fn(f64) -> f64| {
            let n = infos[i].shape.iter().product();
            (0..n).map(|j| f(j as f64 + i as f64) as f32).collect::<Vec<f32>>()
        };
        let value = |i: usize, data| Tensor::from(Value::new(infos[i].shape.clone(), data).unwrap());
        let mut weights: Vec<Tensor> = (0..infos.len()).map(|i| value(i, wave(i, &f64::cos))).collect();
        let layout = optimizer.layout(&infos).unwrap();
        let first = |s: &addax::optimizers::StateSpec| match s.initial {
            Initial::Number(x) => Tensor::full(s.dtype, &s.shape, x),
            Initial::Weight(i) => weights[i].clone(),
        };
        let mut state: Vec<Tensor> = layout.specs.iter().map(first).collect();
        for t in 0..10 {
            let scale = optimizer.loss_scale(&state).unwrap_or_else(|| Tensor::scalar(1f32));
            let infinite = row["object"]["class_name"] == "LossScaleOptimizer" && t == 5;
            let gradient = |i: usize| {
                let mut g = (&weights[i] * 0.3 + value(i, wave(i, &|x| (x + t as f64).sin()))) * &scale;
                if infinite && i == 0 {
                    let mut v = g.to_value().unwrap();
                    v.as_mut_slice::<f32>().unwrap()[0] = f32::INFINITY;
                    g = Tensor::from(v);
                }
                g
            };
            let variables: Vec<Variable> = (0..infos.len())
                .map(|i| Variable {
                    info: infos[i].clone(),
                    value: weights[i].clone(),
                    gradient: gradient(i),
                    constraint: None,
                    decays: true,
                })
                .collect();
            let applied = optimizer.apply(&variables, &state).unwrap_or_else(|e| panic!("{what}: {e}"));
            (weights, state) = (applied.values, applied.state);
            if t == 2 {
                let got: Vec<f64> = weights.iter().flat_map(|w| w.to_value().unwrap().to_f64()).collect();
                near(&got, &floats(&row["third"]), &format!("{what} after three calls"));
            }
        }
        let got: Vec<f64> = weights.iter().flat_map(|w| w.to_value().unwrap().to_f64()).collect();
        near(&got, &floats(&row["weights"]), &format!("{what} after ten calls"));
        let wanted = row["state"].as_array().unwrap();
        assert_eq!(state.len(), wanted.len(), "{what}");
        for (got, want) in state.iter().zip(wanted) {
            let got = got.to_value().unwrap();
            assert_eq!(
                (got.dtype().name(), got.shape()),
                (want[0].as_str().unwrap(), &sizes(&want[1])[..]),
                "{what}"
            );
            near(&got.to_f64(), &floats(&want[2]), &format!("{what}: state"));
        }
    }
}

#[test]
fn schedules_are_those_of_keras() {
    for row in read("schedules") {
        let schedule = from_json::<dyn Schedule>(&row[0]).unwrap_or_else(|e| panic!("{row}: {e}"));
        schedule.check().unwrap();
        let at = |i: i32| schedule.rate(&Tensor::scalar(i)).to_value().unwrap().item().unwrap();
        near(&(0..14).map(at).collect::<Vec<_>>(), &floats(&row[1]), &row[0].to_string());
    }
}

/// A model of recorded architecture, weights and compilation, with its data.
struct Recorded {
    model: Model,
    x: Value,
    y: Vec<Value>,
    w: Vec<Value>,
}

impl Recorded {
    fn new(row: &Json) -> Recorded {
        let all = |key: &str| row[key].as_array().unwrap().iter().map(array).collect::<Vec<Value>>();
        let mut model = Model::from_json(&row["model"].to_string()).unwrap();
        model.set_weights(&all("weights")).unwrap();
        let compile = Compile::from_config(&row["config"]).unwrap();
        model.compile(compile).unwrap();
        Recorded { model, x: array(&row["x"]), y: all("y"), w: all("w") }
    }
}

fn all_near(got: &Logs, want: &Json, what: &str) {
    let keys: Vec<&String> = want.as_object().unwrap().keys().collect();
    assert_eq!(got.keys().collect::<Vec<_>>(), keys, "{what}");
    for (key, reading) in got {
        assert_eq!(matches!(reading, Reading::List(_)), want[key].is_array(), "{what}: {key}");
        near(reading.all(), &floats(&want[key]), &format!("{what}: {key}"));
    }
}

#[test]
fn evaluate_and_fit_say_what_keras_says() {
    for row in read("compiles") {
        let what = row["config"].to_string();
        let Recorded { mut model, x, y, w } = Recorded::new(&row);
        let logs = model.evaluate(&x, y.clone(), 3).unwrap_or_else(|e| panic!("{what}: {e}"));
        all_near(&logs, &row["plain"], &what);
        let list = model.in_compile_order(&logs);
        near(
            &list.iter().flat_map(|r| r.all().to_vec()).collect::<Vec<_>>(),
            &floats(&row["list"]),
            &format!("{what}, as a list"),
        );
        let logs = model.evaluate_weighted(&x, y.clone(), Arrays::from(w.clone()), 3).unwrap();
        all_near(&logs, &row["weighted"], &format!("{what}, weighted"));
        if row["history"].is_null() {
            continue;
        }
        let fit = Fit::new().epochs(3).batch_size(3).shuffle(false).verbose(0);
        let history = model.fit(&x, y, fit.sample_weight(Arrays::from(w))).unwrap();
        for (key, want) in row["history"].as_object().unwrap() {
            near(&floats(&history.to_json()[key]), &floats(want), &format!("{what}: {key} of fit"));
        }
        for (got, want) in model.get_weights().unwrap().iter().zip(row["trained"].as_array().unwrap()) {
            near(&got.to_f64(), &floats(&want["values"]), &format!("{what}: weights"));
        }
    }
}

#[test]
fn compile_configs_are_written_as_they_were_read() {
    for row in read("compiles") {
        let written = Compile::from_config(&row["config"]).unwrap().to_config();
        for key in ["loss_weights", "run_eagerly", "steps_per_execution", "jit_compile"] {
            assert_eq!(written[key], row["config"][key], "{key}");
        }
        let again = Compile::from_config(&written).unwrap().to_config();
        assert_eq!(again, written);
        for key in ["optimizer", "loss", "metrics", "weighted_metrics"] {
            same(&row["config"][key], &written[key], key);
        }
    }
}

/// What Keras wrote is there again; we may write more arguments, numbers may be floats.
fn same(want: &Json, got: &Json, at: &str) {
    match (want, got) {
        (Json::Object(w), Json::Object(g)) => {
            w.iter().for_each(|(k, v)| same(v, g.get(k).unwrap_or(&Json::Null), &format!("{at}/{k}")));
        }
        (Json::Array(w), Json::Array(g)) => {
            assert_eq!(w.len(), g.len(), "{at}");
            w.iter().zip(g).for_each(|(w, g)| same(w, g, at));
        }
        (Json::Number(w), Json::Number(g)) => assert_eq!(w.as_f64(), g.as_f64(), "{at}"),
        _ => assert_eq!(want, got, "{at}"),
    }
}

/// Arguments that differ from Keras's on purpose: class, argument, why.
const DIFFERENT: &[(&str, &str)] = &[
    // Keras reads a function where we read its config.
    ("metric MeanMetricWrapper", "fn"),
];

fn compare<T: Kind + ?Sized>(kind: &str, class: &str, want: &[Json], found: &mut Vec<String>) {
    let Some(def): Option<&&Def<T>> = T::defs().iter().find(|d| d.name == class) else {
        found.push(format!("{kind} {class} is missing"));
        return;
    };
    let shown = |a: &Arg| json!([a.name, a.default.clone().map_or(json!("required"), normal)]);
    let got: Vec<Json> = (def.args)().iter().map(shown).collect();
    let want: Vec<Json> = want
        .iter()
        .map(|w| json!([w[0], w.get(1).cloned().map_or(json!("required"), normal)]))
        .filter(|w| !DIFFERENT.contains(&(&format!("{kind} {class}"), w[0].as_str().unwrap())))
        .collect();
    let got: Vec<Json> = got
        .into_iter()
        .filter(|g| !DIFFERENT.contains(&(&format!("{kind} {class}"), g[0].as_str().unwrap())))
        .collect();
    if got != want {
        found.push(format!("{kind} {class}: {}\n  Keras has {}", json!(got), json!(want)));
    }
}

/// Whole numbers and floats are the same number.
fn normal(json: Json) -> Json {
    json.as_f64().map_or(json, |x| json!(x))
}

#[test]
fn signatures_are_those_of_keras() {
    let mut found = Vec::new();
    for row in read("signatures") {
        let (kind, class) = row[0].as_str().unwrap().split_once(' ').unwrap();
        let args = row[1].as_array().unwrap();
        let compare = match kind {
            "loss" => compare::<dyn Loss>,
            "metric" => compare::<dyn Metric>,
            "optimizer" => compare::<dyn Optimize>,
            "schedule" => compare::<dyn Schedule>,
            "initializer" => compare::<dyn Initialize>,
            "regularizer" => compare::<dyn Regularize>,
            _ => compare::<dyn Constrain>,
        };
        compare(kind, class, args, &mut found);
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn every_class_says_its_config_in_full() {
    fn check<T: Class + ?Sized + 'static>(defs: &[&Def<T>]) {
        for def in defs {
            let plain = (def.args)().iter().all(|a| a.default.is_some());
            let object = plain.then(|| (def.from_config)(&Default::default()).unwrap());
            let Some(object) = object else { continue };
            let again = (def.from_config)(&object.config()).unwrap();
            assert_eq!(again.config(), object.config(), "{}", def.name);
            assert_eq!((object.class_name(), object.module()), (def.name, def.module));
        }
    }
    check(addax::losses::LOSSES);
    check(addax::metrics::METRICS);
    check(addax::optimizers::OPTIMIZERS);
    check(addax::schedules::SCHEDULES);
}
