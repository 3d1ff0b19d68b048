//! Tensors made from numbers.
#![allow(non_snake_case)]

use super::shape::moved;
use crate::ops;
use crate::ops::operand::{Kind, Operand, float, result_type, together_float};
use addax_core::{DType, Error, Result, Shape, Tensor, Value};
use std::f64::consts::PI;

ops! {
    table TABLE in "keras.src.ops.numpy";

    /// The numbers from `start` up to `stop` (from 0 up to `start`, if that is all) by `step`.
    Arange arange(start: Operand, stop: Option<Operand> = None, step: Option<Operand> = None)
        { dtype: Option<DType> = None } = counted(start, stop, step, dtype);
    /// So many numbers at equal distances from `start` to `stop`, along a new axis; with the distance, if that is asked.
    Linspace linspace(start: Operand, stop: Operand)[; num: usize = 50]
        { endpoint: bool = true, retstep: bool = false, dtype: Option<DType> = None, axis: isize = 0 }
        -> Result<Vec<Tensor>> = even(&start, &stop, num, endpoint, dtype, axis)
            .map(|(line, step)| if retstep { vec![line, step] } else { vec![line] });
    /// `base` to the power of numbers at equal distances.
    Logspace logspace(start: Operand, stop: Operand)[; num: usize = 50]
        { endpoint: bool = true, base: f64 = 10.0, dtype: Option<DType> = None, axis: isize = 0 } =
        powers(&start, &stop, num, endpoint, base, dtype, axis);
    /// Numbers from `start` to `stop` of which each is the same multiple of the one before.
    Geomspace geomspace(start: Operand, stop: Operand)[; num: usize = 50]
        { endpoint: bool = true, dtype: Option<DType> = None, axis: isize = 0 } =
        multiples(&start, &stop, num, endpoint, dtype, axis);
    /// One number everywhere.
    Full full(fill_value: Operand)[shape: Vec<usize>; dtype: Option<DType> = None] as [shape, fill_value, dtype] =
        fill_value.cast(dtype.unwrap_or(DType::F32)).broadcast_to(Shape::from(shape));
    /// One number everywhere, in the shape of another tensor.
    FullLike full_like(x: Tensor, fill_value: Operand)[; dtype: Option<DType> = None] =
        fill_value.cast(dtype.unwrap_or(x.dtype())).broadcast_to(x.shape());
    /// Ones in the shape of another tensor.
    OnesLike ones_like(x: Tensor)[; dtype: Option<DType> = None] = Tensor::full(dtype.unwrap_or(x.dtype()), x.shape(), 1.0);
    /// Zeros in the shape of another tensor.
    ZerosLike zeros_like(x: Tensor)[; dtype: Option<DType> = None] = Tensor::full(dtype.unwrap_or(x.dtype()), x.shape(), 0.0);
    /// A tensor in the shape of another, whose numbers do not matter: zeros.
    EmptyLike empty_like(x: Tensor)[; dtype: Option<DType> = None] = Tensor::full(dtype.unwrap_or(x.dtype()), x.shape(), 0.0);
    /// The same numbers, in another element type if one is given.
    Array array(x: Tensor)[; dtype: Option<DType> = None] = x.cast(dtype.unwrap_or(x.dtype()));
    /// How many axes there are, as an int32 scalar.
    Ndim ndim(x: Tensor) = Tensor::scalar(x.rank() as i32);
    /// How many elements there are, as an int32 scalar.
    Size size(x: Tensor) = Tensor::scalar(x.shape().size().unwrap_or(0) as i32);
}

/// Functions that make tensors from numbers alone: they are no nodes.
mod alone {
    use super::*;
    use crate::ops;

