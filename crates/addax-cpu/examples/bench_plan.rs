//! Times of plans: training steps and common pieces of models. `cargo run --release --example bench_plan [NAME]`;
//! with `--steps` the steps of each plan are listed.

use addax_core::rng::Rng;
use addax_core::{Backend, Buffer, DType, Executable, Program, Tensor, TensorType, Trace, Value, gradients};
use addax_cpu::{Cpu, Plan, Pool};
use std::time::Instant;

/// Adam's update of one weight: the weight, its averages and a gradient give the new three.
fn adam(w: &Tensor, m: &Tensor, v: &Tensor, g: &Tensor, alpha: &Tensor) -> [Tensor; 3] {
    let m = m + (g - m) * 0.1;
    let v = v + (g.square() - v) * 0.001;
    [w - &m * alpha / (v.sqrt() + 1e-7), m, v]
}

fn log_softmax(x: &Tensor) -> Tensor {
    let shifted = x - x.max(&[1]).expand_dims(1);
    &shifted - shifted.exp().sum(&[1]).log().expand_dims(1)
}

/// A step of a perceptron with the given widths; several outputs are classes, one is a number.
fn step(rows: usize, widths: &[usize]) -> Program {
    let t = Trace::new();
    let mut state = Vec::new();
    for _ in 0..3 {
        for pair in widths.windows(2) {
            state.push(t.parameter("kernel", DType::F32, [pair[0], pair[1]]));
            state.push(t.parameter("bias", DType::F32, [pair[1]]));
        }
    }
    let rate = t.parameter("rate", DType::F32, addax_core::Shape::scalar());
    let total = t.parameter("total", DType::F32, addax_core::Shape::scalar());
    let last = widths.len() - 1;
    let x = t.parameter("x", DType::F32, [rows, widths[0]]);
    let y = t.parameter("y", DType::F32, [rows, widths[last]]);
    let entered = t.enter();
    let n = 2 * last;
    let mut h = x;
    for layer in 0..last {
        h = h.matmul(&state[2 * layer]) + &state[2 * layer + 1];
        h = if layer + 1 < last { h.relu() } else { h };
    }
    let loss = if widths[last] == 1 {
        (h - y).square().mean_all()
    } else {
        -(log_softmax(&h) * y).sum(&[1]).mean_all()
    };
    let found = gradients(&loss, &state[..n].iter().collect::<Vec<_>>()).expect("a gradient");
    let mut new = vec![Vec::new(); 3];
    for (i, g) in found.into_iter().enumerate() {
        let g = g.expect("every weight counts");
        let made = adam(&state[i], &state[n + i], &state[2 * n + i], &g, &rate);
        new.iter_mut().zip(made).for_each(|(list, t)| list.push(t));
    }
    let mut outputs = new.concat();
    outputs.extend([rate, &total + &loss]);
    drop(entered);
    Program { graph: t.finish(&outputs).expect("a graph"), state: 3 * n + 2 }
}

fn piece(shapes: &[&[usize]], f: fn(&[Tensor]) -> Tensor) -> Program {
    let t = Trace::new();
    let x: Vec<Tensor> = shapes.iter().map(|s| t.parameter("x", DType::F32, *s)).collect();
    let entered = t.enter();
    let y = f(&x);
    let weights = t.parameter("weights", DType::F32, y.shape());
    let found = gradients(&(&y * weights).sum_all(), &x.iter().collect::<Vec<_>>()).expect("gradients");
    let outputs: Vec<Tensor> = std::iter::once(y).chain(found.into_iter().flatten()).collect();
    drop(entered);
    Program::pure(t.finish(&outputs).expect("a graph"))
}

fn normalized(x: &Tensor, axes: &[usize]) -> Tensor {
    let mean = x.mean(axes);
    let mean = if axes == [1] { mean.expand_dims(1) } else { mean };
    let d = x - &mean;
    let var = d.square().mean(axes);
    let var = if axes == [1] { var.expand_dims(1) } else { var };
    d * (var + 1e-3).rsqrt()
}

fn buffer(ty: &TensorType, seed: u64) -> Box<dyn Buffer> {
    let mut r = Rng::new(seed, 0);
    let shape = ty.shape.concrete().expect("a concrete shape");
    let n = shape.iter().product();
    let x: Vec<f32> = (0..n).map(|_| r.uniform() as f32 * 0.1).collect();
    Cpu.upload(&Value::new(&shape[..], x).expect("a value")).expect("memory")
}

fn measure(name: &str, program: &Program, steps: bool) {
    for threads in [1, 2] {
        let mut plan = Plan::on(program, Some(Pool::new(threads))).expect("a plan");
        let graph = &program.graph;
        let all: Vec<_> = graph.parameters().iter().map(|v| buffer(graph.ty(*v), 1)).collect();
        let mut state = all;
        let inputs = state.split_off(program.state);
        let mut outputs: Vec<_> =
            graph.outputs[program.state..].iter().map(|v| buffer(graph.ty(*v), 2)).collect();
        let mut times = Vec::new();
        let begun = Instant::now();
        while begun.elapsed().as_secs_f64() < 0.3 {
            let start = Instant::now();
            for _ in 0..16 {
                plan.execute(&mut state, &inputs, &mut outputs).expect("a run");
            }
            times.push(start.elapsed().as_secs_f64() / 16.0 * 1e6);
        }
        times.sort_by(f64::total_cmp);
        let report = plan.report();
        println!(
            "{name:28} {threads} threads {:10.2} us at best {:10.2} us in the middle {:8.1} GFLOP/s",
            times[0],
            times[times.len() / 2],
            report.flops as f64 / times[0] / 1e3
        );
        if steps && threads == 1 {
            for s in &report.steps {
                println!("    {:9} {}", s.flops, s.name);
            }
        }
    }
}

/// A program and its name.
type Named = (&'static str, fn() -> Program);

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let steps = arguments.iter().any(|a| a == "--steps");
    let wanted = arguments.iter().find(|a| !a.starts_with("--"));
    let programs: &[Named] = &[
        ("lesson 10-64-64-1", || step(32, &[10, 64, 64, 1])),
        ("perceptron 784-512-512-10", || step(128, &[784, 512, 512, 10])),
        ("log softmax 128x10", || piece(&[&[128, 10]], |x| log_softmax(&x[0]))),
        ("log softmax 6400x200", || piece(&[&[6400, 200]], |x| log_softmax(&x[0]))),
        ("layer norm 6400x32", || {
            piece(&[&[6400, 32], &[32], &[32]], |x| normalized(&x[0], &[1]) * &x[1] + &x[2])
        }),
        ("batch norm 32768x64", || {
            piece(&[&[32768, 64], &[64], &[64]], |x| normalized(&x[0], &[0]) * &x[1] + &x[2])
        }),
        ("gelu 4096x256", || {
            piece(&[&[4096, 256]], |x| &x[0] * ((&x[0] * std::f64::consts::FRAC_1_SQRT_2).erf() + 1.0) * 0.5)
        }),
    ];
    for (name, make) in programs {
        if wanted.is_none_or(|w| name.contains(w.as_str())) {
            measure(name, &make(), steps);
        }
    }
}
