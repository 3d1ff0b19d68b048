//! Flatten: everything but the batch in one axis.

use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{Dim, Shape, Tensor};

layer! {
    /// `[batch, a, b, …]` to `[batch, a · b · …]`.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([28, 28])?;
    /// assert_eq!(Flatten::new().on(&x)?.shape().to_string(), "(None, 784)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct Flatten () {
        /// `channels_last` or `channels_first`.
        data_format: Option<String> = None,
    }
}

impl Layer for Flatten {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        let rank = x.rank();
        let x = if self.data_format.as_deref() == Some("channels_first") && rank > 2 {
            let order: Vec<usize> = [0].into_iter().chain(2..rank).chain([1]).collect();
            x.transpose(&order)
        } else {
            x.clone()
        };
        let dims = x.shape();
        let (batch, rest) = dims.dims().split_first().map_or((Dim::UNKNOWN, &[][..]), |(b, r)| (*b, r));
        let size = Shape::from(rest.to_vec()).size();
        x.reshape([batch, Dim::from(size)])
    }
}
