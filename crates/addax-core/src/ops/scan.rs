//! `scan`: a recurrence. A body runs once for each slice of its sequences, its carries going from step to step.

use super::{AttributeValue, Primitive};
use crate::error::{Error, Result};
use crate::graph::autodiff::Vjp;
use crate::graph::{Graph, TensorType, Trace, parse};
use crate::op_struct;
use crate::reference::evaluate;
use crate::shape::Dim;
use crate::tensor::Tensor;
use crate::value::Value;
use std::sync::Arc;

/// A graph inside an op: its parameters are carries, slices of sequences, then what it captured from outside; its
/// outputs are the new carries, then a slice for each stacked result.
#[derive(Clone, Debug, PartialEq)]
pub struct Body(pub Arc<Graph>);

impl AttributeValue for Body {
    /// The text of the graph in braces, its lines parted by `|`.
    fn write(&self) -> String {
        format!("{{{}}}", self.0.to_string().trim_end().replace('\n', " | "))
    }

    fn read(text: &str) -> Result<Self> {
        let inner = text.trim().strip_prefix('{').and_then(|t| t.strip_suffix('}'));
        let inner = inner.ok_or_else(|| Error::value("body").expected("{a graph}").got(text))?;
        Ok(Body(Arc::new(parse(&lines(inner))?)))
    }
}

/// Bars outside inner braces become ends of lines.
fn lines(text: &str) -> String {
    let mut depth = 0i32;
    let line_end = |c: char| {
        depth += match c {
            '{' => 1,
            '}' => -1,
            _ => 0,
        };
        if c == '|' && depth == 0 { '\n' } else { c }
    };
    text.chars().map(line_end).collect()
}

op_struct! {
    /// `carry, y[t] = body(carry, x[t], captured)` for each `t` along the first axis of the sequences.
    ///
    /// Inputs: first carries, sequences, captured values. Results: last carries, stacked results.
    pub struct Scan = "scan" {
        /// What happens at each step.
        body: Body,
        /// How many carries there are.
        carries: usize,
        /// How many sequences there are.
        sequences: usize,
        /// How many steps, where no sequence says it.
        length: Dim,
        /// Whether the last slice comes first. Results stand where their slices stood.
        reverse: bool,
    }
}

impl Scan {
    /// How many steps there are for inputs of the given types.
    fn steps(&self, inputs: &[&TensorType]) -> Result<Dim> {
        let mut length = self.length;
        for x in &inputs[self.carries..self.carries + self.sequences] {
            let first = x
                .shape
                .get(0)
                .ok_or_else(|| Error::value("sequence").expected("at least 1 axis").got(&x.shape))?;
            length = length.merge(first).ok_or_else(|| {
                Error::value("sequences").expected(format_args!("{length} steps")).got(first)
            })?;
        }
        Ok(length)
    }
}

/// The type of one step's slice.
fn slice_of(ty: &TensorType) -> TensorType {
    ty.with_shape(ty.shape.dims().get(1..).unwrap_or_default().to_vec())
}

/// The type of `length` slices.
fn stack_of(ty: &TensorType, length: Dim) -> TensorType {
    ty.with_shape([&[length], ty.shape.dims()].concat())
}

fn fits(a: &TensorType, b: &TensorType) -> bool {
    a.dtype == b.dtype && a.shape.fits(&b.shape)
}

