//! Cross-entropies.

use super::{EPSILON, Labels, Loss, loss, loss_arguments, loss_class};
use crate::activations::{log_softmax, softplus};
use addax_core::{DType, Result, Tensor};

/// Probabilities kept away from 0 and 1, so that logarithms are finite.
pub(super) fn clipped(p: &Tensor) -> Tensor {
    p.clip(EPSILON, 1.0 - EPSILON)
}

/// The axis of the classes moved to the end.
pub(super) fn classes_last(x: &Tensor, axis: isize) -> Result<Tensor> {
    let from = x.check()?.axis(axis)?;
    if from + 1 == x.rank() {
        return Ok(x.clone());
    }
    let order: Vec<usize> = (0..x.rank()).filter(|a| *a != from).chain([from]).collect();
    Ok(x.transpose(&order))
}

/// Probabilities divided by their sum along the last axis, and clipped.
pub(super) fn normalized(p: &Tensor) -> Tensor {
    let last = p.rank().saturating_sub(1);
    clipped(&(p / p.sum(&[last]).expand_dims(-1)))
}

/// `log p` of each class, the classes lying along the last axis.
fn log_probabilities(p: &Tensor, from_logits: bool) -> Tensor {
    if from_logits { log_softmax(p) } else { normalized(p).log() }
}

/// Targets moved by the share `a` towards the uniform distribution over `classes`.
pub(super) fn smoothed(t: Tensor, a: f64, classes: f64) -> Tensor {
    if a == 0.0 { t } else { t * (1.0 - a) + a / classes }
}

/// `-t ln p - (1 - t) ln(1 - p)` of each element; from logits `softplus(x) - x t`.
pub(super) fn binary_each(t: &Tensor, p: &Tensor, from_logits: bool) -> Tensor {
    if from_logits {
        return softplus(p) - p * t;
    }
    let p = clipped(p);
    (t * p.log() + (1.0 - t) * (1.0 - &p).log()).negate()
}

loss! {
    /// `mean -t ln p - (1 - t) ln(1 - p)`; from logits `softplus(x) - x t`
    BinaryCrossentropy ["binary_crossentropy", "bce", "BCE"] "binary_crossentropy" {
        /// Whether outputs are logits.
        from_logits: bool = false,
        /// Moves targets towards ½ by this share.
        label_smoothing: f64 = 0.0,
        /// The axis along which the mean is taken.
        axis: isize = -1,
    } Labels::Probabilities;
    |this, t, p| Tensor::from_result(|| {
        let axis = p.check()?.axis(this.axis)?;
        let t = smoothed(t.cast(p.dtype()), this.label_smoothing, 2.0);
        Ok(binary_each(&t, p, this.from_logits).mean(&[axis]))
    })
}

loss! {
    /// `-Σ t ln p`, p divided by its sum; from logits by log-softmax
    CategoricalCrossentropy ["categorical_crossentropy"] "categorical_crossentropy" {
        /// Whether outputs are logits.
        from_logits: bool = false,
        /// Moves targets towards the uniform distribution by this share.
        label_smoothing: f64 = 0.0,
        /// The axis of the classes.
        axis: isize = -1,
    } Labels::Distribution;
    |this, t, p| Tensor::from_result(|| {
        // The share of each class follows the last axis, as Keras counts it.
        let count = t.check()?.dim(-1).known().unwrap_or(1) as f64;
        let t = smoothed(t.cast(p.dtype()), this.label_smoothing, count);
        let (t, p) = (classes_last(&t, this.axis)?, classes_last(p, this.axis)?);
        let last = [p.rank().saturating_sub(1)];
        Ok((t * log_probabilities(&p, this.from_logits)).sum(&last).negate())
    })
}

loss_class! {
    /// `-ln p[label]`, labels being class numbers
    SparseCategoricalCrossentropy ["sparse_categorical_crossentropy"] "sparse_categorical_crossentropy" {
        /// Whether outputs are logits.
        from_logits: bool = false,
        /// A label whose samples are left out.
        ignore_class: Option<i64> = None,
    } {
        /// The axis of the classes.
        axis: isize = -1,
    } {}
}

impl SparseCategoricalCrossentropy {
    /// Class numbers without the axis of the classes.
    fn labels_of(&self, t: &Tensor, rank: usize) -> Tensor {
        let single = t.rank() == rank && t.dim(self.axis) == 1usize;
        if single { t.squeeze(self.axis) } else { t.clone() }
    }

