//! Operands and the element type that they have together: Keras's rules (`keras.backend.result_type`).

use super::argument::Given;
use crate::class::Field;
use addax_core::{DType, Error, Result, Tensor, Value};
use serde_json::{Value as Json, json};

/// A tensor, or a plain number that takes the kind of the tensor beside it.
#[derive(Clone, Debug)]
pub enum Operand {
    /// A tensor.
    Tensor(Tensor),
    /// A truth value.
    Bool(bool),
    /// An integer.
    Int(i64),
    /// A number with a fraction.
    Float(f64),
}

macro_rules! given {
    ($($from:ty => $variant:ident |$x:ident| $body:expr;)*) => {$(
        impl Given<Operand> for $from { fn given(self) -> Operand { let $x = self; Operand::$variant($body) } }
        impl Given<Option<Operand>> for $from { fn given(self) -> Option<Operand> { let $x = self; Some(Operand::$variant($body)) } }
        impl From<$from> for Operand { fn from($x: $from) -> Operand { Operand::$variant($body) } }
    )*};
}
given! {
    Tensor => Tensor |x| x;
    &Tensor => Tensor |x| x.clone();
    bool => Bool |x| x;
    i64 => Int |x| x;
    f64 => Float |x| x;
}

/// A node of the lattice: an element type, or the weak kind of a plain number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// An element type.
    Strong(DType),
    /// Any integer type.
    Int,
    /// Any floating-point type.
    Float,
}

impl Kind {
    const ALL: [Kind; 12] = [
        Kind::Strong(DType::Bool),
        Kind::Int,
        Kind::Strong(DType::U8),
        Kind::Strong(DType::U32),
        Kind::Strong(DType::I8),
        Kind::Strong(DType::I32),
        Kind::Strong(DType::I64),
        Kind::Float,
        Kind::Strong(DType::BF16),
        Kind::Strong(DType::F16),
        Kind::Strong(DType::F32),
        Kind::Strong(DType::F64),
    ];

    /// The kinds right above it.
    fn above(self) -> &'static [Kind] {
        match self {
            Kind::Strong(DType::Bool) => &[Kind::Int],
            Kind::Int => &[Kind::Strong(DType::U8), Kind::Strong(DType::I8)],
            Kind::Strong(DType::U8) => &[Kind::Strong(DType::U32), Kind::Strong(DType::I32)],
            Kind::Strong(DType::U32) => &[Kind::Strong(DType::I64)],
            Kind::Strong(DType::I8) => &[Kind::Strong(DType::I32)],
            Kind::Strong(DType::I32) => &[Kind::Strong(DType::I64)],
            Kind::Strong(DType::I64) => &[Kind::Float],
            Kind::Float => &[Kind::Strong(DType::BF16), Kind::Strong(DType::F16)],
            Kind::Strong(DType::BF16 | DType::F16) => &[Kind::Strong(DType::F32)],
            Kind::Strong(DType::F32) => &[Kind::Strong(DType::F64)],
            Kind::Strong(DType::F64) => &[],
        }
    }

    /// Whether `other` is this kind or above it.
    fn reaches(self, other: Kind) -> bool {
        self == other || self.above().iter().any(|k| k.reaches(other))
    }
}

/// The element type that several kinds have together: the lowest that is above all of them.
///
/// ```
/// use addax::{DType, ops::{Kind, result_type}};
/// assert_eq!(result_type(&[Kind::Strong(DType::F16), Kind::Float]), DType::F16);
/// assert_eq!(result_type(&[Kind::Strong(DType::I32), Kind::Float]), DType::F32);
/// assert_eq!(result_type(&[Kind::Strong(DType::F16), Kind::Strong(DType::BF16)]), DType::F32);
/// ```
pub fn result_type(kinds: &[Kind]) -> DType {
    let above_all = |k: &&Kind| kinds.iter().all(|x| x.reaches(**k));
    // The order of the list goes upwards: the first that fits is below all others that fit.
    match Kind::ALL.iter().find(above_all) {
        Some(Kind::Strong(dtype)) => *dtype,
        Some(Kind::Int) => DType::I32,
        Some(Kind::Float) | None => DType::F32,
    }
}

impl Operand {
    /// Its place in the lattice.
    pub fn kind(&self) -> Kind {
        match self {
            Operand::Tensor(t) => Kind::Strong(t.dtype()),
            Operand::Bool(_) => Kind::Strong(DType::Bool),
            Operand::Int(_) => Kind::Int,
            Operand::Float(_) => Kind::Float,
        }
    }

