//! Rates that jump.

use super::{Schedule, number};
use crate::class;
use addax_core::{DType, Error, Result, Tensor};

class! {
    /// The first value up to and with the first boundary, then the second, and so on.
    pub struct PiecewiseConstantDecay: dyn Schedule in "keras.optimizers.schedules" [] keeping [] (
        /// The last steps of the values, increasing.
        boundaries: Vec<f64>,
        /// The rates, one more than boundaries.
        values: Vec<f64>,
    ) {
        /// Its name.
        name: String = "PiecewiseConstant".to_string(),
    }
}

impl Schedule for PiecewiseConstantDecay {
    fn rate(&self, step: &Tensor) -> Tensor {
        let Some((last, before)) = self.values.split_last() else { return number(0.0) };
        // From the end, so that the first boundary not yet passed decides.
        before.iter().zip(&self.boundaries).rev().fold(number(*last), |rest, (value, boundary)| {
            step.le(&Tensor::constant(DType::I32, boundary.trunc())).select(&number(*value), &rest)
        })
    }

    fn check(&self) -> Result<()> {
        let wanted = self.boundaries.len() + 1;
        if self.values.len() != wanted {
            let e = Error::value("values").expected(format_args!("{wanted}, one more than boundaries"));
            return Err(e.got(self.values.len()));
        }
        if self.boundaries.windows(2).any(|w| w[0] > w[1]) {
            return Err(Error::value("boundaries").expected("increasing steps"));
        }
        Ok(())
    }
}
