//! The gradient of `scan`: another scan that walks the other way.
//!
//! The body and its backward pass are traced as one graph. What of it does not need the coming gradients is forward
//! work: the original scan is run again with those values stacked as further results (a pass merges it with the
//! original, so the work is done once). The rest is the body of the backward scan. Gradients of captured values that
//! are products or sums over what each step makes are taken once, over all steps, after the scan.

use super::scan::{Body, Scan};
use super::{DotGeneral, Op, Reduce, Reduction};
use crate::error::{Error, Result};
use crate::graph::autodiff::{Vjp, backward, records};
use crate::graph::{Graph, Node, Trace, ValueId};
use crate::tensor::Tensor;
use std::collections::HashMap;
use std::sync::Arc;

/// Body and backward pass in one graph.
struct Joint {
    graph: Graph,
    /// Parameters of the body; those after them are coming gradients.
    inner: Vec<ValueId>,
    /// Coming gradients of the body's outputs, where they are float.
    coming: Vec<Option<ValueId>>,
    /// Gradients of the body's parameters, where they are wanted.
    gradients: Vec<Option<ValueId>>,
}

pub(super) fn vjp(scan: &Scan, cx: &Vjp) -> Result<Vec<Option<Tensor>>> {
    let outside = Trace::inside(cx.inputs.iter());
    let joint = joint(scan, cx.wanted, &outside)?;
    Backward::new(scan, cx, &joint).run()
}

/// Traces the backward pass behind the body.
fn joint(scan: &Scan, wanted: &[bool], outside: &Trace) -> Result<Joint> {
    let body = &scan.body.0;
    let (trace, parameters, outputs) = Trace::resume(body, outside);
    let records = records(&trace, body.nodes().len());
    let _entered = trace.enter();
    let coming: Vec<Option<Tensor>> = outputs
        .iter()
        .map(|y| y.dtype().is_float().then(|| trace.parameter("gradient", y.dtype(), y.shape())))
        .collect();
    // A carry's gradient is needed for the step before, whoever asks for it.
    let asked = |i: usize| parameters[i].dtype().is_float() && (i < scan.carries || wanted[i]);
    let sources: Vec<usize> = (0..parameters.len()).filter(|i| asked(*i)).collect();
    let targets: Vec<(Tensor, Tensor)> =
        outputs.iter().zip(&coming).filter_map(|(y, g)| Some((y.clone(), g.clone()?))).collect();
    let found = backward(&records, &targets, &sources.iter().map(|i| &parameters[*i]).collect::<Vec<_>>())?;
    let zero = |t: &Tensor| Tensor::full(t.dtype(), t.shape(), 0.0);
    let found: Vec<Tensor> =
        sources.iter().zip(found).map(|(i, g)| g.unwrap_or_else(|| zero(&parameters[*i]))).collect();
    let graph = trace.finish(&found)?;
    let mut gradients = vec![None; parameters.len()];
    sources.iter().zip(&graph.outputs).for_each(|(i, v)| gradients[*i] = Some(*v));
    let coming = coming.into_iter().map(|g| g.and_then(|g| g.as_node().map(|(_, id)| id))).collect();
    Ok(Joint { inner: body.parameters().to_vec(), graph, coming, gradients })
}

/// A gradient of a captured value as something that can be taken over all steps at once.
enum Sum {
    Product(DotGeneral, ValueId, ValueId),
    Reduced(Vec<usize>, ValueId),
    Transposed(Vec<usize>, Box<Sum>),
    Reshaped(Box<Sum>, ValueId),
    Added(Box<Sum>, Box<Sum>),
}