    /// As a tensor of the given element type.
    pub fn cast(&self, dtype: DType) -> Tensor {
        match self {
            Operand::Tensor(t) => t.cast(dtype),
            Operand::Bool(x) => Tensor::constant(dtype, f64::from(u8::from(*x))),
            Operand::Int(x) => Tensor::new(Value::scalar(*x).cast(dtype)),
            Operand::Float(x) => Tensor::constant(dtype, *x),
        }
    }

    /// As a tensor of its own element type: int32 and float32 for plain numbers.
    pub fn strong(&self) -> Tensor {
        self.cast(result_type(&[self.kind()]))
    }
}

/// A number (or array) in the constructor of an op.
#[derive(Clone, Debug)]
pub struct Number(pub Operand);

impl Field for Number {
    fn to_json(&self) -> Json {
        match &self.0 {
            Operand::Tensor(t) => written(t),
            Operand::Bool(x) => Json::from(*x),
            Operand::Int(x) => Json::from(*x),
            Operand::Float(x) => x.to_json(),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        constant(json).map(Number)
    }
}

/// Numbers in lists, as they stand in a config.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed(pub Json);

impl Listed {
    /// As a tensor.
    pub fn tensor(&self) -> Result<Tensor> {
        constant(&self.0).map(|o| o.strong())
    }
}

impl Field for Listed {
    fn to_json(&self) -> Json {
        self.0.clone()
    }

    fn from_json(json: &Json) -> Result<Self> {
        constant(json).map(|_| Listed(json.clone()))
    }
}

impl Given<Option<Listed>> for &[f64] {
    fn given(self) -> Option<Listed> {
        Some(Listed(json!(self)))
    }
}

macro_rules! numbers {
    ($($from:ty),*) => {$(
        impl From<$from> for Number { fn from(x: $from) -> Number { Number(x.into()) } }
        impl Given<Number> for $from { fn given(self) -> Number { Number(self.into()) } }
        impl Given<Option<Number>> for $from { fn given(self) -> Option<Number> { Some(Number(self.into())) } }
    )*};
}
numbers!(Tensor, &Tensor, bool, i64, f64);

/// An array as it stands in a config.
fn written(t: &Tensor) -> Json {
    let Ok(value) = t.to_value() else { return Json::Null };
    let leaves: Vec<Json> = match value.dtype() {
        DType::Bool => value.to_i64().iter().map(|x| Json::from(*x != 0)).collect(),
        d if d.is_float() => value.to_f64().iter().map(Field::to_json).collect(),
        _ => value.to_i64().iter().map(|x| Json::from(*x)).collect(),
    };
    let mut level = leaves;
    for n in value.shape().iter().rev() {
        level = level.chunks((*n).max(1)).map(|c| Json::Array(c.to_vec())).collect();
    }
    let value = level.into_iter().next().unwrap_or_else(|| Json::Array(Vec::new()));
    json!({"class_name": "__numpy__", "config": {"value": value, "dtype": t.dtype().name()}})
}

/// Operands in the element type that they have together.
pub fn together<const N: usize>(operands: [&Operand; N]) -> [Tensor; N] {
    let dtype = result_type(&operands.map(Operand::kind));
    operands.map(|o| o.cast(dtype))
}

/// Operands in the floating-point type that they have together.
pub fn together_float<const N: usize>(operands: [&Operand; N]) -> [Tensor; N] {
    let kinds: Vec<Kind> = operands.iter().map(|o| o.kind()).chain([Kind::Float]).collect();
    let dtype = result_type(&kinds);
    operands.map(|o| o.cast(dtype))
}

/// Tensors in the element type that they have together.
pub fn unified(tensors: &[Tensor]) -> Vec<Tensor> {
    let dtype = result_type(&tensors.iter().map(|t| Kind::Strong(t.dtype())).collect::<Vec<_>>());
    tensors.iter().map(|t| t.cast(dtype)).collect()
}

/// A tensor of a floating-point type: integers and truth values become float32.
pub fn float(x: &Tensor) -> Tensor {
    if x.dtype().is_float() { x.clone() } else { x.cast(DType::F32) }
}

/// A constant of a config: a number, lists of numbers, or an array object (`__tensor__`, `__numpy__`).
pub fn constant(json: &Json) -> Result<Operand> {
    match json {
        Json::Bool(x) => Ok(Operand::Bool(*x)),
        Json::Number(n) => {
            Ok(n.as_i64().map_or_else(|| Operand::Float(n.as_f64().unwrap_or(f64::NAN)), Operand::Int))
        }
        Json::Array(_) => array(json, None).map(Operand::Tensor),
        Json::Object(object) => {
            let class = object.get("class_name").and_then(Json::as_str);
            if !matches!(class, Some("__tensor__" | "__numpy__")) {
                return Err(Error::unsupported(format!(
                    "a constant of class \"{}\"",
                    class.unwrap_or_default()
                )));
            }
            let part = |key: &str| object.get("config").and_then(|c| c.get(key));
            let dtype = part("dtype").and_then(Json::as_str).map(DType::parse).transpose()?;
            // Arrays that Python made in its widest types are computed in 32 bits, as Keras does on JAX.
            let dtype = dtype.map(|d| match d {
                DType::F64 => DType::F32,
                DType::I64 => DType::I32,
                other => other,
            });
            array(part("value").unwrap_or(&Json::Null), dtype).map(Operand::Tensor)
        }
        other => number(other).map(Operand::Float),
    }
}

/// Lists of numbers as an array: of truth values, int32 or float32, unless it is said.
fn array(json: &Json, dtype: Option<DType>) -> Result<Tensor> {
    let mut shape = Vec::new();
    let mut level = json;
    while let Json::Array(list) = level {
        shape.push(list.len());
        match list.first() {
            Some(first) => level = first,
            None => break,
        }
    }
    let mut leaves = Vec::new();
    flatten(json, &shape, &mut leaves)?;
    let own = match () {
        _ if leaves.is_empty() => DType::F32,
        _ if leaves.iter().all(|j| j.is_boolean()) => DType::Bool,
        _ if leaves.iter().all(|j| j.is_i64() || j.is_boolean()) => DType::I32,
        _ => DType::F32,
    };
    let dtype = dtype.unwrap_or(own);
    let value = if dtype.is_float() {
        Value::new(shape, leaves.iter().map(|j| number(j)).collect::<Result<Vec<f64>>>()?)?
    } else {
        let whole = |j: &&Json| j.as_i64().map_or_else(|| number(j).map(|x| x as i64), Ok);
        Value::new(shape, leaves.iter().map(whole).collect::<Result<Vec<i64>>>()?)?
    };
    Ok(Tensor::new(value.cast(dtype)))
}

fn flatten<'a>(json: &'a Json, shape: &[usize], out: &mut Vec<&'a Json>) -> Result<()> {
    match (json, shape) {
        (Json::Array(list), [n, rest @ ..]) if list.len() == *n => {
            list.iter().try_for_each(|j| flatten(j, rest, out))
        }
        (Json::Array(_), _) | (_, [_, ..]) => {
            Err(Error::value("constant").expected("lists of the same lengths").got("a ragged list"))
        }
        (leaf, []) => {
            out.push(leaf);
            Ok(())
        }
    }
}

