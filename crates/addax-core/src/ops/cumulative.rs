//! `cumulative`: sums, products, extremes of all elements so far along an axis.

use super::wide::{Wide, with_wide};
use super::{Primitive, Reduction, check_axes, exactly};
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::op_struct;
use crate::tensor::Tensor;
use crate::value::Value;

op_struct! {
    /// Each element put together with all before it along `axis`.
    pub struct Cumulative = "cumulative" {
        /// How.
        kind: Reduction,
        /// Along which axis.
        axis: usize,
        /// Whether it begins at the other end.
        reverse: bool,
    }
}

impl Primitive for Cumulative {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x] = exactly(inputs)?;
        self.kind.check(x.dtype)?;
        check_axes(&[self.axis], x.shape.rank())?;
        Ok(vec![x.clone()])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x] = exactly(inputs)?;
        let n = x.shape()[self.axis];
        let inner: usize = x.shape()[self.axis + 1..].iter().product();
        Ok(vec![with_wide!(x.dtype(), T, W => {
            let v = x.as_slice::<T>()?;
            let mut out = v.to_vec();
            let mut sums = vec![W::ZERO; inner];
            for (block, block_in) in out.chunks_exact_mut((n * inner).max(1)).zip(v.chunks_exact((n * inner).max(1))) {
                sums.fill(W::identity(self.kind, x.dtype()));
                for step in 0..n {
                    let at = inner * if self.reverse { n - 1 - step } else { step };
                    for (i, sum) in sums.iter_mut().enumerate() {
                        *sum = W::combine(self.kind, *sum, W::of(block_in[at + i]));
                        block[at + i] = sum.narrow();
                    }
                }
            }
            Value::new(x.shape(), out)?
        })])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let (x, ct) = (cx.x(0), cx.ct());
        vec![match self.kind {
            Reduction::Sum => Some(ct.cumulative(Reduction::Sum, self.axis, !self.reverse)),
            Reduction::Product => Some(self.product_gradient(x, cx.y(), &ct)),
            Reduction::Max | Reduction::Min => Some(self.extreme_gradient(x, cx.y(), &ct)),
            Reduction::And | Reduction::Or => None,
        }]
    }
}

impl Cumulative {
    /// The result one step before, and `first` where there is none.
    fn before(&self, y: &Tensor, first: f64) -> Tensor {
        let mut pad = (vec![0; y.rank()], vec![0; y.rank()]);
        (pad.0[self.axis], pad.1[self.axis]) = if self.reverse { (-1, 1) } else { (1, -1) };
        y.pad(&pad.0, &pad.1, first)
    }

    /// With `g` the gradient by a result, itself and through all later ones: `g = ct + g' · x'` (one step on), and
    /// `x` gets `g · y` (one step before). Right where elements are 0.
    fn product_gradient(&self, x: &Tensor, y: &Tensor, ct: &Tensor) -> Tensor {
        let order: Vec<usize> =
            [self.axis].into_iter().chain((0..x.rank()).filter(|a| *a != self.axis)).collect();
        let mut back = vec![0; order.len()];
        order.iter().enumerate().for_each(|(to, from)| back[*from] = to);
        let front = |t: &Tensor| t.transpose(&order);
        let slice = ct.sum(&[self.axis]).filled(0.0);
        let step = |carry: &[Tensor], now: &[Tensor]| {
            let g = &now[0] + &carry[0];
            (vec![&g * &now[1]], vec![g])
        };
        let (_, stacked) = Tensor::scan(&[&slice], &[&front(ct), &front(x)], None, !self.reverse, step);
        let g = stacked.first().map_or_else(|| ct.clone(), |g| g.transpose(&back));
        g * self.before(y, 1.0)
    }

    /// All goes to the place that set the record: the first among equals.
    fn extreme_gradient(&self, x: &Tensor, y: &Tensor, ct: &Tensor) -> Tensor {
        let before = self.before(y, self.kind.identity(x.dtype()));
        let record = if self.kind == Reduction::Max { x.gt(&before) } else { x.lt(&before) };
        let _entered = x.enter_trace();
        let place = Tensor::iota(DType::I32, x.shape(), self.axis);
        // Without a record so far (an infinite first element) the first place counts.
        let last = if self.reverse {
            x.dim(self.axis as isize).known().map_or(0.0, |n| n as f64 - 1.0)
        } else {
            0.0
        };
        let place = record.select(&place, &place.filled(last));
        let kind = if self.reverse { Reduction::Min } else { Reduction::Max };
        let holder = place.cumulative(kind, self.axis, self.reverse);
        x.filled(0.0).add_along(&holder, ct, self.axis)
    }
}

impl Tensor {
    /// Each element put together with all before it along an axis; from the other end if `reverse`.
    pub fn cumulative(&self, kind: Reduction, axis: usize, reverse: bool) -> Tensor {
        Tensor::apply(Cumulative { kind, axis, reverse }, &[self])
    }

