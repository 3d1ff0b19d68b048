//! Boxes at places that are known only when the graph runs, written with `gather` and `scatter`.

use super::{Gather, GatherDims, Scatter, ScatterKind};
use crate::error::{Error, Result};
use crate::shape::Dim;
use crate::tensor::Tensor;

/// One box, whose index has a number for every axis.
fn one_box(rank: usize) -> GatherDims {
    GatherDims { offset: (0..rank).collect(), map: (0..rank).collect(), vector: 0, ..Default::default() }
}

impl Tensor {
    fn check_start(&self, start: &Tensor) -> Result<usize> {
        let rank = self.check()?.rank();
        let shape = start.check()?.shape();
        if shape.rank() == 1 && shape.dims()[0] == rank {
            Ok(rank)
        } else {
            Err(Error::value("start").expected(format_args!("{rank} numbers")).got(shape))
        }
    }

    /// The box of the given size that begins at `start` (one number for every axis); moved inside if it would stick
    /// out.
    ///
    /// ```
    /// use addax_core::{Tensor, Value};
    /// let x = Tensor::from(Value::from(vec![1i32, 2, 3, 4]));
    /// let y = x.dynamic_slice(&Tensor::from(Value::from(vec![3i32])), &[2]);
    /// assert_eq!(y.to_value().unwrap(), Value::from(vec![3i32, 4]));
    /// ```
    pub fn dynamic_slice(&self, start: &Tensor, size: &[usize]) -> Tensor {
        let run = || {
            let rank = self.check_start(start)?;
            let slice_sizes = size.iter().map(|n| Dim::new(*n)).collect();
            Ok(self.gather(start, Gather { dims: one_box(rank), slice_sizes }))
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("dynamic_slice")))
    }

    /// This tensor with the box that begins at `start` replaced by `update`; moved inside if it would stick out.
    pub fn dynamic_update_slice(&self, update: &Tensor, start: &Tensor) -> Tensor {
        let run = || {
            let rank = self.check_start(start)?;
            let dims = one_box(rank);
            let inside = dims.clamped(&self.shape(), update.check()?.shape().dims(), start);
            Ok(self.scatter(
                &inside,
                update,
                Scatter { kind: ScatterKind::Replace, dims, unique_indices: true },
            ))
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("dynamic_update_slice")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;
    use crate::{DType, Value};

    fn at(v: &[i32]) -> Tensor {
        Tensor::from(Value::from(v.to_vec()))
    }

    #[test]
    fn gradients_match_finite_differences() {
        let d = (-1.0, 1.0);
        check_gradient("dynamic_slice", |x| x[0].dynamic_slice(&at(&[1, 9]), &[2, 3]), &[(&[4, 5], d)]);
        let f = |x: &[Tensor]| x[0].dynamic_update_slice(&x[1], &at(&[3, -1]));
        check_gradient("dynamic_update_slice", f, &[(&[4, 5], d), (&[2, 3], d)]);
    }

    #[test]
    fn what_would_stick_out_is_moved_inside() {
        let x = at(&[1, 2, 3, 4]);
        let y = x.dynamic_update_slice(&at(&[8, 9]), &at(&[7])).to_value().unwrap();
        assert_eq!(y, Value::from(vec![1i32, 2, 8, 9]));
    }

    #[test]
    fn says_what_it_wanted() {
        let x = Tensor::full(DType::F32, [2, 3], 0.0);
        let says = |t: Tensor| t.to_value().unwrap_err().to_string();
        assert_eq!(
            says(x.dynamic_slice(&at(&[0]), &[1, 1])),
            "dynamic_slice > start: expected 2 numbers, got (1,)"
        );
    }
}
