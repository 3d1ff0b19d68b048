//! Accuracies that content themselves with the target among the largest.

use super::accuracy::first_largest;
use super::{Metric, mean_metric};
use crate::losses::is_class;
use addax_core::{DType, Tensor};

mean_metric! {
    /// How often the largest target is among the `k` largest outputs.
    TopKCategoricalAccuracy ["top_k_categorical_accuracy"] "top_k_categorical_accuracy"; {
        /// How many of the largest count.
        k: usize = 5,
    } {} Up;
    |this, t, p| in_top_k(&(first_largest(&t.cast(DType::F32)) - 1.0), p, this.k)
}

mean_metric! {
    /// How often the class number is among those of the `k` largest outputs; with `from_sorted_ids` the outputs are
    /// class numbers themselves, the likeliest first.
    SparseTopKCategoricalAccuracy ["sparse_top_k_categorical_accuracy"] "sparse_top_k_categorical_accuracy"; {
        /// How many of the largest count.
        k: usize = 5,
    } {
        /// Whether the outputs are class numbers in order.
        from_sorted_ids: bool = false,
    } Up;
    |this, t, p| {
        let t = if t.rank() == p.rank() && t.dim(-1) == 1usize { t.squeeze(-1) } else { t.clone() };
        if !this.from_sorted_ids {
            return in_top_k(&t, p, this.k);
        }
        let last = p.rank().saturating_sub(1);
        let k = p.dim(-1).known().map_or(this.k, |n| n.min(this.k));
        let first = p.slice_axis(last, 0, k);
        let t = t.cast(p.dtype()).expand_dims(-1).broadcast_to(first.shape());
        first.equal(&t).cast(DType::F32).max(&[last])
    }
}

/// Whether fewer than `k` outputs are larger than the one of the class; a class without an output is never found.
fn in_top_k(class: &Tensor, p: &Tensor, k: usize) -> Tensor {
    let last = [p.rank().saturating_sub(1)];
    let low = p.filled(f64::NEG_INFINITY);
    let known = p.is_nan().select(&low, p);
    let own = is_class(class, p).select(&known, &low).max(&last).expand_dims(-1).broadcast_to(p.shape());
    let larger = p.gt(&own).cast(DType::F32).sum(&last);
    larger.lt_scalar(k as f64).cast(DType::F32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;

    #[test]
    fn equals_are_all_among_the_largest() {
        let p = Tensor::from(Value::new([2, 3], vec![0.4f32, 0.4, 0.2, 0.1, 0.2, 0.7]).unwrap());
        let t = Tensor::from(Value::from(vec![1i32, 0]));
        let of =
            |k: usize| SparseTopKCategoricalAccuracy::new().k(k).values(&t, &p).to_value().unwrap().to_f64();
        assert_eq!(of(1), [1.0, 0.0]);
        assert_eq!(of(3), [1.0, 1.0]);
        let ids = Tensor::from(Value::new([2, 3], vec![2f32, 1.0, 0.0, 1.0, 2.0, 0.0]).unwrap());
        let sorted = SparseTopKCategoricalAccuracy::new().k(2usize).from_sorted_ids(true);
        assert_eq!(sorted.values(&t, &ids).to_value().unwrap().to_f64(), [1.0, 0.0]);
    }
}
