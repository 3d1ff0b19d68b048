//! Cropping: the rim of space, taken away.

use crate::class::Word;
use crate::layer;
use crate::layers::Layer;
use crate::layers::spatial::{DataFormat, Sides};
use crate::scope::Scope;
use addax_core::{Error, Result, Tensor};

macro_rules! cropping {
    ($($(#[doc = $doc:literal])* $name:ident $n:literal by $amount:literal {$($more:tt)*} $format:expr;)*) => {$(
        layer! {
            $(#[doc = $doc])*
            pub struct $name () {
                /// How many elements go before and after, along each axis.
                cropping: Sides<$n> = Sides([($amount, $amount); $n]),
                $($more)*
            }
        }

        impl Layer for $name {
            fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
                Tensor::from_result(|| {
                    let format: fn(&$name) -> Result<DataFormat> = $format;
                    cropped(x, format(self)?, &self.cropping.0)
                })
            }
        }
    )*};
}

cropping! {
    /// Takes steps away at both ends.
    Cropping1D 1 by 1 {} |_| Ok(DataFormat::ChannelsLast);
    /// Takes the rim of images away.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([28, 28, 1])?;
    /// assert_eq!(Cropping2D::new().cropping([(0, 1), (2, 2)]).on(&x)?.shape().to_string(), "(None, 27, 24, 1)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    Cropping2D 2 by 0 {
        /// `channels_last` or `channels_first`.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
    } |layer| layer.data_format.get();
    /// Takes the rim of volumes away.
    Cropping3D 3 by 1 {
        /// `channels_last` or `channels_first`.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
    } |layer| layer.data_format.get();
}

fn cropped(x: &Tensor, format: DataFormat, sides: &[(usize, usize)]) -> Result<Tensor> {
    format.check(x, sides.len())?;
    sides.iter().enumerate().try_fold(x.clone(), |x, (i, (before, after))| {
        let axis = format.space() + i;
        let Some(n) = x.dim(axis as isize).known() else { return Ok(cut_open(&x, axis, *before, *after)) };
        let cut = before.saturating_add(*after);
        if cut >= n {
            let e = Error::value("cropping").expected(format_args!("less than {n} along axis {axis}"));
            return Err(e.got(cut));
        }
        Ok(x.slice_axis(axis, *before, n - after))
    })
}

/// Cuts along an axis whose length is not known yet.
fn cut_open(x: &Tensor, axis: usize, before: usize, after: usize) -> Tensor {
    let (mut low, mut high) = (vec![0; x.rank()], vec![0; x.rank()]);
    (low[axis], high[axis]) = (-(before as isize), -(after as isize));
    x.pad(&low, &high, 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::LayerExt;
    use crate::layers::check::check_layer;
    use crate::models::Input;

    #[test]
    fn behave_like_layers() {
        check_layer(Cropping1D::new(), &[&[4, 2]]);
        check_layer(Cropping2D::new().cropping([(0, 1), (2, 0)]), &[&[2, 3, 2]]);
        check_layer(Cropping2D::new().cropping(1).data_format("channels_first"), &[&[2, 3, 4]]);
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
