//! A metric with its totals, outside of any model.

use super::{Batch, Handle, Metric, MetricHandle, Reading};
use addax_core::{DType, Result, Tensor, Value};

/// A metric with its totals.
///
/// ```
/// use addax::metrics::{Batch, BinaryAccuracy, Running};
/// use addax::{Tensor, Value};
/// let mut metric = Running::new(BinaryAccuracy::new())?;
/// let (t, p) = (Tensor::from(Value::from(vec![0f32, 1.0])), Tensor::from(Value::from(vec![0.2f32, 0.3])));
/// metric.update(&Batch::new(&t, &p))?;
/// assert_eq!(metric.result()?, 0.5);
/// # Ok::<(), addax::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Running {
    metric: MetricHandle,
    totals: Option<Vec<Value>>,
}

impl Running {
    /// A metric that has seen nothing yet.
    pub fn new(metric: impl Into<Handle<dyn Metric>>) -> Result<Running> {
        let metric = metric.into();
        metric.get()?.check()?;
        Ok(Running { metric, totals: None })
    }

    /// Takes in a batch.
    pub fn update(&mut self, batch: &Batch) -> Result<()> {
        let metric = self.metric.get()?;
        let totals: Vec<Tensor> = match &self.totals {
            Some(values) => values.iter().cloned().map(Tensor::from).collect(),
            None => metric
                .totals(&batch.y_true.shape(), &batch.y_pred.shape())?
                .iter()
                .map(|s| Tensor::full(DType::F64, s, 0.0))
                .collect(),
        };
        let new = metric.update(&totals, batch)?;
        self.totals = Some(new.iter().map(Tensor::to_value).collect::<Result<_>>()?);
        Ok(())
    }

    /// Takes in values, for metrics of values: `Mean` and `Sum`.
    pub fn update_values(&mut self, values: &Tensor, weight: Option<&Tensor>) -> Result<()> {
        self.update(&Batch { weight, ..Batch::new(values, values) })
    }

    /// What the totals say; 0 before the first batch.
    pub fn result(&self) -> Result<Reading> {
        match &self.totals {
            Some(totals) => self.metric.get()?.result(totals),
            None => Ok(0.0.into()),
        }
    }

    /// Forgets all batches.
    pub fn reset(&mut self) {
        self.totals = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::{METRICS, Mean, MeanMetricWrapper, Sum};
    use serde_json::json;

    #[test]
    fn means_and_sums_of_values() {
        let values = Tensor::from(Value::from(vec![1f32, 3.0]));
        let weight = Tensor::from(Value::from(vec![1f32, 0.0]));
        let of = |m: &mut Running, w| {
            m.update_values(&values, w).unwrap();
            m.result().unwrap().number().unwrap()
        };
        assert_eq!(of(&mut Running::new(Mean::new()).unwrap(), None), 2.0);
        let mut sum = Running::new(Sum::new()).unwrap();
        assert_eq!((of(&mut sum, None), of(&mut sum, Some(&weight))), (4.0, 5.0));
        sum.reset();
        assert_eq!(sum.result().unwrap(), 0.0);
    }

    /// Every metric says the same however the rows are divided into batches.
    #[test]
    fn batches_may_be_divided_in_any_way() {
        let required = json!({"num_classes": 3, "target_class_ids": [0, 2], "specificity": 0.5, "sensitivity": 0.5,
            "recall": 0.5, "precision": 0.5, "fn": "mean_squared_error"});
        let p = Value::new(
            [5, 3],
            vec![0.1f32, 0.7, 0.2, 0.3, 0.3, 0.4, 0.9, 0.05, 0.05, 0.2, 0.2, 0.6, 0.5, 0.4, 0.1],
        )
        .unwrap();
        let one_hot =
            Value::new([5, 3], vec![0f32, 1., 0., 1., 0., 0., 1., 0., 0., 0., 0., 1., 0., 1., 0.]).unwrap();
        let (numbers, w) = (Value::from(vec![1i32, 0, 0, 2, 1]), Value::from(vec![1f32, 2.0, 0.0, 1.0, 3.0]));
        for def in METRICS {
            let config = (def.args)().into_iter().filter(|a| a.default.is_none());
            let config = config.map(|a| (a.name.to_string(), required[a.name].clone())).collect();
            let metric = (def.from_config)(&config).unwrap_or_else(|e| panic!("{}: {e}", def.name));
            let sparse = def.name.starts_with("Sparse");
            let t = if sparse { &numbers } else { &one_hot };
            let of = |parts: &[(usize, usize)]| {
                let mut running = Running::new(Handle::shared(metric.clone())).unwrap();
                for (a, b) in parts {
                    let cut = |v: &Value| Tensor::from(v.slice_rows(*a, *b).unwrap());
                    let (t, p, w) = (cut(t), cut(&p), cut(&w));
                    let batch = Batch { weight: Some(&w), ..Batch::new(&t, &p) };
                    running.update(&batch).unwrap_or_else(|e| panic!("{}: {e}", def.name));
                }
                running.result().unwrap().all().to_vec()
            };
            let (whole, parts) = (of(&[(0, 5)]), of(&[(0, 2), (2, 3), (3, 5)]));
            assert!(
                whole.iter().zip(&parts).all(|(a, b)| (a - b).abs() < 1e-6 && a.is_finite()),
                "{}: {whole:?} and {parts:?}",
                def.name
            );
        }
        assert_eq!(MeanMetricWrapper::DEF.name, "MeanMetricWrapper");
    }
}
