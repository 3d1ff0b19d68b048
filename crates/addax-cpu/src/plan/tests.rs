//! Plans against the plain evaluation.

use super::*;
use crate::Cpu;
use addax_core::rng::Rng;
use addax_core::{Backend, DType, Graph, Tensor, Trace, Value, evaluate, gradients};

fn random(shape: &[usize], seed: u64) -> Value {
    let mut r = Rng::new(seed, 9);
    let n = shape.iter().product();
    Value::new(shape, (0..n).map(|_| (r.uniform() * 2.0 - 1.0) as f32).collect::<Vec<f32>>()).unwrap()
}

fn close(got: &Value, want: &Value, what: &str) {
    assert_eq!((got.dtype(), got.shape()), (want.dtype(), want.shape()), "{what}");
    let scale = want.to_f64().iter().fold(1e-3f64, |m, x| m.max(x.abs()));
    for (g, w) in got.to_f64().iter().zip(want.to_f64()) {
        assert!((g - w).abs() <= 2e-5 * scale || g.is_nan() && w.is_nan(), "{what}: got {g}, wanted {w}");
    }
}

fn check(what: &str, graph: &Graph, inputs: &[Value]) {
    let want = evaluate(graph, inputs).unwrap();
    let got = Cpu.run(graph, inputs).unwrap_or_else(|e| panic!("{what}: {e}"));
    got.iter().zip(&want).for_each(|(g, w)| close(g, w, what));
}

fn trace(shapes: &[&[usize]], f: impl Fn(&[Tensor]) -> Vec<Tensor>) -> (Graph, Vec<Value>) {
    let t = Trace::new();
    let x: Vec<Tensor> = shapes.iter().map(|s| t.parameter("x", DType::F32, *s)).collect();
    let entered = t.enter();
    let y = f(&x);
    drop(entered);
    let values = shapes.iter().enumerate().map(|(i, s)| random(s, i as u64)).collect();
    (t.finish(&y).unwrap(), values)
}

