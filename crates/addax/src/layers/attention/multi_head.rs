//! MultiHeadAttention (Vaswani et al. 2017).

use super::dot_product::{Limits, SIGNATURE, Weighing, carried, mask_of, operands, pairs, wants_scores};
use super::projection::{project, projection};
use crate::activations::Activation;
use crate::constraints::{Axes, Constraint};
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::PartialShape;
use crate::layers::{EinsumDense, Layer};
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{Error, Result, Tensor};

layer! {
    /// Query, key and value are projected to `num_heads` heads; each head's scores `q · k / √key_dim` become weights
    /// by softmax over the steps that may be seen, and weigh the values; the heads are projected together.
    ///
    /// Called on query `[batch, T, d]` and value `[batch, S, d]`, perhaps `key`; other arguments of the call are
    /// `attention_mask` (`[batch, T, S]`), `use_causal_mask`, `return_attention_scores` and a mask for each operand.
    pub struct MultiHeadAttention (
        /// How many heads.
        num_heads: usize,
        /// The size of each head for query and key.
        key_dim: usize,
    ) {
        /// The size of each head for the value; `key_dim` unless given.
        value_dim: Option<usize> = None,
        /// The share of weights that are dropped in training.
        dropout: f64 = 0.0,
        /// Whether projections have biases.
        use_bias: bool = true,
        /// Whether the result is multiplied by a gate made of the query.
        use_gate: bool = false,
        /// The shape of a step of the result; the query's unless given.
        output_shape: Option<PartialShape> = None,
        /// The axes over which attention goes; all between batch and features unless given.
        attention_axes: Option<Axes> = None,
        /// Steps farther apart than this do not see each other.
        sliding_window: Option<usize> = None,
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

/// The `i`th letter of an equation.
fn letter(i: usize) -> char {
    char::from(b'a' + (i % 26) as u8)
}

fn letters(range: std::ops::Range<usize>) -> String {
    range.map(letter).collect()
}

impl MultiHeadAttention {
    /// A projection of the last `bound` axes of a tensor of `rank` axes to axes of the given sizes.
    fn projection(&self, rank: usize, bound: usize, sizes: &[usize]) -> EinsumDense {
        let free = rank - bound;
        let (kept, summed) = (letters(0..free), letters(free..rank));
        let made = letters(rank..rank + sizes.len());
        let open = free.saturating_sub(1);
        let shape = (0..open).map(|_| None).chain(sizes.iter().map(|n| Some(*n))).collect::<Vec<_>>();
        projection!(self, format!("{kept}{summed},{summed}{made}->{kept}{made}"), shape, made)
    }

    /// The equations of scores and of their use (`keras/src/layers/attention/multi_head_attention.py`), and along how
    /// many axes attention goes.
    fn equations(&self, rank: usize) -> Result<(String, String, usize)> {
        let axes = match &self.attention_axes {
            None => (1..rank - 2).collect::<Vec<_>>(),
            Some(axes) => {
                let from_front = |a: &isize| {
                    let a = if *a < 0 { a + rank as isize - 1 } else { *a };
                    usize::try_from(a).ok().filter(|a| *a > 0 && *a + 2 < rank)
                };
                axes.0.iter().map(from_front).collect::<Option<Vec<_>>>().ok_or_else(|| {
                    let wanted = format!("axes from 1 to {}", rank.saturating_sub(3));
                    Error::value("attention_axes").expected(wanted).got(format_args!("{:?}", axes.0))
                })?
            }
        };
        let target: Vec<char> = (0..rank).map(letter).collect();
        let shared = |i: &usize| !axes.contains(i) && *i != rank - 1;
        let mut fresh = (rank..).map(letter);
        let source: Vec<char> = (0..rank)
            .map(|i| if shared(&i) || i == rank - 1 { target[i] } else { fresh.next().unwrap_or('z') })
            .collect();
        let batch: String = (0..rank).filter(shared).map(|i| target[i]).collect();
        let of = |side: &[char]| axes.iter().map(|i| side[*i]).collect::<String>();
        let product = format!("{batch}{}{}", of(&target), of(&source));
        let (target, source) = (String::from_iter(&target), String::from_iter(&source));
        Ok((format!("{source},{target}->{product}"), format!("{product},{source}->{target}"), axes.len()))
    }

    fn attend(&self, cx: &mut Scope, [query, value, key]: [Tensor; 3]) -> Result<Vec<Tensor>> {
        for (name, n) in [("num_heads", self.num_heads), ("key_dim", self.key_dim)] {
            if n == 0 {
                return Err(Error::value(name).expected("at least 1").got(0));
            }
        }
        for t in [&query, &value, &key] {
            if t.check()?.rank() < 3 {
                return Err(Error::value("input")
                    .expected("at least 3 axes (batch, steps, features)")
                    .got(t.shape()));
            }
        }
        let value_dim = self.value_dim.unwrap_or(self.key_dim);
        // Keras looks at the mask that the query carries, not at one given by name.
        let limits = Limits {
            query: carried(cx, "query"),
            value: mask_of(cx, "value"),
            key: if cx.tensor("key").is_some() { mask_of(cx, "key") } else { cx.tensor("key_mask") },
            sliding_window: self.sliding_window,
        };
        let mask = pairs(cx, &query, &value, &limits);
        cx.set_mask(0, limits.query.clone());
        let heads = |t: &Tensor, size: usize| {
            let (rank, sizes) = (t.rank(), [self.num_heads, size]);
            move || self.projection(rank, 1, &sizes)
        };
        let q = project(cx, ("query_dense", "query"), &query, heads(&query, self.key_dim))?;
        let k = project(cx, ("key_dense", "key"), &key, heads(&key, self.key_dim))?;
        let gate = if self.use_gate {
            let made = heads(&query, value_dim);
            let dense = || made().activation(Activation::from("sigmoid"));
            Some(project(cx, ("_gate_dense", "gate"), &query, dense)?)
        } else {
            None
        };
        let v = project(cx, ("value_dense", "value"), &value, heads(&value, value_dim))?;
        let (scores_by, sum_by, axes) = self.equations(q.rank())?;
        let scores = Tensor::einsum(&scores_by, &[&k, &(q * (1.0 / (self.key_dim as f64).sqrt()))]);
        let returned = wants_scores(cx);
        // Keras takes another way where the scores themselves are needed; there, rows that see nothing are zeros.
        let zeros = self.dropout > 0.0 || returned || scores.rank() != 4;
        let (dropout, seed) = (self.dropout, self.seed);
        let (weights, kept) = Weighing { axes, dropout, seed, scores: &scores, mask, zeros }.run(cx)?;
        let mut y = Tensor::einsum(&sum_by, &[&kept, &v]);
        if let Some(gate) = gate {
            y = y * gate;
        }
        let output: Vec<usize> = match &self.output_shape {
            Some(shape) => shape.0.iter().flatten().copied().collect(),
            None => query.dim(-1).known().into_iter().collect(),
        };
        let rank = y.rank();
        let y = project(cx, ("output_dense", "attention_output"), &y, || self.projection(rank, 2, &output))?;
        Ok(if returned { vec![y, weights] } else { vec![y] })
    }
}

impl Layer for MultiHeadAttention {
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
    use crate::layers::LayerRef;
    use crate::layers::check::check_layer;
    use crate::models::Input;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(MultiHeadAttention::new(2usize, 3usize), &[&[3, 4], &[2, 4]]);
        let layer = MultiHeadAttention::new(2usize, 2usize).value_dim(3usize).use_gate(true).use_bias(false);
        check_layer(layer.sliding_window(2usize).output_shape(PartialShape::from(5)), &[&[3, 4], &[3, 4]]);
        check_layer(
            MultiHeadAttention::new(1usize, 2usize).attention_axes(Axes::from([1, 2])),
            &[&[2, 2, 3], &[2, 2, 3]],
        );
    }

    #[test]
    fn says_what_it_wanted() {
        let (x, flat) = (Input([3, 4]).unwrap(), Input([4]).unwrap());
        let error = |a, b| {
            let layer = LayerRef::new(MultiHeadAttention::new(2usize, 3usize)).named("m");
            layer.on_all(&[a, b]).unwrap_err().to_string()
        };
        assert_eq!(
            error(&flat, &x),
            "MultiHeadAttention \"m\" > input: expected at least 3 axes (batch, steps, features), got (None, 4)"
        );
    }
}
