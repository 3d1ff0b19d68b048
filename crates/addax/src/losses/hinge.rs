//! Hinges: losses that are content beyond a margin.

use super::{Labels, Loss, loss};
use addax_core::Tensor;
use addax_core::ops::Reduction;

/// Labels 0 and 1 as -1 and 1; others as they are. Whether all are 0 or 1 is asked of the whole batch, as Keras does.
fn signed(t: &Tensor) -> Tensor {
    let binary = t.equal(&t.filled(0.0)).or(&t.equal(&t.filled(1.0)));
    let all = binary.reduce(Reduction::And, &(0..t.rank()).collect::<Vec<_>>());
    all.broadcast_to(t.shape()).select(&(t * 2.0 - 1.0), t)
}

/// `max(1 - t p, 0)`, t being -1 or 1.
fn margin(t: &Tensor, p: &Tensor) -> Tensor {
    (1.0 - signed(&t.cast(p.dtype())) * p).max_scalar(0.0)
}

loss! {
    /// `mean max(1 - t p, 0)`, t being -1 or 1
    Hinge ["hinge"] "hinge" {} Labels::Same;
    |this, t, p| margin(t, p).mean_inner()
}

loss! {
    /// `mean max(1 - t p, 0)²`, t being -1 or 1
    SquaredHinge ["squared_hinge"] "squared_hinge" {} Labels::Same;
    |this, t, p| margin(t, p).square().mean_inner()
}

loss! {
    /// `max(max((1 - t) p) - Σ t p + 1, 0)`
    CategoricalHinge ["categorical_hinge"] "categorical_hinge" {} Labels::Same;
    |this, t, p| {
        let last = [p.rank().saturating_sub(1)];
        let t = t.cast(p.dtype());
        (((1.0 - &t) * p).max(&last) - (&t * p).sum(&last) + 1.0).max_scalar(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;

    #[test]
    fn labels_of_0_and_1_become_signs() {
        let row = |v: Vec<f32>| Tensor::from(Value::new([1, 2], v).unwrap());
        let of = |t: Vec<f32>| {
            Hinge::new().per_sample(&row(t), &row(vec![0.5, 0.25])).to_value().unwrap().to_f64()[0]
        };
        assert_eq!(of(vec![0.0, 1.0]), of(vec![-1.0, 1.0]));
        assert_eq!(of(vec![0.0, 1.0]), (1.5 + 0.75) / 2.0);
    }
}
