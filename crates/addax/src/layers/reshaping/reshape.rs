//! Reshape: each sample in another shape.

use crate::class::Field;
use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{Dim, Error, Result, Shape, Tensor};
use serde_json::Value as Json;

layer! {
    /// Each sample in another shape; one axis may be -1 and is then found.
    ///
    /// ```
    /// use addax::prelude::*;
    /// let x = Input([12])?;
    /// assert_eq!(Reshape::new([3, -1]).on(&x)?.shape().to_string(), "(None, 3, 4)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct Reshape (
        /// The shape of a sample, without the batch.
        target_shape: TargetShape,
    ) {}
}

/// The shape of a sample; -1 stands for what is left.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetShape(pub Vec<isize>);

impl<const N: usize> From<[isize; N]> for TargetShape {
    fn from(dims: [isize; N]) -> Self {
        TargetShape(dims.to_vec())
    }
}

impl From<Vec<isize>> for TargetShape {
    fn from(dims: Vec<isize>) -> Self {
        TargetShape(dims)
    }
}

impl Field for TargetShape {
    fn to_json(&self) -> Json {
        self.0.to_json()
    }

    fn from_json(json: &Json) -> Result<Self> {
        let open: Vec<Option<isize>> = Vec::from_json(json)?;
        Ok(TargetShape(open.into_iter().map(|d| d.unwrap_or(-1)).collect()))
    }
}

impl Reshape {
    fn reshaped(&self, x: &Tensor) -> Result<Tensor> {
        let (shape, target) = (x.check()?.shape(), &self.target_shape.0);
        let Some((batch, rest)) = shape.dims().split_first() else {
            return Err(Error::value("input").expected("a batch").got(shape));
        };
        let size = Shape::from(rest.to_vec()).size();
        let product = |n: Option<usize>, d: &isize| n?.checked_mul(usize::try_from(*d).unwrap_or(1));
        let known = target.iter().fold(Some(1), product);
        let open = target.iter().filter(|d| **d < 0).count();
        let fits = |n: usize| match (open, known) {
            (_, None) => false,
            (0, Some(known)) => n == known,
            (_, Some(known)) => known > 0 && n.is_multiple_of(known),
        };
        if open > 1 || target.iter().any(|d| *d < -1) || size.is_some_and(|n| !fits(n)) {
            let wanted = size.map_or("one -1 at most".into(), |n| format!("{n} elements per sample"));
            return Err(Error::value("target_shape").expected(wanted).got(format_args!("{target:?}")));
        }
        let found = Dim::from(size.map(|n| n / known.unwrap_or(1).max(1)));
        let dims = target.iter().map(|d| usize::try_from(*d).map_or(found, Dim::new));
        Ok(x.reshape(std::iter::once(*batch).chain(dims).collect::<Vec<_>>()))
    }
}

impl Layer for Reshape {
    fn call(&self, _: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| self.reshaped(x))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::LayerExt;
    use crate::layers::check::check_layer;
    use crate::models::Input;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(Reshape::new([3, 2]), &[&[6]]);
        check_layer(Reshape::new([-1]), &[&[2, 3]]);
        check_layer(Reshape::new([2, -1, 1]), &[&[6]]);
    }

    #[test]
    fn says_what_it_wanted() {
        let error = Reshape::new([4, -1]).named("r").on(&Input([6]).unwrap()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "Reshape \"r\" > target_shape: expected 6 elements per sample, got [4, -1]"
        );
    }
}
