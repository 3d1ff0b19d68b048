//! Counts of right and wrong answers at thresholds: one matrix product for all thresholds at once.

use super::Batch;
use crate::losses::{EPSILON, same_rank, spread};
use addax_core::ops::Reduction;
use addax_core::{DType, Dim, Error, Result, Shape, Tensor, Value};

/// Below every output: what outputs that are not among the k largest become.
pub(super) const NEVER: f64 = -1e10;

/// Thresholds, and whether they lie evenly between 0 and 1: then outputs are clipped and counted by buckets.
#[derive(Clone, Debug)]
pub(super) struct Thresholds {
    values: Vec<f64>,
    even: bool,
}

impl Thresholds {
    /// The given thresholds.
    pub fn new(values: Vec<f64>) -> Thresholds {
        let even = evenly_spread(&values);
        Thresholds { values, even }
    }

    /// From 0 to 1 in even steps; one threshold is ½.
    pub fn steps(n: usize) -> Thresholds {
        match n {
            0 | 1 => Thresholds { values: vec![0.5], even: false },
            _ => Thresholds { values: (0..n).map(|i| i as f64 / (n - 1) as f64).collect(), even: true },
        }
    }

    /// The given ones, sorted, between two that hold for all and for none.
    pub fn around(mut inner: Vec<f64>) -> Thresholds {
        inner.sort_by(f64::total_cmp);
        let even = evenly_spread(&[&[0.0], &inner[..], &[1.0]].concat());
        Thresholds { values: [&[-EPSILON], &inner[..], &[1.0 + EPSILON]].concat(), even }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Checks that all lie from 0 to 1.
    pub fn check(&self) -> Result<()> {
        match self.values.iter().find(|t| !(0.0..=1.0).contains(*t)) {
            Some(t) => Err(Error::value("thresholds").expected("numbers from 0 to 1").got(t)),
            None => Ok(()),
        }
    }

    /// Whether the outer ones lie beyond 0 and 1.
    fn open(&self) -> bool {
        self.values.first().is_some_and(|t| *t < 0.0)
    }

    /// Which outputs lie above which thresholds, as 1 and 0: one more axis at the end.
    fn above(&self, p: &Tensor) -> Result<Tensor> {
        let n = self.len();
        let (x, limits) = if self.even {
            let open = self.open();
            // The outer thresholds beyond 0 and 1 let every output into the first bucket, none into the last.
            let limits = (0..n).map(|i| if i == 0 && open { -1.0 } else { i as f32 }).collect();
            (p.clip(0.0, 1.0) * (n - 1) as f64, limits)
        } else {
            (p.clone(), self.values.iter().map(|t| *t as f32).collect::<Vec<f32>>())
        };
        let shape = Shape::from([p.shape().dims(), &[Dim::new(n)]].concat());
        let limits = Tensor::from(Value::from(limits)).cast(p.dtype());
        let limits = limits.broadcast_in_dim(&shape, &[p.rank()]);
        Ok(x.expand_dims(-1).broadcast_to(&shape).gt(&limits).cast(p.dtype()))
    }
}

/// NumPy's `allclose` to even steps from 0 to 1, of at least three.
fn evenly_spread(values: &[f64]) -> bool {
    let step = |i: usize| i as f64 / (values.len() - 1) as f64;
    values.len() >= 3
        && values.iter().enumerate().all(|(i, t)| (t - step(i)).abs() <= EPSILON + 1e-5 * step(i).abs())
}

/// The four counts, by threshold along the last axis.
pub(super) struct Counts {
    pub true_positives: Tensor,
    pub false_positives: Tensor,
    pub true_negatives: Tensor,
    pub false_negatives: Tensor,
}

/// How outputs are looked at.
#[derive(Default)]
pub(super) struct Look<'a> {
    /// Only the k largest outputs of a row can be positive.
    pub top_k: Option<usize>,
    /// Only this class.
    pub class_id: Option<isize>,
    /// A weight per label.
    pub label_weights: Option<&'a [f64]>,
    /// Each label is counted by itself.
    pub multi_label: bool,
}

