//! A model's state on a device, and the plans that run over it. Plans are kept by kind and by the types of the batch.

use super::history::Logs;
use super::program::{BatchTypes, Job, Kind};
use crate::metrics::Direction;
use crate::optimizers::Initial;
use addax_core::{Backend, Buffer, Error, Executable, Result, Shape, TensorType, Value};
use addax_cpu::Cpu;

/// State and plans of one model.
pub struct Session {
    pub(crate) job: Job,
    backend: Cpu,
    state: Vec<Box<dyn Buffer>>,
    plans: Vec<Planned>,
    key: Value,
    /// The generations of the weights whose numbers the state holds.
    seen: Vec<u64>,
}

struct Planned {
    kind: Kind,
    rows: usize,
    types: BatchTypes,
    executable: Box<dyn Executable>,
    inputs: Vec<Box<dyn Buffer>>,
    outputs: Vec<Box<dyn Buffer>>,
}

/// The arrays of a data set, cast to what the model wants; targets and weights by output.
pub(crate) struct Data {
    pub x: Vec<Value>,
    pub y: Vec<Option<Value>>,
    pub w: Vec<Option<Value>>,
}

impl Data {
    /// How many rows.
    pub fn rows(&self) -> usize {
        self.x.first().map_or(0, Value::rows)
    }

    /// The arrays that a plan of some kind reads, in order.
    fn arrays(&self, kind: Kind) -> impl Iterator<Item = &Value> {
        let targets = self.y.iter().chain(&self.w).flatten().filter(move |_| kind != Kind::Predict);
        self.x.iter().chain(targets)
    }
}

impl Session {
    pub(crate) fn new(job: Job, seed: u64) -> Result<Session> {
        let backend = Cpu;
        let mut state = job.state().iter().map(|t| backend.allocate(t)).collect::<Result<Vec<_>>>()?;
        for (buffer, (weight, _)) in state.iter_mut().zip(&job.weights) {
            buffer.write(&weight.value()?)?;
        }
        let open = job.open();
        for (i, spec) in job.optimizer.specs.iter().enumerate() {
            let first = match spec.initial {
                Initial::Number(x) => Value::full(spec.dtype, &spec.shape.concrete()?, x),
                Initial::Weight(w) => job.weights[open[w]].0.value()?,
            };
            state[job.weights.len() + i].write(&first)?;
        }
        let key = Value::from(vec![seed as u32, (seed >> 32) as u32]);
        let seen = job.weights.iter().map(|(w, _)| w.generation()).collect();
        Ok(Session { job, backend, state, plans: Vec::new(), key, seen })
    }

    /// Reads the weights into the model's own.
    pub fn store(&mut self) -> Result<()> {
        let weights = self.state.iter().zip(&self.job.weights);
        for ((buffer, (weight, _)), seen) in weights.zip(&mut self.seen) {
            weight.set(buffer.read()?)?;
            *seen = weight.generation();
        }
        Ok(())
    }

    /// Takes over the weights that were set since they were last read or stored.
    pub(crate) fn refresh(&mut self) -> Result<()> {
        let weights = self.state.iter_mut().zip(&self.job.weights);
        for ((buffer, (weight, _)), seen) in weights.zip(&mut self.seen) {
            if *seen != weight.generation() {
                buffer.write(&weight.value()?)?;
                *seen = weight.generation();
            }
        }
        Ok(())
    }

    /// All numbers, as they are between two steps.
    pub(crate) fn snapshot(&self) -> Result<Vec<Value>> {
        self.state.iter().map(|b| b.read()).collect()
    }

    /// Goes back to numbers that were those of the same training.
    pub(crate) fn restore(&mut self, state: &[Value]) -> Result<()> {
        let types = self.job.state();
        let fits = |(t, v): (&TensorType, &Value)| t.shape == Shape::of(v.shape());
        if types.len() != state.len() || !types.iter().zip(state).all(fits) {
            let shapes = |list: Vec<String>| list.join(" ");
            let wanted = shapes(types.iter().map(|t| t.shape.to_string()).collect());
            let got = shapes(state.iter().map(|v| Shape::of(v.shape()).to_string()).collect());
            return Err(Error::value("state of the run").expected(wanted).got(got));
        }
        let types = types.iter().map(|t| t.dtype);
        self.state.iter_mut().zip(state).zip(types).try_for_each(|((b, v), dtype)| b.write(&v.cast(dtype)))
    }

    /// Begins chance with a seed; the number of steps goes on.
    pub(crate) fn seed(&mut self, seed: u64) -> Result<()> {
        self.key = Value::from(vec![seed as u32, (seed >> 32) as u32]);
        self.plans.iter_mut().try_for_each(|p| p.inputs[0].write(&self.key))
    }

