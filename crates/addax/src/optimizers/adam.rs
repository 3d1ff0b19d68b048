//! Adam (Kingma and Ba 2015), with AMSGrad (Reddi et al. 2018), and AdamW (Loshchilov and Hutter 2019).

use super::{Base, Optimize, Slot, Step, WeightInfo, optimizer, optimizer_class};
use addax_core::{Error, Result, Tensor};

/// Adam's numbers, however they were given.
pub(super) struct Moments {
    pub beta_1: f64,
    pub beta_2: f64,
    pub epsilon: f64,
    pub amsgrad: bool,
}

/// `1 - βᵗ`
pub(super) fn missing(beta: f64, step: &Step) -> Tensor {
    1.0 - Tensor::constant(step.number.dtype(), beta).power(&step.number)
}

/// `x + (1 - β)(y - x)`
pub(super) fn towards(x: &Tensor, y: &Tensor, beta: f64) -> Tensor {
    x + (y - x) * (1.0 - beta)
}

impl Moments {
    pub fn slots(&self) -> Vec<Vec<Slot>> {
        let mut groups = vec![vec![Slot::zeros("momentum"), Slot::zeros("velocity")]];
        if self.amsgrad {
            groups.push(vec![Slot::zeros("velocity_hat")]);
        }
        groups
    }

    /// `√(1 - β₂ᵗ) / (1 - β₁ᵗ)`, the same for all weights.
    pub fn correction(&self, step: &Step) -> Tensor {
        missing(self.beta_2, step).sqrt() / missing(self.beta_1, step)
    }

    pub fn update(&self, w: &Tensor, g: &Tensor, slots: &[Tensor], alpha: &Tensor) -> (Tensor, Vec<Tensor>) {
        let (m, v) = (towards(&slots[0], g, self.beta_1), towards(&slots[1], &g.square(), self.beta_2));
        let largest = slots.get(2).map(|hat| hat.maximum(&v));
        let root = largest.as_ref().unwrap_or(&v).sqrt();
        let w = w - &m * alpha / (root + self.epsilon);
        (w, [m, v].into_iter().chain(largest).collect())
    }
}

optimizer! {
    /// `m += (1 - β₁)(g - m)`, `v += (1 - β₂)(g² - v)`, `w -= α m / (√v + ε)` with
    /// `α = lr √(1 - β₂ᵗ) / (1 - β₁ᵗ)`; AMSGrad takes the largest v so far.
    Adam ["adam"] learning_rate = 0.001 {
        /// How much of the average gradient stays.
        beta_1: f64 = 0.9,
        /// How much of the average square stays.
        beta_2: f64 = 0.999,
        /// Keeps quotients finite; added to the uncorrected root.
        epsilon: f64 = 1e-7,
        /// Whether the largest average square counts.
        amsgrad: bool = false,
    }
}

optimizer_class! {
    /// Adam with decay: before each step, weights shrink by `lr · weight_decay`.
    AdamW ["adamw"] learning_rate = 0.001 {} weight_decay = Some(0.004); {
        /// How much of the average gradient stays.
        beta_1: f64 = 0.9,
        /// How much of the average square stays.
        beta_2: f64 = 0.999,
        /// Keeps quotients finite; added to the uncorrected root.
        epsilon: f64 = 1e-7,
        /// Whether the largest average square counts.
        amsgrad: bool = false,
    } {}
}

macro_rules! adams {
    ($($name:ident |$this:ident| $check:expr;)*) => {$(
        impl $name {
            fn moments(&self) -> Moments {
                let &$name { beta_1, beta_2, epsilon, amsgrad, .. } = self;
                Moments { beta_1, beta_2, epsilon, amsgrad }
            }
        }

        impl Optimize for $name {
            fn base(&self) -> Base {
                self.shared_arguments()
            }

            fn slots(&self, _: &WeightInfo) -> Vec<Vec<Slot>> {
                self.moments().slots()
            }

            fn prepare(&self, step: &Step, _: &[Tensor]) -> (Vec<Tensor>, Vec<Tensor>) {
                (vec![&step.learning_rate * self.moments().correction(step)], Vec::new())
            }

            fn update(&self, w: &Tensor, g: &Tensor, slots: &[Tensor], step: &Step) -> (Tensor, Vec<Tensor>) {
                self.moments().update(w, g, slots, &step.shared[0])
            }

            fn check(&self) -> Result<()> {
                let $this = self;
                let _ = $this;
                $check
            }
        }
    )*};
}
adams! {
    Adam |this| Ok(());
    AdamW |this| match this.weight_decay {
        Some(_) => Ok(()),
        None => Err(Error::value("AdamW").expected("a weight_decay").got("none")),
    };
}
