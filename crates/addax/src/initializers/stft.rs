//! STFT: the kernel of a short-time Fourier transform.

use super::Initialize;
use crate::class;
use addax_core::rng::Rng;
use addax_core::{Error, Result};
use std::f64::consts::PI;

class! {
    /// Cosines or sines of frequencies, under a window: a kernel of shape (frame, 1, frequencies).
    pub struct STFT: dyn Initialize in "keras.initializers" ["stft", "STFTInitializer"] keeping [] () {
        /// `real` for the cosines, `imag` for the sines.
        side: String = "real".into(),
        /// The window by SciPy's name, or none.
        window: Option<String> = Some("hann".into()),
        /// What the window is divided by: `density` its norm, `spectrum` its sum, or nothing.
        scaling: Option<String> = Some("density".into()),
        /// Whether the window is one period of a longer one.
        periodic: bool = false,
    }
}

/// Sums of cosines, by SciPy's names: `Σ a_k cos(k x)` for x from -π to π.
const COSINES: &[(&[&str], &[f64])] = &[
    (&["hann", "hanning", "han"], &[0.5, 0.5]),
    (&["hamming", "hamm", "ham"], &[0.54, 0.46]),
    (&["blackman", "black", "blk"], &[0.42, 0.5, 0.08]),
    (&["nuttall", "nutl", "nut"], &[0.3635819, 0.4891775, 0.1365995, 0.0106411]),
    (&["blackmanharris", "blackharr", "bkh"], &[0.35875, 0.48829, 0.14128, 0.01168]),
    (&["flattop", "flat", "flt"], &[0.21557895, 0.41663158, 0.277263158, 0.083578947, 0.006947368]),
    (&["boxcar", "box", "ones", "rect", "rectangular"], &[1.0]),
];

/// Windows of other formulas.
const OTHERS: &[&[&str]] =
    &[&["bartlett", "bart", "brt"], &["triang", "triangle", "tri"], &["cosine", "halfcosine"]];

/// A window by name, of `n` numbers, or of one more without the last.
fn window(name: &str, n: usize, periodic: bool) -> Result<Vec<f64>> {
    if n <= 1 {
        return Ok(vec![1.0; n]);
    }
    let m = (n + usize::from(periodic)) as f64;
    let each = |f: &dyn Fn(f64) -> f64| Ok((0..n).map(|i| f(i as f64)).collect());
    if let Some((_, a)) = COSINES.iter().find(|(names, _)| names.contains(&name)) {
        let angle = |i: f64| -PI + 2.0 * PI * i / (m - 1.0);
        return each(&|i| a.iter().enumerate().map(|(k, a)| a * (k as f64 * angle(i)).cos()).sum());
    }
    match OTHERS.iter().position(|names| names.contains(&name)) {
        Some(0) => each(&|i| 1.0 - (2.0 * i / (m - 1.0) - 1.0).abs()),
        // Ends that are not 0: one step further out.
        Some(1) if m % 2.0 == 0.0 => each(&|i| 1.0 - ((2.0 * i + 1.0) / m - 1.0).abs()),
        Some(1) => each(&|i| 1.0 - (2.0 * (i + 1.0) / (m + 1.0) - 1.0).abs()),
        Some(_) => each(&|i| (PI / m * (i + 0.5)).sin()),
        None => {
            let known = COSINES.iter().map(|(names, _)| names[0]).chain(OTHERS.iter().map(|names| names[0]));
            Err(Error::unknown("window", name, known).at("STFT"))
        }
    }
}

impl Initialize for STFT {
    fn values(&self, shape: &[usize], _: &mut Rng) -> Result<Vec<f64>> {
        let [frame, channels, frequencies] = *shape else {
            let e = Error::value("STFT").expected("a shape (frame, 1, frequencies)");
            return Err(e.got(format_args!("{shape:?}")));
        };
        let wave: fn(f64) -> f64 = match self.side.as_str() {
            "real" => f64::cos,
            "imag" => f64::sin,
            other => return Err(Error::unknown("side", other, ["real", "imag"]).at("STFT")),
        };
        let window = self.window.as_deref().map(|name| window(name, frame, self.periodic)).transpose()?;
        let divisor = match (&window, self.scaling.as_deref()) {
            (None, _) | (_, None) => 1.0,
            (Some(w), Some("density")) => w.iter().map(|x| x * x).sum::<f64>().sqrt(),
            (Some(w), Some("spectrum")) => w.iter().map(|x| x.abs()).sum(),
            (_, Some(other)) => {
                return Err(Error::unknown("scaling", other, ["density", "spectrum"]).at("STFT"));
            }
        };
        let length = frequencies.saturating_sub(1).max(1) as f64 * 2.0;
        let at = |i: usize| {
            let (time, frequency) = (i / (channels * frequencies), i % frequencies);
            let share = window.as_ref().map_or(1.0, |w| w[time] / divisor);
            wave(-2.0 * PI * time as f64 * frequency as f64 / length) * share
        };
        Ok((0..frame * channels * frequencies).map(at).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(got: &[f64], want: &[f64]) {
        assert_eq!(got.len(), want.len());
        assert!(got.iter().zip(want).all(|(g, w)| (g - w).abs() < 1e-6), "{got:?}, not {want:?}");
    }

    #[test]
    fn windows_are_those_of_scipy() {
        close(&window("hann", 4, false).unwrap(), &[0.0, 0.75, 0.75, 0.0]);
        close(&window("hann", 4, true).unwrap(), &[0.0, 0.5, 1.0, 0.5]);
        close(&window("bartlett", 5, false).unwrap(), &[0.0, 0.5, 1.0, 0.5, 0.0]);
        close(&window("triang", 4, false).unwrap(), &[0.25, 0.75, 0.75, 0.25]);
        close(&window("triang", 3, false).unwrap(), &[0.5, 1.0, 0.5]);
        close(&window("cosine", 2, false).unwrap(), &[0.5f64.sqrt(), 0.5f64.sqrt()]);
        assert!(window("kaiser", 4, false).is_err());
    }

    #[test]
    fn the_first_frequency_is_the_window() {
        let values = STFT::new().values(&[4, 1, 3], &mut Rng::new(0, 0)).unwrap();
        let half = 0.5f64.sqrt();
        close(&[0, 3, 6, 9].map(|i| values[i]), &[0.0, half, half, 0.0]);
        let sines = STFT { side: "imag".into(), window: None, ..STFT::new() };
        let sines = sines.values(&[4, 1, 3], &mut Rng::new(0, 0)).unwrap();
        close(&sines[3..6], &[0.0, -1.0, 0.0]);
    }
}
