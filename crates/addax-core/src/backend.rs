//! What can run a graph. The native engine, XLA and the plain evaluation all stand behind [`Backend`].

use crate::error::{Error, Result};
use crate::graph::{Graph, TensorType};
use crate::ops::Op;
use crate::reference::Reference;
use crate::value::Value;
use std::any::Any;
use std::sync::{Arc, OnceLock};

/// A graph with the roles of its parameters and outputs.
///
/// The first `state` parameters are state: the first `state` outputs are their new values and take their place.
/// The other parameters are read, the other outputs are written anew by each execution.
#[derive(Clone, Debug)]
pub struct Program {
    /// The computation.
    pub graph: Graph,
    /// How many leading parameters and outputs are state.
    pub state: usize,
}

impl Program {
    /// A program without state.
    pub fn pure(graph: Graph) -> Program {
        Program { graph, state: 0 }
    }

    /// Checks that the roles fit the graph: counts, and the same type for a state before and after.
    pub fn check(&self) -> Result<()> {
        let (g, n) = (&self.graph, self.state);
        if g.parameters().len() < n || g.outputs.len() < n {
            return Err(Error::value("state of a program")
                .expected(format_args!("at least {n} parameters and outputs")));
        }
        for (i, (p, o)) in g.parameters().iter().zip(&g.outputs).take(n).enumerate() {
            if g.ty(*p) != g.ty(*o) {
                return Err(Error::value(format!("state {i} of a program")).expected(g.ty(*p)).got(g.ty(*o)));
            }
        }
        Ok(())
    }
}

/// A tensor in a backend's memory.
pub trait Buffer: Send + Sync {
    /// Element type and shape.
    fn ty(&self) -> &TensorType;
    /// Copies the numbers out.
    fn read(&self) -> Result<Value>;
    /// Overwrites the numbers; same element type and number of elements.
    fn write(&mut self, value: &Value) -> Result<()>;
    /// Overwrites the numbers with rows of `value` (its first axis), as many as this buffer has.
    fn write_rows(&mut self, value: &Value, rows: &[usize]) -> Result<()> {
        self.write(&value.take_rows(rows)?)
    }
    /// The concrete buffer, for its own backend.
    fn as_any(&self) -> &dyn Any;
    /// The concrete buffer to write to, for its own backend.
    fn as_any_mut(&mut self) -> &mut dyn Any;
}

/// A compiled program.
pub trait Executable: Send {
    /// Runs once. `state` is updated in place, `inputs` are read, `outputs` are overwritten.
    fn execute(
        &mut self,
        state: &mut [Box<dyn Buffer>],
        inputs: &[Box<dyn Buffer>],
        outputs: &mut [Box<dyn Buffer>],
    ) -> Result<()>;

    /// Runs once with a clock beside each step; the report holds the seconds, where a backend can tell them.
    fn time(
        &mut self,
        state: &mut [Box<dyn Buffer>],
        inputs: &[Box<dyn Buffer>],
        outputs: &mut [Box<dyn Buffer>],
    ) -> Result<Report> {
        self.execute(state, inputs, outputs)?;
        Ok(self.report())
    }

    /// What the plan holds.
    fn report(&self) -> Report;
}

/// What a compiled program will cost, known before it first runs.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Bytes of working memory beside state, inputs and outputs.
    pub arena_bytes: usize,
    /// Floating-point operations of one execution.
    pub flops: u64,
    /// Steps in order: name, scope, flops, and the seconds of the last timed run if timing was asked for.
    pub steps: Vec<StepReport>,
}

/// One step of a plan.
#[derive(Clone, Debug, Default)]
pub struct StepReport {
    /// What it does.
    pub name: String,
    /// The layer it belongs to.
    pub scope: String,
    /// Floating-point operations.
    pub flops: u64,
    /// Seconds of the last timed execution.
    pub seconds: f64,
}

/// A device with its compiler and memory.
pub trait Backend: Send + Sync {
    /// A short name: `cpu`, `xla:cuda:0`, `reference`.
    fn name(&self) -> &str;

    /// Compiles a program with concrete shapes.
    fn compile(&self, program: &Program) -> Result<Box<dyn Executable>>;

    /// A buffer of zeros.
    fn allocate(&self, ty: &TensorType) -> Result<Box<dyn Buffer>>;

    /// A buffer with the numbers of a value.
    fn upload(&self, value: &Value) -> Result<Box<dyn Buffer>> {
        let mut buffer = self.allocate(&TensorType::new(value.dtype(), value.shape()))?;
        buffer.write(value)?;
        Ok(buffer)
    }

    /// Runs one op on concrete values, as eager tensors do.
    fn apply(&self, op: &Op, inputs: &[&Value]) -> Result<Vec<Value>> {
        let types: Vec<TensorType> = inputs.iter().map(|v| TensorType::new(v.dtype(), v.shape())).collect();
        op.infer(&types.iter().collect::<Vec<_>>())?;
        op.eval(inputs)
    }

    /// Compiles and runs a graph once on concrete values.
    fn run(&self, graph: &Graph, inputs: &[Value]) -> Result<Vec<Value>> {
        let mut executable = self.compile(&Program::pure(graph.clone()))?;
        let inputs = inputs.iter().map(|v| self.upload(v)).collect::<Result<Vec<_>>>()?;
        let mut outputs =
            graph.outputs.iter().map(|v| self.allocate(graph.ty(*v))).collect::<Result<Vec<_>>>()?;
        executable.execute(&mut [], &inputs, &mut outputs)?;
        outputs.iter().map(|b| b.read()).collect()
    }
}

static EAGER: OnceLock<Arc<dyn Backend>> = OnceLock::new();

/// The backend of eager tensors: the plain evaluation until [`set_eager`] names another.
pub fn eager() -> &'static dyn Backend {
    match EAGER.get() {
        Some(backend) => &**backend,
        None => &Reference,
    }
}

/// Names the backend of eager tensors, once per process; later calls change nothing.
pub fn set_eager(backend: Arc<dyn Backend>) {
    EAGER.get_or_init(|| backend);
}
