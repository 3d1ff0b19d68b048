//! Layers that merge several inputs element by element: sums, products, extremes.

use super::inputs::{Inputs, either};
use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{Error, Result, Tensor};

macro_rules! merge {
    ($($(#[doc = $doc:literal])* $name:ident = |$cx:ident, $xs:ident| $body:expr;)*) => {$(
        layer! {
            $(#[doc = $doc])*
            pub struct $name () {}
        }

        impl Layer for $name {
            fn call_many(&self, $cx: &mut Scope, tensors: &[Tensor]) -> Vec<Tensor> {
                vec![Tensor::from_result(|| {
                    let $xs = Inputs::aligned($cx, tensors)?;
                    // A step is there if it is in any of them; if one says nothing, neither does the result.
                    let mask = $xs.masks.iter().cloned().collect::<Option<Vec<_>>>();
                    $cx.set_mask(0, mask.and_then(|masks| masks.into_iter().reduce(|a, b| either(&a, &b))));
                    $body
                })]
            }

            fn supports_masking(&self) -> bool {
                true
            }
        }
    )*};
}

merge! {
    /// The sum of its inputs.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let (a, b) = (Input([5, 8])?, Input([5, 8])?);
    /// assert_eq!(Add::new().on_all(&[&a, &b])?.shape().to_string(), "(None, 5, 8)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    Add = |cx, xs| xs.fold(Tensor::add);
    /// The first input minus the second.
    Subtract = |cx, xs| match &xs.tensors[..] {
        [a, b] => Ok(a - b),
        all => Err(Error::value("inputs").expected("exactly 2").got(all.len())),
    };
    /// The product of its inputs; steps that a mask leaves out count as 1, and as 0 where all leave them out.
    Multiply = |cx, xs| product(&xs);
    /// The mean of its inputs.
    Average = |cx, xs| Ok(crate::ops::float(&xs.fold(Tensor::add)?) / xs.tensors.len() as f64);
    /// The largest of its inputs, element by element; steps that a mask leaves out do not count.
    Maximum = |cx, xs| extreme(&xs, Tensor::maximum);
    /// The smallest of its inputs, element by element; steps that a mask leaves out do not count.
    Minimum = |cx, xs| extreme(&xs, Tensor::minimum);
}

fn product(xs: &Inputs) -> Result<Tensor> {
    let masks = xs.spread_masks();
    let there = |(x, m): (&Tensor, &Option<Tensor>)| match m {
        Some(mask) => mask.select(x, &x.filled(1.0)),
        None => x.clone(),
    };
    let factors = Inputs { tensors: xs.tensors.iter().zip(&masks).map(there).collect(), masks: vec![] };
    let y = factors.fold(Tensor::multiply)?;
    let all = masks.into_iter().collect::<Option<Vec<_>>>().unwrap_or_default();
    Ok(match all.into_iter().reduce(|a, b| a.or(&b)) {
        Some(any) => any.select(&y, &y.filled(0.0)),
        None => y,
    })
}

/// The extremes over what is there: where only one of two is there it stands for both. What comes after an input
/// that has no mask is as if it had none.
fn extreme(xs: &Inputs, join: fn(&Tensor, &Tensor) -> Tensor) -> Result<Tensor> {
    let mut both = xs.tensors.iter().cloned().zip(xs.spread_masks());
    let Some((mut y, mut there)) = both.next() else { return xs.fold(join) };
    for (mut x, mask) in both {
        if let Some(mask) = &mask {
            x = mask.select(&x, &y);
        }
        if let Some(there) = &there {
            y = there.select(&y, &x);
        }
        there = there.zip(mask).map(|(a, b)| a.or(&b));
        y = join(&y, &x);
    }
    Ok(y)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::{Argument, Arguments};
    use crate::layers::check::check_layer;
    use crate::layers::{LayerExt, LayerRef};
    use crate::models::Input;
    use crate::scope::Traced;
    use addax_core::{DType, Trace, Value, evaluate};

    #[test]
    fn behave_like_layers() {
        check_layer(Add::new(), &[&[2, 3], &[2, 3], &[3]]);
        check_layer(Subtract::new(), &[&[2, 3], &[2, 1]]);
        check_layer(Multiply::new(), &[&[3], &[3]]);
        check_layer(Average::new(), &[&[2, 3], &[2, 3]]);
        check_layer(Maximum::new(), &[&[3], &[3]]);
        check_layer(Minimum::new(), &[&[3], &[3]]);
    }

    /// Values and mask of a merge of two sequences of two steps, the second of the first and the first of the second
    /// being masked.
    fn masked(layer: LayerRef, second: bool) -> (Vec<f64>, Option<Vec<f64>>) {
        let trace = Trace::new();
        let entered = trace.enter();
        let given = |x: [f32; 2], mask: Option<[bool; 2]>| {
            let tensor = Tensor::from(Value::new([1, 2, 1], x.to_vec()).unwrap());
            let mask = mask.map(|m| Tensor::from(Value::new([1, 2], m.to_vec()).unwrap()));
            Argument::Tensor(Traced { tensor, mask })
        };
        let a = given([2.0, 3.0], Some([true, false]));
        let b = given([5.0, -7.0], second.then_some([false, true]));
        let arguments = Arguments { positional: vec![Argument::List(vec![a, b])], named: vec![] };
        let y = Scope::new(&trace, false).call_with(&layer, arguments).unwrap().remove(0);
        drop(entered);
        let numbers = |t: &Tensor| match t.as_node() {
            None => t.to_value().unwrap().to_f64(),
            Some(_) => evaluate(&trace.finish(std::slice::from_ref(t)).unwrap(), &[]).unwrap()[0].to_f64(),
        };
        assert!(y.mask.as_ref().is_none_or(|m| m.dtype() == DType::Bool));
        (numbers(&y.tensor), y.mask.as_ref().map(numbers))
    }

    #[test]
    fn masks_are_minded_as_in_keras() {
        assert_eq!(masked(Maximum::new().into(), true), (vec![2.0, -7.0], Some(vec![1.0, 1.0])));
        assert_eq!(masked(Maximum::new().into(), false), (vec![5.0, -7.0], None));
        assert_eq!(masked(Minimum::new().into(), true).0, [2.0, -7.0]);
        assert_eq!(masked(Multiply::new().into(), true), (vec![2.0, -7.0], Some(vec![1.0, 1.0])));
        assert_eq!(masked(Multiply::new().into(), false), (vec![10.0, -7.0], None));
        assert_eq!(masked(Add::new().into(), true), (vec![7.0, -4.0], Some(vec![1.0, 1.0])));
    }

    #[test]
    fn says_what_it_wanted() {
        let (a, b) = (Input([3]).unwrap(), Input([4]).unwrap());
        let error = LayerRef::new(Add::new()).named("a").on_all(&[&a, &b]).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Add \"a\" > inputs: expected shapes that fit together, got (None, 3) and (None, 4)"
        );
        let error = Subtract::new().named("s").on_all(&[&a, &a, &a]).unwrap_err();
        assert_eq!(error.to_string(), "Subtract \"s\" > inputs: expected exactly 2, got 3");
    }
}
