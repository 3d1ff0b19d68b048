//! Loss scaling: small gradients in half precision do not become zero (Micikevicius et al. 2018).

use super::layout::name_of;
use super::{Applied, Base, Layout, Optimize, Optimizer, Rate, Slot, Step, Variable, WeightInfo};
use crate::class;
use addax_core::{DType, Error, Result, Tensor};

class! {
    /// Multiplies the loss before the gradients are taken and divides them again. The scale doubles after
    /// `dynamic_growth_steps` finite steps and halves after one that is not, which is left out.
    pub struct LossScaleOptimizer: dyn Optimize in "keras.optimizers" ["lossscaleoptimizer"] keeping [] (
        /// The optimizer that steps.
        inner_optimizer: Optimizer,
    ) {
        /// The scale to begin with.
        initial_scale: f64 = 32768.0,
        /// After how many finite steps the scale doubles.
        dynamic_growth_steps: i64 = 2000,
        /// Its name.
        name: crate::fields::Name = crate::fields::Name::default(),
    }
}

/// Its own arrays: calls, a learning rate that nobody reads, finite steps so far, the scale.
const OWN: usize = 4;

impl Optimize for LossScaleOptimizer {
    fn base(&self) -> Base {
        let inner = self.inner_optimizer.get().map(|o| o.base());
        let none = Base {
            learning_rate: Rate::Number(0.0),
            weight_decay: None,
            clipnorm: None,
            clipvalue: None,
            global_clipnorm: None,
            use_ema: false,
            ema_momentum: 0.99,
            ema_overwrite_frequency: None,
            loss_scale_factor: None,
            gradient_accumulation_steps: None,
            name: self.name.clone(),
        };
        Base { learning_rate: inner.map_or(Rate::Number(0.0), |b| b.learning_rate), ..none }
    }

    fn slots(&self, _: &WeightInfo) -> Vec<Vec<Slot>> {
        Vec::new()
    }

    fn update(&self, w: &Tensor, _: &Tensor, _: &[Tensor], _: &Step) -> (Tensor, Vec<Tensor>) {
        (w.clone(), Vec::new())
    }

    fn check(&self) -> Result<()> {
        let inner = self.inner_optimizer.get()?;
        if matches!(inner.class_name(), "LossScaleOptimizer" | "MultiOptimizer") {
            return Err(Error::value("inner_optimizer")
                .expected("a plain optimizer")
                .got(inner.class_name()));
        }
        if !(self.initial_scale.is_finite() && self.initial_scale > 0.0) {
            return Err(Error::value("initial_scale").expected("a number above 0").got(self.initial_scale));
        }
        super::check(&**inner)
    }

    fn layout(&self, weights: &[WeightInfo]) -> Result<Layout> {
        let (mut made, name) = (Layout::default(), name_of(self));
        made.scalar(&name, "iteration", DType::I32, 0.0);
        made.scalar(&name, "learning_rate", DType::F32, 0.0);
        made.scalar(&name, "step_counter", DType::I32, 0.0);
        made.scalar(&name, "dynamic_scale", DType::F32, self.initial_scale);
        let all: Vec<usize> = (0..weights.len()).collect();
        made.extend(self.inner_optimizer.get()?.layout(weights)?, &all);
        Ok(made)
    }

    fn apply(&self, variables: &[Variable], state: &[Tensor]) -> Result<Applied> {
        let (own, inner) = state.split_at_checked(OWN).ok_or_else(|| Error::value("optimizer's state"))?;
        let (count, scale) = (&own[2], &own[3]);
        let is_finite = |g: &Tensor| {
            let axes: Vec<usize> = (0..g.rank()).collect();
            g.is_finite().reduce(addax_core::ops::Reduction::And, &axes)
        };
        let finite = variables.iter().map(|v| is_finite(&v.gradient)).reduce(|a, b| a.and(&b));
        let Some(finite) = finite else { return Ok(Applied { values: Vec::new(), state: state.to_vec() }) };
        let unscaled: Vec<Variable> = variables
            .iter()
            .map(|v| Variable {
                info: v.info.clone(),
                value: v.value.clone(),
                gradient: &v.gradient / scale.cast(v.gradient.dtype()),
                constraint: v.constraint.clone(),
                decays: v.decays,
            })
            .collect();
        let applied = self.inner_optimizer.get()?.apply(&unscaled, inner)?;
        let keep = |new: &Tensor, old: &Tensor| finite.select(new, old);
        let values = applied.values.iter().zip(variables).map(|(w, v)| keep(w, &v.value)).collect();
        let zero = count.filled(0.0);
        let full = count.equal(&count.filled(self.dynamic_growth_steps as f64 - 1.0));
        let grown = full.select(&(scale * 2.0), scale);
        let own_new = [
            own[0].clone(),
            own[1].clone(),
            keep(&full.select(&zero, &(count + 1.0)), &zero),
            keep(&grown, &(scale * 0.5)),
        ];
        let inner_new = applied.state.iter().zip(inner).map(|(new, old)| keep(new, old));
        Ok(Applied { values, state: own_new.into_iter().chain(inner_new).collect() })
    }

    fn loss_scale(&self, state: &[Tensor]) -> Option<Tensor> {
        state.get(3).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::SGD;
    use addax_core::Value;

    fn step(gradient: f32, growth: i64, state: &[f32]) -> (f64, Vec<f64>) {
        let o = LossScaleOptimizer::new(Optimizer::from(SGD::new().learning_rate(0.5)))
            .dynamic_growth_steps(growth);
        let [count, scale] = state else { panic!("two numbers") };
        let int = |x: i32| Tensor::from(Value::scalar(x));
        let float = |x: f32| Tensor::from(Value::scalar(x));
        let state = [int(0), float(0.0), int(*count as i32), float(*scale), int(7), float(0.5)];
        let info = WeightInfo { path: "w".into(), dtype: DType::F32, shape: vec![1] };
        let value = Tensor::from(Value::from(vec![1f32]));
        let gradient = Tensor::from(Value::from(vec![gradient]));
        let v = Variable { info, value, gradient, constraint: None, decays: true };
        let applied = o.apply(&[v], &state).unwrap();
        let numbers = applied.state.iter().map(|t| t.to_value().unwrap().item().unwrap()).collect();
        (applied.values[0].to_value().unwrap().item().unwrap(), numbers)
    }

    #[test]
    fn the_scale_grows_after_finite_steps_and_halves_after_others() {
        assert_eq!(step(8.0, 3, &[1.0, 8.0]), (0.5, vec![0.0, 0.0, 2.0, 8.0, 8.0, 0.5]));
        assert_eq!(step(8.0, 3, &[2.0, 8.0]), (0.5, vec![0.0, 0.0, 0.0, 16.0, 8.0, 0.5]));
        assert_eq!(step(f32::INFINITY, 3, &[2.0, 8.0]), (1.0, vec![0.0, 0.0, 0.0, 4.0, 7.0, 0.5]));
    }
}
