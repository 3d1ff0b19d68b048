//! What the attention layers share: masks of pairs of steps, scores, weights, sums.

use crate::arguments::Argument;
use crate::layers::{Dropout, LayerRef, Softmax};
use crate::scope::Scope;
use addax_core::{DType, Result, Shape, Tensor};
use serde_json::Value as Json;

/// Names of the call's arguments, in Keras's order.
pub(super) const SIGNATURE: &[&str] = &[
    "query",
    "value",
    "key",
    "query_mask",
    "value_mask",
    "key_mask",
    "attention_mask",
    "return_attention_scores",
    "training",
    "use_causal_mask",
];

/// Query, value and key of a call; the key is the value unless it was given.
pub(super) fn operands(cx: &Scope, inputs: &[Tensor]) -> Option<[Tensor; 3]> {
    let query = cx.tensor("query").or_else(|| inputs.first().cloned())?;
    let value = cx.tensor("value").or_else(|| inputs.get(1).cloned())?;
    let key = cx.tensor("key").unwrap_or_else(|| value.clone());
    Some([query, value, key])
}

/// The mask of an argument: the one that was given for it, else the one that its tensor carries.
pub(super) fn mask_of(cx: &Scope, name: &str) -> Option<Tensor> {
    cx.tensor(&format!("{name}_mask")).or_else(|| carried(cx, name))
}

/// The mask that the tensor of an argument carries.
pub(super) fn carried(cx: &Scope, name: &str) -> Option<Tensor> {
    match cx.argument(name)? {
        Argument::Tensor(t) => t.mask.clone(),
        _ => None,
    }
}

fn step(shape: &Shape, axis: usize) -> Tensor {
    Tensor::iota(DType::I32, shape, axis)
}

/// Whether step `i` of the query (rows) does not come before step `j` of the value (columns): `[1, query, value]`.
pub(super) fn causal(query: &Tensor, value: &Tensor) -> Tensor {
    let shape = Shape::from(vec![1.into(), query.dim(1), value.dim(1)]);
    step(&shape, 1).ge(&step(&shape, 2))
}

/// Whether two steps are less than `width` apart: `[1, query, value]`.
pub(super) fn window(query: &Tensor, value: &Tensor, width: usize) -> Tensor {
    let shape = Shape::from(vec![1.into(), query.dim(1), value.dim(1)]);
    (step(&shape, 1) - step(&shape, 2)).abs().lt_scalar(width as f64)
}

/// What limits a call of multi-head attention.
pub(super) struct Limits {
    pub query: Option<Tensor>,
    pub value: Option<Tensor>,
    pub key: Option<Tensor>,
    pub sliding_window: Option<usize>,
}

/// All masks of a call as one, `[batch, query, value]`: which pairs may see each other.
pub(super) fn pairs(cx: &Scope, query: &Tensor, value: &Tensor, limits: &Limits) -> Option<Tensor> {
    let boolean = |t: &Tensor| t.cast(DType::Bool);
    let rows = limits.query.as_ref().map(|m| boolean(m).expand_dims(-1));
    let columns = [&limits.value, &limits.key].map(|m| m.as_ref().map(|m| boolean(m).expand_dims(-2)));
    let causal = cx.flag("use_causal_mask").unwrap_or(false).then(|| causal(query, value));
    let window = limits.sliding_window.map(|w| window(query, value, w));
    let given = cx.tensor("attention_mask").map(|m| boolean(&m));
    [rows].into_iter().chain(columns).chain([causal, window, given]).flatten().reduce(|a, b| a.and(&b))
}

/// `scale · query · keyᵀ` through softmax along `axes` where the mask holds, then dropout. Masks have fewer axes than
/// scores: the missing ones come before the last `2 · axes` ones.
pub(super) struct Weighing<'a> {
    pub axes: usize,
    pub dropout: f64,
    pub seed: Option<i64>,
    pub scores: &'a Tensor,
    pub mask: Option<Tensor>,
    /// Whether rows of which nothing may be seen come out as zeros (else as the mean over all).
    pub zeros: bool,
}

impl Weighing<'_> {
    /// The weights before dropout, and those that multiply the values.
    pub fn run(&self, cx: &mut Scope) -> Result<(Tensor, Tensor)> {
        let rank = self.scores.check()?.rank();
        let place = -(2 * self.axes as isize) - 1;
        let mask = self.mask.as_ref().map(|m| {
            let mut mask = m.clone();
            while mask.rank() < rank {
                mask = mask.expand_dims(place);
            }
            mask
        });
        let policy = cx.policy();
        let axes: Vec<isize> = (1..=self.axes as isize).rev().map(|a| -a).collect();
        let dropout = Dropout::new(self.dropout);
        let dropout = LayerRef::new(match self.seed {
            Some(seed) => dropout.seed(seed),
            None => dropout,
        });
        let dropout = cx.child("_dropout_layer", || dropout.with_policy(policy))?;
        let softmax = Softmax::new().axis(axes);
        let weights = if self.zeros {
            softmax.masked(self.scores, mask.as_ref())
        } else {
            let lowest =
                if self.scores.dtype() == DType::F16 { -65504.0 } else { -0.7 * f64::from(f32::MAX) };
            let scores = match &mask {
                Some(m) => {
                    m.broadcast_to(self.scores.shape()).select(self.scores, &self.scores.filled(lowest))
                }
                None => self.scores.clone(),
            };
            softmax.masked(&scores, None)
        };
        let kept = if self.dropout > 0.0 {
            cx.call(&dropout, std::slice::from_ref(&weights))?.remove(0)
        } else {
            weights.clone()
        };
        Ok((weights, kept))
    }
}

/// Whether the scores are asked for beside the result.
pub(super) fn wants_scores(cx: &Scope) -> bool {
    matches!(cx.argument("return_attention_scores"), Some(Argument::Plain(Json::Bool(true))))
}
