//! Layers that merge several inputs: sums, products, extremes, concatenation.

use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{Error, Tensor};

macro_rules! merge {
    ($($(#[doc = $doc:literal])* $name:ident = |$xs:ident| $body:expr;)*) => {$(
        layer! {
            $(#[doc = $doc])*
            pub struct $name () {}
        }

        impl Layer for $name {
            fn call_many(&self, _: &mut Scope, $xs: &[Tensor]) -> Vec<Tensor> {
                if $xs.len() < 2 {
                    let error = Error::value("inputs").expected("at least 2").got($xs.len());
                    return vec![Tensor::failed(error)];
                }
                vec![$body]
            }
        }
    )*};
}

fn fold(xs: &[Tensor], join: fn(&Tensor, &Tensor) -> Tensor) -> Tensor {
    let mut rest = xs.iter();
    let first =
        rest.next().cloned().unwrap_or_else(|| Tensor::failed(Error::value("inputs").expected("at least 1")));
    rest.fold(first, |a, b| join(&a, b))
}

merge! {
    /// The sum of its inputs.
    Add = |xs| fold(xs, Tensor::add);
    /// The first input minus the second.
    Subtract = |xs| if xs.len() == 2 { &xs[0] - &xs[1] } else {
        Tensor::failed(Error::value("inputs").expected("exactly 2").got(xs.len()))
    };
    /// The product of its inputs.
    Multiply = |xs| fold(xs, Tensor::multiply);
    /// The mean of its inputs.
    Average = |xs| fold(xs, Tensor::add) / xs.len() as f64;
    /// The largest of its inputs, element by element.
    Maximum = |xs| fold(xs, Tensor::maximum);
    /// The smallest of its inputs, element by element.
    Minimum = |xs| fold(xs, Tensor::minimum);
}

layer! {
    /// Its inputs side by side along one axis.
    pub struct Concatenate () {
        /// Along which axis; negative counts from the end.
        axis: isize = -1,
    }
}

impl Layer for Concatenate {
    fn call_many(&self, _: &mut Scope, xs: &[Tensor]) -> Vec<Tensor> {
        vec![Tensor::from_result(|| {
            let Some(first) = xs.first() else {
                return Err(Error::value("inputs").expected("at least 1").got(0));
            };
            let axis = first.check()?.axis(self.axis)?;
            Ok(Tensor::concatenate(&xs.iter().collect::<Vec<_>>(), axis))
        })]
    }
}