/// The backward scan under construction.
struct Backward<'a> {
    scan: &'a Scan,
    cx: &'a Vjp<'a>,
    joint: &'a Joint,
    /// By value of the joint graph: whether it needs coming gradients, and whether it differs from step to step.
    needs: Vec<bool>,
    varies: Vec<bool>,
    graph: Graph,
    map: HashMap<ValueId, ValueId>,
    /// Values of the joint graph that come in as sequences, in order.
    sequences: Vec<ValueId>,
    /// Captured parameters that come in, by their number.
    captured: Vec<usize>,
    /// Values of the joint graph that go out as stacked results, in order.
    stacked: Vec<ValueId>,
}

impl<'a> Backward<'a> {
    fn new(scan: &'a Scan, cx: &'a Vjp<'a>, joint: &'a Joint) -> Self {
        let n = joint.graph.value_count();
        let (mut needs, mut varies) = (vec![false; n], vec![false; n]);
        joint.coming.iter().flatten().for_each(|v| (needs[v.index()], varies[v.index()]) = (true, true));
        joint.inner[..scan.carries + scan.sequences].iter().for_each(|v| varies[v.index()] = true);
        for node in joint.graph.nodes() {
            let any = |marks: &[bool]| node.inputs.iter().any(|v| marks[v.index()]);
            let (need, vary) = (any(&needs), any(&varies));
            node.outputs().for_each(|v| {
                needs[v.index()] |= need;
                varies[v.index()] |= vary;
            });
        }
        Backward {
            scan,
            cx,
            joint,
            needs,
            varies,
            graph: Graph::new(),
            map: HashMap::new(),
            sequences: Vec::new(),
            captured: Vec::new(),
            stacked: Vec::new(),
        }
    }

    fn run(mut self) -> Result<Vec<Option<Tensor>>> {
        let (carries, both) = (self.scan.carries, self.scan.carries + self.scan.sequences);
        let of = |i: usize| self.joint.gradients[i];
        let moving: Vec<usize> = (0..carries).filter(|i| of(*i).is_some()).collect();
        let sliced: Vec<usize> = (carries..both).filter(|i| of(*i).is_some()).collect();
        let mut summed: Vec<(usize, Sum)> = Vec::new();
        let mut added: Vec<usize> = Vec::new();
        for i in both..self.joint.inner.len() {
            let Some(g) = of(i) else { continue };
            match self.sum(g) {
                Some(sum) => summed.push((i, sum)),
                None => added.push(i),
            }
        }
        for (_, sum) in &summed {
            self.go_out(sum);
        }
        sliced.iter().filter_map(|i| self.joint.gradients[*i]).for_each(|g| self.go_out_value(g));
        let last = |i: &usize| self.joint.gradients[*i];
        let goals: Vec<ValueId> = moving.iter().chain(&added).filter_map(last).collect();
        self.build(&moving, &added, &goals)?;
        let stacks = self.execute(&moving, &added)?;
        self.collect(&moving, &sliced, &added, &summed, stacks)
    }

    /// Reads a captured value's gradient as a sum over steps, if it is one.
    fn sum(&self, g: ValueId) -> Option<Sum> {
        let node = self.joint.graph.producer(g);
        let per_step = |v: &ValueId| self.varies[v.index()];
        match &node.op {
            Op::DotGeneral(d) if d.lhs_batch.is_empty() && node.inputs.iter().all(per_step) => {
                Some(Sum::Product(d.clone(), node.inputs[0], node.inputs[1]))
            }
            Op::Reduce(r) if r.kind == Reduction::Sum && per_step(&node.inputs[0]) => {
                Some(Sum::Reduced(r.axes.clone(), node.inputs[0]))
            }
            Op::Transpose(t) => {
                Some(Sum::Transposed(t.permutation.clone(), Box::new(self.sum(node.inputs[0])?)))
            }
            Op::Reshape(_) => Some(Sum::Reshaped(Box::new(self.sum(node.inputs[0])?), g)),
            Op::Binary(super::Binary::Add) => {
                let shape = |v: &ValueId| self.joint.graph.ty(*v).shape.clone();
                // A broadcast inside the sum would count steps wrongly.
                let same = node.inputs.iter().all(|v| shape(v) == shape(&g));
                let side = |i: usize| self.sum(node.inputs[i]).map(Box::new);
                if same { Some(Sum::Added(side(0)?, side(1)?)) } else { None }
            }
            _ => None,
        }
    }

