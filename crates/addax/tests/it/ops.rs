//! The ops against recorded Keras: as functions, and as nodes of functional models.

use addax::arguments::{Argument, Arguments};
use addax::core::{Backend, Dim, TensorType, Trace};
use addax::layers::LayerRef;
use addax::models::{Symbolic, input};
use addax::ops;
use addax::prelude::*;
use addax::scope::{Scope, Traced};
use serde_json::{Value as Json, json};

/// `[function, tensors, args, kwargs, results, node]`; see `xtask/goldens/keras_ops.py`.
struct Case {
    json: Json,
    inputs: Vec<Value>,
}

fn cases() -> Vec<Case> {
    let path = format!("{}/../../goldens/keras_ops.json", env!("CARGO_MANIFEST_DIR"));
    let all: Vec<Json> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let inputs = |j: &Json| j[1].as_array().unwrap().iter().enumerate().map(|(i, t)| tensor(i, t)).collect();
    all.into_iter().map(|json| Case { inputs: inputs(&json), json }).collect()
}

fn dims(j: &Json) -> Vec<usize> {
    j.as_array().unwrap().iter().map(|n| n.as_u64().unwrap() as usize).collect()
}

fn number(j: &Json) -> f64 {
    match j.as_str() {
        Some("nan") => f64::NAN,
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        _ => j.as_f64().unwrap(),
    }
}

/// `[dtype, shape, numbers]`, or `[dtype, shape, low, high]` with numbers by the recorder's formula.
fn tensor(which: usize, j: &Json) -> Value {
    let (dtype, shape) = (DType::parse(j[0].as_str().unwrap()).unwrap(), dims(&j[1]));
    let numbers: Vec<f64> = match &j[2] {
        Json::Array(list) => list.iter().map(number).collect(),
        low => {
            let (low, high) = (number(low), number(&j[3]));
            let at = |i: usize| {
                let x = low + (high - low) * ((i * 7919 + which * 31 + 17) % 1009) as f64 / 1008.0;
                if dtype.is_int() {
                    x.floor()
                } else if dtype == DType::Bool {
                    f64::from(x > 0.0)
                } else {
                    x
                }
            };
            (0..shape.iter().product()).map(at).collect()
        }
    };
    // Integers go through 64 bits, not through a saturating cast.
    let value = if dtype.is_int() {
        Value::new(shape, numbers.iter().map(|x| *x as i64).collect::<Vec<i64>>())
    } else {
        Value::new(shape, numbers)
    };
    value.unwrap().cast(dtype)
}

/// An argument with `{"$": i}` for the `i`th tensor.
fn argument<T: Clone>(j: &Json, tensors: &[T]) -> Argument<T> {
    let holds = |j: &Json| j.to_string().contains("{\"$\":");
    match j {
        Json::Object(o) if o.contains_key("$") => {
            Argument::Tensor(tensors[o["$"].as_u64().unwrap() as usize].clone())
        }
        Json::Array(list) if holds(j) => Argument::List(list.iter().map(|j| argument(j, tensors)).collect()),
        plain => Argument::Plain(plain.clone()),
    }
}

fn arguments<T: Clone>(args: &Json, kwargs: &Json, tensors: &[T]) -> Arguments<T> {
    if args.is_null() {
        return Arguments::each(tensors.to_vec());
    }
    Arguments {
        positional: args.as_array().unwrap().iter().map(|j| argument(j, tensors)).collect(),
        named: kwargs.as_object().unwrap().iter().map(|(k, j)| (k.clone(), argument(j, tensors))).collect(),
    }
}

