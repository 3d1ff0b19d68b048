//! Concatenate: inputs side by side.

use super::inputs::Inputs;
use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::ops::Reduction;
use addax_core::{DType, Result, Tensor};

layer! {
    /// Its inputs side by side along one axis.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let (a, b) = (Input([5, 8])?, Input([5, 2])?);
    /// assert_eq!(Concatenate::new().on_all(&[&a, &b])?.shape().to_string(), "(None, 5, 10)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct Concatenate () {
        /// Along which axis; negative counts from the end.
        axis: isize = -1,
    }
}

impl Concatenate {
    /// The masks side by side too, an input without one being there everywhere; a step is there if any of its
    /// features is.
    fn mask(&self, xs: &Inputs, axis: usize) -> Option<Tensor> {
        if xs.masks.iter().all(Option::is_none) {
            return None;
        }
        let full = |(x, mask): (&Tensor, &Option<Tensor>)| match mask {
            None => Tensor::constant(DType::Bool, 1.0).broadcast_to(x.shape()),
            Some(m) if m.rank() < x.rank() => m.cast(DType::Bool).expand_dims(-1).broadcast_to(x.shape()),
            Some(m) => m.cast(DType::Bool),
        };
        let masks: Vec<Tensor> = xs.tensors.iter().zip(&xs.masks).map(full).collect();
        let all = Tensor::concatenate(&masks.iter().collect::<Vec<_>>(), axis);
        Some(all.reduce(Reduction::Or, &[all.rank().saturating_sub(1)]))
    }

    fn joined(&self, cx: &mut Scope, tensors: &[Tensor]) -> Result<Tensor> {
        let xs = Inputs::of(cx, tensors)?;
        let axis = xs.tensors[0].axis(self.axis)?;
        let y = Tensor::concatenate(&xs.tensors.iter().collect::<Vec<_>>(), axis);
        y.check()?;
        cx.set_mask(0, self.mask(&xs, axis));
        Ok(y)
    }
}

impl Layer for Concatenate {
    fn call_many(&self, cx: &mut Scope, tensors: &[Tensor]) -> Vec<Tensor> {
        vec![Tensor::from_result(|| self.joined(cx, tensors))]
    }

    fn supports_masking(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arguments::{Argument, Arguments};
    use crate::layers::check::check_layer;
    use crate::scope::Traced;
    use addax_core::{Trace, Value, evaluate};

    #[test]
    fn behaves_like_a_layer() {
        check_layer(Concatenate::new(), &[&[2, 3], &[2, 1]]);
        check_layer(Concatenate::new().axis(1isize), &[&[2, 3], &[1, 3], &[4, 3]]);
    }

    /// The mask of two sequences of two steps, the second step of the first being masked, joined along an axis.
    fn joined(axis: isize, second: Option<[bool; 2]>) -> Vec<f64> {
        let trace = Trace::new();
        let entered = trace.enter();
        let given = |mask: Option<[bool; 2]>| {
            let mask = mask.map(|m| Tensor::from(Value::new([1, 2], m.to_vec()).unwrap()));
            Argument::Tensor(Traced { tensor: Tensor::full(DType::F32, [1, 2, 1], 1.0), mask })
        };
        let both = Argument::List(vec![given(Some([true, false])), given(second)]);
        let layer = Concatenate::new().axis(axis).into();
        let arguments = Arguments { positional: vec![both], named: vec![] };
        let mask = Scope::new(&trace, false).call_with(&layer, arguments).unwrap().remove(0).mask.unwrap();
        drop(entered);
        assert_eq!(mask.dtype(), DType::Bool);
        match mask.as_node() {
            None => mask.to_value().unwrap().to_f64(),
            Some(_) => evaluate(&trace.finish(&[mask]).unwrap(), &[]).unwrap()[0].to_f64(),
        }
    }

    #[test]
    fn masks_stand_side_by_side() {
        assert_eq!(joined(1, None), [1.0, 0.0, 1.0, 1.0]);
        assert_eq!(joined(1, Some([false, true])), [1.0, 0.0, 0.0, 1.0]);
        assert_eq!(joined(-1, None), [1.0, 1.0]);
        assert_eq!(joined(-1, Some([true, false])), [1.0, 0.0]);
    }
}
