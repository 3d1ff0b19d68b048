//! `fit`: the data divided, weighed and looked at, then the epochs.

use super::arrays::Arrays;
use super::check;
use super::epochs::{Validated, train};
use super::fit::{Fit, Validation, Weights, batch_size};
use super::history::History;
use super::model::Model;
use super::session::Data;
use crate::random;
use addax_core::{Error, Result, Value};

impl Model {
    /// Trains; see [`Fit`].
    pub fn fit(&mut self, x: impl Into<Arrays>, y: impl Into<Arrays>, mut fit: Fit) -> Result<History> {
        let seed = fit.seed.unwrap_or_else(random::fresh_seed);
        let (data, validation) = self.prepare(x.into(), y.into(), &mut fit, seed)?;
        let session = self.opened()?;
        let history = train(session, &data, validation.as_ref(), &mut fit, seed)?;
        session.store()?;
        self.history = history.clone();
        Ok(history)
    }

    /// Checks and casts what a `fit` is given, and opens the session for it.
    pub(crate) fn prepare(
        &mut self,
        mut x: Arrays,
        mut y: Arrays,
        fit: &mut Fit,
        seed: u64,
    ) -> Result<(Data, Option<Validated>)> {
        if fit.validation.is_none() && fit.validation_split != 0.0 {
            fit.validation = Some(split(&mut x, &mut y, &mut fit.weights, fit.validation_split)?);
        }
        if !fit.class_weight.is_empty() {
            fit.weights = self.class_weights(&y, fit)?;
        }
        batch_size(1, fit.batch_size, fit.steps_per_epoch)?;
        let data = self.data(&x, &y, &fit.weights, seed)?;
        self.warn_of_not_finite("", &data);
        let validation = match &fit.validation {
            Some(v) => {
                let data = self.data(&v.x, &v.y, &v.weights, seed);
                let data = data.map_err(|e| e.at("validation data"))?;
                self.warn_of_not_finite("validation data > ", &data);
                let asked = fit.validation_batch_size.or(fit.batch_size);
                let size = batch_size(data.rows(), asked, fit.validation_steps)?;
                Some(Validated { data, size, steps: fit.validation_steps })
            }
            None => None,
        };
        Ok((data, validation))
    }

    /// NaN and infinity are allowed, and said.
    fn warn_of_not_finite(&self, whose: &str, data: &Data) {
        let (inputs, outputs) = (self.input_names(), self.output_names());
        let x = inputs.iter().zip(data.x.iter().map(Some));
        let y = outputs.iter().zip(data.y.iter().map(Option::as_ref));
        let w = outputs.iter().zip(data.w.iter().map(Option::as_ref));
        let look = |what: &str, name: &str, only: bool, v: Option<&Value>| {
            if let Some(row) = v.and_then(check::first_not_finite) {
                let name = if only { String::new() } else { format!(" \"{name}\"") };
                eprintln!("warning: {whose}{what}{name} holds NaN or infinity, first in row {row}");
            }
        };
        x.for_each(|(name, v)| look("x", name, inputs.len() == 1, v));
        y.for_each(|(name, v)| look("y", name, outputs.len() == 1, v));
        w.for_each(|(name, v)| look("sample_weight", name, outputs.len() == 1, v));
    }

    fn class_weights(&self, y: &Arrays, fit: &Fit) -> Result<Weights> {
        match (y.first(), &fit.weights.0) {
            (Some(y_of_one), None) if y.len() == 1 => {
                Ok(Weights::from(&check::class_weight(&fit.class_weight, y_of_one)?))
            }
            _ => Err(Error::value("class_weight").expected("one output and no sample_weight")),
        }
    }
}

/// Takes the last rows for validation.
fn split(x: &mut Arrays, y: &mut Arrays, weights: &mut Weights, share: f64) -> Result<Validation> {
    let rows = x.first().map_or(0, Value::rows);
    let kept = (rows as f64 * (1.0 - share)).floor() as usize;
    if !(share > 0.0 && share < 1.0) || kept == 0 || kept == rows {
        let e = Error::value("validation_split").expected("a share that leaves rows on both sides");
        return Err(e.got(format_args!("{share} of {rows} rows")));
    }
    let part = |arrays: &Arrays, from: usize, to: usize| {
        arrays.try_map(|v| match v.rows() == rows {
            true => v.slice_rows(from, to),
            false => Err(Error::value("validation_split")
                .expected(format_args!("{rows} rows in every array"))
                .got(v.rows())),
        })
    };
    let mut cut = |arrays: &mut Arrays| -> Result<Arrays> {
        let last = part(arrays, kept, rows)?;
        *arrays = part(arrays, 0, kept)?;
        Ok(last)
    };
    let (x, y) = (cut(x)?, cut(y)?);
    let weights = Weights(weights.0.as_mut().map(&mut cut).transpose()?);
    Ok(Validation { x, y, weights })
}
