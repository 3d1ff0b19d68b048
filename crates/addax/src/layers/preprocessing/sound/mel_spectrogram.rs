//! MelSpectrogram: sound as the strengths of bands that the ear tells apart.

use super::SoundWindow;
use crate::layer;
use crate::layers::Layer;
use crate::scope::Scope;
use addax_core::{DType, Dim, Error, Result, Tensor, Value};

layer! {
    /// The strengths of bands of the mel scale over time: `[batch, samples]` to `[batch, bands, stretches]`.
    pub struct MelSpectrogram () {
        /// How many samples the transform has.
        fft_length: usize = 2048,
        /// How far stretches are apart.
        sequence_stride: usize = 512,
        /// How many samples a stretch has; as many as the transform unless given.
        sequence_length: Option<usize> = None,
        /// How the samples of a stretch are weighed.
        window: SoundWindow = "hann".into(),
        /// Samples per second.
        sampling_rate: f64 = 16000.0,
        /// How many bands.
        num_mel_bins: usize = 128,
        /// Where the lowest band begins, in hertz.
        min_freq: f64 = 20.0,
        /// Where the highest band ends; at half the sampling rate unless given.
        max_freq: Option<f64> = None,
        /// Whether strengths are told in decibels.
        power_to_db: bool = true,
        /// How far below the strongest the weakest is told, in decibels.
        top_db: f64 = 80.0,
        /// The power to which strengths are raised.
        mag_exp: f64 = 2.0,
        /// The least power that is told.
        min_power: f64 = 1e-10,
        /// The power of 0 decibels.
        ref_power: f64 = 1.0,
    }
}

fn mel(hertz: f64) -> f64 {
    1127.0 * (1.0 + hertz / 700.0).ln()
}

impl MelSpectrogram {
    fn length(&self) -> Result<usize> {
        let length = self.sequence_length.unwrap_or(self.fft_length);
        if length == 0 || length > self.fft_length || self.fft_length > 1 << 20 || self.sequence_stride == 0 {
            let e =
                Error::value("sequence_length").expected(format_args!("1 to fft_length {}", self.fft_length));
            return Err(e.got(length));
        }
        Ok(length)
    }

    /// How much of each frequency there is in each band, `[frequencies, bands]`.
    fn bands(&self) -> Result<Value> {
        let (bins, bands) = (self.fft_length / 2 + 1, self.num_mel_bins);
        let highest = self.max_freq.unwrap_or((self.sampling_rate / 2.0).trunc());
        let (low, high) = (mel(self.min_freq), mel(highest));
        let edge = |i: usize| low + (high - low) * i as f64 / (bands + 1) as f64;
        let share = |bin: usize, band: usize| {
            if bin == 0 {
                return 0.0;
            }
            let at = mel(self.sampling_rate / 2.0 * bin as f64 / (bins - 1).max(1) as f64);
            let (from, middle, to) = (edge(band), edge(band + 1), edge(band + 2));
            ((at - from) / (middle - from)).min((to - at) / (to - middle)).max(0.0)
        };
        let all = (0..bins).flat_map(|bin| (0..bands).map(move |band| (bin, band)));
        Value::new([bins, bands], all.map(|(bin, band)| share(bin, band)).collect::<Vec<f64>>())
    }

    /// Stretches under the window, `[batch, stretches, samples]`; before and behind the sound it is mirrored.
    fn stretches(&self, x: &Tensor) -> Result<Tensor> {
        let length = self.length()?;
        let n = self.fft_length;
        let samples = x.dim(1).known().filter(|s| *s > n / 2).ok_or_else(|| {
            Error::value("inputs").expected(format_args!("more than {} samples", n / 2)).got(x.shape())
        })?;
        let count = (samples + 2 * (n / 2) - n) / self.sequence_stride + 1;
        let mirrored = |at: isize| {
            let last = samples as isize - 1;
            let at = at.abs();
            (if at > last { 2 * last - at } else { at }) as i32
        };
        let places = (0..count).flat_map(|f| (0..n).map(move |k| (f * self.sequence_stride + k) as isize));
        let places: Vec<i32> = places.map(|p| mirrored(p - (n / 2) as isize)).collect();
        let before = (n - length) / 2;
        let mut window = vec![0.0; n];
        window[before..before + length].copy_from_slice(&self.window.numbers(length, true)?);
        let stretches = x.take(&Tensor::new(Value::new([count, n], places)?), 1);
        Ok(stretches * Tensor::new(Value::from(window).cast(x.dtype())))
    }

    fn spectrogram(&self, x: &Tensor) -> Result<Tensor> {
        if self.num_mel_bins == 0 {
            return Err(Error::value("num_mel_bins").expected("at least 1").got(0));
        }
        let frequencies = self.stretches(x)?.rfft(None);
        let (real, imag) = frequencies;
        let strength = (real.square() + imag.square()).sqrt().powf(self.mag_exp);
        let bands = Tensor::new(self.bands()?.cast(x.dtype()));
        let mut y = strength.matmul(&bands);
        if self.power_to_db {
            let db = |t: &Tensor| t.max_scalar(self.min_power).log() * (10.0 / std::f64::consts::LN_10);
            let reference = 10.0 * self.ref_power.abs().max(self.min_power).log10();
            y = db(&y) - reference;
            let axes: Vec<usize> = (0..y.rank()).collect();
            let least = y.max(&axes) - self.top_db;
            y = y.maximum(&least);
        }
        Ok(y.transpose(&[0, 2, 1]))
    }
}

impl Layer for MelSpectrogram {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let compute = cx.policy().compute;
            let wide = if compute == DType::F64 { DType::F64 } else { DType::F32 };
            let single = x.check()?.rank() == 1;
            let x = if single { x.expand_dims(0) } else { x.clone() }.cast(wide);
            if x.rank() != 2 {
                return Err(Error::value("inputs")
                    .expected("samples, with or without a batch")
                    .got(x.shape()));
            }
            if x.dim(1).known().is_none() {
                let shape = [x.dim(0), Dim::new(self.num_mel_bins), Dim::UNKNOWN];
                return Ok(x.max(&[1]).broadcast_in_dim(shape, &[0]).cast(compute));
            }
            let y = self.spectrogram(&x)?.cast(compute);
            Ok(if single { y.squeeze(0) } else { y })
        })
    }
}