    /// What a step does, as a number that another training hardly has.
    pub(crate) fn fingerprint(&self, data: &Data, rows: usize) -> Result<String> {
        let program = self.job.program(Kind::Train, &BatchTypes::of(Kind::Train, data, rows))?;
        Ok(format!("{:08x}", crc32fast::hash(program.graph.to_string().as_bytes())))
    }

    /// Whether no weight is NaN or infinite.
    pub fn is_finite(&self) -> Result<bool> {
        let weights = self.weights()?;
        Ok(weights.iter().all(|w| super::check::first_not_finite(w).is_none()))
    }

    /// Reads the totals of loss and metrics.
    pub(crate) fn totals(&self) -> Result<Vec<Value>> {
        let first = self.job.first_total();
        self.state[first..first + self.job.total_count()].iter().map(|b| b.read()).collect()
    }

    /// Writes the totals of loss and metrics.
    pub(crate) fn set_totals(&mut self, totals: &[Value]) -> Result<()> {
        let first = self.job.first_total();
        self.state[first..].iter_mut().zip(totals).try_for_each(|(b, v)| b.write(v))
    }

    /// Reads the weights.
    pub fn weights(&self) -> Result<Vec<Value>> {
        self.state[..self.job.weights.len()].iter().map(|b| b.read()).collect()
    }

    /// Writes the weights.
    pub fn set_weights(&mut self, values: &[Value]) -> Result<()> {
        self.state.iter_mut().zip(values).take(self.job.weights.len()).try_for_each(|(b, v)| b.write(v))
    }

    fn optimizer(&self) -> &[Box<dyn Buffer>] {
        let first = self.job.weights.len();
        &self.state[first..first + self.job.optimizer.specs.len()]
    }

    /// Reads the optimizer's arrays in Keras's order: the number of calls, the learning rate unless it is a schedule, and
    /// what it keeps for the weights.
    pub fn optimizer_state(&self) -> Result<Vec<Value>> {
        self.optimizer().iter().map(|b| b.read()).collect()
    }

    /// Writes the optimizer's arrays; they are cast to their element types.
    pub fn set_optimizer_state(&mut self, values: &[Value]) -> Result<()> {
        let specs = &self.job.optimizer.specs;
        if values.len() != specs.len() {
            return Err(Error::value("optimizer's state").expected(specs.len()).got(values.len()));
        }
        for (spec, v) in specs.iter().zip(values) {
            if Shape::of(v.shape()) != spec.shape {
                return Err(Error::value(&spec.path).expected(&spec.shape).got(Shape::of(v.shape())));
            }
        }
        let first = self.job.weights.len();
        for (i, v) in values.iter().enumerate() {
            self.state[first + i].write(&v.cast(self.job.optimizer.specs[i].dtype))?;
        }
        Ok(())
    }

    /// The learning rate of the next step.
    pub fn learning_rate(&self) -> Result<f64> {
        match self.job.optimizer.rates.first() {
            Some(i) => self.optimizer()[*i].read()?.item(),
            None => self.job.compile.optimizer.get()?.base().learning_rate.after(self.calls()?),
        }
    }

    /// Sets the learning rate from the next step on.
    pub fn set_learning_rate(&mut self, rate: f64) -> Result<()> {
        let first = self.job.weights.len();
        let places: Vec<usize> = self.job.optimizer.rates.iter().map(|i| first + i).collect();
        if places.is_empty() {
            let error = Error::type_("learning_rate").expected("a number that can be set").got("a schedule");
            return Err(error.hint("Give the optimizer a number to change it while training."));
        }
        places.into_iter().try_for_each(|i| self.state[i].write(&Value::scalar(rate as f32)))
    }

    /// How often the optimizer was called.
    fn calls(&self) -> Result<usize> {
        Ok(self.optimizer().first().map_or(Ok(0.0), |b| b.read()?.item())? as usize)
    }

    /// How many steps the optimizer has taken.
    pub fn iterations(&self) -> Result<usize> {
        let base = self.job.compile.optimizer.get()?.base();
        Ok(self.calls()? / base.gradient_accumulation_steps.unwrap_or(1).max(1) as usize)
    }

    /// Which way a value gets better, by its key.
    pub(crate) fn direction(&self, key: &str) -> Option<Direction> {
        self.job.shown.iter().rev().find(|s| s.key == key).and_then(|s| s.direction())
    }

    /// With averages: the weights become their averages, as at the end of `fit`.
    pub(crate) fn finish_averages(&mut self) -> Result<()> {
        let open = self.job.open();
        for (at, weight) in self.job.optimizer.averages.clone() {
            let average = self.optimizer()[at].read()?;
            self.state[open[weight]].write(&average)?;
        }
        Ok(())
    }

    pub(crate) fn reset_totals(&mut self) -> Result<()> {
        let shapes = self.job.shown.iter().flat_map(|s| &s.totals);
        let buffers = self.state[self.job.first_total()..].iter_mut();
        for (buffer, shape) in buffers.zip(shapes) {
            buffer.write(&Value::zeros(addax_core::DType::F64, &shape.concrete()?))?;
        }
        Ok(())
    }