    ops! {
        table TABLE in "keras.ops.numpy";

        /// Ones.
        Ones ones()[shape: Vec<usize>; dtype: Option<DType> = None] =
            Tensor::full(dtype.unwrap_or(DType::F32), Shape::from(shape), 1.0);
        /// Zeros.
        Zeros zeros()[shape: Vec<usize>; dtype: Option<DType> = None] =
            Tensor::full(dtype.unwrap_or(DType::F32), Shape::from(shape), 0.0);
        /// A tensor whose numbers do not matter: zeros.
        Empty empty()[shape: Vec<usize>; dtype: Option<DType> = None] =
            Tensor::full(dtype.unwrap_or(DType::F32), Shape::from(shape), 0.0);
        /// Ones on the `k`th diagonal above the main one of a matrix.
        Eye eye()[N: usize; M: Option<usize> = None]{ k: isize = 0, dtype: Option<DType> = None } =
            places(N, M, |row, column| column.equal(&(row + k as f64)), dtype);
        /// Ones on the main diagonal of a square matrix.
        Identity identity()[n: usize; dtype: Option<DType> = None] =
            places(n, None, |row, column| column.equal(row), dtype);
        /// Ones on and below the `k`th diagonal above the main one.
        Tri tri()[N: usize; M: Option<usize> = None]{ k: isize = 0, dtype: Option<DType> = None } =
            places(N, M, |row, column| column.le(&(row + k as f64)), dtype);
        /// Bartlett's window: a triangle.
        Bartlett bartlett()[x: usize] = window(x, |t| 1.0 - (2.0 * t - 1.0).abs());
        /// Blackman's window.
        Blackman blackman()[x: usize] = window(x, |t| {
            0.42 - 0.5 * (2.0 * PI * t).cos() + 0.08 * (4.0 * PI * t).cos()
        });
        /// Hamming's window.
        Hamming hamming()[x: usize] = window(x, |t| 0.54 - 0.46 * (2.0 * PI * t).cos());
        /// Hann's window.
        Hanning hanning()[x: usize] = window(x, |t| 0.5 - 0.5 * (2.0 * PI * t).cos());
        /// Kaiser's window.
        Kaiser kaiser()[x: usize, beta: f64] = kaiser_window(x, beta);
    }
}

pub use alone::*;

pub(super) const ALONE: &[crate::ops::OpDef] = alone::TABLE;

/// How many numbers may be counted out or written down at once.
const MOST: f64 = 2_147_483_648.0;

fn known(x: &Operand, name: &str) -> Result<f64> {
    match x {
        Operand::Tensor(t) => t.to_value().and_then(|v| v.item()).map_err(|_| {
            Error::value(name)
                .expected("a number")
                .got("a tensor that has none yet")
                .hint("A shape cannot wait for it.")
        }),
        Operand::Bool(b) => Ok(f64::from(u8::from(*b))),
        Operand::Int(i) => Ok(*i as f64),
        Operand::Float(f) => Ok(*f),
    }
}

fn counted(
    start: Operand,
    stop: Option<Operand>,
    step: Option<Operand>,
    dtype: Option<DType>,
) -> Result<Tensor> {
    let given: Vec<Kind> =
        [Some(&start), stop.as_ref(), step.as_ref()].into_iter().flatten().map(Operand::kind).collect();
    let dtype = dtype.unwrap_or_else(|| result_type(&given));
    let (start, stop) = match stop {
        Some(stop) => (known(&start, "start")?, known(&stop, "stop")?),
        None => (0.0, known(&start, "start")?),
    };
    let step = step.map_or(Ok(1.0), |s| known(&s, "step"))?;
    let count = ((stop - start) / step).ceil().max(0.0);
    if step == 0.0 || count.is_nan() || count >= MOST {
        return Err(Error::value("step")
            .expected("less than 2^31 steps")
            .got(format_args!("{start} to {stop} by {step}")));
    }
    let exact = if dtype.is_float() { DType::F32.max(dtype) } else { DType::I32.max(dtype) };
    let places = Tensor::iota(exact, [count as usize], 0);
    Ok((places * step + start).cast(dtype))
}

