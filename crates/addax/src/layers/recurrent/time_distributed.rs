//! TimeDistributed: a layer applied to every step of a sequence.

use crate::arguments::{Argument, Arguments};
use crate::layer;
use crate::layers::{Layer, LayerRef};
use crate::scope::{Scope, Traced};
use addax_core::{Dim, Error, Result, Shape, Tensor};

layer! {
    /// Applies a layer to each step of `[batch, steps, …]` as if steps were rows of the batch.
    pub struct TimeDistributed (
        /// The layer.
        layer: LayerRef,
    ) {}
}

/// The first two axes as one.
fn folded(x: &Tensor) -> Tensor {
    let shape = x.shape();
    let rows = match (x.dim(0).known(), x.dim(1).known()) {
        (Some(a), Some(b)) => Dim::new(a * b),
        _ => Dim::UNKNOWN,
    };
    x.reshape(Shape::from([&[rows], shape.dims().get(2..).unwrap_or_default()].concat()))
}

impl TimeDistributed {
    fn outputs(&self, cx: &mut Scope, x: &Tensor) -> Result<Vec<Tensor>> {
        if x.check()?.rank() < 3 {
            return Err(Error::value("input").expected("at least 3 axes (batch, steps, …)").got(x.shape()));
        }
        let layer = cx.child("layer", || self.layer.clone())?;
        let mask = cx.mask(0);
        let mut arguments = Arguments::of(vec![Traced::from(folded(x))]);
        // A mask that says more than which steps are there is the inner layer's affair.
        if let Some(inner) = mask.as_ref().filter(|m| m.rank() > 2) {
            arguments = arguments.with("mask", Argument::Tensor(Traced::from(folded(inner))));
        }
        let outputs = cx.call_with(&layer, arguments)?;
        let lead = [x.dim(0), x.dim(1)];
        let unfold = |y: &Tensor| {
            let dims = y.shape();
            y.reshape(Shape::from([&lead[..], dims.dims().get(1..).unwrap_or_default()].concat()))
        };
        Ok(outputs.iter().map(|y| unfold(&y.tensor)).collect())
    }
}

impl Layer for TimeDistributed {
    fn call_many(&self, cx: &mut Scope, inputs: &[Tensor]) -> Vec<Tensor> {
        match inputs {
            [x] => self.outputs(cx, x).unwrap_or_else(|e| vec![Tensor::failed(e)]),
            _ => vec![Tensor::failed(Error::value("inputs").expected("one").got(inputs.len()))],
        }
    }

    fn signature(&self) -> &'static [&'static str] {
        &["inputs", "training", "mask"]
    }

    fn supports_masking(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::Dense;
    use crate::layers::check::check_layer;
    use crate::policy::Policy;

    #[test]
    fn behaves_like_a_layer() {
        let double = Policy::named("float64").unwrap();
        let inner = LayerRef::new(Dense::new(2usize)).with_policy(double);
        check_layer(TimeDistributed::new(inner), &[&[3, 2]]);
    }
}
