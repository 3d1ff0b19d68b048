//! EinsumDense: a dense layer whose product is spelled as an equation.

use super::quantization::Quantization;
use crate::activations::Activation;
use crate::class::{Config, Field, find};
use crate::constraints::Constraint;
use crate::initializers::{Initialize, Initializer};
use crate::layer;
use crate::layers::Layer;
use crate::layers::low_rank::{self, LowRank};
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{Dim, Error, Result, Shape, Tensor};
use serde_json::{Value as Json, json};
use std::collections::HashMap;

/// The shape of an output without its batch; `None` where it follows the input. One number may stand alone.
#[derive(Clone, Debug, PartialEq)]
pub struct PartialShape(pub Vec<Option<usize>>);

impl From<usize> for PartialShape {
    fn from(n: usize) -> Self {
        PartialShape(vec![Some(n)])
    }
}

impl From<Vec<Option<usize>>> for PartialShape {
    fn from(dims: Vec<Option<usize>>) -> Self {
        PartialShape(dims)
    }
}

impl Field for PartialShape {
    fn to_json(&self) -> Json {
        self.0.to_json()
    }

    fn from_json(json: &Json) -> Result<Self> {
        if json.is_array() {
            Vec::from_json(json).map(PartialShape)
        } else {
            usize::from_json(json).map(Self::from)
        }
    }
}

layer! {
    /// `activation(einsum(equation, x, kernel) + bias)`: the equation names the axes of input, kernel and output;
    /// `...` on the left or right stands for any axes.
    ///
    /// ```
    /// use addax::layers::EinsumDense;
    /// use addax::prelude::*;
    /// let x = Input([32, 128])?;
    /// let y = EinsumDense::new("...x,xy->...y", 64usize).bias_axes("y".to_string()).on(&x)?;
    /// assert_eq!(y.shape().to_string(), "(None, 32, 64)");
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct EinsumDense (
        /// Which product: `ab,bc->ac` is the one of Dense.
        equation: String,
        /// The shape of the output without the batch and without axes that `...` stands for.
        output_shape: PartialShape,
    ) {
        /// What the sum goes through.
        activation: Activation = Activation::linear(),
        /// The axes of the output that have a bias, by their letters; no bias without.
        bias_axes: Option<String> = None,
        /// First values of the kernel.
        kernel_initializer: Initializer = "glorot_uniform".into(),
        /// First values of the bias.
        bias_initializer: Initializer = "zeros".into(),
        /// Penalty on the kernel.
        kernel_regularizer: Option<Regularizer> = None,
        /// Penalty on the bias.
        bias_regularizer: Option<Regularizer> = None,
        /// Penalty on the output, per row.
        activity_regularizer: Option<Regularizer> = None,
        /// Constraint of the kernel.
        kernel_constraint: Option<Constraint> = None,
        /// Constraint of the bias.
        bias_constraint: Option<Constraint> = None,
        /// The rank of what the kernel learns, the kernel itself being frozen.
        lora_rank: Option<usize> = None,
        /// How much of it is added; `lora_rank` unless given.
        lora_alpha: Option<f64> = None,
        /// Quantization.
        quantization_config: Quantization = Quantization,
    }
}

/// What an equation says of the weights for an input.
struct Weights {
    kernel: Vec<Dim>,
    bias: Option<Vec<Dim>>,
    /// The axes of the kernel that come in, and those that go out.
    axes: (Vec<isize>, Vec<isize>),
}

/// The letters of input, kernel and output, and where `...` stands.
struct Equation<'a> {
    input: &'a str,
    kernel: &'a str,
    output: &'a str,
    left: bool,
}

