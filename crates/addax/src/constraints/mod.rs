//! Constraints: what is done to a weight after each update (`keras.constraints`).

use crate::class;
use crate::class::{Class, Def, Field, Handle, Kind};
use addax_core::{Error, Result, Tensor};
use serde_json::Value as Json;

/// Brings a weight back where it belongs.
pub trait Constrain: Class {
    /// The constrained weight.
    fn constrain(&self, w: &Tensor) -> Tensor;
}

/// A constraint, as an instance or by name.
pub type Constraint = Handle<dyn Constrain>;

impl Kind for dyn Constrain {
    const WHAT: &'static str = "constraint";

    fn defs() -> &'static [&'static Def<dyn Constrain>] {
        CONSTRAINTS
    }
}

/// All constraints.
pub const CONSTRAINTS: &[&Def<dyn Constrain>] =
    &[&MaxNorm::DEF, &MinMaxNorm::DEF, &NonNeg::DEF, &UnitNorm::DEF];

/// The axes over which a norm is taken: one or several.
#[derive(Clone, Debug, PartialEq)]
pub struct Axes(pub Vec<isize>);

impl From<isize> for Axes {
    fn from(axis: isize) -> Axes {
        Axes(vec![axis])
    }
}

impl From<Vec<isize>> for Axes {
    fn from(axes: Vec<isize>) -> Axes {
        Axes(axes)
    }
}

impl<const N: usize> From<[isize; N]> for Axes {
    fn from(axes: [isize; N]) -> Axes {
        Axes(axes.to_vec())
    }
}

impl Field for Axes {
    fn to_json(&self) -> Json {
        match self.0[..] {
            [one] => Json::from(one as i64),
            _ => self.0.to_json(),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        if json.is_array() { Vec::from_json(json).map(Axes) } else { isize::from_json(json).map(Axes::from) }
    }
}

class! {
    /// Norms along `axis` at most `max_value`: `w · clip(‖w‖, 0, max) / (ε + ‖w‖)`, ε = 1e-7.
    pub struct MaxNorm: dyn Constrain in "keras.constraints" ["max_norm"] keeping [] () {
        /// The largest norm.
        max_value: f64 = 2.0,
        /// Along which axes.
        axis: Axes = Axes::from(0),
    }
}

class! {
    /// Norms along `axis` between two limits, approached at `rate`.
    pub struct MinMaxNorm: dyn Constrain in "keras.constraints" ["min_max_norm"] keeping [] () {
        /// The smallest norm.
        min_value: f64 = 0.0,
        /// The largest norm.
        max_value: f64 = 1.0,
        /// How far towards the limits: 1 enforces them at once.
        rate: f64 = 1.0,
        /// Along which axes.
        axis: Axes = Axes::from(0),
    }
}

class! {
    /// No negative elements.
    pub struct NonNeg: dyn Constrain in "keras.constraints" ["non_neg"] keeping [] () {}
}

class! {
    /// Norms along `axis` of 1.
    pub struct UnitNorm: dyn Constrain in "keras.constraints" ["unit_norm"] keeping [] () {
        /// Along which axes.
        axis: Axes = Axes::from(0),
    }
}

const EPSILON: f64 = 1e-7;

/// The norm along some axes, kept with length 1.
fn norm(w: &Tensor, axes: &Axes) -> Result<Tensor> {
    let axes = axes.0.iter().map(|a| w.check()?.axis(*a)).collect::<Result<Vec<usize>>>();
    let axes = axes.map_err(|e: Error| e.at("constraint"))?;
    Ok(w.square().sum(&axes).sqrt().keep_axes(&axes))
}

impl Constrain for MaxNorm {
    fn constrain(&self, w: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let n = norm(w, &self.axis)?;
            Ok(w * (n.clip(0.0, self.max_value) / (n + EPSILON)))
        })
    }
}

impl Constrain for MinMaxNorm {
    fn constrain(&self, w: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let n = norm(w, &self.axis)?;
            let wanted = n.clip(self.min_value, self.max_value) * self.rate + &n * (1.0 - self.rate);
            Ok(w * (wanted / (n + EPSILON)))
        })
    }
}

impl Constrain for NonNeg {
    fn constrain(&self, w: &Tensor) -> Tensor {
        w.relu()
    }
}

impl Constrain for UnitNorm {
    fn constrain(&self, w: &Tensor) -> Tensor {
        Tensor::from_result(|| Ok(w / (norm(w, &self.axis)? + EPSILON)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;

    #[test]
    fn norms_are_kept() {
        let w = Tensor::from(Value::new([2, 2], vec![3f32, 0.1, -4.0, 0.2]).unwrap());
        let of = |c: &dyn Constrain| c.constrain(&w).to_value().unwrap().to_f64();
        assert!((of(&MaxNorm::new())[0] - 1.2).abs() < 1e-6 && (of(&MaxNorm::new())[1] - 0.1).abs() < 1e-6);
        assert!((of(&UnitNorm::new().axis(0))[2] + 0.8).abs() < 1e-6);
        assert_eq!(of(&NonNeg::new())[2], 0.0);
        assert!((of(&MinMaxNorm::new().min_value(1.0).max_value(2.0))[1] - 1.0 / 5f64.sqrt()).abs() < 1e-6);
    }
}
