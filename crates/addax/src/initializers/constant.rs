//! Initializers without chance: zeros, ones, a constant, the identity.

use super::Initialize;
use crate::class;
use addax_core::rng::Rng;
use addax_core::{Error, Result};

class! {
    /// All zeros.
    pub struct Zeros: dyn Initialize in "keras.initializers" ["zeros", "zero"] keeping [] () {}
}

class! {
    /// All ones.
    pub struct Ones: dyn Initialize in "keras.initializers" ["ones", "one"] keeping [] () {}
}

class! {
    /// One number everywhere.
    pub struct Constant: dyn Initialize in "keras.initializers" ["constant"] keeping [] () {
        /// The number.
        value: f64 = 0.0,
    }
}

class! {
    /// `gain` on the diagonal of a matrix, 0 elsewhere.
    pub struct Identity: dyn Initialize in "keras.initializers" ["identity", "IdentityInitializer", "eye"] keeping [] () {
        /// The number on the diagonal.
        gain: f64 = 1.0,
    }
}

fn filled(shape: &[usize], x: f64) -> Vec<f64> {
    vec![x; shape.iter().product()]
}

impl Initialize for Zeros {
    fn values(&self, shape: &[usize], _: &mut Rng) -> Result<Vec<f64>> {
        Ok(filled(shape, 0.0))
    }
}

impl Initialize for Ones {
    fn values(&self, shape: &[usize], _: &mut Rng) -> Result<Vec<f64>> {
        Ok(filled(shape, 1.0))
    }
}

impl Initialize for Constant {
    fn values(&self, shape: &[usize], _: &mut Rng) -> Result<Vec<f64>> {
        Ok(filled(shape, self.value))
    }
}

impl Initialize for Identity {
    fn values(&self, shape: &[usize], _: &mut Rng) -> Result<Vec<f64>> {
        match shape {
            [rows, columns] => {
                let at = |i: usize| if i / columns == i % columns { self.gain } else { 0.0 };
                Ok((0..rows * columns).map(at).collect())
            }
            other => Err(Error::value("Identity").expected("a matrix").got(format_args!("{other:?}"))),
        }
    }
}
