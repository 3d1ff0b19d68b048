//! Initializers whose spread follows the weight's fans: Glorot, He, LeCun.
//!
//! Fans, blind to the layer: a matrix has (in, out) = its shape; of higher rank, the leading axes are the receptive
//! field, which multiplies both the last but one (in) and the last (out); a vector's length is both. With both
//! `input_axes` and `output_axes` the fans are the products of those axes.

use super::Initialize;
use super::random::truncated;
use crate::class;
use addax_core::rng::Rng;
use addax_core::{Error, Result};

class! {
    /// Spread by fans: variance `scale / n`, n being fan_in, fan_out or their average.
    pub struct VarianceScaling: dyn Initialize in "keras.initializers" ["variance_scaling"] keeping [] () {
        /// The factor.
        scale: f64 = 1.0,
        /// `fan_in`, `fan_out` or `fan_avg`.
        mode: String = "fan_in".to_string(),
        /// `truncated_normal`, `untruncated_normal` or `uniform`.
        distribution: String = "truncated_normal".to_string(),
        /// A seed of its own.
        seed: Option<i64> = None,
        /// The axes that come in; found by position if not given.
        input_axes: Option<Vec<isize>> = None,
        /// The axes that go out; found by position if not given.
        output_axes: Option<Vec<isize>> = None,
    }
}

/// The standard deviation of a normal truncated at two standard deviations.
const TRUNCATED_DEVIATION: f64 = 0.879_625_661_034_239_8;

fn fans(shape: &[usize]) -> (f64, f64) {
    let receptive = |rest: &[usize]| rest.iter().product::<usize>() as f64;
    match shape {
        [] => (1.0, 1.0),
        [n] => (*n as f64, *n as f64),
        [rest @ .., a, b] => (*a as f64 * receptive(rest), *b as f64 * receptive(rest)),
    }
}

type Axes = Option<Vec<isize>>;

/// The product of some axes, negative ones counted from the end.
fn product(shape: &[usize], axes: &[isize]) -> Result<f64> {
    let length = |a: &isize| {
        let at = if *a < 0 { a + shape.len() as isize } else { *a };
        let found = usize::try_from(at).ok().and_then(|i| shape.get(i));
        found.ok_or_else(|| {
            Error::value("axes of an initializer").expected(format_args!("axes of {shape:?}")).got(a)
        })
    };
    axes.iter().try_fold(1.0, |n, a| Ok(n * *length(a)? as f64))
}

fn scaled(
    (scale, mode, distribution): (f64, &str, &str),
    (input, output): (&Axes, &Axes),
    shape: &[usize],
    rng: &mut Rng,
) -> Result<Vec<f64>> {
    let (fan_in, fan_out) = match (input, output) {
        (Some(i), Some(o)) => (product(shape, i)?, product(shape, o)?),
        _ => fans(shape),
    };
    let n = match mode {
        "fan_in" => fan_in,
        "fan_out" => fan_out,
        "fan_avg" => (fan_in + fan_out) / 2.0,
        other => return Err(Error::unknown("mode", other, ["fan_in", "fan_out", "fan_avg"])),
    };
    let variance = scale / n.max(1.0);
    let draw: &dyn Fn(&mut Rng) -> f64 = match distribution {
        "uniform" => &|r| (3.0 * variance).sqrt() * (2.0 * r.uniform() - 1.0),
        "untruncated_normal" => &|r| variance.sqrt() * r.normal(),
        "truncated_normal" | "normal" => &|r| variance.sqrt() / TRUNCATED_DEVIATION * truncated(r),
        other => {
            return Err(Error::unknown(
                "distribution",
                other,
                ["uniform", "untruncated_normal", "truncated_normal"],
            ));
        }
    };
    Ok((0..shape.iter().product()).map(|_| draw(rng)).collect())
}

impl Initialize for VarianceScaling {
    fn values(&self, shape: &[usize], rng: &mut Rng) -> Result<Vec<f64>> {
        scaled(
            (self.scale, &self.mode, &self.distribution),
            (&self.input_axes, &self.output_axes),
            shape,
            rng,
        )
    }

    fn seed(&self) -> Option<i64> {
        self.seed
    }
}

macro_rules! named {
    ($($(#[doc = $doc:literal])* $name:ident [$identifier:literal] = ($scale:literal, $mode:literal, $distribution:literal);)*) => {$(
        class! {
            $(#[doc = $doc])*
            pub struct $name: dyn Initialize in "keras.initializers" [$identifier] keeping [] () {
                /// A seed of its own.
                seed: Option<i64> = None,
                /// The axes that come in; found by position if not given.
                input_axes: Option<Vec<isize>> = None,
                /// The axes that go out; found by position if not given.
                output_axes: Option<Vec<isize>> = None,
            }
        }

        impl Initialize for $name {
            fn values(&self, shape: &[usize], rng: &mut Rng) -> Result<Vec<f64>> {
                scaled(($scale, $mode, $distribution), (&self.input_axes, &self.output_axes), shape, rng)
            }

            fn seed(&self) -> Option<i64> {
                self.seed
            }
        }
    )*};
}

named! {
    /// Truncated normal with variance `2 / (fan_in + fan_out)` (Glorot and Bengio 2010).
    GlorotNormal ["glorot_normal"] = (1.0, "fan_avg", "truncated_normal");
    /// Uniform within `√(6 / (fan_in + fan_out))` (Glorot and Bengio 2010).
    GlorotUniform ["glorot_uniform"] = (1.0, "fan_avg", "uniform");
    /// Truncated normal with variance `2 / fan_in` (He et al. 2015).
    HeNormal ["he_normal"] = (2.0, "fan_in", "truncated_normal");
    /// Uniform within `√(6 / fan_in)` (He et al. 2015).
    HeUniform ["he_uniform"] = (2.0, "fan_in", "uniform");
    /// Truncated normal with variance `1 / fan_in` (LeCun et al. 1998).
    LecunNormal ["lecun_normal"] = (1.0, "fan_in", "truncated_normal");
    /// Uniform within `√(3 / fan_in)` (LeCun et al. 1998).
    LecunUniform ["lecun_uniform"] = (1.0, "fan_in", "uniform");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_follow_the_fans() {
        let v = GlorotUniform::new().values(&[3, 3, 16, 1], &mut Rng::new(1, 0)).unwrap();
        let limit = (6.0f64 / (144.0 + 9.0)).sqrt();
        let largest = v.iter().fold(0f64, |m, x| m.max(x.abs()));
        assert!(largest <= limit && largest > 0.9 * limit);
        let v = HeNormal::new().values(&[1000, 20], &mut Rng::new(1, 0)).unwrap();
        let deviation = (v.iter().map(|x| x * x).sum::<f64>() / v.len() as f64).sqrt();
        assert!((deviation / (2.0f64 / 1000.0).sqrt() - 1.0).abs() < 0.03);
    }
}
