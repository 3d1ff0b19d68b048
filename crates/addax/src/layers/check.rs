//! The contract of every layer, as one call in its test.

use super::{Layer, LayerRef};
use crate::class::find;
use crate::models::Input;
use crate::policy::Policy;
use crate::scope::Scope;
use addax_core::testing::check_first_gradient;
use addax_core::{DType, Dim, Shape, Tensor, Trace, Value, evaluate};

/// Checks a layer on samples of the given shapes: its config comes back, the symbolic shape is the concrete one, a row
/// does not depend on the others in inference, and the gradients by inputs and weights match finite differences in
/// double precision, with and without training.
pub(super) fn check_layer(layer: impl Layer + 'static, samples: &[&[usize]]) {
    let name = layer.class_name();
    let again = (find::<dyn Layer>(name).unwrap().from_config)(&layer.config()).unwrap();
    assert_eq!(again.config(), layer.config(), "{name}: config");

    let layer = LayerRef::new(layer).with_policy(Policy::named("float64").unwrap());
    let inputs: Vec<_> = samples.iter().map(|s| Input(*s).unwrap()).collect();
    let symbolic = layer.on_all(&inputs.iter().collect::<Vec<_>>()).unwrap().remove(0).shape().clone();

    let rows = 3;
    let shapes: Vec<Vec<usize>> = samples.iter().map(|s| [&[rows], *s].concat()).collect();
    let count = shapes.len();
    let weights: Vec<_> = layer.weights().into_iter().map(|(w, _)| w).collect();
    let run = |x: &[Tensor], training: bool| {
        let trace = x[0].as_node().unwrap().0.clone();
        let _entered = trace.enter();
        let mut scope = Scope::new(&trace, training);
        scope.bind(&weights, &x[count..]);
        scope.call(&layer, &x[..count]).unwrap_or_else(|e| panic!("{name}: {e}")).remove(0)
    };

    let trace = Trace::new();
    let all = shapes.iter().chain(weights.iter().map(|w| &w.shape));
    let x: Vec<Tensor> = all.clone().map(|s| trace.parameter("x", DType::F64, &s[..])).collect();
    let y = run(&x, false);
    let concrete: Vec<Dim> = symbolic.dims().iter().map(|d| d.known().unwrap_or(rows).into()).collect();
    assert_eq!(y.shape(), Shape::from(concrete), "{name}: shape");
    rows_are_independent(name, &trace, y, &all.cloned().collect::<Vec<_>>(), count);

    let domains: Vec<_> = shapes.iter().map(|s| (&s[..], (-1.0, 1.0))).collect();
    let domains: Vec<_> =
        domains.into_iter().chain(weights.iter().map(|w| (&w.shape[..], (0.3, 1.2)))).collect();
    for training in [false, true] {
        check_first_gradient(name, |x| run(x, training), &domains);
    }
}

/// The output of a layer with its first weights for the given numbers, in inference.
pub(super) fn run(layer: impl Into<LayerRef>, x: &[Tensor]) -> Value {
    let layer: LayerRef = layer.into();
    let trace = Trace::new();
    let inputs: Vec<Tensor> = x.iter().map(|x| trace.parameter("x", x.dtype(), x.shape())).collect();
    let entered = trace.enter();
    let y = Scope::new(&trace, false).call(&layer, &inputs).unwrap();
    drop(entered);
    let values = x.iter().map(|x| x.to_value().unwrap());
    let values: Vec<Value> = values.chain(layer.weights().iter().map(|(w, _)| w.value().unwrap())).collect();
    evaluate(&trace.finish(&y).unwrap(), &values).unwrap().remove(0)
}

/// Changing the first row of every input leaves the last row of the output as it is.
fn rows_are_independent(name: &str, trace: &Trace, y: Tensor, shapes: &[Vec<usize>], inputs: usize) {
    let graph = trace.finish(&[y]).unwrap();
    let numbers = |i: usize, shape: &[usize], change: f64| {
        let n: usize = shape.iter().product();
        let row = if i < inputs { n / shape[0].max(1) } else { 0 };
        let at = |k: usize| 0.5 + (k as f64 * 1.7).sin() * 0.4 + if k < row { change } else { 0.0 };
        Value::new(shape, (0..n).map(at).collect::<Vec<f64>>()).unwrap()
    };
    let last = |change: f64| {
        let values: Vec<Value> = shapes.iter().enumerate().map(|(i, s)| numbers(i, s, change)).collect();
        let y = evaluate(&graph, &values).unwrap().remove(0);
        y.slice_rows(y.rows() - 1, y.rows()).unwrap()
    };
    assert_eq!(last(0.0), last(0.9), "{name}: a row depends on another");
}
