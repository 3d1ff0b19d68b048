//! What a layer has learnt of data by `adapt`, where it is part of its config.

use crate::class::Field;
use addax_core::Result;
use serde_json::Value as Json;
use std::fmt;
use std::sync::{PoisonError, RwLock};

/// Something that is given, or learnt later by `adapt`.
#[derive(Default)]
pub struct Learnt<T>(RwLock<Option<T>>);

impl<T: Clone> Learnt<T> {
    /// Something that is not learnt yet.
    pub fn nothing() -> Self {
        Learnt(RwLock::new(None))
    }

    /// What it is, if it is known.
    pub fn get(&self) -> Option<T> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Takes note of it.
    pub fn set(&self, x: Option<T>) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = x;
    }
}

impl<T> From<T> for Learnt<T> {
    fn from(x: T) -> Self {
        Learnt(RwLock::new(Some(x)))
    }
}

impl<T: Clone> Clone for Learnt<T> {
    fn clone(&self) -> Self {
        Learnt(RwLock::new(self.get()))
    }
}

impl<T: Clone + fmt::Debug> fmt::Debug for Learnt<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.get().fmt(f)
    }
}

impl<T: Clone + Field> Field for Learnt<T> {
    fn to_json(&self) -> Json {
        self.get().to_json()
    }

    fn from_json(json: &Json) -> Result<Self> {
        Option::from_json(json).map(|x| Learnt(RwLock::new(x)))
    }
}
