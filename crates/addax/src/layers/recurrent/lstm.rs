//! LSTM (Hochreiter and Schmidhuber 1997), with forget gates (Gers et al. 2000).

use super::cell::{Cell, Prepared, UnitForgetBias, by_gates, drops, gates, recurrent};
use crate::activations::Activation;
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layers::Layer;
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{Dim, Result, Shape, Tensor};

recurrent! {
    /// Long short-term memory over `[batch, steps, features]`: with the four gates of
    /// `z = x · kernel + h · recurrent_kernel + bias`,
    /// `c = s(z_f) · c + s(z_i) · a(z_c)`, `h = s(z_o) · a(c)`; its states are h and c.
    ///
    /// ```
    /// use addax::layers::LSTM;
    /// use addax::prelude::*;
    /// let x = Input([5, 3])?;
    /// assert_eq!(LSTM::new(4usize).on(&x)?.shape().to_string(), "(None, 4)");
    /// assert_eq!(LSTM::new(4usize).return_sequences(true).on(&x)?.shape().to_string(), "(None, 5, 4)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    LSTM runs LSTMCell named "lstm_cell" (
        /// How many units.
        units: usize,
    ) {
        /// What the new content and the output go through.
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
        /// Whether the forget gate's bias begins at 1.
        unit_forget_bias: bool = true,
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

impl Cell for LSTMCell {
    fn states(&self, _: &mut Scope, step: &Shape) -> Result<Vec<Shape>> {
        Ok(vec![Shape::from(vec![step.get(0).unwrap_or(Dim::UNKNOWN), self.units.into()]); 2])
    }

    fn prepare(&self, cx: &mut Scope, xs: &Tensor) -> Result<Prepared> {
        let (inputs, units, wide) = (xs.check()?.dim(-1), Dim::new(self.units), Dim::new(4 * self.units));
        let kernel = cx.weight("kernel", [inputs, wide], &self.kernel_initializer);
        let kernel = kernel.regularizer(&self.kernel_regularizer).constraint(&self.kernel_constraint).get();
        let recurrent = cx.weight("recurrent_kernel", [units, wide], &self.recurrent_initializer);
        let recurrent =
            recurrent.regularizer(&self.recurrent_regularizer).constraint(&self.recurrent_constraint).get();
        // Keras draws a mask for each gate where the state is dropped too.
        let each = if self.recurrent_dropout > 0.0 { 4 } else { 1 };
        let masks = drops(cx, self.dropout, &Shape::from(vec![xs.dim(1), inputs]), each, kernel.dtype());
        let mut z = by_gates(xs, &kernel, &masks, Tensor::matmul);
        if self.use_bias {
            let first = if self.unit_forget_bias {
                UnitForgetBias::new(self.bias_initializer.clone()).into()
            } else {
                self.bias_initializer.clone()
            };
            let bias = cx.weight("bias", [wide], &first);
            z = z + bias.regularizer(&self.bias_regularizer).constraint(&self.bias_constraint).get();
        }
        let state = Shape::from(vec![xs.dim(1), units]);
        let masks = drops(cx, self.recurrent_dropout, &state, 4, recurrent.dtype());
        Ok(Prepared { slices: vec![z], fixed: [vec![recurrent], masks].concat() })
    }

    fn step(&self, cx: &mut Scope, given: &Prepared, states: &[Tensor]) -> Result<(Tensor, Vec<Tensor>)> {
        let (h, c) = (&states[0], &states[1]);
        let z = &given.slices[0] + by_gates(h, &given.fixed[0], &given.fixed[1..], Tensor::matmul);
        let z = gates(&z, 4);
        let mut gate = |i: usize| self.recurrent_activation.apply(cx, "recurrent_activation", &z[i]);
        let (input, forget, output) = (gate(0), gate(1), gate(3));
        let c = forget * c + input * self.activation.apply(cx, "activation", &z[2]);
        let h = output * self.activation.apply(cx, "activation", &c);
        Ok((h.clone(), vec![h, c]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;
    use crate::layers::{LayerRef, recurrent::RNN, recurrent::StackedRNNCells};
    use crate::models::Input;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(LSTM::new(2usize), &[&[3, 2]]);
        check_layer(LSTM::new(2usize).return_sequences(true).go_backwards(true).use_bias(false), &[&[3, 2]]);
    }

    #[test]
    fn the_forget_gate_begins_open() {
        let layer = LayerRef::new(LSTM::new(2usize));
        layer.on(&Input([3, 2]).unwrap()).unwrap();
        let bias = layer.weights()[2].0.value().unwrap();
        assert_eq!(bias.to_f64(), [0.0, 0.0, 1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
    }

    #[test]
    fn cells_stack() {
        let cells = vec![LayerRef::new(LSTMCell::new(3usize)), LayerRef::new(LSTMCell::new(2usize))];
        let layer = LayerRef::new(RNN::new(LayerRef::new(StackedRNNCells::new(cells))).return_state(true));
        let y = layer.on_all(&[&Input([4, 2]).unwrap()]).unwrap();
        let shapes: Vec<String> = y.iter().map(|t| t.shape().to_string()).collect();
        assert_eq!(shapes, ["(None, 2)", "(None, 3)", "(None, 3)", "(None, 2)", "(None, 2)"]);
    }
}
