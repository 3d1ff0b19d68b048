//! What lookups have in common: tokens by their number in a vocabulary.

use super::super::encoding::OutputMode;
use super::characters::array;
use super::fingerprint::{fingerprint, keyed};
use super::vocabulary::{Token, Vocabulary};
use crate::fields::OneOrMany;
use addax_core::{DType, Dim, Error, Result, Shape, Tensor, Value};
use std::collections::{HashMap, HashSet};

/// A lookup as the arguments of a layer say it.
pub(super) struct Lookup<'a> {
    pub vocabulary: &'a Vocabulary,
    pub idf_weights: Option<&'a [f64]>,
    pub max_tokens: Option<usize>,
    pub num_oov_indices: usize,
    pub mask_token: Option<&'a Token>,
    pub oov_token: Option<&'a Token>,
    pub mode: OutputMode,
    pub pad_to_max_tokens: bool,
    /// Whether unknown numbers are spread by their hash, not by their remainder.
    pub hashes_numbers: bool,
    pub salt: Option<[u64; 2]>,
}

/// The keys of a hash: one number stands for both.
pub(super) fn salt(salt: &Option<OneOrMany<i64>>) -> Result<Option<[u64; 2]>> {
    match salt.as_ref().map(OneOrMany::all) {
        None => Ok(None),
        Some([one]) => Ok(Some([*one as u64; 2])),
        Some([a, b]) => Ok(Some([*a as u64, *b as u64])),
        Some(more) => Err(Error::value("salt").expected("one or two numbers").got(more.len())),
    }
}

/// The bucket of a text.
pub(super) fn bucket(text: &[u8], buckets: usize, salt: Option<[u64; 2]>) -> i64 {
    let hash = salt.map_or_else(|| fingerprint(text), |key| keyed(text, key));
    (hash % buckets.max(1) as u64) as i64
}

