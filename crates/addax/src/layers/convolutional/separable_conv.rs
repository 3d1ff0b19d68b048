//! Separable convolutions: each channel by itself, then a product of the channels at each place.

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

macro_rules! separable {
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
                /// `valid` or `same`.
                padding: Word<Padding> = Padding::Valid.into(),
                /// `channels_last` or `channels_first`.
                data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
                /// The distance between the places of the window.
                dilation_rate: Extent<$n> = Extent([1; $n]),
                /// How many features each channel gives before they are mixed.
                depth_multiplier: usize = 1,
                /// What the sum goes through.
                activation: Activation = Activation::linear(),
                /// Whether there is a bias.
                use_bias: bool = true,
                /// First values of the kernel that slides.
                depthwise_initializer: Initializer = "glorot_uniform".into(),
                /// First values of the kernel that mixes.
                pointwise_initializer: Initializer = "glorot_uniform".into(),
                /// First values of the bias.
                bias_initializer: Initializer = "zeros".into(),
                /// Penalty on the kernel that slides.
                depthwise_regularizer: Option<Regularizer> = None,
                /// Penalty on the kernel that mixes.
                pointwise_regularizer: Option<Regularizer> = None,
                /// Penalty on the bias.
                bias_regularizer: Option<Regularizer> = None,
                /// Penalty on the output, per row.
                activity_regularizer: Option<Regularizer> = None,
                /// Constraint of the kernel that slides.
                depthwise_constraint: Option<Constraint> = None,
                /// Constraint of the kernel that mixes.
                pointwise_constraint: Option<Constraint> = None,
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
                for (what, n) in [("filters", self.filters), ("depth_multiplier", self.depth_multiplier)] {
                    if n == 0 {
                        return Err(Error::value(what).expected("at least 1").got(0));
                    }
                }
                let channels = x.dim(format.channels());
                let dims = self.kernel_size.0.map(Dim::new).into_iter();
                let dims: Vec<Dim> = dims.chain([channels, self.depth_multiplier.into()]).collect();
                let depthwise = cx
                    .weight("depthwise_kernel", dims, &self.depthwise_initializer)
                    .regularizer(&self.depthwise_regularizer)
                    .constraint(&self.depthwise_constraint)
                    .get();
                let features = channels.map(|c| c.saturating_mul(self.depth_multiplier));
                let dims: Vec<Dim> = [Dim::new(1); $n].into_iter().chain([features, self.filters.into()]).collect();
                let pointwise = cx
                    .weight("pointwise_kernel", dims, &self.pointwise_initializer)
                    .regularizer(&self.pointwise_regularizer)
                    .constraint(&self.pointwise_constraint)
                    .get();
                let mut y = x.cast(depthwise.dtype()).separable_conv(&depthwise, &pointwise, &spatial);
                if self.use_bias {
                    let bias = cx.weight("bias", [self.filters], &self.bias_initializer);
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

separable! {
    /// Separable convolution over steps.
    SeparableConv1D ["SeparableConvolution1D"] 1;
    /// Separable convolution over images: far fewer weights than Conv2D.
    ///
    /// ```
    /// use addax::layers::SeparableConv2D;
    /// use addax::prelude::*;
    /// let x = Input([8, 8, 4])?;
    /// let layer = SeparableConv2D::new(16usize, 3).named("s");
    /// assert_eq!(layer.on(&x)?.shape().to_string(), "(None, 6, 6, 16)");
    /// assert_eq!(layer.own_weights()[1].shape, [1, 1, 4, 16]);
    /// # Ok::<(), addax::Error>(())
    /// ```
    SeparableConv2D ["SeparableConvolution2D"] 2;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};
    use addax_core::Value;

    #[test]
    fn behave_like_layers() {
        check_layer(SeparableConv1D::new(3usize, 3).padding("same").strides(2), &[&[5, 2]]);
        check_layer(
            SeparableConv2D::new(2usize, (2, 3)).depth_multiplier(2usize).activation("tanh"),
            &[&[4, 4, 2]],
        );
        check_layer(SeparableConv2D::new(1usize, 2).data_format("channels_first"), &[&[3, 4, 4]]);
    }

    #[test]
    fn windows_first_then_channels() {
        let layer =
            SeparableConv1D::new(1usize, 2).depthwise_initializer("ones").pointwise_initializer("ones");
        let x = Tensor::from(Value::new([1, 3, 2], vec![1f32, 10.0, 2.0, 20.0, 3.0, 30.0]).unwrap());
        assert_eq!(run(layer, &[x]).to_f64(), [33.0, 55.0]);
    }
}
