//! ConvLSTM (Shi et al. 2015): an LSTM whose products are convolutions, over one, two and three axes of space.

use super::cell::{Cell, Prepared, UnitForgetBias, by_gates, drops, gates, recurrent};
use crate::activations::Activation;
use crate::class::Word;
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layers::Layer;
use crate::layers::spatial::{DataFormat, Extent};
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::ops::{Padding, Spatial};
use addax_core::{Dim, Error, Result, Shape, Tensor};

/// Steps and batch as one axis, and back.
fn folded(x: &Tensor) -> Tensor {
    let (shape, rows) = (x.shape(), x.dim(0).known().zip(x.dim(1).known()).map(|(a, b)| a * b));
    x.reshape(Shape::from([&[Dim::from(rows)], shape.dims().get(2..).unwrap_or_default()].concat()))
}

fn unfolded(x: &Tensor, like: &Tensor) -> Tensor {
    let lead = [like.dim(0), like.dim(1)];
    x.reshape(Shape::from([&lead[..], x.shape().dims().get(1..).unwrap_or_default()].concat()))
}

macro_rules! conv_lstm {
    ($($(#[doc = $doc:literal])* $layer:ident runs $cell:ident named $name:literal over $n:literal;)*) => {$(
        recurrent! {
            $(#[doc = $doc])*
            $layer runs $cell named $name (
                /// How many output channels.
                filters: usize,
                /// The size of the windows.
                kernel_size: Extent<$n>,
            ) {
                /// How far the input's window moves.
                strides: Extent<$n> = Extent([1; $n]),
                /// `valid` or `same`, for the input; the state keeps its size.
                padding: Word<Padding> = Padding::Valid.into(),
                /// `channels_last` or `channels_first`.
                data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
                /// The distance between the places of the input's window.
                dilation_rate: Extent<$n> = Extent([1; $n]),
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

        impl $cell {
            fn moves(&self) -> Result<Spatial> {
                let padding = self.padding.get()?;
                let valid = Spatial { padding, ..Spatial::valid() };
                Ok(valid.strides(&self.strides.0).dilation(&self.dilation_rate.0))
            }

            /// The shape of a state for one step's input with the channels last.
            fn state(&self, step: &Shape) -> Result<Shape> {
                let kernel: Vec<Dim> = self.kernel_size.0.iter().map(|n| Dim::new(*n)).collect();
                let channels = step.get(-1).unwrap_or(Dim::UNKNOWN);
                let kernel = Shape::from([&kernel[..], &[channels, self.filters.into()]].concat());
                let (x, k) = (Tensor::full(addax_core::DType::F32, step, 0.0), Tensor::full(addax_core::DType::F32, kernel, 0.0));
                Ok(x.conv(&k, &self.moves()?).check()?.shape())
            }
        }

        impl Cell for $cell {
            fn states(&self, cx: &mut Scope, step: &Shape) -> Result<Vec<Shape>> {
                if step.rank() != $n + 2 {
                    let wanted = format!("rank {} (batch, steps, space, channels)", $n + 3);
                    return Err(Error::value("input").expected(wanted).got(format_args!("steps of {step}")));
                }
                let layout = self.data_format.get()?;
                let dtype = cx.policy().compute;
                let last = layout.enter(&Tensor::full(dtype, step, 0.0)).shape();
                let state = self.state(&last)?;
                Ok(vec![layout.leave(&Tensor::full(dtype, state, 0.0)).shape(); 2])
            }

            fn prepare(&self, cx: &mut Scope, xs: &Tensor) -> Result<Prepared> {
                let layout = self.data_format.get()?;
                let flat = layout.enter(&folded(xs.check()?));
                let (channels, wide) = (flat.dim(-1), Dim::new(4 * self.filters));
                let window: Vec<Dim> = self.kernel_size.0.iter().map(|n| Dim::new(*n)).collect();
                let shape = [&window[..], &[channels, wide]].concat();
                let kernel = cx.weight("kernel", shape, &self.kernel_initializer);
                let kernel = kernel.regularizer(&self.kernel_regularizer).constraint(&self.kernel_constraint).get();
                let shape = [&window[..], &[self.filters.into(), wide]].concat();
                let recurrent = cx.weight("recurrent_kernel", shape, &self.recurrent_initializer);
                let recurrent =
                    recurrent.regularizer(&self.recurrent_regularizer).constraint(&self.recurrent_constraint).get();
                let step = Shape::from([&[xs.dim(1)], &flat.shape().dims()[1..]].concat());
                // Masks are the same at each step: they stand for the batch and are repeated along the steps.
                let spread = |m: &Tensor| {
                    let all = Shape::from([&[xs.dim(0)], step.dims()].concat());
                    folded(&m.expand_dims(0).broadcast_to(all))
                };
                let masks = drops(cx, self.dropout, &step, 4, kernel.dtype());
                let masks: Vec<Tensor> = masks.iter().map(spread).collect();
                let moves = self.moves()?;
                let mut z = by_gates(&flat, &kernel, &masks, |x, k| x.conv(k, &moves));
                if self.use_bias {
                    let first = if self.unit_forget_bias {
                        UnitForgetBias::new(self.bias_initializer.clone()).into()
                    } else {
                        self.bias_initializer.clone()
                    };
                    let bias = cx.weight("bias", [wide], &first);
                    z = z + bias.regularizer(&self.bias_regularizer).constraint(&self.bias_constraint).get();
                }
                let state = self.state(&step)?;
                let masks = drops(cx, self.recurrent_dropout, &state, 4, recurrent.dtype());
                Ok(Prepared { slices: vec![unfolded(&z, xs)], fixed: [vec![recurrent], masks].concat() })
            }

            fn step(&self, cx: &mut Scope, given: &Prepared, states: &[Tensor]) -> Result<(Tensor, Vec<Tensor>)> {
                let layout = self.data_format.get()?;
                let (h, c) = (layout.enter(&states[0]), layout.enter(&states[1]));
                let through = by_gates(&h, &given.fixed[0], &given.fixed[1..], |x, k| x.conv(k, &Spatial::same()));
                let z = gates(&(&given.slices[0] + through), 4);
                let mut gate = |i: usize| self.recurrent_activation.apply(cx, "recurrent_activation", &z[i]);
                let (input, forget, output) = (gate(0), gate(1), gate(3));
                let c = forget * c + input * self.activation.apply(cx, "activation", &z[2]);
                let h = output * self.activation.apply(cx, "activation", &c);
                let (h, c) = (layout.leave(&h), layout.leave(&c));
                Ok((h.clone(), vec![h, c]))
            }
        }
    )*};
}

conv_lstm! {
    /// A convolutional LSTM over `[batch, steps, positions, channels]`.
    ConvLSTM1D runs ConvLSTM1DCell named "conv_lstm_cell" over 1;
    /// A convolutional LSTM over `[batch, steps, height, width, channels]`.
    ConvLSTM2D runs ConvLSTM2DCell named "conv_lstm_cell" over 2;
    /// A convolutional LSTM over `[batch, steps, depth, height, width, channels]`.
    ConvLSTM3D runs ConvLSTM3DCell named "conv_lstm_cell" over 3;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;

    #[test]
    fn behave_like_layers() {
        check_layer(ConvLSTM1D::new(2usize, 2), &[&[2, 4, 2]]);
        check_layer(ConvLSTM2D::new(1usize, 2).padding("same").return_sequences(true), &[&[2, 3, 3, 2]]);
        check_layer(ConvLSTM2D::new(1usize, 2).data_format("channels_first"), &[&[2, 2, 3, 3]]);
        check_layer(ConvLSTM3D::new(1usize, 2), &[&[2, 3, 3, 2, 1]]);
    }
}
