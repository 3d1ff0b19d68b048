//! Random graphs of elementwise ops, broadcasts, reductions and products, with states: the plan against the plain
//! evaluation, and on several threads against itself.

use addax_core::rng::Rng;
use addax_core::{Backend, Buffer, DType, Executable, Graph, Program, Tensor, Trace, Value, evaluate};
use addax_cpu::Cpu;
use addax_cpu::plan::Plan;
use addax_cpu::threads::Pool;

/// Draws.
struct Dice(Rng);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0.below(n as u64) as usize
    }

    fn one_of<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len())].clone()
    }

    fn value(&mut self, shape: &[usize]) -> Value {
        let n = shape.iter().product();
        let data: Vec<f32> = (0..n).map(|_| (self.0.uniform() * 2.0 - 1.0) as f32).collect();
        Value::new(shape, data).unwrap()
    }
}

fn shape(x: &Tensor) -> Vec<usize> {
    x.shape().known().unwrap()
}

/// Ops of one tensor whose results stay small and are smooth enough to be compared.
const UNARY: &[fn(&Tensor) -> Tensor] = &[
    |x| x.tanh(),
    |x| x.logistic(),
    |x| x.abs(),
    |x| x.negate(),
    |x| x.relu(),
    |x| x * x,
    |x| x.tanh().exp(),
    |x| x.abs().log1p(),
    |x| (x.abs() + 0.5).rsqrt(),
    |x| (x.abs() + 0.25).sqrt(),
    |x| x.erf(),
    |x| x * 0.5 + 0.25,
    |x| 0.3 - x * 0.25,
    |x| (x.abs() + 0.1).powf(1.5),
    |x| x.gt(&x.filled(0.01)).cast(DType::F32),
    |x| x.gt(&x.filled(0.0)).select(x, &x.filled(0.0)),
    |x| (x - x.filled(0.1)).sin(),
    |x| (x + x.filled(0.5)).relu(),
    |x| x.stop_gradient(),
];

/// Ops of two tensors.
const BINARY: &[fn(&Tensor, &Tensor) -> Tensor] = &[
    |a, b| a + b,
    |a, b| a - b,
    |a, b| a * b,
    |a, b| a.maximum(b),
    |a, b| a.minimum(b),
    |a, b| a / (b.abs() + 1.0),
    |a, b| a + (b - a) * 0.1,
    |a, b| a + (b * b - a) * 0.01,
    |a, b| a - b * 0.1 / (a.abs().sqrt() + 0.5),
    |a, b| (a - b).tanh().exp(),
    |a, b| (a + b).relu(),
    |a, b| b - a * 0.5,
    |a, b| a.lt(b).cast(DType::F32),
    |a, b| a.gt(b).cast(DType::F32) * a,
];

/// Whether two shapes broadcast together.
fn fit(a: &[usize], b: &[usize]) -> bool {
    a.iter().rev().zip(b.iter().rev()).all(|(x, y)| x == y || *x == 1 || *y == 1)
}

/// One more tensor from those there are.
fn grown(dice: &mut Dice, pool: &[Tensor]) -> Option<Tensor> {
    let recent = pool.len().saturating_sub(6);
    let a = if dice.below(3) == 0 { dice.one_of(pool) } else { dice.one_of(&pool[recent..]) };
    let s = shape(&a);
    let partner = |dice: &mut Dice| {
        let fits: Vec<Tensor> = pool.iter().filter(|b| fit(&s, &shape(b))).cloned().collect();
        dice.one_of(&fits)
    };
    Some(match dice.below(14) {
        0..=2 => dice.one_of(UNARY)(&a),
        3..=6 => {
            let b = partner(dice);
            let f = dice.one_of(BINARY);
            if dice.below(2) == 0 { f(&a, &b) } else { f(&b, &a) }
        }
        7 => {
            let (b, c) = (partner(dice), dice.one_of(&[a.filled(0.0), &a * 0.5, a.clone()]));
            let (b, c) = (&b + &a * 0.0, &c + &b * 0.0);
            let predicate = if dice.below(2) == 0 { a.gt(&b) } else { a.le(&(&a * 0.0 + 0.1)) };
            (shape(&predicate) == shape(&b) && shape(&b) == shape(&c)).then(|| predicate.select(&b, &c))?
        }
        8..=10 => {
            let axes: Vec<usize> = (0..s.len()).filter(|_| dice.below(2) == 0).collect();
            let folded = match dice.below(4) {
                0 => a.max(&axes),
                1 => a.min(&axes),
                2 => a.mean(&axes),
                _ => a.sum(&axes) * 0.1,
            };
            let keep = dice.below(2) == 0;
            axes.iter().filter(|_| keep).fold(folded, |x, axis| x.expand_dims(*axis as isize))
        }
        11 => {
            let fits = |b: &&Tensor| s.len() >= 2 && shape(b).len() == 2 && shape(b)[0] == s[s.len() - 1];
            let fits: Vec<Tensor> = pool.iter().filter(fits).cloned().collect();
            if fits.is_empty() { return None } else { a.matmul(&dice.one_of(&fits)) * 0.2 }
        }
        12 => {
            let mut order: Vec<usize> = (0..s.len()).collect();
            dice.0.shuffle(&mut order);
            a.transpose(&order)
        }
        _ => {
            let n: usize = s.iter().product();
            let last = s.last().copied().unwrap_or(1).max(1);
            dice.one_of(&[a.reshape([n]), a.reshape([n / last, last]), a.reshape([1, n])])
        }
    })
}