#[test]
fn chains_broadcasts_and_reductions_agree_with_the_plain_evaluation() {
    type Case = (&'static str, &'static [&'static [usize]], fn(&[Tensor]) -> Vec<Tensor>);
    let cases: &[Case] = &[
        ("chain", &[&[7, 33]], |x| vec![(&x[0] * 2.0 + 1.0).tanh() * &x[0]]),
        ("bias", &[&[5, 10], &[10]], |x| vec![(&x[0] + &x[1]).relu()]),
        ("long rows", &[&[3, 1500], &[1500], &[3, 1]], |x| vec![(&x[0] + &x[1]) * &x[2]]),
        ("per row", &[&[40, 6], &[40, 1]], |x| vec![&x[0] * &x[1], (&x[0] * &x[1]).sum(&[1])]),
        ("softmax", &[&[9, 11]], |x| {
            let e = (&x[0] - x[0].max(&[1]).expand_dims(1)).exp();
            vec![&e / e.sum(&[1]).expand_dims(1)]
        }),
        ("softmax of long rows", &[&[3, 1300], &[1300]], |x| {
            let y = &x[0] * &x[1];
            let e = (&y - y.max(&[1]).expand_dims(1)).exp();
            vec![&e / e.sum(&[1]).expand_dims(1), y.max(&[1])]
        }),
        ("layer normalization", &[&[40, 24], &[24], &[24]], |x| {
            let mean = x[0].mean(&[1]).expand_dims(1);
            let d = &x[0] - &mean;
            let scale = (d.square().mean(&[1]).expand_dims(1) + 1e-3).rsqrt();
            vec![(&d * &scale) * &x[1] + &x[2], mean, scale]
        }),
        ("crossentropy", &[&[50, 10], &[50, 10]], |x| {
            let shifted = &x[0] - x[0].max(&[1]).expand_dims(1);
            let log = shifted.exp().sum(&[1]).log();
            let each = &log - (&shifted * &x[1]).sum(&[1]);
            vec![each.mean_all(), each]
        }),
        ("dot then softmax", &[&[70, 7], &[7, 5], &[5]], |x| {
            let y = x[0].matmul(&x[1]) + &x[2];
            let e = (&y - y.max(&[1]).expand_dims(1)).exp();
            vec![&e / e.sum(&[1]).expand_dims(1), y.sum(&[0])]
        }),
        ("adam", &[&[9, 70], &[9, 70], &[9, 70], &[9, 70]], |x| {
            let (m, v) = (&x[1] + (&x[0] - &x[1]) * 0.1, x[2].abs() + (x[0].square() - x[2].abs()) * 1e-3);
            vec![&x[3] - &m * x[0].max(&[0, 1]) / (v.sqrt() + 1e-7), m, v]
        }),
        ("gradient of relu", &[&[33, 8], &[33, 8]], |x| {
            let y = (&x[0] + &x[1]).relu();
            let g = y.gt(&y.filled(0.0)).select(&x[1], &x[1].filled(0.0));
            vec![g.sum(&[0]), y]
        }),
        ("one column", &[&[700, 1], &[1], &[700, 1]], |x| {
            let d = &x[0] + &x[1] - &x[2];
            vec![d.square().mean_all(), d.abs().sum(&[0]), d]
        }),
        ("many rows", &[&[5000, 3], &[3]], |x| {
            let y = &x[0] * &x[1];
            vec![y.sum(&[0]), y.sum_all(), y.max(&[0]), y.sum(&[1])]
        }),
        ("columns", &[&[200, 6]], |x| vec![x[0].square().sum(&[0]), x[0].max(&[0]), x[0].min(&[0, 1])]),
        ("means", &[&[13, 5, 4]], |x| vec![x[0].mean(&[0, 1]), x[0].mean(&[1]), x[0].mean_all()]),
        ("choice", &[&[6, 6], &[6, 6]], |x| {
            let p = x[0].gt(&x[1]);
            vec![p.select(&x[0], &x[1]), p.clone(), p.cast(DType::F32).sum_all()]
        }),
        ("outer", &[&[6, 1], &[1, 9]], |x| vec![&x[0] + &x[1], &x[0] * &x[1]]),
        ("two ways", &[&[2, 3, 4], &[2, 1, 1], &[4]], |x| vec![&x[0] * &x[1] + &x[2]]),
        ("transpose", &[&[4, 5, 6]], |x| vec![x[0].transpose(&[2, 0, 1]).exp(), x[0].reshape([20, 6])]),
        ("integers", &[&[8]], |x| vec![(x[0].cast(DType::I32) + 3.0) * 2.0]),
        ("pooling", &[&[2, 7, 6, 5], &[2, 3, 3, 5]], |x| {
            use addax_core::ops::Spatial;
            let moves = Spatial::same().strides(&[2, 2]);
            let least = x[0].negate().max_pool(&[3, 2], &Spatial::valid());
            vec![x[0].max_pool(&[2, 2], &Spatial::valid()), x[0].average_pool(&[3, 3], &moves), least]
        }),
        ("pieces", &[&[4, 5], &[4, 2]], |x| {
            let both = Tensor::concatenate(&[&x[0], &x[1], &x[0]], 1);
            vec![both.slice(&[1, 2], &[4, 11], &[2, 3]), x[0].reverse(&[0, 1]), both]
        }),
        ("powers", &[&[8]], |x| {
            vec![(x[0].abs() + 0.1).powf(2.5), x[0].erf(), x[0].abs().log1p(), x[0].expm1()]
        }),
        ("same twice", &[&[8]], |x| vec![x[0].exp(), x[0].exp(), x[0].clone()]),
        ("dot", &[&[5, 7], &[7, 3], &[3]], |x| vec![(x[0].matmul(&x[1]) + &x[2]).relu(), x[0].matmul(&x[1])]),
        ("batched dot", &[&[4, 5, 7], &[4, 7, 3]], |x| vec![x[0].matmul(&x[1]).exp()]),
        ("dot of three axes", &[&[4, 5, 7], &[7, 3]], |x| vec![x[0].matmul(&x[1]).tanh()]),
        ("dot then sums", &[&[70, 7], &[7, 3]], |x| {
            let y = x[0].matmul(&x[1]).square();
            vec![y.sum(&[0]), y.sum(&[1]), y.sum_all()]
        }),
    ];
    for (what, shapes, f) in cases {
        let (graph, values) = trace(shapes, f);
        check(what, &graph, &values);
    }
}

fn network(x: &[Tensor]) -> Tensor {
    let h = (x[0].matmul(&x[1]) + &x[2]).relu();
    let h = (h.matmul(&x[3]) + &x[4]).relu();
    (h.matmul(&x[5]) + &x[6] - &x[7]).square().mean_all()
}

const NETWORK: &[&[usize]] = &[&[32, 10], &[10, 64], &[64], &[64, 64], &[64], &[64, 1], &[1], &[32, 1]];

#[test]
fn gradients_of_a_network_agree_with_the_plain_evaluation() {
    let (graph, values) = trace(NETWORK, |x| {
        let loss = network(x);
        let sources: Vec<&Tensor> = x[1..7].iter().collect();
        let grads = gradients(&loss, &sources).unwrap();
        std::iter::once(loss).chain(grads.into_iter().flatten()).collect()
    });
    check("network", &graph, &values);
}

#[test]
fn states_are_updated_in_place_and_in_the_right_order() {
    // w ← w - 0.1 · dL/dw, where the gradient of the first layer still needs the old second one.
    let t = Trace::new();
    let order = [1, 2, 3, 4, 5, 6, 0, 7];
    let mut x: Vec<Option<Tensor>> = vec![None; 8];
    order.iter().for_each(|i| x[*i] = Some(t.parameter("x", DType::F32, NETWORK[*i])));
    let x: Vec<Tensor> = x.into_iter().flatten().collect();
    let loss = network(&x);
    let sources: Vec<&Tensor> = x[1..7].iter().collect();
    let grads = gradients(&loss, &sources).unwrap();
    let mut outputs: Vec<Tensor> = sources.iter().zip(grads).map(|(w, g)| *w - g.unwrap() * 0.1).collect();
    outputs.push(loss);
    let graph = t.finish(&outputs).unwrap();
    let mut values: Vec<Value> = order.iter().map(|i| random(NETWORK[*i], *i as u64)).collect();
    let mut plan = Plan::new(&Program { graph: graph.clone(), state: 6 }).unwrap();
    let mut state: Vec<Box<dyn Buffer>> = values[..6].iter().map(|v| Cpu.upload(v).unwrap()).collect();
    let inputs: Vec<Box<dyn Buffer>> = values[6..].iter().map(|v| Cpu.upload(v).unwrap()).collect();
    let mut out = vec![Cpu.upload(&Value::scalar(0f32)).unwrap()];
    for step in 0..3 {
        let want = evaluate(&graph, &values).unwrap();
        plan.execute(&mut state, &inputs, &mut out).unwrap();
        for (i, (buffer, want)) in state.iter().zip(&want).enumerate() {
            close(&buffer.read().unwrap(), want, &format!("state {i} after step {step}"));
        }
        close(&out[0].read().unwrap(), &want[6], "loss");
        values[..6].clone_from_slice(&want[..6]);
    }
}

#[test]
fn states_may_change_places() {
    let t = Trace::new();
    let (a, b) = (t.parameter("a", DType::F32, [2]), t.parameter("b", DType::F32, [2]));
    let graph = t.finish(&[b.clone(), &a + &b, a.clone()]).unwrap();
    let mut plan = Plan::new(&Program { graph, state: 2 }).unwrap();
    let up = |x: f32| Cpu.upload(&Value::from(vec![x, x])).unwrap();
    let (mut state, mut out) = (vec![up(1.0), up(2.0)], vec![up(0.0)]);
    plan.execute(&mut state, &[], &mut out).unwrap();
    let read = |b: &dyn Buffer| b.read().unwrap().to_f64()[0];
    assert_eq!((read(&*state[0]), read(&*state[1]), read(&*out[0])), (2.0, 3.0, 1.0));
}

#[test]
fn the_bits_do_not_depend_on_the_number_of_threads() {
    let (graph, values) = trace(&[&[300, 200], &[200, 600], &[600]], |x| {
        let y = (x[0].matmul(&x[1]) + &x[2]).tanh();
        let z = x[0].matmul(&x[1]).square();
        let w = &y * 2.0 + y.exp();
        vec![y.clone(), z.sum(&[0]), z.sum_all(), z.sum(&[1]), (w.abs() + 1.0).sqrt()]
    });
    let run = |threads: usize| {
        let mut plan = Plan::on(&Program::pure(graph.clone()), Some(Pool::new(threads))).unwrap();
        let inputs: Vec<Box<dyn Buffer>> = values.iter().map(|v| Cpu.upload(v).unwrap()).collect();
        let mut out: Vec<Box<dyn Buffer>> =
            graph.outputs.iter().map(|v| Cpu.allocate(graph.ty(*v)).unwrap()).collect();
        plan.execute(&mut [], &inputs, &mut out).unwrap();
        out.iter().map(|b| b.read().unwrap()).collect::<Vec<_>>()
    };
    let one = run(1);
    for threads in [2, 3, 5] {
        for (i, (got, want)) in run(threads).iter().zip(&one).enumerate() {
            assert!(got == want, "output {i} on {threads} threads");
        }
    }
    check("many rows", &graph, &values);
}

#[test]
fn gradients_of_pooling_and_convolution_agree_with_the_plain_evaluation() {
    use addax_core::ops::Spatial;
    let (graph, inputs) = trace(&[&[3, 9, 8, 4], &[3, 3, 4, 6]], |x| {
        let y = x[0].conv(&x[1], &Spatial::same()).relu().max_pool(&[2, 3], &Spatial::same());
        let loss = y.square().sum_all();
        gradients(&loss, &[&x[0], &x[1]]).unwrap().into_iter().flatten().collect()
    });
    check("convolution and pooling", &graph, &inputs);
}

#[test]
fn recurrences_and_their_gradients_agree_with_the_plain_evaluation() {
    let shapes: &[&[usize]] = &[&[5, 3, 4], &[4, 6], &[6, 6], &[3, 6]];
    for reverse in [false, true] {
        let (graph, inputs) = trace(shapes, |x| {
            let (last, all) = Tensor::scan(&[&x[3]], &[&x[0]], None, reverse, |h, slice| {
                let h = (slice[0].matmul(&x[1]) + h[0].matmul(&x[2])).tanh();
                (vec![h.clone()], vec![h])
            });
            let loss = all[0].square().sum_all() + last[0].sum_all();
            let found = gradients(&loss, &[&x[0], &x[1], &x[2], &x[3]]).unwrap();
            [all[0].clone(), last[0].clone()].into_iter().chain(found.into_iter().flatten()).collect()
        });
        check("recurrence", &graph, &inputs);
    }
}

/// Checks a graph against the plain evaluation, and that none of its steps is one.
fn check_kernels(what: &str, graph: &Graph, inputs: &[Value]) {
    let plan = Plan::new(&Program::pure(graph.clone())).unwrap();
    let plain = plan.report().steps.into_iter().find(|s| s.name.ends_with("(plain)"));
    assert!(plain.is_none(), "{what}: {plain:?}");
    check(what, graph, inputs);
}

#[test]
fn elements_are_picked_and_added_to_by_kernels() {
    let (graph, inputs) = trace(&[&[7, 5], &[3, 4], &[6, 9], &[6, 1]], |x| {
        let whole = |x: &Tensor, below: f64| (x.abs() * below).cast(DType::I32);
        let rows = x[0].take(&whole(&x[1], 6.9), 0);
        let columns = x[0].take(&whole(&x[1], 4.9), 1);
        let along = x[2].take_along_axis(&whole(&x[3], 8.9), 1);
        let loss = rows.square().sum_all() + (&along * &along).sum_all() + columns.square().sum_all();
        let found = gradients(&loss, &[&x[0], &x[2]]).unwrap();
        [rows, columns, along].into_iter().chain(found.into_iter().flatten()).collect()
    });
    check_kernels("picks", &graph, &inputs);
}

#[test]
fn axes_in_the_middle_are_folded_and_extremes_found_by_kernels() {
    let (graph, inputs) = trace(&[&[3, 70, 2, 9], &[40, 4, 130]], |x| {
        let large = x[1].broadcast_to([5, 40, 4, 130]);
        vec![
            x[0].sum(&[1, 2]),
            x[0].max(&[1]),
            x[0].min(&[2]),
            (&large * 2.0).sum(&[1, 2]),
            x[0].argmax(1).cast(DType::F32),
            x[1].argmin(-1).cast(DType::F32),
        ]
    });
    check_kernels("folds", &graph, &inputs);
}

#[test]
fn products_of_batches_that_lie_apart_are_kernels() {
    let shapes: &[&[usize]] = &[&[3, 20, 2, 8], &[3, 30, 2, 8], &[3, 30, 2, 8]];
    let (graph, inputs) = trace(shapes, |x| {
        let scores = Tensor::einsum("aecd,abcd->acbe", &[&x[1], &x[0]]);
        let y = Tensor::einsum("acbe,aecd->abcd", &[&scores, &x[2]]);
        let found = gradients(&y.square().sum_all(), &[&x[0], &x[1], &x[2]]).unwrap();
        [scores, y].into_iter().chain(found.into_iter().flatten()).collect()
    });
    check_kernels("attention", &graph, &inputs);
}

#[test]
fn paddings_are_kernels() {
    use addax_core::ops::Pad;
    let (graph, inputs) = trace(&[&[4, 5], &[6]], |x| {
        let pad = |low: [isize; 2], high: [isize; 2], interior: [usize; 2]| {
            let pad = Pad { low: low.to_vec(), high: high.to_vec(), interior: interior.to_vec() };
            x[0].pad_with(pad, 0.5)
        };
        let cut = x[1].slice(&[1], &[6], &[2]);
        vec![
            pad([1, 2], [0, 1], [0, 0]),
            pad([-1, 0], [-1, 3], [0, 2]),
            pad([2, -3], [-4, 1], [2, 1]),
            pad([-4, 0], [0, 0], [0, 0]),
            gradients(&cut.square().sum_all(), &[&x[1]]).unwrap().remove(0).unwrap(),
        ]
    });
    check_kernels("padding", &graph, &inputs);
}
