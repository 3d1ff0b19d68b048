//! The graphs of training, evaluation and prediction: one trace each, all over the same state.
//!
//! State: weights, the optimizer's arrays, totals of loss and metrics (two float64 numbers each: sum and count), the
//! step's number. Inputs: the key of chance, the model's inputs, the targets, the sample weights if there are any.

use super::compile::{Compile, LossRequest, MetricRequest};
use crate::losses::{LossHandle, crossentropy_for, reduced};
use crate::metrics::{MetricHandle, accuracy_for, is_accuracy, totals};
use crate::models::Network;
use crate::optimizers::{StateSpec, Variable, apply, state_specs};
use crate::scope::{Scope, Weight};
use addax_core::{DType, Error, Program, Result, Shape, Tensor, TensorType, Trace, gradients};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A number that is shown: its key, and what to do with the mean of its totals.
pub(crate) struct Shown {
    pub key: String,
    what: What,
}

enum What {
    Loss,
    OutputLoss(usize),
    Metric { output: usize, metric: MetricHandle, weighted: bool },
}

/// A compiled configuration for one model: losses per output, what is shown, what the state holds.
pub(crate) struct Job {
    pub network: Arc<Network>,
    pub compile: Compile,
    pub losses: Vec<LossHandle>,
    pub shown: Vec<Shown>,
    pub weights: Vec<(Arc<Weight>, bool)>,
    pub optimizer: Vec<StateSpec>,
}

/// Which graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Train,
    Evaluate,
    Predict,
}

/// The types of a batch.
pub(crate) struct BatchTypes {
    pub x: Vec<TensorType>,
    pub y: Vec<TensorType>,
    pub weighted: bool,
}

impl Job {
    /// Resolves what was asked for against the model and the shapes of the targets.
    pub fn new(network: &Arc<Network>, compile: &Compile, targets: &[Shape]) -> Result<Job> {
        let names = network.output_names();
        let known = |name: &Option<String>| match name {
            Some(n) if !names.contains(n) => {
                Err(Error::unknown("output", n, names.iter().map(String::as_str)))
            }
            _ => Ok(()),
        };
        compile.losses.iter().try_for_each(|(n, _)| known(n))?;
        compile.metrics.iter().chain(&compile.weighted_metrics).try_for_each(|(n, _)| known(n))?;
        let several = names.len() > 1;
        let losses = (0..names.len())
            .map(|i| loss_of(compile, network, &names, i, targets))
            .collect::<Result<Vec<_>>>()?;
        let mut shown = vec![Shown { key: "loss".into(), what: What::Loss }];
        if several {
            shown.extend(
                names
                    .iter()
                    .enumerate()
                    .map(|(i, n)| Shown { key: format!("{n}_loss"), what: What::OutputLoss(i) }),
            );
        }
        for (list, weighted) in [(&compile.metrics, false), (&compile.weighted_metrics, true)] {
            for (place, (output, request)) in list.iter().enumerate() {
                let output = match output {
                    Some(name) => names.iter().position(|n| n == name).unwrap_or(0),
                    None if several => {
                        let error = Error::value("metrics")
                            .expected("metrics_for an output, since the model has several");
                        return Err(error.got(format!("{request:?}")));
                    }
                    None => 0,
                };
                let target = targets.get(output).cloned().unwrap_or_default();
                let (name, metric) = metric_of(request, network.outputs()[output].shape(), &target)?;
                let prefix = if several { format!("{}_", names[output]) } else { String::new() };
                let key = unique_key(&shown, format!("{prefix}{name}"), weighted);
                debug_assert!(place < list.len());
                shown.push(Shown { key, what: What::Metric { output, metric, weighted } });
            }
        }
        let weights = network.weights();
        let types: Vec<(DType, Shape)> =
            weights.iter().filter(|w| w.1).map(|(w, _)| (w.dtype, Shape::of(&w.shape))).collect();
        let optimizer = state_specs(&**compile.optimizer.get()?, &types);
        Ok(Job { network: network.clone(), compile: compile.clone(), losses, shown, weights, optimizer })
    }

