//! Dense: the fully connected layer.

use crate::activations::Activation;
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::Layer;
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{Dim, Error, Tensor};

layer! {
    /// `activation(x · kernel + bias)` along the last axis: `[…, in]` to `[…, units]`.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([10])?;
    /// let y = Dense::new(64usize).activation("relu").on(&x)?;
    /// assert_eq!(y.shape().to_string(), "(None, 64)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct Dense (
        /// How many outputs.
        units: usize,
    ) {
        /// What the sum goes through.
        activation: Activation = Activation::linear(),
        /// Whether there is a bias.
        use_bias: bool = true,
        /// First values of the kernel.
        kernel_initializer: Initializer = "glorot_uniform".into(),
        /// First values of the bias.
        bias_initializer: Initializer = "zeros".into(),
        /// Penalty on the kernel.
        kernel_regularizer: Option<Regularizer> = None,
        /// Penalty on the bias.
        bias_regularizer: Option<Regularizer> = None,
        /// Penalty on the output, per row.
        activity_regularizer: Option<Regularizer> = None,
        /// Constraint of the kernel.
        kernel_constraint: Option<Constraint> = None,
        /// Constraint of the bias.
        bias_constraint: Option<Constraint> = None,
        /// Rank of a low-rank update.
        lora_rank: Option<usize> = None,
        /// Scale of a low-rank update.
        lora_alpha: Option<f64> = None,
        /// Quantization.
        quantization_config: Option<String> = None,
    }
}

impl Layer for Dense {
    fn supports_masking(&self) -> bool {
        true
    }

    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        if x.rank() < 2 {
            return Tensor::failed(
                Error::value("input").expected("at least 2 axes (batch, features)").got(x.shape()),
            );
        }
        let kernel = cx
            .weight("kernel", [x.dim(-1), Dim::new(self.units)], &self.kernel_initializer)
            .regularizer(&self.kernel_regularizer)
            .constraint(&self.kernel_constraint)
            .get();
        let mut y = x.matmul(&kernel);
        if self.use_bias {
            let bias = cx.weight("bias", [self.units], &self.bias_initializer);
            y = y + bias.regularizer(&self.bias_regularizer).constraint(&self.bias_constraint).get();
        }
        let y = self.activation.apply(cx, "activation", &y);
        cx.penalize(&self.activity_regularizer, &y);
        y
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{LayerExt, LayerRef};
    use crate::models::Input;

    #[test]
    fn says_what_it_wanted() {
        let dense = LayerRef::new(Dense::new(4usize)).named("d");
        dense.on(&Input([784]).unwrap()).unwrap();
        let error = dense.on(&Input([28, 28]).unwrap()).unwrap_err().to_string();
        assert_eq!(
            error,
            "Dense \"d\" > matmul: expected (m, k) and (k, n), got (None, 28, 28) and (784, 4). Flatten first?"
        );
        let error = Dense::new(4usize)
            .activation("rellu")
            .named("d")
            .on(&Input([3]).unwrap())
            .unwrap_err()
            .to_string();
        assert_eq!(error, "Dense \"d\" > unknown activation \"rellu\". Did you mean \"relu\"?");
    }
}
