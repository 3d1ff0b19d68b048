//! Attention (Luong et al. 2015) and AdditiveAttention (Bahdanau et al. 2015): no projections, one head.

use super::dot_product::{causal, wants_scores};
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::{Dropout, Layer, LayerRef};
use crate::scope::Scope;
use addax_core::{DType, Dim, Error, Result, Tensor};

layer! {
    /// `softmax(query · keyᵀ) · value`, called on `[query, value]` or `[query, value, key]`; with `score_mode`
    /// `"concat"` the scores are `w · Σ tanh(query + key)`.
    pub struct Attention () {
        /// Whether scores are multiplied by a learnt number.
        use_scale: bool = false,
        /// `dot` or `concat`.
        score_mode: String = "dot".to_string(),
        /// The share of weights that are dropped in training.
        dropout: f64 = 0.0,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
}

layer! {
    /// `softmax(Σ scale · tanh(query + key)) · value`, called on `[query, value]` or `[query, value, key]`.
    pub struct AdditiveAttention () {
        /// Whether terms are multiplied by learnt numbers.
        use_scale: bool = true,
        /// The share of weights that are dropped in training.
        dropout: f64 = 0.0,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
}

/// `Σ scale · tanh(query + key)` for all pairs of steps: `[batch, T, S]`.
fn additive(query: &Tensor, key: &Tensor, inner: Option<&Tensor>, scale: Option<&Tensor>) -> Tensor {
    let sum = query.expand_dims(-2) + key.expand_dims(-3);
    let bent = inner.map_or_else(|| sum.clone(), |s| &sum * s).tanh();
    let terms = scale.map_or_else(|| bent.clone(), |s| &bent * s);
    terms.sum(&[terms.rank().saturating_sub(1)])
}

impl Attention {
    fn scores(&self, cx: &mut Scope, query: &Tensor, key: &Tensor) -> Result<Tensor> {
        let ones: Initializer = "ones".into();
        let none = Vec::<Dim>::new();
        let scale = self.use_scale.then(|| cx.weight("scale", none.clone(), &ones).get());
        match self.score_mode.as_str() {
            "dot" => {
                let scores = Tensor::einsum("...ij,...kj->...ik", &[query, key]);
                Ok(scale.map_or(scores.clone(), |s| scores * s))
            }
            "concat" => {
                let weight = cx.weight("concat_score_weight", none, &ones).get();
                Ok(additive(query, key, scale.as_ref(), None) * weight)
            }
            other => Err(Error::unknown("score_mode", other, ["dot", "concat"])),
        }
    }
}

impl AdditiveAttention {
    fn scores(&self, cx: &mut Scope, query: &Tensor, key: &Tensor) -> Tensor {
        let glorot: Initializer = "glorot_uniform".into();
        let scale = self.use_scale.then(|| cx.weight("scale", [query.dim(-1)], &glorot).get());
        additive(query, key, None, scale.as_ref())
    }
}

/// What both do with their scores (`keras/src/layers/attention/attention.py`).
fn attend(
    cx: &mut Scope,
    inputs: &[Tensor],
    (dropout, seed): (f64, Option<i64>),
    scores: impl FnOnce(&mut Scope, &Tensor, &Tensor) -> Result<Tensor>,
) -> Result<Vec<Tensor>> {
    let (query, value, key) = match inputs {
        [q, v] => (q, v, v),
        [q, v, k] => (q, v, k),
        _ => {
            return Err(Error::value("inputs")
                .expected("[query, value] or [query, value, key]")
                .got(inputs.len()));
        }
    };
    let (query_mask, value_mask) = (cx.mask(0), cx.mask(1));
    let mut scores = scores(cx, query, key)?;
    let columns = value_mask.map(|m| m.cast(DType::Bool).expand_dims(-2));
    let causal = cx.flag("use_causal_mask").unwrap_or(false).then(|| causal(query, key));
    let mask = [columns, causal].into_iter().flatten().reduce(|a, b| a.and(&b));
    if let Some(mask) = mask {
        let far = if scores.dtype() == DType::F16 { 65504.0 } else { 1e9 };
        scores = mask.broadcast_to(scores.shape()).select(&scores, &(&scores - far));
    }
    let weights = crate::activations::softmax(&scores);
    let kept = if dropout > 0.0 && cx.training() {
        let mut layer = Dropout::new(dropout);
        layer.seed = seed;
        cx.call(&LayerRef::new(layer).named("dropout"), std::slice::from_ref(&weights))?.remove(0)
    } else {
        weights.clone()
    };
    let mut y = Tensor::einsum("...ik,...kd->...id", &[&kept, value]);
    cx.set_mask(0, query_mask.clone());
    if let Some(mask) = query_mask {
        y = mask.cast(DType::Bool).expand_dims(-1).broadcast_to(y.shape()).select(&y, &y.filled(0.0));
    }
    Ok(if wants_scores(cx) { vec![y, weights] } else { vec![y] })
}

macro_rules! layers_of_scores {
    ($($name:ident = |$this:ident, $cx:ident, $q:ident, $k:ident| $scores:expr;)*) => {$(
        impl Layer for $name {
            fn call_many(&self, cx: &mut Scope, inputs: &[Tensor]) -> Vec<Tensor> {
                let $this = self;
                let found = attend(cx, inputs, (self.dropout, self.seed), |$cx, $q, $k| $scores);
                found.unwrap_or_else(|e| vec![Tensor::failed(e)])
            }

            fn signature(&self) -> &'static [&'static str] {
                &["inputs", "mask", "training", "return_attention_scores", "use_causal_mask"]
            }

            fn supports_masking(&self) -> bool {
                true
            }
        }
    )*};
}

layers_of_scores! {
    Attention = |this, cx, q, k| this.scores(cx, q, k);
    AdditiveAttention = |this, cx, q, k| Ok(this.scores(cx, q, k));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;

    #[test]
    fn behave_like_layers() {
        check_layer(Attention::new(), &[&[3, 2], &[4, 2]]);
        check_layer(Attention::new().use_scale(true).score_mode("concat"), &[&[3, 2], &[4, 2]]);
        check_layer(AdditiveAttention::new(), &[&[3, 2], &[4, 2], &[4, 2]]);
    }
}