    pub(crate) fn results(&self) -> Result<Logs> {
        self.job.results(&self.totals()?)
    }

    /// The plan for a batch of so many rows, made if there is none yet.
    pub(crate) fn plan(&mut self, kind: Kind, data: &Data, rows: usize) -> Result<usize> {
        if let Some(i) = self.plans.iter().position(|p| p.kind == kind && p.rows == rows && p.fits(data)) {
            return Ok(i);
        }
        let types = BatchTypes::of(kind, data, rows);
        let program = self.job.program(kind, &types)?;
        let executable = self.backend.compile(&program)?;
        let graph = &program.graph;
        let allocate = |v: &addax_core::ValueId| self.backend.allocate(graph.ty(*v));
        let mut inputs =
            graph.parameters()[program.state..].iter().map(allocate).collect::<Result<Vec<_>>>()?;
        let outputs = graph.outputs[program.state..].iter().map(allocate).collect::<Result<Vec<_>>>()?;
        inputs[0].write(&self.key)?;
        self.plans.push(Planned { kind, rows, types, executable, inputs, outputs });
        Ok(self.plans.len() - 1)
    }

    /// Runs a plan on the given rows.
    pub(crate) fn run(&mut self, plan: usize, data: &Data, rows: &[usize]) -> Result<()> {
        let p = self.fed(plan, data, rows)?;
        p.0.executable.execute(p.1, &p.0.inputs, &mut p.0.outputs)
    }

    /// Runs a plan on the given rows with a clock beside each step.
    pub(crate) fn time(
        &mut self,
        plan: usize,
        data: &Data,
        rows: &[usize],
    ) -> Result<addax_core::backend::Report> {
        let p = self.fed(plan, data, rows)?;
        p.0.executable.time(p.1, &p.0.inputs, &mut p.0.outputs)
    }

    /// A plan whose inputs are the given rows, and the state.
    fn fed(
        &mut self,
        plan: usize,
        data: &Data,
        rows: &[usize],
    ) -> Result<(&mut Planned, &mut Vec<Box<dyn Buffer>>)> {
        let p = self.plans.get_mut(plan).ok_or_else(|| Error::value("plan").expected("one that was made"))?;
        p.inputs[1..].iter_mut().zip(data.arrays(p.kind)).try_for_each(|(b, v)| b.write_rows(v, rows))?;
        Ok((p, &mut self.state))
    }

    /// The outputs of the last run of a plan.
    pub(crate) fn outputs(&self, plan: usize) -> Result<Vec<Value>> {
        self.plans[plan].outputs.iter().map(|b| b.read()).collect()
    }

    /// What the plans hold: kind, rows and report of each.
    pub fn reports(&self) -> Vec<(String, addax_core::backend::Report)> {
        self.plans.iter().map(|p| (format!("{:?} {}", p.kind, p.rows), p.executable.report())).collect()
    }

    /// The number of parameters that the optimizer keeps, its counters included.
    pub fn optimizer_count(&self) -> usize {
        self.job.optimizer.specs.iter().filter_map(|s| s.shape.size()).sum()
    }
}

impl BatchTypes {
    /// Of so many rows of a data set, for a plan of some kind.
    fn of(kind: Kind, data: &Data, rows: usize) -> BatchTypes {
        let typed = |v: &Value| TensorType::new(v.dtype(), [&[rows], &v.shape()[1..]].concat());
        let each = |list: &[Option<Value>]| -> Vec<Option<TensorType>> {
            if kind == Kind::Predict {
                Vec::new()
            } else {
                list.iter().map(|v| v.as_ref().map(typed)).collect()
            }
        };
        BatchTypes { x: data.x.iter().map(typed).collect(), y: each(&data.y), w: each(&data.w) }
    }
}

impl Planned {
    /// Whether it was made for arrays of these types.
    fn fits(&self, data: &Data) -> bool {
        let same = |t: &TensorType, v: &Value| {
            let dims = t.shape.dims();
            t.dtype == v.dtype()
                && dims.len() == v.rank()
                && dims.iter().zip(v.shape()).skip(1).all(|(d, n)| *d == *n)
        };
        let optional = |t: &[Option<TensorType>], v: &[Option<Value>]| {
            t.len() == v.len()
                && t.iter().zip(v).all(|(t, v)| match (t, v) {
                    (Some(t), Some(v)) => same(t, v),
                    (t, v) => t.is_none() && v.is_none(),
                })
        };
        self.types.x.len() == data.x.len()
            && self.types.x.iter().zip(&data.x).all(|(t, v)| same(t, v))
            && (self.kind == Kind::Predict
                || optional(&self.types.y, &data.y) && optional(&self.types.w, &data.w))
    }
}

/// The shape of one row of an array.
pub(crate) fn row_shape(v: &Value) -> Shape {
    Shape::of(v.shape().get(1..).unwrap_or_default())
}
