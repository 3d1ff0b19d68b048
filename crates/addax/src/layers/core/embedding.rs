//! Embedding: a row of a table for each number.

use super::quantization::Quantization;
use crate::class::Config;
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::Layer;
use crate::layers::low_rank::{self, LowRank};
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{DType, Error, Result, Tensor};

layer! {
    /// The row of a learnt table for each whole number: `[batch, steps]` to `[batch, steps, output_dim]`.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([6])?;
    /// assert_eq!(Embedding::new(10usize, 4usize).on(&x)?.shape().to_string(), "(None, 6, 4)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct Embedding (
        /// How many numbers there are: all inputs are below it.
        input_dim: usize,
        /// The length of a row.
        output_dim: usize,
    ) {
        /// First values of the table.
        embeddings_initializer: Initializer = "uniform".into(),
        /// Penalty on the table.
        embeddings_regularizer: Option<Regularizer> = None,
        /// Constraint of the table.
        embeddings_constraint: Option<Constraint> = None,
        /// Whether 0 stands for a step that is not there.
        mask_zero: bool = false,
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

impl Embedding {
    /// The table, adapted if it is.
    pub(super) fn table(&self, cx: &mut Scope) -> Result<Tensor> {
        for (what, n) in [("input_dim", self.input_dim), ("output_dim", self.output_dim)] {
            if n == 0 {
                return Err(Error::value(what).expected("at least 1").got(0));
            }
        }
        let adaptation = LowRank {
            rank: self.lora_rank,
            alpha: self.lora_alpha,
            names: ["lora_embeddings_a", "lora_embeddings_b"],
            regularizer: &self.embeddings_regularizer,
            constraint: &self.embeddings_constraint,
        };
        let table = cx
            .weight("embeddings", [self.input_dim, self.output_dim], &self.embeddings_initializer)
            .trainable(!adaptation.is_on())
            .regularizer(&self.embeddings_regularizer)
            .constraint(&self.embeddings_constraint)
            .get();
        adaptation.adapt(cx, table)
    }

    /// The rows of a table, and the mask of the numbers.
    pub(super) fn rows(&self, cx: &mut Scope, table: &Tensor, x: &Tensor) -> Tensor {
        let whole = matches!(x.dtype(), DType::I32 | DType::I64);
        let numbers = if whole { x.clone() } else { x.cast(DType::I32) };
        cx.set_mask(0, self.mask_zero.then(|| x.not_equal(&x.filled(0.0))));
        table.take(&numbers, 0).cast(cx.policy().compute)
    }
}

impl Layer for Embedding {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        let y = Tensor::from_result(|| {
            let table = self.table(cx)?;
            Ok(self.rows(cx, &table, x))
        });
        cx.penalize(&self.activity_regularizer, &y);
        y
    }

    fn supports_masking(&self) -> bool {
        self.mask_zero
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
    use crate::layers::LayerRef;
    use crate::layers::check::run;
    use crate::models::Input;
    use addax_core::{Trace, Value};

    #[test]
    fn numbers_pick_rows() {
        let x = Tensor::from(Value::new([1, 3], vec![2i32, 0, -1]).unwrap());
        let layer = LayerRef::new(Embedding::new(3usize, 2usize));
        layer.on(&Input([3]).unwrap()).unwrap();
        let y = run(layer.clone(), &[x]).to_f64();
        let table = layer.own_weights()[0].value().unwrap().to_f64();
        assert_eq!(y, [&table[4..], &table[..2], &table[4..]].concat());
    }

    #[test]
    fn zeros_are_masked_on_demand() {
        let masked = |layer: Embedding| {
            let trace = Trace::new();
            let x = trace.parameter("x", DType::I32, [1, 2]);
            let _entered = trace.enter();
            let y = Scope::new(&trace, false).call_with(
                &layer.into(),
                crate::arguments::Arguments::of(vec![crate::scope::Traced::from(x)]),
            );
            y.unwrap().remove(0).mask.map(|m| (m.dtype(), m.shape().to_string()))
        };
        assert_eq!(masked(Embedding::new(3usize, 2usize)), None);
        let mask = masked(Embedding::new(3usize, 2usize).mask_zero(true));
        assert_eq!(mask, Some((DType::Bool, "(1, 2)".to_string())));
    }

    #[test]
    fn an_adapted_table_learns_by_two_narrow_ones() {
        let layer = LayerRef::new(Embedding::new(5usize, 3usize).lora_rank(2usize));
        layer.on(&Input([3]).unwrap()).unwrap();
        let weights = layer.weights().into_iter().map(|(w, t)| (w.name.clone(), w.shape.clone(), t));
        let wanted = [
            ("lora_embeddings_a", [5, 2], true),
            ("lora_embeddings_b", [2, 3], true),
            ("embeddings", [5, 3], false),
        ];
        assert!(weights.zip(wanted).all(|(got, w)| got == (w.0.to_string(), w.1.to_vec(), w.2)));
    }
}
