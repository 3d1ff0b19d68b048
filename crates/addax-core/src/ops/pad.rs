//! `pad`: a number around and between the elements; negative amounts cut off.

use super::{Primitive, exactly, same_dtype};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::shape::Dim;
use crate::tensor::Tensor;
use crate::value::{Stored, Value, strides};
use crate::{op_struct, with_element};
use std::sync::Arc;

op_struct! {
    /// Along each axis: `low` numbers before, `interior` between neighbours, `high` after.
    pub struct Pad = "pad" {
        /// Numbers before; negative cuts.
        low: Vec<isize>,
        /// Numbers after; negative cuts.
        high: Vec<isize>,
        /// Numbers between neighbours.
        interior: Vec<usize>,
    }
}

impl Pad {
    fn length(&self, axis: usize, n: usize) -> isize {
        let inner = n + n.saturating_sub(1) * self.interior[axis];
        inner as isize + self.low[axis] + self.high[axis]
    }
}

impl Primitive for Pad {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x, number] = exactly(inputs)?;
        same_dtype(x, number)?;
        let dims = x.shape.dims();
        let ranks = [self.low.len(), self.high.len(), self.interior.len()];
        let wrong = || {
            Error::value("padding")
                .expected(format_args!("amounts that fit {}", x.shape))
                .got(format_args!("{self:?}"))
        };
        if ranks != [dims.len(); 3] || number.shape.rank() != 0 {
            return Err(wrong());
        }
        let padded = |(a, d): (usize, &Dim)| match d.known() {
            None => Some(Dim::UNKNOWN),
            Some(n) => usize::try_from(self.length(a, n)).ok().map(Dim::new),
        };
        let dims: Option<Vec<Dim>> = dims.iter().enumerate().map(padded).collect();
        Ok(vec![x.with_shape(dims.ok_or_else(wrong)?)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x, number] = exactly(inputs)?;
        let shape: Vec<usize> = (0..x.rank()).map(|a| self.length(a, x.shape()[a]).max(0) as usize).collect();
        let (from, to, n) = (strides(x.shape()), strides(&shape), shape.iter().product());
        // The source of an element, if it is not padding.
        let source = |i: usize| {
            (0..shape.len()).try_fold(0, |at, a| {
                let place = usize::try_from((i / to[a] % shape[a]) as isize - self.low[a]).ok()?;
                let step = self.interior[a] + 1;
                let index = place / step;
                (place.is_multiple_of(step) && index < x.shape()[a]).then(|| at + index * from[a])
            })
        };
        Ok(vec![with_element!(x.dtype(), T => {
            let (v, fill) = (x.as_slice::<T>()?, number.as_slice::<T>()?[0]);
            let out: Vec<T> = (0..n).map(|i| source(i).map_or(fill, |s| v[s])).collect();
            Value::from_data(shape.clone(), T::wrap(Arc::new(out)))?
        })])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let ct = cx.ct();
        // What was added is cut off, what was cut off gets zeros; then every (interior + 1)th is taken.
        let back = |v: &[isize]| v.iter().map(|p| -p).collect();
        let cut = Pad { low: back(&self.low), high: back(&self.high), interior: vec![0; self.low.len()] };
        let inner = ct.pad_with(cut, 0.0);
        let stride: Vec<usize> = self.interior.iter().map(|i| i + 1).collect();
        let (start, limit) = (vec![0; stride.len()], inner.shape().dims().to_vec());
        let dx = Tensor::apply(super::Slice { start, limit, stride }, &[&inner]);
        let number = ct.sum_all() - dx.sum_all();
        vec![Some(dx), Some(number)]
    }
}

impl Tensor {
    /// Padded with a number.
    pub fn pad_with(&self, pad: Pad, x: f64) -> Tensor {
        Tensor::apply(pad, &[self, &Tensor::constant(self.dtype(), x)])
    }

    /// A number before and after along each axis.
    pub fn pad(&self, low: &[isize], high: &[isize], x: f64) -> Tensor {
        self.pad_with(Pad { low: low.to_vec(), high: high.to_vec(), interior: vec![0; low.len()] }, x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        let pad = Pad { low: vec![1, -1], high: vec![-1, 2], interior: vec![1, 2] };
        check_gradient(
            "pad",
            |x| Tensor::apply(pad.clone(), &[&x[0], &x[1]]),
            &[(&[3, 4], (-1.0, 1.0)), (&[], (-1.0, 1.0))],
        );
    }

    #[test]
    fn pads_by_hand() {
        let x = Tensor::from(Value::from(vec![1i32, 2, 3]));
        let y = x.pad_with(Pad { low: vec![1], high: vec![-1], interior: vec![1] }, 9.0);
        assert_eq!(y.to_value().unwrap(), Value::from(vec![9i32, 1, 9, 2, 9]));
    }
}
