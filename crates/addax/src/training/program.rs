//! The graphs of training, evaluation and prediction: one trace each, all over the same state.
//!
//! State: weights, the optimizer's arrays, totals of loss and metrics (float64 arrays), the step's number. Inputs: the
//! key of chance, the model's inputs, the targets, the sample weights if there are any.

use super::compile::Compile;
use super::history::Logs;
use super::objective::{Outputs, Shown, Term, What, shown, terms};
use super::paths::paths;
use crate::losses::reduced;
use crate::metrics::{Batch, Reading};
use crate::models::Network;
use crate::optimizers::{Layout, Variable, WeightInfo};
use crate::scope::{Scope, Traced, Weight};
use addax_core::{DType, Dim, Error, Program, Result, Shape, Tensor, TensorType, Trace, Value, gradients};
use regex_lite::Regex;
use std::sync::Arc;

/// A compiled configuration for one model: losses, what is shown, what the state holds.
pub(crate) struct Job {
    pub network: Arc<Network>,
    pub compile: Compile,
    pub terms: Vec<Term>,
    pub shown: Vec<Shown>,
    pub weights: Vec<(Arc<Weight>, bool)>,
    /// Of the weights that may be trained: what they are, and whether they decay.
    infos: Vec<(WeightInfo, bool)>,
    pub optimizer: Layout,
}

/// Which graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    Train,
    Evaluate,
    Predict,
}

/// The types of a batch: inputs, targets and weights by output.
#[derive(Clone, PartialEq)]
pub(crate) struct BatchTypes {
    pub x: Vec<TensorType>,
    pub y: Vec<Option<TensorType>>,
    pub w: Vec<Option<TensorType>>,
}

/// A batch in a trace.
struct Traces {
    y: Vec<Option<Tensor>>,
    w: Vec<Option<Tensor>>,
    outputs: Vec<Traced>,
}

/// The loss as it is shown, as it is differentiated, and the losses one by one.
struct Losses {
    shown: Tensor,
    minimized: Tensor,
    each: Vec<Tensor>,
    /// Whether there is no loss at all, not even a penalty.
    none: bool,
}

impl Job {
    /// Resolves what was asked for against the model and the shapes of the targets.
    pub fn new(network: &Arc<Network>, compile: &Compile, targets: &[Option<Shape>]) -> Result<Job> {
        let outputs = Outputs::new(network, targets);
        let terms = terms(compile, &outputs)?;
        let shown = shown(compile, &outputs, &terms)?;
        Job::of(network, compile, terms, shown)
    }

    /// A job that only predicts: no losses, nothing shown.
    pub fn predicting(network: &Arc<Network>, compile: &Compile) -> Result<Job> {
        Job::of(network, compile, Vec::new(), Vec::new())
    }

    fn of(network: &Arc<Network>, compile: &Compile, terms: Vec<Term>, shown: Vec<Shown>) -> Result<Job> {
        let weights = network.weights();
        let infos = infos(network, &weights, &compile.undecayed)?;
        let all: Vec<WeightInfo> = infos.iter().map(|(i, _)| i.clone()).collect();
        let optimizer = compile.optimizer.get()?.layout(&all)?;
        let (network, compile) = (network.clone(), compile.clone());
        Ok(Job { network, compile, terms, shown, weights, infos, optimizer })
    }

    /// The types of the state, in order.
    pub fn state(&self) -> Vec<TensorType> {
        let weights = self.weights.iter().map(|(w, _)| TensorType::new(w.dtype, &w.shape[..]));
        let optimizer = self.optimizer.specs.iter().map(|s| TensorType::new(s.dtype, &s.shape));
        let totals = self.shown.iter().flat_map(|s| &s.totals).map(|s| TensorType::new(DType::F64, s));
        weights.chain(optimizer).chain(totals).chain([TensorType::new(DType::U32, Shape::scalar())]).collect()
    }

    /// Where the totals begin in the state.
    pub fn first_total(&self) -> usize {
        self.weights.len() + self.optimizer.specs.len()
    }

    /// How many totals there are.
    pub fn total_count(&self) -> usize {
        self.shown.iter().map(|s| s.totals.len()).sum()
    }

    /// The numbers of the weights that may be trained.
    pub fn open(&self) -> Vec<usize> {
        (0..self.weights.len()).filter(|i| self.weights[*i].1).collect()
    }

