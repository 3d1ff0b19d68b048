//! A model: a network with what it is trained for and its state.

use super::arrays::Arrays;
use super::asked::per_output;
use super::check;
use super::compile::Compile;
use super::epochs::evaluate;
use super::fit::{Evaluate, Weights, batch_size};
use super::history::{History, Logs};
use super::objective::{Outputs, terms};
use super::program::{Job, Kind};
use super::session::{Data, Session};
use crate::callbacks::Control;
use crate::metrics::Reading;
use crate::models::{Architecture, Network, Sequential, names::unique, summary};
use crate::optimizers::Layout;
use addax_core::backend::Report;
use addax_core::{Error, Result, Shape, Value};
use std::sync::Arc;

/// A network that can be compiled, trained and asked.
///
/// ```
/// use addax::prelude::*;
/// set_random_seed(1);
/// let mut model = Model::sequential(Sequential::new().add(Dense::new(1usize).input_shape([2])))?;
/// model.compile(Compile::new("sgd").loss("mse"))?;
/// let x = Value::new([4, 2], vec![0f32, 0., 0., 1., 1., 0., 1., 1.])?;
/// let y = Value::from(vec![0f32, 1., 1., 2.]);
/// let history = model.fit(&x, &y, Fit::new().epochs(200).verbose(0))?;
/// let loss = history.get("loss").unwrap();
/// assert!(loss[199] < loss[0]);
/// # Ok::<(), addax::Error>(())
/// ```
pub struct Model {
    name: String,
    trainable: bool,
    architecture: Architecture,
    compile: Option<Compile>,
    session: Option<Session>,
    /// Whether the session was made for predictions only, before the targets' shapes were known.
    provisional: bool,
    /// What the optimizer is to begin with, once there is a session.
    optimizer: Option<Vec<Value>>,
    /// What the last `fit` told.
    pub history: History,
}

impl Model {
    /// A model of a network.
    pub fn new(network: Network) -> Model {
        let name = unique(if network.is_sequential() { "Sequential" } else { "Functional" });
        Model::named(name, Architecture::Built(Arc::new(network)))
    }

    /// A model of a given name.
    pub(crate) fn named(name: String, architecture: Architecture) -> Model {
        Model {
            name,
            trainable: true,
            architecture,
            compile: None,
            session: None,
            provisional: false,
            optimizer: None,
            history: History::default(),
        }
    }

    /// A model of layers one after another. Unless the first says its `input_shape`, the model is built for the first
    /// data that it sees.
    pub fn sequential(layers: Sequential) -> Result<Model> {
        Ok(Model::named(unique("Sequential"), Architecture::of(layers)?))
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Gives it another name.
    pub fn set_name(&mut self, name: &str) {
        self.name = name.to_string();
    }

    /// Its architecture; an error while the shape of its input is not known.
    pub fn network(&self) -> Result<&Arc<Network>> {
        self.architecture.network()
    }

    /// Its layers, built or not.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
    }

    /// The names of its inputs; `x` for one that is not known yet.
    pub fn input_names(&self) -> Vec<String> {
        self.network().map_or_else(|_| vec!["x".to_string()], |n| n.input_names())
    }

    /// The names of its outputs; `y` for one that is not known yet.
    pub fn output_names(&self) -> Vec<String> {
        self.network().map_or_else(|_| vec!["y".to_string()], |n| n.output_names())
    }

    /// Builds a model whose input was not known for samples of a given shape; any other model stays as it is.
    pub fn build(&mut self, sample: impl Into<Shape>) -> Result<()> {
        self.architecture.build(&sample.into())
    }

    /// Whether training may change its weights.
    pub fn trainable(&self) -> bool {
        self.trainable
    }

    /// Lets training change the weights of all its layers, or of none; takes effect at the next `compile`.
    pub fn set_trainable(&mut self, trainable: bool) {
        self.trainable = trainable;
        self.architecture.layers().iter().for_each(|l| l.set_trainable(trainable));
    }

    /// What it is trained for.
    pub fn compiled(&self) -> Option<&Compile> {
        self.compile.as_ref()
    }

    /// The state on the device, once it has been trained or asked.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// Whether its session trains, and not only predicts.
    pub(crate) fn trains(&self) -> bool {
        self.session.is_some() && !self.provisional
    }

