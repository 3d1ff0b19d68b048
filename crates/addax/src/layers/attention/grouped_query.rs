//! GroupQueryAttention (Ainslie et al. 2023): several query heads share a head of key and value.

use super::dot_product::{Limits, SIGNATURE, Weighing, carried, mask_of, operands, pairs, wants_scores};
use super::projection::{project, projection};
use crate::activations::Activation;
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::spatial::repeat;
use crate::layers::{EinsumDense, Layer};
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{Error, Result, Tensor};

layer! {
    /// As MultiHeadAttention, with `num_query_heads` heads of the query and fewer of key and value, each of which serves
    /// `num_query_heads / num_key_value_heads` of them.
    pub struct GroupQueryAttention (
        /// The size of each head.
        head_dim: usize,
        /// How many heads the query has.
        num_query_heads: usize,
        /// How many heads key and value have.
        num_key_value_heads: usize,
    ) {
        /// Whether projections have biases.
        use_bias: bool = true,
        /// Whether the result is multiplied by a gate made of the query.
        use_gate: bool = false,
        /// Steps farther apart than this do not see each other.
        sliding_window: Option<usize> = None,
        /// The share of weights that are dropped in training.
        dropout: f64 = 0.0,
        /// First values of the kernels.
        kernel_initializer: Initializer = "glorot_uniform".into(),
        /// First values of the biases.
        bias_initializer: Initializer = "zeros".into(),
        /// Penalty on the kernels.
        kernel_regularizer: Option<Regularizer> = None,
        /// Penalty on the biases.
        bias_regularizer: Option<Regularizer> = None,
        /// Penalty on each projection's output, per row.
        activity_regularizer: Option<Regularizer> = None,
        /// Constraint of the kernels.
        kernel_constraint: Option<Constraint> = None,
        /// Constraint of the biases.
        bias_constraint: Option<Constraint> = None,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
}

impl GroupQueryAttention {
    /// A projection to axes of the given sizes.
    fn projection(&self, equation: &str, bias_axes: &str, sizes: &[Option<usize>]) -> EinsumDense {
        let shape = [&[None], sizes].concat();
        projection!(self, equation, shape, bias_axes)
    }

    fn attend(&self, cx: &mut Scope, [query, value, key]: [Tensor; 3]) -> Result<Vec<Tensor>> {
        let (heads, shared, size) = (self.num_query_heads, self.num_key_value_heads, self.head_dim);
        if shared == 0 || !heads.is_multiple_of(shared) {
            let e = Error::value("num_query_heads")
                .expected(format_args!("a multiple of {shared} key and value heads"));
            return Err(e.got(heads));
        }
        for t in [&query, &value, &key] {
            if t.check()?.rank() != 3 {
                return Err(Error::value("input").expected("rank 3 (batch, steps, features)").got(t.shape()));
            }
        }
        let limits = Limits {
            query: mask_of(cx, "query"),
            value: mask_of(cx, "value"),
            key: if cx.tensor("key").is_some() { mask_of(cx, "key") } else { cx.tensor("key_mask") },
            sliding_window: self.sliding_window,
        };
        let mask = pairs(cx, &query, &value, &limits);
        cx.set_mask(0, carried(cx, "query"));
        let by_query = || self.projection("bqm,muh->bquh", "uh", &[Some(heads), Some(size)]);
        let by_value = || self.projection("bkm,mvh->bkvh", "vh", &[Some(shared), Some(size)]);
        let q = project(cx, ("_query_dense", "query"), &query, by_query)?;
        let k = project(cx, ("_key_dense", "key"), &key, by_value)?;
        let gate = if self.use_gate {
            let dense = || by_query().activation(Activation::from("sigmoid"));
            Some(project(cx, ("_gate_dense", "gate"), &query, dense)?)
        } else {
            None
        };
        let v = project(cx, ("_value_dense", "value"), &value, by_value)?;
        let (k, v) = (repeat(&k, 2, heads / shared), repeat(&v, 2, heads / shared));
        let scores = Tensor::einsum("bquh,bkuh->buqk", &[&(q * (1.0 / (size as f64).sqrt())), &k]);
        let returned = wants_scores(cx);
        let (dropout, seed) = (self.dropout, self.seed);
        let zeros = dropout > 0.0 || returned;
        let (weights, kept) = Weighing { axes: 1, dropout, seed, scores: &scores, mask, zeros }.run(cx)?;
        let mut y = Tensor::einsum("buqk,bkuh->bquh", &[&kept, &v]);
        if let Some(gate) = gate {
            y = y * gate;
        }
        let output = || self.projection("bquh,uhm->bqm", "m", &[query.dim(-1).known()]);
        let y = project(cx, ("_output_dense", "attention_output"), &y, output)?;
        Ok(if returned { vec![y, weights] } else { vec![y] })
    }
}

impl Layer for GroupQueryAttention {
    fn call_many(&self, cx: &mut Scope, inputs: &[Tensor]) -> Vec<Tensor> {
        let Some(operands) = operands(cx, inputs) else {
            return vec![Tensor::failed(
                Error::value("inputs").expected("query and value").got(inputs.len()),
            )];
        };
        self.attend(cx, operands).unwrap_or_else(|e| vec![Tensor::failed(e)])
    }

    fn signature(&self) -> &'static [&'static str] {
        SIGNATURE
    }

    fn supports_masking(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(GroupQueryAttention::new(2usize, 4usize, 2usize).use_gate(true), &[&[3, 4], &[2, 4]]);
        check_layer(
            GroupQueryAttention::new(2usize, 2usize, 1usize).sliding_window(2usize),
            &[&[3, 4], &[3, 4]],
        );
    }
}
