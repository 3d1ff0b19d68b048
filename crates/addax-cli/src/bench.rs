//! `addax bench`: the project's benchmarks, one JSON object a line.

use addax::core::rng::Rng;
use addax::data::synthetic;
use addax::prelude::*;
use std::time::Instant;

/// Measures.
#[derive(clap::Args)]
pub struct Args {
    /// W1 (the lesson's step with validation), W1-noval, W3 (an MLP on 28 × 28 inputs), plan; all if none is named.
    workloads: Vec<String>,
    /// Fewer runs.
    #[arg(long)]
    quick: bool,
}

/// What a run gives: its figures, and the least work that it could be.
struct Measured {
    metric: &'static str,
    unit: &'static str,
    values: Vec<f64>,
    floor: String,
}

type Workload = (&'static str, fn(bool) -> Result<Measured>);

const WORKLOADS: &[Workload] =
    &[("W1", |q| w1(q, true)), ("W1-noval", |q| w1(q, false)), ("W3", w3), ("plan", plan)];

pub fn run(args: &Args) -> Result<()> {
    let known = WORKLOADS.iter().map(|w| w.0);
    if let Some(name) = args.workloads.iter().find(|n| !known.clone().any(|k| k == n.as_str())) {
        return Err(Error::unknown("workload", name, known));
    }
    for (name, measure) in
        WORKLOADS.iter().filter(|w| args.workloads.is_empty() || args.workloads.iter().any(|n| n == w.0))
    {
        let m = measure(args.quick)?;
        let mut v = m.values;
        v.sort_by(f64::total_cmp);
        let (min, max) = (v.first().copied().unwrap_or(f64::NAN), v.last().copied().unwrap_or(f64::NAN));
        let median = v.get(v.len() / 2).copied().unwrap_or(f64::NAN);
        let line = serde_json::json!({
            "workload": name, "metric": m.metric, "unit": m.unit, "min": min, "median": median, "max": max,
            "n": v.len(), "threads": addax::devices::threads(), "floor": m.floor,
        });
        println!("{line}");
    }
    Ok(())
}

fn runs(quick: bool) -> usize {
    if quick { 3 } else { 7 }
}

/// Floating-point operations of the training plan's products, per step.
fn flops(model: &Model) -> u64 {
    let reports = model.session().map(|s| s.reports()).unwrap_or_default();
    reports.iter().find(|(name, _)| name.starts_with("Train")).map_or(0, |(_, r)| r.flops)
}

fn w1(quick: bool, validation: bool) -> Result<Measured> {
    let (x, y) = synthetic::sums(1000, 0)?;
    let (xt, xv, yt, yv) =
        (x.slice_rows(0, 800)?, x.slice_rows(800, 1000)?, y.slice_rows(0, 800)?, y.slice_rows(800, 1000)?);
    let mut model = Model::sequential(super::lesson::layers(&[64, 64], None))?;
    model.compile(Compile::new("adam").loss("mse").metrics(["mae"]))?;
    let epochs = if quick { 20 } else { 80 };
    let fit = |epochs: usize| {
        let fit = Fit::new().epochs(epochs).batch_size(32).verbose(0);
        if validation { fit.validation_data(&xv, &yv) } else { fit }
    };
    model.fit(&xt, &yt, fit(5))?;
    let mut values = Vec::new();
    for _ in 0..runs(quick) {
        let begun = Instant::now();
        model.fit(&xt, &yt, fit(epochs))?;
        values.push(begun.elapsed().as_secs_f64() * 1e6 / (epochs * 25) as f64);
    }
    let floor = format!("{} flops a step", flops(&model));
    Ok(Measured { metric: "us_per_step", unit: "us/step", values, floor })
}

fn w3(quick: bool) -> Result<Measured> {
    let n = if quick { 2560 } else { 12_800 };
    let mut rng = Rng::new(1, 0);
    let x = Value::new([n, 784], (0..n * 784).map(|_| rng.uniform() as f32).collect::<Vec<f32>>())?;
    let y = Value::from((0..n).map(|_| rng.below(10) as i32).collect::<Vec<i32>>());
    let layers = Sequential::new()
        .add(Dense::new(512usize).activation("relu").input_shape([784]))
        .add(Dropout::new(0.2))
        .add(Dense::new(512usize).activation("relu"))
        .add(Dropout::new(0.2))
        .add(Dense::new(10usize).activation("softmax"));
    let mut model = Model::sequential(layers)?;
    model.compile(Compile::new("adam").loss("sparse_categorical_crossentropy").metrics(["accuracy"]))?;
    let mut values = Vec::new();
    for i in 0..=runs(quick) {
        let begun = Instant::now();
        model.fit(&x, &y, Fit::new().batch_size(128).verbose(0))?;
        if i > 0 {
            values.push(n as f64 / begun.elapsed().as_secs_f64());
        }
    }
    let floor = format!("{} flops a step of 128 samples", flops(&model));
    Ok(Measured { metric: "samples_per_s", unit: "samples/s", values, floor })
}

/// From layers to a plan that has run once.
fn plan(quick: bool) -> Result<Measured> {
    let (x, y) = synthetic::sums(32, 0)?;
    let mut values = Vec::new();
    for _ in 0..runs(quick) {
        let begun = Instant::now();
        let mut model = Model::sequential(super::lesson::layers(&[64, 64], None))?;
        model.compile(Compile::new("adam").loss("mse").metrics(["mae"]))?;
        model.train_on_batch(&x, &y, None)?;
        values.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(Measured { metric: "plan_ms", unit: "ms", values, floor: "one step of 32 rows".into() })
}
