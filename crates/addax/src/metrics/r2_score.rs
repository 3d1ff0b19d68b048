//! The coefficient of determination.

use super::{Batch, Direction, Metric, Reading, metric_arguments, metric_class};
use crate::losses::{align, spread};
use addax_core::{DType, Error, Result, Shape, Tensor, Value};

metric_class! {
    /// `1 - Σ (t - p)² / Σ (t - mean t)²` of each output, averaged; 1 is perfect, 0 as good as the mean.
    R2Score ["r2_score"] "r2_score".into(); () {
        /// None: one number per output; `uniform_average` or `variance_weighted_average`.
        class_aggregation: Option<String> = Some("uniform_average".to_string()),
        /// How many independent regressors the adjusted score counts; 0: not adjusted.
        num_regressors: usize = 0,
    } {}
}

impl Metric for R2Score {
    metric_arguments!(Some(Direction::Up));

    fn totals(&self, y_true: &Shape, y_pred: &Shape) -> Result<Vec<Shape>> {
        let column = y_true.rank() == 1 && y_pred.get(-1).is_some_and(|d| d == 1usize);
        let [_, outputs] = y_pred.dims() else {
            let e = Error::value("R2Score").expected("outputs of shape (batch, outputs)");
            return Err(e.got(y_pred));
        };
        if y_true.rank() != 2 && !column {
            let e = Error::value("R2Score").expected("targets of shape (batch, outputs)");
            return Err(e.got(y_true));
        }
        let each = Shape::from(vec![*outputs]);
        Ok(vec![Shape::scalar(), each.clone(), each.clone(), each.clone(), each])
    }

    fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>> {
        let (t, p) = align(batch.y_true.check()?, &batch.y_pred.check()?.cast(DType::F32));
        let elements = t.count(&[0, 1]);
        let weight = match batch.weight {
            Some(w) => spread(&w.cast(DType::F32), &t.shape()),
            None => t.filled(1.0),
        };
        let weighted = &t * &weight;
        let residual = (&t - p).square() * &weight;
        let sums = [&t * &weighted, weighted, residual, weight].map(|x| x.sum(&[0]));
        Ok([elements].into_iter().chain(sums).collect())
    }

    fn result(&self, totals: &[Value]) -> Result<Reading> {
        let [samples, squares, sums, residuals, counts] = totals else {
            return Err(Error::value("totals").expected(5).got(totals.len()));
        };
        let [squares, sums, residuals, counts] = [squares, sums, residuals, counts].map(Value::to_f64);
        let total = |i: usize| squares[i] - sums[i] * (sums[i] / counts[i]);
        let score = |i: usize| {
            let raw = 1.0 - residuals[i] / total(i);
            if raw.is_infinite() { 0.0 } else { raw }
        };
        let n = squares.len();
        let raw = match self.class_aggregation.as_deref() {
            None => {
                return Ok((0..n)
                    .map(|i| self.adjusted(score(i), samples))
                    .collect::<Result<Vec<f64>>>()?
                    .into());
            }
            Some("variance_weighted_average") => {
                (0..n).map(|i| total(i) * score(i)).sum::<f64>() / (0..n).map(total).sum::<f64>()
            }
            Some(_) => (0..n).map(score).sum::<f64>() / n.max(1) as f64,
        };
        Ok(self.adjusted(raw, samples)?.into())
    }

    fn check(&self) -> Result<()> {
        let known = ["uniform_average", "variance_weighted_average"];
        match self.class_aggregation.as_deref().filter(|a| !known.contains(a)) {
            Some(name) => Err(Error::unknown("class_aggregation", name, known)),
            None => Ok(()),
        }
    }
}

impl R2Score {
    /// Less for more regressors; as it is where there are too few samples for that.
    fn adjusted(&self, score: f64, samples: &Value) -> Result<f64> {
        let (n, p) = (samples.item()?, self.num_regressors as f64);
        if p == 0.0 || p >= n - 1.0 {
            return Ok(score);
        }
        Ok(1.0 - (1.0 - score) * (n - 1.0) / (n - p - 1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Running;

    #[test]
    fn the_mean_scores_zero_and_the_truth_one() {
        let t = Tensor::from(Value::new([3, 2], vec![1f32, 1.0, 2.0, 2.0, 3.0, 3.0]).unwrap());
        let p = Tensor::from(Value::new([3, 2], vec![2f32, 1.0, 2.0, 2.0, 2.0, 3.0]).unwrap());
        let mut running = Running::new(R2Score::new().class_aggregation(None)).unwrap();
        running.update(&Batch::new(&t, &p)).unwrap();
        assert_eq!(running.result().unwrap(), Reading::List(vec![0.0, 1.0]));
    }
}
