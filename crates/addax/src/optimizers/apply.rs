//! One step of an optimizer over all weights, in Keras's order: unscale, clip, decay, update, average, constrain.

use super::{Base, Layout, Optimize, Step, WeightInfo};
use crate::constraints::Constraint;
use addax_core::{DType, Error, Result, Tensor};

/// A weight to be trained.
pub struct Variable {
    /// What it is.
    pub info: WeightInfo,
    /// Its value.
    pub value: Tensor,
    /// The gradient of the loss by it.
    pub gradient: Tensor,
    /// What is done to it after the update.
    pub constraint: Option<Constraint>,
    /// Whether weight decay touches it.
    pub decays: bool,
}

/// The new weights and the new state, in the order of the old ones.
pub struct Applied {
    /// By variable.
    pub values: Vec<Tensor>,
    /// In the order of [`Layout::specs`].
    pub state: Vec<Tensor>,
}

/// Adds one step of any optimizer to the trace.
pub fn apply<O: Optimize + ?Sized>(
    optimizer: &O,
    variables: &[Variable],
    state: &[Tensor],
) -> Result<Applied> {
    let infos: Vec<WeightInfo> = variables.iter().map(|v| v.info.clone()).collect();
    let layout = optimizer.layout(&infos)?;
    if state.len() != layout.specs.len() {
        return Err(Error::value("optimizer's state").expected(layout.specs.len()).got(state.len()));
    }
    Update { optimizer, base: optimizer.base(), layout: &layout, state }.run(variables)
}

struct Update<'a, O: ?Sized> {
    optimizer: &'a O,
    base: Base,
    layout: &'a Layout,
    state: &'a [Tensor],
}

/// With accumulation: whether a step is due at this call, and of how many gradients.
type Due = Option<(Tensor, f64)>;

/// The new value where a step is due, else the old one.
fn due_or(due: &Due, new: &Tensor, old: &Tensor) -> Tensor {
    due.as_ref().map_or_else(|| new.clone(), |(due, _)| due.select(new, old))
}

