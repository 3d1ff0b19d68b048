//! Transposed convolutions: each element of the input spreads over a window of the output.

use crate::activations::Activation;
use crate::class::Word;
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::layer;
use crate::layers::Layer;
use crate::layers::spatial::{DataFormat, Extent, OptionalExtent, Window};
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::ops::Padding;
use addax_core::{Dim, Error, Result, Tensor};

macro_rules! transposed {
    ($($(#[doc = $doc:literal])* $name:ident [$alias:literal] $n:literal {$($middle:tt)*})*) => {$(
        layer! {
            $(#[doc = $doc])*
            pub struct $name [$alias] (
                /// How many output channels.
                filters: usize,
                /// The size of the window.
                kernel_size: Extent<$n>,
            ) {
                /// How far the window moves from one element of the input to the next.
                strides: Extent<$n> = Extent([1; $n]),
                /// `valid`: all places that a window reaches; `same`: as many as elements, times the strides.
                padding: Word<Padding> = Padding::Valid.into(),
                $($middle)*
                /// The distance between the places of the window.
                dilation_rate: Extent<$n> = Extent([1; $n]),
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
            }
        }

        impl $name {
            fn spread(&self, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
                let format = self.data_format.get()?;
                let window = Window {
                    size: self.kernel_size.0,
                    strides: self.strides.0,
                    dilation: self.dilation_rate.0,
                    padding: &self.padding,
                    format,
                };
                window.jumps_or_gaps()?;
                // The input may be smaller than the window that it is spread by.
                let spatial = Window { size: [1; $n], ..window }.over(x)?;
                check(self.filters, self.output_padding, self.strides)?;
                let channels = x.dim(format.channels());
                let dims = self.kernel_size.0.map(Dim::new).into_iter().chain([self.filters.into(), channels]);
                let kernel = cx
                    .weight("kernel", dims.collect::<Vec<_>>(), &self.kernel_initializer)
                    .regularizer(&self.kernel_regularizer)
                    .constraint(&self.kernel_constraint)
                    .get();
                let extra = self.output_padding.0;
                let extra = extra.as_ref().map(|p| &p[..]);
                let mut y = x.cast(kernel.dtype()).conv_transpose(&kernel, &spatial, extra);
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
                let y = Tensor::from_result(|| self.spread(cx, x));
                cx.penalize(&self.activity_regularizer, &y);
                y
            }
        }
    )*};
}

transposed! {
    /// Transposed convolution over steps: `[batch, steps, channels]` to longer sequences.
    Conv1DTranspose ["Convolution1DTranspose"] 1 {
        /// How many places are added at the end; less than the strides.
        output_padding: OptionalExtent<1> = OptionalExtent(None),
        /// `channels_last` or `channels_first`.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
    }
    /// Transposed convolution over images: `[batch, height, width, channels]` to larger ones.
    ///
    /// ```
    /// use addax::layers::Conv2DTranspose;
    /// use addax::prelude::*;
    /// let x = Input([7, 7, 8])?;
    /// let y = Conv2DTranspose::new(4usize, 3).strides(2).padding("same").on(&x)?;
    /// assert_eq!(y.shape().to_string(), "(None, 14, 14, 4)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    Conv2DTranspose ["Convolution2DTranspose"] 2 {
        /// How many places are added at the end of each axis; less than the strides.
        output_padding: OptionalExtent<2> = OptionalExtent(None),
        /// `channels_last` or `channels_first`.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
    }
    /// Transposed convolution over volumes.
    Conv3DTranspose ["Convolution3DTranspose"] 3 {
        /// `channels_last` or `channels_first`.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
        /// How many places are added at the end of each axis; less than the strides.
        output_padding: OptionalExtent<3> = OptionalExtent(None),
    }
}

fn check<const N: usize>(
    filters: usize,
    output_padding: OptionalExtent<N>,
    strides: Extent<N>,
) -> Result<()> {
    if filters == 0 {
        return Err(Error::value("filters").expected("at least 1").got(0));
    }
    let extra = output_padding.0.unwrap_or([0; N]);
    match extra.iter().zip(&strides.0).find(|(p, s)| p >= s) {
        Some((p, s)) if *p > 0 => {
            Err(Error::value("output_padding").expected(format_args!("less than the strides of {s}")).got(p))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};
    use crate::layers::{LayerExt, LayerRef};
    use crate::models::Input;
    use addax_core::Value;

    #[test]
    fn behave_like_layers() {
        check_layer(Conv1DTranspose::new(2usize, 3).strides(2), &[&[4, 2]]);
        check_layer(Conv2DTranspose::new(2usize, [3, 2]).padding("same").strides((2, 1)), &[&[3, 2, 2]]);
        check_layer(
            Conv2DTranspose::new(2usize, 2).strides(2).output_padding(1).data_format("channels_first"),
            &[&[3, 2, 2]],
        );
        check_layer(Conv2DTranspose::new(1usize, 2).dilation_rate(2).activation("tanh"), &[&[2, 3, 1]]);
        check_layer(Conv3DTranspose::new(2usize, 2), &[&[2, 1, 2, 1]]);
    }

    #[test]
    fn an_element_spreads_over_a_window() {
        let layer = Conv1DTranspose::new(1usize, 3).kernel_initializer("ones").strides(2);
        let x = Tensor::from(Value::new([1, 2, 1], vec![1f32, 10.0]).unwrap());
        assert_eq!(run(layer, &[x]).to_f64(), [1.0, 1.0, 11.0, 10.0, 10.0]);
    }

    #[test]
    fn says_what_it_wanted() {
        let error = |l: LayerRef| l.on(&Input([4, 4, 1]).unwrap()).unwrap_err().to_string();
        assert_eq!(
            error(Conv2DTranspose::new(1usize, 3).strides(2).output_padding(2).named("c")),
            "Conv2DTranspose \"c\" > output_padding: expected less than the strides of 2, got 2"
        );
        assert!(error(Conv2DTranspose::new(1usize, 3).padding("causal").named("c")).contains("causal"));
        assert!(error(Conv2DTranspose::new(0usize, 3).named("c")).contains("filters"));
    }
}