    /// Says what it is trained for. Weights stay; what the optimizer kept is forgotten. Without a loss, or without
    /// metrics, those of the last time are kept.
    pub fn compile(&mut self, mut compile: Compile) -> Result<()> {
        if let Some(old) = &self.compile {
            if compile.loss.is_nothing() {
                (compile.loss, compile.loss_weights) = (old.loss.clone(), old.loss_weights.clone());
            }
            if compile.metrics.is_nothing() && compile.weighted_metrics.is_nothing() {
                compile.metrics = old.metrics.clone();
                compile.weighted_metrics = old.weighted_metrics.clone();
            }
        }
        compile.check()?;
        if let Ok(network) = self.network() {
            let outputs = Outputs::new(network, &[]);
            terms(&compile, &outputs)?;
            if outputs.names.len() > 1 {
                per_output("metrics", &compile.metrics, &outputs.names, false)?;
                per_output("weighted_metrics", &compile.weighted_metrics, &outputs.names, false)?;
            }
        }
        self.close()?;
        self.optimizer = None;
        self.compile = Some(compile);
        Ok(())
    }

    /// Keras's table of layers and parameters.
    pub fn summary(&self) -> String {
        let kept = || self.optimizer.iter().flatten().map(Value::len).sum();
        let trained = self.session.as_ref().filter(|_| !self.provisional);
        let optimizer = trained.map_or_else(kept, Session::optimizer_count);
        summary(&self.name, &self.architecture, optimizer)
    }

    /// How many parameters it has; none before it is built.
    pub fn count_params(&self) -> usize {
        self.architecture.weights().iter().map(|(w, _)| w.count()).sum()
    }

    /// The numbers of all weights in Keras's order.
    pub fn get_weights(&self) -> Result<Vec<Value>> {
        match &self.session {
            Some(session) => session.weights(),
            None => self.architecture.weights().iter().map(|(w, _)| w.value()).collect(),
        }
    }

    /// Gives all weights other numbers, in Keras's order.
    pub fn set_weights(&mut self, values: &[Value]) -> Result<()> {
        let weights = self.architecture.weights();
        if weights.len() != values.len() {
            return Err(Error::value("weights").expected(weights.len()).got(values.len()));
        }
        weights.iter().zip(values).try_for_each(|((w, _), v)| w.set(v.clone()))?;
        match &mut self.session {
            Some(session) => {
                session.set_weights(&weights.iter().map(|(w, _)| w.value()).collect::<Result<Vec<_>>>()?)
            }
            None => Ok(()),
        }
    }

    /// What the optimizer keeps, with Keras's names, types and shapes, in the order in which Keras saves it.
    pub fn optimizer_layout(&self) -> Result<Layout> {
        let compile = self.compile.as_ref().ok_or_else(uncompiled)?;
        Ok(Job::predicting(self.network()?, compile)?.optimizer)
    }

    /// The optimizer's arrays in the order of [`Model::optimizer_layout`]; `None` before the first step.
    pub fn optimizer_state(&self) -> Result<Option<Vec<Value>>> {
        match &self.session {
            Some(session) if !self.provisional => session.optimizer_state().map(Some),
            _ => Ok(self.optimizer.clone()),
        }
    }

    /// Gives the optimizer its arrays, in the order of [`Model::optimizer_layout`].
    pub fn set_optimizer_state(&mut self, values: Vec<Value>) -> Result<()> {
        let specs = self.optimizer_layout()?.specs;
        if values.len() != specs.len() {
            return Err(Error::value("optimizer's state").expected(specs.len()).got(values.len()));
        }
        if let Some((spec, v)) = specs.iter().zip(&values).find(|(s, v)| s.shape != Shape::of(v.shape())) {
            return Err(Error::value(&spec.path).expected(&spec.shape).got(Shape::of(v.shape())));
        }
        match &mut self.session {
            Some(session) if !self.provisional => session.set_optimizer_state(&values),
            _ => {
                self.optimizer = Some(values);
                Ok(())
            }
        }
    }

    /// The state for targets of these shapes; made at the first use.
    fn open(&mut self, targets: &[Option<Shape>], seed: u64) -> Result<&mut Session> {
        if self.provisional {
            self.close()?;
        }
        if self.session.is_none() {
            let compile = self.compile.as_ref().ok_or_else(uncompiled)?;
            let mut session = Session::new(Job::new(self.network()?, compile, targets)?, seed)?;
            if let Some(values) = self.optimizer.take() {
                session.set_optimizer_state(&values)?;
            }
            self.session = Some(session);
        }
        self.opened()
    }

