//! Products of vectors and matrices.

use super::shape::moved;
use crate::class::Field;
use crate::ops;
use crate::ops::argument::Given;
use crate::ops::axes::{from_front, in_order};
use crate::ops::operand::{Operand, float, together, unified};
use addax_core::ops::DotGeneral;
use addax_core::{DType, Dim, Error, Result, Tensor};
use serde_json::{Value as Json, json};

ops! {
    table TABLE in "keras.src.ops.numpy";

    /// The sign of the determinant and the logarithm of its absolute value.
    Slogdet slogdet(x: Tensor) -> Result<Vec<Tensor>> = ops::linalg::sign_and_logarithm(&x).map(|both| both.to_vec());
    /// The product of matrices: the last axis of `x1` against the last but one of `x2`; leading axes broadcast.
    Matmul matmul(x1: Tensor, x2: Tensor) = summed(&x1, &x2, Tensor::matmul);
    /// Sums of products over the last axis of `x1` and the last but one of `x2`; leading axes stay side by side.
    Dot dot(x1: Tensor, x2: Tensor) = dotted(&x1, &x2);
    /// Sums of products over the last axes.
    Inner inner(x1: Tensor, x2: Tensor) = inward(&x1, &x2);
    /// All products of two elements: rows of `x1`, columns of `x2`, both flat.
    Outer outer(x1: Tensor, x2: Tensor) = all_pairs(&x1, &x2);
    /// The sum of products of all elements.
    Vdot vdot(x1: Tensor, x2: Tensor) = inward(&ops::ravel(&x1), &ops::ravel(&x2));
    /// Sums of products over several axes.
    Tensordot tensordot(x1: Tensor, x2: Tensor)[; axes: Contraction = Contraction::Inner(2)] = contracted(&x1, &x2, &axes);
    /// Einstein's summation: `ops::einsum(vec![x, w], "abc,cd->abd")`.
    Einsum einsum(operands: ops::Rest)[subscripts: String] as [subscripts, operands] = einstein(&operands.0, &subscripts);
    /// Kronecker's product: each element of `x1` times the whole of `x2`.
    Kron kron(x1: Tensor, x2: Tensor) = blocks(&x1, &x2);
    /// The cross product of vectors of two or three coordinates along an axis.
    Cross cross(x1: Tensor, x2: Tensor)
        { axisa: isize = -1, axisb: isize = -1, axisc: isize = -1, axis: Option<isize> = None } =
        crossed(&x1, &x2, axis.map_or((axisa, axisb, axisc), |a| (a, a, a)));
    /// The sum of products of two vectors for each shift of one against the other.
    Correlate correlate(x1: Tensor, x2: Tensor)[; mode: String = "valid".to_string()] = shifted(&x1, &x2, &mode);
    /// Pearson's correlation of all pairs of rows.
    Corrcoef corrcoef(x: Tensor) = correlation(&float(&x));
}

/// The axes that [`tensordot`] sums over.
#[derive(Clone, Debug, PartialEq)]
pub enum Contraction {
    /// So many of the last axes of the first against the first axes of the second.
    Inner(usize),
    /// These axes of both.
    Axes(Vec<isize>, Vec<isize>),
}

