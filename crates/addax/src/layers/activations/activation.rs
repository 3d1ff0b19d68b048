//! Activation: an activation as a layer.

use crate::activations;
use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::Tensor;

layer! {
    /// Applies an activation to its input; the shape stays.
    pub struct Activation (
        /// Which.
        activation: activations::Activation,
    ) {}
}

impl Layer for Activation {
    fn supports_masking(&self) -> bool {
        true
    }

    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        self.activation.apply(cx, "activation", x)
    }
}
