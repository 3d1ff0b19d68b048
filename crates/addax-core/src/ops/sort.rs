//! `sort` and `top_k`: elements by size along an axis.

use super::{Primitive, check_axes, exactly};
use crate::dtype::{DType, Element};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::value::{Stored, Value, strides};
use crate::walk::Walk;
use crate::{op_struct, with_data, with_element};
use std::cmp::Ordering;
use std::sync::Arc;

op_struct! {
    /// Several tensors of one shape put into the order of the first along `axis`. Equal elements keep their order; NaN
    /// counts as larger than all.
    pub struct Sort = "sort" {
        /// Along which axis.
        axis: usize,
        /// Whether the largest comes first.
        descending: bool,
    }
}

/// The order of two elements; NaN is larger than all.
fn order<T: Element>(a: T, b: T) -> Ordering {
    a.partial_cmp(&b).unwrap_or_else(|| {
        let nan = |x: T| x.partial_cmp(&x).is_none();
        nan(a).cmp(&nan(b))
    })
}

/// For each lane along `axis`: its first offset, in row-major order of the other axes; and the step along it.
fn lanes(shape: &[usize], axis: usize) -> (Walk, usize) {
    let mut steps = strides(shape);
    let step = steps.remove(axis);
    let mut lengths = shape.to_vec();
    lengths.remove(axis);
    (Walk::new(&lengths, &steps), step)
}

impl Primitive for Sort {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let Some(first) = inputs.first() else {
            return Err(Error::value("inputs").expected("at least 1").got(0));
        };
        check_axes(&[self.axis], first.shape.rank())?;
        for x in inputs {
            super::compare::same_shape(first, x)?;
        }
        Ok(inputs.iter().map(|t| (*t).clone()).collect())
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let first = inputs.first().ok_or_else(|| Error::value("inputs").expected("at least 1").got(0))?;
        let (starts, step) = lanes(first.shape(), self.axis);
        let n = first.shape()[self.axis];
        let mut from = vec![0usize; first.len()];
        let mut places: Vec<usize> = Vec::with_capacity(n);
        with_data!(first.data(), v => for start in starts {
            places.clear();
            places.extend((0..n).map(|i| start + i * step));
            places.sort_by(|a, b| {
                let order = order(v[*a], v[*b]);
                if self.descending { order.reverse() } else { order }
            });
            places.iter().enumerate().for_each(|(i, place)| from[start + i * step] = *place);
        });
        let moved = |x: &&Value| {
            with_element!(x.dtype(), T => {
                let v = x.as_slice::<T>()?;
                Value::new(x.shape(), from.iter().map(|i| v[*i]).collect::<Vec<T>>())
            })
        };
        inputs.iter().map(moved).collect()
    }

    /// What moved goes back.
    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let places = cx.x(0).argsort(self.axis as isize, self.descending);
        let back = |i: usize| {
            let ct = cx.cotangents[i].as_ref()?;
            Some(cx.x(i).filled(0.0).add_along(&places, ct, self.axis))
        };
        (0..cx.inputs.len()).map(|i| if cx.wanted[i] { back(i) } else { None }).collect()
    }
}

op_struct! {
    /// The `k` largest elements along the last axis, the largest first, and where they were (int32). Of equal elements
    /// the first comes first; NaN counts as larger than all.
    pub struct TopK = "top_k" {
        /// How many.
        k: usize,
    }
}

impl Primitive for TopK {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x] = exactly(inputs)?;
        let mut dims = x.shape.dims().to_vec();
        match dims.last_mut() {
            Some(last) if last.known().is_none_or(|n| self.k <= n) => *last = Dim::new(self.k),
            _ => {
                let error =
                    Error::value("input").expected(format_args!("at least {} along the last axis", self.k));
                return Err(error.got(&x.shape));
            }
        }
        let shape = Shape::from(dims);
        Ok(vec![x.with_shape(&shape), TensorType::new(DType::I32, shape)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x] = exactly(inputs)?;
        let n = x.shape().last().copied().unwrap_or(1);
        let mut shape = x.shape().to_vec();
        shape.pop();
        let rows: usize = shape.iter().product();
        shape.push(self.k);
        let mut places: Vec<usize> = Vec::with_capacity(n);
        let mut indices: Vec<i32> = Vec::with_capacity(rows * self.k);
        let numbers = with_element!(x.dtype(), T => {
            let v = x.as_slice::<T>()?;
            let mut out: Vec<T> = Vec::with_capacity(rows * self.k);
            for row in 0..rows {
                let lane = &v[row * n..(row + 1) * n];
                let before = |a: &usize, b: &usize| order(lane[*b], lane[*a]).then(a.cmp(b));
                places.clear();
                places.extend(0..n);
                if self.k < n {
                    places.select_nth_unstable_by(self.k, before);
                    places.truncate(self.k);
                }
                places.sort_unstable_by(before);
                out.extend(places.iter().map(|i| lane[*i]));
                indices.extend(places.iter().map(|i| *i as i32));
            }
            Value::from_data(shape.clone(), T::wrap(Arc::new(out)))?
        });
        Ok(vec![numbers, Value::new(shape, indices)?])
    }

    /// What was taken goes back.
    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let last = cx.x(0).rank().saturating_sub(1);
        vec![cx.cotangents[0].as_ref().map(|ct| cx.x(0).filled(0.0).add_along(&cx.outputs[1], ct, last))]
    }
}

