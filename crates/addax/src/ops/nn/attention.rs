//! Attention without weights.

use crate::activations::functions::softmax_along;
use crate::ops;
use addax_core::{DType, Dim, Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.nn";

    /// `softmax(scale · query · keyᵀ + bias) · value` for each head; all `[batch, steps, heads, width]`, several heads of
    /// the query may share one of key and value. Where the mask does not hold nobody looks.
    DotProductAttention dot_product_attention(
        query: Tensor, key: Tensor, value: Tensor;
        bias: Option<Tensor> = None, mask: Option<Tensor> = None, scale: Option<f64> = None
    ){ is_causal: bool = false, flash_attention: Option<bool> = None, attn_logits_soft_cap: Option<f64> = None } =
        attended(&query, &key, &value, bias, mask, scale, is_causal);
}

/// Something for each pair of steps as `[batch, heads, steps, steps]`.
fn for_pairs(t: &Tensor, heads: usize) -> Tensor {
    match (t.rank(), t.dim(1)) {
        (2, _) => t.expand_dims(0).expand_dims(0),
        (3, n) if n == heads => t.expand_dims(2),
        (3, _) => t.expand_dims(1),
        _ => t.clone(),
    }
}

/// Heads of key or value repeated so that each head of the query has one.
fn shared(t: &Tensor, heads: usize) -> Result<Tensor> {
    let own = t.dim(2).known().unwrap_or(heads);
    if own == heads {
        return Ok(t.clone());
    }
    if own == 0 || !heads.is_multiple_of(own) {
        return Err(Error::value("key").expected(format_args!("a divisor of {heads} heads")).got(own));
    }
    let mut dims = t.shape().dims().to_vec();
    dims.insert(3, Dim::new(heads / own));
    let grown = t.expand_dims(3).broadcast_to(dims);
    Ok(grown.reshape([t.dim(0), t.dim(1), Dim::new(heads), t.dim(3)]))
}

fn attended(
    query: &Tensor,
    key: &Tensor,
    value: &Tensor,
    bias: Option<Tensor>,
    mask: Option<Tensor>,
    scale: Option<f64>,
    is_causal: bool,
) -> Result<Tensor> {
    for (name, t) in [("query", query), ("key", key), ("value", value)] {
        if t.rank() != 4 {
            return Err(Error::value(name).expected("(batch, steps, heads, width)").got(t.shape()));
        }
    }
    let heads =
        query.dim(2).known().ok_or_else(|| Error::value("query").expected("a known number of heads"))?;
    let width = query.dim(3).known().unwrap_or(1) as f64;
    let (key, value) = (shared(&key.cast(query.dtype()), heads)?, shared(&value.cast(query.dtype()), heads)?);
    // Scores of half floats are kept in float32, as Keras keeps them.
    let exact = |t: &Tensor| if t.dtype() == DType::F64 { t.clone() } else { t.cast(DType::F32) };
    let scores =
        exact(&Tensor::einsum("btnh,bsnh->bnts", &[query, &key])) * scale.unwrap_or(1.0 / width.sqrt());
    let scores = match bias {
        Some(bias) => &scores + for_pairs(&bias.cast(scores.dtype()), heads),
        None => scores,
    };
    let mut seen = mask.map(|m| for_pairs(&m.cast(DType::Bool), heads));
    if is_causal {
        let steps = [query.dim(1), key.dim(1)];
        let earlier = Tensor::iota(DType::I32, steps, 0).ge(&Tensor::iota(DType::I32, steps, 1));
        seen = Some(seen.map_or(earlier.clone(), |s| s.and(&earlier)));
    }
    let scores = match seen {
        Some(seen) => seen.select(&scores, &Tensor::constant(scores.dtype(), -0.7 * f64::from(f32::MAX))),
        None => scores,
    };
    let weights = softmax_along(&scores, &[3]).cast(query.dtype());
    Ok(Tensor::einsum("bnts,bsnh->btnh", &[&weights, &value]))
}
