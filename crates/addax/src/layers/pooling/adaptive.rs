//! Adaptive pooling: space divided into a given number of windows, whatever its size.

use crate::class::Word;
use crate::layer;
use crate::layers::Layer;
use crate::layers::spatial::{DataFormat, Extent};
use crate::scope::Scope;
use addax_core::ops::{ReduceWindow, Reduction};
use addax_core::{Dim, Error, Result, Tensor, Value};

macro_rules! adaptive {
    ($($(#[doc = $doc:literal])* $name:ident $n:literal = $pool:ident;)*) => {$(
        layer! {
            $(#[doc = $doc])*
            pub struct $name (
                /// How many windows there are along each axis.
                output_size: Extent<$n>,
            ) {
                /// `channels_last` or `channels_first`.
                data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
            }
        }

        impl Layer for $name {
            fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
                Tensor::from_result(|| {
                    let format = self.data_format.get()?;
                    format.check(x, $n)?;
                    (format.space()..).zip(self.output_size.0).try_fold(x.clone(), |x, (axis, windows)| {
                        pooled(&x, axis, windows, $pool)
                    })
                })
            }
        }
    )*};
}

adaptive! {
    /// The mean of each of `output_size` windows of steps.
    AdaptiveAveragePooling1D 1 = means;
    /// The mean of each window of an image.
    ///
    /// ```
    /// use addax::layers::AdaptiveAveragePooling2D;
    /// use addax::prelude::*;
    /// let x = Input([7, 5, 3])?;
    /// assert_eq!(AdaptiveAveragePooling2D::new((2, 3)).on(&x)?.shape().to_string(), "(None, 2, 3, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    AdaptiveAveragePooling2D 2 = means;
    /// The mean of each window of a volume.
    AdaptiveAveragePooling3D 3 = means;
    /// The largest of each of `output_size` windows of steps.
    AdaptiveMaxPooling1D 1 = largest;
    /// The largest of each window of an image.
    AdaptiveMaxPooling2D 2 = largest;
    /// The largest of each window of a volume.
    AdaptiveMaxPooling3D 3 = largest;
}

/// Pools along one axis: the tensor, the axis, where each window begins and where it has ended.
type Pool = fn(&Tensor, usize, &[(usize, usize)]) -> Result<Tensor>;

/// Pools along one axis.
fn pooled(x: &Tensor, axis: usize, windows: usize, pool: Pool) -> Result<Tensor> {
    if windows == 0 {
        return Err(Error::value("output_size").expected("at least 1 along every axis").got(0));
    }
    let Some(n) = x.dim(axis as isize).known() else {
        let mut dims = x.shape().dims().to_vec();
        dims[axis] = Dim::new(windows);
        return Ok(x.reshape(dims));
    };
    if n == 0 {
        return Err(Error::value("input")
            .expected(format_args!("elements along axis {axis}"))
            .got(x.shape()));
    }
    // Windows may share elements where the lengths do not divide, and repeat them where there are more windows.
    let bounds = |i: usize| (i * n / windows, ((i + 1) * n).div_ceil(windows));
    pool(x, axis, &(0..windows).map(bounds).collect::<Vec<_>>())
}

/// The means of windows along an axis: a product with the matrix of shares.
fn means(x: &Tensor, axis: usize, windows: &[(usize, usize)]) -> Result<Tensor> {
    let (n, m) = (x.dim(axis as isize).known().unwrap_or(0), windows.len());
    let mut shares = vec![0f64; n * m];
    for (w, (from, to)) in windows.iter().enumerate() {
        (*from..*to).for_each(|i| shares[i * m + w] = 1.0 / (to - from) as f64);
    }
    let matrix = Tensor::new(Value::new([n, m], shares)?).cast(x.dtype());
    let mut order: Vec<usize> = (0..x.rank()).collect();
    order.swap(axis, x.rank() - 1);
    Ok(x.transpose(&order).matmul(&matrix).transpose(&order))
}

/// The largest of each window along an axis; the first of equal ones takes the gradient.
fn largest(x: &Tensor, axis: usize, windows: &[(usize, usize)]) -> Result<Tensor> {
    let one = |(from, to): &(usize, usize)| {
        let mut size = vec![1; x.rank()];
        size[axis] = to - from;
        x.slice_axis(axis, *from, *to).reduce_window(ReduceWindow::new(Reduction::Max, &size))
    };
    let all: Vec<Tensor> = windows.iter().map(one).collect();
    Ok(Tensor::concatenate(&all.iter().collect::<Vec<_>>(), axis))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};

    #[test]
    fn behave_like_layers() {
        check_layer(AdaptiveAveragePooling1D::new(3), &[&[7, 2]]);
        check_layer(AdaptiveAveragePooling2D::new((2, 3)).data_format("channels_first"), &[&[2, 5, 2]]);
        check_layer(AdaptiveAveragePooling3D::new(2), &[&[3, 2, 4, 1]]);
        check_layer(AdaptiveMaxPooling1D::new(3).data_format("channels_first"), &[&[2, 5]]);
        check_layer(AdaptiveMaxPooling2D::new(2), &[&[3, 5, 2]]);
        check_layer(AdaptiveMaxPooling3D::new(2), &[&[3, 2, 4, 1]]);
    }

    #[test]
    fn windows_share_what_does_not_divide() {
        let x = Tensor::from(Value::new([1, 5, 1], vec![1f32, 2.0, 3.0, 4.0, 5.0]).unwrap());
        // Elements 0 to 2, and 2 to 4.
        assert_eq!(run(AdaptiveAveragePooling1D::new(2), std::slice::from_ref(&x)).to_f64(), [2.0, 4.0]);
        assert_eq!(run(AdaptiveMaxPooling1D::new(2), &[x]).to_f64(), [3.0, 5.0]);
    }
}
