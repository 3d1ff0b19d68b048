//! Areas under curves of rates.

use super::confusion::{Look, Thresholds, count};
use super::mean::quotient;
use super::{Batch, Direction, Metric, Reading, metric_arguments, metric_class};
use crate::fields::{Name, within};
use addax_core::{Error, Result, Shape, Tensor, Value};

metric_class! {
    /// The area under the ROC curve (or precision over recall, or their gains), from counts at thresholds.
    AUC ["auc"] Name::default(); () {
        /// At how many thresholds.
        num_thresholds: usize = 200,
        /// `ROC`, `PR` or `PRGAIN`.
        curve: String = "ROC".to_string(),
        /// `interpolation`, `minoring` or `majoring`.
        summation_method: String = "interpolation".to_string(),
    } {
        /// Thresholds of one's own between 0 and 1.
        thresholds: Option<Vec<f64>> = None,
        /// Whether each label has its own curve, and their areas are averaged.
        multi_label: bool = false,
        /// How many labels.
        num_labels: Option<usize> = None,
        /// The weight of each label.
        label_weights: Option<Vec<f64>> = None,
        /// Whether outputs are logits.
        from_logits: bool = false,
    }
}

/// The counts of one label, by threshold.
struct Curve {
    tp: Vec<f64>,
    fp: Vec<f64>,
    tn: Vec<f64>,
    fn_: Vec<f64>,
}

impl Curve {
    /// The area between neighbours `x`, `y` by a rule for the height.
    fn area(x: &[f64], y: &[f64], height: fn(f64, f64) -> f64) -> f64 {
        x.windows(2).zip(y.windows(2)).map(|(x, y)| (x[0] - x[1]) * height(y[0], y[1])).sum()
    }

    fn by<'a>(&'a self, f: impl Fn(f64, f64, f64, f64) -> f64 + 'a) -> Vec<f64> {
        (0..self.tp.len()).map(|i| f(self.tp[i], self.fp[i], self.tn[i], self.fn_[i])).collect()
    }

    fn points(&self, curve: &str) -> (Vec<f64>, Vec<f64>) {
        let recall = || self.by(|tp, _, _, fn_| quotient(tp, tp + fn_));
        match curve {
            "ROC" | "roc" => (self.by(|_, fp, tn, _| quotient(fp, fp + tn)), recall()),
            "PR" | "pr" => (recall(), self.by(|tp, fp, _, _| quotient(tp, tp + fp))),
            _ => {
                // Flach and Kull 2015.
                let odds = |tp: f64, fp: f64, tn: f64, fn_: f64| quotient(tp + fn_, tn + fp);
                let x = move |tp, fp, tn, fn_| match tp == 0.0 {
                    true => 0.0,
                    false => (1.0 - odds(tp, fp, tn, fn_) * quotient(fn_, tp)).max(0.0),
                };
                let y = move |tp, fp, tn, fn_| match tp == 0.0 {
                    true => 1.0,
                    false => 1.0 - odds(tp, fp, tn, fn_) * quotient(fp, tp),
                };
                (self.by(x), self.by(y))
            }
        }
    }

    /// Precision over recall, interpolated between thresholds as true positives are (Davis and Goadrich 2006).
    fn interpolated_precision(&self) -> f64 {
        let p: Vec<f64> = self.by(|tp, fp, _, _| tp + fp);
        (0..self.tp.len().saturating_sub(1))
            .map(|i| {
                let (dtp, dp) = (self.tp[i] - self.tp[i + 1], p[i] - p[i + 1]);
                let slope = quotient(dtp, dp.max(0.0));
                let intercept = self.tp[i + 1] - slope * p[i + 1];
                let ratio = if p[i] > 0.0 && p[i + 1] > 0.0 { p[i] / p[i + 1] } else { 1.0 };
                let positives = (self.tp[i + 1] + self.fn_[i + 1]).max(0.0);
                quotient(slope * (dtp + intercept * ratio.ln()), positives)
            })
            .sum()
    }
}

impl AUC {
    fn limits(&self) -> Thresholds {
        let steps = |n: usize| (1..n.max(2) - 1).map(|i| i as f64 / (n - 1) as f64).collect();
        Thresholds::around(self.thresholds.clone().unwrap_or_else(|| steps(self.num_thresholds)))
    }