    /// Totals as the values that are shown.
    pub fn results(&self, totals: &[Value]) -> Result<Logs> {
        let (mut logs, mut rest) = (Logs::new(), totals);
        for shown in &self.shown {
            let (own, others) = rest.split_at(shown.totals.len().min(rest.len()));
            rest = others;
            let reading = match &shown.what {
                What::Metric { metric, .. } => metric.get()?.result(own)?,
                _ => mean(own)?,
            };
            logs.insert(shown.key.clone(), reading);
        }
        Ok(logs)
    }

    /// Traces one of the graphs for a batch.
    pub fn program(&self, kind: Kind, batch: &BatchTypes) -> Result<Program> {
        let trace = Trace::new();
        let entered = trace.enter();
        let parameter = |name: &str, t: &TensorType| trace.parameter(name, t.dtype, &t.shape);
        let state: Vec<Tensor> = self.state().iter().map(|t| parameter("state", t)).collect();
        let key = trace.parameter("key", DType::U32, [2]);
        let x: Vec<Traced> = batch.x.iter().map(|t| parameter("x", t).into()).collect();
        let optional = |list: &[Option<TensorType>], name: &str| -> Vec<Option<Tensor>> {
            list.iter().map(|t| t.as_ref().map(|t| parameter(name, t))).collect()
        };
        let (y, w) = (optional(&batch.y, "y"), optional(&batch.w, "sample_weight"));

        let mut cx = Scope::new(&trace, kind == Kind::Train);
        let (weights, rest) = state.split_at(self.weights.len());
        let step = &state[state.len() - 1];
        cx.bind(&self.weights.iter().map(|w| w.0.clone()).collect::<Vec<_>>(), weights);
        cx.set_chance(key, step.clone());
        let outputs = self.network.graph().forward_masked(&mut cx, &x)?;
        let mut new = state.clone();
        if kind == Kind::Predict {
            drop(entered);
            let outputs: Vec<Tensor> = outputs.into_iter().map(|t| t.tensor).collect();
            return Ok(Program { graph: trace.finish(&[new, outputs].concat())?, state: state.len() });
        }

        let traces = Traces { y, w, outputs };
        let losses = self.loss(&cx, weights, &traces)?;
        let rows = batch.x.first().and_then(|t| t.shape.get(0)).and_then(Dim::known).unwrap_or(1);
        self.totals(&traces, &losses, rows, &state, &mut new)?;
        if kind == Kind::Train {
            if losses.none {
                let e = Error::value("fit").expected("a loss given to compile").got("none");
                return Err(e.hint("compile(loss=…) says what is minimized."));
            }
            let optimizer = &rest[..self.optimizer.specs.len()];
            self.update(&losses.minimized, &cx, weights, optimizer, &mut new)?;
            let last = new.len() - 1;
            new[last] = step + 1.0;
        }
        drop(entered);
        Ok(Program { graph: trace.finish(&new)?, state: state.len() })
    }

    /// The loss with all penalties, and each output's own.
    fn loss(&self, cx: &Scope, weights: &[Tensor], batch: &Traces) -> Result<Losses> {
        let (mut each, mut shown, mut minimized) = (Vec::new(), Vec::new(), Vec::new());
        for term in &self.terms {
            let y = batch.y[term.output].as_ref();
            let y = y.ok_or_else(|| Error::value("y").expected("an array for each loss").got("none"))?;
            let output = &batch.outputs[term.output];
            let weight = batch.w.get(term.output).and_then(Option::as_ref);
            let loss = term.loss.get()?;
            let value = reduced(&**loss, y, &output.tensor, weight, output.mask.as_ref());
            value.check().map_err(|e| e.at(loss.class_name()))?;
            let weighed = if term.weight == 1.0 { value.clone() } else { &value * term.weight };
            // Losses that nothing reduces are shown by their mean and minimized by their sum.
            shown.push(weighed.mean_all().cast(DType::F32));
            minimized.push(weighed.sum_all().cast(DType::F32));
            each.push(value.mean_all().cast(DType::F32));
        }
        let mut penalties: Vec<Tensor> = Vec::new();
        for ((w, open), tensor) in self.weights.iter().zip(weights) {
            if let Some(r) = w.regularizer.as_ref().filter(|_| *open) {
                penalties.push(r.get()?.penalty(tensor));
            }
        }
        penalties.extend(cx.losses.iter().map(Tensor::sum_all));
        let total = |terms: Vec<Tensor>| {
            let penalties = penalties.iter().map(|p| p.cast(DType::F32));
            let sum = terms.into_iter().chain(penalties).reduce(|a, b| a + b);
            sum.unwrap_or_else(|| Tensor::constant(DType::F32, 0.0))
        };
        let none = shown.is_empty() && penalties.is_empty();
        let losses = Losses { shown: total(shown), minimized: total(minimized), each, none };
        losses.shown.check()?;
        Ok(losses)
    }

