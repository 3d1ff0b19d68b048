//! Pooling over all of space at once.

use crate::class::Word;
use crate::layer;
use crate::layers::Layer;
use crate::layers::spatial::DataFormat;
use crate::scope::Scope;
use addax_core::{DType, Result, Tensor};

macro_rules! global_pooling {
    ($($(#[doc = $doc:literal])* $name:ident [$alias:literal] $n:literal = $pool:ident;)*) => {$(
        layer! {
            $(#[doc = $doc])*
            pub struct $name [$alias] () {
                /// `channels_last` or `channels_first`.
                data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
                /// Whether the axes of space stay, with length 1.
                keepdims: bool = false,
            }
        }

        impl Layer for $name {
            fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
                Tensor::from_result(|| {
                    let axes = space(x, self.data_format.get()?, $n)?;
                    let y = x.$pool(&axes);
                    Ok(if self.keepdims { y.keep_axes(&axes) } else { y })
                })
            }
        }
    )*};
}

layer! {
    /// The mean over all steps; steps that the mask leaves out do not count.
    pub struct GlobalAveragePooling1D ["GlobalAvgPool1D"] () {
        /// `channels_last` or `channels_first`.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
        /// Whether the axis of the steps stays, with length 1.
        keepdims: bool = false,
    }
}

impl Layer for GlobalAveragePooling1D {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        let mask = cx.mask(0);
        cx.set_mask(0, None);
        Tensor::from_result(|| {
            let format = self.data_format.get()?;
            let axes = space(x, format, 1)?;
            let y = match mask {
                None => x.mean(&axes),
                Some(mask) => {
                    let mask =
                        truth(&mask).expand_dims(if format == DataFormat::ChannelsFirst { 1 } else { 2 });
                    let there = mask.broadcast_to(x.shape()).select(x, &x.filled(0.0));
                    there.sum(&axes) / mask.cast(x.dtype()).sum(&axes)
                }
            };
            Ok(if self.keepdims { y.keep_axes(&axes) } else { y })
        })
    }

    fn signature(&self) -> &'static [&'static str] {
        &["inputs", "mask"]
    }

    fn supports_masking(&self) -> bool {
        true
    }
}

/// The axes of space of an input that has as many as it should.
fn space(x: &Tensor, format: DataFormat, n: usize) -> Result<Vec<usize>> {
    format.check(x, n)?;
    Ok((format.space()..format.space() + n).collect())
}

/// A mask as truth values.
fn truth(mask: &Tensor) -> Tensor {
    if mask.dtype() == DType::Bool { mask.clone() } else { mask.not_equal(&mask.filled(0.0)) }
}

global_pooling! {
    /// The mean over an image: `[batch, height, width, channels]` to `[batch, channels]`.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([7, 7, 64])?;
    /// assert_eq!(GlobalAveragePooling2D::new().on(&x)?.shape().to_string(), "(None, 64)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    GlobalAveragePooling2D ["GlobalAvgPool2D"] 2 = mean;
    /// The mean over a volume.
    GlobalAveragePooling3D ["GlobalAvgPool3D"] 3 = mean;
    /// The largest of all steps.
    GlobalMaxPooling1D ["GlobalMaxPool1D"] 1 = max;
    /// The largest of an image.
    GlobalMaxPooling2D ["GlobalMaxPool2D"] 2 = max;
    /// The largest of a volume.
    GlobalMaxPooling3D ["GlobalMaxPool3D"] 3 = max;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::Arguments;
    use crate::layers::check::check_layer;
    use crate::scope::Traced;
    use addax_core::{Trace, Value, evaluate};

    #[test]
    fn behave_like_layers() {
        check_layer(GlobalAveragePooling1D::new(), &[&[4, 2]]);
        check_layer(GlobalAveragePooling2D::new().keepdims(true), &[&[3, 4, 2]]);
        check_layer(GlobalAveragePooling3D::new(), &[&[2, 3, 2, 2]]);
        check_layer(GlobalMaxPooling1D::new().keepdims(true), &[&[4, 2]]);
        check_layer(GlobalMaxPooling2D::new().data_format("channels_first"), &[&[3, 4, 2]]);
        check_layer(GlobalMaxPooling3D::new(), &[&[2, 3, 2, 2]]);
    }

    #[test]
    fn masked_steps_do_not_count() {
        let trace = Trace::new();
        let (x, mask) =
            (trace.parameter("x", DType::F32, [1, 3, 1]), trace.parameter("m", DType::Bool, [1, 3]));
        let entered = trace.enter();
        let arguments = Arguments::of(vec![Traced { tensor: x, mask: Some(mask) }]);
        let layer = GlobalAveragePooling1D::new().into();
        let y = Scope::new(&trace, false).call_with(&layer, arguments).unwrap().remove(0);
        drop(entered);
        assert!(y.mask.is_none());
        let (x, mask) =
            (Value::new([1, 3, 1], vec![1f32, 2.0, 9.0]), Value::new([1, 3], vec![true, true, false]));
        let y = evaluate(&trace.finish(&[y.tensor]).unwrap(), &[x.unwrap(), mask.unwrap()]).unwrap();
        assert_eq!(y[0].to_f64(), [1.5]);
    }
}
