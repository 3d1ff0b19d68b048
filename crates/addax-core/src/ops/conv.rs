//! Keras's convolutions, written with [`Convolution`]: plain, by channel, separable and transposed.

use super::spatial::{Padding, Spatial};
use super::{ConvAxes, ConvDimensions, Convolution};
use crate::error::{Error, Result};
use crate::shape::Dim;
use crate::tensor::Tensor;

/// The convolution and the sizes of its window, as far as the kernel's shape and the options tell.
fn plan(x: &Tensor, kernel: &Tensor, spatial: &Spatial) -> Result<(Convolution, Vec<usize>)> {
    let axes = Spatial::axes_of(x)?;
    let shape = kernel.check()?.shape();
    let sizes = shape.known().filter(|s| s.len() == axes + 2).ok_or_else(|| {
        Error::value("kernel")
            .expected(format_args!("{axes} spatial axes, input and output features"))
            .got(&shape)
    })?;
    let side = if spatial.channels_first { ConvAxes::first(axes) } else { ConvAxes::last(axes) };
    let convolution = Convolution {
        window_strides: Spatial::each("strides", &spatial.strides, axes)?,
        rhs_dilation: Spatial::each("dilation", &spatial.dilation, axes)?,
        padding: spatial.amounts(&x.shape(), &sizes[..axes])?,
        dimensions: ConvDimensions { input: side.clone(), kernel: ConvAxes::kernel(axes), output: side },
        ..Convolution::new(axes)
    };
    Ok((convolution, sizes))
}

fn channels(x: &Tensor, spatial: &Spatial) -> Dim {
    x.dim(if spatial.channels_first { 1 } else { -1 })
}

impl Tensor {
    /// Convolution with a kernel `[window…, channels / groups, filters]`: as many groups as channels need.
    ///
    /// ```
    /// use addax_core::{DType, Tensor, ops::Spatial};
    /// let (x, k) = (Tensor::full(DType::F32, [1, 9, 9, 4], 1.0), Tensor::full(DType::F32, [3, 3, 2, 6], 1.0));
    /// let y = x.conv(&k, &Spatial::same().strides(&[2, 2]));
    /// assert_eq!(y.shape().to_string(), "(1, 5, 5, 6)");
    /// ```
    pub fn conv(&self, kernel: &Tensor, spatial: &Spatial) -> Tensor {
        let run = || {
            let (mut convolution, sizes) = plan(self, kernel, spatial)?;
            let inner = sizes[sizes.len() - 2].max(1);
            convolution.feature_group_count =
                channels(self, spatial).known().map_or(1, |c| (c / inner).max(1));
            Ok(self.convolution(kernel, convolution))
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("conv")))
    }

    /// Convolution of each channel by itself, with a kernel `[window…, channels, multiplier]`; channel `c` gives the
    /// features `c · multiplier ..`.
    pub fn depthwise_conv(&self, kernel: &Tensor, spatial: &Spatial) -> Tensor {
        let run = || {
            let (mut convolution, sizes) = plan(self, kernel, spatial)?;
            let [window @ .., inner, multiplier] = &sizes[..] else { return Ok(self.clone()) };
            if !channels(self, spatial).fits(Dim::new(*inner)) {
                return Err(Error::value("input")
                    .expected(format_args!("{inner} channels"))
                    .got(self.shape()));
            }
            convolution.feature_group_count = *inner;
            let kernel = kernel.reshape([window, &[1, inner * multiplier]].concat());
            Ok(self.convolution(&kernel, convolution))
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("depthwise_conv")))
    }

    /// [`Tensor::depthwise_conv`], then a product of the features at each place with `pointwise`, whose window has
    /// one place.
    pub fn separable_conv(&self, depthwise: &Tensor, pointwise: &Tensor, spatial: &Spatial) -> Tensor {
        let still = Spatial { strides: vec![], dilation: vec![], padding: Padding::Valid, ..spatial.clone() };
        self.depthwise_conv(depthwise, spatial).conv(pointwise, &still)
    }

    /// The transpose of a convolution: every element spreads over a window. The kernel is
    /// `[window…, filters, channels]`. Without `output_padding` the length is `length · stride` for `same`, and
    /// `(length - 1) · stride + max(window, stride)` for `valid`.
    pub fn conv_transpose(
        &self,
        kernel: &Tensor,
        spatial: &Spatial,
        output_padding: Option<&[usize]>,
    ) -> Tensor {
        let run = || {
            let (forward, sizes) = plan(self, kernel, spatial)?;
            let axes = forward.window_strides.len();
            if let Some(p) = output_padding.filter(|p| p.len() != axes) {
                let error = Error::value("output_padding").expected(format_args!("{axes} numbers"));
                return Err(error.got(format_args!("{p:?}")));
            }
            let along = |i: usize| {
                let extent =
                    sizes[i].saturating_sub(1).saturating_mul(forward.rhs_dilation[i]).saturating_add(1);
                transposed_padding(
                    spatial.padding,
                    extent,
                    forward.window_strides[i],
                    output_padding.map(|p| p[i]),
                )
            };
            let back = Convolution {
                window_strides: vec![1; axes],
                padding: (0..axes).map(along).collect::<Result<_>>()?,
                lhs_dilation: forward.window_strides.clone(),
                window_reversal: vec![true; axes],
                dimensions: ConvDimensions {
                    kernel: forward.dimensions.kernel.swapped(),
                    ..forward.dimensions.clone()
                },
                ..forward.clone()
            };
            Ok(self.convolution(kernel, back))
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("conv_transpose")))
    }
}

