//! Activations as functions of a tensor, with their arguments (`keras.activations`). Where a function has a corner its
//! gradient there is the one that Keras's has.

use addax_core::{DType, Dim, Error, Result, Tensor};

/// The fixed point of self-normalizing networks (Klambauer et al. 2017).
pub const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
/// Its scale.
pub const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

/// `x` from `threshold` on, at most `max_value`, and `negative_slope · (x - threshold)` below.
///
/// ```
/// use addax::{Tensor, activations::functions::relu};
/// let y = |x: f32| relu(&Tensor::scalar(x), 0.5, Some(6.0), 1.0).to_value()?.item();
/// assert_eq!((y(-3.0)?, y(0.5)?, y(2.0)?, y(9.0)?), (-2.0, -0.25, 2.0, 6.0));
/// # Ok::<(), addax::Error>(())
/// ```
pub fn relu(x: &Tensor, negative_slope: f64, max_value: Option<f64>, threshold: f64) -> Tensor {
    if negative_slope != 0.0 && max_value.is_none() && threshold == 0.0 {
        return leaky_relu(x, negative_slope);
    }
    let above = match max_value {
        _ if threshold != 0.0 => x.gt_scalar(threshold).select(x, &x.filled(0.0)),
        Some(6.0) => relu6(x),
        _ => x.relu(),
    };
    let y = match max_value {
        Some(6.0) if threshold == 0.0 => above,
        Some(limit) => above.clip(0.0, limit),
        None => above,
    };
    if negative_slope == 0.0 { y } else { y - (threshold - x).relu() * negative_slope }
}

/// `min(max(x, 0), 6)`
pub fn relu6(x: &Tensor) -> Tensor {
    let six = x.filled(6.0);
    x.ge(&six).select(&six, &x.relu())
}

/// `x` if x ≥ 0, else `negative_slope · x`.
pub fn leaky_relu(x: &Tensor, negative_slope: f64) -> Tensor {
    x.lt_scalar(0.0).select(&(x * negative_slope), x)
}

/// `x` if x > 0, else `alpha · (exp(x) - 1)`.
pub fn elu(x: &Tensor, alpha: f64) -> Tensor {
    // The exponential of a large number would be infinite, and its gradient with it.
    let (zero, above) = (x.filled(0.0), x.gt_scalar(0.0));
    above.select(x, &(above.select(&zero, x).expm1() * alpha))
}

/// `max(x, 0) + alpha · min(0, exp(x / alpha) - 1)`
pub fn celu(x: &Tensor, alpha: f64) -> Tensor {
    x.max_scalar(0.0) + (x.min_scalar(0.0) / alpha).expm1() * alpha
}

/// `½ x (1 + erf(x / √2))`, or its approximation by a hyperbolic tangent.
pub fn gelu(x: &Tensor, approximate: bool) -> Tensor {
    if approximate {
        let inner = (x + x * x * x * 0.044_715) * (2.0 / std::f64::consts::PI).sqrt();
        x * (inner.tanh() + 1.0) * 0.5
    } else {
        x * ((x * std::f64::consts::FRAC_1_SQRT_2).erf() + 1.0) * 0.5
    }
}

/// `min(max((x + 3) / 6, 0), 1)`
pub fn hard_sigmoid(x: &Tensor) -> Tensor {
    relu6(&(x + 3.0)) / 6.0
}

/// `min(max(x, -1), 1)`
pub fn hard_tanh(x: &Tensor) -> Tensor {
    let low = x.lt_scalar(-1.0).select(&x.filled(-1.0), x);
    x.gt_scalar(1.0).select(&x.filled(1.0), &low)
}

/// `x` if |x| > `threshold`, else 0.
pub fn hard_shrink(x: &Tensor, threshold: f64) -> Tensor {
    x.abs().gt_scalar(threshold).select(x, &x.filled(0.0))
}

/// `x ∓ threshold` outside ±`threshold`, else 0.
pub fn soft_shrink(x: &Tensor, threshold: f64) -> Tensor {
    let low = x.lt_scalar(-threshold).select(&(x + threshold), &x.filled(0.0));
    x.gt_scalar(threshold).select(&(x - threshold), &low)
}

/// `x` if x > `threshold`, else `default_value`.
pub fn threshold(x: &Tensor, threshold: f64, default_value: f64) -> Tensor {
    x.gt_scalar(threshold).select(x, &x.filled(default_value))
}

/// `log(1 + exp(x))`, finite for every finite x.
pub fn softplus(x: &Tensor) -> Tensor {
    x.max_scalar(0.0) + x.abs().negate().exp().log1p()
}

/// `(x + √(x² + b)) / 2`
pub fn squareplus(x: &Tensor, b: f64) -> Tensor {
    (x + (x * x + b).sqrt()) * 0.5
}

/// 0 below -1, `(x + 1)² / 4` between, `x` above 1.
pub fn sparse_plus(x: &Tensor) -> Tensor {
    let middle = (x + 1.0).square() * 0.25;
    x.lt_scalar(1.0).select(&x.gt_scalar(-1.0).select(&middle, &x.filled(0.0)), x)
}

