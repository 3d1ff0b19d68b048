//! `while`: a body runs as long as a condition holds. It goes forward only: the number of steps is not known before.

use super::Primitive;
use super::scan::Body;
use crate::dtype::DType;
use crate::error::{Error, Result};
use crate::graph::autodiff::Vjp;
use crate::graph::{TensorType, Trace};
use crate::op_struct;
use crate::reference::evaluate;
use crate::shape::Shape;
use crate::tensor::Tensor;
use crate::value::Value;
use std::sync::Arc;

op_struct! {
    /// `carry = body(carry, captured)` as long as `condition(carry, captured)` holds, which is asked first.
    ///
    /// Inputs: first carries, what the condition captured, what the body captured. Results: last carries.
    pub struct While = "while" {
        /// One bool from carries and captured values.
        condition: Body,
        /// The next carries.
        body: Body,
        /// How many carries there are.
        carries: usize,
    }
}

impl While {
    /// The inputs of the condition and of the body among all inputs.
    fn parts<'a, T>(&self, inputs: &'a [T]) -> Result<(&'a [T], &'a [T], &'a [T])> {
        let (condition, body) = (self.condition.0.parameters().len(), self.body.0.parameters().len());
        let wanted = (condition + body).checked_sub(self.carries);
        if condition < self.carries || body < self.carries || Some(inputs.len()) != wanted {
            let error =
                Error::value("inputs").expected(format_args!("{} carries and captured values", self.carries));
            return Err(error.got(inputs.len()));
        }
        let (carries, captured) = inputs.split_at(self.carries);
        let (by_condition, by_body) = captured.split_at(condition - self.carries);
        Ok((carries, by_condition, by_body))
    }
}

impl Primitive for While {
    fn infer(&self, inputs: &[&TensorType]) -> Result<Vec<TensorType>> {
        let (carries, by_condition, by_body) = self.parts(inputs)?;
        for (graph, captured) in [(&self.condition.0, by_condition), (&self.body.0, by_body)] {
            for (i, (p, given)) in graph.parameters().iter().zip(carries.iter().chain(captured)).enumerate() {
                let wanted = graph.ty(*p);
                if wanted.dtype != given.dtype || !wanted.shape.fits(&given.shape) {
                    return Err(Error::value(format!("input {i}")).expected(wanted).got(given));
                }
            }
        }
        match self.condition.0.outputs[..] {
            [one] if *self.condition.0.ty(one) == TensorType::new(DType::Bool, Shape::scalar()) => {}
            _ => return Err(Error::value("condition").expected("one bool without axes")),
        }
        let next: Vec<TensorType> = self.body.0.outputs.iter().map(|v| self.body.0.ty(*v).clone()).collect();
        let same = |(a, b): (&&TensorType, &TensorType)| a.dtype == b.dtype && a.shape.fits(&b.shape);
        if next.len() != carries.len() || !carries.iter().zip(&next).all(same) {
            let error =
                Error::value("carries").expected(format_args!("{carries:?}")).got(format_args!("{next:?}"));
            return Err(error.hint("A carry keeps its element type and shape from step to step."));
        }
        Ok(carries.iter().map(|t| (*t).clone()).collect())
    }

    fn eval(&self, inputs: &[&Value]) -> Result<Vec<Value>> {
        let (carries, by_condition, by_body) = self.parts(inputs)?;
        let with = |carries: &[Value], captured: &[&Value]| -> Vec<Value> {
            carries.iter().cloned().chain(captured.iter().map(|v| (*v).clone())).collect()
        };
        let mut carries: Vec<Value> = carries.iter().map(|v| (*v).clone()).collect();
        while evaluate(&self.condition.0, &with(&carries, by_condition))?[0].item()? != 0.0 {
            carries = evaluate(&self.body.0, &with(&carries, by_body))?;
        }
        Ok(carries)
    }

    fn vjp(&self, cx: &Vjp) -> Vec<Option<Tensor>> {
        let error = || {
            Error::unsupported("the gradient of while")
                .hint("Use scan, whose number of steps is known, or stop_gradient.")
        };
        cx.wanted.iter().map(|w| w.then(|| Tensor::failed(error()))).collect()
    }
}

