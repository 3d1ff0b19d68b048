//! Flatten: everything but the batch in one axis.

use crate::class::Word;
use crate::layer;
use crate::layers::Layer;
use crate::layers::spatial::DataFormat;
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
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
    }
}

impl Layer for Flatten {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        let x = match self.data_format.get() {
            Ok(format) if x.rank() > 1 => format.enter(x),
            Ok(_) => x.clone(),
            Err(e) => return Tensor::failed(e),
        };
        let dims = x.shape();
        let (batch, rest) = dims.dims().split_first().map_or((Dim::UNKNOWN, &[][..]), |(b, r)| (*b, r));
        let size = Shape::from(rest.to_vec()).size();
        x.reshape([batch, Dim::from(size)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};
    use addax_core::Value;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(Flatten::new(), &[&[2, 3, 2]]);
        check_layer(Flatten::new().data_format("channels_first"), &[&[2, 3]]);
        check_layer(Flatten::new(), &[&[]]);
    }

    #[test]
    fn channels_go_last() {
        let x = Tensor::from(Value::new([1, 2, 2], vec![1f32, 2.0, 3.0, 4.0]).unwrap());
        assert_eq!(run(Flatten::new().data_format("channels_first"), &[x]).to_f64(), [1.0, 3.0, 2.0, 4.0]);
    }
}
