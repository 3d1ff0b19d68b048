//! ELU: the exponential linear unit (Clevert, Unterthiner and Hochreiter 2016).

use crate::activations::functions::elu;
use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::Tensor;

layer! {
    /// `x` if x > 0, else `alpha · (exp(x) - 1)`.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([3])?;
    /// assert_eq!(ELU::new().on(&x)?.shape().to_string(), "(None, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct ELU () {
        /// How deep it goes.
        alpha: f64 = 1.0,
    }
}

impl Layer for ELU {
    fn supports_masking(&self) -> bool {
        true
    }

    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        elu(x, self.alpha)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::{check_layer, run};
    use addax_core::Value;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(ELU::new().alpha(0.5), &[&[2, 3]]);
        let x = Tensor::from(Value::new([1, 2], vec![-100f32, 1e4]).unwrap());
        assert_eq!(run(ELU::new().alpha(0.5), &[x]).to_f64(), [-0.5, 1e4]);
    }
}
