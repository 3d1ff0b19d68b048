//! Reshape: each sample in another shape.

use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{Dim, Error, Shape, Tensor};

layer! {
    /// Each sample in another shape; one axis may be -1 and is then found.
    pub struct Reshape (
        /// The shape of a sample, without the batch.
        target_shape: Vec<isize>,
    ) {}
}

impl Layer for Reshape {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        let shape = x.shape();
        let Some((batch, rest)) = shape.dims().split_first() else {
            return Tensor::failed(Error::value("input").expected("a batch").got(shape));
        };
        let size = Shape::from(rest.to_vec()).size();
        let known: usize = self.target_shape.iter().filter_map(|d| usize::try_from(*d).ok()).product();
        let open = self.target_shape.iter().filter(|d| **d < 0).count();
        let wrong = || {
            let wanted = format!("{} elements per sample", size.map_or("None".into(), |n| n.to_string()));
            Tensor::failed(
                Error::value("target_shape").expected(wanted).got(format_args!("{:?}", self.target_shape)),
            )
        };
        let fits = |n: usize| if open == 0 { n == known } else { known > 0 && n.is_multiple_of(known) };
        if open > 1 || size.is_some_and(|n| !fits(n)) {
            return wrong();
        }
        let found = Dim::from(size.map(|n| n / known.max(1)));
        let dims = self.target_shape.iter().map(|d| usize::try_from(*d).map_or(found, Dim::new));
        x.reshape(std::iter::once(*batch).chain(dims).collect::<Vec<_>>())
    }
}
