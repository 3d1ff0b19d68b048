//! What the functions of this module take, and how a node finds it among the arguments of its call.

use super::define::plain;
use super::operand::{Operand, constant};
use crate::arguments::{Argument, Arguments};
use crate::class::Field;
use addax_core::{DType, Error, Result, Tensor};
use serde_json::Value as Json;

/// What may be given where a function wants a `T`: a reference to a tensor, a bare number for an operand, an axis where
/// several may stand.
pub trait Given<T> {
    /// As the op wants it.
    fn given(self) -> T;
}

impl<T> Given<T> for T {
    fn given(self) -> T {
        self
    }
}

macro_rules! given {
    ($([$($generics:tt)*] $from:ty => $to:ty = |$x:ident| $body:expr;)*) => {$(
        impl<$($generics)*> Given<$to> for $from {
            fn given(self) -> $to { let $x = self; $body }
        }
    )*};
}

given! {
    [] &Tensor => Tensor = |x| x.clone();
    [] &Tensor => Option<Tensor> = |x| Some(x.clone());
    [] Tensor => Option<Tensor> = |x| Some(x);
    [] &[Tensor] => Vec<Tensor> = |x| x.to_vec();
    [] &[&Tensor] => Vec<Tensor> = |x| x.iter().map(|t| (*t).clone()).collect();
    [const N: usize] [&Tensor; N] => Vec<Tensor> = |x| x.map(Clone::clone).to_vec();
    [const N: usize] &[&Tensor; N] => Vec<Tensor> = |x| x.map(Clone::clone).to_vec();
    [] isize => Option<isize> = |x| Some(x);
    [] usize => Option<usize> = |x| Some(x);
    [] f64 => Option<f64> = |x| Some(x);
    [] DType => Option<DType> = |x| Some(x);
    [] &str => String = |x| x.to_string();
}

/// An argument of an op's call.
pub trait CallArgument: Sized {
    /// Whether it takes all tensors given by place from its own on.
    const VARIADIC: bool = false;

    /// Whether it takes all arguments given by names that nobody else has.
    const NAMED: bool = false;

    /// Reads what was given; `None` was filtered out before.
    fn read(given: &Argument<Tensor>) -> Result<Self>;

    /// A default as JSON.
    fn json(&self) -> Json {
        Json::Null
    }

    /// Fails if a tensor in it carries an error.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// The argument of a name, or its default.
    fn take(
        arguments: &Arguments<Tensor>,
        signature: &[&str],
        name: &str,
        default: Option<Self>,
    ) -> Result<Self> {
        match (arguments.get(signature, name), default) {
            (Some(given), _) => Self::read(given).map_err(|e| e.at(name)),
            (None, Some(default)) => Ok(default),
            (None, None) => Err(Error::value(format!("missing argument \"{name}\""))),
        }
    }
}

impl CallArgument for Tensor {
    fn read(given: &Argument<Tensor>) -> Result<Self> {
        Operand::read(given).map(|o| o.strong())
    }

    fn check(&self) -> Result<()> {
        Tensor::check(self).map(|_| ())
    }
}

impl CallArgument for Operand {
    fn read(given: &Argument<Tensor>) -> Result<Self> {
        match given {
            Argument::Tensor(t) => Ok(Operand::Tensor(t.clone())),
            other => match plain(other) {
                Some(json) => constant(&json),
                None => {
                    Err(Error::type_("argument").expected("a tensor or numbers").got("tensors in a list"))
                }
            },
        }
    }

    fn json(&self) -> Json {
        match self {
            Operand::Tensor(_) => Json::Null,
            Operand::Bool(x) => Json::from(*x),
            Operand::Int(x) => Json::from(*x),
            Operand::Float(x) => x.to_json(),
        }
    }

    fn check(&self) -> Result<()> {
        match self {
            Operand::Tensor(t) => CallArgument::check(t),
            _ => Ok(()),
        }
    }
}

macro_rules! optional {
    ($($t:ty),*) => {$(
        impl CallArgument for Option<$t> {
            fn read(given: &Argument<Tensor>) -> Result<Self> {
                if given.is_none() { Ok(None) } else { <$t>::read(given).map(Some) }
            }

            fn check(&self) -> Result<()> {
                self.as_ref().map_or(Ok(()), CallArgument::check)
            }
        }
    )*};
}
optional!(Tensor, Operand, Vec<Tensor>);

impl CallArgument for Vec<Operand> {
    fn read(given: &Argument<Tensor>) -> Result<Self> {
        match given {
            Argument::List(list) => list.iter().map(Operand::read).collect(),
            Argument::Plain(Json::Array(list)) => list.iter().map(constant).collect(),
            other => Err(Error::type_("argument").expected("a list").got(format_args!("{other:?}"))),
        }
    }

    fn check(&self) -> Result<()> {
        self.iter().try_for_each(CallArgument::check)
    }
}

impl CallArgument for Vec<Tensor> {
    fn read(given: &Argument<Tensor>) -> Result<Self> {
        match given {
            Argument::List(list) => list.iter().map(Tensor::read).collect(),
            Argument::Plain(Json::Array(list)) => {
                list.iter().map(|j| constant(j).map(|o| o.strong())).collect()
            }
            other => {
                Err(Error::type_("argument").expected("a list of tensors").got(format_args!("{other:?}")))
            }
        }
    }

    fn check(&self) -> Result<()> {
        self.iter().try_for_each(CallArgument::check)
    }
}

/// All tensors that were given by place, from this argument on (Python's `*operands`).
#[derive(Clone, Debug)]
pub struct Rest(pub Vec<Tensor>);

impl CallArgument for Rest {
    const VARIADIC: bool = true;

    fn read(given: &Argument<Tensor>) -> Result<Self> {
        Tensor::read(given).map(|t| Rest(vec![t]))
    }

    fn take(arguments: &Arguments<Tensor>, signature: &[&str], name: &str, _: Option<Self>) -> Result<Self> {
        let first = signature.iter().position(|s| *s == name).unwrap_or(0);
        arguments.positional.iter().skip(first).map(Tensor::read).collect::<Result<_>>().map(Rest)
    }

    fn check(&self) -> Result<()> {
        self.0.check()
    }
}

impl<T: Field> CallArgument for T {
    fn read(given: &Argument<Tensor>) -> Result<Self> {
        T::from_json(
            &plain(given)
                .ok_or_else(|| Error::type_("argument").expected("a plain value").got("a tensor"))?,
        )
    }

    fn json(&self) -> Json {
        self.to_json()
    }
}
