//! Kernels for ops that move windows or elements: convolution, pooling, slices, reversals, joins.

use super::lower::{Layout, Lowering};
use super::recurrence::{Carry, Recurrence};
use super::step::Kernel;
use crate::kernels::conv::Conv;
use crate::kernels::pool::{Moves, Pool};
use crate::kernels::strided::{Padded, StridedCopy};
use addax_core::graph::Node;
use addax_core::ops::{Convolution, Op, ReduceWindow, Reduction, Scan, SelectAndScatter};
use addax_core::{DType, Error, Result, ValueId, strides};

impl Lowering<'_> {
    /// The kernel of such an op, where there is one.
    pub(super) fn moves(&self, node: &Node, layout: &Layout) -> Result<Option<Kernel>> {
        let float = self.graph.ty(node.output()).dtype == DType::F32;
        Ok(match &node.op {
            Op::Convolution(op) if float => self.convolution(op, node, layout)?,
            Op::ReduceWindow(op) if float => self.pooling(op, node, layout)?,
            Op::SelectAndScatter(op) if float => self.scatter(op, node, layout)?,
            Op::Slice(s) => {
                let steps = strides(&self.shape(node.inputs[0])?);
                let moved = |(step, by): (&usize, &usize)| (step * by) as isize;
                let by: Vec<isize> = steps.iter().zip(&s.stride).map(moved).collect();
                let first: usize = steps.iter().zip(&s.start).map(|(a, b)| a * b).sum();
                Some(self.copied(&by, first as isize, node, layout)?)
            }
            Op::Reverse(r) => {
                let shape = self.shape(node.inputs[0])?;
                let mut first = 0;
                let turn =
                    |(a, s): (usize, usize)| if r.axes.contains(&a) { -(s as isize) } else { s as isize };
                let steps = strides(&shape);
                for a in &r.axes {
                    first += shape[*a].saturating_sub(1) * steps[*a];
                }
                let by: Vec<isize> = steps.into_iter().enumerate().map(turn).collect();
                Some(self.copied(&by, first as isize, node, layout)?)
            }
            Op::Pad(p) => {
                let slot = |v: ValueId| self.memory(v, layout);
                let (shape, result) = (self.shape(node.inputs[0])?, self.shape(node.output())?);
                let steps: Vec<usize> = p.interior.iter().map(|n| n + 1).collect();
                let size = self.graph.ty(node.output()).dtype.size();
                let padded = Padded::new(&shape, &result, &p.low, &steps, size);
                let slots = [slot(node.inputs[0])?, slot(node.inputs[1])?, slot(node.output())?];
                Some(Kernel::Padded { padded, slots })
            }
            Op::Concatenate(c) => {
                let shape = self.shape(node.output())?;
                let outer: usize = shape[..c.axis].iter().product();
                let size = self.graph.ty(node.output()).dtype.size();
                let part = |v: &ValueId| -> Result<(usize, usize)> {
                    let inner: usize = self.shape(*v)?[c.axis..].iter().product();
                    Ok((self.memory(*v, layout)?, inner * size))
                };
                let parts = node.inputs.iter().map(part).collect::<Result<Vec<_>>>()?;
                Some(Kernel::Joined { parts, outer, to: self.memory(node.output(), layout)? })
            }
            Op::Scan(scan) => Some(self.recurrence(scan, node, layout)?),
            _ => None,
        })
    }

    fn recurrence(&self, scan: &Scan, node: &Node, layout: &Layout) -> Result<Kernel> {
        let (both, slot) = (scan.carries + scan.sequences, |v: ValueId| self.memory(v, layout));
        let length = match node.inputs.get(scan.carries).filter(|_| scan.sequences > 0) {
            Some(x) => self.shape(*x)?.first().copied(),
            None => scan.length.known(),
        };
        let length = length.ok_or_else(|| Error::value("scan").expected("a known number of steps"))?;
        let bytes = |v: ValueId| self.graph.ty(v).bytes().unwrap_or(0);
        // A slice is a whole one's share; with no step at all there is none.
        let slice = |v: ValueId| Ok::<_, Error>((slot(v)?, bytes(v) / length.max(1)));
        let mut made = Recurrence::new(scan, length)?;
        let results: Vec<ValueId> = node.outputs().collect();
        for (from, to) in node.inputs.iter().zip(&results).take(scan.carries) {
            made.carries.push(Carry { from: slot(*from)?, to: slot(*to)?, bytes: bytes(*to) });
        }
        made.sequences = node.inputs[scan.carries..both].iter().map(|v| slice(*v)).collect::<Result<_>>()?;
        made.captured = node.inputs[both..].iter().map(|v| slot(*v)).collect::<Result<_>>()?;
        made.stacked = results[scan.carries..].iter().map(|v| slice(*v)).collect::<Result<_>>()?;
        Ok(Kernel::Scan(Box::new(made)))
    }

    fn copied(&self, steps: &[isize], first: isize, node: &Node, layout: &Layout) -> Result<Kernel> {
        let (shape, size) = (self.shape(node.output())?, self.graph.ty(node.output()).dtype.size());
        let copy = StridedCopy::new(&shape, steps, first, size);
        let (from, to) = (self.memory(node.inputs[0], layout)?, self.memory(node.output(), layout)?);
        Ok(Kernel::Strided { copy, from, to })
    }

    fn convolution(&self, op: &Convolution, node: &Node, layout: &Layout) -> Result<Option<Kernel>> {
        let [x, kernel] = [self.shape(node.inputs[0])?, self.shape(node.inputs[1])?];
        let Some(conv) = Conv::new(op, &x, &kernel, &self.shape(node.output())?, self.isa) else {
            return Ok(None);
        };
        let slot = |v: ValueId| self.memory(v, layout);
        let slots = [slot(node.inputs[0])?, slot(node.inputs[1])?, slot(node.output())?];
        Ok(Some(Kernel::Conv { conv: Box::new(conv), slots }))
    }

    fn pooling(&self, op: &ReduceWindow, node: &Node, layout: &Layout) -> Result<Option<Kernel>> {
        let takes = matches!(op.kind, Reduction::Sum | Reduction::Max | Reduction::Min);
        if !takes || op.base_dilations.iter().any(|d| *d != 1) {
            return Ok(None);
        }
        let low: Vec<isize> = op.padding.iter().map(|p| p.0).collect();
        let moves = Moves {
            window: &op.window_dimensions,
            strides: &op.window_strides,
            low: &low,
            dilation: &op.window_dilations,
        };
        let (shape, result) = (self.shape(node.inputs[0])?, self.shape(node.output())?);
        let Some(pool) = Pool::new(op.kind, moves, &shape, &result) else { return Ok(None) };
        let (from, to) = (self.memory(node.inputs[0], layout)?, self.memory(node.output(), layout)?);
        Ok(Some(Kernel::Pool { pool: Box::new(pool), from, to }))
    }

    fn scatter(&self, op: &SelectAndScatter, node: &Node, layout: &Layout) -> Result<Option<Kernel>> {
        let (low, ones): (Vec<isize>, Vec<usize>) = op.padding.iter().map(|p| (p.0, 1)).unzip();
        let moves =
            Moves { window: &op.window_dimensions, strides: &op.window_strides, low: &low, dilation: &ones };
        let (shape, result) = (self.shape(node.inputs[0])?, self.shape(node.inputs[1])?);
        let Some(pool) = Pool::new(op.kind, moves, &shape, &result) else { return Ok(None) };
        let slot = |v: ValueId| self.memory(v, layout);
        let slots = [slot(node.inputs[0])?, slot(node.inputs[1])?, slot(node.output())?];
        Ok(Some(Kernel::Scatter { pool: Box::new(pool), slots }))
    }
}