    fn go_out(&mut self, sum: &Sum) {
        match sum {
            Sum::Product(_, a, b) => [*a, *b].into_iter().for_each(|v| self.go_out_value(v)),
            Sum::Reduced(_, v) => self.go_out_value(*v),
            Sum::Transposed(_, inner) | Sum::Reshaped(inner, _) => self.go_out(inner),
            Sum::Added(a, b) => {
                self.go_out(a);
                self.go_out(b);
            }
        }
    }

    /// A value that is wanted as a stack: what needs no coming gradient is stacked by the forward scan already.
    fn go_out_value(&mut self, v: ValueId) {
        let list = if self.needs[v.index()] { &mut self.stacked } else { &mut self.sequences };
        if !list.contains(&v) {
            list.push(v);
        }
    }

    /// Nodes that are cheaper to do again than to stack.
    fn cheap(node: &Node) -> bool {
        matches!(
            node.op,
            Op::Reshape(_) | Op::BroadcastInDim(_) | Op::Transpose(_) | Op::Convert(_) | Op::StopGradient(_)
        )
    }

    /// Builds the body of the backward scan.
    fn build(&mut self, moving: &[usize], added: &[usize], goals: &[ValueId]) -> Result<()> {
        let joint = self.joint;
        // Which nodes the backward body holds: all that lead from coming gradients to what is asked for, and whatever
        // is the same at each step or cheap.
        let mut inside = vec![false; joint.graph.nodes().len()];
        let mut open: Vec<ValueId> = goals.iter().chain(&self.stacked).copied().collect();
        while let Some(v) = open.pop() {
            let id = joint.graph.producer_id(v);
            let node = joint.graph.node(id);
            let parameter = matches!(node.op, Op::Parameter(_));
            let held = self.needs[v.index()] || !self.varies[v.index()] || Self::cheap(node);
            if parameter || !held {
                self.come_in(v);
            } else if !inside[id.index()] {
                inside[id.index()] = true;
                open.extend(&node.inputs);
            }
        }
        self.captured.sort_unstable();
        self.parameters(moving, added)?;
        for (i, node) in joint.graph.nodes().iter().enumerate().filter(|(i, _)| inside[*i]) {
            debug_assert!(i < joint.graph.nodes().len());
            let inputs = node.inputs.iter().map(|v| self.mapped(*v)).collect::<Result<Vec<_>>>()?;
            let types = node.outputs().map(|v| joint.graph.ty(v).clone()).collect();
            let id = self.graph.push(node.op.clone(), inputs, types, node.scope.clone());
            let made: Vec<ValueId> = self.graph.node(id).outputs().collect();
            self.map.extend(node.outputs().zip(made));
        }
        let first: Vec<ValueId> = self.graph.parameters()[moving.len()..moving.len() + added.len()].to_vec();
        let mut outputs = Vec::new();
        for (k, goal) in goals.iter().enumerate() {
            let value = self.mapped(*goal)?;
            outputs.push(if k < moving.len() {
                value
            } else {
                let sum = vec![first[k - moving.len()], value];
                let id = self.graph.add(Op::Binary(super::Binary::Add), sum, None)?;
                self.graph.node(id).output()
            });
        }
        for v in self.stacked.clone() {
            outputs.push(self.mapped(v)?);
        }
        self.graph.outputs = outputs;
        Ok(())
    }

    fn mapped(&self, v: ValueId) -> Result<ValueId> {
        self.map
            .get(&v)
            .copied()
            .ok_or_else(|| Error::value("gradient of scan").expected("a value that was made"))
    }

