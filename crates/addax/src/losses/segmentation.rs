//! Overlaps of regions.

use super::{EPSILON, Loss, loss_arguments, loss_class};
use crate::constraints::Axes;
use addax_core::{Result, Tensor};

/// The axes to sum along: those given, or all.
fn axes(x: &Tensor, axis: &Option<Axes>) -> Result<Vec<usize>> {
    match axis {
        None => Ok((0..x.check()?.rank()).collect()),
        Some(list) => list.0.iter().map(|a| x.check()?.axis(*a)).collect(),
    }
}

loss_class! {
    /// `1 - 2 Σ t p / (Σ t + Σ p + ε)`, over everything unless axes are given
    Dice ["dice"] "dice" {} {} {
        /// The axes that are summed along.
        axis: Option<Axes> = None,
    }
}

impl Loss for Dice {
    fn per_sample(&self, t: &Tensor, p: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let (t, axes) = (t.cast(p.dtype()), axes(p, &self.axis)?);
            let both = (&t * p).sum(&axes) * 2.0;
            Ok(1.0 - both / (t.sum(&axes) + p.sum(&axes) + EPSILON))
        })
    }

    loss_arguments!();
}

loss_class! {
    /// `1 - Σ t p / (Σ t p + α Σ t (1 - p) + β Σ (1 - t) p + ε)`, over everything unless axes are given
    /// (Salehi et al. 2017)
    Tversky ["tversky"] "tversky" {
        /// The weight of what is missed.
        alpha: f64 = 0.5,
        /// The weight of what is wrongly found.
        beta: f64 = 0.5,
    } {} {
        /// The axes that are summed along.
        axis: Option<Axes> = None,
    }
}

impl Loss for Tversky {
    fn per_sample(&self, t: &Tensor, p: &Tensor) -> Tensor {
        Tensor::from_result(|| {
            let (t, axes) = (t.cast(p.dtype()), axes(p, &self.axis)?);
            let both = (&t * p).sum(&axes);
            let missed = ((1.0 - p) * &t).sum(&axes) * self.alpha;
            let wrong = (p * (1.0 - &t)).sum(&axes) * self.beta;
            Ok(1.0 - &both / (&both + missed + wrong + EPSILON))
        })
    }

    loss_arguments!();
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;

    #[test]
    fn equal_weights_of_mistakes_make_dice() {
        let t = Tensor::from(Value::new([2, 2], vec![0f32, 1.0, 1.0, 0.0]).unwrap());
        let p = Tensor::from(Value::new([2, 2], vec![0.5f32, 1.0, 0.5, 0.0]).unwrap());
        let dice = Dice::new().axis(Axes::from(1)).per_sample(&t, &p).to_value().unwrap().to_f64();
        let tversky = Tversky::new().axis(Axes::from(1)).per_sample(&t, &p).to_value().unwrap().to_f64();
        assert!((dice[0] - 0.2).abs() < 1e-6 && (dice[1] - 1.0 / 3.0).abs() < 1e-6, "{dice:?}");
        assert!(dice.iter().zip(&tversky).all(|(a, b)| (a - b).abs() < 1e-6));
        assert_eq!(Dice::new().per_sample(&t, &p).rank(), 0);
    }
}