/// Numbers at equal distances along a new axis, and the distance.
fn even(
    start: &Operand,
    stop: &Operand,
    num: usize,
    endpoint: bool,
    dtype: Option<DType>,
    axis: isize,
) -> Result<(Tensor, Tensor)> {
    let [a, b] = together_float([start, stop]);
    let (a, b) = (a.clone() + b.filled(0.0), &b + a.filled(0.0));
    let steps = if endpoint { num.saturating_sub(1) } else { num };
    let step = if steps == 0 { a.filled(f64::NAN) } else { (&b - &a) / steps as f64 };
    let mut lengths = vec![1usize; a.rank() + 1];
    lengths[0] = num;
    let share = Tensor::iota(a.dtype(), lengths.clone(), 0) / steps.max(1) as f64;
    let (first, last) = (a.expand_dims(0), b.expand_dims(0));
    let mut line = &first * (1.0 - &share) + &last * &share;
    if endpoint && num > 1 {
        // The last number is the end itself, not nearly.
        let end = Tensor::iota(DType::I32, lengths, 0).equal(&Tensor::constant(DType::I32, (num - 1) as f64));
        line = end.select(&last, &line);
    }
    let line = moved(&line, &[0], &[axis])?;
    let line = match dtype {
        Some(d) if d.is_int() => line.floor().cast(d),
        Some(d) => line.cast(d),
        None => line,
    };
    Ok((line, step))
}

fn powers(
    start: &Operand,
    stop: &Operand,
    num: usize,
    endpoint: bool,
    base: f64,
    dtype: Option<DType>,
    axis: isize,
) -> Result<Tensor> {
    let (line, _) = even(start, stop, num, endpoint, None, axis)?;
    let powers = Tensor::constant(line.dtype(), base).power(&line);
    Ok(powers.cast(dtype.unwrap_or(line.dtype())))
}

fn multiples(
    start: &Operand,
    stop: &Operand,
    num: usize,
    endpoint: bool,
    dtype: Option<DType>,
    axis: isize,
) -> Result<Tensor> {
    let [a, b] = together_float([start, stop]);
    // Both ends have one sign, which the logarithms cannot see.
    let (line, _) = even(&a.abs().log().into(), &b.abs().log().into(), num, endpoint, None, axis)?;
    let sign = moved(&a.sign().expand_dims(0), &[0], &[axis])?;
    let line = line.exp() * sign;
    Ok(line.cast(dtype.unwrap_or(float(&line).dtype())))
}

/// A matrix with 1 where it holds of row and column.
fn places(
    rows: usize,
    columns: Option<usize>,
    holds: impl Fn(&Tensor, &Tensor) -> Tensor,
    dtype: Option<DType>,
) -> Tensor {
    let shape = [rows, columns.unwrap_or(rows)];
    let count = |axis| Tensor::iota(DType::I32, shape, axis);
    holds(&count(0), &count(1)).cast(dtype.unwrap_or(DType::F32))
}

/// A window of so many points over 0 to 1.
pub(in crate::ops) fn window(n: usize, f: impl Fn(f64) -> f64) -> Result<Tensor> {
    if n as f64 >= MOST {
        return Err(Error::value("window").expected("fewer points").got(n));
    }
    let at = |i: usize| if n == 1 { 1.0 } else { f(i as f64 / (n - 1) as f64) as f32 };
    Ok(Tensor::new(Value::from((0..n).map(at).collect::<Vec<f32>>())))
}

/// `I₀(β √(1 - (2t - 1)²)) / I₀(β)`
fn kaiser_window(n: usize, beta: f64) -> Result<Tensor> {
    let bent = window(n, |t| beta * (1.0 - (2.0 * t - 1.0).powi(2)).max(0.0).sqrt())?;
    if n == 1 {
        return Ok(bent);
    }
    Ok(ops::i0(&bent) / ops::i0(bent.filled(beta)))
}
