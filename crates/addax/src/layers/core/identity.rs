//! Identity: passes everything on.

use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::Tensor;

layer! {
    /// Passes its input on, with its mask.
    ///
    /// ```
    /// use addax::layers::Identity;
    /// use addax::prelude::*;
    /// let x = Input([3])?;
    /// assert_eq!(Identity::new().on(&x)?.shape().to_string(), "(None, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct Identity () {}
}

impl Layer for Identity {
    fn call_many(&self, cx: &mut Scope, inputs: &[Tensor]) -> Vec<Tensor> {
        (0..inputs.len()).for_each(|i| {
            let mask = cx.mask(i);
            cx.set_mask(i, mask);
        });
        inputs.to_vec()
    }

    fn supports_masking(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::check::check_layer;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(Identity::new(), &[&[2, 3]]);
    }
}
