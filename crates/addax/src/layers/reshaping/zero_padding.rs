//! ZeroPadding: zeros around the axes of space.

use crate::class::Word;
use crate::layer;
use crate::layers::Layer;
use crate::layers::spatial::{DataFormat, Sides, pad_space};
use crate::scope::Scope;
use addax_core::Tensor;

macro_rules! zero_padding {
    ($($(#[doc = $doc:literal])* $name:ident $n:literal;)*) => {$(
        layer! {
            $(#[doc = $doc])*
            pub struct $name () {
                /// How many zeros before and after, along each axis.
                padding: Sides<$n> = Sides([(1, 1); $n]),
                /// `channels_last` or `channels_first`.
                data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
            }
        }

        impl Layer for $name {
            fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
                Tensor::from_result(|| {
                    let format = self.data_format.get()?;
                    format.check(x, $n)?;
                    Ok(pad_space(x, format.space(), &self.padding.0, 0.0))
                })
            }
        }
    )*};
}

zero_padding! {
    /// Zeros before and after the steps.
    ZeroPadding1D 1;
    /// Zeros around images.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([28, 28, 1])?;
    /// assert_eq!(ZeroPadding2D::new().padding([(0, 1), (2, 2)]).on(&x)?.shape().to_string(), "(None, 29, 32, 1)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    ZeroPadding2D 2;
    /// Zeros around volumes.
    ZeroPadding3D 3;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;

    #[test]
    fn behave_like_layers() {
        check_layer(ZeroPadding1D::new(), &[&[2, 2]]);
        check_layer(ZeroPadding1D::new().padding([(2, 0)]).data_format("channels_first"), &[&[2, 2]]);
        check_layer(ZeroPadding2D::new().padding([(0, 1), (2, 0)]), &[&[2, 3, 2]]);
        check_layer(ZeroPadding3D::new().data_format("channels_first"), &[&[2, 1, 2, 1]]);
    }
}
