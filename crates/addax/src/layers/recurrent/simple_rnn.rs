//! SimpleRNN (Elman 1990): `h = activation(x · kernel + bias + h · recurrent_kernel)`.

use super::cell::{Cell, Prepared, by_gates, drops, recurrent};
use crate::activations::Activation;
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layers::Layer;
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{Dim, Result, Shape, Tensor};

recurrent! {
    /// `h[t] = activation(x[t] · kernel + bias + h[t-1] · recurrent_kernel)` over `[batch, steps, features]`.
    SimpleRNN runs SimpleRNNCell named "simple_rnn_cell" (
        /// How many units.
        units: usize,
    ) {
        /// What the sum goes through.
        activation: Activation = Activation::from("tanh"),
        /// Whether there is a bias.
        use_bias: bool = true,
        /// First values of the kernel.
        kernel_initializer: Initializer = "glorot_uniform".into(),
        /// First values of the recurrent kernel.
        recurrent_initializer: Initializer = "orthogonal".into(),
        /// First values of the bias.
        bias_initializer: Initializer = "zeros".into(),
        /// Penalty on the kernel.
        kernel_regularizer: Option<Regularizer> = None,
        /// Penalty on the recurrent kernel.
        recurrent_regularizer: Option<Regularizer> = None,
        /// Penalty on the bias.
        bias_regularizer: Option<Regularizer> = None,
        /// Constraint of the kernel.
        kernel_constraint: Option<Constraint> = None,
        /// Constraint of the recurrent kernel.
        recurrent_constraint: Option<Constraint> = None,
        /// Constraint of the bias.
        bias_constraint: Option<Constraint> = None,
        /// The share of inputs that are dropped in training, the same at each step.
        dropout: f64 = 0.0,
        /// The share of the state that is dropped in training, the same at each step.
        recurrent_dropout: f64 = 0.0,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
}

impl Cell for SimpleRNNCell {
    fn states(&self, _: &mut Scope, step: &Shape) -> Result<Vec<Shape>> {
        Ok(vec![Shape::from(vec![step.get(0).unwrap_or(Dim::UNKNOWN), self.units.into()])])
    }

    fn prepare(&self, cx: &mut Scope, xs: &Tensor) -> Result<Prepared> {
        let (inputs, units) = (xs.check()?.dim(-1), Dim::new(self.units));
        let kernel = cx.weight("kernel", [inputs, units], &self.kernel_initializer);
        let kernel = kernel.regularizer(&self.kernel_regularizer).constraint(&self.kernel_constraint).get();
        let recurrent = cx.weight("recurrent_kernel", [units, units], &self.recurrent_initializer);
        let recurrent =
            recurrent.regularizer(&self.recurrent_regularizer).constraint(&self.recurrent_constraint).get();
        let dtype = kernel.dtype();
        let step = [xs.dim(1), inputs];
        let masks = drops(cx, self.dropout, &Shape::from(step.to_vec()), 1, dtype);
        let mut x = by_gates(xs, &kernel, &masks, Tensor::matmul);
        if self.use_bias {
            let bias = cx.weight("bias", [units], &self.bias_initializer);
            x = x + bias.regularizer(&self.bias_regularizer).constraint(&self.bias_constraint).get();
        }
        let state = Shape::from(vec![xs.dim(1), units]);
        let masks = drops(cx, self.recurrent_dropout, &state, 1, dtype);
        Ok(Prepared { slices: vec![x], fixed: [vec![recurrent], masks].concat() })
    }

    fn step(&self, cx: &mut Scope, given: &Prepared, states: &[Tensor]) -> Result<(Tensor, Vec<Tensor>)> {
        let z = &given.slices[0] + by_gates(&states[0], &given.fixed[0], &given.fixed[1..], Tensor::matmul);
        let h = self.activation.apply(cx, "activation", &z);
        Ok((h.clone(), vec![h]))
    }
}
