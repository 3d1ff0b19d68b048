//! Activations: one row each, and the argument of layers that names one. Formulas are Keras's (`keras.activations`).

pub mod functions;

pub use functions::{log_softmax, softmax, softmax_along, softplus};

use crate::class::Field;
use crate::layers::{Layer, LayerRef};
use crate::scope::Scope;
use addax_core::{Error, Result, Tensor};
use functions as f;
use serde_json::Value as Json;

/// A row of the table.
struct Row {
    name: &'static str,
    aliases: &'static [&'static str],
    apply: fn(&Tensor) -> Tensor,
}

macro_rules! activations {
    ($($name:ident [$($alias:literal),*] = $apply:expr;)*) => {
        const ROWS: &[Row] = &[$(Row { name: stringify!($name), aliases: &[$($alias),*], apply: $apply }),*];
    };
}

activations! {
    linear [] = |x| x.clone();
    relu [] = |x| x.relu();
    relu6 [] = f::relu6;
    leaky_relu [] = |x| f::leaky_relu(x, 0.2);
    sigmoid [] = |x| x.logistic();
    tanh [] = |x| x.tanh();
    softmax [] = f::softmax;
    log_softmax [] = f::log_softmax;
    sparsemax [] = |x| f::sparsemax(x, -1);
    softplus [] = f::softplus;
    softsign [] = |x| x / (x.abs() + 1.0);
    silu ["swish"] = |x| x * x.logistic();
    gelu [] = |x| f::gelu(x, false);
    elu [] = |x| f::elu(x, 1.0);
    celu [] = |x| f::celu(x, 1.0);
    selu [] = |x| f::elu(x, f::SELU_ALPHA) * f::SELU_SCALE;
    glu [] = |x| f::glu(x, -1);
    exponential [] = |x| x.exp();
    hard_sigmoid [] = f::hard_sigmoid;
    hard_sigmoid_keras2 [] = |x| (x * 0.2 + 0.5).clip(0.0, 1.0);
    hard_silu ["hard_swish"] = |x| x * f::hard_sigmoid(x);
    hard_tanh [] = f::hard_tanh;
    hard_shrink [] = |x| f::hard_shrink(x, 0.5);
    soft_shrink [] = |x| f::soft_shrink(x, 0.5);
    tanh_shrink [] = |x| x - x.tanh();
    log_sigmoid [] = |x| f::softplus(&x.negate()).negate();
    mish [] = |x| x * f::softplus(x).tanh();
    squareplus [] = |x| f::squareplus(x, 4.0);
    sparse_plus [] = f::sparse_plus;
    sparse_sigmoid [] = |x| ((x + 1.0) * 0.5).clip(0.0, 1.0);
}

/// What Keras 2 called `hard_sigmoid`: `min(max(0.2 x + 0.5, 0), 1)`. Keras 3 has no name for it.
pub const HARD_SIGMOID_OF_KERAS_2: &str = "hard_sigmoid_keras2";

/// The names of all activations.
pub fn names() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|r| r.name)
}

fn row(name: &str) -> Result<&'static Row> {
    let known = || ROWS.iter().flat_map(|r| r.aliases.iter().copied().chain([r.name]));
    let found = ROWS.iter().find(|r| r.name == name || r.aliases.contains(&name));
    found.ok_or_else(|| match name {
        "threshold" => Error::unsupported("activation \"threshold\" needs a threshold and a value"),
        _ => Error::unknown("activation", name, known()),
    })
}

/// An activation with its defaults as a function of a tensor, by name.
///
/// ```
/// use addax::{Tensor, activations};
/// let relu = activations::named("relu")?;
/// assert_eq!(relu(&Tensor::scalar(-1f32)).to_value()?.item()?, 0.0);
/// let error = activations::named("rellu").unwrap_err();
/// assert_eq!(error.to_string(), "unknown activation \"rellu\". Did you mean \"relu\"?");
/// # Ok::<(), addax::Error>(())
/// ```
pub fn named(name: &str) -> Result<fn(&Tensor) -> Tensor> {
    Ok(row(name)?.apply)
}

