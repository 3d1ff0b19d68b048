//! Dense: the fully connected layer.

use super::quantization::Quantization;
use crate::activations::Activation;
use crate::class::Config;
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::Layer;
use crate::layers::low_rank::{self, LowRank};
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{Dim, Error, Result, Tensor};

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
        /// The rank of what the kernel learns, the kernel itself being frozen.
        lora_rank: Option<usize> = None,
        /// How much of it is added; `lora_rank` unless given.
        lora_alpha: Option<f64> = None,
        /// Quantization.
        quantization_config: Quantization = Quantization,
    }
}

impl Dense {
    fn product(&self, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
        if x.check()?.rank() < 2 {
            let e = Error::value("input").expected("at least 2 axes (batch, features)");
            return Err(e.got(x.shape()));
        }
        if self.units == 0 {
            return Err(Error::value("units").expected("at least 1").got(0));
        }
        let adaptation = LowRank {
            rank: self.lora_rank,
            alpha: self.lora_alpha,
            names: ["lora_kernel_a", "lora_kernel_b"],
            regularizer: &self.kernel_regularizer,
            constraint: &self.kernel_constraint,
        };
        let kernel = cx
            .weight("kernel", [x.dim(-1), Dim::new(self.units)], &self.kernel_initializer)
            .trainable(!adaptation.is_on())
            .regularizer(&self.kernel_regularizer)
            .constraint(&self.kernel_constraint)
            .get();
        let bias = self.use_bias.then(|| {
            let bias = cx.weight("bias", [self.units], &self.bias_initializer);
            bias.regularizer(&self.bias_regularizer).constraint(&self.bias_constraint).get()
        });
        let kernel = adaptation.adapt(cx, kernel)?;
        let mut y = x.cast(kernel.dtype()).matmul(&kernel);
        if let Some(bias) = bias {
            y = y + bias;
        }
        Ok(self.activation.apply(cx, "activation", &y))
    }
}

impl Layer for Dense {
    fn supports_masking(&self) -> bool {
        true
    }

    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        let y = Tensor::from_result(|| self.product(cx, x));
        cx.penalize(&self.activity_regularizer, &y);
        y
    }

    fn written(&self, config: &mut Config) {
        low_rank::written(config);
        if self.activity_regularizer.is_none() {
            config.shift_remove("activity_regularizer");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;
    use crate::layers::{LayerExt, LayerRef, PReLU};
    use crate::models::Input;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(Dense::new(3usize).activation("tanh"), &[&[2, 4]]);
        check_layer(Dense::new(3usize).use_bias(false), &[&[4]]);
        check_layer(Dense::new(3usize).lora_rank(2usize).lora_alpha(0.5), &[&[4]]);
    }

    #[test]
    fn an_activation_that_is_a_layer_brings_its_weights() {
        let layer = LayerRef::new(Dense::new(3usize).activation(PReLU::new()));
        layer.on(&Input([2]).unwrap()).unwrap();
        let again = LayerRef::from_json(&layer.to_json()).unwrap();
        again.on(&Input([2]).unwrap()).unwrap();
        for layer in [layer, again] {
            let names: Vec<String> = layer.weights().iter().map(|(w, _)| w.name.clone()).collect();
            assert_eq!(names, ["kernel", "bias", "alpha"]);
            assert_eq!(layer.children()[0].0, "activation");
        }
    }

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