impl EinsumDense {
    fn parts<'a>(&'a self) -> Result<Equation<'a>> {
        let wrong = || {
            let forms = "\"ab,bc->ac\", \"...b,bc->...c\" or \"ab...,bc->ac...\"";
            Error::value("equation").expected(forms).got(format!("\"{}\"", self.equation))
        };
        let (operands, output) = self.equation.split_once("->").ok_or_else(wrong)?;
        let (input, kernel) = operands.split_once(',').ok_or_else(wrong)?;
        let left = input.starts_with("...");
        let bare = |s: &'a str| s.trim_start_matches("...").trim_end_matches("...");
        let (input, output) = (bare(input), bare(output));
        let letters = |s: &str| !s.is_empty() && s.chars().all(|c| c.is_ascii_alphabetic());
        if letters(input) && letters(kernel) && letters(output) {
            Ok(Equation { input, kernel, output, left })
        } else {
            Err(wrong())
        }
    }

    /// The shapes of kernel and bias (`keras/src/layers/core/einsum_dense.py`).
    fn weights(&self, x: &Shape) -> Result<Weights> {
        let Equation { input, kernel, output, left } = self.parts()?;
        let dims = x.dims();
        let elided = dims.len().checked_sub(input.len()).ok_or_else(|| {
            Error::value("input").expected(format_args!("at least {} axes", input.len())).got(x)
        })?;
        let mut full: Vec<Dim> = vec![dims.first().copied().unwrap_or(Dim::UNKNOWN)];
        full.extend(self.output_shape.0.iter().map(|d| Dim::from(*d)));
        if left {
            (1..elided).for_each(|i| full.insert(1, dims[i]));
        } else {
            full.extend(&dims[dims.len() - elided..]);
        }
        let shift = if left { elided } else { 0 };
        let place = |letters: &str| -> HashMap<char, usize> {
            letters.chars().enumerate().map(|(i, c)| (c, i + shift)).collect()
        };
        let (coming, going) = (place(input), place(output));
        let at = |map: &HashMap<char, usize>, shape: &[Dim], c: char| {
            map.get(&c).map(|i| shape.get(*i).copied().unwrap_or(Dim::UNKNOWN))
        };
        let mut found = Weights { kernel: Vec::new(), bias: None, axes: (Vec::new(), Vec::new()) };
        for (i, c) in kernel.chars().enumerate() {
            let length = if let Some(d) = at(&going, &full, c) {
                found.axes.1.push(i as isize);
                d
            } else if let Some(d) = at(&coming, dims, c) {
                found.axes.0.push(i as isize);
                d
            } else {
                let e = Error::value("equation")
                    .expected(format_args!("\"{c}\" of the kernel in input or output"));
                return Err(e.got(format!("\"{}\"", self.equation)));
            };
            found.kernel.push(length);
        }
        if let Some(axes) = &self.bias_axes {
            if let Some(c) = axes.chars().find(|c| !going.contains_key(c)) {
                return Err(Error::value("bias_axes")
                    .expected("letters of the output")
                    .got(format!("\"{c}\"")));
            }
            let first = output.chars().position(|c| axes.contains(c)).unwrap_or(0);
            let length = |c: char| if axes.contains(c) { at(&going, &full, c) } else { None };
            let mut bias: Vec<Dim> =
                output.chars().skip(first).map(|c| length(c).unwrap_or(Dim::new(1))).collect();
            if !left {
                bias.extend(vec![Dim::new(1); elided]);
            }
            found.bias = Some(bias);
        }
        Ok(found)
    }

    fn computed(&self, cx: &mut Scope, x: &Tensor) -> Result<Tensor> {
        let found = self.weights(&x.check()?.shape())?;
        let initializer = with_axes(&self.kernel_initializer, &found.axes)?;
        let adaptation = LowRank {
            rank: self.lora_rank,
            alpha: self.lora_alpha,
            names: ["lora_kernel_a", "lora_kernel_b"],
            regularizer: &self.kernel_regularizer,
            constraint: &self.kernel_constraint,
        };
        let kernel = cx
            .weight("kernel", found.kernel, &initializer)
            .trainable(!adaptation.is_on())
            .regularizer(&self.kernel_regularizer)
            .constraint(&self.kernel_constraint)
            .get();
        let bias = found.bias.map(|shape| {
            let bias = cx.weight("bias", shape, &self.bias_initializer);
            bias.regularizer(&self.bias_regularizer).constraint(&self.bias_constraint).get()
        });
        let kernel = adaptation.adapt(cx, kernel)?;
        let mut y = Tensor::einsum(&self.equation, &[&x.cast(kernel.dtype()), &kernel]);
        if let Some(bias) = bias {
            y = y + bias;
        }
        Ok(self.activation.apply(cx, "activation", &y))
    }
}

/// An initializer that counts fans by axes learns which come in and which go out.
fn with_axes(initializer: &Initializer, axes: &(Vec<isize>, Vec<isize>)) -> Result<Initializer> {
    let object = initializer.get()?;
    let mut config = object.config();
    if !config.get("input_axes").is_some_and(Json::is_null) {
        return Ok(initializer.clone());
    }
    config.insert("input_axes".to_string(), json!(axes.0));
    config.insert("output_axes".to_string(), json!(axes.1));
    let def = find::<dyn Initialize>(object.class_name())?;
    Ok(Initializer::shared((def.from_config)(&config)?))
}

impl Layer for EinsumDense {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        let y = Tensor::from_result(|| self.computed(cx, x));
        cx.penalize(&self.activity_regularizer, &y);
        y
    }

    fn written(&self, config: &mut Config) {
        low_rank::written(config);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::LayerRef;
    use crate::layers::check::check_layer;
    use crate::models::Input;

    #[test]
    fn behaves_like_a_layer() {
        check_layer(EinsumDense::new("ab,bc->ac", 4usize).bias_axes("c".to_string()), &[&[3]]);
        check_layer(EinsumDense::new("...x,xy->...y", 2usize).bias_axes("y".to_string()), &[&[3, 2]]);
        let heads =
            EinsumDense::new("abc,cde->abde", vec![None, Some(2), Some(3)]).bias_axes("de".to_string());
        check_layer(heads, &[&[4, 5]]);
        check_layer(EinsumDense::new("ab...,bc->ac...", 4usize).bias_axes("c".to_string()), &[&[3, 2]]);
    }

    #[test]
    fn weights_have_the_shapes_that_keras_gives_them() {
        let shapes = |layer: EinsumDense, sample: &[usize]| {
            let layer = LayerRef::new(layer);
            layer.on(&Input(sample).unwrap()).unwrap();
            layer.own_weights().iter().map(|w| w.shape.clone()).collect::<Vec<_>>()
        };
        let layer =
            EinsumDense::new("abc,cde->abde", vec![None, Some(2), Some(3)]).bias_axes("de".to_string());
        assert_eq!(shapes(layer, &[4, 5]), [vec![5, 2, 3], vec![2, 3]]);
        let layer = EinsumDense::new("abcd,cde->abe", vec![None, Some(7)]).bias_axes("e".to_string());
        assert_eq!(shapes(layer, &[4, 2, 3]), [vec![2, 3, 7], vec![7]]);
        let layer = EinsumDense::new("abc,cd->abd", vec![Some(4), Some(6)]).bias_axes("bd".to_string());
        assert_eq!(shapes(layer, &[4, 5]), [vec![5, 6], vec![4, 6]]);
    }
}
