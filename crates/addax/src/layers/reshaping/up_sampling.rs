//! UpSampling: every element of space several times, or what lies between.

use crate::class::Word;
use crate::layer;
use crate::layers::Layer;
use crate::layers::interpolation::Interpolation;
use crate::layers::spatial::{DataFormat, Extent, repeat};
use crate::scope::Scope;
use addax_core::{Error, Result, Tensor};

layer! {
    /// Every step `size` times.
    pub struct UpSampling1D () {
        /// How many times.
        size: usize = 2,
    }
}

layer! {
    /// Every row and column of an image `size` times.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([7, 7, 3])?;
    /// assert_eq!(UpSampling2D::new().size((2, 3)).on(&x)?.shape().to_string(), "(None, 14, 21, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct UpSampling2D () {
        /// How many times, along height and width.
        size: Extent<2> = Extent([2, 2]),
        /// `channels_last` or `channels_first`.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
        /// `nearest` repeats; `bilinear`, `bicubic`, `lanczos3` and `lanczos5` mix neighbours.
        interpolation: Word<Interpolation> = Interpolation::Nearest.into(),
    }
}

layer! {
    /// Every plane, row and column of a volume `size` times.
    pub struct UpSampling3D () {
        /// How many times, along each axis.
        size: Extent<3> = Extent([2, 2, 2]),
        /// `channels_last` or `channels_first`.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
    }
}

/// Checks sizes and input, and gives the first axis of space.
fn space(x: &Tensor, format: DataFormat, size: &[usize]) -> Result<usize> {
    format.check(x, size.len())?;
    if size.contains(&0) {
        let e = Error::value("size").expected("at least 1 along every axis");
        return Err(e.got(format_args!("{size:?}")));
    }
    Ok(format.space())
}

fn repeated(x: &Tensor, format: DataFormat, size: &[usize]) -> Result<Tensor> {
    let first = space(x, format, size)?;
    Ok(size.iter().enumerate().fold(x.clone(), |x, (i, n)| repeat(&x, first + i, *n)))
}

impl Layer for UpSampling1D {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| repeated(x, DataFormat::ChannelsLast, &[self.size]))
    }
}

impl Layer for UpSampling2D {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let (format, how, size) = (self.data_format.get()?, self.interpolation.get()?, self.size.0);
            if how == Interpolation::Nearest {
                return repeated(x, format, &size);
            }
            let first = space(x, format, &size)?;
            (first..).zip(size).try_fold(x.clone(), |x, (axis, n)| {
                let length = x.dim(axis as isize).map(|d| d.saturating_mul(n));
                how.along(&x, axis, length)
            })
        })
    }
}

impl Layer for UpSampling3D {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| repeated(x, self.data_format.get()?, &self.size.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};
    use addax_core::Value;

    #[test]
    fn behave_like_layers() {
        check_layer(UpSampling1D::new().size(3usize), &[&[2, 2]]);
        check_layer(UpSampling2D::new().size((2, 1)), &[&[2, 3, 2]]);
        check_layer(UpSampling2D::new().interpolation("bilinear"), &[&[2, 3, 2]]);
        check_layer(
            UpSampling2D::new().interpolation("bicubic").data_format("channels_first"),
            &[&[2, 3, 2]],
        );
        check_layer(UpSampling3D::new().data_format("channels_first"), &[&[1, 2, 1, 2]]);
    }

    #[test]
    fn between_two_elements_by_hand() {
        let x = Tensor::from(Value::new([1, 1, 2, 1], vec![0f32, 4.0]).unwrap());
        let bilinear = UpSampling2D::new().size((1, 2)).interpolation("bilinear");
        assert_eq!(run(bilinear, std::slice::from_ref(&x)).to_f64(), [0.0, 1.0, 3.0, 4.0]);
        assert_eq!(run(UpSampling2D::new().size((1, 2)), &[x]).to_f64(), [0.0, 0.0, 4.0, 4.0]);
    }
}
