//! Losses for classes and counts.

use super::regression::loss;
use super::{EPSILON, Loss, align, is_class};
use crate::activations::log_softmax;
use crate::class;
use addax_core::Tensor;

/// Probabilities kept away from 0 and 1, so that logarithms are finite.
fn clipped(p: &Tensor) -> Tensor {
    p.clip(EPSILON, 1.0 - EPSILON)
}

/// `log p` of each class: from logits, or from probabilities after division by their sum.
fn log_probabilities(p: &Tensor, from_logits: bool) -> Tensor {
    if from_logits {
        return log_softmax(p);
    }
    let last = p.rank().saturating_sub(1);
    clipped(&(p / p.sum(&[last]).expand_dims(-1))).log()
}

loss! {
    /// `mean -t ln p - (1 - t) ln(1 - p)`; from logits `max(x, 0) - x t + ln(1 + exp(-|x|))`
    BinaryCrossentropy ["binary_crossentropy", "bce", "BCE"] default "binary_crossentropy" {
        /// Whether outputs are logits.
        from_logits: bool = false,
        /// Moves targets towards ½ by this share.
        label_smoothing: f64 = 0.0,
        /// The axis of the classes.
        axis: isize = -1
    } labels Probabilities
    = |this, t, p| {
        let a = this.label_smoothing;
        let t = align(t, p);
        let t = if a == 0.0 { t } else { t * (1.0 - a) + 0.5 * a };
        let each = if this.from_logits {
            p.relu() - p * &t + p.abs().negate().exp().log1p()
        } else {
            let p = clipped(p);
            (&t * p.log() + (1.0 - &t) * (1.0 - &p).log()).negate()
        };
        each.mean_inner()
    }
}

loss! {
    /// `-Σ t ln p`, p divided by its sum; from logits by log-softmax
    CategoricalCrossentropy ["categorical_crossentropy", "cce", "CCE"] default "categorical_crossentropy" {
        /// Whether outputs are logits.
        from_logits: bool = false,
        /// Moves targets towards the uniform distribution by this share.
        label_smoothing: f64 = 0.0,
        /// The axis of the classes.
        axis: isize = -1
    } labels Distribution
    = |this, t, p| {
        let a = this.label_smoothing;
        let last = p.rank().saturating_sub(1);
        let classes = p.dim(-1).known().unwrap_or(1) as f64;
        let t = align(t, p);
        let t = if a == 0.0 { t } else { t * (1.0 - a) + a / classes };
        (t * log_probabilities(p, this.from_logits)).sum(&[last]).negate()
    }
}

loss! {
    /// `-ln p[label]`, labels being class numbers
    SparseCategoricalCrossentropy ["sparse_categorical_crossentropy", "scce"]
    default "sparse_categorical_crossentropy" {
        /// A label whose samples count as 0.
        ignore_class: Option<i64> = None,
        /// Whether outputs are logits.
        from_logits: bool = false,
        /// The axis of the classes.
        axis: isize = -1
    } labels ClassNumbers
    = |this, t, p| {
        let last = p.rank().saturating_sub(1);
        let log = log_probabilities(p, this.from_logits);
        let each = is_class(t, p).select(&log, &log.filled(0.0)).sum(&[last]).negate();
        match this.ignore_class {
            None => each,
            Some(class) => {
                let t = if t.rank() == p.rank() { t.squeeze(-1) } else { t.clone() };
                let keep = t.cast(each.dtype()).not_equal(&Tensor::constant(each.dtype(), class as f64));
                keep.select(&each, &each.filled(0.0))
            }
        }
    }
}

loss! {
    /// `Σ t ln(t / p)`, both within [ε, 1]
    KLDivergence ["kl_divergence", "kld", "KLD"] default "kl_divergence" {} labels Same
    = |this, t, p| {
        let last = p.rank().saturating_sub(1);
        let (t, p) = (align(t, p).clip(EPSILON, 1.0), p.clip(EPSILON, 1.0));
        (&t * (&t / p).log()).sum(&[last])
    }
}

loss! {
    /// `mean p - t ln(p + ε)`
    Poisson ["poisson"] default "poisson" {} labels Same
    = |this, t, p| (p - align(t, p) * (p + EPSILON).log()).mean_inner()
}

/// Labels 0 and 1 as -1 and 1; others as they are.
fn signed(t: &Tensor) -> Tensor {
    // Whether all are 0 or 1 is asked of the whole batch, as Keras does.
    let zero = t.equal(&t.filled(0.0));
    let binary = zero.or(&t.equal(&t.filled(1.0)));
    let all = binary.reduce(addax_core::ops::Reduction::And, &(0..t.rank()).collect::<Vec<_>>());
    all.broadcast_to(t.shape()).select(&(t * 2.0 - 1.0), t)
}

loss! {
    /// `mean max(1 - t p, 0)`, t being -1 or 1
    Hinge ["hinge"] default "hinge" {} labels Same
    = |this, t, p| (1.0 - signed(&align(t, p)) * p).relu().mean_inner()
}

loss! {
    /// `mean max(1 - t p, 0)²`, t being -1 or 1
    SquaredHinge ["squared_hinge"] default "squared_hinge" {} labels Same
    = |this, t, p| (1.0 - signed(&align(t, p)) * p).relu().square().mean_inner()
}

loss! {
    /// `max(max((1 - t) p) - Σ t p + 1, 0)`
    CategoricalHinge ["categorical_hinge"] default "categorical_hinge" {} labels Same
    = |this, t, p| {
        let last = [p.rank().saturating_sub(1)];
        let t = align(t, p);
        (((1.0 - &t) * p).max(&last) - (&t * p).sum(&last) + 1.0).relu()
    }
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
    fn sparse_and_dense_labels_agree() {
        let p = Tensor::from(Value::new([2, 3], vec![0.2f32, 0.3, 0.5, 0.9, 0.05, 0.05]).unwrap());
        let dense = Tensor::from(Value::new([2, 3], vec![0f32, 1.0, 0.0, 1.0, 0.0, 0.0]).unwrap());
        let sparse = Tensor::from(Value::from(vec![1i64, 0]));
        let a = CategoricalCrossentropy::new().per_sample(&dense, &p).to_value().unwrap();
        let b = SparseCategoricalCrossentropy::new().per_sample(&sparse, &p).to_value().unwrap();
        assert_eq!(a, b);
    }
}
