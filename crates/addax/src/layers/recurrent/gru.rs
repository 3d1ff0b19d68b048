//! GRU (Cho et al. 2014), and its form with the reset gate after the product (as cuDNN has it).

use super::cell::{Cell, Prepared, by_gates, drops, gates, recurrent};
use crate::activations::Activation;
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layers::Layer;
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{Dim, Result, Shape, Tensor};

recurrent! {
    /// Gated recurrent unit over `[batch, steps, features]`: with `z` and `r` through the gates,
    /// `c = a(x_h + r · (h · U_h + b_h))` (`reset_after`) or `a(x_h + (r · h) · U_h)`, `h = z · h + (1 - z) · c`.
    GRU runs GRUCell named "gru_cell" (
        /// How many units.
        units: usize,
    ) {
        /// What the new content goes through.
        activation: Activation = Activation::from("tanh"),
        /// What the gates go through.
        recurrent_activation: Activation = Activation::from("sigmoid"),
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
        /// Whether the reset gate acts after the product with the recurrent kernel.
        reset_after: bool = true,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
}

impl Cell for GRUCell {
    fn states(&self, _: &mut Scope, step: &Shape) -> Result<Vec<Shape>> {
        Ok(vec![Shape::from(vec![step.get(0).unwrap_or(Dim::UNKNOWN), self.units.into()])])
    }

    fn prepare(&self, cx: &mut Scope, xs: &Tensor) -> Result<Prepared> {
        let (inputs, units, wide) = (xs.check()?.dim(-1), Dim::new(self.units), Dim::new(3 * self.units));
        let kernel = cx.weight("kernel", [inputs, wide], &self.kernel_initializer);
        let kernel = kernel.regularizer(&self.kernel_regularizer).constraint(&self.kernel_constraint).get();
        let recurrent = cx.weight("recurrent_kernel", [units, wide], &self.recurrent_initializer);
        let recurrent =
            recurrent.regularizer(&self.recurrent_regularizer).constraint(&self.recurrent_constraint).get();
        let each = if self.recurrent_dropout > 0.0 { 3 } else { 1 };
        let masks = drops(cx, self.dropout, &Shape::from(vec![xs.dim(1), inputs]), each, kernel.dtype());
        let mut z = by_gates(xs, &kernel, &masks, Tensor::matmul);
        let mut inner = recurrent.slice_axis(0, 0, 1).sum(&[0]).filled(0.0);
        if self.use_bias {
            let shape = if self.reset_after { vec![Dim::new(2), wide] } else { vec![wide] };
            let bias = cx.weight("bias", shape, &self.bias_initializer);
            let bias = bias.regularizer(&self.bias_regularizer).constraint(&self.bias_constraint).get();
            let row = |i: usize| bias.slice_axis(0, i, i + 1).squeeze(0);
            if self.reset_after {
                z = z + row(0);
                inner = row(1);
            } else {
                z = z + bias;
            }
        }
        let state = Shape::from(vec![xs.dim(1), units]);
        let masks = drops(cx, self.recurrent_dropout, &state, 3, recurrent.dtype());
        Ok(Prepared { slices: vec![z], fixed: [vec![recurrent, inner], masks].concat() })
    }

    fn step(&self, cx: &mut Scope, given: &Prepared, states: &[Tensor]) -> Result<(Tensor, Vec<Tensor>)> {
        let (h, recurrent, masks) = (&states[0], &given.fixed[0], &given.fixed[2..]);
        let x = gates(&given.slices[0], 3);
        let mut gate = |z: Tensor| self.recurrent_activation.apply(cx, "recurrent_activation", &z);
        let (z, content) = if self.reset_after {
            let inner = gates(&(by_gates(h, recurrent, masks, Tensor::matmul) + &given.fixed[1]), 3);
            let r = gate(&x[1] + &inner[1]);
            (gate(&x[0] + &inner[0]), &x[2] + r * &inner[2])
        } else {
            let kernels = gates(recurrent, 3);
            let through = |i: usize| {
                let h = masks.get(i).map_or_else(|| h.clone(), |m| h * m);
                h.matmul(&kernels[i])
            };
            let r = gate(&x[1] + through(1));
            let kept = masks.get(2).map_or_else(|| h.clone(), |m| h * m);
            (gate(&x[0] + through(0)), &x[2] + (r * kept).matmul(&kernels[2]))
        };
        let h = &z * h + (1.0 - &z) * self.activation.apply(cx, "activation", &content);
        Ok((h.clone(), vec![h]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(GRU::new(2usize), &[&[3, 2]]);
        check_layer(GRU::new(2usize).reset_after(false).return_sequences(true), &[&[3, 2]]);
        check_layer(super::super::SimpleRNN::new(2usize).activation("relu"), &[&[3, 2]]);
    }
}
