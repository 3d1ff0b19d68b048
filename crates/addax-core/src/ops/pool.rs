//! Keras's pooling, written with [`ReduceWindow`].

use super::spatial::Spatial;
use super::{Primitive, ReduceWindow, Reduction};
use crate::error::{Error, Result};
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::value::Value;

/// The window over all axes: of length 1 along batch and channels.
fn window(x: &Tensor, kind: Reduction, size: &[usize], spatial: &Spatial) -> Result<ReduceWindow> {
    let axes = Spatial::axes_of(x)?;
    if size.len() != axes {
        return Err(Error::value("pool_size")
            .expected(format_args!("{axes} numbers"))
            .got(format_args!("{size:?}")));
    }
    let size = Spatial::each("pool_size", size, axes)?;
    let first = spatial.first_axis();
    let mut window = ReduceWindow::new(kind, &vec![1; axes + 2]);
    window.window_strides[first..first + axes].copy_from_slice(&Spatial::each(
        "strides",
        &spatial.strides,
        axes,
    )?);
    window.window_dilations[first..first + axes].copy_from_slice(&Spatial::each(
        "dilation",
        &spatial.dilation,
        axes,
    )?);
    window.padding[first..first + axes].copy_from_slice(&spatial.amounts(&x.shape(), &size)?);
    window.window_dimensions[first..first + axes].copy_from_slice(&size);
    Ok(window)
}

/// How many elements each window sees, in a shape that broadcasts to the result.
fn counts(x: &Tensor, window: &ReduceWindow, spatial: &Spatial) -> Result<Tensor> {
    let axes = x.rank() - 2;
    let spaces = spatial.first_axis()..spatial.first_axis() + axes;
    let dims: Vec<Dim> =
        (0..x.rank()).map(|a| if spaces.contains(&a) { x.dim(a as isize) } else { Dim::new(1) }).collect();
    match Shape::from(dims.clone()).known() {
        // Known now: a constant, not a step of every run.
        Some(shape) => Ok(Tensor::new(window.eval(&[&Value::full(x.dtype(), &shape, 1.0)])?.remove(0))),
        None => {
            let _entered = x.enter_trace();
            Ok(Tensor::full(x.dtype(), dims, 1.0).reduce_window(window.clone()))
        }
    }
}

impl Tensor {
    /// The largest element that each window over the spatial axes sees.
    ///
    /// ```
    /// use addax_core::{DType, Tensor, ops::Spatial};
    /// let x = Tensor::full(DType::F32, [1, 8, 8, 3], 1.0);
    /// let y = x.max_pool(&[2, 2], &Spatial::valid().strides(&[2, 2]));
    /// assert_eq!(y.shape().to_string(), "(1, 4, 4, 3)");
    /// ```
    pub fn max_pool(&self, size: &[usize], spatial: &Spatial) -> Tensor {
        let run = || Ok(self.reduce_window(window(self, Reduction::Max, size, spatial)?));
        Tensor::from_result(|| run().map_err(|e: Error| e.at("max_pool")))
    }

    /// The mean of the elements that each window over the spatial axes sees; padding does not count.
    pub fn average_pool(&self, size: &[usize], spatial: &Spatial) -> Tensor {
        let run = || {
            let window = window(self, Reduction::Sum, size, spatial)?;
            let sum = self.reduce_window(window.clone());
            if window.padding.iter().all(|p| *p == (0, 0)) && self.shape().known().is_some() {
                return Ok(sum / size.iter().product::<usize>() as f64);
            }
            Ok(sum / counts(self, &window, spatial)?)
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("average_pool")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DType;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        for spatial in [Spatial::valid(), Spatial::same().strides(&[2, 2]), Spatial::same().channels_first()]
        {
            let inputs: &[crate::testing::Domain] = &[(&[2, 5, 4, 3], (-1.0, 1.0))];
            check_gradient("max_pool", |x| x[0].max_pool(&[3, 2], &spatial), inputs);
            check_gradient("average_pool", |x| x[0].average_pool(&[3, 2], &spatial), inputs);
        }
    }

    #[test]
    fn open_axes_stay_open() {
        let trace = crate::Trace::new();
        let x = trace.parameter("x", DType::F32, [None, None, Some(9), Some(3)]);
        let same = Spatial::same().strides(&[2, 2]);
        assert_eq!(x.max_pool(&[2, 2], &same).shape().to_string(), "(None, None, 5, 3)");
        assert_eq!(x.average_pool(&[2, 2], &same).shape().to_string(), "(None, None, 5, 3)");
    }

    #[test]
    fn says_what_it_wanted() {
        let says = |shape: &[usize], size: &[usize]| {
            let x = Tensor::full(DType::F32, shape, 0.0);
            x.max_pool(size, &Spatial::valid()).to_value().unwrap_err().to_string()
        };
        assert_eq!(says(&[2, 8, 8, 3], &[2]), "max_pool > pool_size: expected 2 numbers, got [2]");
        assert_eq!(says(&[2, 8, 8, 3], &[2, 0]), "max_pool > pool_size: expected at least 1, got 0");
        assert_eq!(
            says(&[2, 8], &[2]),
            "max_pool > input: expected batch, channels and at least one spatial axis, got (2, 8)"
        );
    }
}
