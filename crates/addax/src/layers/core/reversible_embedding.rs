//! ReversibleEmbedding: a table of rows, and the way back from rows to the numbers.

use super::embedding::Embedding;
use super::quantization::Quantization;
use crate::class::Config;
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::{Layer, low_rank};
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{DType, Result, Tensor};

layer! {
    /// As Embedding; called with `reverse=True` it gives for each vector its product with every row of the table:
    /// `[…, output_dim]` to `[…, input_dim]`.
    ///
    /// ```
    /// use addax::layers::ReversibleEmbedding;
    /// use addax::prelude::*;
    /// let x = Input([6])?;
    /// assert_eq!(ReversibleEmbedding::new(10usize, 4usize).on(&x)?.shape().to_string(), "(None, 6, 4)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct ReversibleEmbedding (
        /// How many numbers there are: all inputs are below it.
        input_dim: usize,
        /// The length of a row.
        output_dim: usize,
    ) {
        /// Whether the way back uses the same table.
        tie_weights: bool = true,
        /// First values of the tables.
        embeddings_initializer: Initializer = "uniform".into(),
        /// Penalty on the table.
        embeddings_regularizer: Option<Regularizer> = None,
        /// Constraint of the table.
        embeddings_constraint: Option<Constraint> = None,
        /// Whether 0 stands for a step that is not there.
        mask_zero: bool = false,
        /// The element type of the way back.
        reverse_dtype: Option<DType> = None,
        /// The products `p` become `cap · tanh(p / cap)`.
        logit_soft_cap: Option<f64> = None,
        /// The rank of what the table learns, the table itself being frozen.
        lora_rank: Option<usize> = None,
        /// How much of it is added; `lora_rank` unless given.
        lora_alpha: Option<f64> = None,
        /// Quantization.
        quantization_config: Quantization = Quantization,
        /// Penalty on the output, per row of the batch.
        activity_regularizer: Option<Regularizer> = None,
    }
}

impl ReversibleEmbedding {
    fn forward(&self) -> Embedding {
        Embedding {
            embeddings_initializer: self.embeddings_initializer.clone(),
            embeddings_regularizer: self.embeddings_regularizer.clone(),
            embeddings_constraint: self.embeddings_constraint.clone(),
            mask_zero: self.mask_zero,
            lora_rank: self.lora_rank,
            lora_alpha: self.lora_alpha,
            ..Embedding::new(self.input_dim, self.output_dim)
        }
    }

    fn called(&self, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
        let forward = self.forward();
        let table = forward.table(cx)?;
        let back = if self.tie_weights {
            table.transpose(&[1, 0])
        } else {
            cx.weight("reverse_embeddings", [self.output_dim, self.input_dim], &self.embeddings_initializer)
                .get()
        };
        if !cx.flag("reverse").unwrap_or(false) {
            return Ok(forward.rows(cx, &table, x));
        }
        let dtype = self.reverse_dtype.unwrap_or(x.dtype());
        let y = x.cast(dtype).matmul(&back.cast(dtype));
        Ok(match self.logit_soft_cap {
            Some(cap) => (y / cap).tanh() * cap,
            None => y,
        })
    }
}

impl Layer for ReversibleEmbedding {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        let y = Tensor::from_result(|| self.called(cx, x));
        cx.penalize(&self.activity_regularizer, &y);
        y
    }

    fn signature(&self) -> &'static [&'static str] {
        &["inputs", "reverse"]
    }

    fn autocasts(&self) -> bool {
        false
    }

    fn written(&self, config: &mut Config) {
        low_rank::written(config);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::{Argument, Arguments};
    use crate::layers::LayerRef;
    use crate::models::Input;
    use serde_json::json;

    #[test]
    fn the_way_back_has_a_product_for_each_number() {
        let layer = LayerRef::new(ReversibleEmbedding::new(7usize, 3usize).tie_weights(false));
        let y = layer.on(&Input([2]).unwrap()).unwrap();
        let reverse = Arguments::of(vec![y]).with("reverse", Argument::Plain(json!(true)));
        assert_eq!(layer.on_with(reverse).unwrap()[0].shape().to_string(), "(None, 2, 7)");
        let names: Vec<String> = layer.own_weights().iter().map(|w| w.name.clone()).collect();
        assert_eq!(names, ["embeddings", "reverse_embeddings"]);
    }
}
