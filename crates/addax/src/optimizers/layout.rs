//! What an optimizer keeps between steps, in Keras's order and under Keras's names.

use super::Optimize;
use crate::class::snake_case;
use addax_core::{DType, Error, Result, Shape};

/// A weight as an optimizer sees it before there are numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct WeightInfo {
    /// Where it stands: `layer/kernel`.
    pub path: String,
    /// Its element type.
    pub dtype: DType,
    /// Its shape.
    pub shape: Vec<usize>,
}

/// What an array begins with.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Initial {
    /// One number everywhere.
    Number(f64),
    /// The first value of the weight with this number.
    Weight(usize),
}

/// An array that is kept for a weight.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// Its name: `momentum`, `velocity`, …
    pub name: &'static str,
    /// Its element type; the weight's if not said.
    pub dtype: Option<DType>,
    /// Its shape; the weight's if not said.
    pub shape: Option<Vec<usize>>,
    /// What it begins with; `None`: the weight's own first value.
    pub initial: Option<f64>,
}

impl Slot {
    /// An array like the weight that begins at 0.
    pub const fn zeros(name: &'static str) -> Slot {
        Slot::filled(name, 0.0)
    }

    /// An array like the weight that begins with one number.
    pub const fn filled(name: &'static str, x: f64) -> Slot {
        Slot { name, dtype: None, shape: None, initial: Some(x) }
    }

    /// A scalar.
    pub fn scalar(name: &'static str, dtype: DType, x: f64) -> Slot {
        Slot { name, dtype: Some(dtype), shape: Some(Vec::new()), initial: Some(x) }
    }

    /// A copy of the weight.
    pub const fn copy(name: &'static str) -> Slot {
        Slot { name, dtype: None, shape: None, initial: None }
    }

    /// With a shape of its own.
    pub fn shaped(mut self, shape: Vec<usize>) -> Slot {
        self.shape = Some(shape);
        self
    }
}

/// An array of the state.
#[derive(Clone, Debug, PartialEq)]
pub struct StateSpec {
    /// Its name in Keras: `adam/iteration`, `adam/dense_kernel_momentum`, …
    pub path: String,
    /// Its element type.
    pub dtype: DType,
    /// Its shape.
    pub shape: Shape,
    /// What it begins with.
    pub initial: Initial,
}

/// All arrays of an optimizer, and where in them what stands. The first is the number of calls so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// The arrays in Keras's order.
    pub specs: Vec<StateSpec>,
    /// The learning rates that can be set; none with a schedule.
    pub rates: Vec<usize>,
    /// The averages of weights, with the weights' numbers.
    pub averages: Vec<(usize, usize)>,
    pub(super) accumulators: Vec<usize>,
    /// By weight.
    pub(super) slots: Vec<Vec<usize>>,
    pub(super) own: Vec<usize>,
}

impl Layout {
    /// Adds another optimizer's arrays, which belong to some of the weights.
    pub(super) fn extend(&mut self, inner: Layout, weights: &[usize]) {
        let base = self.specs.len();
        self.specs.extend(inner.specs.into_iter().map(|mut s| {
            if let Initial::Weight(i) = s.initial {
                s.initial = Initial::Weight(weights[i]);
            }
            s
        }));
        self.rates.extend(inner.rates.iter().map(|i| base + i));
        self.averages.extend(inner.averages.iter().map(|(at, w)| (base + at, weights[*w])));
    }

    pub(super) fn scalar(&mut self, name: &str, what: &str, dtype: DType, x: f64) {
        let (path, shape) = (format!("{name}/{what}"), Shape::scalar());
        self.specs.push(StateSpec { path, dtype, shape, initial: Initial::Number(x) });
    }

    fn push(&mut self, name: &str, slot: &Slot, weight: Option<(usize, &WeightInfo)>) -> usize {
        let path = match weight {
            Some((_, w)) => format!("{name}/{}_{}", w.path.replace('/', "_"), slot.name),
            None => slot.name.to_string(),
        };
        let dtype = slot.dtype.or(weight.map(|(_, w)| w.dtype)).unwrap_or(DType::F32);
        let shape = slot.shape.clone().or(weight.map(|(_, w)| w.shape.clone())).unwrap_or_default();
        let initial = match (slot.initial, weight) {
            (None, Some((i, _))) => Initial::Weight(i),
            (x, _) => Initial::Number(x.unwrap_or(0.0)),
        };
        self.specs.push(StateSpec { path, dtype, shape: Shape::of(&shape), initial });
        self.specs.len() - 1
    }
}

/// The name of an optimizer, or that of its class in snake case.
pub(super) fn name_of<O: Optimize + ?Sized>(optimizer: &O) -> String {
    optimizer.base().name.0.unwrap_or_else(|| snake_case(optimizer.class_name()))
}

