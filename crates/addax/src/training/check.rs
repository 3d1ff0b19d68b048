//! What is looked at before the first step, so that nothing trains silently wrong.

use super::arrays::Arrays;
use super::objective::{Term, labels, target_dtype};
use super::session::row_shape;
use crate::losses::Labels;
use crate::models::Network;
use addax_core::{DType, Error, Result, Shape, Value};

/// Checks the inputs against the model and casts them.
pub(crate) fn inputs(network: &Network, x: &Arrays) -> Result<Vec<Value>> {
    let names = network.input_names();
    let x = x.by_name("x", &names, &vec![true; names.len()])?;
    let mut cast = Vec::new();
    for ((v, input), name) in x.into_iter().flatten().zip(network.inputs()).zip(&names) {
        let what = || if names.len() == 1 { "x".to_string() } else { format!("x \"{name}\"") };
        if v.rank() == 0 || v.rows() == 0 {
            return Err(Error::value(what()).expected("at least one row").got(Shape::of(v.shape())));
        }
        let sample = Shape::from(input.shape().dims()[1..].to_vec());
        let mut v = v;
        if input.is_text() {
            if v.dtype() != DType::U8 {
                return Err(Error::type_(what()).expected("text").got(v.dtype()));
            }
            if v.rank() == 2 && sample.rank() == 2 {
                v = v.reshape(&[v.rows(), 1, v.shape()[1]])?;
            }
            if !sample.fits(&row_shape(&v)) {
                let got = Shape::of(&v.shape()[..v.rank() - 1]);
                return Err(Error::value(what()).expected(input.shown_shape()).got(got));
            }
        }
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

/// Checks the targets against outputs and losses and casts them; outputs that nothing is asked of may have none.
pub(crate) fn targets(
    network: &Network,
    terms: &[Term],
    x_rows: usize,
    y: Vec<Option<Value>>,
) -> Result<Vec<Option<Value>>> {
    let names = network.output_names();
    let mut cast = Vec::new();
    for (i, v) in y.into_iter().enumerate() {
        let Some(v) = v else {
            cast.push(None);
            continue;
        };
        let what = if names.len() == 1 { "y".to_string() } else { format!("y \"{}\"", names[i]) };
        if v.rank() == 0 || v.rows() == 0 {
            return Err(Error::value(what).expected("at least one row").got(Shape::of(v.shape())));
        }
        for (labels, loss) in labels(terms, i)? {
            target(&v, network.outputs()[i].shape(), labels, loss).map_err(|e| e.at(&what))?;
        }
        if v.rows() != x_rows {
            return Err(Error::value(what).expected(format_args!("{x_rows} rows, as x has")).got(v.rows()));
        }
        cast.push(Some(v.cast(target_dtype(terms, i)?)));
    }
    Ok(cast)
}

/// The axes of a shape without the batch and, if given, another one.
fn inner(s: &Shape, without: Option<usize>) -> Shape {
    let kept = s.dims().iter().enumerate().skip(1).filter(|(i, _)| Some(*i) != without);
    kept.map(|(_, d)| *d).collect::<Vec<_>>().into()
}

fn target(v: &Value, output: &Shape, labels: Labels, loss: &str) -> Result<()> {
    match labels {
        Labels::ClassNumbers { axis, ignored } => class_numbers(v, output, axis, ignored, loss),
        Labels::Groups => groups(v, loss),
        Labels::Sequences => sequences(v, output, loss),
        _ => same(v, output, labels, loss),
    }
}

/// Targets in the shape of the output.
fn same(v: &Value, output: &Shape, labels: Labels, loss: &str) -> Result<()> {
    let shape = Shape::of(v.shape());
    let rank = output.rank();
    let column = output.get(-1).is_some_and(|d| d == 1usize) && v.rank() + 1 == rank;
    let extra = v.rank() == rank + 1 && v.shape()[rank] == 1;
    let fits = match (column, extra) {
        (true, _) => inner(output, Some(rank - 1)).fits(&inner(&shape, None)),
        (_, true) => inner(output, None).fits(&inner(&shape, Some(rank))),
        _ => v.rank() == rank && inner(output, None).fits(&inner(&shape, None)),
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
            let e = Error::value(loss).expected("targets from 0 to 1");
            return Err(e.got(format_args!("{t} in row {row}")));
        }
    }
    Ok(())
}

/// A class number per sample, without the axis of the classes or with a length of 1 there.
fn class_numbers(v: &Value, output: &Shape, axis: isize, ignored: Option<i64>, loss: &str) -> Result<()> {
    let (shape, rank) = (Shape::of(v.shape()), output.rank());
    let at = if axis < 0 { axis + rank as isize } else { axis };
    let at = usize::try_from(at).ok().filter(|a| *a < rank);
    let at = at.ok_or_else(|| Error::value(loss).expected(format_args!("an axis of {output}")).got(axis))?;
    let single = v.rank() == rank && v.shape()[at] == 1;
    let fits = match single {
        true => inner(output, Some(at)).fits(&inner(&shape, Some(at))),
        false => v.rank() + 1 == rank && inner(output, Some(at)).fits(&inner(&shape, None)),
    };
    if !fits {
        let e = Error::value(loss).expected(format_args!("a class number per row for output {output}"));
        let e = e.got(&shape);
        let hot = v.rank() == rank;
        return Err(if hot { e.hint("For one-hot targets use categorical_crossentropy.") } else { e });
    }
    let classes = output.dims()[at].known().unwrap_or(usize::MAX);
    let per_row = v.len() / v.rows();
    let wrong = |n: f64| {
        n.fract() != 0.0 || (n < 0.0 || n >= classes as f64) && ignored.is_none_or(|i| n != i as f64)
    };
    match v.to_f64().into_iter().enumerate().find(|(_, n)| wrong(*n)) {
        Some((i, n)) => {
            let wanted = format!("class numbers from 0 to {}", classes.saturating_sub(1));
            let e =
                Error::value(loss).expected(wanted).got(format_args!("{n} in row {}", i / per_row.max(1)));
            Err(e.hint(format!("The output has {classes} classes.")))
        }
        None => Ok(()),
    }
}

/// A whole number per row.
fn groups(v: &Value, loss: &str) -> Result<()> {
    if v.len() != v.rows() {
        let e = Error::value(loss).expected("the number of a group per row");
        return Err(e.got(Shape::of(v.shape())));
    }
    match v.to_f64().iter().position(|n| n.fract() != 0.0) {
        Some(row) => {
            Err(Error::value(loss).expected("whole numbers").got(format_args!("another in row {row}")))
        }
        None => Ok(()),
    }
}

/// Sequences of class numbers against outputs of shape (batch, steps, classes).
fn sequences(v: &Value, output: &Shape, loss: &str) -> Result<()> {
    if v.rank() != 2 || output.rank() != 3 {
        let e = Error::value(loss).expected("targets (batch, labels) and outputs (batch, steps, classes)");
        return Err(e.got(format_args!("{} and {output}", Shape::of(v.shape()))));
    }
    let classes = output.get(-1).and_then(|d| d.known()).unwrap_or(usize::MAX);
    let bad = v.to_f64().into_iter().position(|n| n.fract() != 0.0 || n < 0.0 || n >= classes as f64);
    match bad {
        Some(i) => Err(Error::value(loss)
            .expected(format_args!("class numbers below {classes}"))
            .got(format_args!("another in row {}", i / v.shape()[1].max(1)))),
        None => Ok(()),
    }
}

/// Checks weights: one per row, or one per row and step of the output.
pub(crate) fn sample_weight(v: &Value, rows: usize, output: &Shape) -> Result<Value> {
    let shape = Shape::of(v.shape());
    let wrong = |wanted: String| Err(Error::value("sample_weight").expected(wanted).got(&shape));
    if v.rank() == 0 || v.rows() != rows {
        return wrong(format!("one weight for each of {rows} rows"));
    }
    if v.len() == rows {
        return v.cast(DType::F32).reshape(&[rows]);
    }
    let leading = Shape::from(output.dims().iter().skip(1).take(v.rank() - 1).copied().collect::<Vec<_>>());
    match leading.fits(&row_shape(v)) {
        true => Ok(v.cast(DType::F32)),
        false => wrong(format!("one weight for each of {rows} rows, or for each step of {output}")),
    }
}

/// Weights of the outputs: one array for all of them, or one each.
pub(crate) fn weights(network: &Network, w: &Arrays, rows: usize) -> Result<Vec<Option<Value>>> {
    let names = network.output_names();
    let one = match w {
        Arrays::List(list) if list.len() == 1 => list.first(),
        _ => None,
    };
    let each = match one {
        Some(w) if names.len() > 1 && w.len() != w.rows() => {
            let e = Error::value("sample_weight").expected("one weight per row, or one array per output");
            return Err(e.got(Shape::of(w.shape())));
        }
        Some(w) => vec![Some(w.clone()); names.len()],
        None => w.by_name("sample_weight", &names, &vec![false; names.len()])?,
    };
    let checked = |(w, output): (Option<Value>, &crate::models::Symbolic)| {
        w.map(|w| sample_weight(&w, rows, output.shape())).transpose()
    };
    each.into_iter().zip(network.outputs()).map(checked).collect()
}

/// Weights of rows from weights of classes: class numbers, or the place of the largest target; classes that are not
/// named weigh 1.
pub fn class_weight(weights: &[(i64, f64)], y: &Value) -> Result<Value> {
    let rows = y.rows();
    if y.rank() == 0 || y.rank() > 2 || rows == 0 {
        let e = Error::value("class_weight").expected("targets of shape (batch,) or (batch, classes)");
        return Err(e.got(Shape::of(y.shape())));
    }
    let width = y.len() / rows;
    let numbers = y.to_f64();
    let class = |row: &[f64]| match row {
        [one] => one.round_ties_even() as i64,
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
        Err(_) if !v.dtype().is_float() => None,
        Err(_) => v.to_f64().iter().position(|x| !x.is_finite()),
    };
    at.map(|i| i / width.max(1))
}
