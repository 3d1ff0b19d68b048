//! STFTSpectrogram: the frequencies of stretches of sound, by a convolution that could be learnt.

use super::SoundWindow;
use crate::class::{Class, Config, Word, Words};
use crate::initializers::{Initialize, Initializer};
use crate::layer;
use crate::layers::{DataFormat, Layer};
use crate::scope::Scope;
use addax_core::ops::{Padding, Spatial};
use addax_core::rng::Rng;
use addax_core::{Dim, Error, Result, Tensor};
use std::f64::consts::PI;
use std::sync::Arc;

/// What is told of each frequency.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum SpectrumMode {
    /// The logarithm of its strength.
    Log,
    /// Its strength.
    Magnitude,
    /// Its power, both sides counted.
    Psd,
    /// The part of the cosine.
    Real,
    /// The part of the sine.
    Imag,
    /// Its phase.
    Angle,
    /// Both parts, one after another.
    Stft,
}

impl Words for SpectrumMode {
    const WHAT: &'static str = "mode";

    fn all() -> &'static [SpectrumMode] {
        use SpectrumMode::*;
        &[Log, Magnitude, Psd, Real, Imag, Angle, Stft]
    }

    fn word(self) -> &'static str {
        use SpectrumMode::*;
        match self {
            Log => "log",
            Magnitude => "magnitude",
            Psd => "psd",
            Real => "real",
            Imag => "imag",
            Angle => "angle",
            Stft => "stft",
        }
    }
}

layer! {
    /// The frequencies of stretches of a signal, `[batch, time, channels]`: windows that slide, each through a Fourier
    /// transform, which is a convolution whose kernels are weights.
    pub struct STFTSpectrogram () {
        /// What is told of each frequency.
        mode: Word<SpectrumMode> = SpectrumMode::Log.into(),
        /// How many samples a stretch has.
        frame_length: usize = 256,
        /// How far stretches are apart; half their length unless given.
        frame_step: Option<usize> = None,
        /// How many samples the transform has; the next power of 2 unless given.
        fft_length: Option<usize> = None,
        /// How the samples of a stretch are weighed.
        window: SoundWindow = "hann".into(),
        /// Whether the window begins anew behind its last sample.
        periodic: bool = false,
        /// What the window is divided by: `"density"`, `"spectrum"`, or nothing.
        scaling: Option<String> = Some("density".to_string()),
        /// Whether stretches may begin before the signal and end behind it.
        padding: Word<Padding> = Padding::Valid.into(),
        /// Whether channels keep an axis of their own.
        expand_dims: bool = false,
        /// Where the channels are.
        data_format: Word<DataFormat> = DataFormat::ChannelsLast.into(),
    }
}

/// First values of a kernel: cosines, or sines, under a window.
#[derive(Debug)]
struct Fourier {
    sine: bool,
    window: SoundWindow,
    scaling: Option<String>,
    periodic: bool,
}

impl Class for Fourier {
    fn class_name(&self) -> &'static str {
        "STFT"
    }

    fn module(&self) -> &'static str {
        "keras.initializers"
    }

    fn config(&self) -> Config {
        Config::new()
    }
}

impl Initialize for Fourier {
    fn values(&self, shape: &[usize], _: &mut Rng) -> Result<Vec<f64>> {
        let [length, _, bins] = shape else { return Err(Error::value("shape").expected("three axes")) };
        let window = self.window.numbers(*length, self.periodic)?;
        let scale = match self.scaling.as_deref() {
            _ if self.window == SoundWindow::Nothing => 1.0,
            None => 1.0,
            Some("density") => window.iter().map(|w| w * w).sum::<f64>().sqrt(),
            Some("spectrum") => window.iter().map(|w| w.abs()).sum(),
            Some(other) => return Err(Error::unknown("scaling", other, ["density", "spectrum"])),
        };
        let turns = 2.0 * (bins.saturating_sub(1)).max(1) as f64;
        let at = |t: usize, f: usize| {
            let angle = -2.0 * PI * (t as f64) * (f as f64) / turns;
            (if self.sine { angle.sin() } else { angle.cos() }) * window[t] / scale
        };
        Ok((0..*length).flat_map(|t| (0..*bins).map(move |f| (t, f))).map(|(t, f)| at(t, f)).collect())
    }
}

