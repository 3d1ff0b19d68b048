//! Generalized cross-entropy: between cross-entropy and mean absolute error, for noisy labels (Zhang and Sabuncu 2018).

use super::{Labels, Loss, is_class, loss_arguments, loss_class};
use addax_core::{Error, Result, Tensor};

loss_class! {
    /// `(1 - p[label]^q) / q`, labels being class numbers
    CategoricalGeneralizedCrossEntropy ["categorical_generalized_cross_entropy"]
    "categorical_generalized_cross_entropy" {
        /// Near 0 it is the cross-entropy, near 1 the absolute error.
        q: f64 = 0.5,
    } {} {}
}

impl Loss for CategoricalGeneralizedCrossEntropy {
    fn per_sample(&self, t: &Tensor, p: &Tensor) -> Tensor {
        let hit = is_class(t, p).select(p, &p.filled(0.0)).sum(&[p.rank().saturating_sub(1)]);
        (1.0 - hit.powf(self.q)) / self.q
    }

    loss_arguments!();

    fn labels(&self) -> Labels {
        Labels::ClassNumbers { axis: -1, ignored: None }
    }

    fn check(&self) -> Result<()> {
        match self.q > 0.0 && self.q < 1.0 {
            true => Ok(()),
            false => Err(Error::value("q").expected("a number between 0 and 1").got(self.q)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;

    #[test]
    fn a_value_by_hand() {
        let p = Tensor::from(Value::new([1, 2], vec![0.25f32, 0.75]).unwrap());
        let t = Tensor::from(Value::from(vec![0i32]));
        let got = CategoricalGeneralizedCrossEntropy::new().per_sample(&t, &p).to_value().unwrap();
        assert!((got.to_f64()[0] - 1.0).abs() < 1e-6);
        let e = CategoricalGeneralizedCrossEntropy::new().q(1.0).check().unwrap_err().to_string();
        assert_eq!(e, "q: expected a number between 0 and 1, got 1");
    }
}
