//! Arithmetic on symbolic tensors: `&a + &b` is a node of the model, as in Keras.

use super::Symbolic;
use crate::arguments::Arguments;
use crate::layers::LayerRef;
use crate::ops;
use addax_core::Result;

macro_rules! operators {
    ($($(#[doc = $doc:literal])* $method:ident = $op:ident;)*) => {
        impl Symbolic {
            $($(#[doc = $doc])*
            pub fn $method(&self, other: &Symbolic) -> Result<Symbolic> {
                let op = LayerRef::new(ops::$op::new());
                Ok(op.on_with(Arguments::each(vec![self.clone(), other.clone()]))?.remove(0))
            })*
        }
    };
}

operators! {
    /// The sum with another tensor of the model.
    plus = Add;
    /// The difference from another tensor of the model.
    minus = Subtract;
    /// The product with another tensor of the model.
    times = Multiply;
    /// The quotient by another tensor of the model.
    over = Divide;
}
