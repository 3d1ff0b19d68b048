//! Values of attributes.

use super::fits;
use crate::{Dtype, Result};
use std::borrow::Cow;

/// The value of an attribute to be written.
#[derive(Clone, Debug)]
pub struct Value<'a> {
    pub(super) dtype: Dtype,
    /// Empty for a scalar.
    pub(super) shape: Vec<usize>,
    pub(super) content: Content<'a>,
}

#[derive(Clone, Debug)]
pub(super) enum Content<'a> {
    Bytes(Cow<'a, [u8]>),
    /// Texts of variable length.
    Texts(Vec<Cow<'a, str>>),
}

impl<'a> Value<'a> {
    /// A list of texts of any length, as h5py writes a list of `str`.
    pub fn texts<T: Into<Cow<'a, str>>>(texts: impl IntoIterator<Item = T>) -> Value<'a> {
        let texts: Vec<_> = texts.into_iter().map(Into::into).collect();
        Value { dtype: Dtype::Text, shape: vec![texts.len()], content: Content::Texts(texts) }
    }

    /// A list of texts of one length, the shorter ones padded with zeros: how Keras 1 and 2 wrote lists of names.
    pub fn fixed_texts<T: AsRef<str>>(texts: impl IntoIterator<Item = T>) -> Value<'a> {
        let texts: Vec<T> = texts.into_iter().collect();
        let len = texts.iter().map(|t| t.as_ref().len()).max().unwrap_or(0).max(1);
        let mut bytes = Vec::with_capacity(len * texts.len());
        for (i, text) in texts.iter().enumerate() {
            bytes.extend_from_slice(text.as_ref().as_bytes());
            bytes.resize((i + 1) * len, 0);
        }
        let (dtype, shape) = (Dtype::FixedText(len), vec![texts.len()]);
        Value { dtype, shape, content: Content::Bytes(bytes.into()) }
    }

    /// One text of a fixed length.
    pub fn fixed_text(text: &str) -> Value<'a> {
        Value { shape: Vec::new(), ..Value::fixed_texts([text]) }
    }

    /// Numbers, little-endian and in row-major order; the empty shape is a scalar.
    ///
    /// # Errors
    /// Bytes of another length than shape and type ask for.
    pub fn array(dtype: Dtype, shape: &[usize], bytes: impl Into<Cow<'a, [u8]>>) -> Result<Value<'a>> {
        let bytes = bytes.into();
        fits(dtype, shape, bytes.len())?;
        if dtype == Dtype::Text {
            return Err(crate::Error::wrong("texts of variable length are made by Value::texts"));
        }
        Ok(Value { dtype, shape: shape.to_vec(), content: Content::Bytes(bytes) })
    }
}

impl<'a> From<&'a str> for Value<'a> {
    /// One text of any length, as h5py writes a `str`.
    fn from(text: &'a str) -> Self {
        Value { shape: Vec::new(), ..Value::texts([text]) }
    }
}

impl From<String> for Value<'_> {
    /// One text of any length, as h5py writes a `str`.
    fn from(text: String) -> Self {
        Value { shape: Vec::new(), ..Value::texts([text]) }
    }
}

impl From<f64> for Value<'_> {
    fn from(number: f64) -> Self {
        let content = Content::Bytes(number.to_le_bytes().to_vec().into());
        Value { dtype: Dtype::F64, shape: Vec::new(), content }
    }
}

impl From<i64> for Value<'_> {
    fn from(number: i64) -> Self {
        let content = Content::Bytes(number.to_le_bytes().to_vec().into());
        Value { dtype: Dtype::I64, shape: Vec::new(), content }
    }
}
