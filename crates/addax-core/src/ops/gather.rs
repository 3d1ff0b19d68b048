//! `gather`: boxes out of a tensor, at places that another tensor says.

use super::{AttributeValue, Primitive, Scatter, ScatterKind, check_axes, exactly};
use crate::error::{Error, Result};
use crate::graph::TensorType;
use crate::graph::autodiff::Vjp;
use crate::shape::{Dim, Shape};
use crate::tensor::Tensor;
use crate::value::{Stored, Value, strides};
use crate::walk::Walk;
use crate::{op_struct, with_element};
use std::sync::Arc;

/// How indices lead to boxes of an operand, for `gather` and `scatter`: StableHLO's dimension numbers. Of the result
/// of a gather (the updates of a scatter), the axes `offset` run inside a box; the others, the batch, are the axes of
/// the indices without `vector`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GatherDims {
    /// The axes that run inside a box, ascending.
    pub offset: Vec<usize>,
    /// The operand's axes along which a box has length 1 and which are left out, ascending.
    pub collapsed: Vec<usize>,
    /// The operand's axes that go with batch axes of the indices: also left out.
    pub operand_batching: Vec<usize>,
    /// The axes of the indices that they go with.
    pub indices_batching: Vec<usize>,
    /// The operand's axis that each number of an index is for.
    pub map: Vec<usize>,
    /// The axis of the indices along which the numbers of one index lie; the rank, if an index is a single number.
    pub vector: usize,
}

impl AttributeValue for GatherDims {
    fn write(&self) -> String {
        let lists =
            [&self.offset, &self.collapsed, &self.operand_batching, &self.indices_batching, &self.map];
        let names = ["offset", "collapsed", "operand_batching", "indices_batching", "map"];
        let mut text = format!("vector {}", self.vector);
        for (name, list) in names.iter().zip(lists).filter(|(_, list)| !list.is_empty()) {
            text += &format!(" {name} {}", list.write());
        }
        text
    }

    fn read(text: &str) -> Result<Self> {
        let bad =
            || Error::value("attribute").expected("vector 1 offset [1] …").got(format_args!("\"{text}\""));
        let mut dims = GatherDims::default();
        let mut words = text.split_whitespace();
        while let Some(name) = words.next() {
            let value = words.next().ok_or_else(bad)?;
            let list = || Vec::<usize>::read(value);
            match name {
                "vector" => dims.vector = usize::read(value)?,
                "offset" => dims.offset = list()?,
                "collapsed" => dims.collapsed = list()?,
                "operand_batching" => dims.operand_batching = list()?,
                "indices_batching" => dims.indices_batching = list()?,
                "map" => dims.map = list()?,
                _ => return Err(bad()),
            }
        }
        Ok(dims)
    }
}

impl GatherDims {
    /// The axes of the indices that are batch, in order.
    pub(super) fn batch_of_indices(&self, rank: usize) -> Vec<usize> {
        (0..rank).filter(|a| *a != self.vector).collect()
    }

    /// The axes of the result that are batch, in order.
    pub(super) fn batch_of_result(&self, rank: usize) -> Vec<usize> {
        (0..rank).filter(|a| !self.offset.contains(a)).collect()
    }

    /// The operand's axes that run inside a box, in the order of `offset`.
    pub(super) fn inside(&self, rank: usize) -> Vec<usize> {
        (0..rank).filter(|a| !self.collapsed.contains(a) && !self.operand_batching.contains(a)).collect()
    }