/// Counts a batch. Without `multi_label` all elements are counted together.
pub(super) fn count(batch: &Batch, thresholds: &Thresholds, look: &Look) -> Result<Counts> {
    let p = batch.y_pred.check()?.cast(DType::F32);
    let (mut p, mut t) = same_rank(&p, &batch.y_true.check()?.cast(DType::F32));
    if let Some(k) = look.top_k {
        p = largest(&p, k);
    }
    if let Some(class) = look.class_id {
        (t, p) = (one_class(&t, class)?, one_class(&p, class)?);
    }
    if !p.shape().fits(&t.shape()) {
        let e = Error::value("targets").expected(format_args!("the shape of the outputs, {}", p.shape()));
        return Err(e.got(t.shape()));
    }
    let mut weight = batch.weight.map(|w| spread(&w.cast(DType::F32), &p.shape()));
    if let Some(labels) = look.label_weights {
        let labels = Value::from(labels.iter().map(|x| *x as f32).collect::<Vec<f32>>());
        let labels = Tensor::from(labels).broadcast_in_dim(p.shape(), &[p.rank().saturating_sub(1)]);
        weight = Some(weight.map_or(labels.clone(), |w| w * labels));
    }
    let yes = t.not_equal(&t.filled(0.0)).cast(DType::F32);
    let no = 1.0 - &yes;
    let weighted = |x: Tensor| weight.as_ref().map_or(x.clone(), |w| x * w);
    let (yes, no) = (weighted(yes), weighted(no));
    let shape = (p.rank(), p.shape().size().unwrap_or(0));
    if look.multi_label && shape.0 != 2 {
        return Err(Error::value("multi_label").expected("outputs of shape (batch, labels)").got(p.shape()));
    }
    if shape.1.saturating_mul(thresholds.len()) > LARGEST_PRODUCT {
        return Ok(one_by_one(&p, &yes, &no, thresholds, look.multi_label));
    }
    let above = thresholds.above(&p)?;
    let below = 1.0 - &above;
    // [labels, elements] against [labels, elements, thresholds].
    let sum = |label: &Tensor, side: &Tensor| -> Tensor {
        if look.multi_label {
            let (label, side) = (label.transpose(&[1, 0]), side.transpose(&[1, 0, 2]));
            return label.expand_dims(1).matmul(&side).squeeze(1);
        }
        label.reshape([shape.1]).matmul(&side.reshape([shape.1, thresholds.len()]))
    };
    Ok(Counts {
        true_positives: sum(&yes, &above),
        false_positives: sum(&no, &above),
        true_negatives: sum(&no, &below),
        false_negatives: sum(&yes, &below),
    })
}

/// More elements times thresholds than this are not put side by side.
const LARGEST_PRODUCT: usize = 1 << 22;

/// Counts threshold by threshold, or by buckets between even thresholds, without a product of all with all.
fn one_by_one(p: &Tensor, yes: &Tensor, no: &Tensor, thresholds: &Thresholds, multi_label: bool) -> Counts {
    let n = thresholds.len();
    // One row per label.
    let rows = |x: &Tensor| match multi_label {
        true => x.transpose(&[1, 0]),
        false => x.reshape([1, x.shape().size().unwrap_or(1)]),
    };
    let (p, yes, no) = (rows(p), rows(yes), rows(no));
    let above = |weight: &Tensor| match thresholds.even {
        true => by_bucket(&p, weight, thresholds),
        false => {
            let one = |t: &f64| {
                let side = p.gt_scalar(*t).cast(p.dtype());
                (side * weight).sum(&[1]).expand_dims(1)
            };
            let columns: Vec<Tensor> = thresholds.values.iter().map(one).collect();
            Tensor::concatenate(&columns.iter().collect::<Vec<_>>(), 1)
        }
    };
    let (tp, fp) = (above(&yes), above(&no));
    let rest = |all: &Tensor, part: &Tensor| all.sum(&[1]).expand_dims(1).broadcast_to(part.shape()) - part;
    let (tn, fn_) = (rest(&no, &fp), rest(&yes, &tp));
    let shaped = |x: Tensor| if multi_label { x } else { x.reshape([n]) };
    Counts {
        true_positives: shaped(tp),
        false_positives: shaped(fp),
        true_negatives: shaped(tn),
        false_negatives: shaped(fn_),
    }
}

/// Weights of the elements above each of evenly spread thresholds, row by row.
fn by_bucket(p: &Tensor, weight: &Tensor, thresholds: &Thresholds) -> Tensor {
    let n = thresholds.len();
    let labels = p.dim(0).known().unwrap_or(1);
    let mut bucket = (p.clip(0.0, 1.0) * (n - 1) as f64).ceil() - 1.0;
    if thresholds.open() {
        bucket = bucket.max_scalar(0.0);
    }
    // An output of 0 lies above no threshold; it must not fall into the last bucket of the label before.
    let counted = bucket.lt_scalar(0.0).select(&weight.filled(0.0), weight);
    let first = Tensor::iota(DType::I32, p.shape(), 0) * n as f64;
    let place = bucket.max_scalar(0.0).cast(DType::I32) + first;
    let elements = p.shape().size().unwrap_or(1);
    let sums =
        counted.reshape([elements]).segment_reduce(Reduction::Sum, &place.reshape([elements]), labels * n);
    sums.reshape([labels, n]).cumulative(Reduction::Sum, 1, true)
}