/// Less than this is not told.
const LEAST: f64 = 1e-7;

impl STFTSpectrogram {
    fn bins(&self) -> Result<usize> {
        let length = self.fft_length.unwrap_or_else(|| self.frame_length.next_power_of_two());
        if self.frame_length == 0 || length < self.frame_length {
            let e = Error::value("fft_length")
                .expected(format_args!("at least frame_length {}", self.frame_length));
            return Err(e.got(length));
        }
        Ok(length / 2 + 1)
    }

    /// One kernel over each channel of `x`, `[batch, time, channels]`: `[batch, channels, time, frequencies]`.
    fn part(&self, cx: &mut Scope, x: &Tensor, sine: bool) -> Result<Tensor> {
        let first = Fourier {
            sine,
            window: self.window.clone(),
            scaling: self.scaling.clone(),
            periodic: self.periodic,
        };
        let name = if sine { "imag_kernel" } else { "real_kernel" };
        let shape = [self.frame_length, 1, self.bins()?];
        let kernel = cx.weight(name, shape, &Initializer::shared(Arc::new(first))).get();
        let (batch, time, channels) = (x.dim(0), x.dim(1), x.dim(2));
        let rows = match (batch.known(), channels.known()) {
            (Some(b), Some(c)) => Dim::new(b * c),
            _ => Dim::UNKNOWN,
        };
        let flat = x.transpose(&[0, 2, 1]).reshape([rows, time, Dim::new(1)]);
        let step = self.frame_step.unwrap_or(self.frame_length / 2).max(1);
        let padding = self.padding.get()?;
        let spatial = Spatial { padding, ..Spatial::valid() }.strides(&[step]);
        let y = flat.conv(&kernel.cast(x.dtype()), &spatial);
        let y = y.check()?;
        Ok(y.reshape([batch, channels, y.dim(1), y.dim(2)]))
    }

    fn spectrum(&self, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
        use SpectrumMode::*;
        let mode = self.mode.get()?;
        let real = if mode == Imag { None } else { Some(self.part(cx, x, false)?) };
        let imag = if mode == Real { None } else { Some(self.part(cx, x, true)?) };
        let (real, imag) = match (real, imag) {
            (Some(real), Some(imag)) => (real, imag),
            (Some(one), None) | (None, Some(one)) => return Ok(one),
            (None, None) => return Err(Error::value("mode").expected("a part")),
        };
        let strength =
            |real: &Tensor, imag: &Tensor| (real.square() + imag.square()).max_scalar(LEAST).sqrt();
        Ok(match mode {
            Angle => imag.atan2(&real),
            Stft => Tensor::concatenate(&[&real, &imag], 3),
            Psd => {
                let power = real.square() + imag.square();
                let bins = self.bins()?;
                let inner = power.slice_axis(3, 1, bins.saturating_sub(1).max(1));
                &power + inner.pad(&[0, 0, 0, 1], &[0, 0, 0, 1], 0.0)
            }
            Magnitude => strength(&real, &imag),
            _ => strength(&real, &imag).max_scalar(LEAST).log(),
        })
    }
}

impl Layer for STFTSpectrogram {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let format = self.data_format.get()?;
            if x.check()?.rank() != 3 || !x.dtype().is_float() {
                return Err(Error::value("inputs").expected("floats of rank 3").got(x.ty()));
            }
            if self.frame_step.is_some_and(|s| s == 0 || s > self.frame_length) {
                let e = Error::value("frame_step").expected(format_args!("1 to {}", self.frame_length));
                return Err(e.got(self.frame_step.unwrap_or(0)));
            }
            // [batch, channels, time, frequencies]
            let y = self.spectrum(cx, &format.enter(x))?;
            let last = format == DataFormat::ChannelsLast;
            if self.expand_dims {
                return Ok(if last { y.transpose(&[0, 2, 3, 1]) } else { y });
            }
            let both = match (y.dim(1).known(), y.dim(3).known()) {
                (Some(c), Some(f)) => Dim::new(c * f),
                _ => Dim::UNKNOWN,
            };
            let (batch, time) = (y.dim(0), y.dim(2));
            Ok(match last {
                true => y.transpose(&[0, 2, 1, 3]).reshape([batch, time, both]),
                false => y.transpose(&[0, 1, 3, 2]).reshape([batch, both, time]),
            })
        })
    }
}