impl<O: Optimize + ?Sized> Update<'_, O> {
    fn run(&self, variables: &[Variable]) -> Result<Applied> {
        let calls = &self.state[0];
        let rate = self.layout.rates.first().map(|i| &self.state[*i]);
        let rate = self.base.learning_rate.traced(rate, calls)?;
        let mut new = self.state.to_vec();
        let (due, gradients) = self.gradients(variables, &mut new);
        // Steps done so far; a call that only accumulates is none.
        let done = match &due {
            Some((_, k)) => calls / *k,
            None => calls.clone(),
        };
        let number = (&done + 1.0).cast(DType::F32);
        let mut step = Step { learning_rate: rate, number, shared: Vec::new() };
        let own: Vec<Tensor> = self.layout.own.iter().map(|i| self.state[*i].clone()).collect();
        let (shared, own_new) = self.optimizer.prepare(&step, &own);
        step.shared = shared;
        for ((at, made), old) in self.layout.own.iter().zip(&own_new).zip(&own) {
            new[*at] = due_or(&due, made, old);
        }
        let mut values = Vec::with_capacity(variables.len());
        for (i, variable) in variables.iter().enumerate() {
            let updated = self.one(variable, &gradients[i], &self.layout.slots[i], &step, &due, &mut new);
            let mut w = due_or(&due, &updated, &variable.value);
            if let Some((at, _)) = self.layout.averages.get(i) {
                let average = self.average(&self.state[*at], &w, &step.number);
                w = self.overwrite(&w, &average, &step.number);
                new[*at] = average;
            }
            if let Some(constraint) = &variable.constraint {
                w = constraint.get()?.constrain(&w);
            }
            values.push(w);
        }
        new[0] = calls + 1.0;
        Ok(Applied { values, state: new })
    }

    /// The gradients unscaled, accumulated and clipped, and whether they are to be applied.
    fn gradients(&self, variables: &[Variable], new: &mut [Tensor]) -> (Due, Vec<Tensor>) {
        let mut gradients: Vec<Tensor> = variables.iter().map(|v| v.gradient.cast(v.value.dtype())).collect();
        if let Some(factor) = self.base.loss_scale_factor {
            gradients.iter_mut().for_each(|g| *g = &*g / factor);
        }
        let due = self.base.gradient_accumulation_steps.map(|k| {
            let next = &self.state[0] + 1.0;
            let rest = next.remainder(&Tensor::constant(DType::I32, k as f64));
            (rest.equal(&Tensor::constant(DType::I32, 0.0)), k as f64)
        });
        if let Some((due, k)) = &due {
            for (g, at) in gradients.iter_mut().zip(&self.layout.accumulators) {
                let sum = &*g + &self.state[*at];
                new[*at] = due.select(&sum.filled(0.0), &sum);
                *g = &sum / *k;
            }
        }
        clip(&self.base, &mut gradients);
        (due, gradients)
    }

    /// Decay and update of one weight; its new slots go into `new`.
    fn one(
        &self,
        variable: &Variable,
        gradient: &Tensor,
        slots: &[usize],
        step: &Step,
        due: &Due,
        new: &mut [Tensor],
    ) -> Tensor {
        let value = &variable.value;
        let decay = self.optimizer.decay(&variable.info).filter(|_| variable.decays);
        let value = match decay {
            Some(d) => value - value * d * &step.learning_rate,
            None => value.clone(),
        };
        let old: Vec<Tensor> = slots.iter().map(|i| self.state[*i].clone()).collect();
        let (w, made) = self.optimizer.update(&value, gradient, &old, step);
        for ((at, made), old) in slots.iter().zip(&made).zip(&old) {
            new[*at] = due_or(due, made, old);
        }
        w
    }

    /// The running average; up to the end of the first step it is the weight itself.
    fn average(&self, old: &Tensor, w: &Tensor, number: &Tensor) -> Tensor {
        let first = number.equal(&Tensor::constant(DType::F32, 1.0));
        let later = old * self.base.ema_momentum + w * (1.0 - self.base.ema_momentum);
        first.select(w, &later)
    }

    /// Every so many steps the average takes the weight's place.
    fn overwrite(&self, w: &Tensor, average: &Tensor, number: &Tensor) -> Tensor {
        let Some(k) = self.base.ema_overwrite_frequency else { return w.clone() };
        let rest = number.remainder(&Tensor::constant(DType::F32, k as f64));
        rest.equal(&Tensor::constant(DType::F32, 0.0)).select(average, w)
    }
}

