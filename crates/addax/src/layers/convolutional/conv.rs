//! Convolutions over one, two and three axes: one text, three sizes.

use crate::activations::Activation;
use crate::class::{Config, Word};
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::Layer;
use crate::layers::low_rank::{self, LowRank};
use crate::layers::spatial::{DataFormat, Extent, Window};
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::ops::Padding;
use addax_core::{Dim, Error, Result, Tensor};

macro_rules! convolutions {
    ($($(#[doc = $doc:literal])* $name:ident [$alias:literal] $n:literal;)*) => {$(
        layer! {
            $(#[doc = $doc])*
            pub struct $name [$alias] (
                /// How many output channels.
                filters: usize,
                /// The size of the window.
                kernel_size: Extent<$n>,
            ) {
                /// How far the window moves.
                strides: Extent<$n> = Extent([1; $n]),
                /// `valid`: no padding; `same`: as many positions as elements at strides of 1; in one dimension also
                /// `causal`: no position sees what comes after it.
                padding: Word<Padding> = Padding::Valid.into(),
                /// `channels_last` or `channels_first`.
                data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
                /// The distance between the places of the window.
                dilation_rate: Extent<$n> = Extent([1; $n]),
                /// How many groups the channels are split into, each with filters of its own.
                groups: usize = 1,
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
            }
        }

        impl $name {
            fn convolved(&self, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
                let format = self.data_format.get()?;
                let window = Window {
                    size: self.kernel_size.0,
                    strides: self.strides.0,
                    dilation: self.dilation_rate.0,
                    padding: &self.padding,
                    format,
                };
                window.jumps_or_gaps()?;
                let spatial = window.over(x)?;
                let seen = group_channels(x, format, self.filters, self.groups)?;
                let dims = self.kernel_size.0.map(Dim::new).into_iter().chain([seen, self.filters.into()]);
                let adaptation = LowRank {
                    rank: self.lora_rank,
                    alpha: self.lora_alpha,
                    names: ["lora_kernel_a", "lora_kernel_b"],
                    regularizer: &self.kernel_regularizer,
                    constraint: &self.kernel_constraint,
                };
                let kernel = cx
                    .weight("kernel", dims.collect::<Vec<_>>(), &self.kernel_initializer)
                    .trainable(!adaptation.is_on())
                    .regularizer(&self.kernel_regularizer)
                    .constraint(&self.kernel_constraint)
                    .get();
                let bias = self.use_bias.then(|| {
                    let bias = cx.weight("bias", [self.filters], &self.bias_initializer);
                    bias.regularizer(&self.bias_regularizer).constraint(&self.bias_constraint).get()
                });
                let kernel = adaptation.adapt(cx, kernel)?;
                let mut y = x.cast(kernel.dtype()).conv(&kernel, &spatial);
                if let Some(bias) = bias {
                    y = y + format.by_channel(&bias, $n);
                }
                Ok(self.activation.apply(cx, "activation", &y))
            }
        }

        impl Layer for $name {
            fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
                let y = Tensor::from_result(|| self.convolved(cx, x));
                cx.penalize(&self.activity_regularizer, &y);
                y
            }

            fn written(&self, config: &mut Config) {
                low_rank::written(config);
            }
        }
    )*};
}

convolutions! {
    /// Convolution over steps: `[batch, steps, channels]` to `[batch, positions, filters]`.
    Conv1D ["Convolution1D"] 1;
    /// Convolution over images: `activation(Σ window · kernel + bias)` at every position,
    /// `[batch, height, width, channels]` to `[batch, rows, columns, filters]`. The kernel is not flipped.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([28, 28, 1])?;
    /// let y = Conv2D::new(32usize, 3).activation("relu").on(&x)?;
    /// assert_eq!(y.shape().to_string(), "(None, 26, 26, 32)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    Conv2D ["Convolution2D"] 2;
    /// Convolution over volumes: `[batch, depth, height, width, channels]`.
    Conv3D ["Convolution3D"] 3;
}

/// The channels that one filter sees.
fn group_channels(x: &Tensor, format: DataFormat, filters: usize, groups: usize) -> Result<Dim> {
    let channels = x.dim(format.channels());
    let uneven = |n: usize| groups == 0 || !n.is_multiple_of(groups);
    if filters == 0 {
        return Err(Error::value("filters").expected("at least 1").got(0));
    }
    if uneven(filters) || channels.known().is_some_and(uneven) {
        let got = format!("{channels} channels and {filters} filters in {groups} groups");
        return Err(Error::value("groups").expected("a divisor of channels and filters").got(got));
    }
    Ok(channels.map(|c| c / groups))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;
    use crate::layers::{LayerExt, LayerRef};
    use crate::models::Input;
    use addax_core::Value;

    #[test]
    fn behave_like_layers() {
        check_layer(Conv1D::new(2usize, 3).padding("causal").dilation_rate(2), &[&[6, 2]]);
        check_layer(Conv2D::new(2usize, 3).padding("same").strides(2), &[&[5, 4, 2]]);
        check_layer(Conv2D::new(4usize, [2, 3]).groups(2usize).activation("tanh"), &[&[4, 4, 2]]);
        check_layer(Conv2D::new(2usize, 2).data_format("channels_first"), &[&[3, 4, 4]]);
        check_layer(Conv2D::new(2usize, 2).lora_rank(1usize), &[&[3, 4, 2]]);
        check_layer(Conv3D::new(2usize, 2), &[&[3, 3, 3, 1]]);
    }

    #[test]
    fn a_window_by_hand() {
        let layer = Conv1D::new(1usize, 2).kernel_initializer("ones").padding("causal");
        let x = Tensor::from(Value::new([1, 4, 1], vec![1f32, 2.0, 3.0, 4.0]).unwrap());
        assert_eq!(crate::layers::check::run(layer, &[x]).to_f64(), [1.0, 3.0, 5.0, 7.0]);
    }

    #[test]
    fn says_what_it_wanted() {
        let error = |l: LayerRef, shape: &[usize]| l.on(&Input(shape).unwrap()).unwrap_err().to_string();
        assert_eq!(
            error(Conv2D::new(4usize, 3).named("c"), &[784]),
            "Conv2D \"c\" > input: expected rank 4 (batch, height, width, channels), got (None, 784)"
        );
        assert_eq!(
            error(Conv2D::new(4usize, 3).named("c"), &[2, 2, 1]),
            "Conv2D \"c\" > input: expected at least 3 along axis 1, got (None, 2, 2, 1). \
             The window is larger than the input; padding=\"same\" would fit."
        );
        assert!(error(Conv2D::new(4usize, 3).groups(3usize).named("c"), &[8, 8, 2]).contains("groups"));
        assert!(error(Conv2D::new(4usize, 3).padding("sme").named("c"), &[8, 8, 2]).contains("\"same\""));
        assert!(error(Conv2D::new(4usize, 3).strides(0).named("c"), &[8, 8, 2]).contains("strides"));
    }
}
