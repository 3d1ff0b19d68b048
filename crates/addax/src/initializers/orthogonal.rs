//! Orthogonal rows or columns.

use super::Initialize;
use crate::class;
use addax_core::rng::Rng;
use addax_core::{Error, Result};

class! {
    /// `gain` times a random matrix with orthonormal columns (rows, if it is wide); higher ranks are flattened to
    /// (product of the leading axes, last axis) (Saxe et al. 2014).
    pub struct Orthogonal: dyn Initialize in "keras.initializers" ["orthogonal", "OrthogonalInitializer"] keeping [] () {
        /// The factor.
        gain: f64 = 1.0,
        /// A seed of its own.
        seed: Option<i64> = None,
    }
}

impl Initialize for Orthogonal {
    fn values(&self, shape: &[usize], rng: &mut Rng) -> Result<Vec<f64>> {
        let [leading @ .., columns] = shape else {
            return Err(Error::value("Orthogonal")
                .expected("at least two axes")
                .got(format_args!("{shape:?}")));
        };
        if leading.is_empty() {
            return Err(Error::value("Orthogonal")
                .expected("at least two axes")
                .got(format_args!("{shape:?}")));
        }
        let rows: usize = leading.iter().product();
        let (long, short) = (rows.max(*columns), rows.min(*columns));
        // Gram and Schmidt, twice for accuracy; the sign of a random direction is random already.
        let mut basis: Vec<Vec<f64>> = Vec::with_capacity(short);
        while basis.len() < short {
            let mut v: Vec<f64> = (0..long).map(|_| rng.normal()).collect();
            for _ in 0..2 {
                for b in &basis {
                    let dot: f64 = v.iter().zip(b).map(|(x, y)| x * y).sum();
                    v.iter_mut().zip(b).for_each(|(x, y)| *x -= dot * y);
                }
            }
            let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
            if norm > 1e-6 {
                v.iter_mut().for_each(|x| *x /= norm);
                basis.push(v);
            }
        }
        let at = |r: usize, c: usize| if rows >= *columns { basis[c][r] } else { basis[r][c] };
        Ok((0..rows * columns).map(|i| self.gain * at(i / columns, i % columns)).collect())
    }

    fn seed(&self) -> Option<i64> {
        self.seed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_orthonormal() {
        let (n, m) = (6, 4);
        let v = Orthogonal::new().values(&[2, 3, m], &mut Rng::new(5, 0)).unwrap();
        for a in 0..m {
            for b in 0..m {
                let dot: f64 = (0..n).map(|r| v[r * m + a] * v[r * m + b]).sum();
                assert!((dot - f64::from(u8::from(a == b))).abs() < 1e-12);
            }
        }
    }
}