/// What a layer's result goes through: an activation by name, or a layer.
///
/// ```
/// use addax::prelude::*;
/// let x = Input([3])?;
/// Dense::new(4usize).activation("relu").on(&x)?;
/// Dense::new(4usize).activation(LeakyReLU::new().negative_slope(0.1)).on(&x)?;
/// # Ok::<(), addax::Error>(())
/// ```
#[derive(Clone)]
pub struct Activation(Kind);

#[derive(Clone)]
enum Kind {
    Function(&'static Row),
    Layer(LayerRef),
    /// A name that is unknown; told when the activation is used.
    Unknown(Error),
}

impl Activation {
    /// No activation at all.
    pub fn linear() -> Activation {
        Activation::from("linear")
    }

    /// Its name, or why it is unknown; a layer goes by its class.
    pub fn name(&self) -> Result<&'static str> {
        match &self.0 {
            Kind::Function(row) => Ok(row.name),
            Kind::Layer(layer) => Ok(layer.layer().class_name()),
            Kind::Unknown(e) => Err(e.clone()),
        }
    }

    /// Applies it within a layer's call; `attribute` is the name under which Keras keeps it in the layer.
    pub fn apply(&self, cx: &mut Scope, attribute: &str, x: &Tensor) -> Tensor {
        match &self.0 {
            Kind::Function(row) => (row.apply)(x),
            Kind::Layer(layer) => Tensor::from_result(|| {
                let layer = cx.child(attribute, || layer.clone())?;
                Ok(cx.call(&layer, std::slice::from_ref(x))?.remove(0))
            }),
            Kind::Unknown(e) => Tensor::failed(e.clone()),
        }
    }
}

impl std::fmt::Debug for Activation {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.name() {
            Ok(name) => f.write_str(name),
            Err(e) => write!(f, "{e}"),
        }
    }
}

impl From<&str> for Activation {
    fn from(name: &str) -> Activation {
        Activation(row(name).map_or_else(Kind::Unknown, Kind::Function))
    }
}

impl From<LayerRef> for Activation {
    fn from(layer: LayerRef) -> Activation {
        Activation(Kind::Layer(layer))
    }
}

impl<L: Layer + 'static> From<L> for Activation {
    fn from(layer: L) -> Activation {
        Activation(Kind::Layer(LayerRef::new(layer)))
    }
}

impl Field for Activation {
    fn to_json(&self) -> Json {
        match &self.0 {
            Kind::Function(row) => Json::from(row.name),
            Kind::Layer(layer) => layer.to_json(),
            Kind::Unknown(_) => Json::Null,
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        let name = match json {
            Json::Null => Some("linear"),
            Json::Object(o) => match o.get("config") {
                // A function object names itself in its config.
                Some(Json::String(function)) => Some(function.as_str()),
                _ => return LayerRef::from_json(json).map(Activation::from),
            },
            other => other.as_str(),
        };
        let name = name.ok_or_else(|| Error::type_("activation").expected("a name or a layer").got(json))?;
        row(name).map(|row| Activation(Kind::Function(row)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::testing::check_gradient;
    use serde_json::json;

    #[test]
    fn gradients_match_finite_differences() {
        for row in ROWS {
            // A piece on which none of them has a corner.
            check_gradient(row.name, |x| (row.apply)(&x[0]), &[(&[2, 4], (0.55, 0.95))]);
            check_gradient(row.name, |x| (row.apply)(&x[0]), &[(&[2, 4], (-0.95, -0.55))]);
        }
    }

    #[test]
    fn are_read_in_every_form() {
        let written = |json: Json| Activation::from_json(&json).map(|a| a.to_json());
        let function = json!({"module": "builtins", "class_name": "function", "config": "relu", "registered_name": "function"});
        assert_eq!(written(function).unwrap(), json!("relu"));
        assert_eq!(written(json!(null)).unwrap(), json!("linear"));
        assert_eq!(written(json!("swish")).unwrap(), json!("silu"));
        let layer = json!({"module": "keras.layers", "class_name": "LeakyReLU", "config": {"name": "l", "negative_slope": 0.1}});
        assert_eq!(written(layer).unwrap()["config"]["negative_slope"], json!(0.1));
        assert!(written(json!("Custom>own")).unwrap_err().to_string().contains("Custom>own"));
        assert!(written(json!("threshold")).unwrap_err().to_string().contains("needs"));
    }
}
