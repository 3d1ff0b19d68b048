//! Sums and products of all elements so far.

use super::elementwise::counted;
use super::reduction::numbers;
use crate::ops;
use crate::ops::axes::flat_unless;
use addax_core::ops::Reduction;
use addax_core::{DType, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.numpy";

    /// The sum of all elements so far along an axis, or of all in order.
    Cumsum cumsum(x: Tensor)[; axis: Option<isize> = None]{ dtype: Option<DType> = None } =
        so_far(&x, Reduction::Sum, axis, dtype);
    /// The product of all elements so far along an axis, or of all in order.
    Cumprod cumprod(x: Tensor)[; axis: Option<isize> = None]{ dtype: Option<DType> = None } =
        so_far(&x, Reduction::Product, axis, dtype);
    /// The sum of all elements so far that are no NaNs.
    Nancumsum nancumsum(x: Tensor)[; axis: Option<isize> = None]{ dtype: Option<DType> = None } =
        so_far(&numbers(&x, 0.0), Reduction::Sum, axis, dtype);
    /// The product of all elements so far that are no NaNs.
    Nancumprod nancumprod(x: Tensor)[; axis: Option<isize> = None]{ dtype: Option<DType> = None } =
        so_far(&numbers(&x, 1.0), Reduction::Product, axis, dtype);
}

fn so_far(x: &Tensor, kind: Reduction, axis: Option<isize>, dtype: Option<DType>) -> Result<Tensor> {
    let (x, axis) = flat_unless(&dtype.map_or_else(|| counted(x), |d| x.cast(d)), axis)?;
    Ok(x.cumulative(kind, axis, false))
}