    fn area(&self, curve: &Curve) -> f64 {
        let pr = matches!(self.curve.as_str(), "PR" | "pr");
        let height: fn(f64, f64) -> f64 = match self.summation_method.to_lowercase().as_str() {
            "interpolation" if pr => return curve.interpolated_precision(),
            "interpolation" => |a, b| (a + b) / 2.0,
            "minoring" => f64::min,
            _ => f64::max,
        };
        let (x, y) = curve.points(&self.curve);
        Curve::area(&x, &y, height)
    }
}

impl Metric for AUC {
    metric_arguments!(Some(Direction::Up));

    fn totals(&self, _: &Shape, y_pred: &Shape) -> Result<Vec<Shape>> {
        let n = self.limits().len();
        let shape = match (self.multi_label, y_pred.dims()) {
            (false, _) => Shape::from(n),
            (true, [_, labels]) => Shape::from(vec![*labels, n.into()]),
            (true, _) => {
                let e = Error::value("AUC").expected("outputs of shape (batch, labels) with multi_label");
                return Err(e.got(y_pred));
            }
        };
        Ok(vec![shape; 4])
    }

    fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>> {
        let p = if self.from_logits { batch.y_pred.logistic() } else { batch.y_pred.clone() };
        let together = self.label_weights.as_deref().filter(|_| !self.multi_label);
        let look = Look { multi_label: self.multi_label, label_weights: together, ..Look::default() };
        let c = count(&Batch { y_pred: &p, ..*batch }, &self.limits(), &look)?;
        Ok(vec![c.true_positives, c.false_positives, c.true_negatives, c.false_negatives])
    }

    fn result(&self, totals: &[Value]) -> Result<Reading> {
        let [tp, fp, tn, fn_] = totals else {
            return Err(Error::value("totals").expected(4).got(totals.len()));
        };
        let [tp, fp, tn, fn_] = [tp, fp, tn, fn_].map(Value::to_f64);
        let n = self.limits().len();
        let curve = |i: usize| {
            let part = |v: &[f64]| v[i * n..(i + 1) * n].to_vec();
            Curve { tp: part(&tp), fp: part(&fp), tn: part(&tn), fn_: part(&fn_) }
        };
        let areas: Vec<f64> = (0..tp.len() / n).map(|i| self.area(&curve(i))).collect();
        let weights = match &self.label_weights {
            Some(w) if self.multi_label => w.clone(),
            _ => vec![1.0; areas.len()],
        };
        let sum: f64 = areas.iter().zip(&weights).map(|(a, w)| a * w).sum();
        Ok(quotient(sum, weights.iter().sum()).into())
    }

    fn check(&self) -> Result<()> {
        if self.thresholds.is_none() {
            within("num_thresholds", self.num_thresholds as f64, 2.0, 1e6)?;
        }
        if self.num_labels.is_some() && !self.multi_label {
            return Err(Error::value("num_labels").expected("it only with multi_label"));
        }
        if !matches!(self.curve.as_str(), "ROC" | "roc" | "PR" | "pr" | "PRGAIN" | "prgain") {
            return Err(Error::unknown("curve", &self.curve, ["ROC", "PR", "PRGAIN"]));
        }
        let methods = ["interpolation", "majoring", "minoring"];
        if !methods.contains(&self.summation_method.to_lowercase().as_str()) {
            return Err(Error::unknown("summation_method", &self.summation_method, methods));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Running;

    fn of(metric: AUC) -> f64 {
        let t = Tensor::from(Value::from(vec![0f32, 0.0, 1.0, 1.0]));
        let p = Tensor::from(Value::from(vec![0f32, 0.5, 0.3, 0.9]));
        let mut running = Running::new(metric).unwrap();
        running.update(&Batch::new(&t, &p)).unwrap();
        running.result().unwrap().number().unwrap()
    }

    #[test]
    fn keras_s_own_example() {
        assert!((of(AUC::new().num_thresholds(3usize)) - 0.75).abs() < 1e-9);
        assert!((of(AUC::new()) - 0.75).abs() < 1e-9);
    }

    #[test]
    fn minoring_lies_below_majoring() {
        let by = |m: &str| of(AUC::new().curve("PR").summation_method(m));
        assert!(by("minoring") <= by("interpolation") && by("interpolation") <= by("majoring"));
    }
}
