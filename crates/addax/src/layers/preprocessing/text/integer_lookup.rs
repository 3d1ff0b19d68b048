//! IntegerLookup: whole numbers by their place in a vocabulary.

use super::super::encoding::OutputMode;
use super::lookup::{Lookup, salt};
use super::vocabulary::{Token, Vocabulary};
use crate::class::{Config, Word};
use crate::fields::OneOrMany;
use crate::layer;
use crate::layers::{Host, Layer, LayerRef};
use crate::scope::Scope;
use addax_core::{Error, Result, Tensor, Value};

layer! {
    /// The place of each whole number in a vocabulary, which is given, or learnt by [`LayerRef::adapt`]; with `invert` the
    /// number at each place. Unknown numbers get the places before.
    pub struct IntegerLookup () {
        /// How many places there are at most.
        max_tokens: Option<usize> = None,
        /// How many places unknown numbers are spread over.
        num_oov_indices: usize = 1,
        /// The number that stands for none.
        mask_token: Option<i64> = None,
        /// The number that stands for unknown ones.
        oov_token: Option<i64> = Some(-1),
        /// The numbers.
        vocabulary: Vocabulary = Vocabulary::default(),
        /// The element type of the numbers.
        vocabulary_dtype: String = "int64".to_string(),
        /// The weights of numbers for the mode `tf_idf`.
        idf_weights: Option<Vec<f64>> = None,
        /// Whether places become numbers.
        invert: bool = false,
        /// The form of the output.
        output_mode: Word<OutputMode> = OutputMode::Int.into(),
        /// Whether Keras would give a sparse tensor.
        sparse: bool = false,
        /// Whether rows are as long as `max_tokens` says.
        pad_to_max_tokens: bool = false,
        /// How unknown numbers are spread: by their remainder, or by a hash.
        oov_method: String = "floormod".to_string(),
        /// The key of that hash.
        salt: Option<OneOrMany<i64>> = None,
        /// How many places there are.
        vocabulary_size: Option<usize> = None,
    }
}

impl IntegerLookup {
    fn with<T>(&self, run: impl FnOnce(Lookup) -> Result<T>) -> Result<T> {
        let hashes_numbers = match self.oov_method.as_str() {
            "floormod" => false,
            "farmhash" => true,
            other => return Err(Error::unknown("oov_method", other, ["floormod", "farmhash"])),
        };
        let (mask, oov) = (self.mask_token.map(Token::Number), self.oov_token.map(Token::Number));
        run(Lookup {
            vocabulary: &self.vocabulary,
            idf_weights: self.idf_weights.as_deref(),
            max_tokens: self.max_tokens,
            num_oov_indices: self.num_oov_indices,
            mask_token: mask.as_ref(),
            oov_token: oov.as_ref(),
            mode: self.output_mode.get()?,
            pad_to_max_tokens: self.pad_to_max_tokens,
            hashes_numbers,
            salt: salt(&self.salt)?,
        })
    }
}

impl Layer for IntegerLookup {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            x.check()?;
            self.with(|lookup| match self.invert {
                true => lookup.inverted(x),
                false => Ok(cx.promised(lookup.dtype(), lookup.output(&x.shape())?)),
            })
        })
    }

    fn host(&self) -> Option<&dyn Host> {
        if self.invert { None } else { Some(self) }
    }

    fn autocasts(&self) -> bool {
        false
    }

    fn adapt(&self, _: &LayerRef, data: &Value) -> Result<()> {
        let numbers = data.cast(addax_core::DType::I64).to_i64();
        let width = numbers.len().checked_div(data.rows()).unwrap_or(0).max(1);
        let documents: Vec<Vec<Token>> =
            numbers.chunks(width).map(|row| row.iter().copied().map(Token::Number).collect()).collect();
        self.with(|lookup| lookup.learn(&documents))
    }

    fn assets(&self) -> Result<Vec<(String, Vec<u8>)>> {
        self.with(|lookup| lookup.assets())
    }

    fn load_asset(&self, name: &str, bytes: &[u8]) -> Result<()> {
        if name != "vocabulary.txt" {
            return Err(Error::unsupported(format!("file \"{name}\" beside the weights")));
        }
        if !self.vocabulary.is_given() {
            self.vocabulary.learn(Vocabulary::read(bytes, true)?);
        }
        Ok(())
    }

    fn written(&self, config: &mut Config) {
        let size = self.vocabulary.get().and_then(|_| self.with(|l| Ok(l.size())).ok());
        config.insert("vocabulary_size".to_string(), serde_json::json!(size));
    }
}

impl Host for IntegerLookup {
    fn run(&self, inputs: &[Value]) -> Result<Value> {
        let [x] = inputs else { return Err(Error::value("inputs").expected("one").got(inputs.len())) };
        let numbers = x.cast(addax_core::DType::I64).to_i64();
        self.with(|lookup| {
            let places = lookup.numbers(numbers.into_iter().map(Token::Number))?;
            lookup.encoded(Value::new(x.shape(), places)?)
        })
    }
}
