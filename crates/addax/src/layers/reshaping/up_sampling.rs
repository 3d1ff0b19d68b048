//! UpSampling: every element of space several times, or what lies between.

use crate::layer;
use crate::layers::Layer;
use crate::layers::spatial::{Extent, Layout, repeat};
use crate::scope::Scope;
use addax_core::{Dim, Error, Result, Tensor, Value};

layer! {
    /// Every step `size` times.
    pub struct UpSampling1D () {
        /// How many times.
        size: Extent<1> = Extent([2]),
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
        data_format: Option<String> = None,
        /// `nearest` repeats, `bilinear` mixes the two neighbours along each axis.
        interpolation: String = "nearest".to_string(),
    }
}

layer! {
    /// Every plane, row and column of a volume `size` times.
    pub struct UpSampling3D () {
        /// How many times, along each axis.
        size: Extent<3> = Extent([2, 2, 2]),
        /// `channels_last` or `channels_first`.
        data_format: Option<String> = None,
    }
}

fn repeated(x: &Tensor, data_format: &Option<String>, size: &[usize]) -> Result<Tensor> {
    let layout = Layout::of(data_format)?;
    layout.check(x, size.len())?;
    if size.contains(&0) {
        return Err(Error::value("size")
            .expected("at least 1 along every axis")
            .got(format_args!("{size:?}")));
    }
    Ok(size.iter().enumerate().fold(x.clone(), |x, (i, n)| repeat(&x, layout.space() + i, *n)))
}

impl Layer for UpSampling1D {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| repeated(x, &None, &self.size.0))
    }
}

impl Layer for UpSampling2D {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| match self.interpolation.as_str() {
            "nearest" => repeated(x, &self.data_format, &self.size.0),
            "bilinear" => {
                let layout = Layout::of(&self.data_format)?;
                layout.check(x, 2)?;
                let first = layout.space();
                mixed(&mixed(x, first, self.size.0[0])?, first + 1, self.size.0[1])
            }
            other => Err(Error::unknown("interpolation", other, ["nearest", "bilinear"])),
        })
    }
}

impl Layer for UpSampling3D {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| repeated(x, &self.data_format, &self.size.0))
    }
}

/// Linear interpolation along an axis: a product with the matrix of shares, rows being the new places.
fn mixed(x: &Tensor, axis: usize, size: usize) -> Result<Tensor> {
    let (rank, last) = (x.rank(), x.rank() - 1);
    let Some(n) = x.dim(axis as isize).known() else {
        let mut dims = x.shape().dims().to_vec();
        dims[axis] = Dim::UNKNOWN;
        return Ok(x.reshape(dims));
    };
    let mut shares = vec![0f64; n * n * size];
    for place in 0..n * size {
        // Centres of elements lie at halves; beyond the outermost ones nothing changes any more.
        let at = ((place as f64 + 0.5) / size as f64 - 0.5).clamp(0.0, n.saturating_sub(1) as f64);
        let (low, share) = (at.floor() as usize, at.fract());
        shares[low * n * size + place] += 1.0 - share;
        shares[(low + 1).min(n - 1) * n * size + place] += share;
    }
    let matrix = Tensor::new(Value::new([n, n * size], shares)?).cast(x.dtype());
    let mut order: Vec<usize> = (0..rank).collect();
    order.swap(axis, last);
    Ok(x.transpose(&order).matmul(&matrix).transpose(&order))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};

    #[test]
    fn behave_like_layers() {
        check_layer(UpSampling1D::new().size(3), &[&[2, 2]]);
        check_layer(UpSampling2D::new().size((2, 1)), &[&[2, 3, 2]]);
        check_layer(UpSampling2D::new().interpolation("bilinear"), &[&[2, 3, 2]]);
        check_layer(UpSampling3D::new().data_format("channels_first".to_string()), &[&[1, 2, 1, 2]]);
    }

    #[test]
    fn between_two_elements_by_hand() {
        let x = Tensor::from(Value::new([1, 1, 2, 1], vec![0f32, 4.0]).unwrap());
        let bilinear = UpSampling2D::new().size((1, 2)).interpolation("bilinear");
        assert_eq!(run(bilinear, std::slice::from_ref(&x)).to_f64(), [0.0, 1.0, 3.0, 4.0]);
        assert_eq!(run(UpSampling2D::new().size((1, 2)), &[x]).to_f64(), [0.0, 0.0, 4.0, 4.0]);
    }
}