    fn keeps(&self, t: &Tensor) -> Option<Tensor> {
        let class = self.ignore_class?;
        Some(t.cast(DType::I32).not_equal(&Tensor::constant(DType::I32, class as f64)))
    }
}

impl Loss for SparseCategoricalCrossentropy {
    fn per_sample(&self, t: &Tensor, p: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let t = self.labels_of(t, p.check()?.rank());
            let p = classes_last(p, self.axis)?;
            let last = p.rank().saturating_sub(1);
            let log = log_probabilities(&p, self.from_logits);
            let each = is_class(&t, &p).select(&log, &log.filled(0.0)).sum(&[last]).negate();
            Ok(match self.keeps(&t) {
                None => each,
                Some(keep) => keep.select(&each, &each.filled(0.0)),
            })
        })
    }

    fn counted(&self, t: &Tensor, values: &Tensor) -> Option<Tensor> {
        self.keeps(&self.labels_of(t, values.rank() + 1))
    }

    loss_arguments!();

    fn labels(&self) -> Labels {
        Labels::ClassNumbers { axis: self.axis, ignored: self.ignore_class }
    }
}

/// Whether element `[…, c]` is the class numbered by the label: a bool tensor in the shape of `like`.
pub fn is_class(labels: &Tensor, like: &Tensor) -> Tensor {
    let labels = if labels.rank() == like.rank() { labels.clone() } else { labels.expand_dims(-1) };
    let classes = Tensor::iota(DType::I32, like.shape(), like.rank().saturating_sub(1));
    labels.cast(DType::I32).broadcast_to(like.shape()).equal(&classes)
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;

    #[test]
    fn probabilities_are_clipped_and_logits_are_not() {
        let one = |x: f32| Tensor::from(Value::new([1, 1], vec![x]).unwrap());
        let of = |l: &BinaryCrossentropy, t: f32, p: f32| {
            l.per_sample(&one(t), &one(p)).to_value().unwrap().to_f64()[0]
        };
        assert!((of(&BinaryCrossentropy::new(), 1.0, 0.0) - 16.118).abs() < 1e-3);
        assert!((of(&BinaryCrossentropy::new().from_logits(true), 0.0, 100.0) - 100.0).abs() < 1e-4);
    }

    #[test]
    fn a_logit_of_zero_has_its_gradient() {
        let trace = addax_core::Trace::new();
        let x = trace.parameter("x", DType::F32, [1, 1]);
        let entered = trace.enter();
        let loss = BinaryCrossentropy::new().from_logits(true).per_sample(&x.filled(1.0), &x).sum_all();
        let slope = addax_core::gradients(&loss, &[&x]).unwrap().remove(0).unwrap();
        drop(entered);
        let graph = trace.finish(&[slope]).unwrap();
        let zero = Value::new([1, 1], vec![0f32]).unwrap();
        assert_eq!(addax_core::evaluate(&graph, &[zero]).unwrap()[0].to_f64(), [-0.5]);
    }

    #[test]
    fn sparse_and_dense_labels_agree_along_any_axis() {
        let p = Tensor::from(Value::new([2, 3], vec![0.2f32, 0.3, 0.5, 0.9, 0.05, 0.05]).unwrap());
        let dense = Tensor::from(Value::new([2, 3], vec![0f32, 1.0, 0.0, 1.0, 0.0, 0.0]).unwrap());
        let sparse = Tensor::from(Value::from(vec![1i64, 0]));
        let a = CategoricalCrossentropy::new().per_sample(&dense, &p).to_value().unwrap();
        let b = SparseCategoricalCrossentropy::new().per_sample(&sparse, &p).to_value().unwrap();
        assert_eq!(a, b);
        let turned = |x: &Tensor| x.transpose(&[1, 0]);
        let c = CategoricalCrossentropy::new().axis(0isize).per_sample(&turned(&dense), &turned(&p));
        assert_eq!(a, c.to_value().unwrap());
        let d =
            SparseCategoricalCrossentropy::new().axis(0isize).per_sample(&sparse.expand_dims(0), &turned(&p));
        assert_eq!(a, d.to_value().unwrap());
    }
}