impl Lookup<'_> {
    /// How many numbers stand for the mask: one, or none.
    fn oov_start(&self) -> usize {
        usize::from(self.mask_token.is_some() && self.mode == OutputMode::Int)
    }

    /// The number of the first token.
    fn token_start(&self) -> usize {
        self.oov_start() + self.num_oov_indices
    }

    /// What stands before the tokens.
    fn special(&self) -> Vec<Token> {
        let mask = self.mask_token.iter().take(self.oov_start()).map(|t| (*t).clone());
        let oov = self.oov_token.iter().flat_map(|t| std::iter::repeat_n((*t).clone(), self.num_oov_indices));
        mask.chain(oov).collect()
    }

    /// The tokens without what stands before them, and whether that was there.
    fn tokens(&self) -> Result<(Vec<Token>, bool)> {
        let mut tokens = self.vocabulary.get().ok_or_else(|| {
            let e = Error::value("vocabulary").expected("tokens").got("none");
            e.hint("Give the layer a vocabulary, or adapt it to data.")
        })?;
        let special = self.special();
        let found =
            special.len() == self.token_start() && tokens.starts_with(&special) && !special.is_empty();
        if found {
            tokens.drain(..special.len());
        }
        Vocabulary::distinct(&tokens)?;
        if let Some(mask) = self.mask_token.filter(|m| tokens.contains(m)) {
            return Err(Error::value("vocabulary")
                .expected("the mask at its beginning")
                .got(format_args!("{mask:?}")));
        }
        let size = tokens.len() + self.token_start();
        match self.max_tokens {
            Some(most) if size > most => {
                Err(Error::value("vocabulary").expected(format_args!("at most {most} tokens")).got(size))
            }
            _ => Ok((tokens, found)),
        }
    }

    /// How many numbers there are.
    pub fn size(&self) -> usize {
        self.tokens().map_or(0, |(t, _)| t.len()) + self.token_start()
    }

    /// The length of a row that numbers become.
    pub fn depth(&self) -> Result<usize> {
        match (self.pad_to_max_tokens, self.max_tokens) {
            (true, Some(most)) => Ok(most),
            (true, None) => Err(Error::value("pad_to_max_tokens").expected("max_tokens").got("none")),
            _ => Ok(self.tokens()?.0.len() + self.token_start()),
        }
    }

    /// The numbers of tokens; -1 for the mask where numbers become rows.
    pub fn numbers(&self, tokens: impl Iterator<Item = Token>) -> Result<Vec<i64>> {
        let (known, _) = self.tokens()?;
        let start = self.token_start() as i64;
        let table: HashMap<&Token, i64> = known.iter().zip(start..).collect();
        let number = |token: Token| match table.get(&token) {
            _ if Some(&token) == self.mask_token => Ok(if self.mode == OutputMode::Int { 0 } else { -1 }),
            Some(n) => Ok(*n),
            None => self.unknown(&token),
        };
        tokens.map(number).collect()
    }

    fn unknown(&self, token: &Token) -> Result<i64> {
        let first = self.oov_start() as i64;
        let among = self.num_oov_indices;
        Ok(match (among, token) {
            (0, _) => {
                let e = Error::value("inputs").expected("tokens of the vocabulary");
                let e = e.got(format_args!("{}", crate::class::Field::to_json(token)));
                return Err(e.hint("num_oov_indices=1 gives unknown tokens a number."));
            }
            (1, _) => first,
            (_, Token::Number(n)) if !self.hashes_numbers => first + n.rem_euclid(among as i64),
            (_, Token::Number(n)) => first + bucket(n.to_string().as_bytes(), among, self.salt),
            (_, Token::Text(text)) => first + bucket(text, among, self.salt),
        })
    }

    /// Numbers as the layer gives them.
    pub fn encoded(&self, numbers: Value) -> Result<Value> {
        if self.mode == OutputMode::Int {
            return Ok(numbers);
        }
        let depth = self.depth()?;
        let rows = self.mode.encode(&Tensor::new(numbers), depth, DType::I64, None)?;
        if self.mode != OutputMode::TfIdf {
            return rows.to_value();
        }
        let weights = Tensor::new(Value::from(self.weights(depth)?)).cast(DType::F32);
        (rows.cast(DType::F32) * weights).to_value()
    }

    /// The weight of each number: those given, the rest around them by their mean and 0.
    fn weights(&self, depth: usize) -> Result<Vec<f64>> {
        let learnt = self.vocabulary.weights();
        if let (None, Some(learnt)) = (self.idf_weights, learnt) {
            return Ok(learnt.into_iter().chain(std::iter::repeat(0.0)).take(depth).collect());
        }
        let given = self
            .idf_weights
            .ok_or_else(|| Error::value("idf_weights").expected("a weight for each token").got("none"))?;
        let (tokens, found) = self.tokens()?;
        let front = if found { 0 } else { self.token_start() };
        if given.len() + front != tokens.len() + self.token_start() {
            return Err(Error::value("idf_weights").expected(tokens.len()).got(given.len()));
        }
        let mean = given.iter().sum::<f64>() / given.len().max(1) as f64;
        let front = std::iter::repeat_n(mean, front);
        Ok(front.chain(given.iter().copied()).chain(std::iter::repeat(0.0)).take(depth).collect())
    }

    /// The shape that inputs of a shape get.
    pub fn output(&self, input: &Shape) -> Result<Shape> {
        let dims = input.dims();
        if self.mode == OutputMode::Int {
            return Ok(input.clone());
        }
        let depth = Dim::new(self.depth()?);
        let whole =
            self.mode == OutputMode::OneHot && !(dims.len() > 1 && dims.last().is_some_and(|d| *d == 1usize));
        let kept = if whole { dims } else { &dims[..dims.len().saturating_sub(1)] };
        Ok(Shape::from([kept, &[depth]].concat()))
    }

    /// The element type of the output.
    pub fn dtype(&self) -> DType {
        if self.mode == OutputMode::TfIdf { DType::F32 } else { DType::I64 }
    }

    /// All tokens by their numbers, those for the mask and for unknown ones first.
    pub fn listed(&self) -> Result<Vec<Token>> {
        let (tokens, _) = self.tokens()?;
        let mut all = self.special();
        all.extend(tokens);
        Ok(all)
    }

    /// The tokens of numbers, in the graph; numbers that stand for none become the token for unknown ones.
    pub fn inverted(&self, x: &Tensor) -> Result<Tensor> {
        if self.mode != OutputMode::Int {
            return Err(Error::value("output_mode")
                .expected("\"int\" where invert is true")
                .got(self.mode_word()));
        }
        let unknown = self.oov_token.cloned().ok_or_else(|| Error::value("oov_token").expected("a token"))?;
        let mut all = vec![unknown.clone(); self.token_start()];
        if let (Some(mask), Some(first)) = (self.mask_token, all.first_mut()) {
            *first = mask.clone();
        }
        all.extend(self.tokens()?.0);
        let last = all.len();
        all.push(unknown);
        let x = x.cast(DType::I64);
        let inside = x.ge(&x.filled(0.0)).and(&x.lt(&x.filled(last as f64)));
        let at = inside.select(&x, &x.filled(last as f64));
        let numbers: Option<Vec<i64>> =
            all.iter().map(|t| if let Token::Number(n) = t { Some(*n) } else { None }).collect();
        if let Some(numbers) = numbers {
            return Ok(Tensor::new(Value::from(numbers)).take(&at, 0));
        }
        let texts: Vec<&[u8]> =
            all.iter().map(|t| if let Token::Text(text) = t { &text[..] } else { &[][..] }).collect();
        Ok(Tensor::new(array(&[texts.len()], &texts)?).take(&at, 0))
    }

    fn mode_word(&self) -> &'static str {
        crate::class::Words::word(self.mode)
    }

    /// Learns the tokens of documents: the most frequent first, among equals the last of the alphabet.
    pub fn learn(&self, documents: &[Vec<Token>]) -> Result<()> {
        if self.vocabulary.is_given() {
            return Err(Error::value("adapt").expected("a layer without vocabulary").got("a given one"));
        }
        let mut counts: HashMap<&Token, (usize, usize)> = HashMap::new();
        for document in documents {
            let mut seen = HashSet::new();
            for token in document {
                let count = counts.entry(token).or_default();
                count.0 += 1;
                count.1 += usize::from(seen.insert(token));
            }
        }
        let special = [self.mask_token, self.oov_token];
        let mut order: Vec<(&Token, (usize, usize))> =
            counts.into_iter().filter(|(t, _)| !special.contains(&Some(*t))).collect();
        order.sort_by(|a, b| (b.1.0, b.0).cmp(&(a.1.0, a.0)));
        if let Some(most) = self.max_tokens {
            order.truncate(most.saturating_sub(self.token_start()));
        }
        let idf = |documents_with: usize| (1.0 + documents.len() as f64 / (1.0 + documents_with as f64)).ln();
        let weights: Vec<f64> = order.iter().map(|(_, (_, n))| f64::from(idf(*n) as f32)).collect();
        let mean = weights.iter().sum::<f64>() / weights.len().max(1) as f64;
        let weights = std::iter::repeat_n(mean, self.token_start()).chain(weights).collect();
        self.vocabulary.learn(order.into_iter().map(|(t, _)| t.clone()).collect());
        self.vocabulary.learn_weights(weights);
        Ok(())
    }

    /// The file beside the weights, if the vocabulary is not in the config.
    pub fn assets(&self) -> Result<Vec<(String, Vec<u8>)>> {
        if self.vocabulary.is_given() || self.vocabulary.get().is_none() {
            return Ok(Vec::new());
        }
        Ok(vec![("vocabulary.txt".to_string(), Vocabulary::file(&self.listed()?))])
    }
}
