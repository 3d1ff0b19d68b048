//! Norms.

use crate::class::Field;
use crate::ops;
use crate::ops::argument::Given;
use crate::ops::axes::Axes;
use crate::ops::operand::float;
use addax_core::{Error, Result, Tensor};
use serde_json::{Value as Json, json};

ops! {
    table TABLE in "keras.src.ops.linalg";

    /// The norm of vectors along one axis, or of matrices along two: of order 2 (of matrices Frobenius's) unless it is
    /// said.
    Norm norm(x: Tensor)[; ord: Option<Order> = None, axis: Axes = Axes::All, keepdims: bool = false] =
        measured(&float(&x), ord, &axis, keepdims);
}

/// The order of a norm.
#[derive(Clone, Debug, PartialEq)]
pub enum Order {
    /// A number: `(Σ |x|ᵖ)^(1/p)` of vectors, infinite ones among them.
    Number(f64),
    /// The root of the sum of squares of a matrix.
    Frobenius,
    /// The sum of the singular values of a matrix.
    Nuclear,
}

impl Field for Order {
    fn to_json(&self) -> Json {
        match self {
            Order::Number(p) if p.is_infinite() => json!(if *p > 0.0 { "inf" } else { "-inf" }),
            Order::Number(p) if p.fract() == 0.0 => json!(*p as i64),
            Order::Number(p) => json!(p),
            Order::Frobenius => json!("fro"),
            Order::Nuclear => json!("nuc"),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        match json.as_str() {
            Some("fro") => Ok(Order::Frobenius),
            Some("nuc") => Ok(Order::Nuclear),
            Some("inf") => Ok(Order::Number(f64::INFINITY)),
            Some("-inf") => Ok(Order::Number(f64::NEG_INFINITY)),
            Some(other) => Err(Error::unknown("ord", other, ["fro", "nuc", "inf", "-inf"])),
            None => f64::from_json(json).map(Order::Number),
        }
    }
}

impl Given<Option<Order>> for f64 {
    fn given(self) -> Option<Order> {
        Some(Order::Number(self))
    }
}

impl Given<Option<Order>> for &str {
    fn given(self) -> Option<Order> {
        Some(if self == "nuc" { Order::Nuclear } else { Order::Frobenius })
    }
}

fn measured(x: &Tensor, ord: Option<Order>, axis: &Axes, keepdims: bool) -> Result<Tensor> {
    let axes = axis.of(x.rank())?;
    let order = match (&ord, axis) {
        // Without order all elements are one vector, whatever the axes.
        (None, _) => None,
        (Some(o), _) => Some(o.clone()),
    };
    let given = match axis {
        Axes::Several(list) => list.clone(),
        _ => axes.iter().map(|a| *a as isize).collect(),
    };
    let y = match (order, axes.len()) {
        (None, _) => x.square().sum(&axes).sqrt(),
        (Some(Order::Number(p)), 1) => of_vectors(x, p, axes[0]),
        (Some(Order::Frobenius), 2) => x.square().sum(&axes).sqrt(),
        (Some(order), 2) => {
            let rows = crate::ops::axes::from_front(given[0], x.rank())?;
            let columns = crate::ops::axes::from_front(given[1], x.rank())?;
            of_matrices(x, &order, rows, columns)?
        }
        (Some(order), n) => {
            return Err(Error::value("ord")
                .expected("vectors or matrices")
                .got(format_args!("{order:?} over {n} axes")));
        }
    };
    Ok(if keepdims { y.keep_axes(&axes) } else { y })
}

fn of_vectors(x: &Tensor, p: f64, axis: usize) -> Tensor {
    let size = x.abs();
    match p {
        _ if p == f64::INFINITY => size.max(&[axis]),
        _ if p == f64::NEG_INFINITY => size.min(&[axis]),
        0.0 => x.not_equal(&x.filled(0.0)).cast(x.dtype()).sum(&[axis]),
        1.0 => size.sum(&[axis]),
        2.0 => x.square().sum(&[axis]).sqrt(),
        p => size.powf(p).sum(&[axis]).powf(1.0 / p),
    }
}

/// The singular values of the matrices along two axes, and the axis on which they are.
fn singular(x: &Tensor, rows: usize, columns: usize) -> Result<(Tensor, usize)> {
    let [_, s, _] = ops::moved(x, &[rows as isize, columns as isize], &[-2, -1])?.svd(false);
    let last = s.check()?.rank() - 1;
    Ok((s, last))
}

fn of_matrices(x: &Tensor, order: &Order, rows: usize, columns: usize) -> Result<Tensor> {
    let size = x.abs();
    // The extreme over one axis of the sums over the other; the axes are counted after the sum.
    let sums =
        |summed: usize, left: usize| (size.sum(&[summed]), if left > summed { left - 1 } else { left });
    let extreme = |(sums, axis): (Tensor, usize), largest: bool| {
        if largest { sums.max(&[axis]) } else { sums.min(&[axis]) }
    };
    match order {
        Order::Number(1.0) => Ok(extreme(sums(rows, columns), true)),
        Order::Number(-1.0) => Ok(extreme(sums(rows, columns), false)),
        Order::Number(f64::INFINITY) => Ok(extreme(sums(columns, rows), true)),
        Order::Number(f64::NEG_INFINITY) => Ok(extreme(sums(columns, rows), false)),
        Order::Number(2.0) => singular(x, rows, columns).map(|(s, last)| s.max(&[last])),
        Order::Number(-2.0) => singular(x, rows, columns).map(|(s, last)| s.min(&[last])),
        Order::Nuclear => singular(x, rows, columns).map(|(s, last)| s.sum(&[last])),
        other => Err(Error::unsupported(format!("norm of order {other:?} of matrices"))),
    }
}
