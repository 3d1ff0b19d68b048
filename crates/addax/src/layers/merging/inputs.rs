//! The inputs of merging layers: of one element type, with their masks.

use crate::ops::{Kind, result_type};
use crate::scope::Scope;
use addax_core::{DType, Error, Result, Shape, Tensor};

/// Inputs with their masks.
pub(super) struct Inputs {
    pub tensors: Vec<Tensor>,
    pub masks: Vec<Option<Tensor>>,
}

/// Whether one of two masks holds.
pub(super) fn either(a: &Tensor, b: &Tensor) -> Tensor {
    a.cast(DType::Bool).or(&b.cast(DType::Bool))
}

impl Inputs {
    /// All of one element type.
    pub fn of(cx: &Scope, tensors: &[Tensor]) -> Result<Inputs> {
        if tensors.is_empty() {
            return Err(Error::value("inputs").expected("at least 1").got(0));
        }
        tensors.iter().try_for_each(|t| t.check().map(|_| ()))?;
        let kinds: Vec<Kind> = tensors.iter().map(|t| Kind::Strong(t.dtype())).collect();
        let dtype = result_type(&kinds);
        Ok(Inputs {
            tensors: tensors.iter().map(|t| t.cast(dtype)).collect(),
            masks: (0..tensors.len()).map(|i| cx.mask(i)).collect(),
        })
    }

    /// All of one element type and of as many axes: those that have fewer get axes of 1 behind the batch.
    pub fn aligned(cx: &Scope, tensors: &[Tensor]) -> Result<Inputs> {
        let mut inputs = Self::of(cx, tensors)?;
        let rank = inputs.tensors.iter().map(Tensor::rank).max().unwrap_or(0);
        for x in &mut inputs.tensors {
            for _ in x.rank()..rank {
                *x = x.expand_dims(1);
            }
        }
        let together = |a: Option<Shape>, x: &Tensor| a.and_then(|a| a.broadcast(&x.shape()));
        if inputs.tensors.iter().fold(inputs.tensors.first().map(Tensor::shape), together).is_none() {
            let shapes: Vec<String> = tensors.iter().map(|t| t.shape().to_string()).collect();
            return Err(Error::value("inputs")
                .expected("shapes that fit together")
                .got(shapes.join(" and ")));
        }
        Ok(inputs)
    }

    /// The first joined with the second, the result with the third, and so on.
    pub fn fold(&self, join: fn(&Tensor, &Tensor) -> Tensor) -> Result<Tensor> {
        let joined = self.tensors.iter().cloned().reduce(|a, b| join(&a, &b));
        joined.ok_or_else(|| Error::value("inputs").expected("at least 1").got(0))
    }

    /// The masks in the shapes of the inputs; none for inputs that had to be given more axes.
    pub fn spread_masks(&self) -> Vec<Option<Tensor>> {
        let spread = |(x, mask): (&Tensor, &Option<Tensor>)| {
            let mask = mask.as_ref().filter(|m| m.rank() + 1 == x.rank())?;
            Some(mask.cast(DType::Bool).expand_dims(-1).broadcast_to(x.shape()))
        };
        self.tensors.iter().zip(&self.masks).map(spread).collect()
    }
}
