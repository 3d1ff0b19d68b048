//! Fourier transforms. Complex numbers are two tensors, the real parts and the imaginary ones.

use crate::class::Field;
use crate::ops;
use crate::ops::operand::float;
use addax_core::{DType, Dim, Error, Result, Tensor, Value};
use serde_json::{Value as Json, json};
use std::f64::consts::TAU;

ops! {
    table TABLE in "keras.src.ops.math";

    /// The transform along the last axis of real and imaginary parts.
    FFT fft(x: Vec<Tensor>) -> Result<Vec<Tensor>> = parts(&x, 1).map(|[re, im]| pair(re.fft(&im)));
    /// The transform along the last two axes of real and imaginary parts.
    FFT2 fft2(x: Vec<Tensor>) -> Result<Vec<Tensor>> = parts(&x, 2).map(|x| over_both(x, |re, im| re.fft(im)));
    /// The inverse of [`fft2`].
    IFFT2 ifft2(x: Vec<Tensor>) -> Result<Vec<Tensor>> = parts(&x, 2).map(|x| over_both(x, |re, im| re.ifft(im)));
    /// The first half of the transform of real numbers along the last axis, cut off or padded to `fft_length` before.
    RFFT rfft(x: Tensor)[; fft_length: Option<usize> = None] -> Result<Vec<Tensor>> = of_real(&float(&x), fft_length);
    /// The real numbers, `fft_length` of them, whose transform begins with these real and imaginary parts.
    IRFFT irfft(x: Vec<Tensor>)[; fft_length: Option<usize> = None] = parts(&x, 1).and_then(|x| to_real(&x, fft_length));
    /// Transforms of pieces of the last axis, each weighted by a window.
    STFT stft(x: Tensor)[
        sequence_length: usize, sequence_stride: usize, fft_length: usize
        ; window: Option<Window> = Some(Window::Hann), center: bool = true
    ] -> Result<Vec<Tensor>> = {
        Pieces::new(sequence_length, sequence_stride, fft_length, &window).and_then(|p| p.transforms(&x, center))
    };
    /// The last axis from the transforms of its pieces: the inverse of [`stft`].
    ISTFT istft(x: Vec<Tensor>)[
        sequence_length: usize, sequence_stride: usize, fft_length: usize
        ; length: Option<usize> = None, window: Option<Window> = Some(Window::Hann), center: bool = true
    ] = Pieces::new(sequence_length, sequence_stride, fft_length, &window)
        .and_then(|p| p.joined(&parts(&x, 2)?, length, center));
}

/// The longest transform of one piece.
const LONGEST: usize = 1 << 24;

/// What weighs the elements of a piece.
#[derive(Clone, Debug, PartialEq)]
pub enum Window {
    /// `½ - ½ cos`
    Hann,
    /// `0.54 - 0.46 cos`
    Hamming,
    /// A number for each element.
    Numbers(ops::Listed),
}

impl Field for Window {
    fn to_json(&self) -> Json {
        match self {
            Window::Hann => json!("hann"),
            Window::Hamming => json!("hamming"),
            Window::Numbers(list) => list.to_json(),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        match json.as_str() {
            Some("hann") => Ok(Window::Hann),
            Some("hamming") => Ok(Window::Hamming),
            Some(other) => Err(Error::unknown("window", other, ["hann", "hamming"])),
            None => Field::from_json(json).map(Window::Numbers),
        }
    }
}

impl Window {
    /// Its numbers, over one period.
    fn numbers(&self, n: usize) -> Result<Vec<f64>> {
        let wave = |middle: f64| match n {
            1 => vec![1.0],
            _ => (0..n).map(|i| middle - (1.0 - middle) * (TAU * i as f64 / n as f64).cos()).collect(),
        };
        match self {
            Window::Hann => Ok(wave(0.5)),
            Window::Hamming => Ok(wave(0.54)),
            Window::Numbers(list) => {
                let numbers = list.tensor()?.to_value()?;
                if numbers.shape() != [n] {
                    let got = format!("{:?}", numbers.shape());
                    return Err(Error::value("window").expected(format_args!("{n} numbers")).got(got));
                }
                Ok(numbers.to_f64())
            }
        }
    }
}

/// Real and imaginary parts of one shape with so many axes at least.
fn parts(x: &[Tensor], axes: usize) -> Result<[Tensor; 2]> {
    match x {
        [re, im] if re.shape().fits(&im.shape()) && re.rank() >= axes => Ok([float(re), float(im)]),
        [re, im] => Err(Error::value("x")
            .expected(format_args!("real and imaginary parts of one shape with at least {axes} axes"))
            .got(format_args!("{} and {}", re.shape(), im.shape()))),
        other => Err(Error::value("x").expected("real and imaginary parts").got(other.len())),
    }
}

fn pair((re, im): (Tensor, Tensor)) -> Vec<Tensor> {
    vec![re, im]
}

fn over_both([re, im]: [Tensor; 2], along: fn(&Tensor, &Tensor) -> (Tensor, Tensor)) -> Vec<Tensor> {
    let (re, im) = along(&re, &im);
    let (re, im) = along(&re.matrix_transpose(), &im.matrix_transpose());
    vec![re.matrix_transpose(), im.matrix_transpose()]
}

/// With a last axis of another length, the numbers not mattering: for shapes alone.
fn promised(x: &Tensor, length: Option<usize>) -> Tensor {
    let mut dims = x.shape().dims().to_vec();
    if let Some(last) = dims.last_mut() {
        *last = Dim::from(length);
    }
    x.reshape(dims)
}

fn checked(n: Option<usize>) -> Result<()> {
    match n {
        Some(n) if !(1..LONGEST).contains(&n) => {
            Err(Error::value("fft_length").expected(format_args!("1 to {LONGEST}")).got(n))
        }
        _ => Ok(()),
    }
}

fn of_real(x: &Tensor, n: Option<usize>) -> Result<Vec<Tensor>> {
    checked(n)?;
    if x.rank() > 0 && x.dim(-1).known().is_none() {
        let y = promised(x, n.map(|n| n / 2 + 1));
        return Ok(vec![y.clone(), y]);
    }
    Ok(pair(x.rfft(n)))
}

fn to_real([re, im]: &[Tensor; 2], n: Option<usize>) -> Result<Tensor> {
    checked(n)?;
    if re.dim(-1).known().is_none() {
        return Ok(promised(re, n));
    }
    Ok(re.irfft(im, n))
}

/// How an axis is taken apart: pieces of `length` elements, `stride` after one another, each weighted.
struct Pieces {
    length: usize,
    stride: usize,
    weights: Option<Vec<f64>>,
}

impl Pieces {
    fn new(sequence: usize, stride: usize, length: usize, window: &Option<Window>) -> Result<Pieces> {
        checked(Some(length))?;
        if !(1..=length).contains(&sequence) {
            return Err(Error::value("sequence_length")
                .expected(format_args!("1 to {length}"))
                .got(sequence));
        }
        if stride == 0 {
            return Err(Error::value("sequence_stride").expected("at least 1").got(stride));
        }
        // The window stands in the middle of the piece.
        let weights = window.as_ref().map(|w| {
            let mut all = vec![0.0; (length - sequence) / 2];
            all.extend(w.numbers(sequence)?);
            all.resize(length, 0.0);
            Ok(all)
        });
        Ok(Pieces { length, stride, weights: weights.transpose()? })
    }