/// A random graph whose first outputs are new states; how many, and its inputs.
fn graph(dice: &mut Dice) -> (Graph, usize, Vec<Value>) {
    let (r, m, n) =
        (dice.one_of(&[1, 2, 3]), dice.one_of(&[1, 2, 5, 9, 40, 70]), dice.one_of(&[1, 3, 8, 17, 64, 600]));
    let k = dice.one_of(&[1, 4, 16]);
    let shapes: Vec<Vec<usize>> = vec![
        vec![m, n],
        vec![n],
        vec![m, 1],
        vec![],
        vec![1],
        vec![m, n],
        vec![n, k],
        vec![k],
        vec![k, n],
        vec![r, m, n],
        vec![r, 1, n],
        vec![r, m, 1],
    ];
    let parameters: Vec<Vec<usize>> = (0..3 + dice.below(6)).map(|_| dice.one_of(&shapes)).collect();
    let trace = Trace::new();
    let mut pool: Vec<Tensor> =
        parameters.iter().map(|s| trace.parameter("x", DType::F32, s.as_slice())).collect();
    let entered = trace.enter();
    for _ in 0..3 + dice.below(40) {
        let Some(next) = grown(dice, &pool) else { continue };
        if shape(&next).iter().product::<usize>() <= 60_000 && shape(&next).len() <= 4 {
            pool.push(next);
        }
    }
    let states = dice.below(parameters.len());
    let mut outputs: Vec<Tensor> = (0..states)
        .map(|i| {
            let same: Vec<Tensor> = pool.iter().filter(|t| shape(t) == parameters[i]).cloned().collect();
            dice.one_of(&same)
        })
        .collect();
    outputs.extend((0..1 + dice.below(4)).map(|_| dice.one_of(&pool)));
    outputs.extend(pool.last().cloned());
    drop(entered);
    let values = parameters.iter().map(|s| dice.value(s)).collect();
    (trace.finish(&outputs).unwrap(), states, values)
}

/// Runs a few steps on a number of threads: states and outputs after each.
fn run(graph: &Graph, states: usize, values: &[Value], threads: usize) -> Result<Vec<Vec<Value>>, String> {
    let program = Program { graph: graph.clone(), state: states };
    let mut plan = Plan::on(&program, Some(Pool::new(threads))).map_err(|e| e.to_string())?;
    let up = |v: &[Value]| v.iter().map(|v| Cpu.upload(v).unwrap()).collect::<Vec<Box<dyn Buffer>>>();
    let (mut state, inputs) = (up(&values[..states]), up(&values[states..]));
    let mut out: Vec<Box<dyn Buffer>> =
        graph.outputs[states..].iter().map(|v| Cpu.allocate(graph.ty(*v)).unwrap()).collect();
    let mut seen = Vec::new();
    for _ in 0..2 {
        plan.execute(&mut state, &inputs, &mut out).map_err(|e| e.to_string())?;
        seen.push(state.iter().chain(&out).map(|b| b.read().unwrap()).collect());
    }
    Ok(seen)
}

/// Why the plan of a graph is wrong, if it is.
fn fault(graph: &Graph, states: usize, values: &[Value]) -> Option<String> {
    let got = match run(graph, states, values, 1) {
        Ok(got) => got,
        Err(e) => return Some(e),
    };
    if run(graph, states, values, 3).as_ref() != Ok(&got) && got.iter().flatten().all(finite) {
        return Some("other bits on three threads".into());
    }
    let mut values = values.to_vec();
    for (step, got) in got.iter().enumerate() {
        let want = evaluate(graph, &values).unwrap();
        let calm = want.iter().all(|v| finite(v) && v.to_f64().iter().all(|x| x.abs() < 1e3));
        if !calm {
            return None;
        }
        for (i, (g, w)) in got.iter().zip(&want).enumerate() {
            let scale = w.to_f64().iter().fold(1e-2f64, |m, x| m.max(x.abs()));
            let worst = g.to_f64().iter().zip(w.to_f64()).fold(0.0f64, |m, (g, w)| m.max((g - w).abs()));
            if worst.is_nan() || worst > 1e-3 * scale || g.shape() != w.shape() {
                return Some(format!("step {step}, output {i}: off by {worst} of {scale}"));
            }
        }
        values[..states].clone_from_slice(&want[..states]);
    }
    None
}

fn finite(v: &Value) -> bool {
    v.to_f64().iter().all(|x| x.is_finite())
}

fn agree(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let (graph, states, values) = graph(&mut Dice(Rng::new(seed, 7)));
        if let Some(fault) = fault(&graph, states, &values) {
            panic!("graph {seed} with {states} states: {fault}\n{graph}");
        }
    }
}

#[test]
fn plans_of_random_graphs_agree_with_the_plain_evaluation() {
    agree(0..300);
}

#[test]
#[ignore = "minutes: many more graphs than every run needs"]
fn plans_of_many_random_graphs_agree_with_the_plain_evaluation() {
    agree(300..20_000);
}
