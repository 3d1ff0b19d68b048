//! Pooling over one, two and three axes: the largest or the mean of what a sliding window sees.

use crate::class::{Config, Word};
use crate::layer;
use crate::layers::Layer;
use crate::layers::spatial::{DataFormat, Extent, OptionalExtent, Window};
use crate::scope::Scope;
use addax_core::Tensor;
use addax_core::ops::Padding;
use serde_json::Value as Json;

macro_rules! pooling {
    ($($(#[doc = $doc:literal])* $name:ident [$alias:literal] $n:literal ($($required:tt)*) { $($optional:tt)* } = $pool:ident;)*) => {$(
        layer! {
            $(#[doc = $doc])*
            pub struct $name [$alias] ($($required)*) {
                $($optional)*
                /// How far the window moves; its own size unless given.
                strides: OptionalExtent<$n> = OptionalExtent(None),
                /// `valid` or `same`.
                padding: Word<Padding> = Padding::Valid.into(),
                /// `channels_last` or `channels_first`.
                data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
            }
        }

        impl Layer for $name {
            fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
                Tensor::from_result(|| {
                    let size = self.pool_size.0;
                    let window = Window {
                        size,
                        strides: self.strides.0.unwrap_or(size),
                        dilation: [1; $n],
                        padding: &self.padding,
                        format: self.data_format.get()?,
                    };
                    Ok(x.$pool(&size, &window.over(x)?))
                })
            }

            fn written(&self, config: &mut Config) {
                if config.get("strides").is_some_and(Json::is_null) {
                    let size = config.get("pool_size").cloned().unwrap_or_default();
                    config.insert("strides".to_string(), size);
                }
            }
        }
    )*};
}

pooling! {
    /// The largest of every window of steps.
    MaxPooling1D ["MaxPool1D"] 1 () {
        /// The size of the window.
        pool_size: Extent<1> = Extent([2]),
    } = max_pool;
    /// The largest of every window of an image.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([28, 28, 3])?;
    /// assert_eq!(MaxPooling2D::new().on(&x)?.shape().to_string(), "(None, 14, 14, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    MaxPooling2D ["MaxPool2D"] 2 () {
        /// The size of the window.
        pool_size: Extent<2> = Extent([2, 2]),
    } = max_pool;
    /// The largest of every window of a volume.
    MaxPooling3D ["MaxPool3D"] 3 () {
        /// The size of the window.
        pool_size: Extent<3> = Extent([2, 2, 2]),
    } = max_pool;
    /// The mean of every window of steps; padding does not count.
    AveragePooling1D ["AvgPool1D"] 1 (
        /// The size of the window.
        pool_size: Extent<1>,
    ) {} = average_pool;
    /// The mean of every window of an image; padding does not count.
    AveragePooling2D ["AvgPool2D"] 2 (
        /// The size of the window.
        pool_size: Extent<2>,
    ) {} = average_pool;
    /// The mean of every window of a volume; padding does not count.
    AveragePooling3D ["AvgPool3D"] 3 (
        /// The size of the window.
        pool_size: Extent<3>,
    ) {} = average_pool;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};
    use addax_core::Value;

    #[test]
    fn behave_like_layers() {
        check_layer(MaxPooling1D::new().pool_size(3).strides(2).padding("same"), &[&[6, 2]]);
        check_layer(MaxPooling2D::new().data_format("channels_first"), &[&[2, 5, 4]]);
        check_layer(MaxPooling3D::new(), &[&[4, 2, 2, 1]]);
        check_layer(AveragePooling1D::new(2), &[&[5, 2]]);
        check_layer(AveragePooling2D::new([2, 3]).strides((1, 2)).padding("same"), &[&[4, 5, 2]]);
        check_layer(AveragePooling3D::new(2), &[&[4, 2, 2, 1]]);
    }

    #[test]
    fn padding_does_not_count() {
        let x = Tensor::from(Value::new([1, 3, 1], vec![1f32, -2.0, -3.0]).unwrap());
        assert_eq!(
            run(AveragePooling1D::new(2).padding("same"), std::slice::from_ref(&x)).to_f64(),
            [-0.5, -3.0]
        );
        assert_eq!(run(MaxPooling1D::new().padding("same"), &[x]).to_f64(), [1.0, -3.0]);
    }
}