/// Zeros around the spread-out input, with the window turned.
fn transposed_padding(
    padding: Padding,
    extent: usize,
    stride: usize,
    extra: Option<usize>,
) -> Result<(isize, isize)> {
    let (low, high) = match padding {
        Padding::Valid => {
            (extent - 1, (extent - 1).saturating_add(extra.unwrap_or(stride.saturating_sub(extent))))
        }
        Padding::Same => {
            let total = match extra {
                None => stride.saturating_add(extent) - 2,
                Some(extra) => extent.saturating_add(extent % 2 + extra).saturating_sub(2),
            };
            let low = total.div_ceil(2).min(extent - 1);
            (low, total - low)
        }
        Padding::Causal => {
            return Err(Error::value("padding").expected("\"valid\" or \"same\"").got("\"causal\""));
        }
    };
    Ok((low as isize, high as isize))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DType;
    use crate::testing::check_gradient;

    const D: (f64, f64) = (-1.0, 1.0);

    #[test]
    fn gradients_match_finite_differences() {
        let twice = Spatial::same().strides(&[2, 2]);
        check_gradient("conv", |x| x[0].conv(&x[1], &twice), &[(&[1, 5, 4, 2], D), (&[3, 2, 1, 2], D)]);
        check_gradient(
            "depthwise",
            |x| x[0].depthwise_conv(&x[1], &twice),
            &[(&[1, 5, 4, 2], D), (&[3, 2, 2, 2], D)],
        );
        let f = |x: &[Tensor]| x[0].conv_transpose(&x[1], &twice, None);
        check_gradient("transposed", f, &[(&[1, 3, 2, 2], D), (&[3, 2, 1, 2], D)]);
    }

    #[test]
    fn open_axes_stay_open() {
        let trace = crate::Trace::new();
        let x = trace.parameter("x", DType::F32, [None, Some(8), None, Some(3)]);
        let k = Tensor::full(DType::F32, [3, 3, 3, 4], 0.0);
        let shape = |s: Spatial| x.conv(&k, &s).shape().to_string();
        assert_eq!(shape(Spatial::same().strides(&[2, 2])), "(None, 4, None, 4)");
        assert_eq!(shape(Spatial::valid()), "(None, 6, None, 4)");
        let dk = crate::gradients(&x.conv(&k, &Spatial::same()).sum_all(), &[&x]).unwrap().remove(0).unwrap();
        assert_eq!(dk.shape().to_string(), "(None, 8, None, 3)");
    }

    #[test]
    fn says_what_it_wanted() {
        let x = Tensor::full(DType::F32, [2, 8, 8, 3], 0.0);
        let says = |t: Tensor| t.to_value().unwrap_err().to_string();
        let k = |shape: &[usize]| Tensor::full(DType::F32, shape, 0.0);
        assert_eq!(
            says(x.conv(&k(&[3, 3, 4]), &Spatial::valid())),
            "conv > kernel: expected 2 spatial axes, input and output features, got (3, 3, 4)"
        );
        assert_eq!(
            says(x.conv(&k(&[3, 3, 3, 4]), &Spatial::valid().strides(&[2]))),
            "conv > strides: expected 2 numbers, got [2]"
        );
        assert_eq!(
            says(x.depthwise_conv(&k(&[3, 3, 4, 1]), &Spatial::valid())),
            "depthwise_conv > input: expected 4 channels, got (2, 8, 8, 3)"
        );
    }
}