    /// Checks the numbers against an operand, indices and a result of the given rank.
    pub(super) fn check(&self, operand: &Shape, indices: &TensorType) -> Result<()> {
        if !indices.dtype.is_int() {
            return Err(Error::type_("indices").expected("integers").got(indices.dtype));
        }
        let (rank, index_rank) = (operand.rank(), indices.shape.rank());
        check_axes(&[&self.collapsed[..], &self.operand_batching].concat(), rank)?;
        check_axes(&[&self.map[..], &self.operand_batching].concat(), rank)?;
        if self.vector > index_rank || self.indices_batching.contains(&self.vector) {
            return Err(Error::value("vector")
                .expected(format_args!("at most {index_rank}, not batching"))
                .got(self.vector));
        }
        check_axes(&self.indices_batching, index_rank)?;
        let numbers = indices.shape.dims().get(self.vector).copied().unwrap_or(Dim::new(1));
        let result_rank = self.offset.len() + self.batch_of_indices(index_rank).len();
        check_axes(&self.offset, result_rank)?;
        let mut pairs = self.operand_batching.iter().zip(&self.indices_batching);
        let fit = pairs.all(|(a, b)| operand.dims()[*a].fits(indices.shape.dims()[*b]));
        if self.inside(rank).len() != self.offset.len()
            || !self.offset.is_sorted()
            || !numbers.fits(Dim::new(self.map.len()))
            || self.operand_batching.len() != self.indices_batching.len()
            || !fit
        {
            let got = format!("{}, {} and {}", self.write(), operand, indices.shape);
            return Err(Error::value("dimensions").expected("numbers that fit operand and indices").got(got));
        }
        Ok(())
    }

    /// Where the boxes are.
    pub(super) fn boxes(
        &self,
        operand: &[usize],
        indices: &Value,
        sizes: &[usize],
        result: &[usize],
    ) -> Boxes {
        let (steps, index_steps) = (strides(operand), strides(indices.shape()));
        let pick = |of: &[usize], axes: &[usize]| axes.iter().map(|a| of[*a]).collect::<Vec<_>>();
        let inside = self.inside(operand.len());
        let lengths = pick(sizes, &inside);
        let (batch, result_steps) = (self.batch_of_result(result.len()), strides(result));
        let index_axes = self.batch_of_indices(indices.rank());
        let batch_lengths = pick(result, &batch);
        // How far a batch position moves in the operand: only along batching axes.
        let mut moves = vec![0; indices.rank()];
        self.operand_batching.iter().zip(&self.indices_batching).for_each(|(a, b)| moves[*b] = steps[*a]);
        Boxes {
            inside: Walk::new(&lengths, &pick(&steps, &inside)).collect(),
            inside_result: Walk::new(&lengths, &pick(&result_steps, &self.offset)).collect(),
            batch_result: Walk::new(&batch_lengths, &pick(&result_steps, &batch)),
            batch_indices: Walk::new(&batch_lengths, &pick(&index_steps, &index_axes)),
            batch_operand: Walk::new(&batch_lengths, &pick(&moves, &index_axes)),
            number_step: index_steps.get(self.vector).copied().unwrap_or(1),
            numbers: indices.to_i64(),
            limits: self
                .map
                .iter()
                .map(|a| (operand[*a].saturating_sub(sizes[*a]) as i64, steps[*a]))
                .collect(),
        }
    }

    /// For each number of an index, the largest that keeps the box inside, where the lengths are known.
    fn limits(&self, operand: &Shape, sizes: &[Dim]) -> Option<Vec<i64>> {
        let limit = |a: &usize| Some((operand.dims()[*a].known()?.saturating_sub(sizes[*a].known()?)) as i64);
        self.map.iter().map(limit).collect()
    }

    /// The limits as a tensor that broadcasts against the indices.
    fn limits_like(&self, operand: &Shape, sizes: &[Dim], indices: &Tensor) -> Option<Tensor> {
        let limits = self.limits(operand, sizes)?;
        if let Some(same) = limits.first().filter(|l| limits.iter().all(|m| m == *l)) {
            return Some(Tensor::constant(indices.dtype(), *same as f64));
        }
        let mut shape = vec![1; indices.rank()];
        shape[self.vector] = limits.len();
        let value = Value::new(shape, limits).ok()?.cast(indices.dtype());
        Some(Tensor::new(value))
    }

    /// The indices with every box moved inside the operand; as they are where lengths are open.
    pub(super) fn clamped(&self, operand: &Shape, sizes: &[Dim], indices: &Tensor) -> Tensor {
        match self.limits_like(operand, sizes, indices) {
            Some(limits) => indices.max_scalar(0.0).minimum(&limits),
            None => indices.clone(),
        }
    }

