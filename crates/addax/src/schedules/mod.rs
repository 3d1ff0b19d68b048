//! Learning-rate schedules (`keras.optimizers.schedules`): functions of the number of steps so far, in ops, so that they
//! run inside the training step.

mod cosine;
mod decay;
mod piecewise;

pub use cosine::{CosineDecay, CosineDecayRestarts};
pub use decay::{ExponentialDecay, InverseTimeDecay, PolynomialDecay};
pub use piecewise::PiecewiseConstantDecay;

use crate::class::{Class, Def, Handle, Kind};
use addax_core::{DType, Error, Result, Tensor};

/// A schedule.
pub trait Schedule: Class {
    /// The rate after so many steps (an int32 scalar), as a float32 scalar.
    fn rate(&self, step: &Tensor) -> Tensor;

    /// Finds arguments out of range.
    fn check(&self) -> Result<()>;
}

/// A schedule, as an instance.
pub type ScheduleHandle = Handle<dyn Schedule>;

impl Kind for dyn Schedule {
    const WHAT: &'static str = "schedule";

    fn defs() -> &'static [&'static Def<dyn Schedule>] {
        SCHEDULES
    }
}

/// All schedules.
pub const SCHEDULES: &[&Def<dyn Schedule>] = &[
    &ExponentialDecay::DEF,
    &PiecewiseConstantDecay::DEF,
    &PolynomialDecay::DEF,
    &InverseTimeDecay::DEF,
    &CosineDecay::DEF,
    &CosineDecayRestarts::DEF,
];

fn number(x: f64) -> Tensor {
    Tensor::constant(DType::F32, x)
}

/// Refuses a number of steps that cannot be divided by.
fn steps(name: &str, x: f64) -> Result<()> {
    match x > 0.0 && x.is_finite() {
        true => Ok(()),
        false => Err(Error::value(name).expected("a number above 0").got(x)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;

    fn at(schedule: &dyn Schedule, step: i32) -> f64 {
        schedule.rate(&Tensor::from(Value::scalar(step))).to_value().unwrap().item().unwrap()
    }

    fn near(got: f64, want: f64) {
        assert!((got - want).abs() < 1e-6, "{got} for {want}");
    }

    #[test]
    fn values_by_hand() {
        near(at(&ExponentialDecay::new(1.0, 2.0, 0.25), 1), 0.5);
        near(at(&ExponentialDecay::new(1.0, 2.0, 0.25).staircase(true), 3), 0.25);
        near(at(&InverseTimeDecay::new(1.0, 2.0, 1.0), 2), 0.5);
        near(at(&PolynomialDecay::new(1.0, 4.0).end_learning_rate(0.2), 2), 0.6);
        near(at(&PolynomialDecay::new(1.0, 4.0).end_learning_rate(0.2), 9), 0.2);
        near(at(&PolynomialDecay::new(1.0, 4.0).end_learning_rate(0.0).cycle(true), 6), 0.25);
        let pieces = PiecewiseConstantDecay::new(vec![2.0, 5.0], vec![3.0, 2.0, 1.0]);
        assert_eq!([0, 2, 3, 5, 6].map(|s| at(&pieces, s)), [3.0, 3.0, 2.0, 2.0, 1.0]);
        near(at(&CosineDecay::new(1.0, 4.0).alpha(0.5), 2), 0.75);
        let warm = CosineDecay::new(0.0, 4.0).warmup_target(Some(1.0)).warmup_steps(2.0);
        near(at(&warm, 1), 0.5);
        near(at(&warm, 4), 0.5);
        near(at(&CosineDecayRestarts::new(1.0, 2.0).m_mul(0.5), 2), 0.5);
        near(at(&CosineDecayRestarts::new(1.0, 2.0).t_mul(1.0), 3), 0.5);
    }

    #[test]
    fn arguments_are_checked() {
        let e = ExponentialDecay::new(1.0, 0.0, 0.5).check().unwrap_err().to_string();
        assert_eq!(e, "decay_steps: expected a number above 0, got 0");
        let e = PiecewiseConstantDecay::new(vec![1.0], vec![1.0]).check().unwrap_err().to_string();
        assert_eq!(e, "values: expected 2, one more than boundaries, got 1");
    }
}
