//! Intersection over union, from a confusion matrix.

use super::accuracy::first_largest;
use super::{Batch, Direction, Metric, Reading, metric_arguments, metric_class};
use crate::fields::Name;
use crate::losses::{EPSILON, spread};
use addax_core::{DType, Error, Result, Shape, Tensor, Value};

/// More elements times classes than this are not put side by side.
const LARGEST_PRODUCT: usize = 1 << 22;

/// What all of them say.
struct Overlap<'a> {
    classes: usize,
    targets: Vec<usize>,
    ignored: Option<i64>,
    sparse: (bool, bool),
    axis: isize,
    threshold: Option<f64>,
    /// Weights are whole numbers unless a float type was asked for.
    dtype: Option<DType>,
    who: &'a str,
}

impl Overlap<'_> {
    /// Class numbers of each element, as floats without fraction.
    fn numbers(&self, x: &Tensor, sparse: bool) -> Result<Tensor> {
        if sparse {
            return Ok(x.check()?.cast(DType::I32));
        }
        let from = x.check()?.axis(self.axis)?;
        let order: Vec<usize> = (0..x.rank()).filter(|a| *a != from).chain([from]).collect();
        let last = if from + 1 == x.rank() { x.clone() } else { x.transpose(&order) };
        Ok((first_largest(&last.cast(DType::F32)) - 1.0).cast(DType::I32))
    }

    fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>> {
        let t = self.numbers(batch.y_true, self.sparse.0)?;
        let p = match self.threshold {
            Some(limit) => batch.y_pred.ge(&Tensor::constant(batch.y_pred.dtype(), limit)).cast(DType::I32),
            None => self.numbers(batch.y_pred, self.sparse.1)?,
        };
        let n = t.shape().size().unwrap_or(1);
        if p.shape().size() != Some(n) {
            let e = Error::value("targets").expected(format_args!("as many as outputs, {}", p.shape()));
            return Err(e.got(t.shape()));
        }
        let mut keep = t.filled(0.0).equal(&t.filled(0.0));
        if let Some(class) = self.ignored {
            keep = t.not_equal(&Tensor::constant(DType::I32, class as f64));
        }
        let mut weight = keep.cast(DType::F32);
        if let Some(w) = batch.weight {
            let whole = !self.dtype.is_some_and(DType::is_float);
            let w = if whole { w.cast(DType::I32).cast(DType::F32) } else { w.cast(DType::F32) };
            weight = weight * spread(&w, &t.shape());
        }
        let classes = self.classes;
        if n.saturating_mul(classes) > LARGEST_PRODUCT {
            let inside = |x: &Tensor| {
                let limit = Tensor::constant(DType::I32, classes as f64);
                x.ge(&x.filled(0.0)).and(&x.lt(&limit))
            };
            let known = inside(&t).and(&inside(&p.reshape(t.shape()))).cast(DType::F32);
            let cell = &t.reshape([n]) * classes as f64 + p.reshape([n]);
            let weight = (weight * known).reshape([n]);
            let sums = weight.segment_reduce(addax_core::ops::Reduction::Sum, &cell, classes * classes);
            return Ok(vec![sums.reshape([classes, classes])]);
        }
        // One row per element; numbers outside the classes make a row of zeros.
        let one_hot = |x: &Tensor| x.reshape([n]).one_hot(classes, -1, DType::F32);
        let weighted = one_hot(&t) * weight.reshape([n, 1]);
        Ok(vec![weighted.transpose(&[1, 0]).matmul(&one_hot(&p))])
    }

    fn result(&self, totals: &[Value]) -> Result<Reading> {
        let n = self.classes;
        let m = totals.first().map(Value::to_f64).unwrap_or_default();
        if m.len() != n * n {
            return Err(Error::value(self.who).expected(format_args!("{n}² totals")).got(m.len()));
        }
        let union = |c: usize| {
            let sums: f64 = (0..n).map(|i| m[c * n + i] + m[i * n + c]).sum();
            sums - m[c * n + c]
        };
        let there: Vec<usize> = self.targets.iter().copied().filter(|c| union(*c) > 1e-9).collect();
        let sum: f64 = there.iter().map(|c| m[c * n + c] / (union(*c) + EPSILON)).sum();
        Ok((sum / (there.len() as f64 + EPSILON)).into())
    }

    fn check(&self) -> Result<()> {
        if self.classes == 0 || self.classes > 1 << 15 {
            return Err(Error::value("num_classes").expected("a number from 1 to 32768").got(self.classes));
        }
        match self.targets.iter().find(|c| **c >= self.classes) {
            Some(c) => Err(Error::value("target_class_ids")
                .expected(format_args!("classes below {}", self.classes))
                .got(c)),
            None => Ok(()),
        }
    }
}

metric_class! {
    /// The mean of intersection over union of the given classes.
    IoU ["io_u"] Name::default(); (
        /// How many classes there are.
        num_classes: usize,
        /// The classes that are looked at.
        target_class_ids: Vec<usize>,
    ) {} {
        /// A class number that is not looked at.
        ignore_class: Option<i64> = None,
        /// Whether targets are class numbers.
        sparse_y_true: bool = true,
        /// Whether outputs are class numbers.
        sparse_y_pred: bool = true,
        /// The axis of the classes where they are not.
        axis: isize = -1,
    }
}

