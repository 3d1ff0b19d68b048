//! Focal losses: cross-entropies that look at what is not learned yet (Lin et al. 2018).

use super::crossentropy::{binary_each, classes_last, normalized, smoothed};
use super::{Labels, Loss, loss};
use crate::activations::softmax;
use addax_core::Tensor;

loss! {
    /// `mean (1 - p_t)^γ · bce`, p_t being the probability of the target; balanced: times α for 1, 1 - α for 0
    BinaryFocalCrossentropy ["binary_focal_crossentropy"] "binary_focal_crossentropy" {
        /// Whether the classes are weighed by `alpha`.
        apply_class_balancing: bool = false,
        /// The weight of class 1.
        alpha: f64 = 0.25,
        /// How much easy samples are left aside.
        gamma: f64 = 2.0,
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
        let p = if this.from_logits { p.logistic() } else { p.clone() };
        let other = 1.0 - &t;
        let hit = &t * &p + &other * (1.0 - &p);
        let mut each = (1.0 - hit).powf(this.gamma) * binary_each(&t, &p, false);
        if this.apply_class_balancing {
            each = (t * this.alpha + other * (1.0 - this.alpha)) * each;
        }
        Ok(each.mean(&[axis]))
    })
}

loss! {
    /// `-Σ α (1 - p)^γ t ln p`, p divided by its sum
    CategoricalFocalCrossentropy ["categorical_focal_crossentropy"] "categorical_focal_crossentropy" {
        /// The weight of the classes.
        alpha: f64 = 0.25,
        /// How much easy samples are left aside.
        gamma: f64 = 2.0,
        /// Whether outputs are logits.
        from_logits: bool = false,
        /// Moves targets towards the uniform distribution by this share.
        label_smoothing: f64 = 0.0,
        /// The axis of the classes.
        axis: isize = -1,
    } Labels::Distribution;
    |this, t, p| Tensor::from_result(|| {
        let count = t.check()?.dim(-1).known().unwrap_or(1) as f64;
        let t = smoothed(t.cast(p.dtype()), this.label_smoothing, count);
        let (t, p) = (classes_last(&t, this.axis)?, classes_last(p, this.axis)?);
        let p = normalized(&if this.from_logits { softmax(&p) } else { p });
        let last = [p.rank().saturating_sub(1)];
        let each = t * p.log() * (1.0 - &p).powf(this.gamma) * this.alpha;
        Ok(each.sum(&last).negate())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::losses::{BinaryCrossentropy, CategoricalCrossentropy};
    use addax_core::Value;

    #[test]
    fn without_focus_they_are_cross_entropies() {
        let t = Tensor::from(Value::new([2, 2], vec![0f32, 1.0, 1.0, 0.0]).unwrap());
        let p = Tensor::from(Value::new([2, 2], vec![0.3f32, 0.7, 0.6, 0.4]).unwrap());
        let near = |a: Tensor, b: Tensor| {
            let (a, b) = (a.to_value().unwrap().to_f64(), b.to_value().unwrap().to_f64());
            assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-6), "{a:?} {b:?}");
        };
        near(
            BinaryFocalCrossentropy::new().gamma(0.0).per_sample(&t, &p),
            BinaryCrossentropy::new().per_sample(&t, &p),
        );
        near(
            CategoricalFocalCrossentropy::new().gamma(0.0).alpha(1.0).per_sample(&t, &p),
            CategoricalCrossentropy::new().per_sample(&t, &p),
        );
    }
}
