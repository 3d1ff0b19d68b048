//! `reduce`: sums, products, extremes along axes.

use super::wide::{Wide, with_wide};
use super::{Primitive, check_axes, exactly};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::value::{Value, strides};
use crate::walk::Walk;
use crate::{DType, op_struct, word_enum};

word_enum! {
    /// How elements are put together.
    pub enum Reduction {
        /// Their sum.
        Sum = "add",
        /// Their product.
        Product = "multiply",
        /// The largest; NaN if one is NaN.
        Max = "maximum",
        /// The smallest; NaN if one is NaN.
        Min = "minimum",
        /// Whether all hold.
        And = "and",
        /// Whether one holds.
        Or = "or",
    }
}

impl Reduction {
    /// The result for no elements: what changes nothing.
    pub fn identity(self, dtype: DType) -> f64 {
        let (low, high) = match dtype {
            _ if dtype.is_float() => (f64::NEG_INFINITY, f64::INFINITY),
            DType::I64 => (i64::MIN as f64, i64::MAX as f64),
            DType::I32 => (i32::MIN.into(), i32::MAX.into()),
            DType::U32 => (0.0, u32::MAX.into()),
            DType::I8 => (i8::MIN.into(), i8::MAX.into()),
            DType::U8 => (0.0, u8::MAX.into()),
            _ => (0.0, 1.0),
        };
        match self {
            Reduction::Sum | Reduction::Or => 0.0,
            Reduction::Product | Reduction::And => 1.0,
            Reduction::Max => low,
            Reduction::Min => high,
        }
    }

    /// Checks that it is defined for an element type.
    pub fn check(self, dtype: DType) -> Result<()> {
        let (takes, wanted) = match self {
            Reduction::And | Reduction::Or => (!dtype.is_float(), "bool or integer"),
            Reduction::Sum | Reduction::Product => (dtype != DType::Bool, "a number"),
            Reduction::Max | Reduction::Min => (true, "any element type"),
        };
        if takes { Ok(()) } else { Err(Error::type_("input").expected(wanted).got(dtype)) }
    }

    /// Puts two numbers together.
    pub fn combine(self, a: f64, b: f64) -> f64 {
        match self {
            Reduction::Sum => a + b,
            Reduction::Product => a * b,
            Reduction::Max if a.is_nan() || b.is_nan() => f64::NAN,
            Reduction::Min if a.is_nan() || b.is_nan() => f64::NAN,
            Reduction::Max => a.max(b),
            Reduction::Min => a.min(b),
            Reduction::And => f64::from(a != 0.0 && b != 0.0),
            Reduction::Or => f64::from(a != 0.0 || b != 0.0),
        }
    }

    /// Puts two integers together.
    pub fn combine_i64(self, a: i64, b: i64) -> i64 {
        match self {
            Reduction::Sum => a.wrapping_add(b),
            Reduction::Product => a.wrapping_mul(b),
            Reduction::Max => a.max(b),
            Reduction::Min => a.min(b),
            Reduction::And => a & b,
            Reduction::Or => a | b,
        }
    }
}

op_struct! {
    /// Puts all elements along `axes` together; the axes disappear.
    pub struct Reduce = "reduce" {
        /// How.
        kind: Reduction,
        /// Along which axes.
        axes: Vec<usize>,
    }
}

impl Primitive for Reduce {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x] = exactly(inputs)?;
        check_axes(&self.axes, x.shape.rank())?;
        self.kind.check(x.dtype)?;
        Ok(vec![x.with_shape(without(&x.shape, &self.axes))])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x] = exactly(inputs)?;
        let kept: Vec<usize> = (0..x.rank()).filter(|a| !self.axes.contains(a)).collect();
        let shape: Vec<usize> = kept.iter().map(|a| x.shape()[*a]).collect();
        // Along reduced axes the place of the result stays.
        let mut steps = vec![0; x.rank()];
        kept.iter().zip(strides(&shape)).for_each(|(a, s)| steps[*a] = s);
        let count = shape.iter().product();
        Ok(vec![with_wide!(x.dtype(), T, W => {
            let mut sums = vec![W::identity(self.kind, x.dtype()); count];
            for (x, to) in x.as_slice::<T>()?.iter().zip(Walk::new(x.shape(), &steps)) {
                sums[to] = W::combine(self.kind, sums[to], W::of(*x));
            }
            Value::new(shape, sums.into_iter().map(|s| s.narrow::<T>()).collect())?
        })])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let (x, ct) = (cx.x(0), cx.ct());
        let kept: Vec<usize> = (0..x.rank()).filter(|a| !self.axes.contains(a)).collect();
        let spread = |t: &Tensor| t.broadcast_in_dim(x.shape(), &kept);
        vec![match self.kind {
            Reduction::Sum => Some(spread(&ct)),
            // y / x would be NaN at x = 0, so the other factors are multiplied where one is zero.
            Reduction::Product => Some(product_gradient(x, &self.axes, &spread(&ct), spread(cx.y()))),
            Reduction::Max | Reduction::Min => {
                let at = x.equal(&spread(cx.y())).cast(x.dtype());
                let ties = spread(&at.sum(&self.axes));
                Some(spread(&ct) * at / ties)
            }
            Reduction::And | Reduction::Or => None,
        }]
    }
}

