//! One step of an optimizer over all weights, in Keras's order: unscale, clip, decay, update, average, constrain.

use super::{Optimize, Step};
use crate::constraints::Constraint;
use addax_core::{DType, Error, Result, Shape, Tensor};

/// A weight to be trained.
pub struct Variable {
    /// Its value.
    pub value: Tensor,
    /// The gradient of the loss by it.
    pub gradient: Tensor,
    /// What is done to it after the update.
    pub constraint: Option<Constraint>,
}

/// A number or array that an optimizer keeps between steps.
#[derive(Clone, Debug, PartialEq)]
pub struct StateSpec {
    /// What it is: `iteration`, `learning_rate`, or a slot of a weight by number.
    pub path: String,
    /// Its element type.
    pub dtype: DType,
    /// Its shape.
    pub shape: Shape,
    /// What all its elements begin with; `None` for a copy of the weight.
    pub initial: f64,
}

/// The new weights and the new state, in the order of the old ones.
pub struct Applied {
    /// By variable.
    pub values: Vec<Tensor>,
    /// In the order of [`state_specs`].
    pub state: Vec<Tensor>,
}

/// What an optimizer keeps for weights of the given types: the iteration (calls so far), the learning rate, then per
/// weight its average (with `use_ema`), its accumulated gradient (with accumulation) and its slots.
pub fn state_specs(optimizer: &dyn Optimize, weights: &[(DType, Shape)]) -> Vec<StateSpec> {
    let base = optimizer.base();
    let scalar =
        |path: &str, dtype, initial| StateSpec { path: path.into(), dtype, shape: Shape::scalar(), initial };
    let mut specs =
        vec![scalar("iteration", DType::I32, 0.0), scalar("learning_rate", DType::F32, base.learning_rate)];
    for name in per_weight(optimizer) {
        for (i, (dtype, shape)) in weights.iter().enumerate() {
            specs.push(StateSpec {
                path: format!("{i}/{name}"),
                dtype: *dtype,
                shape: shape.clone(),
                initial: 0.0,
            });
        }
    }
    specs
}

/// The arrays kept per weight, in the order in which [`state_specs`] lists them for all weights.
fn per_weight(optimizer: &dyn Optimize) -> Vec<&'static str> {
    let base = optimizer.base();
    let mut names = Vec::new();
    if base.use_ema {
        names.push("average");
    }
    if base.gradient_accumulation_steps.is_some() {
        names.push("gradient_accumulator");
    }
    names.extend(optimizer.slots());
    names
}

/// Checks arguments that exclude each other.
pub(crate) fn check(optimizer: &dyn Optimize) -> Result<()> {
    let b = optimizer.base();
    let clips = [b.clipnorm, b.clipvalue, b.global_clipnorm];
    if clips.iter().flatten().count() > 1 {
        return Err(Error::value(optimizer.class_name())
            .expected("one of clipnorm, clipvalue, global_clipnorm")
            .got("more"));
    }
    if b.gradient_accumulation_steps.is_some_and(|k| k < 2) {
        return Err(Error::value("gradient_accumulation_steps").expected("at least 2").got(format!("{b:?}")));
    }
    if !(b.learning_rate.is_finite() && b.learning_rate >= 0.0) {
        return Err(Error::value("learning_rate").expected("a number of at least 0").got(b.learning_rate));
    }
    Ok(())
}

/// Adds one step to the trace.
pub fn apply(optimizer: &dyn Optimize, variables: &[Variable], state: &[Tensor]) -> Result<Applied> {
    check(optimizer)?;
    let (base, n) = (optimizer.base(), variables.len());
    let (calls, rate) = (&state[0], &state[1]);
    let kept = |i: usize| &state[2 + i * n..2 + (i + 1) * n];
    let names = per_weight(optimizer);
    let place = |name: &str| names.iter().position(|x| *x == name);
    let mut new: Vec<Vec<Tensor>> = (0..names.len()).map(|i| kept(i).to_vec()).collect();

    let mut gradients: Vec<Tensor> = variables.iter().map(|v| v.gradient.clone()).collect();
    if let Some(factor) = base.loss_scale_factor {
        gradients.iter_mut().for_each(|g| *g = &*g / factor);
    }
    // With accumulation, everything below counts only on every k-th call.
    let gate = base.gradient_accumulation_steps.map(|k| {
        let next = calls + 1.0;
        (next.remainder(&Tensor::constant(DType::I32, k as f64)).equal(&Tensor::constant(DType::I32, 0.0)), k)
    });
    if let (Some((due, k)), Some(at)) = (&gate, place("gradient_accumulator")) {
        for i in 0..n {
            let sum = &kept(at)[i] + &gradients[i];
            gradients[i] = &sum / *k as f64;
            new[at][i] = due.select(&sum.filled(0.0), &sum);
        }
    }
    clip(&base, &mut gradients);

    let updates = match &gate {
        Some((_, k)) => calls.divide(&Tensor::constant(DType::I32, *k as f64)),
        None => calls.clone(),
    };
    let mut step =
        Step { learning_rate: rate.clone(), number: (&updates + 1.0).cast(DType::F32), shared: Vec::new() };
    step.shared = optimizer.shared(&step);
    let slots = optimizer.slots().len();
    let first = names.len() - slots;
    let mut values = Vec::with_capacity(n);
    for (i, variable) in variables.iter().enumerate() {
        let decayed = match base.weight_decay {
            Some(d) => &variable.value - &variable.value * (rate * d),
            None => variable.value.clone(),
        };
        let old: Vec<Tensor> = (0..slots).map(|s| kept(first + s)[i].clone()).collect();
        let (mut w, made) = optimizer.update(&decayed, &gradients[i], &old, &step);
        let due = |new: &Tensor, old: &Tensor| {
            gate.as_ref().map_or_else(|| new.clone(), |(due, _)| due.select(new, old))
        };
        for (s, slot) in made.iter().enumerate() {
            new[first + s][i] = due(slot, &old[s]);
        }
        if let Some(at) = place("average") {
            let average = average(&base, &kept(at)[i], &w, &step.number);
            w = overwrite(&base, &w, &average, &step.number);
            new[at][i] = due(&average, &kept(at)[i]);
        }
        if let Some(constraint) = &variable.constraint {
            w = constraint.get()?.constrain(&w);
        }
        values.push(due(&w, &variable.value));
    }
    let state = [calls + 1.0, rate.clone()].into_iter().chain(new.into_iter().flatten()).collect();
    Ok(Applied { values, state })
}

