//! Dropout (Srivastava et al. 2014).

use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{Dim, Error, Shape, Tensor};

layer! {
    /// In training sets each input to 0 with probability `rate` and multiplies the others by `1 / (1 - rate)`.
    pub struct Dropout (
        /// The share of inputs that are dropped.
        rate: f64,
    ) {
        /// A seed of its own.
        seed: Option<i64> = None,
        /// The shape of the mask, `None` for axes as long as the input's; axes of length 1 share.
        noise_shape: Option<Vec<Option<usize>>> = None,
    }
}

impl Layer for Dropout {
    fn supports_masking(&self) -> bool {
        true
    }

    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        if !(0.0..=1.0).contains(&self.rate) {
            return Tensor::failed(Error::value("rate").expected("a number from 0 to 1").got(self.rate));
        }
        if !cx.training() || self.rate == 0.0 {
            return x.clone();
        }
        let shape = x.shape();
        let mask: Vec<Dim> = match &self.noise_shape {
            None => shape.dims().to_vec(),
            Some(noise) => noise.iter().zip(shape.dims()).map(|(n, d)| n.map_or(*d, Dim::new)).collect(),
        };
        let keep = cx.uniform(Shape::from(mask)).ge(&Tensor::constant(addax_core::DType::F32, self.rate));
        let scaled = x * (1.0 / (1.0 - self.rate).max(f64::MIN_POSITIVE));
        keep.broadcast_to(&shape).select(&scaled, &x.filled(0.0))
    }
}
