//! F-scores: the harmonic mean of precision and recall.

use super::{Batch, Direction, Metric, Reading, metric_arguments, metric_class};
use crate::fields::within;
use crate::losses::EPSILON;
use addax_core::{DType, Error, Result, Shape, Tensor, Value};

metric_class! {
    /// `(1 + β²) P R / (β² P + R)` of each class, or averaged.
    FBetaScore ["f_beta_score"] "fbeta_score".into(); () {
        /// None: one number per class; `micro`: of all elements together; `macro`: the mean over classes; `weighted`:
        /// the mean weighed by how often classes are true.
        average: Option<String> = None,
        /// How much more recall counts than precision.
        beta: f64 = 1.0,
        /// Above which an output counts as 1; without, the largest of a row does.
        threshold: Option<f64> = None,
    } {}
}

metric_class! {
    /// `2 P R / (P + R)` of each class, or averaged.
    F1Score ["f1_score"] "f1_score".into(); () {
        /// None: one number per class; `micro`: of all elements together; `macro`: the mean over classes; `weighted`:
        /// the mean weighed by how often classes are true.
        average: Option<String> = None,
        /// Above which an output counts as 1; without, the largest of a row does.
        threshold: Option<f64> = None,
    } {}
}

/// What both classes say.
struct Score<'a> {
    average: Option<&'a str>,
    beta: f64,
    threshold: Option<f64>,
}

impl Score<'_> {
    fn totals(&self, y_true: &Shape, y_pred: &Shape) -> Result<Vec<Shape>> {
        let ([_, _], [_, classes]) = (y_true.dims(), y_pred.dims()) else {
            let e = Error::value("F-score").expected("targets and outputs of shape (batch, classes)");
            return Err(e.got(format_args!("{y_true} and {y_pred}")));
        };
        let shape = if self.average == Some("micro") { Shape::scalar() } else { Shape::from(vec![*classes]) };
        Ok(vec![shape; 4])
    }

    fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>> {
        let (t, p) = (batch.y_true.check()?.cast(DType::F32), batch.y_pred.check()?.cast(DType::F32));
        let positive = match self.threshold {
            Some(x) => p.gt_scalar(x),
            None => {
                let largest = p.max(&[1]).expand_dims(1).broadcast_to(p.shape());
                p.ge(&largest).and(&p.abs().gt_scalar(1e-9))
            }
        };
        let p = positive.cast(DType::F32);
        let axes: &[usize] = if self.average == Some("micro") { &[0, 1] } else { &[0] };
        let weight = batch.weight.map(|w| crate::losses::spread(&w.cast(DType::F32), &t.shape()));
        let sum = |x: Tensor| weight.as_ref().map_or(x.clone(), |w| x * w).sum(axes);
        Ok(vec![sum(&p * &t), sum(&p * (1.0 - &t)), sum((1.0 - &p) * &t), sum(t.clone())])
    }

    fn result(&self, totals: &[Value]) -> Result<Reading> {
        let [tp, fp, fn_, weights] = totals else {
            return Err(Error::value("totals").expected(4).got(totals.len()));
        };
        let [tp, fp, fn_, weights] = [tp, fp, fn_, weights].map(Value::to_f64);
        let square = self.beta * self.beta;
        let scores: Vec<f64> = (0..tp.len())
            .map(|i| {
                let precision = tp[i] / (tp[i] + fp[i] + EPSILON);
                let recall = tp[i] / (tp[i] + fn_[i] + EPSILON);
                precision * recall / (square * precision + recall + EPSILON) * (1.0 + square)
            })
            .collect();
        Ok(match self.average {
            None => scores.into(),
            Some("weighted") => {
                let all = weights.iter().sum::<f64>() + EPSILON;
                scores.iter().zip(&weights).map(|(s, w)| s * (w / all)).sum::<f64>().into()
            }
            Some(_) => (scores.iter().sum::<f64>() / scores.len().max(1) as f64).into(),
        })
    }

    fn check(&self) -> Result<()> {
        let averages = ["micro", "macro", "weighted"];
        if let Some(name) = self.average.filter(|a| !averages.contains(a)) {
            return Err(Error::unknown("average", name, averages));
        }
        if self.beta.is_nan() || self.beta <= 0.0 {
            return Err(Error::value("beta").expected("a number above 0").got(self.beta));
        }
        self.threshold.map_or(Ok(()), |t| within("threshold", t, f64::MIN_POSITIVE, 1.0))
    }
}

macro_rules! scores {
    ($($name:ident |$this:ident| $beta:expr;)*) => {$(
        impl $name {
            fn score(&self) -> Score<'_> {
                let $this = self;
                let _ = $this;
                Score { average: self.average.as_deref(), beta: $beta, threshold: self.threshold }
            }
        }

        impl Metric for $name {
            metric_arguments!(Some(Direction::Up));

            fn totals(&self, y_true: &Shape, y_pred: &Shape) -> Result<Vec<Shape>> {
                self.score().totals(y_true, y_pred)
            }

            fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>> {
                self.score().batch(batch)
            }

            fn result(&self, totals: &[Value]) -> Result<Reading> {
                self.score().result(totals)
            }

            fn check(&self) -> Result<()> {
                self.score().check()
            }
        }
    )*};
}
scores! {
    FBetaScore |this| this.beta;
    F1Score |this| 1.0;
}
