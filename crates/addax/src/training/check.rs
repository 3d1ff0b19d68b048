//! What is looked at before the first step, so that nothing trains silently wrong.

use super::session::row_shape;
use crate::losses::{Labels, LossHandle};
use crate::models::Network;
use addax_core::{DType, Error, Result, Shape, Value};

/// Checks the inputs against the model and casts them.
pub(crate) fn inputs(network: &Network, x: &[Value]) -> Result<Vec<Value>> {
    let names = network.input_names();
    if x.len() != names.len() {
        return Err(Error::value("x")
            .expected(format_args!("{} arrays ({})", names.len(), names.join(", ")))
            .got(x.len()));
    }
    let mut cast = Vec::new();
    for ((v, input), name) in x.iter().zip(network.inputs()).zip(&names) {
        let what = || if names.len() == 1 { "x".to_string() } else { format!("x \"{name}\"") };
        if v.rank() == 0 || v.rows() == 0 {
            return Err(Error::value(what()).expected("at least one row").got(Shape::of(v.shape())));
        }
        let sample = Shape::from(input.shape().dims()[1..].to_vec());
        let mut v = v.clone();
        // A plain vector is a column, as Keras takes it.
        if v.rank() == 1 && sample.rank() == 1 {
            v = v.reshape(&[v.rows(), 1])?;
        }
        if !sample.fits(&row_shape(&v)) {
            let got = Error::value(what()).expected(input.shape()).got(Shape::of(v.shape()));
            return Err(got.hint(format!(
                "The model's input \"{name}\" takes {} numbers per row.",
                sample.size().map_or("None".into(), |n| n.to_string())
            )));
        }
        cast.push(v.cast(input.dtype()));
    }
    same_rows("x", cast.iter())?;
    Ok(cast)
}

/// Checks the targets against outputs and losses and casts them.
pub(crate) fn targets(
    network: &Network,
    losses: &[LossHandle],
    x_rows: usize,
    y: &[Value],
) -> Result<Vec<Value>> {
    let names = network.output_names();
    if y.len() != names.len() {
        return Err(Error::value("y")
            .expected(format_args!("{} arrays ({})", names.len(), names.join(", ")))
            .got(y.len()));
    }
    let mut cast = Vec::new();
    for (((v, output), name), loss) in y.iter().zip(network.outputs()).zip(&names).zip(losses) {
        let what = if names.len() == 1 { "y".to_string() } else { format!("y \"{name}\"") };
        let labels = loss.get()?.labels();
        target(v, output.shape(), labels, loss.get()?.class_name()).map_err(|e| e.at(&what))?;
        if v.rows() != x_rows {
            return Err(Error::value(what).expected(format_args!("{x_rows} rows, as x has")).got(v.rows()));
        }
        cast.push(v.cast(super::session::target_dtype(labels)));
    }
    Ok(cast)
}

fn target(v: &Value, output: &Shape, labels: Labels, loss: &str) -> Result<()> {
    let shape = Shape::of(v.shape());
    if v.rank() == 0 || v.rows() == 0 {
        return Err(Error::value("targets").expected("at least one row").got(shape));
    }
    let (rank, width) = (output.rank(), output.get(-1).and_then(|d| d.known()).unwrap_or(1));
    let inner = |s: &Shape, n: usize| Shape::from(s.dims()[1..n].to_vec());
    if labels == Labels::ClassNumbers {
        let squeezed = if v.rank() == rank && v.shape()[rank - 1] == 1 { rank - 1 } else { v.rank() };
        if squeezed != rank - 1 || !inner(output, rank - 1).fits(&inner(&shape, squeezed)) {
            let e = Error::value(loss)
                .expected(format_args!("a class number per row for output {output}"))
                .got(shape);
            return Err(if v.rank() == rank {
                e.hint("For one-hot targets use categorical_crossentropy.")
            } else {
                e
            });
        }
        return class_numbers(v, width, loss);
    }
    let column = width == 1 && v.rank() + 1 == rank;
    let extra = v.rank() == rank + 1 && v.shape()[rank] == 1;
    let fits = if column || extra {
        true
    } else {
        v.rank() == rank && inner(output, rank).fits(&inner(&shape, rank))
    };
    if !fits {
        let e = Error::value(loss).expected(format_args!("targets of shape {output}")).got(&shape);
        let numbers = v.rank() + 1 == rank || v.shape().last() == Some(&1);
        return Err(match labels {
            Labels::Distribution if numbers => {
                e.hint("For class numbers use sparse_categorical_crossentropy.")
            }
            _ => e.hint("The shapes would broadcast or not fit at all; reshape y to the output's shape."),
        });
    }
    if labels == Labels::Probabilities {
        let bad = v.to_f64().into_iter().enumerate().find(|(_, t)| !(0.0..=1.0).contains(t) && !t.is_nan());
        if let Some((i, t)) = bad {
            let row = i / (v.len() / v.rows()).max(1);
            return Err(Error::value(loss)
                .expected("targets from 0 to 1")
                .got(format_args!("{t} in row {row}")));
        }
    }
    Ok(())
}

fn class_numbers(v: &Value, classes: usize, loss: &str) -> Result<()> {
    let numbers = v.to_f64();
    let bad =
        numbers.iter().enumerate().find(|(_, n)| n.fract() != 0.0 || **n < 0.0 || **n >= classes as f64);
    match bad {
        Some((row, n)) => {
            let wanted = format!("class numbers from 0 to {}", classes.saturating_sub(1));
            let e = Error::value(loss).expected(wanted).got(format_args!("{n} in row {row}"));
            Err(e.hint(format!("The output has {classes} classes.")))
        }
        None => Ok(()),
    }
}

/// Checks weights: one per row.
pub(crate) fn sample_weight(v: &Value, rows: usize) -> Result<Value> {
    if v.len() != rows {
        let got = Shape::of(v.shape());
        return Err(Error::value("sample_weight")
            .expected(format_args!("one weight for each of {rows} rows"))
            .got(got));
    }
    v.cast(DType::F32).reshape(&[rows])
}

/// Weights of rows from weights of classes: class numbers, or the place of the largest target.
pub(crate) fn class_weight(weights: &[(i64, f64)], y: &Value) -> Result<Value> {
    let rows = y.rows();
    let width = y.len() / rows.max(1);
    let numbers = y.to_f64();
    let class = |row: &[f64]| match row {
        [one] => one.round() as i64,
        many => (0..many.len()).fold(0, |best, i| if many[i] > many[best] { i } else { best }) as i64,
    };
    let weight = |c: i64| weights.iter().find(|(k, _)| *k == c).map_or(1.0, |(_, w)| *w);
    let each: Vec<f32> = numbers.chunks(width.max(1)).map(|row| weight(class(row)) as f32).collect();
    Value::new([rows], each)
}

fn same_rows<'a>(what: &str, arrays: impl Iterator<Item = &'a Value>) -> Result<()> {
    let rows: Vec<usize> = arrays.map(Value::rows).collect();
    match rows.windows(2).all(|w| w[0] == w[1]) {
        true => Ok(()),
        false => Err(Error::value(what)
            .expected("the same number of rows in every array")
            .got(format_args!("{rows:?}"))),
    }
}

/// The first row of an array that holds NaN or infinity.
pub(crate) fn first_not_finite(v: &Value) -> Option<usize> {
    let width = v.len() / v.rows().max(1);
    let at = match v.as_slice::<f32>() {
        Ok(s) => s.iter().position(|x| !x.is_finite()),
        Err(_) => v.to_f64().iter().position(|x| !x.is_finite()),
    };
    at.map(|i| i / width.max(1))
}