    /// Where a box is inside the operand, in the shape of the result; `None` where lengths are open.
    pub(super) fn fitting(
        &self,
        operand: &Shape,
        sizes: &[Dim],
        indices: &Tensor,
        result: &Shape,
    ) -> Option<Tensor> {
        let limits = self.limits_like(operand, sizes, indices)?;
        let zero = Tensor::constant(indices.dtype(), 0.0);
        let mut fits = indices.ge(&zero).and(&indices.le(&limits));
        if self.vector < indices.rank() {
            fits = fits.reduce(super::Reduction::And, &[self.vector]);
        }
        Some(fits.broadcast_in_dim(result, &self.batch_of_result(result.rank())))
    }
}

/// Where boxes are, as offsets.
pub(super) struct Boxes {
    /// Elements of a box in the operand and in the result.
    pub inside: Vec<usize>,
    pub inside_result: Vec<usize>,
    batch_result: Walk,
    batch_indices: Walk,
    batch_operand: Walk,
    number_step: usize,
    numbers: Vec<i64>,
    /// For each number of an index: the largest that fits, and the operand's stride.
    limits: Vec<(i64, usize)>,
}

impl Boxes {
    /// For each box: where it begins in the operand, moved inside if it was not, in the result, and whether it was
    /// inside.
    pub fn places(&self) -> impl Iterator<Item = (usize, usize, bool)> + '_ {
        let walks = self.batch_result.clone().zip(self.batch_indices.clone()).zip(self.batch_operand.clone());
        walks.map(|((to, index), base)| {
            let (mut from, mut fits) = (base, true);
            for (i, (limit, step)) in self.limits.iter().enumerate() {
                let number = self.numbers[index + i * self.number_step];
                fits &= (0..=*limit).contains(&number);
                from += number.clamp(0, *limit) as usize * step;
            }
            (from, to, fits)
        })
    }
}

op_struct! {
    /// For each index, the box of the operand (first input) that begins there; boxes that would stick out are moved
    /// inside. The second input holds the indices.
    pub struct Gather = "gather" {
        /// Which axes are which.
        dims: GatherDims,
        /// The size of a box along every axis of the operand; unknown takes all that there is.
        slice_sizes: Vec<Dim>,
    }
}

impl Gather {
    /// The sizes of a box of a given operand.
    fn sizes(&self, operand: &Shape) -> Vec<Dim> {
        self.slice_sizes.iter().zip(operand.dims()).map(|(s, d)| s.known().map_or(*d, Dim::new)).collect()
    }

    fn result(&self, operand: &Shape, indices: &Shape) -> Shape {
        let (dims, sizes) = (&self.dims, self.sizes(operand));
        let batch = dims.batch_of_indices(indices.rank());
        let mut result = vec![Dim::UNKNOWN; dims.offset.len() + batch.len()];
        dims.offset.iter().zip(dims.inside(operand.rank())).for_each(|(to, a)| result[*to] = sizes[a]);
        dims.batch_of_result(result.len())
            .iter()
            .zip(batch)
            .for_each(|(to, a)| result[*to] = indices.dims()[a]);
        result.into()
    }
}

impl Primitive for Gather {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let [x, indices] = exactly(inputs)?;
        self.dims.check(&x.shape, indices)?;
        let mut left_out = self.dims.collapsed.iter().chain(&self.dims.operand_batching);
        let fits = self.slice_sizes.len() == x.shape.rank()
            && self
                .slice_sizes
                .iter()
                .zip(x.shape.dims())
                .all(|(s, d)| s.known().is_none_or(|s| d.known().is_none_or(|d| s <= d)))
            && left_out.all(|a| self.slice_sizes[*a] == 1usize);
        if !fits {
            let wanted = format!("a box inside {}, of length 1 along axes that are left out", x.shape);
            return Err(Error::value("slice_sizes")
                .expected(wanted)
                .got(format_args!("{:?}", self.slice_sizes)));
        }
        Ok(vec![x.with_shape(self.result(&x.shape, &indices.shape))])
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let [x, indices] = exactly(inputs)?;
        let operand = Shape::of(x.shape());
        let shape = self.result(&operand, &indices.shape().into()).concrete()?;
        let sizes = Shape::from(self.sizes(&operand)).concrete()?;
        let boxes = self.dims.boxes(x.shape(), indices, &sizes, &shape);
        Ok(vec![with_element!(x.dtype(), T => {
            let v = x.as_slice::<T>()?;
            let mut out = vec![T::default(); shape.iter().product()];
            for (from, to, _) in boxes.places() {
                boxes.inside.iter().zip(&boxes.inside_result).for_each(|(i, o)| out[to + o] = v[from + i]);
            }
            Value::from_data(shape, T::wrap(Arc::new(out)))?
        })])
    }

    /// Every element gets back what its copies got.
    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let (x, indices) = (cx.x(0), cx.x(1));
        let scatter = Scatter { kind: ScatterKind::Add, dims: self.dims.clone(), unique_indices: false };
        let by_operand = || {
            let inside = self.dims.clamped(&x.shape(), &self.sizes(&x.shape()), indices);
            x.filled(0.0).scatter(&inside, &cx.ct(), scatter)
        };
        vec![cx.wanted[0].then(by_operand), None]
    }
}

