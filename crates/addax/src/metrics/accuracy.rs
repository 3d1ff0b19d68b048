//! The accuracy family.

use super::{Metric, mean_metric};
use crate::losses::{align, is_class};
use addax_core::{DType, Tensor};

mean_metric! {
    /// How often output and target are equal.
    Accuracy ["accuracy"] "accuracy"; {} {} Up;
    |this, t, p| {
        let (t, p) = align(t, p);
        t.equal(&p).cast(DType::F32)
    }
}

mean_metric! {
    /// How often the output lies on the target's side of the threshold (strictly above it counts as 1).
    BinaryAccuracy ["binary_accuracy"] "binary_accuracy"; {} {
        /// The threshold.
        threshold: f64 = 0.5,
    } Up;
    |this, t, p| {
        let (t, p) = align(t, p);
        t.equal(&p.gt_scalar(this.threshold).cast(p.dtype())).cast(DType::F32)
    }
}

mean_metric! {
    /// How often the largest output is at the place of the largest target.
    CategoricalAccuracy ["categorical_accuracy"] "categorical_accuracy"; {} {} Up;
    |this, t, p| first_largest(&t.cast(DType::F32)).equal(&first_largest(p)).cast(DType::F32)
}

mean_metric! {
    /// How often the largest output is at the class number given.
    SparseCategoricalAccuracy ["sparse_categorical_accuracy"] "sparse_categorical_accuracy"; {} {} Up;
    |this, t, p| {
        let last = [p.rank().saturating_sub(1)];
        let place = place(p);
        let class = is_class(t, p).select(&place, &place.filled(0.0)).sum(&last);
        class.equal(&first_largest(p)).cast(DType::F32)
    }
}

/// The place along the last axis, counted from 1 as a float: class numbers stay exact to 2²⁴.
fn place(x: &Tensor) -> Tensor {
    Tensor::iota(DType::F32, x.shape(), x.rank().saturating_sub(1)) + 1.0
}

/// Where the largest of the last axis is, counted from 1; the first among equals.
pub(super) fn first_largest(x: &Tensor) -> Tensor {
    let last = [x.rank().saturating_sub(1)];
    let largest = x.max(&last).expand_dims(-1).broadcast_to(x.shape());
    let at = place(x);
    x.equal(&largest).select(&at, &at.filled(f64::INFINITY)).min(&last)
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;

    #[test]
    fn the_first_of_equals_counts() {
        let p =
            Tensor::from(Value::new([3, 3], vec![0.4f32, 0.4, 0.2, 0.1, 0.1, 0.8, 0.3, 0.6, 0.1]).unwrap());
        let t = Tensor::from(Value::from(vec![0i32, 2, 2]));
        let got = SparseCategoricalAccuracy::new().values(&t, &p).to_value().unwrap();
        assert_eq!(got, Value::from(vec![1f32, 1.0, 0.0]));
        let t = Tensor::from(Value::new([3, 3], vec![1f32, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 1.0]).unwrap());
        assert_eq!(CategoricalAccuracy::new().values(&t, &p).to_value().unwrap(), got);
    }

    #[test]
    fn the_threshold_itself_is_below() {
        let p = Tensor::from(Value::new([2, 1], vec![0.5f32, 0.51]).unwrap());
        let t = Tensor::from(Value::from(vec![0f32, 1.0]));
        let got = BinaryAccuracy::new().values(&t, &p).to_value().unwrap();
        assert_eq!(got.to_f64(), [1.0, 1.0]);
    }
}