impl Tensor {
    /// Runs `body` on the carries as long as `condition` holds of them. Tensors from outside may be used inside. No
    /// gradient flows through it.
    ///
    /// ```
    /// use addax_core::Tensor;
    /// let n = Tensor::scalar(1i32);
    /// let last = Tensor::while_loop(&[&n], |c| c[0].lt_scalar(100.0), |c| vec![&c[0] * 2.0]);
    /// assert_eq!(last[0].to_value().unwrap().item().unwrap(), 128.0);
    /// ```
    pub fn while_loop(
        carries: &[&Tensor],
        condition: impl FnOnce(&[Tensor]) -> Tensor,
        body: impl FnOnce(&[Tensor]) -> Vec<Tensor>,
    ) -> Vec<Tensor> {
        let run = || {
            for t in carries {
                t.check()?;
            }
            let (condition, asked) = traced(carries, |c| vec![condition(c)])?;
            let (body, used) = traced(carries, body)?;
            let op = While { condition, body, carries: carries.len() };
            let inputs: Vec<&Tensor> = carries.iter().copied().chain(&asked).chain(&used).collect();
            let made = Tensor::apply_many(op, &inputs);
            made.iter().try_for_each(|t| t.check().map(|_| ()))?;
            Ok(made)
        };
        run().unwrap_or_else(|e: Error| vec![Tensor::failed(e); carries.len().max(1)])
    }
}

/// A function of the carries as a graph, and what it captured.
fn traced(carries: &[&Tensor], f: impl FnOnce(&[Tensor]) -> Vec<Tensor>) -> Result<(Body, Vec<Tensor>)> {
    let inner = Trace::inside(carries.iter().copied());
    let parameters: Vec<Tensor> =
        carries.iter().map(|t| inner.parameter("carry", t.dtype(), t.shape())).collect();
    let entered = inner.enter();
    let graph = inner.finish(&f(&parameters))?;
    drop(entered);
    Ok((Body(Arc::new(graph)), inner.captures()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::parse;

    #[test]
    fn captures_from_outside_and_reads_its_text_back() {
        let trace = Trace::new();
        let limit = trace.parameter("limit", DType::F32, Shape::scalar());
        let step = trace.parameter("step", DType::F32, Shape::scalar());
        let zero = trace.parameter("zero", DType::F32, Shape::scalar());
        let count = Tensor::scalar(0i32);
        let last =
            Tensor::while_loop(&[&zero, &count], |c| c[0].lt(&limit), |c| vec![&c[0] + &step, &c[1] + 1.0]);
        let graph = trace.finish(&last).unwrap();
        let again = parse(&graph.to_string()).unwrap();
        assert_eq!(again, graph);
        let inputs = [10f32, 3.0, 0.0].map(Value::scalar);
        let made = crate::evaluate(&again, &inputs).unwrap();
        assert_eq!(made, [Value::scalar(12f32), Value::scalar(4i32)]);
    }

    #[test]
    fn says_what_it_wanted() {
        let x = Tensor::full(DType::F32, [2], 1.0);
        let says = |t: Vec<Tensor>| t[0].check().unwrap_err().to_string();
        assert_eq!(
            says(Tensor::while_loop(&[&x], |c| c[0].lt_scalar(1.0), |c| vec![c[0].clone()])),
            "while > condition: expected one bool without axes"
        );
        assert_eq!(
            says(Tensor::while_loop(&[&x], |c| c[0].sum_all().lt_scalar(1.0), |c| vec![c[0].sum_all()])),
            "while > carries: expected [f32[2]], got [f32[]]. A carry keeps its element type and shape from step to step."
        );
    }

    #[test]
    fn has_no_gradient_and_says_so() {
        let trace = Trace::new();
        let x = trace.parameter("x", DType::F32, Shape::scalar());
        let y = Tensor::while_loop(&[&x], |c| c[0].lt_scalar(1.0), |c| vec![&c[0] * 2.0]).remove(0);
        let e = crate::gradients(&y, &[&x]).unwrap_err().to_string();
        assert!(e.starts_with("gradient of while > the gradient of while"), "{e}");
    }
}
