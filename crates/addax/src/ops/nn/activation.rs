//! Activations.

use crate::activations::functions as f;
use crate::ops;
use crate::ops::axes::Axes;
use crate::ops::numpy::counted;
use crate::ops::operand::float;
use addax_core::{Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.nn";

    /// `max(x, 0)`
    Relu relu(x: Tensor) = counted(&x).relu();
    /// `min(max(x, 0), 6)`
    Relu6 relu6(x: Tensor) = f::relu6(&float(&x));
    /// `1 / (1 + exp(-x))`
    Sigmoid sigmoid(x: Tensor) = float(&x).logistic();
    /// 0 below -1, `(x + 1) / 2` between, 1 above.
    SparseSigmoid sparse_sigmoid(x: Tensor) = ((float(&x) + 1.0) * 0.5).clip(0.0, 1.0);
    /// `log(1 + exp(x))`, finite for every finite x.
    Softplus softplus(x: Tensor) = f::softplus(&float(&x));
    /// `x / (1 + |x|)`
    Softsign softsign(x: Tensor) = float(&x) / (float(&x).abs() + 1.0);
    /// `x ∓ threshold` outside ±`threshold`, else 0.
    SoftShrink soft_shrink(x: Tensor)[; threshold: f64 = 0.5] = f::soft_shrink(&float(&x), threshold);
    /// 0 below -1, `(x + 1)² / 4` between, `x` above 1.
    SparsePlus sparse_plus(x: Tensor) = f::sparse_plus(&float(&x));
    /// `x · sigmoid(x)`
    Silu silu | swish (x: Tensor) = float(&x) * float(&x).logistic();
    /// `(x + √(x² + b)) / 2`
    Squareplus squareplus(x: Tensor)[; b: f64 = 4.0] = f::squareplus(&float(&x), b);
    /// `-softplus(-x)`
    LogSigmoid log_sigmoid(x: Tensor) = f::softplus(&float(&x).negate()).negate();
    /// `x` if x ≥ 0, else `negative_slope · x`.
    LeakyRelu leaky_relu(x: Tensor)[; negative_slope: f64 = 0.2] = f::leaky_relu(&float(&x), negative_slope);
    /// `min(max((x + 3) / 6, 0), 1)`
    HardSigmoid hard_sigmoid(x: Tensor) = f::hard_sigmoid(&float(&x));
    /// `x · hard_sigmoid(x)`
    HardSilu hard_silu | hard_swish (x: Tensor) = float(&x) * f::hard_sigmoid(&float(&x));
    /// `x` if x > 0, else `alpha · (exp(x) - 1)`.
    Elu elu(x: Tensor)[; alpha: f64 = 1.0] = f::elu(&float(&x), alpha);
    /// `1.0507 · elu(x, 1.6733)`
    Selu selu(x: Tensor) = f::elu(&float(&x), f::SELU_ALPHA) * f::SELU_SCALE;
    /// `½ x (1 + erf(x / √2))`, or its approximation by a hyperbolic tangent.
    Gelu gelu(x: Tensor)[; approximate: bool = true] = f::gelu(&float(&x), approximate);
    /// `max(x, 0) + alpha · min(0, exp(x / alpha) - 1)`
    Celu celu(x: Tensor)[; alpha: f64 = 1.0] = f::celu(&float(&x), alpha);
    /// The first half along an axis times the sigmoid of the second.
    Glu glu(x: Tensor)[; axis: isize = -1] = f::glu(&float(&x), axis);
    /// `x - tanh x`
    TanhShrink tanh_shrink(x: Tensor) = float(&x) - float(&x).tanh();
    /// `min(max(x, -1), 1)`
    HardTanh hard_tanh(x: Tensor) = if !x.dtype().is_float() { counted(&x).clip(-1.0, 1.0) } else { f::hard_tanh(&float(&x)) };
    /// `x` if |x| > `threshold`, else 0.
    HardShrink hard_shrink(x: Tensor)[; threshold: f64 = 0.5] = f::hard_shrink(&float(&x), threshold);
    /// `x` if x > `threshold`, else `default_value`.
    Threshold threshold(x: Tensor)[threshold: f64, default_value: f64] = f::threshold(&float(&x), threshold, default_value);
    /// `exp(x) / Σ exp(x)` along axes.
    Softmax softmax(x: Tensor)[; axis: Axes = Axes::One(-1)] = along(&x, &axis, f::softmax_along);
    /// `x - log Σ exp(x)` along axes.
    LogSoftmax log_softmax(x: Tensor)[; axis: Axes = Axes::One(-1)] = along(&x, &axis, f::log_softmax_along);
    /// The point nearest to `x` whose coordinates along an axis are at least 0 and sum to 1.
    Sparsemax sparsemax(x: Tensor)[; axis: isize = -1] = f::sparsemax(&float(&x), axis);
}

fn along(x: &Tensor, axis: &Axes, f: fn(&Tensor, &[usize]) -> Tensor) -> Result<Tensor> {
    Ok(f(&float(x), &axis.of(x.rank())?))
}
