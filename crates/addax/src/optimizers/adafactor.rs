//! Adafactor: Adam with a row and a column in the place of a matrix of squares (Shazeer and Stern 2018).

use super::{Base, Optimize, Slot, Step, WeightInfo, optimizer};
use addax_core::{DType, Tensor};

optimizer! {
    /// `ρ = min(lr, 1 / √t)`, `α = max(ε₂, rms w) ρ`, `β₂ = 1 - t^decay`; for matrices `r`, `c` are averages of the
    /// squares' row and column means and `v = r c / mean r`; `u = g / √v`, `w -= α u / max(1, rms u / clip)`
    Adafactor ["adafactor"] learning_rate = 0.001 {
        /// The exponent by which the averages become slower.
        beta_2_decay: f64 = -0.8,
        /// Keeps roots and quotients finite.
        epsilon_1: f64 = 1e-30,
        /// The size that a weight counts with at least.
        epsilon_2: f64 = 1e-3,
        /// The size that an update has at most.
        clip_threshold: f64 = 1.0,
        /// Whether the learning rate falls with the steps.
        relative_step: bool = true,
    }
}

fn rms(x: &Tensor) -> Tensor {
    x.square().mean_all().sqrt()
}

impl Optimize for Adafactor {
    fn base(&self) -> Base {
        self.shared_arguments()
    }

    fn slots(&self, weight: &WeightInfo) -> Vec<Vec<Slot>> {
        let velocity = Slot::zeros("velocity");
        // Keras keeps a whole number where there is neither row nor column.
        let none = || Slot::scalar("factor", DType::I32, 0.0);
        vec![match &weight.shape[..] {
            [lead @ .., rows, columns] => {
                let part = |n: &usize| Slot::zeros("factor").shaped([lead, &[*n]].concat());
                vec![part(rows), part(columns), velocity]
            }
            _ => vec![none(), none(), velocity],
        }]
    }

    fn prepare(&self, step: &Step, _: &[Tensor]) -> (Vec<Tensor>, Vec<Tensor>) {
        let rho = step.learning_rate.minimum(&step.number.sqrt().reciprocal());
        let beta = 1.0 - step.number.powf(self.beta_2_decay);
        (vec![rho, beta], Vec::new())
    }

    fn update(&self, w: &Tensor, g: &Tensor, slots: &[Tensor], step: &Step) -> (Tensor, Vec<Tensor>) {
        let (rho, beta) = (&step.shared[0], &step.shared[1]);
        let alpha = rms(w).max_scalar(self.epsilon_2) * rho;
        let square = g.square() + self.epsilon_1;
        let average = |old: &Tensor, x: &Tensor| old * beta + x * (1.0 - beta);
        let rank = w.rank();
        let (r, c, v) = if rank >= 2 {
            let r = average(&slots[0], &square.mean(&[rank - 1]));
            let c = average(&slots[1], &square.mean(&[rank - 2]));
            let share = &r / r.mean(&[rank - 2]).expand_dims(-1);
            let v = share.expand_dims(-1) * c.expand_dims(-2);
            (r, c, v)
        } else {
            (slots[0].clone(), slots[1].clone(), average(&slots[2], &square))
        };
        let u = g / v.sqrt();
        let size = (rms(&u) / self.clip_threshold).max_scalar(1.0);
        (w - u * (alpha / size), vec![r, c, v])
    }
}
