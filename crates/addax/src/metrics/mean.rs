//! Running means and sums.

use super::{Batch, Direction, Metric, Reading, metric_class};
use crate::fields::Name;
use crate::losses::spread;
use addax_core::{DType, Error, Result, Shape, Tensor, Value};

/// The totals of a mean: sum and count.
pub(super) fn totals() -> Vec<Shape> {
    vec![Shape::scalar(), Shape::scalar()]
}

/// Values in the element type that a metric asks for.
pub(super) fn typed(values: Tensor, dtype: Option<DType>) -> Tensor {
    match dtype {
        Some(d) if d.is_float() => values.cast(d),
        _ => values,
    }
}

/// What a batch's values add to sum and count: each row counts once, or as its weight says. `counted` says which values
/// there are; as in Keras, that is asked only where there are weights.
pub(super) fn sums(values: &Tensor, counted: Option<Tensor>, batch: &Batch) -> Result<Vec<Tensor>> {
    let shape = values.check()?.shape();
    let inner: Vec<usize> = (1..shape.rank()).collect();
    let per_row = |sum: Tensor| match inner.is_empty() {
        true => sum,
        false => sum / values.count(&inner),
    };
    let Some(weight) = weights(batch, values.dtype(), counted) else {
        let rows = if shape.rank() == 0 { Tensor::constant(values.dtype(), 1.0) } else { values.count(&[0]) };
        return Ok(vec![per_row(values.sum_all()), rows]);
    };
    if weight.rank() > shape.rank() && weight.dim(-1) != 1usize {
        let e = Error::value("weights or mask").expected(format_args!("at most {} axes", shape.rank()));
        return Err(e.got(weight.shape()));
    }
    let weight = spread(&weight, &shape);
    Ok(vec![per_row((values * &weight).sum_all()), per_row(weight.sum_all())])
}

/// Weights and masks as one.
fn weights(batch: &Batch, dtype: DType, counted: Option<Tensor>) -> Option<Tensor> {
    let join = |a: Option<Tensor>, b: Option<Tensor>| match (a, b) {
        (Some(a), Some(b)) if a.rank() <= b.rank() => Some(spread(&a, &b.shape()) * b),
        (Some(a), Some(b)) => Some(spread(&b, &a.shape()) * a),
        (a, b) => a.or(b),
    };
    let both = join(batch.weight.map(|w| w.cast(dtype)), batch.mask.map(|m| m.cast(dtype)))?;
    join(Some(both), counted.map(|c| c.cast(dtype)))
}

/// Sum divided by count; 0 where nothing was counted.
pub(super) fn result(totals: &[Value]) -> Result<f64> {
    match totals {
        [sum, count] => Ok(quotient(sum.item()?, count.item()?)),
        _ => Err(Error::value("totals").expected(2).got(totals.len())),
    }
}

/// `a / b`, and 0 where b is 0.
pub(super) fn quotient(a: f64, b: f64) -> f64 {
    if b == 0.0 { 0.0 } else { a / b }
}

metric_class! {
    /// The mean of the values it is given; rows count as their weights say.
    Mean ["mean"] "mean".into(); () {} {}
}

metric_class! {
    /// The sum of the values it is given, times their weights.
    Sum ["sum"] "sum".into(); () {} {}
}

impl Metric for Mean {
    fn name(&self) -> &Name {
        &self.name
    }

    fn totals(&self, _: &Shape, _: &Shape) -> Result<Vec<Shape>> {
        Ok(totals())
    }

    fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>> {
        sums(&typed(batch.y_pred.clone(), self.dtype), None, batch)
    }

    fn result(&self, totals: &[Value]) -> Result<Reading> {
        Ok(result(totals)?.into())
    }

    fn direction(&self) -> Option<Direction> {
        None
    }

    fn takes_values(&self) -> bool {
        true
    }
}

impl Metric for Sum {
    fn name(&self) -> &Name {
        &self.name
    }

    fn totals(&self, _: &Shape, _: &Shape) -> Result<Vec<Shape>> {
        Ok(vec![Shape::scalar()])
    }

    fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>> {
        let values = typed(batch.y_pred.clone(), self.dtype);
        Ok(vec![match weights(batch, values.dtype(), None) {
            Some(w) => (&values * spread(&w, &values.shape())).sum_all(),
            None => values.sum_all(),
        }])
    }

    fn result(&self, totals: &[Value]) -> Result<Reading> {
        totals.first().ok_or_else(|| Error::value("totals"))?.item().map(Reading::Number)
    }

    fn direction(&self) -> Option<Direction> {
        None
    }

    fn takes_values(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: Value, weight: Option<Value>, mask: Option<Value>) -> f64 {
        let (v, w, m) = (Tensor::from(values), weight.map(Tensor::from), mask.map(Tensor::from));
        let batch = Batch { y_true: &v, y_pred: &v, weight: w.as_ref(), mask: m.as_ref() };
        let totals = sums(&v, None, &batch).unwrap();
        result(&totals.iter().map(|t| t.to_value().unwrap()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn weights_and_masks_choose_what_counts() {
        let values = Value::new([2, 2], vec![1f32, 3.0, 5.0, 100.0]).unwrap();
        let rows = Value::from(vec![1f32, 0.0]);
        assert_eq!(of(values.clone(), Some(rows.clone()), None), 2.0);
        let mask = Value::new([2, 2], vec![true, true, true, false]).unwrap();
        assert_eq!(of(values.clone(), None, Some(mask.clone())), 3.0);
        assert_eq!(of(values.clone(), Some(rows), Some(mask)), 2.0);
        assert_eq!(of(values, Some(Value::from(vec![0f32, 0.0])), None), 0.0);
    }
}
