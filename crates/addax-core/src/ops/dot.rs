//! `dot_general`: products summed over contracted axes, for each batch.

use super::{Primitive, check_axes, exactly, same_dtype};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::value::{Value, strides};
use crate::{op_struct, with_element};

op_struct! {
    /// `result[batch…, lhs free…, rhs free…] = Σ lhs · rhs` over the contracted axes.
    pub struct DotGeneral = "dot_general" {
        /// Batch axes of the left side.
        lhs_batch: Vec<usize>,
        /// Batch axes of the right side, in the same order.
        rhs_batch: Vec<usize>,
        /// Contracted axes of the left side.
        lhs_contract: Vec<usize>,
        /// Contracted axes of the right side, in the same order.
        rhs_contract: Vec<usize>,
    }
}

impl DotGeneral {
    /// The free axes of both sides, in order.
    pub fn free(&self, lhs_rank: usize, rhs_rank: usize) -> (Vec<usize>, Vec<usize>) {
        let free =
            |rank, a: &[usize], b: &[usize]| (0..rank).filter(|i| !a.contains(i) && !b.contains(i)).collect();
        (
            free(lhs_rank, &self.lhs_batch, &self.lhs_contract),
            free(rhs_rank, &self.rhs_batch, &self.rhs_contract),
        )
    }
}

impl Primitive for DotGeneral {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [a, b] = exactly(inputs)?;
        same_dtype(a, b)?;
        check_axes(&[&self.lhs_batch[..], &self.lhs_contract].concat(), a.shape.rank())?;
        check_axes(&[&self.rhs_batch[..], &self.rhs_contract].concat(), b.shape.rank())?;
        let wrong = || {
            let got = format!("{} and {}", a.shape, b.shape);
            Error::value("shapes").expected("batch and contracted axes of the same lengths").got(got)
        };
        if self.lhs_batch.len() != self.rhs_batch.len() || self.lhs_contract.len() != self.rhs_contract.len()
        {
            return Err(wrong());
        }
        let (x, y) = (a.shape.dims(), b.shape.dims());
        let contracted = self.lhs_contract.iter().zip(&self.rhs_contract);
        if !contracted.clone().all(|(i, j)| x[*i].fits(y[*j])) {
            return Err(wrong());
        }
        let batch: Option<Vec<Dim>> =
            self.lhs_batch.iter().zip(&self.rhs_batch).map(|(i, j)| x[*i].merge(y[*j])).collect();
        let (free_a, free_b) = self.free(x.len(), y.len());
        let mut dims = batch.ok_or_else(wrong)?;
        dims.extend(free_a.iter().map(|i| x[*i]));
        dims.extend(free_b.iter().map(|i| y[*i]));
        Ok(vec![a.with_shape(dims)])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [a, b] = exactly(inputs)?;
        let (free_a, free_b) = self.free(a.rank(), b.rank());
        let offsets = |v: &Value, axes: &[usize]| offsets(v.shape(), axes);
        let (batch_a, batch_b) = (offsets(a, &self.lhs_batch), offsets(b, &self.rhs_batch));
        let (inner_a, inner_b) = (offsets(a, &self.lhs_contract), offsets(b, &self.rhs_contract));
        let (rows, columns) = (offsets(a, &free_a), offsets(b, &free_b));
        let lengths = |v: &Value, axes: &[usize]| axes.iter().map(|i| v.shape()[*i]).collect::<Vec<_>>();
        let shape = [lengths(a, &self.lhs_batch), lengths(a, &free_a), lengths(b, &free_b)].concat();
        Ok(vec![with_element!(a.dtype(), T => {
            use crate::Element;
            let (x, y) = (a.as_slice::<T>()?, b.as_slice::<T>()?);
            let mut out: Vec<T> = Vec::with_capacity(batch_a.len() * rows.len() * columns.len());
            for (ba, bb) in batch_a.iter().zip(&batch_b) {
                for r in &rows {
                    for c in &columns {
                        let terms = inner_a.iter().zip(&inner_b).map(|(i, j)| (x[ba + r + i], y[bb + c + j]));
                        out.push(if T::DTYPE.is_float() {
                            T::from_f64(terms.map(|(p, q)| p.to_f64() * q.to_f64()).sum())
                        } else {
                            T::from_i64(terms.fold(0i64, |s, (p, q)| s.wrapping_add(p.to_i64().wrapping_mul(q.to_i64()))))
                        });
                    }
                }
            }
            Value::new(shape, out)?
        })])
    }

    /// With C = A·B: dA = dC·Bᵀ and dB = Aᵀ·dC, each with its axes put back in order.
    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let (a, b, ct) = (cx.x(0), cx.x(1), cx.ct());
        let (free_a, free_b) = self.free(a.rank(), b.rank());
        let batch: Vec<usize> = (0..self.lhs_batch.len()).collect();
        let ct_a: Vec<usize> = (batch.len()..batch.len() + free_a.len()).collect();
        let ct_b: Vec<usize> = (batch.len() + free_a.len()..ct.rank()).collect();
        let da = || {
            // Result axes: batch, free of A, then B's contracted axes in B's order.
            let dot = DotGeneral {
                lhs_batch: batch.clone(),
                rhs_batch: self.rhs_batch.clone(),
                lhs_contract: ct_b.clone(),
                rhs_contract: free_b.clone(),
            };
            let inner = in_order_of(&self.rhs_contract, &self.lhs_contract);
            put_back(&Tensor::apply(dot, &[&ct, b]), &[&self.lhs_batch[..], &free_a, &inner].concat())
        };
        let db = || {
            // Result axes: batch, A's contracted axes in A's order, then free of B.
            let dot = DotGeneral {
                lhs_batch: self.lhs_batch.clone(),
                rhs_batch: batch.clone(),
                lhs_contract: free_a.clone(),
                rhs_contract: ct_a.clone(),
            };
            let inner = in_order_of(&self.lhs_contract, &self.rhs_contract);
            put_back(&Tensor::apply(dot, &[a, &ct]), &[&self.rhs_batch[..], &inner, &free_b].concat())
        };
        vec![cx.wanted[0].then(da), cx.wanted[1].then(db)]
    }
}