/// Whether the results are those of Keras; if not, how they differ. Singular and eigenvectors have any sign.
fn compare(got: &[Value], want: &Json, function: &Json) -> Result<(), String> {
    let signless = ["eigh", "svd"].iter().any(|f| f == function);
    let want: Vec<Value> = want.as_array().unwrap().iter().map(|j| tensor(0, j)).collect();
    if got.len() != want.len() {
        return Err(format!("{} results, Keras has {}", got.len(), want.len()));
    }
    for (g, w) in got.iter().zip(&want) {
        if (g.dtype(), g.shape()) != (w.dtype(), w.shape()) {
            return Err(format!("{:?}{:?}, Keras has {:?}{:?}", g.dtype(), g.shape(), w.dtype(), w.shape()));
        }
        let scale = w.to_f64().iter().filter(|x| x.is_finite()).fold(0.01f64, |m, x| m.max(x.abs()));
        let (rtol, atol) = match w.dtype() {
            DType::F16 => (2e-3, 1e-3),
            DType::BF16 => (2e-2, 1e-2),
            d if d.is_float() => (1e-5, 1e-6),
            _ => (0.0, 0.0),
        };
        let near = |(g, w): (f64, f64)| {
            g == w || (g.is_nan() && w.is_nan()) || (g - w).abs() <= atol * scale + rtol * w.abs()
        };
        let sign = |x: f64| if signless { x.abs() } else { x };
        let mut pairs = g.to_f64().into_iter().zip(w.to_f64()).map(|(g, w)| (sign(g), sign(w)));
        if !pairs.all(near) {
            return Err(format!("{g:?}, Keras has {w:?}"));
        }
    }
    Ok(())
}

fn values(tensors: addax::Result<Vec<Tensor>>) -> Result<Vec<Value>, String> {
    let all =
        tensors.and_then(|list| list.iter().map(Tensor::to_value).collect::<addax::Result<Vec<Value>>>());
    all.map_err(|e| e.to_string())
}

fn as_function(case: &Case) -> Result<(), String> {
    let tensors: Vec<Tensor> = case.inputs.iter().cloned().map(Tensor::from).collect();
    let arguments = arguments(&case.json[2], &case.json[3], &tensors);
    compare(&values(ops::call(case.json[0].as_str().unwrap(), arguments))?, &case.json[4], &case.json[0])
}

fn ty(j: &Json) -> TensorType {
    let dims: Vec<Dim> =
        j[1].as_array().unwrap().iter().map(|d| Dim::from(d.as_u64().map(|n| n as usize))).collect();
    TensorType::new(DType::parse(j[0].as_str().unwrap()).unwrap(), dims)
}

/// Reads the node, writes it again, finds the types of its results with an open batch, and computes it.
fn as_node(case: &Case) -> Result<(), String> {
    let node = &case.json[5];
    if node.is_null() || NO_NODES.iter().any(|f| *f == case.json[0]) {
        return Ok(());
    }
    let (module, class) = node[0].as_str().unwrap().split_once('.').unwrap();
    let mut config = node[1].as_object().unwrap().clone();
    config.insert("name".to_string(), json!("op"));
    let written = json!({"module": format!("keras.src.ops.{module}"), "class_name": class, "config": config});
    let op = LayerRef::from_json(&written).map_err(|e| e.to_string())?;
    let again = op.to_json();
    if again["config"].as_object().map(|c| c.len()) != Some(config.len())
        || config.iter().any(|(k, v)| !same(&again["config"][k], v))
    {
        return Err(format!("config {}, Keras has {config:?}", again["config"]));
    }
    let sized = SIZED.iter().any(|f| *f == case.json[0]);
    let open = if sized { 0 } else { node[4].as_u64().unwrap() as usize };
    let symbols: Vec<Symbolic> = case.inputs.iter().enumerate().map(|(i, v)| symbol(v, i < open)).collect();
    let out = op.on_with(arguments(&node[2], &node[3], &symbols)).map_err(|e| format!("as a node: {e}"))?;
    let types: Vec<TensorType> = match &node[5] {
        Json::Array(list) => list.iter().map(ty).collect(),
        _ => case.json[4].as_array().unwrap().iter().map(|j| ty(&opened(j, open > 0))).collect(),
    };
    let got: Vec<TensorType> = out.iter().map(|s| s.ty().clone()).collect();
    // An activation of whole numbers or truth values: Keras declares the input's type and computes floats.
    let whole = module == "nn" && case.inputs.first().is_some_and(|v| !v.dtype().is_float());
    let declared_wrong = whole || QUIRKS.iter().any(|(f, _)| *f == case.json[0]);
    // Here and there more is known than Keras knows.
    let sound = |(g, t): (&TensorType, &TensorType)| {
        let dims = g.shape.dims().iter().zip(t.shape.dims());
        g.dtype == t.dtype
            && g.shape.rank() == t.shape.rank()
            && dims.into_iter().all(|(g, t)| g == t || t.known().is_none())
    };
    if (got.len() != types.len() || !got.iter().zip(&types).all(sound)) && !declared_wrong {
        return Err(format!("types {got:?}, Keras has {types:?}"));
    }
    let trace = Trace::new();
    let all = case.inputs.iter().enumerate();
    let traced: Vec<Traced> =
        all.map(|(i, v)| Traced::from(trace.parameter(&i.to_string(), v.dtype(), v.shape()))).collect();
    let entered = trace.enter();
    let out = Scope::new(&trace, false).call_with(&op, arguments(&node[2], &node[3], &traced));
    let out: Vec<Tensor> = out.map_err(|e| e.to_string())?.into_iter().map(|t| t.tensor).collect();
    drop(entered);
    let graph = trace.finish(&out).map_err(|e| e.to_string())?;
    let results = addax_cpu::Cpu.run(&graph, &case.inputs).map_err(|e| format!("compiled: {e}"))?;
    compare(&results, &case.json[4], &case.json[0])
}

