//! Ops that go element by element: ONNX broadcasts their inputs, so that nothing is repeated in memory.

use super::emit::{Emitter, Wire, carried};
use super::probe::{At, Length};
use addax_core::ops::{Binary, Direction, Unary};
use addax_core::{DType, Error, Result};

/// The result of a node that broadcasts its inputs.
fn result(name: String, dtype: DType, lengths: &[Length], inputs: &[&Wire]) -> Wire {
    let full = (0..lengths.len()).map(|a| inputs.iter().any(|w| w.full[a])).collect();
    let rank = inputs.iter().map(|w| w.rank).max().unwrap_or(0);
    Wire { name, dtype: carried(dtype), lengths: lengths.to_vec(), rank, full, value: None }
}

fn unsupported(name: &str, dtype: DType) -> Error {
    Error::unsupported(format!("{name} of {dtype} as ONNX"))
}

/// Operators that runtimes have for float32 only.
const SINGLE: [&str; 14] = [
    "Tan", "Asin", "Acos", "Atan", "Sinh", "Cosh", "Asinh", "Acosh", "Atanh", "Erf", "Sign", "Cos", "Round",
    "Sin",
];

/// An operator of one input; where it is for float32 only, others are converted there and back.
fn single(em: &mut Emitter, kind: &'static str, x: &str, dtype: DType) -> String {
    if dtype != DType::F64 || !SINGLE.contains(&kind) {
        return em.node(kind, &[x], Vec::new());
    }
    let narrow = em.cast(x, DType::F32);
    let made = em.node(kind, &[&narrow], Vec::new());
    em.cast(&made, dtype)
}

pub(super) fn unary(em: &mut Emitter, op: Unary, at: &At, inputs: &[Wire]) -> Result<Wire> {
    let x = &inputs[0];
    let kind = match op {
        Unary::Abs => "Abs",
        Unary::Negate => "Neg",
        Unary::Sign => "Sign",
        Unary::Exp => "Exp",
        Unary::Log => "Log",
        Unary::Sqrt => "Sqrt",
        Unary::Tanh => "Tanh",
        Unary::Logistic => "Sigmoid",
        Unary::Sin => "Sin",
        Unary::Cos => "Cos",
        Unary::Tan => "Tan",
        Unary::Asin => "Asin",
        Unary::Acos => "Acos",
        Unary::Atan => "Atan",
        Unary::Sinh => "Sinh",
        Unary::Cosh => "Cosh",
        Unary::Asinh => "Asinh",
        Unary::Acosh => "Acosh",
        Unary::Atanh => "Atanh",
        Unary::Erf => "Erf",
        Unary::Floor | Unary::Ceil | Unary::Round if !x.dtype.is_float() => return Ok(x.clone()),
        Unary::Floor => "Floor",
        Unary::Ceil => "Ceil",
        Unary::Round => "Round",
        Unary::Relu if x.dtype.is_float() => "Relu",
        Unary::Not if x.dtype == DType::Bool => "Not",
        Unary::Not => "BitwiseNot",
        _ => return written_out(em, op, at, x),
    };
    let name = single(em, kind, &x.name, x.dtype);
    Ok(result(name, at.results[0].0, &at.results[0].1, &[x]))
}

/// Ops of several nodes.
fn written_out(em: &mut Emitter, op: Unary, at: &At, x: &Wire) -> Result<Wire> {
    let (dtype, input) = (x.dtype, x.name.as_str());
    let one = em.number(dtype, 1.0);
    let name = match op {
        Unary::Expm1 => {
            let exp = em.node("Exp", &[input], Vec::new());
            em.node("Sub", &[&exp, &one], Vec::new())
        }
        Unary::Log1p => {
            let more = em.node("Add", &[input, &one], Vec::new());
            em.node("Log", &[&more], Vec::new())
        }
        Unary::Rsqrt => {
            let root = em.node("Sqrt", &[input], Vec::new());
            em.node("Reciprocal", &[&root], Vec::new())
        }
        Unary::Cbrt => {
            let (third, sign) = (em.number(dtype, 1.0 / 3.0), single(em, "Sign", input, dtype));
            let size = em.node("Abs", &[input], Vec::new());
            let root = em.node("Pow", &[&size, &third], Vec::new());
            em.node("Mul", &[&sign, &root], Vec::new())
        }
        Unary::Erfc => {
            let erf = single(em, "Erf", input, dtype);
            em.node("Sub", &[&one, &erf], Vec::new())
        }
        Unary::Relu => {
            let zero = em.number(dtype, 0.0);
            em.node("Max", &[input, &zero], Vec::new())
        }
        _ => return Err(unsupported(op.name(), x.dtype)),
    };
    Ok(result(name, at.results[0].0, &at.results[0].1, &[x]))
}