impl Field for Contraction {
    fn to_json(&self) -> Json {
        match self {
            Contraction::Inner(n) => json!(n),
            Contraction::Axes(a, b) => json!([a, b]),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        let axes = |j: &Json| ops::Several::from_json(j).map(|s| s.list());
        match json {
            Json::Array(pair) if pair.len() == 2 => Ok(Contraction::Axes(axes(&pair[0])?, axes(&pair[1])?)),
            _ => usize::from_json(json).map(Contraction::Inner),
        }
    }
}

impl Given<Contraction> for usize {
    fn given(self) -> Contraction {
        Contraction::Inner(self)
    }
}

impl<const N: usize> Given<Contraction> for [[isize; N]; 2] {
    fn given(self) -> Contraction {
        Contraction::Axes(self[0].to_vec(), self[1].to_vec())
    }
}

/// Both in one element type; bytes are summed as int32, truth values as such.
fn summed(x1: &Tensor, x2: &Tensor, f: impl Fn(&Tensor, &Tensor) -> Tensor) -> Tensor {
    let [a, b] = together([&x1.into(), &x2.into()]);
    match a.dtype() {
        DType::I8 => f(&a.cast(DType::I32), &b.cast(DType::I32)),
        DType::Bool => {
            f(&a.cast(DType::I32), &b.cast(DType::I32)).not_equal(&Tensor::constant(DType::I32, 0.0))
        }
        _ => f(&a, &b),
    }
}

/// Sums over the given axes, the other axes of the first before those of the second.
fn over(x1: &Tensor, x2: &Tensor, lhs: Vec<usize>, rhs: Vec<usize>) -> Tensor {
    let [a, b] = together([&x1.into(), &x2.into()]);
    let dot = DotGeneral { lhs_batch: vec![], rhs_batch: vec![], lhs_contract: lhs, rhs_contract: rhs };
    a.dot_general(&b, dot)
}

fn product(x1: &Tensor, x2: &Tensor) -> Tensor {
    let [a, b] = together([&Operand::from(x1), &Operand::from(x2)]);
    a.multiply(&b)
}

fn dotted(x1: &Tensor, x2: &Tensor) -> Tensor {
    match (x1.rank(), x2.rank()) {
        (0, _) | (_, 0) => product(x1, x2),
        (m, 1) => over(x1, x2, vec![m - 1], vec![0]),
        (m, n) => over(x1, x2, vec![m - 1], vec![n - 2]),
    }
}

fn inward(x1: &Tensor, x2: &Tensor) -> Tensor {
    match (x1.rank(), x2.rank()) {
        (0, _) | (_, 0) => product(x1, x2),
        (m, n) => over(x1, x2, vec![m - 1], vec![n - 1]),
    }
}

fn all_pairs(x1: &Tensor, x2: &Tensor) -> Tensor {
    product(&ops::ravel(x1).expand_dims(1), &ops::ravel(x2).expand_dims(0))
}

fn contracted(x1: &Tensor, x2: &Tensor, axes: &Contraction) -> Result<Tensor> {
    let (lhs, rhs) = match axes {
        Contraction::Inner(n) if *n <= x1.rank() && *n <= x2.rank() => {
            ((x1.rank() - n..x1.rank()).collect(), (0..*n).collect())
        }
        Contraction::Inner(n) => {
            return Err(Error::value("axes")
                .expected(format_args!("at most {}", x1.rank().min(x2.rank())))
                .got(n));
        }
        Contraction::Axes(a, b) => (in_order(a, x1.rank())?, in_order(b, x2.rank())?),
    };
    Ok(over(x1, x2, lhs, rhs))
}

fn einstein(operands: &[Tensor], subscripts: &str) -> Tensor {
    let operands = unified(operands);
    let bytes = operands.first().is_some_and(|t| t.dtype() == DType::I8);
    let operands: Vec<Tensor> =
        operands.iter().map(|t| if bytes { t.cast(DType::I32) } else { t.clone() }).collect();
    Tensor::einsum(subscripts, &operands.iter().collect::<Vec<_>>())
}

fn blocks(x1: &Tensor, x2: &Tensor) -> Result<Tensor> {
    let rank = x1.rank().max(x2.rank());
    let lengths = |x: &Tensor| [&vec![Dim::new(1); rank - x.rank()][..], x.shape().dims()].concat();
    let (a, b) = (lengths(x1), lengths(x2));
    let (one, mut dims) = (Dim::new(1), Vec::new());
    for (m, n) in a.iter().zip(&b) {
        let both = m.known().zip(n.known()).map(|(m, n)| m.checked_mul(n));
        let wrong = || Error::value("kron").expected("smaller tensors").got(format_args!("{m} times {n}"));
        dims.push(Dim::from(both.map(|d| d.ok_or_else(wrong)).transpose()?));
    }
    let outer = x1.reshape(a.iter().flat_map(|d| [*d, one]).collect::<Vec<Dim>>());
    let inner = x2.reshape(b.iter().flat_map(|d| [one, *d]).collect::<Vec<Dim>>());
    Ok(product(&outer, &inner).reshape(dims))
}

fn crossed(x1: &Tensor, x2: &Tensor, (a, b, c): (isize, isize, isize)) -> Result<Tensor> {
    let [x1, x2] = together([&x1.into(), &x2.into()]);
    let (x1, x2) = (moved(&x1, &[a], &[-1])?, moved(&x2, &[b], &[-1])?);
    let count = |x: &Tensor| match x.dim(-1).known() {
        Some(n @ (2 | 3)) => Ok(n),
        None => Ok(3),
        _ => Err(Error::value("cross").expected("vectors of 2 or 3 coordinates").got(x.shape())),
    };
    let (m, n) = (count(&x1)?, count(&x2)?);
    let at = |x: &Tensor, n: usize, i: usize| {
        let last = x.rank() - 1;
        if i < n {
            x.slice_axis(last, i, i + 1).squeeze(-1)
        } else {
            x.slice_axis(last, 0, 1).squeeze(-1).filled(0.0)
        }
    };
    let part = |i: usize, j: usize| at(&x1, m, i) * at(&x2, n, j) - at(&x1, m, j) * at(&x2, n, i);
    if (m, n) == (2, 2) {
        return Ok(part(0, 1));
    }
    let stacked = super::joining::stacked(&[part(1, 2), part(2, 0), part(0, 1)], -1)?;
    let place = from_front(c, stacked.rank())? as isize;
    moved(&stacked, &[-1], &[place])
}

fn shifted(x1: &Tensor, x2: &Tensor, mode: &str) -> Result<Tensor> {
    let [a, b] = together([&x1.into(), &x2.into()]);
    let length = |x: &Tensor| match (x.rank(), x.dim(0).known()) {
        (1, Some(n)) if n > 0 => Ok(n),
        _ => Err(Error::value("correlate").expected("two vectors with elements").got(x.shape())),
    };
    let (m, n) = (length(&a)?, length(&b)?);
    // The shorter one is moved; if that was the first, shifts count backwards.
    let (long, short, n, turned) = if m < n { (b, a, m, true) } else { (a, b, n, false) };
    let (low, high) = match mode {
        "valid" => (0, 0),
        "full" => (n - 1, n - 1),
        "same" => (n / 2, n - n / 2 - 1),
        other => return Err(Error::unknown("mode", other, ["valid", "same", "full"])),
    };
    let padded = long.pad(&[low as isize], &[high as isize], 0.0);
    let padded = padded.reshape([Dim::new(1), padded.dim(0), Dim::new(1)]);
    let kernel = short.reshape([n, 1, 1]);
    let y = ops::ravel(padded.conv(&kernel, &addax_core::ops::Spatial::valid()));
    Ok(if turned { y.reverse(&[0]) } else { y })
}

fn correlation(x: &Tensor) -> Result<Tensor> {
    let rows = match x.rank() {
        1 => x.expand_dims(0),
        2 => x.clone(),
        _ => return Err(Error::value("corrcoef").expected("rows of numbers").got(x.shape())),
    };
    let centred = &rows - rows.mean(&[1]).keep_axes(&[1]);
    let products = over(&centred, &centred, vec![1], vec![1]);
    let size = centred.square().sum(&[1]).sqrt();
    let relative = (products / size.expand_dims(1) / size.expand_dims(0)).clip(-1.0, 1.0);
    Ok(if x.rank() == 1 { relative.reshape(Vec::<Dim>::new()) } else { relative })
}
