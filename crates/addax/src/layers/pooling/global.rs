//! Pooling over all of space at once.

use crate::layer;
use crate::layers::Layer;
use crate::layers::spatial::Layout;
use crate::scope::Scope;
use addax_core::Tensor;

macro_rules! global_pooling {
    ($($(#[doc = $doc:literal])* $name:ident [$alias:literal] $n:literal = $pool:expr;)*) => {$(
        layer! {
            $(#[doc = $doc])*
            pub struct $name [$alias] () {
                /// `channels_last` or `channels_first`.
                data_format: Option<String> = None,
                /// Whether the axes of space stay, with length 1.
                keepdims: bool = false,
            }
        }

        impl Layer for $name {
            fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
                Tensor::from_result(|| {
                    let layout = Layout::of(&self.data_format)?;
                    layout.check(x, $n)?;
                    let axes: Vec<usize> = (layout.space()..layout.space() + $n).collect();
                    let pool: fn(&Tensor, &[usize]) -> Tensor = $pool;
                    let y = pool(x, &axes);
                    Ok(if self.keepdims { y.keep_axes(&axes) } else { y })
                })
            }
        }
    )*};
}

global_pooling! {
    /// The mean over all steps.
    GlobalAveragePooling1D ["GlobalAvgPool1D"] 1 = Tensor::mean;
    /// The mean over an image: `[batch, height, width, channels]` to `[batch, channels]`.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([7, 7, 64])?;
    /// assert_eq!(GlobalAveragePooling2D::new().on(&x)?.shape().to_string(), "(None, 64)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    GlobalAveragePooling2D ["GlobalAvgPool2D"] 2 = Tensor::mean;
    /// The mean over a volume.
    GlobalAveragePooling3D ["GlobalAvgPool3D"] 3 = Tensor::mean;
    /// The largest of all steps.
    GlobalMaxPooling1D ["GlobalMaxPool1D"] 1 = Tensor::max;
    /// The largest of an image.
    GlobalMaxPooling2D ["GlobalMaxPool2D"] 2 = Tensor::max;
    /// The largest of a volume.
    GlobalMaxPooling3D ["GlobalMaxPool3D"] 3 = Tensor::max;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;

    #[test]
    fn behave_like_layers() {
        check_layer(GlobalAveragePooling1D::new(), &[&[4, 2]]);
        check_layer(GlobalAveragePooling2D::new().keepdims(true), &[&[3, 4, 2]]);
        check_layer(GlobalAveragePooling3D::new(), &[&[2, 3, 2, 2]]);
        check_layer(GlobalMaxPooling1D::new().keepdims(true), &[&[4, 2]]);
        check_layer(GlobalMaxPooling2D::new().data_format("channels_first".to_string()), &[&[3, 4, 2]]);
        check_layer(GlobalMaxPooling3D::new(), &[&[2, 3, 2, 2]]);
    }
}
