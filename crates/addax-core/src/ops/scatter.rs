//! `scatter`: boxes into a tensor, at places that another tensor says; the mirror of `gather`.

use super::wide::{Wide, with_wide};
use super::{Gather, GatherDims, Primitive, Reduction, exactly, same_dtype};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::value::Value;
use crate::{DType, op_struct, word_enum};

word_enum! {
    /// What an update does to the element it meets.
    pub enum ScatterKind {
        /// It takes its place; of several the last stays.
        Replace = "replace",
        /// It is added.
        Add = "add",
        /// It is multiplied.
        Multiply = "multiply",
        /// The smaller stays.
        Min = "minimum",
        /// The larger stays.
        Max = "maximum",
    }
}

impl ScatterKind {
    fn combine<W: Wide>(self, old: W, new: W) -> W {
        match self {
            ScatterKind::Replace => new,
            ScatterKind::Add => W::combine(Reduction::Sum, old, new),
            ScatterKind::Multiply => W::combine(Reduction::Product, old, new),
            ScatterKind::Min => W::combine(Reduction::Min, old, new),
            ScatterKind::Max => W::combine(Reduction::Max, old, new),
        }
    }
}

op_struct! {
    /// The operand (first input) with boxes of updates (third) put in where the indices (second) say. A box that would
    /// stick out is left out as a whole. The axes `dims.offset` are those of the updates.
    pub struct Scatter = "scatter" {
        /// What an update does.
        kind: ScatterKind,
        /// Which axes are which.
        dims: GatherDims,
        /// A promise that no two boxes overlap.
        unique_indices: bool,
    }
}

impl Scatter {
    /// The size of a box along every axis of the operand.
    fn sizes(&self, operand_rank: usize, updates: &Shape) -> Vec<Dim> {
        let mut sizes = vec![Dim::new(1); operand_rank];
        let inside = self.dims.inside(operand_rank);
        self.dims.offset.iter().zip(inside).for_each(|(from, a)| sizes[a] = updates.dims()[*from]);
        sizes
    }
}

impl Primitive for Scatter {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x, indices, updates] = exactly(inputs)?;
        same_dtype(x, updates)?;
        self.dims.check(&x.shape, indices)?;
        let batch = self.dims.batch_of_indices(indices.shape.rank());
        let wrong = || {
            let wanted = format!("boxes inside {} for indices {}", x.shape, indices.shape);
            Error::value("updates").expected(wanted).got(&updates.shape)
        };
        let (rank, dims) = (updates.shape.rank(), updates.shape.dims());
        if rank != self.dims.offset.len() + batch.len() {
            return Err(wrong());
        }
        let sizes = self.sizes(x.shape.rank(), &updates.shape);
        let larger = |(s, d): (&Dim, &Dim)| s.known().is_some_and(|s| d.known().is_some_and(|d| s > d));
        let along = self.dims.batch_of_result(rank);
        if sizes.iter().zip(x.shape.dims()).any(larger)
            || !along.iter().zip(batch).all(|(a, b)| dims[*a].fits(indices.shape.dims()[b]))
        {
            return Err(wrong());
        }
        Ok(vec![x.clone()])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x, indices, updates] = exactly(inputs)?;
        let sizes = Shape::from(self.sizes(x.rank(), &updates.shape().into())).concrete()?;
        let boxes = self.dims.boxes(x.shape(), indices, &sizes, updates.shape());
        Ok(vec![with_wide!(x.dtype(), T, W => {
            let mut out: Vec<W> = x.as_slice::<T>()?.iter().map(|x| W::of(*x)).collect();
            let v = updates.as_slice::<T>()?;
            for (at, from, _) in boxes.places().filter(|p| p.2) {
                for (o, i) in boxes.inside.iter().zip(&boxes.inside_result) {
                    out[at + o] = self.kind.combine(out[at + o], W::of(v[from + i]));
                }
            }
            Value::new(x.shape(), out.into_iter().map(|x| x.narrow::<T>()).collect())?
        })])
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let back = Back { op: self, x: cx.x(0), indices: cx.x(1), updates: cx.x(2), y: cx.y(), ct: cx.ct() };
        let (by_operand, by_updates) = match self.kind {
            ScatterKind::Add => {
                (cx.wanted[0].then(|| back.ct.clone()), cx.wanted[2].then(|| back.taken(&back.ct)))
            }
            ScatterKind::Replace => (cx.wanted[0].then(|| back.kept()), cx.wanted[2].then(|| back.last())),
            ScatterKind::Multiply => back.factors(cx.wanted),
            ScatterKind::Min | ScatterKind::Max => back.extremes(cx.wanted),
        };
        vec![by_operand, None, by_updates]
    }
}

