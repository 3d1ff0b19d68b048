//! Normalization: features with mean 0 and variance 1.

use super::Numbers;
use super::numbers::AxisList;
use crate::layer;
use crate::layers::{Layer, LayerRef};
use crate::scope::Scope;
use addax_core::{DType, Dim, Error, Result, Shape, Tensor, Trace, Value};

layer! {
    /// `(x - mean) / √variance` along the kept axes, or back with `invert`. Mean and variance are given, or learnt from
    /// data by [`LayerRef::adapt`].
    ///
    /// ```
    /// use addax::prelude::*;
    /// let layer = LayerRef::from(addax::layers::Normalization::new());
    /// layer.adapt(&Value::new([2, 1], vec![1f32, 5.0])?)?;
    /// assert_eq!(layer.own_weights()[0].value()?.to_f64(), [3.0]);
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct Normalization () {
        /// The axes whose places have a mean each.
        axis: AxisList = (-1isize).into(),
        /// The mean, if it is not learnt.
        mean: Option<Numbers> = None,
        /// The variance, if it is not learnt.
        variance: Option<Numbers> = None,
        /// Whether normalized numbers become what they were.
        invert: bool = false,
    }
}

/// Less than this is not divided by.
const LEAST_DEVIATION: f64 = 1e-7;

impl Normalization {
    /// The kept axes counted from the front, sorted.
    fn kept(&self, x: &Tensor) -> Result<Vec<usize>> {
        let mut kept = self.axis.0.iter().map(|a| x.axis(*a)).collect::<Result<Vec<_>>>()?;
        kept.sort_unstable();
        kept.dedup();
        match kept.iter().find(|a| x.dim(**a as isize).known().is_none()) {
            Some(a) => Err(Error::value("axis")
                .expected(format_args!("axes of known length in {}", x.shape()))
                .got(a)),
            None => Ok(kept),
        }
    }

    /// Given numbers in a shape that broadcasts to the input: their axes are the last of those that are kept.
    fn given(&self, numbers: &Numbers, x: &Tensor, kept: &[usize], dtype: DType) -> Result<Tensor> {
        let mut dims = vec![1; x.rank()];
        let rank = numbers.shape().len();
        let places = kept.len().checked_sub(rank).map(|skipped| &kept[skipped..]).ok_or_else(|| {
            Error::value("mean").expected(format_args!("at most {} axes", kept.len())).got(rank)
        })?;
        for (axis, n) in places.iter().zip(numbers.shape()) {
            dims[*axis] = *n;
        }
        Ok(numbers.tensor(dtype)?.reshape(dims))
    }

    /// Mean and variance in a shape that broadcasts to the input.
    fn moments(&self, cx: &mut Scope, x: &Tensor) -> Result<(Tensor, Tensor)> {
        let kept = self.kept(x)?;
        let dtype = cx.policy().compute;
        match (&self.mean, &self.variance) {
            (Some(mean), Some(variance)) if mean.shape() == variance.shape() => {
                Ok((self.given(mean, x, &kept, dtype)?, self.given(variance, x, &kept, dtype)?))
            }
            (None, None) => {
                let shape = Shape::from(kept.iter().map(|a| x.dim(*a as isize)).collect::<Vec<_>>());
                let mut dims = vec![Dim::new(1); x.rank()];
                kept.iter().for_each(|a| dims[*a] = x.dim(*a as isize));
                let spread = |t: Tensor| t.reshape(dims.clone());
                let mean = cx.weight("mean", &shape, &"zeros".into()).fixed().get();
                let variance = cx.weight("variance", &shape, &"ones".into()).fixed().get();
                cx.weight("count", Shape::scalar(), &"zeros".into())
                    .fixed()
                    .dtype(DType::I32)
                    .get()
                    .check()?;
                Ok((spread(mean), spread(variance)))
            }
            _ => Err(Error::value("mean and variance").expected("both in one shape, or neither")),
        }
    }
}

impl Layer for Normalization {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let x = x.check()?.cast(cx.policy().compute);
            let (mean, variance) = self.moments(cx, &x)?;
            let deviation = variance.sqrt().max_scalar(LEAST_DEVIATION);
            Ok(if self.invert { mean + x * deviation } else { (x - mean) / deviation })
        })
    }

    fn supports_masking(&self) -> bool {
        true
    }

    fn adapt(&self, layer: &LayerRef, data: &Value) -> Result<()> {
        if self.mean.is_some() || self.variance.is_some() {
            return Err(Error::value("adapt")
                .expected("a layer without mean and variance")
                .got("given ones"));
        }
        let numbers = Tensor::new(data.cast(DType::F64));
        let kept = self.kept(&numbers)?;
        let reduced: Vec<usize> = (0..data.rank()).filter(|a| !kept.contains(a)).collect();
        if data.is_empty() {
            return Err(Error::value("data").expected("at least one row").got(Shape::of(data.shape())));
        }
        let mean = numbers.mean(&reduced);
        let spread = mean.keep_axes(&reduced);
        let variance = (&numbers - spread).square().mean(&reduced);
        // Weights come into being with the first call.
        let trace = Trace::new();
        let x = trace.parameter("x", layer.policy().compute, data.shape().to_vec());
        let entered = trace.enter();
        Scope::new(&trace, false).call(layer, &[x])?;
        drop(entered);
        for (weight, value) in layer.own_weights().iter().zip([mean, variance]) {
            weight.set(value.to_value()?)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};

    #[test]
    fn behaves_like_a_layer() {
        check_layer(Normalization::new(), &[&[3]]);
        check_layer(Normalization::new().axis(vec![1isize, -1]).invert(true), &[&[2, 3]]);
        let given = Normalization { mean: Some([1.0, 2.0].into()), ..Normalization::new() };
        check_layer(Normalization { variance: Some([4.0, 9.0].into()), ..given }, &[&[3, 2]]);
    }

    #[test]
    fn learns_mean_and_variance() {
        let layer = LayerRef::new(Normalization::new());
        let x = Value::new([2, 2], vec![1f32, 10.0, 5.0, 10.0]).unwrap();
        layer.adapt(&x).unwrap();
        let y = run(layer, &[x.into()]).to_f64();
        assert_eq!(y, [-1.0, 0.0, 1.0, 0.0]);
        let one = LayerRef::new(Normalization::new().axis(vec![]));
        one.adapt(&Value::from(vec![1f32, 3.0])).unwrap();
        let weights: Vec<Vec<f64>> = one.own_weights().iter().map(|w| w.value().unwrap().to_f64()).collect();
        assert_eq!(weights, [[2.0], [1.0], [0.0]]);
    }

    #[test]
    fn says_what_it_wanted() {
        let half = Normalization { mean: Some(0.0.into()), ..Normalization::new() };
        let x = Tensor::from(Value::from(vec![1f32]));
        let trace = Trace::new();
        let e = Scope::new(&trace, false).call(&half.into(), &[x]).unwrap_err().to_string();
        assert!(e.ends_with("mean and variance: expected both in one shape, or neither"), "{e}");
    }
}
