//! The lesson's first model, as short as in Python: regression on the sum of ten numbers.

use addax::core::rng::Rng;
use addax::prelude::*;

fn main() -> Result<()> {
    set_random_seed(1);
    let mut rng = Rng::new(0, 0);
    let x: Vec<f32> = (0..10_000).map(|_| rng.uniform() as f32).collect();
    let y: Vec<f32> = x.chunks(10).map(|r| r.iter().sum::<f32>() + 0.1 * rng.normal() as f32).collect();
    let (x, y) = (Value::new([1000, 10], x)?, Value::from(y));
    let (x_train, x_test) = (x.slice_rows(0, 800)?, x.slice_rows(800, 1000)?);
    let (y_train, y_test) = (y.slice_rows(0, 800)?, y.slice_rows(800, 1000)?);

    let mut model = Model::sequential(
        Sequential::new()
            .add(Dense::new(64usize).activation("relu").input_shape([10]))
            .add(Dense::new(64usize).activation("relu"))
            .add(Dense::new(1usize)),
    )?;
    model.compile(Compile::new("adam").loss("mse").metrics(["mae"]))?;
    let fit = Fit::new().epochs(10).batch_size(32).validation_data(&x_test, &y_test);
    let history = model.fit(&x_train, &y_train, fit)?;
    println!("{}", model.summary());
    println!("{:?}", history.history.keys());
    let begun = std::time::Instant::now();
    model.fit(&x_train, &y_train, Fit::new().epochs(400).verbose(0).validation_data(&x_test, &y_test))?;
    println!("{:.2} us a step", begun.elapsed().as_secs_f64() * 1e6 / (400.0 * 25.0));
    if let Some(session) = model.session() {
        for (name, report) in session.reports() {
            println!("{name}: {} flops, {} bytes", report.flops, report.arena_bytes);
            report.steps.iter().for_each(|s| println!("  {:>8} {} [{}]", s.flops, s.name, s.scope));
        }
    }
    Ok(())
}
