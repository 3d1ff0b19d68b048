//! Counts of right and wrong answers, and the shares precision and recall.

use super::confusion::{Counts, Look, NEVER, Thresholds, count};
use super::mean::quotient;
use super::{Batch, Direction, Metric, Reading, metric_arguments, metric_class};
use crate::fields::{Name, OneOrMany};
use addax_core::{Error, Result, Shape, Tensor, Value};

/// Thresholds as they were given; without any, one default.
type Given = Option<OneOrMany<f64>>;

fn thresholds(given: &Given, default: f64) -> Thresholds {
    Thresholds::new(given.as_ref().map_or_else(|| vec![default], |g| g.all().to_vec()))
}

fn check(given: &Given) -> Result<()> {
    match given {
        Some(g) if g.all().is_empty() => Err(Error::value("thresholds").expected("at least one")),
        Some(g) => Thresholds::new(g.all().to_vec()).check(),
        None => Ok(()),
    }
}

/// One number for one threshold, else a list.
fn reading(values: Vec<f64>) -> Reading {
    match values[..] {
        [one] => Reading::Number(one),
        _ => Reading::List(values),
    }
}

macro_rules! counts {
    ($($(#[doc = $doc:literal])* $name:ident [$id:literal] = $field:ident;)*) => {$(
        metric_class! {
            $(#[doc = $doc])*
            $name [$id] Name::default(); () {
                /// Above which an output counts as 1: ½ if not said; several give several counts.
                thresholds: Given = None,
            } {}
        }

        impl Metric for $name {
            metric_arguments!(None);

            fn totals(&self, _: &Shape, _: &Shape) -> Result<Vec<Shape>> {
                Ok(vec![Shape::from(thresholds(&self.thresholds, 0.5).len())])
            }

            fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>> {
                let counts = count(batch, &thresholds(&self.thresholds, 0.5), &Look::default())?;
                Ok(vec![counts.$field])
            }

            fn result(&self, totals: &[Value]) -> Result<Reading> {
                Ok(reading(totals.first().map(Value::to_f64).unwrap_or_default()))
            }

            fn check(&self) -> Result<()> {
                check(&self.thresholds)
            }
        }
    )*};
}

counts! {
    /// How often 1 is taken for 1.
    TruePositives ["true_positives"] = true_positives;
    /// How often 0 is taken for 1.
    FalsePositives ["false_positives"] = false_positives;
    /// How often 0 is taken for 0.
    TrueNegatives ["true_negatives"] = true_negatives;
    /// How often 1 is taken for 0.
    FalseNegatives ["false_negatives"] = false_negatives;
}

macro_rules! shares {
    ($($(#[doc = $doc:literal])* $name:ident [$id:literal] = $other:ident;)*) => {$(
        metric_class! {
            $(#[doc = $doc])*
            $name [$id] Name::default(); () {
                /// Above which an output counts as 1: ½ if not said; several give several shares.
                thresholds: Given = None,
                /// Only so many of the largest outputs of a row count as 1.
                top_k: Option<usize> = None,
                /// Only this class is looked at.
                class_id: Option<isize> = None,
            } {}
        }

        impl $name {
            fn limits(&self) -> Thresholds {
                thresholds(&self.thresholds, if self.top_k.is_none() { 0.5 } else { NEVER })
            }
        }

        impl Metric for $name {
            metric_arguments!(Some(Direction::Up));

            fn totals(&self, _: &Shape, _: &Shape) -> Result<Vec<Shape>> {
                Ok(vec![Shape::from(self.limits().len()); 2])
            }

            fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>> {
                let look = Look { top_k: self.top_k, class_id: self.class_id, ..Look::default() };
                let counts: Counts = count(batch, &self.limits(), &look)?;
                Ok(vec![counts.true_positives, counts.$other])
            }

            fn result(&self, totals: &[Value]) -> Result<Reading> {
                let [hits, misses] = totals else { return Err(Error::value("totals").expected(2)) };
                let share = |(a, b): (f64, f64)| quotient(a, a + b);
                Ok(reading(hits.to_f64().into_iter().zip(misses.to_f64()).map(share).collect()))
            }

            fn check(&self) -> Result<()> {
                check(&self.thresholds)
            }
        }
    )*};
}

shares! {
    /// The share of those taken for 1 that are 1.
    Precision ["precision"] = false_positives;
    /// The share of those that are 1 that are taken for 1.
    Recall ["recall"] = false_negatives;
}
