//! Sums, differences, products and quotients of two tensors, or of a tensor and a number.

use crate::layers::Layer;
use crate::op;
use crate::scope::Scope;
use addax_core::{Error, Result, Tensor};

/// An operand by name: a tensor, or a number that takes the other's element type.
fn operand(cx: &Scope, name: &str, like: &str) -> Result<Tensor> {
    use crate::arguments::Argument;
    match cx.argument(name) {
        Some(Argument::Tensor(t)) => Ok(t.tensor.clone()),
        Some(Argument::Plain(json)) => {
            let number =
                json.as_f64().ok_or_else(|| Error::type_(name).expected("a tensor or a number").got(json))?;
            let other = cx.tensor(like).ok_or_else(|| Error::type_(like).expected("a tensor"))?;
            Ok(Tensor::constant(other.dtype(), number))
        }
        _ => Err(Error::value(format!("missing argument \"{name}\""))),
    }
}

macro_rules! arithmetic {
    ($($(#[doc = $doc:literal])* $name:ident = $method:path;)*) => {$(
        op! {
            $(#[doc = $doc])*
            pub struct $name in "keras.src.ops.numpy" () {}
            call ["x1", "x2"] = |this, cx| Ok($method(&operand(cx, "x1", "x2")?, &operand(cx, "x2", "x1")?));
        }
    )*};
}

arithmetic! {
    /// `x1 + x2`
    Add = Tensor::add;
    /// `x1 - x2`
    Subtract = Tensor::subtract;
    /// `x1 · x2`
    Multiply = Tensor::multiply;
    /// `x1 / x2`
    Divide = Tensor::divide;
}
