//! Activations: one row each. Formulas are Keras's (`keras.activations`).

use crate::class::Field;
use addax_core::{Error, Result, Tensor};
use serde_json::Value as Json;

/// A row of the table.
struct Row {
    name: &'static str,
    aliases: &'static [&'static str],
    apply: fn(&Tensor) -> Tensor,
}

macro_rules! activations {
    ($($(#[doc = $doc:literal])* $name:ident [$($alias:literal),*] = $apply:expr;)*) => {
        const ROWS: &[Row] = &[$(Row { name: stringify!($name), aliases: &[$($alias),*], apply: $apply }),*];

        /// Each activation as a function of a tensor.
        pub mod functions {
            use super::*;
            $($(#[doc = $doc])* pub fn $name(x: &Tensor) -> Tensor { Activation::from(stringify!($name)).apply(x) })*
        }
    };
}

/// The fixed point of self-normalizing networks (Klambauer et al. 2017).
const SELU_ALPHA: f64 = 1.673_263_242_354_377_2;
const SELU_SCALE: f64 = 1.050_700_987_355_480_5;

activations! {
    /// `x`
    linear [] = |x| x.clone();
    /// `max(x, 0)`
    relu [] = |x| x.relu();
    /// `min(max(x, 0), 6)`
    relu6 [] = |x| x.relu().min_scalar(6.0);
    /// `x` if x ≥ 0, else `0.2 x`
    leaky_relu [] = |x| x.lt_scalar(0.0).select(&(x * 0.2), x);
    /// `1 / (1 + exp(-x))`
    sigmoid [] = |x| x.logistic();
    /// `tanh x`
    tanh [] = |x| x.tanh();
    /// `exp(x) / Σ exp(x)` along the last axis
    softmax [] = softmax;
    /// `x - log Σ exp(x)` along the last axis
    log_softmax [] = log_softmax;
    /// `log(1 + exp(x))`
    softplus [] = softplus;
    /// `x / (1 + |x|)`
    softsign [] = |x| x / (x.abs() + 1.0);
    /// `x · sigmoid(x)`
    silu ["swish"] = |x| x * x.logistic();
    /// `½ x (1 + erf(x / √2))`
    gelu [] = |x| x * ((x * std::f64::consts::FRAC_1_SQRT_2).erf() + 1.0) * 0.5;
    /// `x` if x > 0, else `exp(x) - 1`
    elu [] = |x| elu_(x, 1.0);
    /// `max(x, 0) + min(0, exp(x) - 1)`
    celu [] = |x| x.max_scalar(0.0) + x.min_scalar(0.0).expm1();
    /// `1.0507 · elu(x, 1.6733)`
    selu [] = |x| elu_(x, SELU_ALPHA) * SELU_SCALE;
    /// `exp x`
    exponential [] = |x| x.exp();
    /// `min(max((x + 3) / 6, 0), 1)`
    hard_sigmoid [] = hard_sigmoid_;
    /// `x · hard_sigmoid(x)`
    hard_silu ["hard_swish"] = |x| x * hard_sigmoid_(x);
    /// `min(max(x, -1), 1)`
    hard_tanh [] = |x| x.clip(-1.0, 1.0);
    /// `x` if |x| > 0.5, else 0
    hard_shrink [] = |x| x.abs().gt_scalar(0.5).select(x, &x.filled(0.0));
    /// `x ∓ 0.5` outside ±0.5, else 0
    soft_shrink [] = |x| {
        let low = x.lt_scalar(-0.5).select(&(x + 0.5), &x.filled(0.0));
        x.gt_scalar(0.5).select(&(x - 0.5), &low)
    };
    /// `x - tanh x`
    tanh_shrink [] = |x| x - x.tanh();
    /// `-softplus(-x)`
    log_sigmoid [] = |x| softplus(&x.negate()).negate();
    /// `x · tanh(softplus(x))`
    mish [] = |x| x * softplus(x).tanh();
    /// `(x + √(x² + 4)) / 2`
    squareplus [] = |x| (x + (x * x + 4.0).sqrt()) * 0.5;
    /// 0 below -1, `(x + 1)² / 4` between, `x` above 1
    sparse_plus [] = |x| {
        let middle = (x + 1.0).square() * 0.25;
        x.lt_scalar(1.0).select(&x.gt_scalar(-1.0).select(&middle, &x.filled(0.0)), x)
    };
    /// 0 below -1, `(x + 1) / 2` between, 1 above
    sparse_sigmoid [] = |x| ((x + 1.0) * 0.5).clip(0.0, 1.0);
}

fn elu_(x: &Tensor, alpha: f64) -> Tensor {
    let (zero, above) = (x.filled(0.0), x.gt_scalar(0.0));
    above.select(x, &(above.select(&zero, x).expm1() * alpha))
}

fn hard_sigmoid_(x: &Tensor) -> Tensor {
    (x / 6.0 + 0.5).clip(0.0, 1.0)
}

/// `log(1 + exp(x))`, finite for every finite x.
pub fn softplus(x: &Tensor) -> Tensor {
    x.max_scalar(0.0) + x.abs().negate().exp().log1p()
}

fn last_axis(x: &Tensor) -> Result<[usize; 1]> {
    match x.check()?.rank() {
        0 | 1 => Err(Error::value("softmax").expected("at least two axes").got(x.shape())),
        n => Ok([n - 1]),
    }
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

/// `exp(x) / Σ exp(x)` along the last axis.
pub fn softmax(x: &Tensor) -> Tensor {
    Tensor::from_result(|| Ok(softmax_along(x, &last_axis(x)?)))
}

/// `x - log Σ exp(x)` along the last axis.
pub fn log_softmax(x: &Tensor) -> Tensor {
    Tensor::from_result(|| {
        let axis = last_axis(x)?;
        let shifted = shifted(x, &axis);
        Ok(&shifted - shifted.exp().sum(&axis).log().expand_dims(-1))
    })
}

/// An activation by name.
///
/// ```
/// use addax::activations::Activation;
/// assert!(Activation::from("relu").get().is_ok());
/// let error = Activation::from("rellu").get().unwrap_err();
/// assert_eq!(error.to_string(), "unknown activation \"rellu\". Did you mean \"relu\"?");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Activation(Result<&'static str>);

impl Activation {
    /// All names.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ROWS.iter().map(|r| r.name)
    }

    /// No activation at all.
    pub fn linear() -> Activation {
        Activation(Ok("linear"))
    }

    /// Its name, or why it is unknown.
    pub fn get(&self) -> Result<&'static str> {
        self.0.clone()
    }

    /// Applies it.
    pub fn apply(&self, x: &Tensor) -> Tensor {
        match &self.0 {
            Ok(name) => ROWS.iter().find(|r| r.name == *name).map_or_else(|| x.clone(), |r| (r.apply)(x)),
            Err(e) => Tensor::failed(e.clone()),
        }
    }
}

impl From<&str> for Activation {
    fn from(name: &str) -> Activation {
        let row = ROWS.iter().find(|r| r.name == name || r.aliases.contains(&name));
        let known = || ROWS.iter().flat_map(|r| r.aliases.iter().copied().chain([r.name]));
        Activation(row.map(|r| r.name).ok_or_else(|| Error::unknown("activation", name, known())))
    }
}

impl Field for Activation {
    fn to_json(&self) -> Json {
        self.0.as_ref().map_or(Json::Null, |name| Json::String((*name).to_string()))
    }

    fn from_json(json: &Json) -> Result<Self> {
        let name = match json {
            Json::Null => Some("linear"),
            Json::Object(o) => o.get("config").and_then(Json::as_str),
            other => other.as_str(),
        };
        let name = name.ok_or_else(|| Error::type_("activation").expected("a name").got(json))?;
        let activation = Activation::from(name);
        activation.get()?;
        Ok(activation)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        for row in ROWS {
            // A piece on which none of them has a corner.
            check_gradient(row.name, |x| (row.apply)(&x[0]), &[(&[2, 3], (0.55, 0.95))]);
            check_gradient(row.name, |x| (row.apply)(&x[0]), &[(&[2, 3], (-0.95, -0.55))]);
        }
    }

    #[test]
    fn stay_finite_for_large_logits() {
        let x = Tensor::from(addax_core::Value::new([1, 3], vec![1e4f32, -1e4, 0.0]).unwrap());
        for f in [softmax, log_softmax, softplus, functions::log_sigmoid, functions::mish] {
            assert!(f(&x).to_value().unwrap().to_f64().iter().all(|v| v.is_finite()));
        }
    }
}
