//! The dense layers inside attention: made as the layer around them says, kept under Keras's attribute names.

use crate::layers::{EinsumDense, LayerRef};
use crate::scope::Scope;
use addax_core::{Result, Tensor};

/// An [`EinsumDense`] with the initializers, regularizers and constraints of `$layer`, and a bias over `$bias_axes` if it
/// uses one.
macro_rules! projection {
    ($layer:expr, $equation:expr, $shape:expr, $bias_axes:expr) => {{
        let (layer, mut dense) = ($layer, EinsumDense::new($equation, $shape));
        dense.bias_axes = layer.use_bias.then(|| $bias_axes.to_string());
        dense.kernel_initializer = layer.kernel_initializer.clone();
        dense.bias_initializer = layer.bias_initializer.clone();
        dense.kernel_regularizer = layer.kernel_regularizer.clone();
        dense.bias_regularizer = layer.bias_regularizer.clone();
        dense.activity_regularizer = layer.activity_regularizer.clone();
        dense.kernel_constraint = layer.kernel_constraint.clone();
        dense.bias_constraint = layer.bias_constraint.clone();
        dense
    }};
}
pub(super) use projection;

/// Projects a tensor by the layer of this name that Keras keeps under `attribute`; `dense` makes it at the first call.
pub(super) fn project(
    cx: &mut Scope,
    (attribute, name): (&str, &str),
    x: &Tensor,
    dense: impl FnOnce() -> EinsumDense,
) -> Result<Tensor> {
    let policy = cx.policy();
    let layer = cx.child(attribute, || LayerRef::new(dense()).named(name).with_policy(policy))?;
    Ok(cx.call(&layer, std::slice::from_ref(x))?.remove(0))
}
