//! Depthwise convolutions: each channel by itself.

use crate::activations::Activation;
use crate::class::Word;
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::Layer;
use crate::layers::spatial::{DataFormat, Extent, Window};
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::ops::Padding;
use addax_core::{Dim, Error, Result, Tensor};

macro_rules! depthwise {
    ($($(#[doc = $doc:literal])* $name:ident $n:literal;)*) => {$(
        layer! {
            $(#[doc = $doc])*
            pub struct $name (
                /// The size of the window.
                kernel_size: Extent<$n>,
            ) {
                /// How far the window moves.
                strides: Extent<$n> = Extent([1; $n]),
                /// `valid` or `same`.
                padding: Word<Padding> = Padding::Valid.into(),
                /// How many output channels each channel has.
                depth_multiplier: usize = 1,
                /// `channels_last` or `channels_first`.
                data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
                /// The distance between the places of the window.
                dilation_rate: Extent<$n> = Extent([1; $n]),
                /// What the sum goes through.
                activation: Activation = Activation::linear(),
                /// Whether there is a bias.
                use_bias: bool = true,
                /// First values of the kernel.
                depthwise_initializer: Initializer = "glorot_uniform".into(),
                /// First values of the bias.
                bias_initializer: Initializer = "zeros".into(),
                /// Penalty on the kernel.
                depthwise_regularizer: Option<Regularizer> = None,
                /// Penalty on the bias.
                bias_regularizer: Option<Regularizer> = None,
                /// Penalty on the output, per row.
                activity_regularizer: Option<Regularizer> = None,
                /// Constraint of the kernel.
                depthwise_constraint: Option<Constraint> = None,
                /// Constraint of the bias.
                bias_constraint: Option<Constraint> = None,
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
                let spatial = window.over(x)?;
                if self.depth_multiplier == 0 {
                    return Err(Error::value("depth_multiplier").expected("at least 1").got(0));
                }
                let channels = x.dim(format.channels());
                let dims = self.kernel_size.0.map(Dim::new).into_iter();
                let dims: Vec<Dim> = dims.chain([channels, self.depth_multiplier.into()]).collect();
                let kernel = cx
                    .weight("kernel", dims, &self.depthwise_initializer)
                    .regularizer(&self.depthwise_regularizer)
                    .constraint(&self.depthwise_constraint)
                    .get();
                let mut y = x.cast(kernel.dtype()).depthwise_conv(&kernel, &spatial);
                if self.use_bias {
                    let features = channels.map(|c| c.saturating_mul(self.depth_multiplier));
                    let bias = cx.weight("bias", vec![features], &self.bias_initializer);
                    let bias = bias.regularizer(&self.bias_regularizer).constraint(&self.bias_constraint).get();
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
        }
    )*};
}

depthwise! {
    /// Convolution of each channel of a sequence by itself.
    DepthwiseConv1D 1;
    /// Convolution of each channel of an image by itself: output channel `c · depth_multiplier + m` sees channel `c`.
    ///
    /// ```
    /// use addax::layers::DepthwiseConv2D;
    /// use addax::prelude::*;
    /// let x = Input([8, 8, 4])?;
    /// let y = DepthwiseConv2D::new(3).depth_multiplier(2usize).on(&x)?;
    /// assert_eq!(y.shape().to_string(), "(None, 6, 6, 8)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    DepthwiseConv2D 2;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};
    use addax_core::Value;

    #[test]
    fn behave_like_layers() {
        check_layer(DepthwiseConv1D::new(3).padding("same").strides(2), &[&[5, 2]]);
        check_layer(DepthwiseConv2D::new((2, 3)).depth_multiplier(2usize).activation("tanh"), &[&[4, 4, 2]]);
        check_layer(DepthwiseConv2D::new(2).data_format("channels_first").dilation_rate(2), &[&[3, 4, 4]]);
    }

    #[test]
    fn channels_do_not_mix() {
        let layer = DepthwiseConv1D::new(2).depthwise_initializer("ones");
        let x = Tensor::from(Value::new([1, 3, 2], vec![1f32, 10.0, 2.0, 20.0, 3.0, 30.0]).unwrap());
        assert_eq!(run(layer, &[x]).to_f64(), [3.0, 30.0, 5.0, 50.0]);
    }
}