pub(super) fn binary(em: &mut Emitter, op: Binary, at: &At, inputs: &[Wire]) -> Result<Wire> {
    let (a, b) = (&inputs[0], &inputs[1]);
    let logical = a.dtype == DType::Bool;
    let mut attributes = Vec::new();
    let kind = match op {
        Binary::Add | Binary::Maximum | Binary::Or if logical => "Or",
        Binary::Multiply | Binary::Minimum | Binary::And if logical => "And",
        Binary::Xor if logical => "Xor",
        Binary::Add => "Add",
        Binary::Subtract => "Sub",
        Binary::Multiply => "Mul",
        Binary::Divide => "Div",
        Binary::Maximum => "Max",
        Binary::Minimum => "Min",
        Binary::Power => "Pow",
        Binary::Remainder => {
            attributes.push(("fmod", 1.into()));
            "Mod"
        }
        Binary::And => "BitwiseAnd",
        Binary::Or => "BitwiseOr",
        Binary::Xor => "BitwiseXor",
        Binary::Atan2 => {
            let name = angle(em, &a.name, &b.name, a.dtype);
            return Ok(result(name, at.results[0].0, &at.results[0].1, &[a, b]));
        }
        Binary::ShiftLeft | Binary::ShiftRightLogical | Binary::ShiftRightArithmetic => {
            return Err(unsupported(op.name(), a.dtype));
        }
    };
    let name = em.node(kind, &[&a.name, &b.name], attributes);
    Ok(result(name, at.results[0].0, &at.results[0].1, &[a, b]))
}

/// The angle of the point (x, y): atan(y / x), and half a turn more or less where x is negative.
fn angle(em: &mut Emitter, y: &str, x: &str, dtype: DType) -> String {
    let (zero, pi) = (em.number(dtype, 0.0), em.number(dtype, std::f64::consts::PI));
    let slope = em.node("Div", &[y, x], Vec::new());
    let right = single(em, "Atan", &slope, dtype);
    let minus = em.node("Neg", &[&pi], Vec::new());
    let below = em.node("Less", &[y, &zero], Vec::new());
    let turn = em.node("Where", &[&below, &minus, &pi], Vec::new());
    let turned = em.node("Add", &[&right, &turn], Vec::new());
    let left = em.node("Less", &[x, &zero], Vec::new());
    let angle = em.node("Where", &[&left, &turned, &right], Vec::new());
    // The origin has the angle 0, not that of 0 / 0.
    let (on_y, on_x) = (em.node("Equal", &[y, &zero], Vec::new()), em.node("Equal", &[x, &zero], Vec::new()));
    let origin = em.node("And", &[&on_y, &on_x], Vec::new());
    em.node("Where", &[&origin, &zero, &angle], Vec::new())
}

pub(super) fn compare(em: &mut Emitter, direction: Direction, at: &At, inputs: &[Wire]) -> Result<Wire> {
    let (a, b) = (&inputs[0], &inputs[1]);
    let kind = match direction {
        Direction::Eq | Direction::Ne => "Equal",
        Direction::Lt => "Less",
        Direction::Le => "LessOrEqual",
        Direction::Gt => "Greater",
        Direction::Ge => "GreaterOrEqual",
    };
    let ordered = a.dtype == DType::Bool && kind != "Equal";
    let mut number = |w: &Wire| if ordered { em.cast(&w.name, DType::I32) } else { w.name.clone() };
    let (x, y) = (number(a), number(b));
    let mut name = em.node(kind, &[&x, &y], Vec::new());
    if direction == Direction::Ne {
        name = em.node("Not", &[&name], Vec::new());
    }
    Ok(result(name, DType::Bool, &at.results[0].1, &[a, b]))
}

pub(super) fn select(em: &mut Emitter, at: &At, inputs: &[Wire]) -> Result<Wire> {
    let (p, a, b) = (&inputs[0], &inputs[1], &inputs[2]);
    let name = if a.dtype == DType::Bool {
        let yes = em.node("And", &[&p.name, &a.name], Vec::new());
        let not = em.node("Not", &[&p.name], Vec::new());
        let no = em.node("And", &[&not, &b.name], Vec::new());
        em.node("Or", &[&yes, &no], Vec::new())
    } else {
        em.node("Where", &[&p.name, &a.name, &b.name], Vec::new())
    };
    Ok(result(name, at.results[0].0, &at.results[0].1, &[p, a, b]))
}

pub(super) fn convert(em: &mut Emitter, dtype: DType, at: &At, inputs: &[Wire]) -> Result<Wire> {
    let x = &inputs[0];
    let name = if carried(dtype) == x.dtype { x.name.clone() } else { em.cast(&x.name, carried(dtype)) };
    Ok(result(name, dtype, &at.results[0].1, &[x]))
}
