//! TextVectorization: sentences as the numbers of their words.

use super::super::encoding::OutputMode;
use super::characters::texts;
use super::lookup::Lookup;
use super::string_lookup::text_shape;
use super::vocabulary::{Token, Vocabulary};
use super::words::{Split, Standardize, ngrams};
use crate::class::{Config, Word};
use crate::fields::OneOrMany;
use crate::layer;
use crate::layers::{Host, Layer, LayerRef};
use crate::scope::Scope;
use addax_core::{Dim, Error, Result, Shape, Tensor, Value};
use serde_json::{Value as Json, json};

layer! {
    /// Sentences cut into words, and these as their numbers in a vocabulary, which is given, or learnt by
    /// [`LayerRef::adapt`]: a row of numbers for each sentence, zeros behind, or counts.
    pub struct TextVectorization () {
        /// How many numbers there are at most.
        max_tokens: Option<usize> = None,
        /// What is done to a sentence first.
        standardize: Word<Standardize> = Standardize::LowerAndStripPunctuation.into(),
        /// Where it is cut.
        split: Word<Split> = Split::Whitespace.into(),
        /// Runs of so many words count as words: up to a number, or the numbers of a list.
        ngrams: Option<OneOrMany<usize>> = None,
        /// The form of the output.
        output_mode: Word<OutputMode> = OutputMode::Int.into(),
        /// How many numbers a row has; as many as the longest sentence unless given.
        output_sequence_length: Option<usize> = None,
        /// Whether rows of counts are as long as `max_tokens` says.
        pad_to_max_tokens: bool = false,
        /// The words.
        vocabulary: Vocabulary = Vocabulary::default(),
        /// The weights of words for the mode `tf_idf`.
        idf_weights: Option<Vec<f64>> = None,
        /// Whether Keras would give a sparse tensor.
        sparse: bool = false,
        /// Whether Keras would give rows of several lengths.
        ragged: bool = false,
        /// How sentences are written; UTF-8 is known.
        encoding: String = "utf-8".to_string(),
        /// How many numbers there are.
        vocabulary_size: Option<usize> = None,
    }
}

impl TextVectorization {
    fn with<T>(&self, run: impl FnOnce(Lookup) -> Result<T>) -> Result<T> {
        if self.ragged {
            return Err(Error::unsupported("ragged tensors"));
        }
        let (mask, oov) = (Token::from(""), Token::from("[UNK]"));
        run(Lookup {
            vocabulary: &self.vocabulary,
            idf_weights: self.idf_weights.as_deref(),
            max_tokens: self.max_tokens,
            num_oov_indices: 1,
            mask_token: Some(&mask),
            oov_token: Some(&oov),
            mode: self.output_mode.get()?,
            pad_to_max_tokens: self.pad_to_max_tokens,
            hashes_numbers: true,
            salt: None,
        })
    }

    /// The words of each sentence; uncut ones stand in rows.
    fn rows(&self, x: &Value) -> Result<Vec<Vec<Vec<u8>>>> {
        let (shape, sentences) = texts(x)?;
        let (standardize, split) = (self.standardize.get()?, self.split.get()?);
        let last = shape.get(1..).and_then(<[usize]>::last).copied().unwrap_or(1);
        if split != Split::Nothing && last != 1 {
            let e = Error::value("inputs").expected("one sentence a row").got(Shape::of(&shape));
            return Err(e.hint("Text that is cut has an axis of 1 at its end, or none."));
        }
        let words = sentences.iter().map(|s| split.apply(&standardize.apply(s)));
        let rows: Vec<Vec<Vec<u8>>> = if split == Split::Nothing {
            let flat: Vec<Vec<u8>> = words.flatten().collect();
            flat.chunks(last.max(1)).map(<[Vec<u8>]>::to_vec).collect()
        } else {
            words.collect()
        };
        let widths: Vec<usize> = match &self.ngrams {
            None => return Ok(rows),
            Some(OneOrMany::One(n)) => (1..=*n).collect(),
            Some(OneOrMany::Many(list)) => list.clone(),
        };
        Ok(rows.into_iter().map(|row| ngrams(row, &widths)).collect())
    }

    fn output(&self, lookup: &Lookup, input: &Shape) -> Result<Shape> {
        let batch = input.dims().first().copied().unwrap_or(Dim::UNKNOWN);
        Ok(match lookup.mode {
            OutputMode::Int => Shape::from([batch, Dim::from(self.output_sequence_length)]),
            OutputMode::OneHot => Shape::from([batch, Dim::UNKNOWN, Dim::new(lookup.depth()?)]),
            _ => Shape::from([batch, Dim::new(lookup.depth()?)]),
        })
    }
}

