//! ZeroPadding: zeros around the axes of space. Cropping: the same, taken away.

use crate::layer;
use crate::layers::Layer;
use crate::layers::spatial::{Layout, Sides, pad_space};
use crate::scope::Scope;
use addax_core::{Error, Tensor};

macro_rules! zero_padding {
    ($($(#[doc = $doc:literal])* $name:ident $n:literal;)*) => {$(
        layer! {
            $(#[doc = $doc])*
            pub struct $name () {
                /// How many zeros before and after, along each axis.
                padding: Sides<$n> = Sides([(1, 1); $n]),
                /// `channels_last` or `channels_first`.
                data_format: Option<String> = None,
            }
        }

        impl Layer for $name {
            fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
                Tensor::from_result(|| {
                    let layout = Layout::of(&self.data_format)?;
                    layout.check(x, $n)?;
                    Ok(pad_space(x, layout.space(), &self.padding.0, 0.0))
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

macro_rules! cropping {
    ($($(#[doc = $doc:literal])* $name:ident $n:literal by $amount:literal;)*) => {$(
        layer! {
            $(#[doc = $doc])*
            pub struct $name () {
                /// How many elements go before and after, along each axis.
                cropping: Sides<$n> = Sides([($amount, $amount); $n]),
                /// `channels_last` or `channels_first`.
                data_format: Option<String> = None,
            }
        }

        impl Layer for $name {
            fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
                Tensor::from_result(|| {
                    let layout = Layout::of(&self.data_format)?;
                    layout.check(x, $n)?;
                    self.cropping.0.iter().enumerate().try_fold(x.clone(), |x, (i, (before, after))| {
                        let axis = layout.space() + i;
                        let Some(n) = x.dim(axis as isize).known() else {
                            return Ok(cut_open(&x, axis, *before, *after));
                        };
                        if before + after >= n {
                            let e = Error::value("cropping").expected(format_args!("less than {n} along axis {axis}"));
                            return Err(e.got(before + after));
                        }
                        Ok(x.slice_axis(axis, *before, n - after))
                    })
                })
            }
        }
    )*};
}

/// Cuts along an axis whose length is not known yet.
fn cut_open(x: &Tensor, axis: usize, before: usize, after: usize) -> Tensor {
    let (mut low, mut high) = (vec![0; x.rank()], vec![0; x.rank()]);
    (low[axis], high[axis]) = (-(before as isize), -(after as isize));
    x.pad(&low, &high, 0.0)
}

cropping! {
    /// Takes steps away at both ends.
    Cropping1D 1 by 1;
    /// Takes the rim of images away.
    Cropping2D 2 by 0;
    /// Takes the rim of volumes away.
    Cropping3D 3 by 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::LayerExt;
    use crate::layers::check::check_layer;
    use crate::models::Input;

    #[test]
    fn behave_like_layers() {
        check_layer(ZeroPadding1D::new(), &[&[2, 2]]);
        check_layer(ZeroPadding2D::new().padding([(0, 1), (2, 0)]), &[&[2, 3, 2]]);
        check_layer(ZeroPadding3D::new().data_format("channels_first".to_string()), &[&[2, 1, 2, 1]]);
        check_layer(Cropping1D::new(), &[&[4, 2]]);
        check_layer(Cropping2D::new().cropping([(0, 1), (2, 0)]), &[&[2, 3, 2]]);
        check_layer(Cropping3D::new(), &[&[3, 3, 4, 1]]);
    }

    #[test]
    fn nothing_left_is_refused() {
        let error = Cropping1D::new().cropping(2).named("c").on(&Input([4, 1]).unwrap()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Cropping1D \"c\" > cropping: expected less than 4 along axis 1, got 4"
        );
    }
}
