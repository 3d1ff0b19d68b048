//! Initializers with a fixed spread: normal, uniform, truncated normal.

use super::Initialize;
use crate::class;
use addax_core::Result;
use addax_core::rng::Rng;

class! {
    /// Normal with the given mean and standard deviation.
    pub struct RandomNormal: dyn Initialize in "keras.initializers" ["random_normal", "normal"] keeping [] () {
        /// The mean.
        mean: f64 = 0.0,
        /// The standard deviation.
        stddev: f64 = 0.05,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
}

class! {
    /// Uniform between two limits.
    pub struct RandomUniform: dyn Initialize in "keras.initializers" ["random_uniform", "uniform"] keeping [] () {
        /// The lower limit.
        minval: f64 = -0.05,
        /// The upper limit.
        maxval: f64 = 0.05,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
}

class! {
    /// Normal, drawn again beyond two standard deviations; not rescaled.
    pub struct TruncatedNormal: dyn Initialize in "keras.initializers" ["truncated_normal"] keeping [] () {
        /// The mean.
        mean: f64 = 0.0,
        /// The standard deviation before truncation.
        stddev: f64 = 0.05,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
}

/// A standard normal number within two standard deviations.
pub(super) fn truncated(rng: &mut Rng) -> f64 {
    loop {
        let x = rng.normal();
        if x.abs() <= 2.0 {
            return x;
        }
    }
}

macro_rules! drawn {
    ($name:ident, |$this:ident, $rng:ident| $draw:expr) => {
        impl Initialize for $name {
            fn values(&self, shape: &[usize], $rng: &mut Rng) -> Result<Vec<f64>> {
                let $this = self;
                Ok((0..shape.iter().product()).map(|_| $draw).collect())
            }

            fn seed(&self) -> Option<i64> {
                self.seed
            }
        }
    };
}
drawn!(RandomNormal, |this, rng| this.mean + this.stddev * rng.normal());
drawn!(RandomUniform, |this, rng| this.minval + (this.maxval - this.minval) * rng.uniform());
drawn!(TruncatedNormal, |this, rng| this.mean + this.stddev * truncated(rng));