    /// The session at hand, its weights as they were set meanwhile.
    pub(crate) fn opened(&mut self) -> Result<&mut Session> {
        let session = self.session.as_mut().ok_or_else(|| Error::value("session"))?;
        session.refresh()?;
        Ok(session)
    }

    /// Writes the weights of the session, if there is one, into the model's own, which its layers share.
    pub fn store(&mut self) -> Result<()> {
        self.session.as_mut().map_or(Ok(()), Session::store)
    }

    /// Sets the learning rate from the next step on.
    pub fn set_learning_rate(&mut self, rate: f64) -> Result<()> {
        if let Some(session) = self.session.as_mut().filter(|_| !self.provisional) {
            return session.set_learning_rate(rate);
        }
        let compile = self.compile.as_mut().ok_or_else(uncompiled)?;
        let mut json = crate::class::Field::to_json(&compile.optimizer);
        if let Some(config) = json.get_mut("config").and_then(|c| c.as_object_mut()) {
            config.insert("learning_rate".to_string(), crate::class::float(rate));
        }
        compile.optimizer = crate::class::Field::from_json(&json)?;
        Ok(())
    }

    /// Ends the session; the weights stay.
    fn close(&mut self) -> Result<()> {
        self.provisional = false;
        self.session.take().map_or(Ok(()), |mut session| session.store())
    }

    /// The inputs as the graph reads them.
    fn inputs(&mut self, x: &Arrays) -> Result<Vec<Value>> {
        let x = self.checked(x)?;
        self.network()?.prepared(x)
    }

    /// Checks and casts the inputs, for which the model is built if it is not yet.
    fn checked(&mut self, x: &Arrays) -> Result<Vec<Value>> {
        if let (Architecture::Open(_), Some(one), 1) = (&self.architecture, x.first(), x.len()) {
            // A plain vector is a column, as Keras takes it.
            let sample = if one.rank() == 1 { Shape::of(&[1]) } else { super::session::row_shape(one) };
            self.architecture.build(&sample)?;
        }
        check::inputs(self.network()?, x)
    }

    /// Checks and casts a data set.
    pub(crate) fn data(&mut self, x: &Arrays, y: &Arrays, weights: &Weights, seed: u64) -> Result<Data> {
        let x = self.inputs(x)?;
        let network = self.network()?.clone();
        let names = network.output_names();
        let compile = self.compile.as_ref().ok_or_else(uncompiled)?;
        let terms = terms(compile, &Outputs::new(&network, &[]))?;
        let needed: Vec<bool> = (0..names.len()).map(|i| terms.iter().any(|t| t.output == i)).collect();
        let y = y.by_name("y", &names, &needed)?;
        let shapes: Vec<Option<Shape>> = y.iter().map(|v| v.as_ref().map(|v| Shape::of(v.shape()))).collect();
        let session = self.open(&shapes, seed)?;
        let rows = x.first().map_or(0, Value::rows);
        let y = check::targets(&network, &session.job.terms, rows, y)?;
        let w = match &weights.0 {
            Some(w) => check::weights(&network, w, rows)?,
            None => Vec::new(),
        };
        Ok(Data { x, y, w })
    }

    /// Loss and metrics on a data set, by name.
    pub fn evaluate(
        &mut self,
        x: impl Into<Arrays>,
        y: impl Into<Arrays>,
        batch_size: usize,
    ) -> Result<Logs> {
        self.evaluate_with(x, y, Evaluate::new().batch_size(batch_size))
    }

    /// As [`Model::evaluate`], with a weight per row.
    pub fn evaluate_weighted(
        &mut self,
        x: impl Into<Arrays>,
        y: impl Into<Arrays>,
        weights: impl Into<Weights>,
        batch_size: usize,
    ) -> Result<Logs> {
        self.evaluate_with(x, y, Evaluate::new().batch_size(batch_size).sample_weight(weights))
    }