impl Primitive for Scan {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let body = &self.body.0;
        let parameters: Vec<&TensorType> = body.parameters().iter().map(|v| body.ty(*v)).collect();
        if inputs.len() != parameters.len() || inputs.len() < self.carries + self.sequences {
            return Err(Error::value("inputs").expected(parameters.len()).got(inputs.len()));
        }
        if body.outputs.len() < self.carries {
            return Err(Error::value("body")
                .expected(format_args!("{} carries", self.carries))
                .got(body.outputs.len()));
        }
        let length = self.steps(inputs)?;
        for (i, (parameter, input)) in parameters.iter().zip(inputs).enumerate() {
            let sequence = (self.carries..self.carries + self.sequences).contains(&i);
            let given = if sequence { slice_of(input) } else { (*input).clone() };
            if !fits(parameter, &given) {
                return Err(Error::value(format!("input {i}")).expected(parameter).got(given));
            }
        }
        for (i, (carry, next)) in parameters.iter().zip(&body.outputs).take(self.carries).enumerate() {
            let next = body.ty(*next);
            if !fits(carry, next) {
                let e = Error::value(format!("carry {i}")).expected(carry).got(next);
                return Err(e.hint("A carry keeps its element type and shape from step to step."));
            }
        }
        let stacked = body.outputs[self.carries..].iter().map(|v| stack_of(body.ty(*v), length));
        Ok(inputs[..self.carries].iter().map(|t| (*t).clone()).chain(stacked).collect())
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let types: Vec<TensorType> = inputs.iter().map(|v| TensorType::new(v.dtype(), v.shape())).collect();
        let types: Vec<&TensorType> = types.iter().collect();
        let length = self.steps(&types)?.known();
        let length = length.ok_or_else(|| Error::value("steps").expected("a known number"))?;
        let results = self.infer(&types)?;
        let (carries, rest) = inputs.split_at(self.carries);
        let (sequences, captured) = rest.split_at(self.sequences);
        let mut carries: Vec<Value> = carries.iter().map(|v| (*v).clone()).collect();
        let mut stacks: Vec<Vec<Value>> = vec![Vec::with_capacity(length); results.len() - self.carries];
        for i in 0..length {
            let t = if self.reverse { length - 1 - i } else { i };
            let slices = sequences.iter().map(|x| x.slice_rows(t, t + 1)?.reshape(&x.shape()[1..]));
            let slices = slices.collect::<Result<Vec<_>>>()?;
            let all = carries.iter().cloned().chain(slices).chain(captured.iter().map(|v| (*v).clone()));
            let mut made = evaluate(&self.body.0, &all.collect::<Vec<_>>())?;
            let ys = made.split_off(self.carries);
            carries = made;
            stacks.iter_mut().zip(ys).for_each(|(stack, y)| stack.push(y));
        }
        let stacked = stacks.into_iter().zip(&results[self.carries..]).map(|(mut stack, ty)| {
            if self.reverse {
                stack.reverse();
            }
            stacked(&stack, ty)
        });
        let stacked = stacked.collect::<Result<Vec<_>>>()?;
        Ok(carries.into_iter().chain(stacked).collect())
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        super::scan_gradient::vjp(self, cx).unwrap_or_else(|e| {
            let failed = |wanted: &bool| wanted.then(|| Tensor::failed(e.clone()));
            cx.wanted.iter().map(failed).collect()
        })
    }
}

fn stacked(slices: &[Value], ty: &TensorType) -> Result<Value> {
    let shape = match slices.first() {
        Some(first) => [&[slices.len()], first.shape()].concat(),
        // No step at all: axes that nobody knows are empty too.
        None => ty.shape.dims().iter().map(|d| d.known().unwrap_or(0)).collect(),
    };
    if slices.is_empty() {
        return Ok(Value::zeros(ty.dtype, &shape));
    }
    let rows = slices.iter().map(|v| v.reshape(&[&[1], v.shape()].concat())).collect::<Result<Vec<_>>>()?;
    let mut made = super::Concatenate { axis: 0 }.eval(&rows.iter().collect::<Vec<_>>())?;
    made.pop().ok_or_else(|| Error::value("scan"))
}

/// What a recurrence gives: the last carries and the stacked results.
pub type Scanned = (Vec<Tensor>, Vec<Tensor>);