/// The arrays of any optimizer: calls, learning rate, averages, accumulated gradients, slots, its own.
pub fn layout<O: Optimize + ?Sized>(optimizer: &O, weights: &[WeightInfo]) -> Result<Layout> {
    let (base, name) = (optimizer.base(), name_of(optimizer));
    let mut made = Layout { slots: vec![Vec::new(); weights.len()], ..Layout::default() };
    made.scalar(&name, "iteration", DType::I32, 0.0);
    if let Some(x) = base.learning_rate.number() {
        made.rates.push(1);
        made.scalar(&name, "learning_rate", DType::F32, x);
    }
    if base.use_ema {
        for (i, w) in weights.iter().enumerate() {
            let at = made.push(&name, &Slot::zeros("average"), Some((i, w)));
            made.averages.push((at, i));
        }
    }
    if base.gradient_accumulation_steps.is_some() {
        for w in weights.iter().enumerate() {
            let at = made.push(&name, &Slot::zeros("gradient_accumulator"), Some(w));
            made.accumulators.push(at);
        }
    }
    let slots: Vec<Vec<Vec<Slot>>> = weights.iter().map(|w| optimizer.slots(w)).collect();
    for group in 0..slots.iter().map(Vec::len).max().unwrap_or(0) {
        for (i, w) in weights.iter().enumerate() {
            for slot in slots[i].get(group).map(Vec::as_slice).unwrap_or_default() {
                let at = made.push(&name, slot, Some((i, w)));
                made.slots[i].push(at);
            }
        }
    }
    for slot in optimizer.own_slots() {
        let at = made.push(&name, &slot, None);
        made.own.push(at);
    }
    match made.specs.iter().find(|s| s.shape.size().is_none()) {
        Some(s) => Err(Error::value(&s.path).expected("a shape that fits into memory").got(&s.shape)),
        None => Ok(made),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::optimizers::{Adafactor, Adam, Muon, Nadam, RMSprop, ScheduleFreeAdamW};

    fn paths(optimizer: &dyn Optimize) -> Vec<String> {
        let info = |name: &str, shape: &[usize]| WeightInfo {
            path: format!("d/{name}"),
            dtype: DType::F32,
            shape: shape.to_vec(),
        };
        let made = optimizer.layout(&[info("kernel", &[2, 3]), info("bias", &[3])]).unwrap();
        made.specs
            .iter()
            .skip(2)
            .map(|s| s.path.split('/').next_back().unwrap_or_default().to_string())
            .collect()
    }

    #[test]
    fn arrays_stand_in_keras_s_order() {
        assert_eq!(
            paths(&Adam::new().amsgrad(true)),
            [
                "d_kernel_momentum",
                "d_kernel_velocity",
                "d_bias_momentum",
                "d_bias_velocity",
                "d_kernel_velocity_hat",
                "d_bias_velocity_hat"
            ]
        );
        assert_eq!(
            paths(&RMSprop::new().momentum(0.9).centered(true)),
            [
                "d_kernel_velocity",
                "d_bias_velocity",
                "d_kernel_momentum",
                "d_bias_momentum",
                "d_kernel_average_gradient",
                "d_bias_average_gradient"
            ]
        );
        assert_eq!(paths(&Nadam::new()).last().map(String::as_str), Some("u_product"));
        assert_eq!(paths(&Muon::new()), ["d_kernel_momentum", "d_bias_momentum", "d_bias_velocity"]);
        assert_eq!(
            paths(&Adam::new().use_ema(true).gradient_accumulation_steps(2))[..4],
            [
                "d_kernel_average",
                "d_bias_average",
                "d_kernel_gradient_accumulator",
                "d_bias_gradient_accumulator"
            ]
        );
    }

    #[test]
    fn shapes_and_first_values_are_the_optimizer_s() {
        let w = WeightInfo { path: "d/kernel".into(), dtype: DType::F32, shape: vec![4, 2, 3] };
        let b = WeightInfo { path: "d/bias".into(), dtype: DType::F32, shape: vec![3] };
        let made = Adafactor::new().layout(&[w.clone(), b]).unwrap();
        let of = |i: usize| (made.specs[i].dtype, made.specs[i].shape.to_string());
        assert_eq!(of(2), (DType::F32, "(4, 2)".into()));
        assert_eq!(of(3), (DType::F32, "(4, 3)".into()));
        assert_eq!(of(5), (DType::I32, "()".into()));
        let made = ScheduleFreeAdamW::new().layout(&[w]).unwrap();
        assert_eq!(made.specs[2].initial, Initial::Weight(0));
    }
}
