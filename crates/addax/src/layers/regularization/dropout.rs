//! Dropout (Srivastava et al. 2014).

use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{DType, Dim, Error, Result, Shape, Tensor};

layer! {
    /// In training sets each input to 0 with probability `rate` and multiplies the others by `1 / (1 - rate)`.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([3])?;
    /// assert_eq!(Dropout::new(0.5).on(&x)?.shape().to_string(), "(None, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct Dropout (
        /// The share of inputs that are dropped.
        rate: f64,
    ) {
        /// The shape of the noise, `None` for axes as long as the input's; along axes of length 1 all share.
        noise_shape: Option<Vec<Option<usize>>> = None,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
}

/// Which inputs are kept: true with probability `1 - rate`, in the input's shape.
pub(super) fn kept(
    cx: &mut Scope,
    x: &Tensor,
    rate: f64,
    noise_shape: &Option<Vec<Option<usize>>>,
    seed: Option<i64>,
) -> Result<Tensor> {
    let shape = x.check()?.shape();
    let noise: Vec<Dim> = match noise_shape {
        None => shape.dims().to_vec(),
        Some(noise) => {
            let fits = |(n, d): (&Option<usize>, &Dim)| n.is_none_or(|n| n == 1 || d.fits(Dim::new(n)));
            if noise.len() != shape.rank() || !noise.iter().zip(shape.dims()).all(fits) {
                let e = Error::value("noise_shape").expected(format_args!("a shape that spreads to {shape}"));
                return Err(e.got(format_args!("{noise:?}")));
            }
            noise.iter().zip(shape.dims()).map(|(n, d)| n.map_or(*d, Dim::new)).collect()
        }
    };
    let uniform = cx.uniform_from(seed, Shape::from(noise));
    Ok(uniform.ge(&Tensor::constant(DType::F32, rate)).broadcast_to(&shape))
}

/// Checks a share.
pub(super) fn check_rate(rate: f64) -> Result<()> {
    if (0.0..=1.0).contains(&rate) {
        return Ok(());
    }
    Err(Error::value("rate").expected("a number from 0 to 1").got(rate))
}

impl Layer for Dropout {
    fn supports_masking(&self) -> bool {
        true
    }

    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            check_rate(self.rate)?;
            if !cx.training() || self.rate == 0.0 {
                return Ok(x.clone());
            }
            let nothing = x.filled(0.0);
            if self.rate == 1.0 {
                return Ok(nothing);
            }
            let kept = kept(cx, x, self.rate, &self.noise_shape, self.seed)?;
            Ok(kept.select(&(x * (1.0 / (1.0 - self.rate))), &nothing))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;
    use addax_core::{Trace, Value, evaluate};

    #[test]
    fn behaves_like_a_layer() {
        check_layer(Dropout::new(0.4), &[&[2, 3]]);
        check_layer(Dropout::new(1.0), &[&[2, 3]]);
        check_layer(Dropout::new(0.4).noise_shape(vec![None, Some(1)]), &[&[3]]);
    }

    fn drawn(layers: &[Dropout], key: [u32; 2]) -> Vec<Vec<f64>> {
        let trace = Trace::new();
        let entered = trace.enter();
        let mut scope = Scope::new(&trace, true);
        scope.set_chance(Value::from(key.to_vec()).into(), Tensor::scalar(3u32));
        let x = trace.parameter("x", DType::F32, [1000]);
        let y: Vec<Tensor> = layers.iter().map(|l| l.call(&mut scope, &x)).collect();
        drop(entered);
        let x = Value::full(DType::F32, &[1000], 1.0);
        evaluate(&trace.finish(&y).unwrap(), &[x]).unwrap().iter().map(Value::to_f64).collect()
    }

    #[test]
    fn what_is_kept_makes_up_for_what_is_not() {
        let y = drawn(&[Dropout::new(0.2)], [1, 2]).remove(0);
        let kept = y.iter().filter(|v| **v == 1.25).count();
        assert_eq!(kept + y.iter().filter(|v| **v == 0.0).count(), 1000);
        assert!((760..840).contains(&kept), "{kept}");
    }

    #[test]
    fn a_seed_of_its_own_does_not_care_for_the_models() {
        let layers = [Dropout::new(0.5), Dropout::new(0.5).seed(7), Dropout::new(0.5).seed(8)];
        let (a, b) = (drawn(&layers, [1, 2]), drawn(&layers, [3, 4]));
        assert!(a[0] != b[0] && a[1] == b[1] && a[1] != a[2]);
    }
}