    /// The types of the state, in order.
    pub fn state(&self) -> Vec<TensorType> {
        let weights = self.weights.iter().map(|(w, _)| TensorType::new(w.dtype, &w.shape[..]));
        let optimizer = self.optimizer.iter().map(|s| TensorType::new(s.dtype, &s.shape));
        let totals = (0..2 * self.shown.len()).map(|_| TensorType::new(DType::F64, Shape::scalar()));
        weights.chain(optimizer).chain(totals).chain([TensorType::new(DType::U32, Shape::scalar())]).collect()
    }

    /// Where the totals begin in the state.
    pub fn first_total(&self) -> usize {
        self.weights.len() + self.optimizer.len()
    }

    /// Where the optimizer's learning rate stands in the state.
    pub fn learning_rate(&self) -> usize {
        self.weights.len() + 1
    }

    /// Sums and counts as the numbers that are shown.
    pub fn results(&self, totals: &[f64]) -> BTreeMap<String, f64> {
        let value = |(shown, pair): (&Shown, &[f64])| {
            let mean = if pair[1] == 0.0 { 0.0 } else { pair[0] / pair[1] };
            let value = match &shown.what {
                What::Metric { metric, .. } => metric.get().map_or(mean, |m| m.finish(mean)),
                _ => mean,
            };
            (shown.key.clone(), value)
        };
        self.shown.iter().zip(totals.chunks(2)).map(value).collect()
    }

    /// Traces one of the graphs for a batch.
    pub fn program(&self, kind: Kind, batch: &BatchTypes) -> Result<Program> {
        let trace = Trace::new();
        let entered = trace.enter();
        let types = self.state();
        let state: Vec<Tensor> = types.iter().map(|t| trace.parameter("state", t.dtype, &t.shape)).collect();
        let key = trace.parameter("key", DType::U32, [2]);
        let inputs = |list: &[TensorType], name: &str| -> Vec<Tensor> {
            list.iter().map(|t| trace.parameter(name, t.dtype, &t.shape)).collect()
        };
        let (x, y) = (inputs(&batch.x, "x"), inputs(&batch.y, "y"));
        let rows = batch.x.first().and_then(|t| t.shape.get(0)).unwrap_or(addax_core::Dim::new(0));
        let weight = batch.weighted.then(|| trace.parameter("sample_weight", DType::F32, [rows]));

        let mut cx = Scope::new(&trace, kind == Kind::Train);
        let (weights, rest) = state.split_at(self.weights.len());
        let step = &state[state.len() - 1];
        cx.bind(&self.weights.iter().map(|w| w.0.clone()).collect::<Vec<_>>(), weights);
        cx.set_chance(key, step.clone());
        let outputs = self.network.forward(&mut cx, &x)?;
        let mut new = state.clone();
        if kind == Kind::Predict {
            drop(entered);
            return Ok(Program { graph: trace.finish(&[new, outputs].concat())?, state: state.len() });
        }

        let (total, each) = self.loss(&cx, weights, &y, &outputs, weight.as_ref())?;
        let first = self.first_total();
        let rows = rows.known().unwrap_or(1) as f64;
        for (i, shown) in self.shown.iter().enumerate() {
            let by_rows = |loss: &Tensor| [loss.cast(DType::F64) * rows, Tensor::constant(DType::F64, rows)];
            let [sum, count] = match &shown.what {
                What::Loss => by_rows(&total),
                What::OutputLoss(o) => by_rows(&each[*o]),
                What::Metric { output, metric, weighted } => {
                    let w = weight.as_ref().filter(|_| *weighted);
                    totals(&**metric.get()?, &y[*output], &outputs[*output], w)
                }
            };
            let at = first + 2 * i;
            new[at] = &state[at] + sum.cast(DType::F64);
            new[at + 1] = &state[at + 1] + count.cast(DType::F64);
        }
        if kind == Kind::Train {
            self.update(&total, &cx, weights, &rest[..self.optimizer.len()], &mut new)?;
            let last = new.len() - 1;
            new[last] = step + 1.0;
        }
        drop(entered);
        Ok(Program { graph: trace.finish(&new)?, state: state.len() })
    }