    /// Loss and metrics on a data set, by name; see [`Evaluate`].
    pub fn evaluate_with(
        &mut self,
        x: impl Into<Arrays>,
        y: impl Into<Arrays>,
        mut asked: Evaluate,
    ) -> Result<Logs> {
        batch_size(1, asked.batch_size, asked.steps)?;
        let data = self.data(&x.into(), &y.into(), &asked.weights, 0)?;
        let size = batch_size(data.rows(), asked.batch_size, asked.steps)?;
        let mut control = Control { session: self.opened()?, stop_training: false };
        evaluate(&mut control, &data, size, asked.steps, &mut asked.callbacks, None)
    }

    /// The values of `logs` as Keras lists them: the loss, metrics in the order of `compile`, then whatever is left,
    /// sorted. Metrics are found by their own names, so that a repeated name repeats its value.
    pub fn in_compile_order(&self, logs: &Logs) -> Vec<Reading> {
        let shown = self.session.as_ref().map(|s| &s.job.shown[..]).unwrap_or_default();
        let named = shown.iter().filter_map(|s| logs.get(&s.name));
        let rest = logs.iter().filter(|(k, _)| !shown.iter().any(|s| s.name == **k)).map(|(_, v)| v);
        named.chain(rest).cloned().collect()
    }

    /// The outputs for all rows, in batches: one array per output.
    pub fn predict_all(&mut self, x: impl Into<Arrays>, batch_size: usize) -> Result<Vec<Value>> {
        if batch_size == 0 {
            return Err(Error::value("batch_size").expected("at least 1").got(0));
        }
        let x = self.checked(&x.into())?;
        let network = self.network()?.clone();
        if self.session.is_none() {
            let job = Job::predicting(&network, &Compile::new("sgd"))?;
            self.session = Some(Session::new(job, 0)?);
            self.provisional = true;
        }
        let session = self.opened()?;
        let n = x.first().map_or(0, Value::rows);
        let alone = network.stages().is_some_and(|s| s.length_varies());
        let piece = if alone { batch_size } else { n.max(1) };
        let mut parts: Vec<Vec<Value>> = Vec::new();
        for from in (0..n).step_by(piece) {
            let to = from.saturating_add(piece).min(n);
            let x = match from == 0 && to == n {
                true => x.clone(),
                false => x.iter().map(|v| v.slice_rows(from, to)).collect::<Result<_>>()?,
            };
            let data = Data { x: network.prepared(x)?, y: Vec::new(), w: Vec::new() };
            let order: Vec<usize> = (0..to - from).collect();
            for rows in order.chunks(batch_size) {
                let plan = session.plan(Kind::Predict, &data, rows.len())?;
                session.run(plan, &data, rows)?;
                parts.push(session.outputs(plan)?);
            }
        }
        (0..self.network()?.outputs().len()).map(|o| join(parts.iter().map(|p| &p[o]))).collect()
    }

    /// What the plan that predicts these inputs at once holds, with the time that each step takes.
    pub fn timed_plan(&mut self, x: impl Into<Arrays>) -> Result<Report> {
        let x = x.into();
        let rows = x.first().map_or(1, Value::rows).max(1);
        // The first run settles in caches and memory.
        self.predict_all(x.clone(), rows)?;
        let data = Data { x: self.inputs(&x)?, y: Vec::new(), w: Vec::new() };
        let session = self.opened()?;
        let plan = session.plan(Kind::Predict, &data, rows)?;
        session.time(plan, &data, &(0..rows).collect::<Vec<_>>())
    }

    /// The output for all rows of a model with one output.
    pub fn predict(&mut self, x: impl Into<Arrays>) -> Result<Value> {
        let mut outputs = self.predict_all(x, 32)?;
        match outputs.len() {
            1 => Ok(outputs.remove(0)),
            n => Err(Error::value("predict").expected("one output").got(n).hint("Use predict_all.")),
        }
    }
}

fn uncompiled() -> Error {
    let error = Error::value("model").expected("a compiled one").got("none");
    error.hint("Call compile() before fit() or evaluate().")
}

/// Arrays one after another along the first axis.
fn join<'a>(parts: impl Iterator<Item = &'a Value>) -> Result<Value> {
    use addax_core::ops::{Concatenate, Op};
    let parts: Vec<&Value> = parts.collect();
    match parts[..] {
        [one] => Ok(one.clone()),
        _ => Op::from(Concatenate { axis: 0 }).eval(&parts)?.pop().ok_or_else(|| Error::value("predict")),
    }
}