/// The parts of a gradient.
struct Back<'a> {
    op: &'a Scatter,
    x: &'a Tensor,
    indices: &'a Tensor,
    updates: &'a Tensor,
    y: &'a Tensor,
    ct: Tensor,
}

impl Back<'_> {
    fn again(&self, kind: ScatterKind, into: &Tensor, updates: &Tensor) -> Tensor {
        into.scatter(self.indices, updates, Scatter { kind, ..self.op.clone() })
    }

    /// What a tensor like the operand has where the updates went; 0 for those left out.
    fn taken(&self, t: &Tensor) -> Tensor {
        let (shape, result) = (self.x.shape(), self.updates.shape());
        let dims = &self.op.dims;
        let sizes = self.op.sizes(shape.rank(), &result);
        let gather = Gather { dims: dims.clone(), slice_sizes: sizes.clone() };
        let got = t.gather(self.indices, gather);
        match dims.fitting(&shape, &sizes, self.indices, &result) {
            Some(fits) => fits.select(&got, &got.filled(0.0)),
            None => got,
        }
    }

    /// The gradient of elements that no update replaced.
    fn kept(&self) -> Tensor {
        self.again(ScatterKind::Replace, &self.ct, &self.updates.filled(0.0))
    }

    /// The gradient of the updates that stayed: those whose number is found where they went.
    fn last(&self) -> Tensor {
        let taken = self.taken(&self.ct);
        if self.op.unique_indices {
            return taken;
        }
        let _entered = self.updates.enter_trace();
        let count = self.updates.shape();
        let number = Tensor::full(DType::I64, self.updates.shape(), 0.0);
        // Row-major numbers of the updates, from 1: 0 is what nobody wrote.
        let mut stride = Tensor::constant(DType::I64, 1.0);
        let mut number = number + 1.0;
        for a in (0..count.rank()).rev() {
            number = number + Tensor::iota(DType::I64, &count, a) * &stride;
            stride = stride * count.dims()[a].known().unwrap_or(1) as f64;
        }
        let written =
            self.again(ScatterKind::Replace, &Tensor::full(DType::I64, self.x.shape(), 0.0), &number);
        number.equal(&self.taken(&written)).select(&taken, &taken.filled(0.0))
    }

    /// Each factor gets the product of the others; with zeros among them, only the single zero gets any.
    fn factors(&self, wanted: &[bool]) -> (Option<Tensor>, Option<Tensor>) {
        let by_operand = || &self.ct * self.again(ScatterKind::Multiply, &self.x.filled(1.0), self.updates);
        let by_updates = || {
            let zero = self.updates.equal(&self.updates.filled(0.0));
            let safe = zero.select(&self.updates.filled(1.0), self.updates);
            let zeros = self.again(ScatterKind::Add, &self.x.filled(0.0), &zero.cast(self.x.dtype()));
            let others = self.again(ScatterKind::Multiply, self.x, &safe) * &self.ct;
            let (zeros, others) = (self.taken(&zeros), self.taken(&others));
            let only_here = zero.and(&zeros.equal(&zeros.filled(1.0)));
            let none = zeros.equal(&zeros.filled(0.0));
            only_here.or(&none).select(&(&others / &safe), &others.filled(0.0))
        };
        (wanted[0].then(by_operand), wanted[2].then(by_updates))
    }

    /// Those that are the extreme share its gradient.
    fn extremes(&self, wanted: &[bool]) -> (Option<Tensor>, Option<Tensor>) {
        let dtype = self.x.dtype();
        let mine = self.x.equal(self.y).cast(dtype);
        let theirs = self.updates.equal(&self.taken(self.y)).cast(dtype);
        let share = &self.ct / self.again(ScatterKind::Add, &mine, &theirs);
        (wanted[0].then(|| &share * &mine), wanted[2].then(|| self.taken(&share) * &theirs))
    }
}