impl Tensor {
    /// Runs `step` for each slice along the first axis of `sequences`: it gets the carries and the slices and gives the
    /// new carries and results, which are stacked. Tensors from outside may be used inside. Without sequences, `length`
    /// says how many steps there are. With `reverse` the last slice comes first.
    ///
    /// ```
    /// use addax_core::{DType, Tensor, Value};
    /// let x = Tensor::from(Value::from(vec![1f32, 2.0, 3.0]));
    /// let zero = Tensor::scalar(0f32);
    /// let (last, sums) = Tensor::scan(&[&zero], &[&x], None, false, |carry, x| {
    ///     let sum = &carry[0] + &x[0];
    ///     (vec![sum.clone()], vec![sum])
    /// });
    /// assert_eq!(last[0].to_value().unwrap(), Value::scalar(6f32));
    /// assert_eq!(sums[0].to_value().unwrap(), Value::from(vec![1f32, 3.0, 6.0]));
    /// ```
    pub fn scan(
        carries: &[&Tensor],
        sequences: &[&Tensor],
        length: Option<usize>,
        reverse: bool,
        step: impl FnOnce(&[Tensor], &[Tensor]) -> Scanned,
    ) -> Scanned {
        let mut made = scan(carries, sequences, Dim::from(length), reverse, step)
            .unwrap_or_else(|e| vec![Tensor::failed(e); carries.len() + 1]);
        let stacked = made.split_off(carries.len());
        (made, stacked)
    }
}

