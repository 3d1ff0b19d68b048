//! `addax bench`: the project's benchmarks, one JSON object a line.

mod dense;
mod engine;
mod image;
mod sequence;

use addax::core::rng::Rng;
use addax::prelude::*;
use std::time::Instant;

/// Measures.
#[derive(clap::Args)]
pub struct Args {
    /// W1 (the lesson's step with validation), W1-noval, W1-process (the whole program), W2-16, W2-32, W2-64 (a wider
    /// model), W3 (an MLP on 28 × 28 inputs), W4 (a convnet), W5 (ResNet-20), W6 (an LSTM), W7 (a transformer),
    /// predict (one row), gemm, plan; all if none is named.
    workloads: Vec<String>,
    /// Fewer runs.
    #[arg(long)]
    quick: bool,
    /// How many threads to work with.
    #[arg(long, value_name = "T")]
    threads: Option<usize>,
}

/// What a run gives: its figures, and the least work that it could be.
struct Measured {
    metric: &'static str,
    unit: &'static str,
    values: Vec<f64>,
    floor: String,
}

type Workload = (&'static str, fn(bool) -> Result<Measured>);

const WORKLOADS: &[Workload] = &[
    ("W1", |q| dense::w1(q, true)),
    ("W1-noval", |q| dense::w1(q, false)),
    ("W1-process", dense::process),
    ("W2-16", |q| dense::w2(q, 16)),
    ("W2-32", |q| dense::w2(q, 32)),
    ("W2-64", |q| dense::w2(q, 64)),
    ("W3", dense::w3),
    ("W4", image::w4),
    ("W5", image::w5),
    ("W6", sequence::w6),
    ("W7", sequence::w7),
    ("predict", dense::predict),
    ("gemm", engine::gemm),
    ("plan", engine::plan),
];

pub fn run(args: &Args) -> Result<()> {
    let known = WORKLOADS.iter().map(|w| w.0);
    if let Some(name) = args.workloads.iter().find(|n| !known.clone().any(|k| k == n.as_str())) {
        return Err(Error::unknown("workload", name, known));
    }
    if let Some(threads) = args.threads {
        addax::devices::set_threads(threads)?;
    }
    for (name, measure) in
        WORKLOADS.iter().filter(|w| args.workloads.is_empty() || args.workloads.iter().any(|n| n == w.0))
    {
        let m = measure(args.quick)?;
        let mut v = m.values;
        v.sort_by(f64::total_cmp);
        let (min, max) = (v.first().copied().unwrap_or(f64::NAN), v.last().copied().unwrap_or(f64::NAN));
        let line = serde_json::json!({
            "workload": name, "metric": m.metric, "unit": m.unit, "min": min, "median": median(&v), "max": max,
            "n": v.len(), "threads": addax::devices::threads(), "floor": m.floor,
        });
        println!("{line}");
    }
    Ok(())
}

/// Of sorted numbers.
fn median(v: &[f64]) -> f64 {
    match v.len() {
        0 => f64::NAN,
        n if n.is_multiple_of(2) => (v[n / 2 - 1] + v[n / 2]) / 2.0,
        n => v[n / 2],
    }
}

fn runs(quick: bool) -> usize {
    if quick { 3 } else { 7 }
}

/// Random numbers in a shape.
fn random(shape: &[usize], of: impl Fn(&mut Rng) -> f32) -> Result<Value> {
    let mut rng = Rng::new(1, 0);
    Value::new(shape, (0..shape.iter().product()).map(|_| of(&mut rng)).collect::<Vec<f32>>())
}

/// One row of ten per sample, 1 at a random class.
fn one_hot(rows: usize) -> Result<Value> {
    let (mut rng, mut data) = (Rng::new(2, 0), vec![0f32; rows * 10]);
    data.chunks_mut(10).for_each(|row| row[rng.below(10) as usize] = 1.0);
    Value::new([rows, 10], data)
}

/// Floating-point operations and working memory of the training plan's steps.
fn floor(model: &Model, batch: usize) -> String {
    let reports = model.session().map(|s| s.reports()).unwrap_or_default();
    let train = reports.iter().find(|(name, _)| name.starts_with("Train"));
    let (flops, bytes) = train.map_or((0, 0), |(_, r)| (r.flops, r.arena_bytes));
    format!("{flops} flops, {bytes} bytes of working memory a step of {batch} samples")
}

/// Samples a second of whole epochs, after one that does not count.
fn epochs(model: &mut Model, x: &Value, y: &Value, batch: usize, quick: bool) -> Result<Measured> {
    let mut values = Vec::new();
    for i in 0..=runs(quick) {
        let begun = Instant::now();
        model.fit(x, y, Fit::new().batch_size(batch).verbose(0))?;
        if i > 0 {
            values.push(x.rows() as f64 / begun.elapsed().as_secs_f64());
        }
    }
    Ok(Measured { metric: "samples_per_s", unit: "samples/s", values, floor: floor(model, batch) })
}
