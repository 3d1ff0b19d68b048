//! Losses element by element.

use super::normalization::EPSILON;
use crate::activations::functions::{log_softmax_along, softplus};
use crate::ops;
use crate::ops::axes::from_front;
use crate::ops::operand::{float, together_float};
use addax_core::{DType, Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.nn";

    /// `-t ln p - (1 - t) ln (1 - p)` of each element; from logits `softplus(x) - x t`.
    BinaryCrossentropy binary_crossentropy(target: Tensor, output: Tensor)[; from_logits: bool = false] =
        alike(&target, &output).map(|t| binary(&t, &float(&output), from_logits));
    /// `-Σ t ln p` along an axis, `p` divided by its sum; from logits by log-softmax.
    CategoricalCrossentropy categorical_crossentropy(target: Tensor, output: Tensor)
        [; from_logits: bool = false, axis: isize = -1] =
        alike(&target, &output).and_then(|t| categorical(&t, &float(&output), from_logits, axis));
    /// `-ln p[target]` along an axis, `p` divided by its sum; from logits by log-softmax.
    SparseCategoricalCrossentropy sparse_categorical_crossentropy(target: Tensor, output: Tensor)
        [; from_logits: bool = false, axis: isize = -1] = sparse(&target, &float(&output), from_logits, axis);
    /// The peak signal-to-noise ratio in decibels: `20 log₁₀ max_val - 10 log₁₀ (mean square difference)`.
    PSNR psnr(x1: Tensor, x2: Tensor)[max_val: f64] = signal_to_noise(&x1, &x2, max_val);
}

/// The target in the output's element type, where both have the same shape.
fn alike(target: &Tensor, output: &Tensor) -> Result<Tensor> {
    if !target.shape().fits(&output.shape()) {
        return Err(Error::value("target")
            .expected(format_args!("the shape {}", output.shape()))
            .got(target.shape()));
    }
    Ok(target.cast(float(output).dtype()))
}

fn binary(t: &Tensor, p: &Tensor, from_logits: bool) -> Tensor {
    if from_logits {
        return softplus(p) - p * t;
    }
    let p = p.clip(EPSILON, 1.0 - EPSILON);
    (t * p.log() + (1.0 - t) * (1.0 - &p).log()).negate()
}

fn log_probabilities(p: &Tensor, from_logits: bool, axis: usize) -> Tensor {
    if from_logits {
        return log_softmax_along(p, &[axis]);
    }
    (p / p.sum(&[axis]).keep_axes(&[axis])).clip(EPSILON, 1.0 - EPSILON).log()
}

fn categorical(t: &Tensor, p: &Tensor, from_logits: bool, axis: isize) -> Result<Tensor> {
    let axis = from_front(axis, p.rank())?;
    Ok((t * log_probabilities(p, from_logits, axis)).sum(&[axis]).negate())
}

fn sparse(t: &Tensor, p: &Tensor, from_logits: bool, axis: isize) -> Result<Tensor> {
    let axis = from_front(axis, p.rank())?;
    let t = if t.rank() == p.rank() && t.dim(-1) == 1usize { t.squeeze(-1) } else { t.clone() };
    let classes = p.dim(axis as isize).known();
    let classes =
        classes.ok_or_else(|| Error::value("output").expected("a known number of classes").got(p.shape()))?;
    let chosen = t.cast(DType::I32).one_hot(classes, axis as isize, p.dtype());
    if !chosen.shape().fits(&p.shape()) {
        return Err(Error::value("target").expected(format_args!("labels for {}", p.shape())).got(t.shape()));
    }
    Ok((chosen * log_probabilities(p, from_logits, axis)).sum(&[axis]).negate())
}

fn signal_to_noise(x1: &Tensor, x2: &Tensor, most: f64) -> Result<Tensor> {
    let [a, b] = together_float([&x1.into(), &x2.into()]);
    if !a.shape().fits(&b.shape()) {
        return Err(Error::value("x2").expected(format_args!("the shape {}", a.shape())).got(b.shape()));
    }
    let decibel = |x: Tensor| x.log() * (10.0 / std::f64::consts::LN_10);
    let noise = (&a - &b).square().mean_all();
    Ok(decibel(Tensor::constant(a.dtype(), most * most)) - decibel(noise))
}