fn scan(
    carries: &[&Tensor],
    sequences: &[&Tensor],
    length: Dim,
    reverse: bool,
    step: impl FnOnce(&[Tensor], &[Tensor]) -> Scanned,
) -> Result<Vec<Tensor>> {
    for t in carries.iter().chain(sequences) {
        t.check()?;
    }
    let inner = Trace::inside(carries.iter().chain(sequences).copied());
    let parameter = |t: &TensorType, name: &str| inner.parameter(name, t.dtype, &t.shape);
    let state: Vec<Tensor> = carries.iter().map(|t| parameter(&t.ty(), "carry")).collect();
    let slices: Vec<Tensor> = sequences.iter().map(|t| parameter(&slice_of(&t.ty()), "slice")).collect();
    let entered = inner.enter();
    let (next, stacked) = step(&state, &slices);
    if next.len() != carries.len() {
        return Err(Error::value("scan").expected(format_args!("{} carries", carries.len())).got(next.len()));
    }
    let body = inner.finish(&[next, stacked].concat())?;
    drop(entered);
    let captured = inner.captures();
    let scan = Scan {
        body: Body(Arc::new(body)),
        carries: carries.len(),
        sequences: sequences.len(),
        length,
        reverse,
    };
    let inputs: Vec<&Tensor> = carries.iter().chain(sequences).copied().chain(&captured).collect();
    let made = Tensor::apply_many(scan, &inputs);
    made.iter().try_for_each(|t| t.check().map(|_| ()))?;
    Ok(made)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::check_gradient;
    use crate::{DType, evaluate};

    /// `h = tanh(x v + h w)`, all states and the last.
    fn recurrent(x: &[Tensor], reverse: bool) -> Tensor {
        let [x, h, v, w] = x else { return Tensor::failed(Error::value("inputs")) };
        let (last, all) = Tensor::scan(&[h], &[x], None, reverse, |carry, slice| {
            let h = (slice[0].matmul(v) + carry[0].matmul(w)).tanh();
            (vec![h.clone()], vec![&h * 2.0])
        });
        all[0].sum(&[0]) + &last[0] * 3.0
    }

    #[test]
    fn gradients_match_finite_differences() {
        let range = (-1.0, 1.0);
        let inputs: &[crate::testing::Domain] =
            &[(&[3, 2, 2], range), (&[2, 3], range), (&[2, 3], range), (&[3, 3], range)];
        for reverse in [false, true] {
            check_gradient("scan", |x| recurrent(x, reverse), inputs);
        }
        let powers = |x: &[Tensor]| {
            let (last, _) = Tensor::scan(&[&x[0]], &[], Some(4), false, |c, _| {
                (vec![&c[0] * &x[1] + c[0].sin()], vec![])
            });
            last[0].clone()
        };
        check_gradient("scan without sequences", powers, &[(&[2], range), (&[2], range)]);
        let added = |x: &[Tensor]| {
            let (last, ys) = Tensor::scan(&[&x[0], &x[0]], &[&x[1]], None, false, |c, s| {
                let a = &c[0] * &x[2] + &s[0] * &x[2].square() + &x[2];
                (vec![a.clone(), &c[1] + &a], vec![&c[1] * &x[2]])
            });
            &last[1] + ys[0].sum(&[0])
        };
        check_gradient(
            "scan with captured numbers",
            added,
            &[(&[2], range), (&[3, 2], range), (&[2], range)],
        );
    }

    #[test]
    fn the_text_of_a_graph_with_a_body_is_read_back() {
        let trace = Trace::new();
        let x = trace.parameter("x", DType::F32, [4, 2]);
        let zero = Tensor::full(DType::F32, [2], 0.0);
        let entered = trace.enter();
        let (last, ys) = Tensor::scan(&[&zero], &[&x], None, true, |c, x| {
            let (inner, _) = Tensor::scan(&[&c[0]], &[], Some(2), false, |c, _| (vec![&c[0] + 1.0], vec![]));
            (vec![&inner[0] + &x[0]], vec![inner[0].clone()])
        });
        drop(entered);
        let graph = trace.finish(&[last[0].clone(), ys[0].clone()]).unwrap();
        let again = parse(&graph.to_string()).unwrap();
        assert_eq!(again, graph);
        let x = Value::new([4, 2], (0..8).map(|i| i as f32).collect::<Vec<f32>>()).unwrap();
        let made = evaluate(&again, &[x]).unwrap();
        assert_eq!(made[0].to_f64(), [20.0, 24.0]);
        assert_eq!(made[1].to_f64(), [20.0, 23.0, 16.0, 18.0, 10.0, 11.0, 2.0, 2.0]);
    }

    #[test]
    fn mistakes_are_told_before_anything_runs() {
        let x = Tensor::full(DType::F32, [4, 2], 1.0);
        let zero = Tensor::full(DType::F32, [3], 0.0);
        let (last, _) = Tensor::scan(&[&zero], &[&x], None, false, |_, x| (vec![x[0].clone()], vec![]));
        assert_eq!(
            last[0].check().unwrap_err().to_string(),
            "scan > carry 0: expected f32[3], got f32[2]. A carry keeps its element type and shape from step to step."
        );
        let short = Tensor::full(DType::F32, [3, 2], 1.0);
        let (last, _) =
            Tensor::scan(&[&zero], &[&x, &short], None, false, |c, _| (vec![c[0].clone()], vec![]));
        assert_eq!(last[0].check().unwrap_err().to_string(), "scan > sequences: expected 4 steps, got 3");
    }

    #[test]
    fn a_tape_follows_what_a_body_uses_from_outside() {
        let w = Tensor::scalar(3f32);
        let tape = crate::GradientTape::new();
        tape.watch(&w);
        let (last, _) =
            Tensor::scan(&[&Tensor::scalar(2f32)], &[], Some(2), false, |c, _| (vec![&c[0] * &w], vec![]));
        let dw = tape.gradient(&last[0], &[&w]).unwrap().remove(0).unwrap();
        assert_eq!(dw.to_value().unwrap(), Value::scalar(12f32));
    }

    #[test]
    fn no_step_at_all_gives_the_first_carry() {
        let x = Tensor::full(DType::F32, [0, 2], 1.0);
        let zero = Tensor::full(DType::F32, [2], 7.0);
        let (last, ys) =
            Tensor::scan(&[&zero], &[&x], None, false, |c, x| (vec![&c[0] + &x[0]], vec![x[0].clone()]));
        assert_eq!(last[0].to_value().unwrap().to_f64(), [7.0, 7.0]);
        assert_eq!(ys[0].shape().to_string(), "(0, 2)");
    }
}
