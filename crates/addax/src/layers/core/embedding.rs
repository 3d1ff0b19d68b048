//! Embedding: a row of a table for each number.

use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::Layer;
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{DType, Dim, Tensor};

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
        /// Penalty on the output, per row of the batch.
        activity_regularizer: Option<Regularizer> = None,
        /// Constraint of the table.
        embeddings_constraint: Option<Constraint> = None,
        /// Whether 0 stands for a step that is not there.
        mask_zero: bool = false,
        /// Quantization.
        quantization_config: Option<String> = None,
    }
}

impl Layer for Embedding {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        let table = cx
            .weight("embeddings", [self.input_dim, self.output_dim], &self.embeddings_initializer)
            .regularizer(&self.embeddings_regularizer)
            .constraint(&self.embeddings_constraint)
            .get();
        let numbers = x.cast(DType::I32).expand_dims(-1);
        let dims: Vec<Dim> = x.shape().dims().iter().copied().chain([self.input_dim.into()]).collect();
        // Negative numbers count from the end, as in the arrays that Keras runs on.
        let count = numbers.filled(self.input_dim as f64);
        let numbers = numbers.lt(&numbers.filled(0.0)).select(&(&numbers + count), &numbers);
        let hot = numbers.broadcast_to(dims.clone()).equal(&Tensor::iota(DType::I32, dims, x.rank()));
        let y = hot.cast(table.dtype()).matmul(&table);
        if self.mask_zero {
            cx.set_mask(0, Some(x.not_equal(&x.filled(0.0))));
        }
        cx.penalize(&self.activity_regularizer, &y);
        y
    }
}
