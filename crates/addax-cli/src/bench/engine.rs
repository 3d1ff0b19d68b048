//! The engine's products and the making of plans.

use super::{Measured, random, runs};
use addax::core::backend::eager;
use addax::core::{Program, Trace};
use addax::data::synthetic;
use addax::prelude::*;
use std::time::Instant;

/// Square products of float32: the slowest of 512, 1024 and 2048 is the least value, the fastest the largest.
pub fn gemm(quick: bool) -> Result<Measured> {
    let mut values = Vec::new();
    for n in [512usize, 1024, 2048] {
        let trace = Trace::new();
        let (a, b) = (trace.parameter("a", DType::F32, [n, n]), trace.parameter("b", DType::F32, [n, n]));
        let graph = trace.finish(&[a.matmul(&b)])?;
        let device = eager();
        let mut plan = device.compile(&Program::pure(graph.clone()))?;
        let x = device.upload(&random(&[n, n], |r| r.uniform() as f32)?)?;
        let y = device.upload(&random(&[n, n], |r| r.uniform() as f32)?)?;
        let (inputs, mut out) = ([x, y], [device.allocate(graph.ty(graph.outputs[0]))?]);
        let repeats = (4096 / n).pow(2);
        let mut best = f64::INFINITY;
        for _ in 0..=runs(quick) {
            let begun = Instant::now();
            for _ in 0..repeats {
                plan.execute(&mut [], &inputs, &mut out)?;
            }
            best = best.min(begun.elapsed().as_secs_f64() / repeats as f64);
        }
        values.push(2.0 * (n as f64).powi(3) / best / 1e9);
    }
    Ok(Measured {
        metric: "gflops",
        unit: "GFLOP/s",
        values,
        floor: "2 n³ flops, n = 512, 1024, 2048".into(),
    })
}

/// From layers to a plan that has run once.
pub fn plan(quick: bool) -> Result<Measured> {
    let (x, y) = synthetic::sums(32, 0)?;
    let mut values = Vec::new();
    for _ in 0..runs(quick) {
        let begun = Instant::now();
        let mut model = Model::sequential(crate::lesson::layers(&[64, 64], None))?;
        model.compile(Compile::new("adam").loss("mse").metrics(["mae"]))?;
        model.train_on_batch(&x, &y, None)?;
        values.push(begun.elapsed().as_secs_f64() * 1e3);
    }
    Ok(Measured { metric: "plan_ms", unit: "ms", values, floor: "one step of 32 rows".into() })
}
