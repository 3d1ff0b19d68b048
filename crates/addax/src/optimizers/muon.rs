//! Muon: momentum made orthogonal, for matrices; Adam for the rest (Jordan et al. 2024).

use super::adam::Moments;
use super::{Base, Optimize, Slot, Step, WeightInfo, optimizer_class};
use addax_core::{Error, Result, Tensor};
use regex_lite::Regex;

optimizer_class! {
    /// For matrices `m += g + (μ - 1) m`, `w -= lr · 0.2 √max(rows, columns) · orthogonal(g + μ m)` by Newton-Schulz
    /// steps; vectors, embeddings and what is excluded go Adam's way.
    Muon ["muon"] learning_rate = 0.001 {
        /// Adam's β₁.
        adam_beta_1: f64 = 0.9,
        /// Adam's β₂.
        adam_beta_2: f64 = 0.999,
        /// The decay of weights that go Adam's way.
        adam_weight_decay: Option<f64> = Some(0.004),
        /// Keeps Adam's quotients finite.
        epsilon: f64 = 1e-7,
    } weight_decay = Some(0.004); {} {
        /// Patterns of the paths of weights that go Adam's way.
        exclude_layers: Option<Vec<String>> = None,
        /// Whether embeddings go Adam's way.
        exclude_embeddings: bool = true,
        /// The first coefficient of a Newton-Schulz step.
        muon_a: f64 = 3.4445,
        /// The second.
        muon_b: f64 = -4.775,
        /// The third.
        muon_c: f64 = 2.0315,
        /// Adam's learning rate by Muon's.
        adam_lr_ratio: f64 = 1.0,
        /// How much of the momentum stays.
        momentum: f64 = 0.95,
        /// How many Newton-Schulz steps.
        ns_steps: usize = 5,
        /// Whether the step looks ahead.
        nesterov: bool = true,
        /// The size of the updates; none: as the steps leave it.
        rms_rate: Option<f64> = Some(0.2),
    }
}

impl Muon {
    fn moments(&self) -> Moments {
        let &Muon { adam_beta_1: beta_1, adam_beta_2: beta_2, epsilon, .. } = self;
        Moments { beta_1, beta_2, epsilon, amsgrad: false }
    }

    /// Whether a weight goes Adam's way.
    fn is_adam(&self, weight: &WeightInfo) -> bool {
        let excluded = |pattern: &String| Regex::new(pattern).is_ok_and(|r| r.is_match(&weight.path));
        weight.shape.len() != 2
            || (self.exclude_embeddings && weight.path.to_lowercase().contains("embedding"))
            || self.exclude_layers.iter().flatten().any(excluded)
    }

    /// The nearest orthogonal matrix, roughly.
    fn orthogonal(&self, x: &Tensor) -> Tensor {
        let turn = |x: &Tensor| x.transpose(&[1, 0]);
        let size = |axis: isize| x.dim(axis).known().unwrap_or(0);
        let tall = size(0) > size(1);
        let mut x = if tall { turn(x) } else { x.clone() };
        x = &x / (x.square().sum_all().sqrt() + 1e-7);
        for _ in 0..self.ns_steps {
            let a = x.matmul(&turn(&x));
            let b = &a * self.muon_b + (&a * self.muon_c).matmul(&a);
            x = &x * self.muon_a + b.matmul(&x);
        }
        if tall { turn(&x) } else { x }
    }
}

impl Optimize for Muon {
    fn base(&self) -> Base {
        self.shared_arguments()
    }

    fn slots(&self, weight: &WeightInfo) -> Vec<Vec<Slot>> {
        let mut slots = vec![Slot::zeros("momentum")];
        if self.is_adam(weight) {
            slots.push(Slot::zeros("velocity"));
        }
        vec![slots]
    }

    fn prepare(&self, step: &Step, _: &[Tensor]) -> (Vec<Tensor>, Vec<Tensor>) {
        let rate = &step.learning_rate * self.adam_lr_ratio;
        (vec![rate * self.moments().correction(step)], Vec::new())
    }

    fn update(&self, w: &Tensor, g: &Tensor, slots: &[Tensor], step: &Step) -> (Tensor, Vec<Tensor>) {
        let [m] = slots else { return self.moments().update(w, g, slots, &step.shared[0]) };
        let m = m + (g + m * (self.momentum - 1.0));
        let ahead = if self.nesterov { g + &m * self.momentum } else { m.clone() };
        let mut down = self.orthogonal(&ahead) * &step.learning_rate;
        if let Some(rate) = self.rms_rate {
            let longest = w.shape().dims().iter().filter_map(|d| d.known()).max().unwrap_or(1);
            down = down * (longest as f64).sqrt() * rate;
        }
        (w - down, vec![m])
    }

    fn decay(&self, weight: &WeightInfo) -> Option<f64> {
        if self.is_adam(weight) { self.adam_weight_decay } else { self.weight_decay }
    }

    fn check(&self) -> Result<()> {
        for pattern in self.exclude_layers.iter().flatten() {
            let error = |e| {
                Error::value("exclude_layers").expected("regular expressions").got(format!("{pattern}: {e}"))
            };
            Regex::new(pattern).map_err(error)?;
        }
        if self.ns_steps > 100 {
            return Err(Error::value("ns_steps").expected("at most 100").got(self.ns_steps));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use addax_core::{DType, Value};

    #[test]
    fn singular_values_come_near_one() {
        let x = Tensor::from(Value::new([3, 2], vec![3f32, 0.1, -1.0, 0.4, 0.2, 2.0]).unwrap());
        let o = Muon::new().orthogonal(&x);
        let square = o.transpose(&[1, 0]).matmul(&o).to_value().unwrap().to_f64();
        assert!([square[0], square[3]].iter().all(|s| (0.4..1.5).contains(s)), "{square:?}");
        assert!(square[1].abs() < 0.1, "{square:?}");
    }

    #[test]
    fn patterns_choose_adam() {
        let info = |path: &str, shape: &[usize]| WeightInfo {
            path: path.into(),
            dtype: DType::F32,
            shape: shape.to_vec(),
        };
        let muon = Muon::new().exclude_layers(Some(vec!["^out".to_string()]));
        let adam = |path: &str, shape: &[usize]| muon.is_adam(&info(path, shape));
        assert!(!adam("dense/kernel", &[3, 2]) && adam("dense/bias", &[2]));
        assert!(adam("embedding_1/embeddings", &[3, 2]) && adam("out/kernel", &[3, 2]));
        assert!(Muon::new().exclude_layers(Some(vec!["(".to_string()])).check().is_err());
    }
}
