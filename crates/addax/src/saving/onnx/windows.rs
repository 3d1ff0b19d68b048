//! `reduce_window` as the pools that ONNX has: rows, columns, then one to three axes along which the window moves.

use super::arrange::{padded, reshape, stretched};
use super::emit::{Emitter, Wire};
use super::probe::{At, Length, moved, product};
use super::products::same_amount;
use addax_core::ops::{ReduceWindow, Reduction};
use addax_core::{DType, Error, Op, Result};

pub(super) fn reduce_window(em: &mut Emitter, op: &ReduceWindow, at: &At, x: &Wire) -> Result<Wire> {
    let rank = x.lengths.len();
    let same = at.ops.iter().all(|o| *o == at.ops[0]);
    let still = |a: &usize| {
        let steps = [op.window_dimensions[*a], op.window_strides[*a], op.base_dilations[*a]];
        steps == [1; 3] && at.ops.iter().all(|o| matches!(o, Op::ReduceWindow(w) if w.padding[*a] == (0, 0)))
    };
    let (outer, inner): (Vec<usize>, Vec<usize>) = (0..rank).partition(still);
    if inner.is_empty() {
        return Ok(x.clone());
    }
    if inner.len() > 3 {
        return Err(Error::unsupported("windows along more than three axes as ONNX"));
    }
    let order = [&outer[..], &inner].concat();
    let turned = em.transpose(x, &order)?;
    let results: Vec<Length> = order.iter().map(|a| at.results[0].1[*a].clone()).collect();
    let pick = |from: &[usize]| inner.iter().map(|a| from[*a]).collect::<Vec<usize>>();
    let pool = Pool {
        kind: op.kind,
        window: pick(&op.window_dimensions),
        strides: pick(&op.window_strides),
        dilations: pick(&op.window_dilations),
        apart: pick(&op.base_dilations),
        padding: at
            .ops
            .iter()
            .filter_map(|o| if let Op::ReduceWindow(w) = o { Some(w) } else { None })
            .map(|w| inner.iter().map(|a| w.padding[*a]).collect())
            .collect(),
    };
    let y = pool.lower(em, &turned, outer.len(), &results, same)?;
    let mut back = vec![0; rank];
    order.iter().enumerate().for_each(|(to, from)| back[*from] = to);
    em.transpose(&y, &back)
}

/// A window that moves along the last axes.
struct Pool {
    kind: Reduction,
    window: Vec<usize>,
    strides: Vec<usize>,
    dilations: Vec<usize>,
    apart: Vec<usize>,
    /// For each trace.
    padding: Vec<Vec<(isize, isize)>>,
}

impl Pool {
    /// The number that changes nothing, which padding has.
    fn nothing(&self) -> Result<f64> {
        match self.kind {
            Reduction::Sum => Ok(0.0),
            Reduction::Max => Ok(f64::NEG_INFINITY),
            Reduction::Min => Ok(f64::INFINITY),
            kind => Err(Error::unsupported(format!("windows put together by {} as ONNX", kind.word()))),
        }
    }

    /// Whether padding is left to the pool: ONNX wants it to be less than the window.
    fn pads_itself(&self) -> bool {
        let reach = |i: usize| (self.window[i] as isize, self.padding[0][i]);
        (0..self.window.len())
            .map(reach)
            .all(|(k, (low, high))| (0..k).contains(&low) && (0..k).contains(&high))
    }

    fn lower(
        &self,
        em: &mut Emitter,
        x: &Wire,
        outer: usize,
        results: &[Length],
        same: bool,
    ) -> Result<Wire> {
        let nothing = self.nothing()?;
        let probes = self.padding.len();
        let mut x = x.clone();
        let (given, float) = (x.dtype, DType::F32);
        if given != float {
            let name = em.full(&x)?;
            let name = em.cast(&name, float);
            x = em.wire(name, float, x.lengths.clone());
        }
        // Two axes stand before those of the window: more become one, fewer get company.
        let ones = vec![vec![1; probes]; 2];
        let (head, tail) = x.lengths.split_at(outer);
        let merged: Vec<Length> = match head {
            [a, b] => vec![a.clone(), b.clone()],
            [first, rest @ ..] => vec![first.clone(), product(rest, probes)],
            [] => ones,
        };
        let tail_results = &results[outer..];
        let mut x = reshape(em, &x, &[&merged[..], tail].concat())?;
        let number = em.number(float, nothing);
        for (i, apart) in self.apart.iter().enumerate().filter(|(_, d)| **d > 1) {
            x = stretched(em, &x, i + 2, apart - 1, &number)?;
        }
        let mut attributes =
            vec![("kernel_shape", self.window[..].into()), ("strides", self.strides[..].into())];
        if self.dilations.iter().any(|d| *d > 1) {
            attributes.push(("dilations", self.dilations[..].into()));
        }
        if !same {
            if !self.is_same(&x) {
                return Err(Error::unsupported("padding that depends on lengths in this way, as ONNX"));
            }
            attributes.push(("auto_pad", "SAME_UPPER".into()));
        } else if self.pads_itself() {
            let pads = &self.padding[0];
            let pads = pads.iter().map(|p| p.0 as i64).chain(pads.iter().map(|p| p.1 as i64));
            attributes.push(("pads", pads.collect::<Vec<i64>>().into()));
        } else {
            let amounts = [&[(0, 0); 2][..], &self.padding[0]].concat();
            let lengths = x.lengths.iter().zip(&amounts).map(|(l, a)| moved(l, *a)).collect();
            x = padded(em, &x, &amounts, &number, lengths)?;
        }
        let name = em.full(&x)?;
        let mut name = self.pool(em, &name, attributes);
        if given != float {
            name = em.cast(&name, given);
        }
        let y = em.wire(name, given, [&merged[..], tail_results].concat());
        reshape(em, &y, results)
    }

    fn pool(
        &self,
        em: &mut Emitter,
        x: &str,
        mut attributes: Vec<(&'static str, super::proto::Attribute)>,
    ) -> String {
        match self.kind {
            Reduction::Sum => {
                attributes.push(("count_include_pad", 1.into()));
                let mean = em.node("AveragePool", &[x], attributes);
                let count = em.number(DType::F32, self.window.iter().product::<usize>() as f64);
                em.node("Mul", &[&mean, &count], Vec::new())
            }
            Reduction::Min => {
                let negative = em.node("Neg", &[x], Vec::new());
                let largest = em.node("MaxPool", &[&negative], attributes);
                em.node("Neg", &[&largest], Vec::new())
            }
            _ => em.node("MaxPool", &[x], attributes),
        }
    }

    /// Whether the padding is in all traces what Keras calls "same".
    fn is_same(&self, x: &Wire) -> bool {
        let axis = |trace: usize, i: usize| {
            same_amount(x.lengths[i + 2][trace], self.window[i], self.strides[i]) == self.padding[trace][i]
        };
        let all = (0..self.padding.len()).all(|t| (0..self.window.len()).all(|i| axis(t, i)));
        all && self.dilations.iter().all(|d| *d == 1)
    }
}