impl Tensor {
    /// For each index, the box of this tensor that begins there; see [`Gather`].
    pub fn gather(&self, indices: &Tensor, gather: Gather) -> Tensor {
        Tensor::apply(gather, &[self, indices])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::parse;
    use crate::testing::check_gradient;

    /// Boxes of 2 rows and 1 column, at two numbers each; the batch is the first axis of the result.
    fn boxes() -> Gather {
        let dims = GatherDims {
            offset: vec![1],
            collapsed: vec![1],
            map: vec![1, 0],
            vector: 1,
            ..Default::default()
        };
        Gather { dims, slice_sizes: vec![Dim::new(2), Dim::new(1)] }
    }

    fn numbers(shape: [usize; 2], v: &[i32]) -> Tensor {
        Tensor::from(Value::new(shape, v.to_vec()).unwrap())
    }

    #[test]
    fn boxes_that_stick_out_are_moved_inside() {
        let x = numbers([3, 3], &[0, 1, 2, 10, 11, 12, 20, 21, 22]);
        let y = x.gather(&numbers([3, 2], &[0, 1, 2, 9, -5, 0]), boxes()).to_value().unwrap();
        assert_eq!(y, Value::new([3, 2], vec![10i32, 20, 12, 22, 0, 10]).unwrap());
    }

    #[test]
    fn batching_axes_walk_along() {
        let dims = GatherDims {
            operand_batching: vec![1],
            indices_batching: vec![0],
            collapsed: vec![0],
            map: vec![0],
            vector: 1,
            ..Default::default()
        };
        let x = numbers([2, 3], &[0, 1, 2, 10, 11, 12]);
        let gather = Gather { dims, slice_sizes: vec![Dim::new(1); 2] };
        let y = x.gather(&Tensor::from(Value::from(vec![1i32, 0, 1])), gather).to_value().unwrap();
        assert_eq!(y, Value::from(vec![10i32, 1, 12]));
    }

    #[test]
    fn gradients_match_finite_differences() {
        let at = numbers([4, 2], &[0, 1, 2, 9, 0, 0, 0, 1]);
        check_gradient("gather", |x| x[0].gather(&at, boxes()), &[(&[3, 3], (-1.0, 1.0))]);
    }

    #[test]
    fn text_reads_back() {
        let text = "%0: f32[?,3] = parameter() {index=0; name=x}\n%1: i32[4,1] = parameter() {index=1; name=i}\n\
            %2: f32[4,?] = gather(%0, %1) {dims=vector 1 offset [1] collapsed [1] map [1]; slice_sizes=[?,1]}\nreturn %2\n";
        assert_eq!(parse(text).unwrap().to_string(), text);
    }

    #[test]
    fn says_what_it_wanted() {
        let x = Tensor::full(crate::DType::F32, [2, 3], 0.0);
        let says = |at: &Tensor, g: Gather| x.gather(at, g).to_value().unwrap_err().to_string();
        assert_eq!(says(&x, boxes()), "gather > indices: expected integers, got float32");
        let large = Gather { slice_sizes: vec![Dim::new(3), Dim::new(1)], ..boxes() };
        assert_eq!(
            says(&numbers([1, 2], &[0, 0]), large),
            "gather > slice_sizes: expected a box inside (2, 3), of length 1 along axes that are left out, got [3, 1]"
        );
    }
}
