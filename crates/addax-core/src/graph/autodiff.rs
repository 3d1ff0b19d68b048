//! Reverse-mode differentiation: a graph gives a graph. Gradients are written in ops, so they differentiate again.

use super::{Node, Trace, ValueId};
use crate::error::{Error, Result};
use crate::ops::Op;
use crate::tensor::{Identity, Tensor};
use std::collections::{HashMap, HashSet};

/// One applied op: what the backward pass walks over.
#[derive(Clone)]
pub struct Record {
    /// The op.
    pub op: Op,
    /// Its inputs.
    pub inputs: Vec<Tensor>,
    /// Its results.
    pub outputs: Vec<Tensor>,
}

/// What an op's gradient rule sees.
pub struct Vjp<'a> {
    /// The inputs of the op.
    pub inputs: &'a [Tensor],
    /// Its results.
    pub outputs: &'a [Tensor],
    /// The gradient of the target by each result; `None` where it does not depend on it.
    pub cotangents: &'a [Option<Tensor>],
    /// Which inputs want a gradient; a rule may skip the others.
    pub wanted: &'a [bool],
}

impl Vjp<'_> {
    /// The `i`th input.
    pub fn x(&self, i: usize) -> &Tensor {
        &self.inputs[i]
    }

    /// The only (or first) result.
    pub fn y(&self) -> &Tensor {
        &self.outputs[0]
    }

    /// The gradient by the first result; zeros if there is none.
    pub fn ct(&self) -> Tensor {
        self.ct_of(0)
    }

    /// The gradient by the `i`th result; zeros if there is none.
    pub fn ct_of(&self, i: usize) -> Tensor {
        let y = &self.outputs[i];
        self.cotangents[i].clone().unwrap_or_else(|| Tensor::full(y.dtype(), y.shape(), 0.0))
    }
}

/// Gradients of `targets` (each with its cotangent) by `sources`, adding nodes to the trace the tensors live in.
///
/// `None` where no target depends on the source.
///
/// ```
/// use addax_core::{DType, Trace, gradients};
/// let trace = Trace::new();
/// let x = trace.parameter("x", DType::F32, [3]);
/// let y = (&x * &x).sum_all();
/// let dx = gradients(&y, &[&x]).unwrap().remove(0).unwrap();
/// assert_eq!(dx.shape().to_string(), "(3,)");
/// ```
pub fn gradients(target: &Tensor, sources: &[&Tensor]) -> Result<Vec<Option<Tensor>>> {
    target.check()?;
    let Some((trace, id)) = target.as_node() else {
        return Err(Error::value("gradients")
            .expected("a traced target")
            .got("a concrete tensor")
            .hint("Use GradientTape."));
    };
    let records = records(trace, trace.with_graph(|g| g.producer_id(id).index() + 1));
    let _entered = trace.enter();
    let ones = Tensor::full(target.dtype(), target.shape(), 1.0);
    backward(&records, &[(target.clone(), ones)], sources)
}

/// What was applied to make the first `upto` nodes of a trace.
pub(crate) fn records(trace: &Trace, upto: usize) -> Vec<Record> {
    trace.with_graph(|graph| {
        let tensor = |v: &ValueId| Tensor::node(trace.clone(), *v, graph.ty(*v).clone());
        let record = |n: &Node| Record {
            op: n.op.clone(),
            inputs: n.inputs.iter().map(tensor).collect(),
            outputs: n.outputs().map(|v| tensor(&v)).collect(),
        };
        graph.nodes()[..upto].iter().map(record).collect()
    })
}

/// Walks the records backwards from the targets' cotangents to the sources.
pub fn backward(
    records: &[Record],
    targets: &[(Tensor, Tensor)],
    sources: &[&Tensor],
) -> Result<Vec<Option<Tensor>>> {
    let needed = depends_on(records, sources);
    let mut cotangent: HashMap<Identity, Tensor> = HashMap::new();
    for (target, ct) in targets {
        accumulate(&mut cotangent, target, ct.clone());
    }
    for record in records.iter().rev() {
        let cotangents: Vec<Option<Tensor>> =
            record.outputs.iter().map(|t| cotangent.get(&t.identity()).cloned()).collect();
        if cotangents.iter().all(Option::is_none) {
            continue;
        }
        let wanted: Vec<bool> = record.inputs.iter().map(|t| needed.contains(&t.identity())).collect();
        if !wanted.contains(&true) {
            continue;
        }
        let vjp = Vjp {
            inputs: &record.inputs,
            outputs: &record.outputs,
            cotangents: &cotangents,
            wanted: &wanted,
        };
        let pulled = record.op.vjp(&vjp);
        for ((input, wanted), ct) in record.inputs.iter().zip(&wanted).zip(pulled) {
            if let (true, Some(ct)) = (*wanted, ct) {
                ct.check().map_err(|e| e.at(format_args!("gradient of {}", record.op.name())))?;
                accumulate(&mut cotangent, input, ct);
            }
        }
    }
    Ok(sources.iter().map(|s| cotangent.get(&s.identity()).cloned()).collect())
}

fn accumulate(cotangent: &mut HashMap<Identity, Tensor>, tensor: &Tensor, ct: Tensor) {
    cotangent.entry(tensor.identity()).and_modify(|sum| *sum = &*sum + &ct).or_insert(ct);
}

/// The float tensors that depend on a source: only they carry gradients.
fn depends_on(records: &[Record], sources: &[&Tensor]) -> HashSet<Identity> {
    let mut set: HashSet<Identity> = sources.iter().map(|s| s.identity()).collect();
    for record in records {
        if record.inputs.iter().any(|t| set.contains(&t.identity())) {
            set.extend(record.outputs.iter().filter(|t| t.dtype().is_float()).map(Tensor::identity));
        }
    }
    set
}
