//! Targets and outputs brought to the same rank and element type.

use addax_core::Tensor;

/// Two tensors whose ranks differ by one at the end: a last axis of 1 is taken off, or given to a vector.
pub fn same_rank(a: &Tensor, b: &Tensor) -> (Tensor, Tensor) {
    let shrink = |long: &Tensor, short: &Tensor| match (long.rank() == short.rank() + 1, long.dim(-1)) {
        (true, d) if d == 1usize && short.rank() == 1 => (long.clone(), short.expand_dims(-1)),
        (true, d) if d == 1usize => (long.squeeze(-1), short.clone()),
        _ => (long.clone(), short.clone()),
    };
    if a.rank() >= b.rank() {
        shrink(a, b)
    } else {
        let (b, a) = shrink(b, a);
        (a, b)
    }
}

/// Targets in the output's element type and, where only a last axis of 1 is in the way, in its rank.
pub fn align(y_true: &Tensor, y_pred: &Tensor) -> (Tensor, Tensor) {
    let y_true = if y_true.dtype() == y_pred.dtype() { y_true.clone() } else { y_true.cast(y_pred.dtype()) };
    same_rank(&y_true, y_pred)
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::DType;

    #[test]
    fn ranks_meet_as_in_keras() {
        let of = |a: &[usize], b: &[usize]| {
            let (a, b) = same_rank(&Tensor::full(DType::F32, a, 0.0), &Tensor::full(DType::F32, b, 0.0));
            (a.shape().to_string(), b.shape().to_string())
        };
        let pair = |a: &str, b: &str| (a.to_string(), b.to_string());
        assert_eq!(of(&[4], &[4, 1]), pair("(4, 1)", "(4, 1)"));
        assert_eq!(of(&[4, 1], &[4]), pair("(4, 1)", "(4, 1)"));
        assert_eq!(of(&[4, 3, 1], &[4, 3]), pair("(4, 3)", "(4, 3)"));
        assert_eq!(of(&[4], &[4, 3]), pair("(4,)", "(4, 3)"));
        assert_eq!(of(&[4, 2], &[4, 2]), pair("(4, 2)", "(4, 2)"));
    }
}