    /// A value from outside the backward body: a captured one, or one that is stacked by the forward scan.
    fn come_in(&mut self, v: ValueId) {
        let number = self.joint.inner.iter().position(|p| *p == v);
        match number.filter(|i| *i >= self.scan.carries + self.scan.sequences) {
            Some(i) if !self.captured.contains(&i) => self.captured.push(i),
            Some(_) => {}
            None if self.joint.coming.contains(&Some(v)) || self.sequences.contains(&v) => {}
            None => self.sequences.push(v),
        }
    }

    /// Parameters in the order of a scan: carries, sequences, captured values.
    fn parameters(&mut self, moving: &[usize], added: &[usize]) -> Result<()> {
        let joint = self.joint;
        let carried = moving.iter().map(|i| joint.coming[*i]);
        let sums = added.iter().map(|_| None);
        let coming: Vec<ValueId> = joint.coming[self.scan.carries..].iter().flatten().copied().collect();
        let slices = coming.iter().chain(&self.sequences).copied().map(Some);
        let captured = self.captured.iter().map(|i| Some(joint.inner[*i]));
        let all: Vec<Option<ValueId>> = carried.chain(sums).chain(slices).chain(captured).collect();
        for (index, value) in all.into_iter().enumerate() {
            let ty = match value {
                Some(v) => joint.graph.ty(v).clone(),
                None => {
                    let i = added[index - moving.len()];
                    joint.graph.ty(joint.inner[i]).clone()
                }
            };
            let op = Op::Parameter(super::Parameter { index, name: "x".to_string() });
            let id = self.graph.push(op, Vec::new(), vec![ty], None);
            if let Some(v) = value {
                self.map.insert(v, self.graph.node(id).output());
            }
        }
        Ok(())
    }

    /// Runs the forward scan with all stacks and the backward scan; gives the results of the latter and all stacks by
    /// value of the joint graph.
    fn execute(&self, moving: &[usize], added: &[usize]) -> Result<(Vec<Tensor>, HashMap<ValueId, Tensor>)> {
        let (scan, cx) = (self.scan, self.cx);
        let mut stacks = self.forward()?;
        let zero = |t: &Tensor| Tensor::full(t.dtype(), t.shape(), 0.0);
        let carried = moving.iter().map(|i| cx.ct_of(*i));
        let sums = added.iter().map(|i| zero(&cx.inputs[*i]));
        let coming =
            (scan.carries..cx.outputs.len()).filter(|i| self.joint.coming[*i].is_some()).map(|i| cx.ct_of(i));
        let slices = self.sequences.iter().map(|v| {
            stacks.get(v).cloned().ok_or_else(|| Error::value("gradient of scan").expected("a stack"))
        });
        let slices = slices.collect::<Result<Vec<_>>>()?;
        let captured = self.captured.iter().map(|i| cx.inputs[*i].clone());
        let sequences = coming.clone().count() + slices.len();
        let inputs: Vec<Tensor> = carried.chain(sums).chain(coming).chain(slices).chain(captured).collect();
        let back = Scan {
            body: Body(Arc::new(self.graph.clone())),
            carries: moving.len() + added.len(),
            sequences,
            length: self.length(),
            reverse: !scan.reverse,
        };
        let results = Tensor::apply_many(back, &inputs.iter().collect::<Vec<_>>());
        results.iter().try_for_each(|t| t.check().map(|_| ()))?;
        let made = results[moving.len() + added.len()..].iter().cloned();
        stacks.extend(self.stacked.iter().copied().zip(made));
        Ok((results, stacks))
    }

    fn length(&self) -> crate::Dim {
        let first =
            self.cx.inputs[self.scan.carries..].iter().take(self.scan.sequences).map(|t| t.dim(0)).next();
        first.unwrap_or(self.scan.length)
    }

