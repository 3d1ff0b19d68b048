//! Losses between distributions and of counts.

use super::{EPSILON, Labels, Loss, loss};
use addax_core::Tensor;

loss! {
    /// `Σ t ln(t / p)`, both within [ε, 1]
    KLDivergence ["kl_divergence", "kld", "KLD", "kullback_leibler_divergence"] "kl_divergence" {} Labels::Same;
    |this, t, p| {
        let last = [p.rank().saturating_sub(1)];
        let (t, p) = (t.cast(p.dtype()).clip(EPSILON, 1.0), p.clip(EPSILON, 1.0));
        (&t * (&t / p).log()).sum(&last)
    }
}

loss! {
    /// `mean p - t ln(p + ε)`
    Poisson ["poisson"] "poisson" {} Labels::Same;
    |this, t, p| (p - t.cast(p.dtype()) * (p + EPSILON).log()).mean_inner()
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::Value;

    #[test]
    fn a_distribution_does_not_diverge_from_itself() {
        let row = Tensor::from(Value::new([1, 3], vec![0.2f32, 0.3, 0.5]).unwrap());
        assert_eq!(KLDivergence::new().per_sample(&row, &row).to_value().unwrap().to_f64(), [0.0]);
    }
}