fn clip(base: &Base, gradients: &mut [Tensor]) {
    let norm = |g: &Tensor| g.square().sum_all();
    if let Some(c) = base.clipnorm {
        gradients.iter_mut().for_each(|g| *g = &*g * (c / norm(g).sqrt().max_scalar(c)));
    } else if let Some(c) = base.clipvalue {
        gradients.iter_mut().for_each(|g| *g = g.clip(-c, c));
    } else if let Some(c) = base.global_clipnorm {
        let Some(square) = gradients.iter().map(norm).reduce(|a, b| a + b) else { return };
        let factor = square.sqrt().reciprocal().min_scalar(1.0 / c) * c;
        gradients.iter_mut().for_each(|g| *g = &*g * &factor);
    }
}

use super::Base;

/// The running average; after the first step it is the weight itself.
fn average(base: &Base, old: &Tensor, w: &Tensor, number: &Tensor) -> Tensor {
    let first = number.equal(&Tensor::constant(DType::F32, 1.0));
    let later = old * base.ema_momentum + w * (1.0 - base.ema_momentum);
    first.select(w, &later)
}

/// Every so many steps the average takes the weight's place.
fn overwrite(base: &Base, w: &Tensor, average: &Tensor, number: &Tensor) -> Tensor {
    let Some(k) = base.ema_overwrite_frequency else { return w.clone() };
    let k = Tensor::constant(DType::F32, k as f64);
    number.remainder(&k).equal(&Tensor::constant(DType::F32, 0.0)).select(average, w)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::{OPTIMIZERS, SGD};
    use addax_core::Value;

    /// Steps down a parabola, eagerly.
    fn descend(optimizer: &dyn Optimize, steps: usize) -> Vec<f64> {
        let mut w = Tensor::from(Value::from(vec![1f32, -2.0]));
        let specs = state_specs(optimizer, &[(DType::F32, Shape::of(&[2]))]);
        let mut state: Vec<Tensor> =
            specs.iter().map(|s| Tensor::full(s.dtype, &s.shape, s.initial)).collect();
        for _ in 0..steps {
            let v = Variable { value: w.clone(), gradient: &w * 2.0, constraint: None };
            let applied = apply(optimizer, &[v], &state).unwrap();
            (w, state) = (applied.values[0].clone(), applied.state);
        }
        w.to_value().unwrap().to_f64()
    }

    #[test]
    fn every_optimizer_descends_a_parabola() {
        for def in OPTIMIZERS {
            let config = serde_json::json!({"learning_rate": 0.05});
            let o = (def.from_config)(config.as_object().unwrap()).unwrap();
            let w = descend(&*o, 100);
            assert!(w.iter().all(|x| x.abs() < 0.1), "{}: {w:?}", def.name);
        }
    }

    #[test]
    fn accumulation_steps_on_every_second_call() {
        let w = descend(&SGD::new().learning_rate(0.1).gradient_accumulation_steps(Some(2)), 1);
        assert_eq!(w, [1.0, -2.0]);
        let w = descend(&SGD::new().learning_rate(0.1).gradient_accumulation_steps(Some(2)), 2);
        assert!((w[0] - 0.8).abs() < 1e-6);
    }

    #[test]
    fn clipping_excludes_clipping() {
        let o = SGD::new().clipnorm(Some(1.0)).clipvalue(Some(1.0));
        assert_eq!(
            check(&o).unwrap_err().to_string(),
            "SGD: expected one of clipnorm, clipvalue, global_clipnorm, got more"
        );
    }
}
