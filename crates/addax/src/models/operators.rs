//! Arithmetic on symbolic tensors: a node of the model for each, as in Keras.
//!
//! A node can fail (shapes that do not fit), so these are methods with results, not Rust's operators:
//! `a.plus(&b)?.times(2.0)?`. The other operand is a tensor of the model, a number, or an array.

use super::Symbolic;
use crate::arguments::{Argument, Arguments};
use crate::class::Field;
use crate::layers::LayerRef;
use crate::ops::{self, Given, Key, Number};
use addax_core::{Result, Tensor};

/// The other operand: a tensor of the model, a number or an array.
#[derive(Clone, Debug)]
pub struct Other(Argument<Symbolic>);

impl From<&Symbolic> for Other {
    fn from(s: &Symbolic) -> Other {
        Other(Argument::Tensor(s.clone()))
    }
}

macro_rules! others {
    ($($t:ty),*) => {$(
        impl From<$t> for Other {
            fn from(x: $t) -> Other { Other(Argument::Plain(Number::from(x).to_json())) }
        }
    )*};
}
others!(i64, f64, bool, Tensor, &Tensor);

fn node(op: impl Into<LayerRef>, arguments: Vec<Argument<Symbolic>>) -> Result<Symbolic> {
    let arguments = Arguments { positional: arguments, named: Vec::new() };
    Ok(op.into().on_with(arguments)?.remove(0))
}

macro_rules! operators {
    ($($(#[doc = $doc:literal])* $method:ident = $op:ident;)*) => {
        impl Symbolic {
            $($(#[doc = $doc])*
            pub fn $method(&self, other: impl Into<Other>) -> Result<Symbolic> {
                node(ops::$op::new(), vec![Argument::Tensor(self.clone()), other.into().0])
            })*
        }
    };
}

operators! {
    /// The sum with another operand.
    plus = Add;
    /// The difference from another operand.
    minus = Subtract;
    /// The product with another operand.
    times = Multiply;
    /// The quotient by another operand.
    over = TrueDivide;
    /// The largest whole number not above the quotient.
    floor_over = FloorDivide;
    /// The remainder with the sign of the divisor.
    modulo = Mod;
    /// To the power of another operand.
    to_the = Power;
    /// Where it is less.
    lt = Less;
    /// Where it is less or equal.
    le = LessEqual;
    /// Where it is greater.
    gt = Greater;
    /// Where it is greater or equal.
    ge = GreaterEqual;
    /// Where both are equal.
    equals = Equal;
    /// Where both differ.
    differs = NotEqual;
    /// Where both hold.
    and = LogicalAnd;
    /// Where one holds.
    or = LogicalOr;
    /// Where exactly one holds.
    xor = LogicalXor;
}

impl Symbolic {
    /// The negative.
    pub fn negative(&self) -> Result<Symbolic> {
        node(ops::Negative::new(), vec![Argument::Tensor(self.clone())])
    }

    /// The absolute value.
    pub fn abs(&self) -> Result<Symbolic> {
        node(ops::Absolute::new(), vec![Argument::Tensor(self.clone())])
    }

    /// Where it does not hold.
    pub fn not(&self) -> Result<Symbolic> {
        node(ops::LogicalNot::new(), vec![Argument::Tensor(self.clone())])
    }

    /// Part of it, as Python's `x[key]` takes it.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([5, 3])?;
    /// assert_eq!(x.get((.., 1.., -1))?.shape().to_string(), "(None, 4)");
    /// assert_eq!(x.times(2.0)?.plus(&x)?.shape().to_string(), "(None, 5, 3)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub fn get(&self, key: impl Given<Key>) -> Result<Symbolic> {
        node(
            ops::GetItem::new(),
            vec![Argument::Tensor(self.clone()), Argument::Plain(key.given().to_json())],
        )
    }
}