fn one_class(x: &Tensor, class: isize) -> Result<Tensor> {
    if x.rank() < 2 {
        return Err(Error::value("class_id").expected("outputs of shape (batch, classes)").got(x.shape()));
    }
    let last = x.rank() - 1;
    let classes = x.dim(-1).known().unwrap_or(0) as isize;
    let at = if class < 0 { class + classes } else { class };
    if !(0..classes).contains(&at) {
        return Err(Error::value("class_id").expected(format_args!("a class below {classes}")).got(class));
    }
    Ok(x.slice_axis(last, at as usize, at as usize + 1))
}

/// The k largest of each row; the others become [`NEVER`]. Among equals the first ones count.
fn largest(x: &Tensor, k: usize) -> Tensor {
    let last = x.rank().saturating_sub(1);
    let k = x.dim(-1).known().map_or(k, |n| n.min(k));
    if k == 0 {
        return x.filled(NEVER);
    }
    let limit = x.top_k(k).0.slice_axis(last, k - 1, k).broadcast_to(x.shape());
    let (above, equal) = (x.gt(&limit).cast(x.dtype()), x.equal(&limit));
    let free = (k as f64 - above.sum(&[last])).expand_dims(-1).broadcast_to(x.shape());
    let first = equal.cast(x.dtype()).cumsum(-1).le(&free);
    x.gt(&limit).or(&equal.and(&first)).select(x, &x.filled(NEVER))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(t: &Tensor) -> Vec<f64> {
        t.to_value().unwrap().to_f64()
    }

    #[test]
    fn every_element_is_counted_once_at_each_threshold() {
        let t = Tensor::from(Value::from(vec![0f32, 1.0, 1.0, 0.0]));
        let p = Tensor::from(Value::new([4, 1], vec![0.2f32, 0.4, 0.9, 0.5]).unwrap());
        let c = count(&Batch::new(&t, &p), &Thresholds::new(vec![0.3, 0.5]), &Look::default()).unwrap();
        assert_eq!(numbers(&c.true_positives), [2.0, 1.0]);
        assert_eq!(numbers(&c.false_positives), [1.0, 0.0]);
        assert_eq!(numbers(&c.true_negatives), [1.0, 2.0]);
        assert_eq!(numbers(&c.false_negatives), [0.0, 1.0]);
    }

    #[test]
    fn only_the_largest_can_be_positive() {
        let p = Tensor::from(Value::new([1, 4], vec![0.3f32, 0.5, 0.5, 0.1]).unwrap());
        assert_eq!(numbers(&largest(&p, 1)), [NEVER, 0.5, NEVER, NEVER]);
        assert_eq!(numbers(&largest(&p, 2)), [NEVER, 0.5, 0.5, NEVER]);
    }

    #[test]
    fn many_elements_are_counted_to_the_same() {
        let p = Tensor::from(Value::new([4, 2], vec![0f32, 0.25, 1.0, 0.5, 0.75, 0.1, 0.3, 0.0]).unwrap());
        let yes = Tensor::from(Value::new([4, 2], vec![1f32, 0.0, 1.0, 1.0, 0.0, 0.0, 1.0, 1.0]).unwrap());
        for thresholds in
            [Thresholds::steps(5), Thresholds::around(vec![0.5]), Thresholds::new(vec![0.2, 0.9])]
        {
            for multi_label in [false, true] {
                let look = Look { multi_label, ..Look::default() };
                let product = count(&Batch::new(&yes, &p), &thresholds, &look).unwrap();
                let other = one_by_one(&p, &yes, &(1.0 - &yes), &thresholds, multi_label);
                assert_eq!(numbers(&product.true_positives), numbers(&other.true_positives));
                assert_eq!(numbers(&product.false_positives), numbers(&other.false_positives));
                assert_eq!(numbers(&product.true_negatives), numbers(&other.true_negatives));
                assert_eq!(numbers(&product.false_negatives), numbers(&other.false_negatives));
            }
        }
    }

    #[test]
    fn even_thresholds_are_recognized() {
        assert!(
            evenly_spread(&[0.0, 0.5, 1.0])
                && !evenly_spread(&[0.0, 0.4, 1.0])
                && !evenly_spread(&[0.0, 1.0])
        );
    }
}