impl Tensor {
    /// This tensor with boxes of updates put in where the indices say; see [`Scatter`].
    pub fn scatter(&self, indices: &Tensor, updates: &Tensor, scatter: Scatter) -> Tensor {
        Tensor::apply(scatter, &[self, indices, updates])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;

    /// Rows at single numbers.
    fn rows(kind: ScatterKind) -> Scatter {
        let dims =
            GatherDims { offset: vec![1], collapsed: vec![0], map: vec![0], vector: 1, ..Default::default() };
        Scatter { kind, dims, unique_indices: false }
    }

    fn at(v: &[i32]) -> Tensor {
        Tensor::from(Value::from(v.to_vec()))
    }

    #[test]
    fn what_sticks_out_is_left_out() {
        let x = Tensor::from(Value::new([3, 1], vec![1i32, 2, 3]).unwrap());
        let updates = Tensor::from(Value::new([4, 1], vec![10i32, 20, 30, 40]).unwrap());
        let run = |kind| x.scatter(&at(&[1, 3, -1, 1]), &updates, rows(kind)).to_value().unwrap().to_i64();
        assert_eq!(run(ScatterKind::Replace), [1, 40, 3]);
        assert_eq!(run(ScatterKind::Add), [1, 52, 3]);
        assert_eq!(run(ScatterKind::Multiply), [1, 800, 3]);
        assert_eq!(run(ScatterKind::Min), [1, 2, 3]);
        assert_eq!(run(ScatterKind::Max), [1, 40, 3]);
    }

    #[test]
    fn gradients_match_finite_differences() {
        let places = at(&[1, 3, 0, 1, -2]);
        for kind in ScatterKind::ALL {
            let f = |x: &[Tensor]| x[0].scatter(&places, &x[1], rows(*kind));
            check_gradient(kind.word(), f, &[(&[3, 2], (0.5, 2.0)), (&[5, 2], (0.5, 2.0))]);
        }
        let unique = Scatter { unique_indices: true, ..rows(ScatterKind::Replace) };
        let f = |x: &[Tensor]| x[0].scatter(&at(&[2, 0]), &x[1], unique.clone());
        check_gradient("unique", f, &[(&[3, 2], (0.5, 2.0)), (&[2, 2], (0.5, 2.0))]);
    }

    #[test]
    fn products_have_gradients_at_zero() {
        let trace = crate::Trace::new();
        let u = trace.parameter("u", DType::F64, [3, 1]);
        let x = Tensor::from(Value::new([2, 1], vec![2f64, 5.0]).unwrap());
        let y = x.scatter(&at(&[0, 0, 1]), &u, rows(ScatterKind::Multiply)).sum_all();
        let du = crate::gradients(&y, &[&u]).unwrap().remove(0).unwrap();
        let graph = trace.finish(&[du]).unwrap();
        let run =
            |v: Vec<f64>| crate::evaluate(&graph, &[Value::new([3, 1], v).unwrap()]).unwrap()[0].to_f64();
        assert_eq!(run(vec![0.0, 3.0, 0.0]), [6.0, 0.0, 5.0]);
        assert_eq!(run(vec![0.0, 0.0, 4.0]), [0.0, 0.0, 5.0]);
    }

    #[test]
    fn says_what_it_wanted() {
        let x = Tensor::full(DType::F32, [3, 2], 0.0);
        let e = x.scatter(&at(&[0]), &Tensor::full(DType::F32, [1, 3], 0.0), rows(ScatterKind::Add));
        assert_eq!(
            e.to_value().unwrap_err().to_string(),
            "scatter > updates: expected boxes inside (3, 2) for indices (1,), got (1, 3)"
        );
    }
}
