//! Hashing: categories as the numbers of bins.

use super::super::encoding::OutputMode;
use super::characters::texts;
use super::lookup::{bucket, salt};
use super::vocabulary::Token;
use crate::class::{Config, Word};
use crate::fields::OneOrMany;
use crate::layer;
use crate::layers::{Host, Layer};
use crate::policy::Policy;
use crate::scope::Scope;
use addax_core::{DType, Dim, Error, Result, Shape, Tensor, Value};
use serde_json::{Value as Json, json};

layer! {
    /// The bin of each word or whole number by its hash (FarmHash; with a salt SipHash).
    pub struct Hashing (
        /// How many bins.
        num_bins: usize,
    ) {
        /// What gets bin 0 for itself: a word or a number.
        mask_value: Option<Token> = None,
        /// The key of the hash.
        salt: Option<OneOrMany<i64>> = None,
        /// The form of the output.
        output_mode: Word<OutputMode> = OutputMode::Int.into(),
        /// Whether Keras would give a sparse tensor.
        sparse: bool = false,
    }
}

/// The element type of numbers or rows, which a policy may say.
pub(super) fn dtype(mode: OutputMode, policy: &Policy) -> DType {
    match mode {
        OutputMode::Int if policy.compute.is_int() => policy.compute,
        OutputMode::Int => DType::I64,
        _ => policy.compute,
    }
}

/// The words of an array, numbers as they are written in decimal digits.
pub(super) fn written(x: &Value) -> Result<(Vec<usize>, Vec<Vec<u8>>)> {
    if x.dtype() == DType::U8 {
        let (shape, texts) = texts(x)?;
        return Ok((shape, texts.into_iter().map(<[u8]>::to_vec).collect()));
    }
    let numbers = x.cast(DType::I64).to_i64();
    Ok((x.shape().to_vec(), numbers.into_iter().map(|n| n.to_string().into_bytes()).collect()))
}

/// The shape of inputs, text without the axis of its bytes.
pub(super) fn shape_of(x: &Tensor) -> Result<Shape> {
    let dims = x.check()?.shape().dims().to_vec();
    Ok(Shape::from(if x.dtype() == DType::U8 { dims[..dims.len().saturating_sub(1)].to_vec() } else { dims }))
}

impl Hashing {
    fn mode(&self) -> Result<OutputMode> {
        use OutputMode::*;
        if self.num_bins == 0 {
            return Err(Error::value("num_bins").expected("at least 1").got(0));
        }
        self.output_mode.get()?.among(&[Int, OneHot, MultiHot, Count])
    }
}

impl Layer for Hashing {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let mode = self.mode()?;
            let shape = shape_of(x)?;
            let dims = shape.dims();
            let kept = if mode == OutputMode::Int { dims } else { &dims[..dims.len().saturating_sub(1)] };
            let mut dims = kept.to_vec();
            match mode {
                OutputMode::Int => {}
                OutputMode::OneHot if shape.dims().last().is_some_and(|d| *d != 1usize) => {
                    dims = [shape.dims(), &[Dim::new(self.num_bins)]].concat();
                }
                _ => dims.push(Dim::new(self.num_bins)),
            }
            Ok(cx.promised(dtype(mode, &cx.policy()), dims))
        })
    }

    fn host(&self) -> Option<&dyn Host> {
        Some(self)
    }

    fn autocasts(&self) -> bool {
        false
    }

    fn written(&self, config: &mut Config) {
        if let Ok(Some([a, b])) = salt(&self.salt) {
            config.insert("salt".to_string(), json!([a as i64, b as i64]));
        }
        integers(config);
    }
}

/// A layer that gives whole numbers has a policy of whole numbers.
pub(super) fn integers(config: &mut Config) {
    let float =
        config.get("dtype").and_then(|d| Policy::from_json(d).ok()).is_none_or(|p| p.compute.is_float());
    if float && config.get("output_mode").and_then(Json::as_str) == Some("int") {
        config.insert("dtype".to_string(), json!("int64"));
    }
}

impl Host for Hashing {
    fn run(&self, inputs: &[Value]) -> Result<Value> {
        let [x] = inputs else { return Err(Error::value("inputs").expected("one").got(inputs.len())) };
        let mode = self.mode()?;
        let key = salt(&self.salt)?;
        let (shape, words) = written(x)?;
        let mask = self.mask_value.as_ref().filter(|_| self.num_bins > 1).map(|mask| match mask {
            Token::Text(text) => text.clone(),
            Token::Number(n) => n.to_string().into_bytes(),
        });
        let bins = self.num_bins - usize::from(mask.is_some());
        let number = |word: &Vec<u8>| match &mask {
            Some(mask) if mask == word => 0,
            _ => bucket(word, bins, key) + i64::from(mask.is_some()),
        };
        let numbers = Value::new(shape, words.iter().map(number).collect::<Vec<i64>>())?;
        mode.encode(&Tensor::new(numbers), self.num_bins, DType::I64, None)?.to_value()
    }
}