    /// The sum of all elements so far along an axis (negative counts from the end).
    ///
    /// ```
    /// use addax_core::{Tensor, Value};
    /// let x = Tensor::from(Value::from(vec![1i32, 2, 3]));
    /// assert_eq!(x.cumsum(-1).to_value().unwrap(), Value::from(vec![1i32, 3, 6]));
    /// ```
    pub fn cumsum(&self, axis: isize) -> Tensor {
        Tensor::from_result(|| Ok(self.cumulative(Reduction::Sum, self.check()?.axis(axis)?, false)))
    }

    /// The product of all elements so far along an axis.
    pub fn cumprod(&self, axis: isize) -> Tensor {
        Tensor::from_result(|| Ok(self.cumulative(Reduction::Product, self.check()?.axis(axis)?, false)))
    }

    /// The logarithm of the sum of the exponentials so far along an axis, step by step, so that nothing overflows.
    pub fn cumlogsumexp(&self, axis: isize) -> Tensor {
        let run = || {
            let axis = self.check()?.axis(axis)?;
            if !self.dtype().is_float() {
                return Err(Error::type_("input").expected("a float").got(self.dtype()));
            }
            let order: Vec<usize> =
                [axis].into_iter().chain((0..self.rank()).filter(|a| *a != axis)).collect();
            let mut back = vec![0; order.len()];
            order.iter().enumerate().for_each(|(to, from)| back[*from] = to);
            let front = self.transpose(&order);
            let slice = self.max(&[axis]).filled(f64::NEG_INFINITY);
            let step = |carry: &[Tensor], x: &[Tensor]| {
                let sum = carry[0].logaddexp(&x[0]);
                (vec![sum.clone()], vec![sum])
            };
            let (_, stacked) = Tensor::scan(&[&slice], &[&front], None, false, step);
            Ok(stacked.first().map_or_else(|| front.clone(), |s| s.transpose(&back)))
        };
        Tensor::from_result(|| run().map_err(|e: Error| e.at("cumlogsumexp")))
    }

    /// ln(exp a + exp b), without overflow.
    pub fn logaddexp(&self, other: &Tensor) -> Tensor {
        let larger = self.maximum(other);
        // Equal infinities have no difference.
        let difference = (self - other).abs().negate();
        let safe = difference.is_nan().select(&difference.filled(0.0), &difference);
        let sum = &larger + safe.exp().log1p();
        larger.abs().equal(&larger.filled(f64::INFINITY)).select(&larger, &sum)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        let inputs: &[crate::testing::Domain] = &[(&[2, 4, 2], (-2.0, 2.0))];
        for kind in [Reduction::Sum, Reduction::Product, Reduction::Max, Reduction::Min] {
            for reverse in [false, true] {
                check_gradient(kind.word(), |x| x[0].cumulative(kind, 1, reverse), inputs);
            }
        }
        check_gradient("cumlogsumexp", |x| x[0].cumlogsumexp(1), inputs);
        check_gradient("logaddexp", |x| x[0].logaddexp(&x[1]), &[(&[4], (-1.0, 1.0)), (&[4], (-1.0, 1.0))]);
    }

    #[test]
    fn products_have_gradients_at_zero() {
        let trace = crate::Trace::new();
        let x = trace.parameter("x", DType::F64, [3]);
        let dx = crate::gradients(&x.cumprod(0).sum_all(), &[&x]).unwrap().remove(0).unwrap();
        let graph = trace.finish(&[dx]).unwrap();
        // y = x₀ + x₀x₁ + x₀x₁x₂ at (2, 0, 5).
        let at = crate::evaluate(&graph, &[Value::from(vec![2.0, 0.0, 5.0])]).unwrap();
        assert_eq!(at[0].to_f64(), [1.0, 12.0, 0.0]);
    }

    #[test]
    fn goes_either_way() {
        let x = Tensor::from(Value::from(vec![3i32, 1, 4, 1]));
        let run = |kind, reverse| x.cumulative(kind, 0, reverse).to_value().unwrap().to_i64();
        assert_eq!(run(Reduction::Sum, true), [9, 6, 5, 1]);
        assert_eq!(run(Reduction::Max, false), [3, 3, 4, 4]);
        assert_eq!(run(Reduction::Min, true), [1, 1, 1, 1]);
    }

    #[test]
    fn large_and_infinite_numbers_add_up() {
        let x = Tensor::from(Value::from(vec![f64::NEG_INFINITY, 1e4, 1e4, f64::INFINITY]));
        let y = x.cumlogsumexp(0).to_value().unwrap().to_f64();
        assert_eq!(y[..2], [f64::NEG_INFINITY, 1e4]);
        assert!((y[2] - 1e4 - 2f64.ln()).abs() < 1e-9 && y[3] == f64::INFINITY, "{y:?}");
    }
}
