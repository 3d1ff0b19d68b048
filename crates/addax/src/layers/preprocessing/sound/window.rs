//! Windows: how the samples of a stretch of sound are weighed.

use crate::class::Field;
use addax_core::{Error, Result};
use serde_json::Value as Json;
use std::f64::consts::PI;

/// A window by its name, by its numbers, or none.
#[derive(Clone, Debug, PartialEq)]
pub enum SoundWindow {
    /// All samples alike.
    Nothing,
    /// A known curve: `"hann"`, `"hamming"`, `"blackman"`, …
    Named(String),
    /// A number for each sample.
    Given(Vec<f64>),
}

impl From<&str> for SoundWindow {
    fn from(name: &str) -> Self {
        SoundWindow::Named(name.to_string())
    }
}

impl Field for SoundWindow {
    fn to_json(&self) -> Json {
        match self {
            SoundWindow::Nothing => Json::Null,
            SoundWindow::Named(name) => Json::from(name.as_str()),
            SoundWindow::Given(numbers) => numbers.to_json(),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        match json {
            Json::Null => Ok(SoundWindow::Nothing),
            Json::String(name) => Ok(SoundWindow::Named(name.clone())),
            other => Vec::from_json(other).map(SoundWindow::Given),
        }
    }
}

/// Sums of cosines: their factors, with signs that alternate.
const COSINES: [(&str, &[f64]); 7] = [
    ("boxcar", &[1.0]),
    ("hann", &[0.5, 0.5]),
    ("hamming", &[0.54, 0.46]),
    ("blackman", &[0.42, 0.5, 0.08]),
    ("nuttall", &[0.3635819, 0.4891775, 0.1365995, 0.0106411]),
    ("blackmanharris", &[0.35875, 0.48829, 0.14128, 0.01168]),
    ("flattop", &[0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368]),
];

impl SoundWindow {
    /// The numbers for so many samples; a periodic window begins anew behind its last sample.
    pub(super) fn numbers(&self, n: usize, periodic: bool) -> Result<Vec<f64>> {
        let name = match self {
            SoundWindow::Nothing => return Ok(vec![1.0; n]),
            SoundWindow::Given(numbers) if numbers.len() == n => return Ok(numbers.clone()),
            SoundWindow::Given(numbers) => {
                return Err(Error::value("window").expected(format_args!("{n} numbers")).got(numbers.len()));
            }
            SoundWindow::Named(name) => name.as_str(),
        };
        if n <= 1 {
            return Ok(vec![1.0; n]);
        }
        let span = if periodic { n } else { n - 1 } as f64;
        if name == "bartlett" {
            return Ok((0..n).map(|i| 1.0 - (2.0 * i as f64 / span - 1.0).abs()).collect());
        }
        let known = COSINES.iter().find(|(known, _)| *known == name);
        let known = known.or_else(|| COSINES.iter().find(|(known, _)| name == "hanning" && *known == "hann"));
        let (_, factors) = known.ok_or_else(|| {
            Error::unknown("window", name, COSINES.iter().map(|(known, _)| *known).chain(["bartlett"]))
        })?;
        let at = |i: usize| {
            let angle = 2.0 * PI * i as f64 / span;
            let term = |(k, a): (usize, &f64)| if k % 2 == 0 { *a } else { -a } * (k as f64 * angle).cos();
            factors.iter().enumerate().map(term).sum()
        };
        Ok((0..n).map(at).collect())
    }
}
