//! The plain evaluation: each op by its definition, node after node. The oracle every backend is tested against.

use crate::backend::{Backend, Buffer, Executable, Program, Report};
use crate::error::{Error, Result};
use crate::graph::{Graph, TensorType};
use crate::ops::Op;
use crate::value::Value;
use std::any::Any;

/// The backend that evaluates plainly.
pub struct Reference;

/// Evaluates a graph on concrete values.
///
/// ```
/// use addax_core::{DType, Trace, Value, evaluate};
/// let trace = Trace::new();
/// let x = trace.parameter("x", DType::F32, [2]);
/// let graph = trace.finish(&[&x * 2.0]).unwrap();
/// let y = evaluate(&graph, &[Value::from(vec![1f32, 2.0])]).unwrap();
/// assert_eq!(y[0], Value::from(vec![2f32, 4.0]));
/// ```
pub fn evaluate(graph: &Graph, inputs: &[Value]) -> Result<Vec<Value>> {
    if inputs.len() != graph.parameters().len() {
        return Err(Error::value("graph")
            .expected(format_args!("{} inputs", graph.parameters().len()))
            .got(inputs.len()));
    }
    let mut values: Vec<Option<Value>> = vec![None; graph.value_count()];
    for (p, v) in graph.parameters().iter().zip(inputs) {
        let (want, got) = (graph.ty(*p), TensorType::new(v.dtype(), v.shape()));
        if want.dtype != got.dtype || !want.shape.fits(&got.shape) {
            return Err(Error::value("input of a graph").expected(want).got(got));
        }
        values[p.index()] = Some(v.clone());
    }
    let missing = || Error::value("a value is used before it is made");
    for node in graph.nodes().iter().filter(|n| !matches!(n.op, Op::Parameter(_))) {
        let arguments: Option<Vec<&Value>> = node.inputs.iter().map(|v| values[v.index()].as_ref()).collect();
        let results = node.op.eval(&arguments.ok_or_else(missing)?)?;
        node.outputs().zip(results).for_each(|(id, v)| values[id.index()] = Some(v));
    }
    graph.outputs.iter().map(|v| values[v.index()].clone().ok_or_else(missing)).collect()
}

struct Plain {
    ty: TensorType,
    value: Value,
}

impl Buffer for Plain {
    fn ty(&self) -> &TensorType {
        &self.ty
    }

    fn read(&self) -> Result<Value> {
        Ok(self.value.clone())
    }

    fn write(&mut self, value: &Value) -> Result<()> {
        let got = TensorType::new(value.dtype(), value.shape());
        if got != self.ty {
            return Err(Error::value("buffer").expected(&self.ty).got(got));
        }
        self.value = value.clone();
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

struct Evaluator(Program);

impl Executable for Evaluator {
    fn execute(
        &mut self,
        state: &mut [Box<dyn Buffer>],
        inputs: &[Box<dyn Buffer>],
        outputs: &mut [Box<dyn Buffer>],
    ) -> Result<()> {
        let arguments = state.iter().chain(inputs).map(|b| b.read()).collect::<Result<Vec<_>>>()?;
        let results = evaluate(&self.0.graph, &arguments)?;
        state.iter_mut().chain(outputs).zip(&results).try_for_each(|(buffer, value)| buffer.write(value))
    }

    fn report(&self) -> Report {
        Report::default()
    }
}

impl Backend for Reference {
    fn name(&self) -> &str {
        "reference"
    }

    fn compile(&self, program: &Program) -> Result<Box<dyn Executable>> {
        program.check()?;
        Ok(Box::new(Evaluator(program.clone())))
    }

    fn allocate(&self, ty: &TensorType) -> Result<Box<dyn Buffer>> {
        let value = Value::zeros(ty.dtype, &ty.shape.concrete()?);
        Ok(Box::new(Plain { ty: ty.clone(), value }))
    }
}