/// Makes gradients as small as was asked for.
fn clip(base: &Base, gradients: &mut [Tensor]) {
    let norm = |g: &Tensor| g.square().sum_all();
    let positive = |x: Option<f64>| x.filter(|x| *x > 0.0);
    if let Some(c) = positive(base.clipnorm) {
        gradients.iter_mut().for_each(|g| *g = &*g * c / norm(g).sqrt().max_scalar(c));
    } else if let Some(c) = positive(base.global_clipnorm) {
        let Some(square) = gradients.iter().map(norm).reduce(|a, b| a + b) else { return };
        let norm = square.sqrt();
        // An infinite norm makes NaN of every gradient, not zero.
        let factor = norm.reciprocal().min_scalar(1.0 / c) * c;
        let factor = norm.is_finite().select(&factor, &factor.filled(f64::NAN));
        gradients.iter_mut().for_each(|g| *g = &*g * &factor);
    } else if let Some(c) = positive(base.clipvalue) {
        gradients.iter_mut().for_each(|g| *g = g.clip(-c, c));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::{Initial, OPTIMIZERS, SGD, check};
    use addax_core::Value;
    use serde_json::json;

    fn start(optimizer: &dyn Optimize, info: &WeightInfo, w: &Tensor) -> Vec<Tensor> {
        let layout = optimizer.layout(std::slice::from_ref(info)).unwrap();
        let first = |s: &crate::optimizers::StateSpec| match s.initial {
            Initial::Number(x) => Tensor::full(s.dtype, &s.shape, x),
            Initial::Weight(_) => w.clone(),
        };
        layout.specs.iter().map(first).collect()
    }

    /// Steps down a parabola, eagerly.
    fn descend(optimizer: &dyn Optimize, steps: usize) -> Vec<f64> {
        let info = WeightInfo { path: "w".into(), dtype: DType::F32, shape: vec![2] };
        let mut w = Tensor::from(Value::from(vec![1f32, -2.0]));
        let mut state = start(optimizer, &info, &w);
        for _ in 0..steps {
            let scale = optimizer.loss_scale(&state).unwrap_or_else(|| Tensor::constant(DType::F32, 1.0));
            let gradient = &w * 2.0 * scale;
            let v =
                Variable { info: info.clone(), value: w.clone(), gradient, constraint: None, decays: true };
            let applied = optimizer.apply(&[v], &state).unwrap();
            (w, state) = (applied.values[0].clone(), applied.state);
        }
        w.to_value().unwrap().to_f64()
    }

    #[test]
    fn every_optimizer_descends_a_parabola() {
        let inner = json!({"class_name": "SGD", "config": {"learning_rate": 0.05}});
        for def in OPTIMIZERS {
            let config = match def.name {
                "LossScaleOptimizer" => json!({"inner_optimizer": inner, "initial_scale": 8.0}),
                "MultiOptimizer" => json!({"optimizer_map": {"class_name": "OptimizerMap",
                    "config": {"default_optimizer": inner, "optimizer_map": {}}}}),
                "Adadelta" | "Ftrl" => json!({"learning_rate": 10.0}),
                "Adagrad" => json!({"learning_rate": 1.0}),
                _ => json!({"learning_rate": 0.05}),
            };
            let o = (def.from_config)(config.as_object().unwrap()).unwrap();
            check(&*o).unwrap();
            let steps = if def.name == "Adadelta" { 1500 } else { 100 };
            let w = descend(&*o, steps);
            assert!(w.iter().all(|x| x.abs() < 0.2), "{}: {w:?}", def.name);
        }
    }

    #[test]
    fn accumulation_steps_on_every_second_call() {
        let o = || SGD::new().learning_rate(0.1).gradient_accumulation_steps(Some(2));
        assert_eq!(descend(&o(), 1), [1.0, -2.0]);
        assert!((descend(&o(), 2)[0] - 0.8).abs() < 1e-6);
    }

    #[test]
    fn mistakes_have_their_line() {
        let e = |o: SGD| check(&o).unwrap_err().to_string();
        assert_eq!(
            e(SGD::new().clipnorm(Some(1.0)).clipvalue(Some(1.0))),
            "SGD: expected one of clipnorm, clipvalue, global_clipnorm, got more"
        );
        assert_eq!(
            e(SGD::new().learning_rate(-1.0)),
            "learning_rate: expected a number of at least 0, or a schedule, got -1"
        );
        assert_eq!(
            e(SGD::new().gradient_accumulation_steps(Some(1))),
            "gradient_accumulation_steps: expected a number of at least 2, got 1"
        );
    }

    #[test]
    fn what_is_excluded_does_not_decay() {
        let o = SGD::new().learning_rate(0.5).weight_decay(Some(0.5));
        let info = WeightInfo { path: "w".into(), dtype: DType::F32, shape: vec![1] };
        let step = |decays: bool| {
            let value = Tensor::from(Value::from(vec![4f32]));
            let state = start(&o, &info, &value);
            let gradient = value.filled(0.0);
            let v = Variable { info: info.clone(), value, gradient, constraint: None, decays };
            apply(&o, &[v], &state).unwrap().values[0].to_value().unwrap().item().unwrap()
        };
        assert_eq!((step(true), step(false)), (3.0, 4.0));
    }
}