impl Tensor {
    /// The elements by size along an axis (negative counts from the end); NaN counts as larger than all.
    ///
    /// ```
    /// use addax_core::{Tensor, Value};
    /// let x = Tensor::from(Value::from(vec![3i32, 1, 2]));
    /// assert_eq!(x.sort(0, false).to_value().unwrap(), Value::from(vec![1i32, 2, 3]));
    /// assert_eq!(x.argsort(0, true).to_value().unwrap(), Value::from(vec![0i32, 2, 1]));
    /// ```
    pub fn sort(&self, axis: isize, descending: bool) -> Tensor {
        Tensor::from_result(|| {
            let axis = self.check()?.axis(axis)?;
            Ok(Tensor::apply(Sort { axis, descending }, &[self]))
        })
    }

    /// The places of the elements by size along an axis, as int32; equal elements keep their order.
    pub fn argsort(&self, axis: isize, descending: bool) -> Tensor {
        Tensor::from_result(|| {
            let axis = self.check()?.axis(axis)?;
            let _entered = self.enter_trace();
            let count = Tensor::iota(DType::I32, self.shape(), axis);
            let mut sorted = Tensor::apply_many(Sort { axis, descending }, &[self, &count]);
            Ok(sorted.swap_remove(sorted.len() - 1))
        })
    }

    /// The `k` largest elements along the last axis, the largest first, and their places as int32.
    pub fn top_k(&self, k: usize) -> (Tensor, Tensor) {
        let mut both = Tensor::apply_many(TopK { k }, &[self]);
        let places = both.swap_remove(both.len() - 1);
        (both.pop().unwrap_or_else(|| places.clone()), places)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::parse;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        let d = (-1.0, 1.0);
        check_gradient("sort", |x| x[0].sort(1, true), &[(&[2, 4, 3], d)]);
        let by_key = |x: &[Tensor]| {
            let sorted = Tensor::apply_many(Sort { axis: 0, descending: false }, &[&x[0], &x[1]]);
            &sorted[0] * &sorted[1]
        };
        check_gradient("sort by a key", by_key, &[(&[5], d), (&[5], d)]);
        check_gradient("top_k", |x| x[0].top_k(2).0, &[(&[3, 4], d)]);
    }

    #[test]
    fn equal_elements_keep_their_order_and_nan_is_largest() {
        let x = Tensor::from(Value::from(vec![1f32, f32::NAN, 0.0, 1.0, -0.0]));
        let places = |t: Tensor| t.to_value().unwrap().to_i64();
        assert_eq!(places(x.argsort(0, false)), [2, 4, 0, 3, 1]);
        assert_eq!(places(x.argsort(0, true)), [1, 0, 3, 2, 4]);
        assert_eq!(places(x.top_k(3).1), [1, 0, 3]);
    }

    #[test]
    fn text_reads_back() {
        let text = "%0: f32[?,3] = parameter() {index=0; name=x}\n%1: f32[?,2], %2: i32[?,2] = top_k(%0) {k=2}\n\
            %3: f32[?,2], %4: i32[?,2] = sort(%1, %2) {axis=1; descending=false}\nreturn %3, %4\n";
        assert_eq!(parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn says_what_it_wanted() {
        let x = Tensor::full(DType::F32, [2, 3], 0.0);
        let e = x.top_k(4).0.to_value().unwrap_err().to_string();
        assert_eq!(e, "top_k > input: expected at least 4 along the last axis, got (2, 3)");
    }
}