/// ct · (product of the other elements), right when one or more elements are zero.
fn product_gradient(x: &Tensor, axes: &[usize], ct: &Tensor, y: Tensor) -> Tensor {
    let zero = x.equal(&x.filled(0.0));
    let zeros = zero.cast(x.dtype());
    let kept: Vec<usize> = (0..x.rank()).filter(|a| !axes.contains(a)).collect();
    let count = zeros.sum(axes).broadcast_in_dim(x.shape(), &kept);
    let safe = zero.select(&x.filled(1.0), x);
    let others = safe.product(axes).broadcast_in_dim(x.shape(), &kept);
    let only_here = zero.and(&count.equal(&count.filled(1.0)));
    let elsewhere = only_here.select(&others, &x.filled(0.0));
    ct * zero.select(&elsewhere, &(y / safe))
}

fn without(shape: &Shape, axes: &[usize]) -> Shape {
    let dims: Vec<Dim> =
        shape.dims().iter().enumerate().filter(|(i, _)| !axes.contains(i)).map(|(_, d)| *d).collect();
    dims.into()
}

impl Tensor {
    /// Puts elements along the axes together.
    pub fn reduce(&self, kind: Reduction, axes: &[usize]) -> Tensor {
        if axes.is_empty() {
            return self.clone();
        }
        Tensor::apply(Reduce { kind, axes: axes.to_vec() }, &[self])
    }

    /// The sum along the axes, which disappear.
    pub fn sum(&self, axes: &[usize]) -> Tensor {
        self.reduce(Reduction::Sum, axes)
    }

    /// The sum of all elements.
    pub fn sum_all(&self) -> Tensor {
        self.sum(&(0..self.rank()).collect::<Vec<_>>())
    }

    /// The product along the axes.
    pub fn product(&self, axes: &[usize]) -> Tensor {
        self.reduce(Reduction::Product, axes)
    }

    /// The largest along the axes.
    pub fn max(&self, axes: &[usize]) -> Tensor {
        self.reduce(Reduction::Max, axes)
    }

    /// The smallest along the axes.
    pub fn min(&self, axes: &[usize]) -> Tensor {
        self.reduce(Reduction::Min, axes)
    }

    /// The number of elements along the axes, as a scalar of this type; traced shapes that are still open give 1.
    pub fn count(&self, axes: &[usize]) -> Tensor {
        let n: usize = axes.iter().map(|a| self.dim(*a as isize).known().unwrap_or(1)).product();
        Tensor::constant(self.dtype(), n as f64)
    }

    /// The mean along the axes.
    pub fn mean(&self, axes: &[usize]) -> Tensor {
        self.sum(axes) / self.count(axes)
    }

    /// The mean of all elements.
    pub fn mean_all(&self) -> Tensor {
        self.mean(&(0..self.rank()).collect::<Vec<_>>())
    }

    /// The mean along the last axis; a scalar is its own mean.
    pub fn mean_inner(&self) -> Tensor {
        if self.rank() == 0 { self.clone() } else { self.mean(&[self.rank() - 1]) }
    }

    /// The axes kept with length 1 after a reduction along `axes`: what `keepdims` means.
    pub fn keep_axes(&self, axes: &[usize]) -> Tensor {
        let mut axes = axes.to_vec();
        axes.sort_unstable();
        axes.iter().fold(self.clone(), |t, a| t.expand_dims(*a as isize))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        for kind in [Reduction::Sum, Reduction::Product, Reduction::Max, Reduction::Min] {
            for axes in [&[0][..], &[1], &[0, 2], &[0, 1, 2]] {
                check_gradient(kind.word(), |x| x[0].reduce(kind, axes), &[(&[2, 3, 2], (0.5, 2.0))]);
            }
        }
    }

    #[test]
    fn product_has_a_gradient_at_zero() {
        let trace = crate::Trace::new();
        let x = trace.parameter("x", DType::F64, [3]);
        let dx = crate::gradients(&x.product(&[0]), &[&x]).unwrap().remove(0).unwrap();
        let g = trace.finish(&[dx]).unwrap();
        let at = |v: Vec<f64>| crate::evaluate(&g, &[Value::from(v)]).unwrap()[0].to_f64();
        assert_eq!(at(vec![0.0, 2.0, 3.0]), [6.0, 0.0, 0.0]);
        assert_eq!(at(vec![0.0, 0.0, 3.0]), [0.0, 0.0, 0.0]);
    }
}
