//! Regularizers: penalties on weights or outputs, added to the loss (`keras.regularizers`).

use crate::class;
use crate::class::{Class, Def, Handle, Kind};
use addax_core::{DType, Error, Tensor};

/// A penalty on a tensor.
pub trait Regularize: Class {
    /// The penalty, a scalar.
    fn penalty(&self, w: &Tensor) -> Tensor;
}

/// A regularizer, as an instance or by name.
pub type Regularizer = Handle<dyn Regularize>;

impl Kind for dyn Regularize {
    const WHAT: &'static str = "regularizer";

    fn defs() -> &'static [&'static Def<dyn Regularize>] {
        REGULARIZERS
    }
}

/// All regularizers.
pub const REGULARIZERS: &[&Def<dyn Regularize>] =
    &[&L1::DEF, &L2::DEF, &L1L2::DEF, &OrthogonalRegularizer::DEF];

class! {
    /// `l1 · Σ |w|`
    pub struct L1: dyn Regularize in "keras.regularizers" ["l1"] keeping [] () {
        /// The factor.
        l1: f64 = 0.01,
    }
}

class! {
    /// `l2 · Σ w²`
    pub struct L2: dyn Regularize in "keras.regularizers" ["l2"] keeping [] () {
        /// The factor.
        l2: f64 = 0.01,
    }
}

class! {
    /// `l1 · Σ |w| + l2 · Σ w²`
    pub struct L1L2: dyn Regularize in "keras.regularizers" ["l1l2"] keeping [] () {
        /// The factor of the absolute values.
        l1: f64 = 0.0,
        /// The factor of the squares.
        l2: f64 = 0.0,
    }
}

class! {
    /// Keeps the rows (or columns) of a matrix orthogonal: `factor · mean |cosines of pairs|` over all pairs.
    pub struct OrthogonalRegularizer: dyn Regularize in "keras.regularizers" ["orthogonal_regularizer", "orthogonal"] keeping [] () {
        /// The factor.
        factor: f64 = 0.01,
        /// `rows` or `columns`.
        mode: String = "rows".to_string(),
    }
}

fn l1(w: &Tensor, factor: f64) -> Tensor {
    w.abs().sum_all() * factor
}

fn l2(w: &Tensor, factor: f64) -> Tensor {
    w.square().sum_all() * factor
}

impl Regularize for L1 {
    fn penalty(&self, w: &Tensor) -> Tensor {
        l1(w, self.l1)
    }
}

impl Regularize for L2 {
    fn penalty(&self, w: &Tensor) -> Tensor {
        l2(w, self.l2)
    }
}

impl Regularize for L1L2 {
    fn penalty(&self, w: &Tensor) -> Tensor {
        match (self.l1 != 0.0, self.l2 != 0.0) {
            (true, true) => l1(w, self.l1) + l2(w, self.l2),
            (true, false) => l1(w, self.l1),
            (false, true) => l2(w, self.l2),
            (false, false) => Tensor::constant(w.dtype(), 0.0),
        }
    }
}

impl Regularize for OrthogonalRegularizer {
    fn penalty(&self, w: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            if w.check()?.rank() != 2 {
                return Err(Error::value("OrthogonalRegularizer").expected("a matrix").got(w.shape()));
            }
            let w = match self.mode.as_str() {
                "rows" => w.clone(),
                "columns" => w.transpose(&[1, 0]),
                other => return Err(Error::unknown("mode", other, ["rows", "columns"])),
            };
            let norm = w.square().sum(&[1]).max_scalar(1e-12).sqrt().expand_dims(1);
            let unit = &w / norm;
            let n = w.dim(0).known().unwrap_or(1);
            let product = unit.matmul(&unit.transpose(&[1, 0]));
            let rows = Tensor::iota(DType::I32, [n, n], 0);
            let same = rows.equal(&Tensor::iota(DType::I32, [n, n], 1));
            let pairs = same.select(&product.filled(0.0), &product.abs());
            let count = (n * n.saturating_sub(1)) as f64 / 2.0;
            Ok(pairs.sum_all() * (self.factor * 0.5 / count.max(1.0)))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;
    use addax_core::testing::check_gradient;

    #[test]
    fn penalties_by_hand() {
        let w = Tensor::from(Value::new([2, 2], vec![1f32, -2.0, 3.0, 4.0]).unwrap());
        let of = |r: &dyn Regularize| r.penalty(&w).to_value().unwrap().item().unwrap();
        assert!((of(&L1::new()) - 0.1).abs() < 1e-6);
        assert!((of(&L2::new()) - 0.3).abs() < 1e-6);
        assert!((of(&L1L2::new().l1(0.1).l2(0.1)) - 4.0).abs() < 1e-6);
        // cos between (1, -2) and (3, 4) is -5 / (√5 · 5).
        assert!((of(&OrthogonalRegularizer::new()) - 0.01 / 5f64.sqrt()).abs() < 1e-6);
    }

    #[test]
    fn gradients_match_finite_differences() {
        for def in REGULARIZERS {
            let both = serde_json::json!({"l1": 0.1, "l2": 0.2});
            let none = serde_json::Map::new();
            let config = if def.name == "L1L2" { both.as_object().unwrap() } else { &none };
            let r = (def.from_config)(config).unwrap();
            check_gradient(def.name, |x| r.penalty(&x[0]), &[(&[3, 2], (0.2, 1.0))]);
        }
    }
}
