//! Checks that every op owes: its gradient against central differences, in double precision.

use crate::dtype::DType;
use crate::graph::Trace;
use crate::graph::autodiff::gradients;
use crate::reference::evaluate;
use crate::rng::Rng;
use crate::tensor::Tensor;
use crate::value::Value;

/// A shape and the interval its random elements come from.
pub type Domain<'a> = (&'a [usize], (f64, f64));

/// Compares the gradient of a random projection of `f` with central differences along random directions
/// (step 1e-6, relative tolerance 1e-3, absolute 1e-5), and does the same for the gradient's own gradient.
///
/// # Panics
/// When they differ, or when `f` fails: it is for tests.
pub fn check_gradient(name: &str, f: impl Fn(&[Tensor]) -> Tensor, inputs: &[Domain]) {
    check_first_gradient(name, &f, inputs);
    let second = |x: &[Tensor]| {
        let sources: Vec<&Tensor> = x.iter().collect();
        let grads = gradients(&projection(name, &f, x), &sources).expect(name);
        let terms = grads.into_iter().flatten().map(|g| (g.sin()).sum_all());
        terms.fold(Tensor::constant(DType::F64, 0.0), |sum, t| sum + t)
    };
    check_scalar(&format!("gradient of {name}"), &second, inputs);
}

/// As [`check_gradient`], without the gradient's own gradient, for the few ops that have none.
///
/// # Panics
/// When they differ.
pub fn check_first_gradient(name: &str, f: impl Fn(&[Tensor]) -> Tensor, inputs: &[Domain]) {
    check_scalar(name, &|x: &[Tensor]| projection(name, &f, x), inputs);
}

/// The results of `f` as one number, by random weights.
fn projection(name: &str, f: &impl Fn(&[Tensor]) -> Tensor, x: &[Tensor]) -> Tensor {
    let y = f(x);
    let weights = random(&mut Rng::new(2, 0), &(y.shape().known().expect(name), (-1.0, 1.0)));
    (y.cast(DType::F64) * Tensor::new(weights)).sum_all()
}

fn check_scalar(name: &str, f: &dyn Fn(&[Tensor]) -> Tensor, inputs: &[Domain]) {
    let trace = Trace::new();
    let x: Vec<Tensor> = inputs.iter().map(|(shape, _)| trace.parameter("x", DType::F64, *shape)).collect();
    let y = f(&x);
    y.check().unwrap_or_else(|e| panic!("{name}: {e}"));
    let sources: Vec<&Tensor> = x.iter().collect();
    let zero = |x: &Tensor| Tensor::full(DType::F64, x.shape(), 0.0);
    let entered = trace.enter();
    let traced = y.as_node().is_some();
    let grads = if traced {
        gradients(&y, &sources).unwrap_or_else(|e| panic!("{name}: {e}"))
    } else {
        vec![None; x.len()]
    };
    let grads: Vec<Tensor> = grads.into_iter().zip(&x).map(|(g, x)| g.unwrap_or_else(|| zero(x))).collect();
    drop(entered);
    let graph = trace.finish(&[&[y][..], &grads].concat()).unwrap_or_else(|e| panic!("{name}: {e}"));
    graph.verify().unwrap_or_else(|e| panic!("{name}: {e}"));
    let mut rng = Rng::new(1, 0);
    let at: Vec<Value> = inputs.iter().map(|d| random(&mut rng, d)).collect();
    let results = evaluate(&graph, &at).unwrap_or_else(|e| panic!("{name}: {e}"));
    for _ in 0..3 {
        let direction: Vec<Value> = inputs.iter().map(|(s, _)| random(&mut rng, &(s, (-1.0, 1.0)))).collect();
        let moved = |step: f64| {
            let x: Vec<Value> = at.iter().zip(&direction).map(|(x, d)| along(x, d, step)).collect();
            evaluate(&graph, &x).map(|v| v[0].to_f64()[0]).unwrap_or(f64::NAN)
        };
        let step = 1e-6;
        let numeric = (moved(step) - moved(-step)) / (2.0 * step);
        let dot =
            |(g, d): (&Value, &Value)| g.to_f64().iter().zip(d.to_f64()).map(|(a, b)| a * b).sum::<f64>();
        let exact: f64 = results[1..].iter().zip(&direction).map(dot).sum();
        let close = (numeric - exact).abs() <= 1e-5 + 1e-3 * exact.abs();
        assert!(close, "{name}: the gradient along a direction is {exact}, by differences {numeric}");
    }
}

fn random(rng: &mut Rng, (shape, (low, high)): &(impl AsRef<[usize]>, (f64, f64))) -> Value {
    let shape = shape.as_ref();
    let n = shape.iter().product();
    let data = (0..n).map(|_| low + (high - low) * rng.uniform()).collect::<Vec<f64>>();
    Value::new(shape, data).unwrap_or_else(|e| panic!("{e}"))
}

fn along(x: &Value, d: &Value, step: f64) -> Value {
    let data = x.to_f64().iter().zip(d.to_f64()).map(|(x, d)| x + step * d).collect::<Vec<f64>>();
    Value::new(x.shape(), data).unwrap_or_else(|e| panic!("{e}"))
}