impl Layer for TextVectorization {
    fn call(&self, cx: &mut Scope, x: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let shape = text_shape(x)?;
            self.with(|lookup| Ok(cx.promised(lookup.dtype(), self.output(&lookup, &shape)?)))
        })
    }

    fn host(&self) -> Option<&dyn Host> {
        Some(self)
    }

    fn adapt(&self, _: &LayerRef, data: &Value) -> Result<()> {
        let rows = self.rows(data)?;
        let documents: Vec<Vec<Token>> =
            rows.into_iter().map(|row| row.into_iter().map(Token::Text).collect()).collect();
        self.with(|lookup| lookup.learn(&documents))
    }

    fn assets(&self) -> Result<Vec<(String, Vec<u8>)>> {
        let own = self.with(|lookup| lookup.assets())?;
        // Keras keeps it for the lookup inside as well.
        let inside = own.iter().map(|(name, bytes)| (format!("_lookup_layer/{name}"), bytes.clone()));
        Ok(own.iter().cloned().chain(inside).collect())
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
        let size = self.with(|l| Ok(l.size())).unwrap_or_default();
        config.insert("vocabulary_size".to_string(), json!(size));
        for key in ["standardize", "split"] {
            if config.get(key).and_then(Json::as_str) == Some("none") {
                config.insert(key.to_string(), Json::Null);
            }
        }
    }
}

impl Host for TextVectorization {
    fn run(&self, inputs: &[Value]) -> Result<Value> {
        let [x] = inputs else { return Err(Error::value("inputs").expected("one").got(inputs.len())) };
        let rows = self.rows(x)?;
        self.with(|lookup| {
            let longest = rows.iter().map(Vec::len).max().unwrap_or(0);
            let width = match (lookup.mode, self.output_sequence_length) {
                (OutputMode::Int, Some(n)) => n,
                _ => longest,
            };
            let filler = if lookup.mode == OutputMode::Int { 0 } else { -1 };
            let size = rows.len().checked_mul(width).filter(|n| *n < 1 << 31);
            let size =
                size.ok_or_else(|| Error::value("output_sequence_length").expected("less").got(width))?;
            let mut numbers = Vec::with_capacity(size);
            for row in &rows {
                let own = row.iter().take(width).map(|w| Token::Text(w.clone()));
                let start = numbers.len();
                numbers.extend(own);
                numbers.resize(start + width, Token::Number(filler));
            }
            let is_filler: Vec<bool> = numbers.iter().map(|t| matches!(t, Token::Number(_))).collect();
            let mut found = lookup.numbers(numbers.into_iter())?;
            found.iter_mut().zip(is_filler).filter(|(_, f)| *f).for_each(|(n, _)| *n = filler);
            lookup.encoded(Value::new([rows.len(), width], found)?)
        })
    }

    fn length_varies(&self) -> bool {
        self.output_sequence_length.is_none()
            && self.output_mode.get().is_ok_and(|m| matches!(m, OutputMode::Int | OutputMode::OneHot))
    }
}

#[cfg(test)]
mod tests {
    use super::super::characters::array;
    use super::*;

    fn sentences(list: &[&str]) -> Value {
        let bytes: Vec<&[u8]> = list.iter().map(|s| s.as_bytes()).collect();
        array(&[list.len(), 1], &bytes).unwrap()
    }

    #[test]
    fn words_become_their_numbers() {
        let layer = TextVectorization::new().vocabulary(["the", "fox"]);
        let x = sentences(&["The fox!", "a fox, the fox", ""]);
        let y = layer.run(std::slice::from_ref(&x)).unwrap();
        assert_eq!((y.shape(), y.to_i64()), (&[3, 4][..], vec![2, 3, 0, 0, 1, 3, 2, 3, 0, 0, 0, 0]));
        let counts = layer.clone().output_mode("count").run(std::slice::from_ref(&x)).unwrap();
        assert_eq!((counts.shape(), counts.to_i64()), (&[3, 3][..], vec![0, 1, 1, 1, 1, 2, 0, 0, 0]));
        let short = layer.output_sequence_length(Some(2)).run(&[x]).unwrap();
        assert_eq!(short.to_i64(), [2, 3, 1, 3, 0, 0]);
    }

    #[test]
    fn a_learnt_vocabulary_goes_by_a_file() {
        let layer = LayerRef::new(TextVectorization::new());
        layer.adapt(&sentences(&["b a b", "c b a"])).unwrap();
        let files = layer.layer().assets().unwrap();
        assert_eq!(files[0], ("vocabulary.txt".to_string(), b"\n[UNK]\nb\na\nc".to_vec()));
        let again = TextVectorization::new();
        again.load_asset("vocabulary.txt", &files[0].1).unwrap();
        assert_eq!(again.run(&[sentences(&["c d"])]).unwrap().to_i64(), [4, 1]);
    }
}
