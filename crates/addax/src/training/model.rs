//! A model: a network with what it is trained for and its state.

use super::arrays::Arrays;
use super::check;
use super::compile::Compile;
use super::fit::{Fit, Verbose};
use super::history::{History, Logs};
use super::program::{Job, Kind};
use super::progress::Progress;
use super::session::{Data, Session};
use crate::callbacks::{Callback, Control};
use crate::models::{Architecture, Network, Sequential, names::unique, summary};
use crate::random;
use addax_core::rng::Rng;
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

    /// Its architecture; an error while the shape of its input is not known.
    pub fn network(&self) -> Result<&Arc<Network>> {
        self.architecture.network()
    }

    /// Its layers, built or not.
    pub fn architecture(&self) -> &Architecture {
        &self.architecture
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

    /// The state on the device, once it has been trained or asked.
    pub fn session(&self) -> Option<&Session> {
        self.session.as_ref()
    }

    /// Says what it is trained for. Weights stay; what the optimizer kept is forgotten.
    pub fn compile(&mut self, compile: Compile) -> Result<()> {
        compile.check()?;
        self.close()?;
        self.compile = Some(compile);
        Ok(())
    }

    /// Keras's table of layers and parameters.
    pub fn summary(&self) -> String {
        let optimizer = self.session.as_ref().map_or(0, Session::optimizer_count);
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

    /// The state for targets of these shapes; made at the first use.
    fn open(&mut self, targets: &[Shape], seed: u64) -> Result<&mut Session> {
        if self.provisional {
            self.close()?;
        }
        if self.session.is_none() {
            let compile = self.compile.clone().ok_or_else(|| {
                let error = Error::value("model").expected("a compiled one").got("none");
                error.hint("Call compile() before fit() or evaluate().")
            })?;
            self.session = Some(Session::new(Job::new(self.network()?, &compile, targets)?, seed)?);
        }
        self.session.as_mut().ok_or_else(|| Error::value("session"))
    }

    /// Ends the session; the weights stay.
    fn close(&mut self) -> Result<()> {
        self.provisional = false;
        self.session.take().map_or(Ok(()), |session| session.store())
    }

    /// Checks and casts the inputs, for which the model is built if it is not yet.
    fn inputs(&mut self, x: &Arrays) -> Result<Vec<Value>> {
        if let (Architecture::Open(_), [one]) = (&self.architecture, &x.0[..]) {
            // A plain vector is a column, as Keras takes it.
            let sample = if one.rank() == 1 { Shape::of(&[1]) } else { super::session::row_shape(one) };
            self.architecture.build(&sample)?;
        }
        check::inputs(self.network()?, &x.0)
    }

    /// Checks and casts a data set.
    fn data(&mut self, x: &Arrays, y: &Arrays, weight: Option<&Value>, seed: u64) -> Result<Data> {
        let x = self.inputs(x)?;
        let shapes: Vec<Shape> = y.0.iter().map(|v| Shape::of(v.shape())).collect();
        let network = self.network()?.clone();
        let session = self.open(&shapes, seed)?;
        let rows = x.first().map_or(0, Value::rows);
        let y = check::targets(&network, &session.job.losses, rows, &y.0)?;
        let weight = weight.map(|w| check::sample_weight(w, rows)).transpose()?;
        Ok(Data { x, y, weight })
    }

    /// Trains; see [`Fit`].
    pub fn fit(&mut self, x: impl Into<Arrays>, y: impl Into<Arrays>, mut fit: Fit) -> Result<History> {
        let (mut x, mut y) = (x.into(), y.into());
        let seed = fit.seed.unwrap_or_else(random::fresh_seed);
        let batch_size = self.batch_size(&fit, &x)?;
        if let Some(v) =
            (fit.validation.is_none() && fit.validation_split != 0.0).then_some(fit.validation_split)
        {
            fit.validation = Some(split(&mut x, &mut y, &mut fit.sample_weight, v)?);
        }
        if !fit.class_weight.is_empty() {
            let exclusive = fit.sample_weight.is_some() || y.0.len() != 1;
            if exclusive {
                return Err(Error::value("class_weight").expected("one output and no sample_weight"));
            }
            fit.sample_weight = Some(check::class_weight(&fit.class_weight, &y.0[0])?);
        }
        let data = self.data(&x, &y, fit.sample_weight.as_ref(), seed)?;
        let validation = match &fit.validation {
            Some(v) => Some(
                self.data(&v.x, &v.y, v.sample_weight.as_ref(), seed).map_err(|e| e.at("validation data"))?,
            ),
            None => None,
        };
        warn_not_finite(&data);
        let session = self.session.as_mut().ok_or_else(|| Error::value("session"))?;
        let history = train(session, &data, validation.as_ref(), &mut fit, batch_size, seed)?;
        session.store()?;
        self.history = history.clone();
        Ok(history)
    }

    fn batch_size(&self, fit: &Fit, x: &Arrays) -> Result<usize> {
        let rows = x.0.first().map_or(0, Value::rows);
        match (fit.batch_size, fit.steps_per_epoch) {
            (Some(0), _) => Err(Error::value("batch_size").expected("at least 1").got(0)),
            (Some(n), _) => Ok(n),
            (None, Some(0)) => Err(Error::value("steps_per_epoch").expected("at least 1").got(0)),
            (None, Some(steps)) => Ok(rows.div_ceil(steps).max(1)),
            (None, None) => Ok(32),
        }
    }

    /// Loss and metrics on a data set, by name.
    pub fn evaluate(
        &mut self,
        x: impl Into<Arrays>,
        y: impl Into<Arrays>,
        batch_size: usize,
    ) -> Result<Logs> {
        self.evaluate_weighted(x, y, None, batch_size)
    }

    /// As [`Model::evaluate`], with a weight per row.
    pub fn evaluate_weighted(
        &mut self,
        x: impl Into<Arrays>,
        y: impl Into<Arrays>,
        weight: Option<&Value>,
        batch_size: usize,
    ) -> Result<Logs> {
        if batch_size == 0 {
            return Err(Error::value("batch_size").expected("at least 1").got(0));
        }
        let data = self.data(&x.into(), &y.into(), weight, 0)?;
        let session = self.session.as_mut().ok_or_else(|| Error::value("session"))?;
        evaluate(session, &data, batch_size)
    }

    /// One step on a batch; the batch's loss and metrics, taken before the step.
    pub fn train_on_batch(
        &mut self,
        x: impl Into<Arrays>,
        y: impl Into<Arrays>,
        weight: Option<&Value>,
    ) -> Result<Logs> {
        let seed = random::fresh_seed();
        let data = self.data(&x.into(), &y.into(), weight, seed)?;
        let session = self.session.as_mut().ok_or_else(|| Error::value("session"))?;
        session.reset_totals()?;
        let rows: Vec<usize> = (0..data.rows()).collect();
        let plan = session.plan(Kind::Train, &data, rows.len())?;
        session.run(plan, &data, &rows)?;
        session.results()
    }

    /// The outputs for all rows, in batches of 32: one array per output.
    pub fn predict_all(&mut self, x: impl Into<Arrays>, batch_size: usize) -> Result<Vec<Value>> {
        if batch_size == 0 {
            return Err(Error::value("batch_size").expected("at least 1").got(0));
        }
        let x = self.inputs(&x.into())?;
        let outputs = self.network()?.outputs().len();
        if self.session.is_none() {
            // Any loss will do for a model that is only asked.
            let compile = (0..outputs).fold(Compile::new("sgd"), |c, _| c.loss("mse"));
            self.session = Some(Session::new(Job::new(self.network()?, &compile, &[])?, 0)?);
            self.provisional = true;
        }
        let session = self.session.as_mut().ok_or_else(|| Error::value("session"))?;
        let data = Data { x, y: Vec::new(), weight: None };
        let n = data.rows();
        let mut parts: Vec<Vec<Value>> = Vec::new();
        let order: Vec<usize> = (0..n).collect();
        for rows in order.chunks(batch_size) {
            let plan = session.plan(Kind::Predict, &data, rows.len())?;
            session.run(plan, &data, rows)?;
            parts.push(session.outputs(plan)?);
        }
        (0..outputs).map(|o| join(parts.iter().map(|p| &p[o]))).collect()
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

/// Arrays one after another along the first axis.
fn join<'a>(parts: impl Iterator<Item = &'a Value>) -> Result<Value> {
    use addax_core::ops::{Concatenate, Op};
    let parts: Vec<&Value> = parts.collect();
    match parts[..] {
        [one] => Ok(one.clone()),
        _ => Op::from(Concatenate { axis: 0 }).eval(&parts)?.pop().ok_or_else(|| Error::value("predict")),
    }
}

/// Takes the last rows for validation.
fn split(
    x: &mut Arrays,
    y: &mut Arrays,
    weight: &mut Option<Value>,
    share: f64,
) -> Result<super::fit::Validation> {
    let rows = x.0.first().map_or(0, Value::rows);
    let kept = (rows as f64 * (1.0 - share)).floor() as usize;
    if !(share > 0.0 && share < 1.0) || kept == 0 || kept == rows {
        let e = Error::value("validation_split").expected("a share that leaves rows on both sides");
        return Err(e.got(format_args!("{share} of {rows} rows")));
    }
    let mut cut = |v: &mut Value| -> Result<Value> {
        if v.rows() != rows {
            return Err(Error::value("validation_split")
                .expected(format_args!("{rows} rows in every array"))
                .got(v.rows()));
        }
        let last = v.slice_rows(kept, rows)?;
        *v = v.slice_rows(0, kept)?;
        Ok(last)
    };
    let x = Arrays(x.0.iter_mut().map(&mut cut).collect::<Result<_>>()?);
    let y = Arrays(y.0.iter_mut().map(&mut cut).collect::<Result<_>>()?);
    let sample_weight = weight.as_mut().map(&mut cut).transpose()?;
    Ok(super::fit::Validation { x, y, sample_weight })
}

fn warn_not_finite(data: &Data) {
    for (name, arrays) in [("x", &data.x), ("y", &data.y)] {
        if let Some(row) = arrays.iter().find_map(check::first_not_finite) {
            eprintln!("warning: {name} holds NaN or infinity, first in row {row}");
        }
    }
}

/// Streams of random numbers of a fit: shuffles have one per epoch.
const SHUFFLE: u64 = 1 << 32;

fn train(
    session: &mut Session,
    data: &Data,
    validation: Option<&Data>,
    fit: &mut Fit,
    batch_size: usize,
    seed: u64,
) -> Result<History> {
    let n = data.rows();
    let steps = n.div_ceil(batch_size).min(fit.steps_per_epoch.unwrap_or(usize::MAX));
    let verbose = match fit.verbose {
        Verbose::Silent => 0,
        Verbose::Line => 1,
        Verbose::Epochs => 2,
    };
    let mut progress = Progress::new(verbose, fit.epochs);
    let mut history = History::default();
    let full = session.plan(Kind::Train, data, batch_size.min(n))?;
    let batches = fit.callbacks.iter().any(|c| c.wants_batches());
    let mut order: Vec<usize> = (0..n).collect();
    let mut control = Control { session, stop_training: false };
    tell(&mut fit.callbacks, |c| c.on_train_begin(&mut control))?;
    for epoch in fit.initial_epoch..fit.epochs {
        tell(&mut fit.callbacks, |c| c.on_epoch_begin(epoch, &mut control))?;
        progress.epoch_begin(epoch, steps);
        control.session.reset_totals()?;
        if fit.shuffle {
            order = Rng::new(seed, SHUFFLE + epoch as u64).permutation(n);
        }
        let mut done = 0;
        for rows in order.chunks(batch_size).take(steps) {
            let plan = if rows.len() == batch_size.min(n) {
                full
            } else {
                control.session.plan(Kind::Train, data, rows.len())?
            };
            control.session.run(plan, data, rows)?;
            done += 1;
            if batches {
                let logs = control.session.results()?;
                tell(&mut fit.callbacks, |c| c.on_train_batch_end(done - 1, &logs, &mut control))?;
            }
            if progress.live() && progress.due() && done < steps {
                progress.redraw(done, &control.session.results()?);
            }
            if control.stop_training {
                break;
            }
        }
        let mut logs = control.session.results()?;
        if let Some(v) = validation
            && !control.stop_training
            && (epoch + 1).is_multiple_of(fit.validation_freq)
        {
            let rows = fit.validation_batch_size.unwrap_or(batch_size);
            let values = evaluate(control.session, v, rows)?;
            logs.extend(values.into_iter().map(|(k, x)| (format!("val_{k}"), x)));
        }
        tell(&mut fit.callbacks, |c| c.on_epoch_end(epoch, &mut logs, &mut control))?;
        history.push(epoch, &logs);
        progress.epoch_end(done, &logs);
        if control.stop_training {
            break;
        }
    }
    tell(&mut fit.callbacks, |c| c.on_train_end(&mut control))?;
    control.session.finish_averages()?;
    Ok(history)
}

fn tell(
    callbacks: &mut [&mut dyn Callback],
    mut f: impl FnMut(&mut dyn Callback) -> Result<()>,
) -> Result<()> {
    callbacks.iter_mut().try_for_each(|c| f(*c))
}

fn evaluate(session: &mut Session, data: &Data, batch_size: usize) -> Result<Logs> {
    session.reset_totals()?;
    let order: Vec<usize> = (0..data.rows()).collect();
    for rows in order.chunks(batch_size) {
        let plan = session.plan(Kind::Evaluate, data, rows.len())?;
        session.run(plan, data, rows)?;
    }
    session.results()
}
