//! Initializers: the first values of weights (`keras.initializers`). One row or small struct each.

mod constant;
mod orthogonal;
mod random;
mod scaling;
mod stft;

pub use constant::{Constant, Identity, Ones, Zeros};
pub use orthogonal::Orthogonal;
pub use random::{RandomNormal, RandomUniform, TruncatedNormal};
pub use scaling::{
    GlorotNormal, GlorotUniform, HeNormal, HeUniform, LecunNormal, LecunUniform, VarianceScaling,
};
pub use stft::STFT;

use crate::class::{Class, Def, Handle, Kind};
use addax_core::Result;
use addax_core::rng::Rng;

/// Makes the first value of a weight.
pub trait Initialize: Class {
    /// The elements of a weight of the given shape, in row-major order.
    fn values(&self, shape: &[usize], rng: &mut Rng) -> Result<Vec<f64>>;

    /// A seed of its own, if it has one: then the values do not depend on the model's seed.
    fn seed(&self) -> Option<i64> {
        None
    }
}

/// An initializer, as an instance or by name.
pub type Initializer = Handle<dyn Initialize>;

impl Kind for dyn Initialize {
    const WHAT: &'static str = "initializer";

    fn defs() -> &'static [&'static Def<dyn Initialize>] {
        INITIALIZERS
    }
}

/// All initializers.
pub const INITIALIZERS: &[&Def<dyn Initialize>] = &[
    &Zeros::DEF,
    &Ones::DEF,
    &Constant::DEF,
    &Identity::DEF,
    &RandomNormal::DEF,
    &RandomUniform::DEF,
    &TruncatedNormal::DEF,
    &VarianceScaling::DEF,
    &GlorotNormal::DEF,
    &GlorotUniform::DEF,
    &HeNormal::DEF,
    &HeUniform::DEF,
    &LecunNormal::DEF,
    &LecunUniform::DEF,
    &Orthogonal::DEF,
    &STFT::DEF,
];