/// `partners` sorted as their counterparts in `keys` are when these go upwards.
fn in_order_of(keys: &[usize], partners: &[usize]) -> Vec<usize> {
    let mut pairs: Vec<(usize, usize)> = keys.iter().copied().zip(partners.iter().copied()).collect();
    pairs.sort_unstable();
    pairs.into_iter().map(|(_, p)| p).collect()
}

/// Transposes so that axis `i` goes to `places[i]`.
fn put_back(t: &Tensor, places: &[usize]) -> Tensor {
    if places.is_sorted() {
        return t.clone();
    }
    let mut permutation = vec![0; places.len()];
    places.iter().enumerate().for_each(|(from, to)| permutation[*to] = from);
    t.transpose(&permutation)
}

/// The offsets of all positions along some axes, in row-major order of these axes.
fn offsets(shape: &[usize], axes: &[usize]) -> Vec<usize> {
    let strides = strides(shape);
    axes.iter().fold(vec![0], |all, a| {
        all.iter()
            .flat_map(|o| (0..shape[*a]).map(move |i| (o, i)))
            .map(|(o, i)| o + i * strides[*a])
            .collect()
    })
}

impl Tensor {
    /// Products summed over contracted axes; see [`DotGeneral`].
    pub fn dot_general(&self, other: &Tensor, dot: DotGeneral) -> Tensor {
        Tensor::apply(dot, &[self, other])
    }

    /// NumPy's `matmul`: the last axis of this against the last but one of `other`; leading axes broadcast.
    /// With a matrix on the right, any leading axes of the left stay as they are.
    ///
    /// ```
    /// use addax_core::{DType, Tensor};
    /// let (x, w) = (Tensor::full(DType::F32, [5, 2, 3], 1.0), Tensor::full(DType::F32, [3, 4], 2.0));
    /// assert_eq!(x.matmul(&w).shape().to_string(), "(5, 2, 4)");
    /// ```
    pub fn matmul(&self, other: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let (a, b) = (self.check()?.shape(), other.check()?.shape());
            let (m, n) = (a.rank(), b.rank());
            let error = || {
                let e = Error::value("matmul").expected("(m, k) and (k, n)").got(format_args!("{a} and {b}"));
                if m > 2 && n == 2 { e.hint("Flatten first?") } else { e }
            };
            if m == 0 || n == 0 {
                return Err(error());
            }
            let inner = if n == 1 { 0 } else { n - 2 };
            if !a.dims()[m - 1].fits(b.dims()[inner]) {
                return Err(error());
            }
            if n <= 2 || m == 1 {
                let dot = DotGeneral {
                    lhs_batch: vec![],
                    rhs_batch: vec![],
                    lhs_contract: vec![m - 1],
                    rhs_contract: vec![inner],
                };
                return Ok(Tensor::apply(dot, &[self, other]));
            }
            let lead = Shape::from(a.dims()[..m - 2].to_vec());
            let lead = lead.broadcast(&Shape::from(b.dims()[..n - 2].to_vec())).ok_or_else(error)?;
            let grow = |t: &Tensor, s: &Shape| {
                t.broadcast_to(Shape::from([lead.dims(), &s.dims()[s.rank() - 2..]].concat()))
            };
            let batch: Vec<usize> = (0..lead.rank()).collect();
            let dot = DotGeneral {
                lhs_batch: batch.clone(),
                rhs_batch: batch.clone(),
                lhs_contract: vec![batch.len() + 1],
                rhs_contract: vec![batch.len()],
            };
            Ok(Tensor::apply(dot, &[&grow(self, &a), &grow(other, &b)]))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    #[test]
    fn gradients_match_finite_differences() {
        let d = (-1.0, 1.0);
        check_gradient("matmul", |x| x[0].matmul(&x[1]), &[(&[2, 3], d), (&[3, 4], d)]);
        check_gradient("batched", |x| x[0].matmul(&x[1]), &[(&[2, 1, 2, 3], d), (&[3, 3, 2], d)]);
        check_gradient("leading axes", |x| x[0].matmul(&x[1]), &[(&[2, 2, 3], d), (&[3, 2], d)]);
        let odd = DotGeneral {
            lhs_batch: vec![2],
            rhs_batch: vec![0],
            lhs_contract: vec![3, 0],
            rhs_contract: vec![1, 3],
        };
        check_gradient(
            "odd axes",
            |x| x[0].dot_general(&x[1], odd.clone()),
            &[(&[2, 3, 4, 5], d), (&[4, 5, 3, 2], d)],
        );
    }

    #[test]
    fn says_what_it_wanted() {
        let (x, w) = (
            Tensor::full(crate::DType::F32, [5, 28, 28], 0.0),
            Tensor::full(crate::DType::F32, [784, 4], 0.0),
        );
        let e = x.matmul(&w).to_value().unwrap_err().to_string();
        assert_eq!(e, "matmul: expected (m, k) and (k, n), got (5, 28, 28) and (784, 4). Flatten first?");
    }
}
