//! StringLookup: words by their numbers.

use super::super::encoding::OutputMode;
use super::characters::texts;
use super::lookup::{Lookup, salt};
use super::vocabulary::{Token, Vocabulary};
use crate::class::{Config, Word};
use crate::fields::OneOrMany;
use crate::layer;
use crate::layers::{Host, Layer, LayerRef};
use crate::scope::Scope;
use addax_core::{Error, Result, Shape, Tensor, Value};

layer! {
    /// The number of each word in a vocabulary, which is given, or learnt by [`LayerRef::adapt`]; with `invert` the word of
    /// each number. Unknown words get the numbers before.
    ///
    /// ```
    /// use addax::prelude::*;
    /// use addax::data::Strings;
    /// let layer = addax::layers::StringLookup::new().vocabulary(["a", "b"]);
    /// let x = text_input([1]);
    /// let mut model = Model::new(Network::new(&[&x], &[&layer.on(&x)?])?);
    /// let y = model.predict(Strings::new([3, 1], ["b", "a", "c"])?.to_value()?)?;
    /// assert_eq!(y.to_f64(), [2.0, 1.0, 0.0]);
    /// # Ok::<(), addax::Error>(())
    /// ```
    pub struct StringLookup () {
        /// How many numbers there are at most.
        max_tokens: Option<usize> = None,
        /// How many numbers unknown words are spread over.
        num_oov_indices: usize = 1,
        /// The word that stands for no word.
        mask_token: Option<Token> = None,
        /// The word that stands for unknown ones.
        oov_token: Option<Token> = Some("[UNK]".into()),
        /// The words.
        vocabulary: Vocabulary = Vocabulary::default(),
        /// The weights of words for the mode `tf_idf`.
        idf_weights: Option<Vec<f64>> = None,
        /// Whether numbers become words.
        invert: bool = false,
        /// The form of the output.
        output_mode: Word<OutputMode> = OutputMode::Int.into(),
        /// Whether rows are as long as `max_tokens` says.
        pad_to_max_tokens: bool = false,
        /// Whether Keras would give a sparse tensor.
        sparse: bool = false,
        /// How the words are written; UTF-8 is known.
        encoding: String = "utf-8".to_string(),
        /// The key of the hash by which unknown words are spread.
        salt: Option<OneOrMany<i64>> = None,
        /// How unknown numbers would be spread.
        oov_method: String = "floormod".to_string(),
        /// How many numbers there are.
        vocabulary_size: Option<usize> = None,
    }
}

impl StringLookup {
    pub(super) fn lookup(&self) -> Result<Lookup<'_>> {
        Ok(Lookup {
            vocabulary: &self.vocabulary,
            idf_weights: self.idf_weights.as_deref(),
            max_tokens: self.max_tokens,
            num_oov_indices: self.num_oov_indices,
            mask_token: self.mask_token.as_ref(),
            oov_token: self.oov_token.as_ref(),
            mode: self.output_mode.get()?,
            pad_to_max_tokens: self.pad_to_max_tokens,
            hashes_numbers: true,
            salt: salt(&self.salt)?,
        })
    }
}

/// The shape of an array of text, without the axis of its bytes.
pub(super) fn text_shape(x: &Tensor) -> Result<Shape> {
    if x.check()?.dtype() != addax_core::DType::U8 || x.rank() == 0 {
        return Err(Error::type_("inputs").expected("text").got(x.dtype()));
    }
    Ok(Shape::from(x.shape().dims()[..x.rank() - 1].to_vec()))
}

impl Layer for StringLookup {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let lookup = self.lookup()?;
            if self.invert {
                return lookup.inverted(x);
            }
            Ok(cx.promised(lookup.dtype(), lookup.output(&text_shape(x)?)?))
        })
    }

    fn host(&self) -> Option<&dyn Host> {
        if self.invert { None } else { Some(self) }
    }

    fn gives_text(&self) -> bool {
        self.invert
    }

    fn adapt(&self, _: &LayerRef, data: &Value) -> Result<()> {
        let (shape, texts) = texts(data)?;
        let rows: usize = shape.first().copied().unwrap_or(1);
        let width = texts.len().checked_div(rows).unwrap_or(0).max(1);
        let token = |t: &&[u8]| Token::Text(t.to_vec());
        let documents: Vec<Vec<Token>> =
            texts.chunks(width).map(|row| row.iter().map(token).collect()).collect();
        self.lookup()?.learn(&documents)
    }

    fn assets(&self) -> Result<Vec<(String, Vec<u8>)>> {
        self.lookup()?.assets()
    }

    fn load_asset(&self, name: &str, bytes: &[u8]) -> Result<()> {
        if name != "vocabulary.txt" {
            return Err(Error::unsupported(format!("file \"{name}\" beside the weights")));
        }
        if !self.vocabulary.is_given() {
            self.vocabulary.learn(Vocabulary::read(bytes, false)?);
        }
        Ok(())
    }

    fn written(&self, config: &mut Config) {
        let size = self.vocabulary.get().and_then(|_| self.lookup().ok()).map(|l| l.size());
        config.insert("vocabulary_size".to_string(), serde_json::json!(size));
    }
}

impl Host for StringLookup {
    fn run(&self, inputs: &[Value]) -> Result<Value> {
        let [x] = inputs else { return Err(Error::value("inputs").expected("one").got(inputs.len())) };
        let (shape, texts) = texts(x)?;
        let lookup = self.lookup()?;
        let numbers = lookup.numbers(texts.into_iter().map(|t| Token::Text(t.to_vec())))?;
        lookup.encoded(Value::new(shape, numbers)?)
    }
}