/// The first half along an axis times the sigmoid of the second.
pub fn glu(x: &Tensor, axis: isize) -> Tensor {
    Tensor::from_result(|| {
        let axis = x.check()?.axis(axis)?;
        let half = match x.dim(axis as isize).known() {
            Some(n) if n % 2 == 0 => n / 2,
            // Nobody knows the length yet: nor that of half of it.
            None => {
                let mut dims = x.shape().dims().to_vec();
                dims[axis] = Dim::UNKNOWN;
                return Ok(x.reshape(dims));
            }
            _ => {
                let e = Error::value("glu").expected(format_args!("an even length along axis {axis}"));
                return Err(e.got(x.shape()));
            }
        };
        Ok(x.slice_axis(axis, 0, half) * x.slice_axis(axis, half, 2 * half).logistic())
    })
}

/// Shifted by the largest along the axes, which leaves the result as it is and keeps every exponent finite.
fn shifted(x: &Tensor, axes: &[usize]) -> Tensor {
    x - x.max(axes).stop_gradient().keep_axes(axes)
}

/// `exp(x) / Σ exp(x)` along the given axes.
pub fn softmax_along(x: &Tensor, axes: &[usize]) -> Tensor {
    let e = shifted(x, axes).exp();
    &e / e.sum(axes).keep_axes(axes)
}

/// `x - log Σ exp(x)` along the given axes.
pub fn log_softmax_along(x: &Tensor, axes: &[usize]) -> Tensor {
    let shifted = shifted(x, axes);
    &shifted - shifted.exp().sum(axes).log().keep_axes(axes)
}

/// `max(x - τ, 0)` along an axis (Martins and Astudillo 2016), with Keras's τ: the sums of the 1, 2, … k largest
/// elements, those that are kept, are added up and 1 is taken off, then divided by k. (By the paper τ has the last of
/// these sums alone; the two agree where one element is kept.)
pub fn sparsemax(x: &Tensor, axis: isize) -> Tensor {
    Tensor::from_result(|| {
        let axis = x.check()?.axis(axis)?;
        // For each element: how many stand before it in falling order, equal ones in their own.
        let mut dims: Vec<Dim> = x.shape().dims().to_vec();
        dims.insert(axis + 1, dims[axis]);
        let own = x.expand_dims(axis as isize + 1).broadcast_to(dims.clone());
        let other = x.expand_dims(axis as isize).broadcast_to(dims.clone());
        let place = |axis| Tensor::iota(DType::I32, dims.clone(), axis);
        let earlier = other.equal(&own).and(&place(axis + 1).lt(&place(axis)));
        let before = other.gt(&own).or(&earlier).cast(x.dtype());
        let rank = before.sum(&[axis + 1]);
        let sum = (before * &other).sum(&[axis + 1]) + x;
        let kept = ((&rank + 1.0) * x + 1.0).gt(&sum).cast(x.dtype());
        let count = kept.sum(&[axis]).keep_axes(&[axis]);
        let sums = (kept * sum).sum(&[axis]).keep_axes(&[axis]);
        Ok((x - (sums - 1.0) / count).relu())
    })
}

fn last_axis(x: &Tensor) -> Result<[usize; 1]> {
    match x.check()?.rank() {
        0 | 1 => Err(Error::value("softmax").expected("at least two axes").got(x.shape())),
        n => Ok([n - 1]),
    }
}

/// `exp(x) / Σ exp(x)` along the last axis.
pub fn softmax(x: &Tensor) -> Tensor {
    Tensor::from_result(|| Ok(softmax_along(x, &last_axis(x)?)))
}

/// `x - log Σ exp(x)` along the last axis.
pub fn log_softmax(x: &Tensor) -> Tensor {
    Tensor::from_result(|| Ok(log_softmax_along(x, &last_axis(x)?)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;
    use addax_core::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        let inside: &[addax_core::testing::Domain] = &[(&[2, 4], (0.05, 0.45))];
        check_gradient("relu", |x| relu(&x[0], 0.1, Some(0.3), 0.6), inside);
        check_gradient("gelu", |x| gelu(&x[0], true), inside);
        check_gradient("celu", |x| celu(&(&x[0] - 0.5), 0.3), inside);
        check_gradient("glu", |x| glu(&x[0], -1), &[(&[3, 4], (-1.0, 1.0))]);
        check_gradient("sparsemax", |x| sparsemax(&x[0], -1), inside);
    }

    #[test]
    fn sparsemax_by_hand() {
        let x = Tensor::from(Value::new([2, 3], vec![0.5f32, 0.5, -1.0, 3.0, 0.0, 1.0]).unwrap());
        assert_eq!(sparsemax(&x, -1).to_value().unwrap().to_f64(), [0.25, 0.25, 0.0, 1.0, 0.0, 0.0]);
    }

    #[test]
    fn stay_finite_for_large_logits() {
        let x = Tensor::from(Value::new([1, 3], vec![1e4f32, -1e4, 0.0]).unwrap());
        for f in [softmax, log_softmax, softplus] {
            assert!(f(&x).to_value().unwrap().to_f64().iter().all(|v| v.is_finite()));
        }
    }
}
