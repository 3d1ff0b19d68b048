//! Permute: the axes of a sample in another order.

use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{Error, Tensor};

layer! {
    /// The axes of a sample in another order; the batch stays first.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([10, 64])?;
    /// assert_eq!(Permute::new([2, 1]).on(&x)?.shape().to_string(), "(None, 64, 10)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct Permute (
        /// For each axis of the result the axis it comes from; the first after the batch is 1.
        dims: Vec<usize>,
    ) {}
}

impl Layer for Permute {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        let mut sorted = self.dims.clone();
        sorted.sort_unstable();
        if !sorted.iter().copied().eq(1..=self.dims.len()) || self.dims.len() + 1 != x.rank() {
            let wanted = format!("the numbers 1 to {} once each", x.rank().saturating_sub(1));
            return Tensor::failed(
                Error::value("dims").expected(wanted).got(format_args!("{:?}", self.dims)),
            );
        }
        let order: Vec<usize> = [0].into_iter().chain(self.dims.iter().copied()).collect();
        x.transpose(&order)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::LayerExt;
    use crate::layers::check::check_layer;
    use crate::models::Input;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(Permute::new([3, 1, 2]), &[&[2, 3, 4]]);
        let error = Permute::new([0, 1]).named("p").on(&Input([2, 3]).unwrap()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Permute \"p\" > dims: expected the numbers 1 to 2 once each, got [0, 1]"
        );
    }
}
