//! SpectralNormalization (Miyato et al. 2018): a layer whose kernel has a spectral norm of about 1.

use super::unit_normalization::normalized;
use crate::initializers::{Initializer, TruncatedNormal};
use crate::layer;
use crate::layers::{Layer, LayerRef};
use crate::scope::{Scope, Weight};
use addax_core::{Dim, Error, Result, Tensor};
use std::sync::Arc;

layer! {
    /// In training a layer with its kernel divided by the kernel's largest singular value, which power iterations
    /// approach from step to step; otherwise the layer as it is.
    ///
    /// ```
    /// use addax::layers::SpectralNormalization;
    /// use addax::prelude::*;
    /// let x = Input([10, 10, 1])?;
    /// let layer = SpectralNormalization::new(Conv2D::new(2usize, 2));
    /// assert_eq!(layer.on(&x)?.shape().to_string(), "(None, 9, 9, 2)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct SpectralNormalization (
        /// The layer.
        layer: LayerRef,
    ) {
        /// How many iterations each step takes.
        power_iterations: usize = 1,
    }
}

/// The weight that is normalized.
fn kernel_of(layer: &LayerRef) -> Result<Arc<Weight>> {
    let found = layer.own_weights().into_iter().find(|w| ["kernel", "embeddings"].contains(&w.name.as_str()));
    found.ok_or_else(|| Error::value(layer.title()).expected("a weight \"kernel\" or \"embeddings\""))
}

impl SpectralNormalization {
    /// The kernel divided by its spectral norm, and the vector that approaches its singular vector.
    fn normalize(&self, kernel: &Tensor, u: &Tensor) -> (Tensor, Tensor) {
        let last = kernel.rank() - 1;
        let rows = (0..last).map(|a| kernel.dim(a as isize).known().unwrap_or(1)).product::<usize>();
        let matrix = kernel.reshape([Dim::new(rows), kernel.dim(-1)]);
        let across = matrix.transpose(&[1, 0]);
        let unit = |t: Tensor| normalized(&t, &[1], 1e-7);
        let (mut left, mut right) = (Tensor::full(kernel.dtype(), [1, rows], 0.0), u.clone());
        for _ in 0..self.power_iterations {
            left = unit(right.matmul(&across));
            right = unit(left.matmul(&matrix));
        }
        let (left, right) = (left.stop_gradient(), right.stop_gradient());
        let sigma = left.matmul(&matrix).matmul(&right.transpose(&[1, 0]));
        // A kernel of zeros has no direction; it stays as it is.
        let nothing =
            matrix.abs().max(&[0, 1]).equal(&Tensor::constant(kernel.dtype(), 0.0)).broadcast_to([1, 1]);
        let norm = nothing.select(&sigma.filled(1.0), &sigma);
        let u = nothing.broadcast_to(u.shape()).select(u, &right);
        ((matrix / norm).reshape(kernel.shape()), u)
    }

    fn called(&self, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
        if self.power_iterations == 0 {
            return Err(Error::value("power_iterations").expected("at least 1").got(0));
        }
        let layer = cx.child("layer", || self.layer.clone())?;
        let x = std::slice::from_ref(x);
        // A layer has weights from its first call on.
        let mut y =
            if layer.own_weights().is_empty() || !cx.training() { cx.call(&layer, x)? } else { Vec::new() };
        let weight = kernel_of(&layer)?;
        let last = weight.shape.last().copied().unwrap_or(1);
        cx.adopt(&weight);
        let first = Initializer::from(TruncatedNormal::new().stddev(0.02));
        let u = cx.weight("vector_u", [1, last], &first).dtype(weight.dtype).fixed().uncast().get();
        if cx.training() {
            let (kernel, u) = self.normalize(&cx.tensor_of(&weight), &u);
            cx.update("vector_u", u);
            y = cx.rebound(&weight, kernel, |cx| cx.call(&layer, x))?;
        }
        Ok(y.remove(0).cast(x[0].dtype()))
    }
}

impl Layer for SpectralNormalization {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| self.called(cx, x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Dense, Flatten, LayerExt};
    use crate::models::Input;
    use addax_core::{DType, Trace, Value, evaluate};

    #[test]
    fn training_divides_by_the_largest_singular_value() {
        let layer = LayerRef::new(SpectralNormalization::new(Dense::new(2usize)).power_iterations(30usize));
        layer.on(&Input([2]).unwrap()).unwrap();
        let names: Vec<String> = layer.own_weights().iter().map(|w| w.name.clone()).collect();
        assert_eq!((names, layer.weights().len()), (vec!["kernel".to_string(), "vector_u".to_string()], 3));
        layer.own_weights()[0].set(Value::new([2, 2], vec![0f32, 4.0, 2.0, 0.0]).unwrap()).unwrap();
        let run = |training: bool| {
            let trace = Trace::new();
            let x = trace.parameter("x", DType::F32, [1, 2]);
            let entered = trace.enter();
            let weights: Vec<_> = layer.weights().into_iter().map(|(w, _)| w).collect();
            let tensors: Vec<Tensor> =
                weights.iter().map(|w| trace.parameter("w", w.dtype, &w.shape[..])).collect();
            let mut scope = Scope::new(&trace, training);
            scope.bind(&weights, &tensors);
            let y = scope.call(&layer, &[x]).unwrap();
            assert_eq!(scope.updates.len(), usize::from(training));
            drop(entered);
            let x = Value::new([1, 2], vec![1f32, 1.0]).unwrap();
            let all: Vec<Value> = [x].into_iter().chain(weights.iter().map(|w| w.value().unwrap())).collect();
            evaluate(&trace.finish(&y).unwrap(), &all).unwrap()[0].to_f64()
        };
        assert_eq!(run(false), [2.0, 4.0]);
        assert!(run(true).iter().zip([0.5, 1.0]).all(|(a, b)| (a - b).abs() < 1e-5));
    }

    #[test]
    fn a_layer_without_a_kernel_is_refused() {
        let error = SpectralNormalization::new(Flatten::new().named("f")).named("s").on(&Input([2]).unwrap());
        assert_eq!(
            error.unwrap_err().to_string(),
            "SpectralNormalization \"s\" > Flatten \"f\": expected a weight \"kernel\" or \"embeddings\""
        );
    }
}
