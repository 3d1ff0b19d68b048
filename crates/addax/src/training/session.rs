//! A model's state on a device, and the plans that run over it. Plans are kept by kind and batch size.

use super::program::{BatchTypes, Job, Kind};
use addax_core::{Backend, Buffer, DType, Error, Executable, Result, Shape, TensorType, Value};
use addax_cpu::Cpu;
use std::collections::BTreeMap;

/// State and plans of one model.
pub struct Session {
    pub(crate) job: Job,
    backend: Cpu,
    state: Vec<Box<dyn Buffer>>,
    plans: Vec<Planned>,
    key: Value,
}

struct Planned {
    kind: Kind,
    rows: usize,
    weighted: bool,
    executable: Box<dyn Executable>,
    inputs: Vec<Box<dyn Buffer>>,
    outputs: Vec<Box<dyn Buffer>>,
}

/// The arrays of a data set, cast to what the model wants.
pub(crate) struct Data {
    pub x: Vec<Value>,
    pub y: Vec<Value>,
    pub weight: Option<Value>,
}

impl Data {
    /// How many rows.
    pub fn rows(&self) -> usize {
        self.x.first().map_or(0, Value::rows)
    }
}

impl Session {
    pub(crate) fn new(job: Job, seed: u64) -> Result<Session> {
        let backend = Cpu;
        let mut state = job.state().iter().map(|t| backend.allocate(t)).collect::<Result<Vec<_>>>()?;
        for (buffer, (weight, _)) in state.iter_mut().zip(&job.weights) {
            buffer.write(&weight.value()?)?;
        }
        for (i, spec) in job.optimizer.iter().enumerate() {
            let at = job.weights.len() + i;
            state[at].write(&Value::full(spec.dtype, &spec.shape.concrete()?, spec.initial))?;
        }
        let key = Value::from(vec![seed as u32, (seed >> 32) as u32]);
        Ok(Session { job, backend, state, plans: Vec::new(), key })
    }

    /// Reads the weights into the model's own.
    pub fn store(&self) -> Result<()> {
        self.state.iter().zip(&self.job.weights).try_for_each(|(b, (w, _))| w.set(b.read()?))
    }

    /// Reads the weights.
    pub fn weights(&self) -> Result<Vec<Value>> {
        self.state[..self.job.weights.len()].iter().map(|b| b.read()).collect()
    }

    /// Writes the weights.
    pub fn set_weights(&mut self, values: &[Value]) -> Result<()> {
        self.state.iter_mut().zip(values).take(self.job.weights.len()).try_for_each(|(b, v)| b.write(v))
    }

    /// The learning rate.
    pub fn learning_rate(&self) -> Result<f64> {
        self.state[self.job.learning_rate()].read()?.item()
    }

    /// Sets the learning rate from the next step on.
    pub fn set_learning_rate(&mut self, rate: f64) -> Result<()> {
        let at = self.job.learning_rate();
        self.state[at].write(&Value::scalar(rate as f32))
    }

    /// How many steps the optimizer has taken.
    pub fn iterations(&self) -> Result<usize> {
        Ok(self.state[self.job.weights.len()].read()?.item()? as usize)
    }

    /// With averages: the weights become their averages, as at the end of `fit`.
    pub(crate) fn finish_averages(&mut self) -> Result<()> {
        let first = self.job.weights.len();
        let open: Vec<usize> = (0..first).filter(|i| self.job.weights[*i].1).collect();
        for (i, spec) in self.job.optimizer.iter().enumerate() {
            let Some(n) = spec.path.strip_suffix("/average").and_then(|n| n.parse::<usize>().ok()) else {
                continue;
            };
            let average = self.state[first + i].read()?;
            self.state[open[n]].write(&average)?;
        }
        Ok(())
    }

    pub(crate) fn reset_totals(&mut self) -> Result<()> {
        let first = self.job.first_total();
        let zero = Value::scalar(0f64);
        self.state[first..first + 2 * self.job.shown.len()].iter_mut().try_for_each(|b| b.write(&zero))
    }

    pub(crate) fn results(&self) -> Result<BTreeMap<String, f64>> {
        let first = self.job.first_total();
        let totals = self.state[first..first + 2 * self.job.shown.len()]
            .iter()
            .map(|b| b.read()?.item())
            .collect::<Result<Vec<_>>>()?;
        Ok(self.job.results(&totals))
    }

    /// The plan for a batch of so many rows, made if there is none yet.
    pub(crate) fn plan(&mut self, kind: Kind, data: &Data, rows: usize) -> Result<usize> {
        let weighted = data.weight.is_some() && kind != Kind::Predict;
        if let Some(i) =
            self.plans.iter().position(|p| (p.kind, p.rows, p.weighted) == (kind, rows, weighted))
        {
            return Ok(i);
        }
        let typed = |list: &[Value]| -> Vec<TensorType> {
            list.iter().map(|v| TensorType::new(v.dtype(), [&[rows], &v.shape()[1..]].concat())).collect()
        };
        let y = if kind == Kind::Predict { Vec::new() } else { typed(&data.y) };
        let batch = BatchTypes { x: typed(&data.x), y, weighted };
        let program = self.job.program(kind, &batch)?;
        let executable = self.backend.compile(&program)?;
        let graph = &program.graph;
        let allocate = |v: &addax_core::ValueId| self.backend.allocate(graph.ty(*v));
        let mut inputs =
            graph.parameters()[program.state..].iter().map(allocate).collect::<Result<Vec<_>>>()?;
        let outputs = graph.outputs[program.state..].iter().map(allocate).collect::<Result<Vec<_>>>()?;
        inputs[0].write(&self.key)?;
        self.plans.push(Planned { kind, rows, weighted, executable, inputs, outputs });
        Ok(self.plans.len() - 1)
    }

    /// Runs a plan on the given rows.
    pub(crate) fn run(&mut self, plan: usize, data: &Data, rows: &[usize]) -> Result<()> {
        let p = self.plans.get_mut(plan).ok_or_else(|| Error::value("plan").expected("one that was made"))?;
        let arrays = data.x.iter();
        let arrays = arrays.chain(data.y.iter().filter(|_| p.kind != Kind::Predict));
        let arrays = arrays.chain(data.weight.iter().filter(|_| p.weighted));
        p.inputs[1..].iter_mut().zip(arrays).try_for_each(|(b, v)| b.write_rows(v, rows))?;
        p.executable.execute(&mut self.state, &p.inputs, &mut p.outputs)
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
        self.job.optimizer.iter().filter_map(|s| s.shape.size()).sum()
    }
}

/// The element type that targets are given to a loss in.
pub(crate) fn target_dtype(labels: crate::losses::Labels) -> DType {
    if labels == crate::losses::Labels::ClassNumbers { DType::I32 } else { DType::F32 }
}

/// The shape of one row of an array.
pub(crate) fn row_shape(v: &Value) -> Shape {
    Shape::of(v.shape().get(1..).unwrap_or_default())
}
