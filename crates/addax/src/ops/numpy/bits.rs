//! Whole numbers and bits: divisors, neighbours, other readings of the same memory.

use crate::ops;
use crate::ops::operand::{Operand, together, together_float};
use addax_core::{DType, Dim, Error, Result, Tensor};

ops! {
    table TABLE in "keras.src.ops.numpy";

    /// The greatest common divisor.
    Gcd gcd(x1: Operand, x2: Operand) = common_divisor(&x1, &x2);
    /// The least common multiple.
    Lcm lcm(x1: Operand, x2: Operand) = common_multiple(&x1, &x2);
    /// The next number after `x1` towards `x2` that its element type has.
    Nextafter nextafter(x1: Operand, x2: Operand) = neighbour(&x1, &x2);
    /// The same bits read as another element type; the last axis changes with the size of an element.
    View view(x: Tensor)[; dtype: Option<DType> = None] = read_as(&x, dtype.unwrap_or(x.dtype()));
}

fn whole(x1: &Operand, x2: &Operand) -> Result<[Tensor; 2]> {
    let [a, b] = together([x1, x2]);
    if !a.dtype().is_int() {
        return Err(Error::type_("x1 and x2").expected("whole numbers").got(a.dtype()));
    }
    let shape = a.shape().broadcast(&b.shape());
    let shape = shape.ok_or_else(|| {
        Error::value("x2").expected(format_args!("one that broadcasts to {}", a.shape())).got(b.shape())
    })?;
    Ok([a.broadcast_to(&shape), b.broadcast_to(&shape)])
}

/// Euclid's algorithm, for all elements until the last is done.
fn common_divisor(x1: &Operand, x2: &Operand) -> Result<Tensor> {
    let [a, b] = whole(x1, x2)?;
    let zero = |x: &Tensor| x.equal(&x.filled(0.0));
    let open = |c: &[Tensor]| {
        let all: Vec<usize> = (0..c[1].rank()).collect();
        zero(&c[1]).not().reduce(addax_core::ops::Reduction::Or, &all)
    };
    let step = |c: &[Tensor]| {
        let done = zero(&c[1]);
        let rest = c[0].remainder(&done.select(&c[1].filled(1.0), &c[1]));
        vec![done.select(&c[0], &c[1]), done.select(&c[1], &rest)]
    };
    Ok(Tensor::while_loop(&[&a, &b], open, step).swap_remove(0).abs())
}

fn common_multiple(x1: &Operand, x2: &Operand) -> Result<Tensor> {
    let [a, b] = whole(x1, x2)?;
    let divisor = common_divisor(&a.clone().into(), &b.clone().into())?;
    let none = divisor.equal(&divisor.filled(0.0));
    let safe = none.select(&divisor.filled(1.0), &divisor);
    Ok((a.abs() * (b.abs() / safe)).abs())
}

fn neighbour(x1: &Operand, x2: &Operand) -> Result<Tensor> {
    let [a, b] = together_float([x1, x2]);
    let bits = match a.dtype() {
        DType::F32 => DType::I32,
        DType::F64 => DType::I64,
        other => return Err(Error::type_("x1").expected("float32 or float64").got(other)),
    };
    let shape = a.shape().broadcast(&b.shape()).unwrap_or_else(|| a.shape());
    let (a, b) = (a.broadcast_to(&shape), b.broadcast_to(&shape));
    let zero = a.filled(0.0);
    // Read as integers, floats of one sign stand in order: away from 0 is one more.
    let away = a.gt(&zero).equal(&b.gt(&a));
    let own = a.bitcast(bits);
    let moved = away.select(&(&own + 1.0), &(&own - 1.0)).bitcast(a.dtype());
    let least = own.filled(1.0).bitcast(a.dtype());
    let moved = a.equal(&zero).select(&b.gt(&zero).select(&least, &least.negate()), &moved);
    let unordered = a.is_nan().or(&b.is_nan());
    Ok(unordered.select(&a.filled(f64::NAN), &a.equal(&b).select(&b, &moved)))
}

fn read_as(x: &Tensor, dtype: DType) -> Result<Tensor> {
    let (from, to) = (x.dtype().size(), dtype.size());
    if from == to {
        return Ok(x.bitcast(dtype));
    }
    let lead = x.shape().dims()[..x.rank().saturating_sub(1)].to_vec();
    let with = |more: &[Dim]| [&lead[..], more].concat();
    let length = x.dim(-1).known();
    if to < from {
        return Ok(x.bitcast(dtype).reshape(with(&[Dim::from(length.map(|n| n * (from / to)))])));
    }
    let ratio = to / from;
    if x.rank() == 0 || length.is_some_and(|n| n % ratio != 0) {
        return Err(Error::value("dtype")
            .expected(format_args!("one whose elements fill the last axis of {}", x.shape()))
            .got(dtype));
    }
    let count = Dim::from(length.map(|n| n / ratio));
    Ok(x.reshape(with(&[count, Dim::new(ratio)])).bitcast(dtype))
}