    fn weighted(&self, x: &Tensor) -> Tensor {
        match &self.weights {
            Some(w) => x * Tensor::new(Value::from(w.clone()).cast(x.dtype())),
            None => x.clone(),
        }
    }

    fn transforms(&self, x: &Tensor, center: bool) -> Result<Vec<Tensor>> {
        if !matches!(x.dtype(), DType::F32 | DType::F64) || x.rank() == 0 {
            return Err(Error::type_("x").expected("float32 or float64 along an axis").got(x.ty()));
        }
        let mut around = vec![(0, 0); x.rank() - 1];
        around.push((self.length / 2, self.length / 2));
        let x = if center { ops::pad(x, ops::Widths::Each(around), "reflect") } else { x.clone() };
        of_real(&self.weighted(&super::segments::pieces(&x, self.length, self.stride)?), Some(self.length))
    }

    fn joined(&self, x: &[Tensor; 2], length: Option<usize>, center: bool) -> Result<Tensor> {
        let rows = to_real(x, Some(self.length))?;
        let start = if center { self.length / 2 } else { 0 };
        let Some(frames) = rows.dim(-2).known() else {
            return Ok(promised(&rows.slice_axis(rows.rank() - 2, 0, 1).squeeze(-2), length));
        };
        let sum = self.overlapped(&self.weighted(&rows), frames)?;
        let ones = vec![1.0; self.length];
        let squares = self.weights.as_ref().unwrap_or(&ones).iter().map(|w| w * w).collect::<Vec<f64>>();
        let row = Tensor::new(Value::from(squares)).broadcast_to([frames, self.length]);
        let norm = self.overlapped(&row, frames)?;
        let norm = norm.gt_scalar(1e-10).select(&norm, &norm.filled(1.0)).cast(sum.dtype());
        // Without a window, Keras divides by the stride where the sum of the window would stand.
        let scale = if self.weights.is_some() { 1.0 } else { self.length as f64 / self.stride as f64 };
        let whole = sum / norm * scale;
        let total = whole.dim(-1).known().unwrap_or(0);
        let end = match length {
            Some(n) => start.saturating_add(n).min(total),
            None if center => total.saturating_sub(self.length / 2),
            None => total,
        };
        Ok(whole.slice_axis(whole.rank() - 1, start.min(end), end))
    }

    /// Rows `[…, frames, length]` put `stride` after one another and added.
    fn overlapped(&self, rows: &Tensor, frames: usize) -> Result<Tensor> {
        let parts = self.length.div_ceil(self.stride);
        let total =
            frames.saturating_sub(1).checked_mul(self.stride).and_then(|n| n.checked_add(self.length));
        let total = total.filter(|_| parts < 1 << 12).ok_or_else(|| {
            Error::value("sequence_stride")
                .expected("one that divides a piece into fewer than 4096")
                .got(self.stride)
        })?;
        let (rank, last) = (rows.rank(), rows.rank() - 1);
        let mut high = vec![0; rank];
        high[last] = (parts * self.stride - self.length) as isize;
        let even = rows.pad(&vec![0; rank], &high, 0.0);
        let mut sum: Option<Tensor> = None;
        for i in 0..parts {
            let part = even.slice_axis(last, i * self.stride, (i + 1) * self.stride);
            let (mut before, mut after) = (vec![0; rank], vec![0; rank]);
            (before[last - 1], after[last - 1]) = (i as isize, (parts - 1 - i) as isize);
            let part = part.pad(&before, &after, 0.0);
            sum = Some(sum.map_or(part.clone(), |s| s + part));
        }
        let sum = sum.ok_or_else(|| Error::value("x").expected("pieces"))?;
        let shape = rows.shape();
        let flat = sum
            .reshape([&shape.dims()[..last - 1], &[Dim::new((frames + parts - 1) * self.stride)]].concat());
        Ok(flat.slice_axis(last - 1, 0, total))
    }
}
