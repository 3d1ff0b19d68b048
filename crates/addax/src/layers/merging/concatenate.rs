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
    use crate::layers::check::check_layer;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(Concatenate::new(), &[&[2, 3], &[2, 1]]);
        check_layer(Concatenate::new().axis(1isize), &[&[2, 3], &[1, 3], &[4, 3]]);
    }
}