metric_class! {
    /// The mean of intersection over union of outputs above and below a threshold.
    BinaryIoU ["binary_io_u"] Name::default(); () {
        /// The classes that are looked at.
        target_class_ids: Vec<usize> = vec![0, 1],
        /// From which an output counts as 1.
        threshold: f64 = 0.5,
    } {}
}

metric_class! {
    /// The mean of intersection over union of all classes.
    MeanIoU ["mean_io_u"] Name::default(); (
        /// How many classes there are.
        num_classes: usize,
    ) {} {
        /// A class number that is not looked at.
        ignore_class: Option<i64> = None,
        /// Whether targets are class numbers.
        sparse_y_true: bool = true,
        /// Whether outputs are class numbers.
        sparse_y_pred: bool = true,
        /// The axis of the classes where they are not.
        axis: isize = -1,
    }
}

metric_class! {
    /// The mean of intersection over union of the given classes, targets being one-hot.
    OneHotIoU ["one_hot_io_u"] Name::default(); (
        /// How many classes there are.
        num_classes: usize,
        /// The classes that are looked at.
        target_class_ids: Vec<usize>,
    ) {} {
        /// A class number that is not looked at.
        ignore_class: Option<i64> = None,
        /// Whether outputs are class numbers.
        sparse_y_pred: bool = false,
        /// The axis of the classes.
        axis: isize = -1,
    }
}

metric_class! {
    /// The mean of intersection over union of all classes, targets being one-hot.
    OneHotMeanIoU ["one_hot_mean_io_u"] Name::default(); (
        /// How many classes there are.
        num_classes: usize,
    ) {} {
        /// A class number that is not looked at.
        ignore_class: Option<i64> = None,
        /// Whether outputs are class numbers.
        sparse_y_pred: bool = false,
        /// The axis of the classes.
        axis: isize = -1,
    }
}

macro_rules! overlaps {
    ($($name:ident |$this:ident| classes $classes:expr, targets $targets:expr, ignored $ignored:expr,
       sparse ($true:expr, $pred:expr), axis $axis:expr, threshold $threshold:expr;)*) => {$(
        impl $name {
            fn overlap(&self) -> Overlap<'static> {
                let $this = self;
                Overlap {
                    classes: $classes, targets: $targets, ignored: $ignored, sparse: ($true, $pred), axis: $axis,
                    threshold: $threshold, dtype: $this.dtype, who: stringify!($name),
                }
            }
        }

        impl Metric for $name {
            metric_arguments!(Some(Direction::Up));

            fn totals(&self, _: &Shape, _: &Shape) -> Result<Vec<Shape>> {
                let n = self.overlap().classes;
                Ok(vec![Shape::of(&[n, n])])
            }

            fn batch(&self, batch: &Batch) -> Result<Vec<Tensor>> {
                self.overlap().batch(batch)
            }

            fn result(&self, totals: &[Value]) -> Result<Reading> {
                self.overlap().result(totals)
            }

            fn check(&self) -> Result<()> {
                self.overlap().check()
            }
        }
    )*};
}
overlaps! {
    IoU |m| classes m.num_classes, targets m.target_class_ids.clone(), ignored m.ignore_class,
        sparse (m.sparse_y_true, m.sparse_y_pred), axis m.axis, threshold None;
    BinaryIoU |m| classes 2, targets m.target_class_ids.clone(), ignored None,
        sparse (true, true), axis -1, threshold Some(m.threshold);
    MeanIoU |m| classes m.num_classes, targets (0..m.num_classes).collect(), ignored m.ignore_class,
        sparse (m.sparse_y_true, m.sparse_y_pred), axis m.axis, threshold None;
    OneHotIoU |m| classes m.num_classes, targets m.target_class_ids.clone(), ignored m.ignore_class,
        sparse (false, m.sparse_y_pred), axis m.axis, threshold None;
    OneHotMeanIoU |m| classes m.num_classes, targets (0..m.num_classes).collect(), ignored m.ignore_class,
        sparse (false, m.sparse_y_pred), axis m.axis, threshold None;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::metrics::Running;

    #[test]
    fn keras_s_own_example() {
        let t = Tensor::from(Value::from(vec![0i32, 0, 1, 1]));
        let p = Tensor::from(Value::from(vec![0f32, 1.0, 0.0, 1.0]));
        let mut running = Running::new(MeanIoU::new(2usize)).unwrap();
        running.update(&Batch::new(&t, &p)).unwrap();
        let got = running.result().unwrap().number().unwrap();
        assert!((got - 1.0 / 3.0).abs() < 1e-6, "{got}");
    }

    #[test]
    fn targets_must_be_classes() {
        let e = IoU::new(2usize, vec![0usize, 2]).check().unwrap_err().to_string();
        assert_eq!(e, "target_class_ids: expected classes below 2, got 2");
    }
}