    /// Adds what the batch says to the totals.
    fn totals(
        &self,
        batch: &Traces,
        losses: &Losses,
        rows: usize,
        state: &[Tensor],
        new: &mut [Tensor],
    ) -> Result<()> {
        let mut at = self.first_total();
        for shown in &self.shown {
            let old = &state[at..at + shown.totals.len()];
            let by_rows = |loss: &Tensor| {
                vec![
                    &old[0] + loss.cast(DType::F64) * rows as f64,
                    &old[1] + Tensor::constant(DType::F64, rows as f64),
                ]
            };
            let made = match &shown.what {
                What::Loss => by_rows(&losses.shown),
                What::Term(i) => by_rows(&losses.each[*i]),
                What::Metric { output, metric, weighted } => {
                    let y = batch.y[*output].as_ref();
                    let y =
                        y.ok_or_else(|| Error::value("y").expected("an array for each metric").got("none"))?;
                    let Traced { tensor, mask } = &batch.outputs[*output];
                    let weight = batch.w.get(*output).and_then(Option::as_ref).filter(|_| *weighted);
                    let batch = Batch { y_true: y, y_pred: tensor, weight, mask: mask.as_ref() };
                    metric.get()?.update(old, &batch).map_err(|e| e.at(&shown.key))?
                }
            };
            for (i, t) in made.into_iter().enumerate().take(old.len()) {
                t.check().map_err(|e| e.at(&shown.key))?;
                new[at + i] = t;
            }
            at += shown.totals.len();
        }
        Ok(())
    }

    fn update(
        &self,
        loss: &Tensor,
        cx: &Scope,
        weights: &[Tensor],
        state: &[Tensor],
        new: &mut [Tensor],
    ) -> Result<()> {
        let optimizer = self.compile.optimizer.get()?;
        let open = self.open();
        let sources: Vec<&Tensor> = open.iter().map(|i| &weights[*i]).collect();
        let loss = optimizer.loss_scale(state).map_or_else(|| loss.clone(), |s| loss * s);
        let found = if sources.is_empty() { Vec::new() } else { gradients(&loss, &sources)? };
        let variables: Vec<Variable> = open
            .iter()
            .zip(found)
            .zip(&self.infos)
            .map(|((i, gradient), (info, decays))| {
                let value = weights[*i].clone();
                let gradient = gradient.unwrap_or_else(|| value.filled(0.0));
                let constraint = self.weights[*i].0.constraint.clone();
                Variable { info: info.clone(), value, gradient, constraint, decays: *decays }
            })
            .collect();
        let applied = optimizer.apply(&variables, state)?;
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

/// What the optimizer must know of the weights that may be trained.
fn infos(
    network: &Network,
    weights: &[(Arc<Weight>, bool)],
    undecayed: &[String],
) -> Result<Vec<(WeightInfo, bool)>> {
    let patterns = undecayed.iter().map(|p| {
        let error =
            |e| Error::value("exclude_from_weight_decay").expected("patterns").got(format!("{p}: {e}"));
        Regex::new(p).map_err(error)
    });
    let patterns = patterns.collect::<Result<Vec<_>>>()?;
    let paths = paths(network);
    let info = |(w, _): &(Arc<Weight>, bool)| {
        let path = paths.get(&(Arc::as_ptr(w) as usize)).cloned().unwrap_or_else(|| w.name.clone());
        let decays = !patterns.iter().any(|p| p.is_match(&w.name));
        (WeightInfo { path, dtype: w.dtype, shape: w.shape.clone() }, decays)
    };
    Ok(weights.iter().filter(|w| w.1).map(info).collect())
}

/// Sum divided by count.
fn mean(totals: &[Value]) -> Result<Reading> {
    let numbers = totals.iter().map(Value::item).collect::<Result<Vec<f64>>>()?;
    Ok(match numbers[..] {
        [_, 0.0] => Reading::Number(0.0),
        [sum, count] => Reading::Number(sum / count),
        _ => return Err(Error::value("totals").expected(2).got(numbers.len())),
    })
}
