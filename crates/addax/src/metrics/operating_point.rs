//! The best of one rate where another is good enough.

use super::confusion::{Look, Thresholds, count};
use super::{Batch, Direction, Metric, Reading, metric_arguments, metric_class};
use crate::fields::{Name, within};
use addax_core::{Error, Result, Shape, Tensor, Value};

/// The counts at one threshold, in the precision in which Keras compares rates.
#[derive(Clone, Copy)]
struct Point {
    true_positives: f32,
    false_positives: f32,
    true_negatives: f32,
    false_negatives: f32,
}

fn share(a: f32, b: f32) -> f32 {
    if a + b == 0.0 { 0.0 } else { a / (a + b) }
}

impl Point {
    /// The share of the positives that are found: recall.
    fn sensitivity(self) -> f32 {
        share(self.true_positives, self.false_negatives)
    }

    /// The share of the negatives that are left alone.
    fn specificity(self) -> f32 {
        share(self.true_negatives, self.false_positives)
    }

    fn precision(self) -> f32 {
        share(self.true_positives, self.false_positives)
    }
}

fn points(totals: &[Value]) -> Result<Vec<Point>> {
    let [tp, fp, tn, fn_] = totals else { return Err(Error::value("totals").expected(4).got(totals.len())) };
    let [tp, fp, tn, fn_] = [tp, fp, tn, fn_].map(Value::to_f64);
    let point = |i: usize| Point {
        true_positives: tp[i] as f32,
        false_positives: fp[i] as f32,
        true_negatives: tn[i] as f32,
        false_negatives: fn_[i] as f32,
    };
    Ok((0..tp.len()).map(point).collect())
}

macro_rules! operating_points {
    ($($(#[doc = $doc:literal])* $name:ident [$id:literal] $given:ident: $limit:ident -> $best:ident;)*) => {$(
        metric_class! {
            $(#[doc = $doc])*
            $name [$id] Name::default(); (
                /// How good the other rate must be, from 0 to 1.
                $given: f64,
            ) {
                /// At how many thresholds the rates are looked at.
                num_thresholds: usize = 200,
                /// Only this class is looked at.
                class_id: Option<isize> = None,
            } {}
        }

        impl Metric for $name {
            metric_arguments!(Some(Direction::Up));

            fn totals(&self, _: &Shape, _: &Shape) -> Result<Vec<Shape>> {
                Ok(vec![Shape::from(Thresholds::steps(self.num_thresholds).len()); 4])
            }

            fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>> {
                let look = Look { class_id: self.class_id, ..Look::default() };
                let c = count(batch, &Thresholds::steps(self.num_thresholds), &look)?;
                Ok(vec![c.true_positives, c.false_positives, c.true_negatives, c.false_negatives])
            }

            fn result(&self, totals: &[Value]) -> Result<Reading> {
                let good = points(totals)?.into_iter().filter(|p| p.$limit() >= self.$given as f32);
                Ok(f64::from(good.map(Point::$best).fold(0.0, f32::max)).into())
            }

            fn check(&self) -> Result<()> {
                within("num_thresholds", self.num_thresholds as f64, 1.0, 1e6)?;
                within(stringify!($given), self.$given, 0.0, 1.0)
            }
        }
    )*};
}

operating_points! {
    /// The best sensitivity where the specificity is at least so high.
    SensitivityAtSpecificity ["sensitivity_at_specificity"] specificity: specificity -> sensitivity;
    /// The best specificity where the sensitivity is at least so high.
    SpecificityAtSensitivity ["specificity_at_sensitivity"] sensitivity: sensitivity -> specificity;
    /// The best precision where the recall is at least so high.
    PrecisionAtRecall ["precision_at_recall"] recall: sensitivity -> precision;
    /// The best recall where the precision is at least so high.
    RecallAtPrecision ["recall_at_precision"] precision: precision -> sensitivity;
}