/// Where Keras declares other types for a node than it computes.
const QUIRKS: &[(&str, &str)] = &[
    ("floor_divide", "bool declared for truth values, int32 computed"),
    ("power", "bool declared for truth values, int32 computed"),
    ("rot90", "axes exchanged also after a half turn"),
    ("kron", "one axis declared for a vector and a matrix"),
    ("corrcoef", "the shape of the rows declared"),
    ("ndim", "a tensor of as many places as axes declared"),
    ("searchsorted", "int64 declared, int32 computed"),
    ("adaptive_average_pool", "a list of sizes counted as more axes"),
    ("adaptive_max_pool", "a list of sizes counted as more axes"),
    ("multi_hot", "int32 declared, float32 computed"),
    ("cross", "one axis declared for vectors of open length"),
    ("vstack", "one axis declared for vectors of open length"),
    ("slogdet", "a scalar sign declared"),
    ("lu_factor", "floats declared for the exchanges of rows"),
    ("scale_and_translate", "the batch of the given shape declared"),
    ("reciprocal", "float32 declared for bfloat16, bfloat16 computed"),
    ("logsumexp", "float32 declared for bfloat16, bfloat16 computed"),
    ("normalize", "float32 declared for bfloat16, bfloat16 computed"),
];

/// Whose matrices must have a known size when the model is written down.
const SIZED: &[&str] = &["lstsq", "matrix_rank", "pinv"];

/// Whose results have a shape that depends on the numbers: functions, but no nodes of models.
const NO_NODES: &[&str] = &["bincount", "nonzero", "unique"];

fn same(a: &Json, b: &Json) -> bool {
    match (a.as_f64(), b.as_f64()) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}

fn opened(j: &Json, open: bool) -> Json {
    let mut shape = j[1].clone();
    if open && shape.get(0).is_some() {
        shape[0] = Json::Null;
    }
    json!([j[0], shape])
}

fn symbol(value: &Value, open: bool) -> Symbolic {
    let mut dims: Vec<Dim> = value.shape().iter().map(|d| Dim::new(*d)).collect();
    if let (true, Some(first)) = (open, dims.first_mut()) {
        *first = Dim::UNKNOWN;
    }
    input(TensorType::new(value.dtype(), dims), None)
}

fn replay(check: fn(&Case) -> Result<(), String>) {
    let mut wrong = Vec::new();
    let all = cases();
    for case in &all {
        if let Err(e) = check(case) {
            wrong.push(format!("{}{} {}: {e}", case.json[0], case.json[2], case.json[3]));
        }
    }
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), all.len(), wrong.join("\n"));
}

#[test]
fn functions_give_what_keras_gives() {
    replay(as_function);
}

#[test]
fn nodes_are_those_of_keras() {
    replay(as_node);
}