/// A number of a config.
fn number(json: &Json) -> Result<f64> {
    match json {
        Json::Bool(b) => Ok(f64::from(u8::from(*b))),
        other => f64::from_json(other).map_err(|_| Error::type_("constant").expected("numbers").got(json)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn the_lattice_goes_upwards_to_one_type() {
        for a in Kind::ALL {
            for b in Kind::ALL {
                let above: Vec<&Kind> =
                    Kind::ALL.iter().filter(|k| a.reaches(**k) && b.reaches(**k)).collect();
                assert!(above.iter().all(|k| above[0].reaches(**k)), "{a:?} and {b:?}: {above:?}");
            }
        }
    }

    #[test]
    fn constants_are_arrays_of_their_numbers() {
        let tensor = |j: Json| constant(&j).unwrap().strong().to_value().unwrap();
        assert_eq!(tensor(json!([[1, 2], [3, 4]])), Value::new([2, 2], vec![1i32, 2, 3, 4]).unwrap());
        assert_eq!(tensor(json!([1, 2.5])), Value::from(vec![1f32, 2.5]));
        assert_eq!(tensor(json!([true, false])), Value::from(vec![true, false]));
        let object = json!({"class_name": "__numpy__", "config": {"value": [1.0], "dtype": "int8"}});
        assert_eq!(tensor(object), Value::from(vec![1i8]));
        let error = |j: Json| constant(&j).unwrap_err().to_string();
        assert_eq!(
            error(json!([[1], [2, 3]])),
            "constant: expected lists of the same lengths, got a ragged list"
        );
        assert_eq!(error(json!([1, "x"])), "constant: expected numbers, got \"x\"");
        assert!(error(json!({"class_name": "__lambda__"})).contains("__lambda__"));
    }
}
