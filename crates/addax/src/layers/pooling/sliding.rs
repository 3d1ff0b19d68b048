//! Pooling over one, two and three axes: the largest or the mean of what a sliding window sees.

use crate::layer;
use crate::layers::Layer;
use crate::layers::spatial::{Extent, Layout, Strides, Window, pad_space};
use crate::scope::Scope;
use addax_core::ops::Reduction;
use addax_core::{Dim, Result, Tensor, Value};

/// Pools a `[batch, space…, channels]` tensor that is not padded yet.
macro_rules! pooling {
    ($($(#[doc = $doc:literal])* $name:ident [$alias:literal] $n:literal ($($required:tt)*) { $($optional:tt)* } = $pool:ident;)*) => {$(
        layer! {
            $(#[doc = $doc])*
            pub struct $name [$alias] ($($required)*) {
                $($optional)*
                /// How far the window moves; its own size unless given.
                strides: Strides<$n> = Strides(None),
                /// `valid` or `same`.
                padding: String = "valid".to_string(),
                /// `channels_last` or `channels_first`.
                data_format: Option<String> = None,
            }
        }

        impl Layer for $name {
            fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
                Tensor::from_result(|| {
                    let layout = Layout::of(&self.data_format)?;
                    layout.check(x, $n)?;
                    let size = self.pool_size.0;
                    let window = Window { size, strides: self.strides.0.unwrap_or(size), dilation: [1; $n] };
                    window.check()?;
                    let x = layout.enter(x);
                    let sides = window.padding(&self.padding, &x.shape().dims()[1..=$n])?;
                    Ok(layout.leave(&$pool(&x, &window, &sides)?))
                })
            }
        }
    )*};
}

pooling! {
    /// The largest of every window of steps.
    MaxPooling1D ["MaxPool1D"] 1 () {
        /// The size of the window.
        pool_size: Extent<1> = Extent([2]),
    } = largest;
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
    } = largest;
    /// The largest of every window of a volume.
    MaxPooling3D ["MaxPool3D"] 3 () {
        /// The size of the window.
        pool_size: Extent<3> = Extent([2, 2, 2]),
    } = largest;
    /// The mean of every window of steps; padding does not count.
    AveragePooling1D ["AvgPool1D"] 1 (
        /// The size of the window.
        pool_size: Extent<1>,
    ) {} = mean;
    /// The mean of every window of an image; padding does not count.
    AveragePooling2D ["AvgPool2D"] 2 (
        /// The size of the window.
        pool_size: Extent<2>,
    ) {} = mean;
    /// The mean of every window of a volume; padding does not count.
    AveragePooling3D ["AvgPool3D"] 3 (
        /// The size of the window.
        pool_size: Extent<3>,
    ) {} = mean;
}

fn largest<const N: usize>(x: &Tensor, window: &Window<N>, sides: &[(usize, usize)]) -> Result<Tensor> {
    let x = pad_space(x, 1, sides, Reduction::Max.identity(x.dtype()));
    // The first of equal numbers takes the whole gradient; NaN wins.
    let larger = |a: Tensor, b: Tensor| b.le(&a).or(&a.is_nan()).select(&a, &b);
    let first = |taps: Vec<Tensor>| taps.into_iter().reduce(larger);
    Ok(first(window.taps(&x)?).unwrap_or(x))
}

fn mean<const N: usize>(x: &Tensor, window: &Window<N>, sides: &[(usize, usize)]) -> Result<Tensor> {
    let space: Vec<Dim> = x.shape().dims()[1..=N].to_vec();
    let sum = window.taps(&pad_space(x, 1, sides, 0.0))?.into_iter().reduce(|a, b| a + b);
    let sum = sum.unwrap_or_else(|| x.clone());
    if sides.iter().all(|s| *s == (0, 0)) {
        return Ok(sum / window.size.iter().product::<usize>() as f64);
    }
    let Some(space) = space.iter().map(|d| d.known()).collect::<Option<Vec<usize>>>() else { return Ok(sum) };
    let counts = counted(window, sides, &space)?;
    Ok(sum / Tensor::new(counts).cast(x.dtype()))
}

/// How many elements each position sees, padding left out: `[1, positions…, 1]`.
fn counted<const N: usize>(window: &Window<N>, sides: &[(usize, usize)], space: &[usize]) -> Result<Value> {
    let mut shape = vec![1];
    let mut counts = vec![1f64];
    for axis in 0..N {
        let (low, n) = (sides[axis].0, space[axis]);
        let positions = (low + n + sides[axis].1 - window.size[axis]) / window.strides[axis] + 1;
        let along = |p: usize| {
            let from = p * window.strides[axis];
            (from + window.size[axis]).min(low + n).saturating_sub(from.max(low)) as f64
        };
        counts = counts.iter().flat_map(|c| (0..positions).map(move |p| c * along(p))).collect();
        shape.push(positions);
    }
    shape.push(1);
    Value::new(shape, counts)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};

    #[test]
    fn behave_like_layers() {
        check_layer(MaxPooling1D::new().pool_size(3).strides(2).padding("same"), &[&[6, 2]]);
        check_layer(MaxPooling2D::new().data_format("channels_first".to_string()), &[&[2, 5, 4]]);
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
