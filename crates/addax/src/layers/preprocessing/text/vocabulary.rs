//! Vocabularies: given in the config, or learnt and kept in a file beside the weights.

use crate::class::Field;
use addax_core::{Error, Result};
use serde_json::Value as Json;
use std::collections::HashSet;
use std::fmt;
use std::sync::{PoisonError, RwLock};

/// A word or a whole number.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Token {
    /// A whole number.
    Number(i64),
    /// A word, its bytes.
    Text(Vec<u8>),
}

impl Token {
    /// As a line of a file.
    fn line(&self) -> String {
        match self {
            Token::Number(n) => n.to_string(),
            Token::Text(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        }
    }
}

impl From<&str> for Token {
    fn from(text: &str) -> Token {
        Token::Text(text.as_bytes().to_vec())
    }
}

impl From<i64> for Token {
    fn from(n: i64) -> Token {
        Token::Number(n)
    }
}

impl Field for Token {
    fn to_json(&self) -> Json {
        match self {
            Token::Number(n) => Json::from(*n),
            Token::Text(_) => Json::from(self.line()),
        }
    }

    fn from_json(json: &Json) -> Result<Self> {
        match json {
            Json::String(text) => Ok(Token::from(text.as_str())),
            other => i64::from_json(other)
                .map(Token::Number)
                .map_err(|_| Error::type_("token").expected("a text or a whole number").got(other)),
        }
    }
}

/// The tokens that a lookup knows.
#[derive(Default)]
pub struct Vocabulary {
    given: Option<Vec<Token>>,
    learnt: RwLock<Option<Vec<Token>>>,
    /// The weight of each number, learnt with the tokens.
    weights: RwLock<Option<Vec<f64>>>,
}

impl Vocabulary {
    /// All tokens, if they are known.
    pub fn get(&self) -> Option<Vec<Token>> {
        let learnt = || self.learnt.read().unwrap_or_else(PoisonError::into_inner).clone();
        self.given.clone().or_else(learnt)
    }

    /// Whether they stand in the config.
    pub fn is_given(&self) -> bool {
        self.given.is_some()
    }

    /// Takes note of tokens that were learnt.
    pub(super) fn learn(&self, tokens: Vec<Token>) {
        *self.learnt.write().unwrap_or_else(PoisonError::into_inner) = Some(tokens);
    }

    /// The weights that were learnt.
    pub(super) fn weights(&self) -> Option<Vec<f64>> {
        self.weights.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes note of weights that were learnt.
    pub(super) fn learn_weights(&self, weights: Vec<f64>) {
        *self.weights.write().unwrap_or_else(PoisonError::into_inner) = Some(weights);
    }

    /// Refuses tokens that are there twice.
    pub(super) fn distinct(tokens: &[Token]) -> Result<()> {
        let mut seen = HashSet::new();
        match tokens.iter().find(|t| !seen.insert(*t)) {
            Some(twice) => Err(Error::value("vocabulary")
                .expected("each token once")
                .got(format_args!("{:?} twice", twice.line()))),
            None => Ok(()),
        }
    }

    /// The file of a vocabulary: a token each line.
    pub(super) fn file(tokens: &[Token]) -> Vec<u8> {
        tokens.iter().map(Token::line).collect::<Vec<_>>().join("\n").into_bytes()
    }

    /// Reads such a file.
    pub(super) fn read(bytes: &[u8], numbers: bool) -> Result<Vec<Token>> {
        let text = std::str::from_utf8(bytes)
            .map_err(|_| Error::value("vocabulary.txt").expected("UTF-8").got("other bytes"))?;
        let mut lines: Vec<&str> = text.lines().collect();
        while lines.last().is_some_and(|l| l.is_empty()) {
            lines.pop();
        }
        let token = |line: &&str| match numbers {
            false => Ok(Token::from(*line)),
            true => line
                .trim()
                .parse()
                .map(Token::Number)
                .map_err(|_| Error::value("vocabulary.txt").expected("whole numbers").got(line)),
        };
        lines.iter().map(token).collect()
    }
}

impl Clone for Vocabulary {
    fn clone(&self) -> Self {
        let learnt = self.learnt.read().unwrap_or_else(PoisonError::into_inner).clone();
        let weights = RwLock::new(self.weights());
        Vocabulary { given: self.given.clone(), learnt: RwLock::new(learnt), weights }
    }
}

impl fmt::Debug for Vocabulary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} tokens", self.get().map_or(0, |t| t.len()))
    }
}

impl<T: Into<Token>> From<Vec<T>> for Vocabulary {
    fn from(tokens: Vec<T>) -> Self {
        Vocabulary {
            given: Some(tokens.into_iter().map(Into::into).collect()),
            learnt: RwLock::new(None),
            weights: RwLock::new(None),
        }
    }
}

impl<T: Into<Token>, const N: usize> From<[T; N]> for Vocabulary {
    fn from(tokens: [T; N]) -> Self {
        Vec::from(tokens).into()
    }
}

impl Field for Vocabulary {
    fn to_json(&self) -> Json {
        self.given.to_json()
    }

    fn from_json(json: &Json) -> Result<Self> {
        if json.is_string() {
            return Err(Error::unsupported("vocabulary: a path to a file outside the model is not followed"));
        }
        Ok(Vocabulary {
            given: Option::from_json(json)?,
            learnt: RwLock::new(None),
            weights: RwLock::new(None),
        })
    }
}
