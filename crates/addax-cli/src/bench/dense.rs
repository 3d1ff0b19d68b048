//! Models of dense layers.

use super::{Measured, epochs, floor, one_hot, random, runs};
use addax::data::synthetic;
use addax::prelude::*;
use std::process::{Command, Stdio};
use std::time::Instant;

/// Microseconds per training step on the lesson's rows, whole epochs taken together.
fn steps(layers: Sequential, batch: usize, validation: bool, quick: bool) -> Result<Measured> {
    let (x, y) = synthetic::sums(1000, 0)?;
    let (xt, xv, yt, yv) =
        (x.slice_rows(0, 800)?, x.slice_rows(800, 1000)?, y.slice_rows(0, 800)?, y.slice_rows(800, 1000)?);
    let mut model = Model::sequential(layers)?;
    model.compile(Compile::new("adam").loss("mse").metrics(["mae"]))?;
    let epochs = if quick { 20 } else { 80 };
    let fit = |epochs: usize| {
        let fit = Fit::new().epochs(epochs).batch_size(batch).verbose(0);
        if validation { fit.validation_data(&xv, &yv) } else { fit }
    };
    model.fit(&xt, &yt, fit(5))?;
    let mut values = Vec::new();
    for _ in 0..runs(quick) {
        let begun = Instant::now();
        model.fit(&xt, &yt, fit(epochs))?;
        values.push(begun.elapsed().as_secs_f64() * 1e6 / (epochs * 800usize.div_ceil(batch)) as f64);
    }
    Ok(Measured { metric: "us_per_step", unit: "us/step", values, floor: floor(&model, batch) })
}

pub fn w1(quick: bool, validation: bool) -> Result<Measured> {
    steps(crate::lesson::layers(&[64, 64], None), 32, validation, quick)
}

pub fn w2(quick: bool, batch: usize) -> Result<Measured> {
    let dense = |units: usize| Dense::new(units).activation("relu");
    let layers = Sequential::new()
        .add(dense(64).input_shape([10]))
        .add(Dropout::new(0.2))
        .add(dense(128))
        .add(Dropout::new(0.2))
        .add(dense(32))
        .add(Dense::new(1usize));
    steps(layers, batch, true, quick)
}

pub fn w3(quick: bool) -> Result<Measured> {
    let n = if quick { 2560 } else { 12_800 };
    let layers = Sequential::new()
        .add(Dense::new(512usize).activation("relu").input_shape([784]))
        .add(Dropout::new(0.2))
        .add(Dense::new(512usize).activation("relu"))
        .add(Dropout::new(0.2))
        .add(Dense::new(10usize).activation("softmax"));
    let mut model = Model::sequential(layers)?;
    model.compile(Compile::new("adam").loss("categorical_crossentropy").metrics(["accuracy"]))?;
    epochs(&mut model, &random(&[n, 784], |r| r.uniform() as f32)?, &one_hot(n)?, 128, quick)
}

/// This program, run on the lesson's first training from start to exit.
pub fn process(quick: bool) -> Result<Measured> {
    let path = std::env::current_exe().map_err(|e| Error::io("addax", e))?;
    let mut values = Vec::new();
    for _ in 0..=3 * runs(quick) {
        let begun = Instant::now();
        let mut lesson = Command::new(&path);
        lesson.args(["lesson", "--short"]).stdin(Stdio::null()).stdout(Stdio::null());
        let status = lesson.status().map_err(|e| Error::io("addax lesson", e))?;
        if !status.success() {
            return Err(Error::value("addax lesson").expected("to succeed").got(status));
        }
        values.push(begun.elapsed().as_secs_f64());
    }
    // The first run brings the program into memory.
    values.remove(0);
    Ok(Measured {
        metric: "seconds",
        unit: "s",
        values,
        floor: "start, data, 10 epochs of 25 steps, exit".into(),
    })
}

/// One row through the lesson's model.
pub fn predict(quick: bool) -> Result<Measured> {
    let mut model = Model::sequential(crate::lesson::layers(&[64, 64], None))?;
    let x = random(&[1, 10], |r| r.uniform() as f32)?;
    let each = 1000;
    let mut values = Vec::new();
    for i in 0..=3 * runs(quick) {
        let begun = Instant::now();
        for _ in 0..each {
            std::hint::black_box(model.predict(&x)?);
        }
        if i > 0 {
            values.push(begun.elapsed().as_secs_f64() * 1e6 / f64::from(each));
        }
    }
    Ok(Measured { metric: "us_per_row", unit: "us", values, floor: "9,728 flops".into() })
}
