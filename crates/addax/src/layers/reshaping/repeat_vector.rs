//! RepeatVector: a vector as a sequence.

use crate::layer;
use crate::layers::Layer;
use crate::layers::spatial::repeat;
use crate::scope::Scope;
use addax_core::{Error, Tensor};

layer! {
    /// Each vector `n` times: `[batch, features]` to `[batch, n, features]`.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([32])?;
    /// assert_eq!(RepeatVector::new(3usize).on(&x)?.shape().to_string(), "(None, 3, 32)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct RepeatVector (
        /// How many times.
        n: usize,
    ) {}
}

impl Layer for RepeatVector {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        if x.rank() != 2 {
            return Tensor::failed(Error::value("input").expected("rank 2 (batch, features)").got(x.shape()));
        }
        if self.n == 0 {
            return Tensor::failed(Error::value("n").expected("at least 1").got(0));
        }
        repeat(&x.expand_dims(1), 1, self.n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};
    use addax_core::Value;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(RepeatVector::new(3usize), &[&[2]]);
        let x = Tensor::from(Value::new([1, 2], vec![1f32, 2.0]).unwrap());
        assert_eq!(run(RepeatVector::new(2usize), &[x]).to_f64(), [1.0, 2.0, 1.0, 2.0]);
    }
}