    /// The original scan with further results: what the backward scan reads.
    fn forward(&self) -> Result<HashMap<ValueId, Tensor>> {
        let (scan, joint) = (self.scan, self.joint);
        let given = |v: &ValueId| joint.inner.iter().position(|p| p == v).filter(|i| *i >= scan.carries);
        let mut stacks = HashMap::new();
        let mut more = Vec::new();
        for v in &self.sequences {
            match given(v) {
                Some(i) => drop(stacks.insert(*v, self.cx.inputs[i].clone())),
                None => more.push(*v),
            }
        }
        if more.is_empty() {
            return Ok(stacks);
        }
        let (mut body, mut map) = (Graph::new(), HashMap::new());
        for node in joint.graph.nodes() {
            // The body's own nodes come first and stay as they are, so that a pass finds the original in this one.
            if node.outputs().any(|v| self.needs[v.index()]) {
                continue;
            }
            let inputs = node.inputs.iter().map(|v| map[v]).collect();
            let types = node.outputs().map(|v| joint.graph.ty(v).clone()).collect();
            let id = body.push(node.op.clone(), inputs, types, node.scope.clone());
            let made: Vec<ValueId> = body.node(id).outputs().collect();
            map.extend(node.outputs().zip(made));
        }
        body.outputs = scan.body.0.outputs.iter().chain(&more).map(|v| map[v]).collect();
        let extended = Scan { body: Body(Arc::new(body)), ..scan.clone() };
        let results = Tensor::apply_many(extended, &self.cx.inputs.iter().collect::<Vec<_>>());
        results.iter().try_for_each(|t| t.check().map(|_| ()))?;
        stacks.extend(more.into_iter().zip(results.into_iter().skip(self.cx.outputs.len())));
        Ok(stacks)
    }

    fn collect(
        &self,
        moving: &[usize],
        sliced: &[usize],
        added: &[usize],
        summed: &[(usize, Sum)],
        (results, stacks): (Vec<Tensor>, HashMap<ValueId, Tensor>),
    ) -> Result<Vec<Option<Tensor>>> {
        let mut all: Vec<Option<Tensor>> = vec![None; self.cx.inputs.len()];
        moving.iter().chain(added).zip(results).for_each(|(i, g)| all[*i] = Some(g));
        for i in sliced {
            all[*i] = self.joint.gradients[*i].and_then(|g| self.stack(&stacks, g));
        }
        for (i, sum) in summed {
            let total = self.total(sum, &stacks);
            all[*i] = Some(total.ok_or_else(|| Error::value("gradient of scan").expected("a stack"))?);
        }
        Ok(all)
    }

    /// The stack of a value; one that is the same at each step is repeated.
    fn stack(&self, stacks: &HashMap<ValueId, Tensor>, v: ValueId) -> Option<Tensor> {
        stacks.get(&v).cloned()
    }

    /// A sum over steps, taken over the stacks.
    fn total(&self, sum: &Sum, stacks: &HashMap<ValueId, Tensor>) -> Option<Tensor> {
        let later = |axes: &[usize]| [0].into_iter().chain(axes.iter().map(|a| a + 1)).collect::<Vec<_>>();
        Some(match sum {
            Sum::Product(d, a, b) => {
                let dot = DotGeneral {
                    lhs_contract: later(&d.lhs_contract),
                    rhs_contract: later(&d.rhs_contract),
                    ..d.clone()
                };
                stacks.get(a)?.dot_general(stacks.get(b)?, dot)
            }
            Sum::Reduced(axes, v) => {
                Tensor::apply(Reduce { kind: Reduction::Sum, axes: later(axes) }, &[stacks.get(v)?])
            }
            Sum::Transposed(permutation, inner) => self.total(inner, stacks)?.transpose(permutation),
            Sum::Reshaped(inner, v) => {
                self.total(inner, stacks)?.reshape(self.joint.graph.ty(*v).shape.clone())
            }
            Sum::Added(a, b) => self.total(a, stacks)? + self.total(b, stacks)?,
        })
    }
}