    /// The loss with all penalties, and each output's own.
    fn loss(
        &self,
        cx: &Scope,
        weights: &[Tensor],
        y: &[Tensor],
        outputs: &[Tensor],
        weight: Option<&Tensor>,
    ) -> Result<(Tensor, Vec<Tensor>)> {
        let mut each = Vec::new();
        for ((loss, y), output) in self.losses.iter().zip(y).zip(outputs) {
            each.push(reduced(&**loss.get()?, y, output, weight));
        }
        let share = |i: usize| self.compile.loss_weights.get(i).copied().unwrap_or(1.0);
        let mut terms: Vec<Tensor> = each
            .iter()
            .enumerate()
            .map(|(i, l)| if share(i) == 1.0 { l.clone() } else { l * share(i) })
            .collect();
        for ((w, _), tensor) in self.weights.iter().zip(weights) {
            if let Some(r) = &w.regularizer {
                terms.push(r.get()?.penalty(tensor));
            }
        }
        terms.extend(cx.losses.iter().cloned());
        let total = terms.into_iter().reduce(|a, b| a + b);
        let total = total.ok_or_else(|| Error::value("model").expected("at least one output"))?;
        total.check()?;
        Ok((total, each))
    }

    fn update(
        &self,
        loss: &Tensor,
        cx: &Scope,
        weights: &[Tensor],
        state: &[Tensor],
        new: &mut [Tensor],
    ) -> Result<()> {
        let open: Vec<usize> = (0..weights.len()).filter(|i| self.weights[*i].1).collect();
        let sources: Vec<&Tensor> = open.iter().map(|i| &weights[*i]).collect();
        let found = if sources.is_empty() { Vec::new() } else { gradients(loss, &sources)? };
        let variables: Vec<Variable> = open
            .iter()
            .zip(found)
            .map(|(i, gradient)| {
                let value = weights[*i].clone();
                let gradient = gradient.unwrap_or_else(|| value.filled(0.0));
                Variable { value, gradient, constraint: self.weights[*i].0.constraint.clone() }
            })
            .collect();
        let applied = apply(&**self.compile.optimizer.get()?, &variables, state)?;
        open.iter().zip(applied.values).for_each(|(i, w)| new[*i] = w);
        applied.state.into_iter().enumerate().for_each(|(i, s)| new[self.weights.len() + i] = s);
        for (weight, value) in &cx.updates {
            if let Some(i) = self.weights.iter().position(|(w, _)| Arc::ptr_eq(w, weight)) {
                new[i] = value.clone();
            }
        }
        Ok(())
    }
}

fn loss_of(
    compile: &Compile,
    network: &Network,
    names: &[String],
    i: usize,
    targets: &[Shape],
) -> Result<LossHandle> {
    let named = compile.losses.iter().find(|(n, _)| n.as_ref() == Some(&names[i]));
    let common: Vec<_> = compile.losses.iter().filter(|(n, _)| n.is_none()).collect();
    // Several losses without names belong to the outputs in order.
    let found = named.or(if common.len() > 1 { common.get(i).copied() } else { common.first().copied() });
    let (_, request) = found.ok_or_else(|| {
        Error::value(format!("loss of output \"{}\"", names[i]))
            .expected("a loss given to compile")
            .got("none")
    })?;
    match request {
        LossRequest::Object(l) => {
            l.get()?;
            Ok(l.clone())
        }
        LossRequest::Crossentropy => {
            crossentropy_for(network.outputs()[i].shape(), &targets.get(i).cloned().unwrap_or_default())
        }
    }
}

fn metric_of(request: &MetricRequest, output: &Shape, target: &Shape) -> Result<(String, MetricHandle)> {
    match request {
        MetricRequest::Object(m) => Ok((m.get()?.name(), m.clone())),
        MetricRequest::Named(name) if is_accuracy(name) => Ok((name.clone(), accuracy_for(output, target)?)),
        MetricRequest::Named(name) => {
            let metric = MetricHandle::from(name.as_str());
            metric.get()?;
            Ok((name.clone(), metric))
        }
    }
}

/// Repeated keys get a number; weighted metrics that repeat a plain one say so.
fn unique_key(shown: &[Shown], key: String, weighted: bool) -> String {
    let taken = |k: &str| shown.iter().any(|s| s.key == k);
    if !taken(&key) {
        return key;
    }
    let key = if weighted { format!("weighted_{key}") } else { key };
    if !taken(&key) {
        return key;
    }
    (1..).map(|i| format!("{key}_{i}")).find(|k| !taken(k)).unwrap_or(key)
}
