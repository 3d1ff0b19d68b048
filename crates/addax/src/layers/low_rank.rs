//! Low-rank adaptation (Hu et al. 2021): a kernel that is frozen, and a product of two narrow matrices that learns in
//! its place.

use crate::class::Config;
use crate::constraints::Constraint;
use crate::initializers::Initializer;
use crate::regularizers::Regularizer;
use crate::scope::Scope;
use addax_core::{DType, Dim, Error, Result, Tensor};
use serde_json::Value as Json;

/// What a layer says of the adaptation of its kernel.
pub(super) struct LowRank<'a> {
    /// The rank of the product; no adaptation without.
    pub rank: Option<usize>,
    /// How much of the product is added, the rank unless given.
    pub alpha: Option<f64>,
    /// The names of the two matrices.
    pub names: [&'static str; 2],
    pub regularizer: &'a Option<Regularizer>,
    pub constraint: &'a Option<Constraint>,
}

impl LowRank<'_> {
    /// Whether the kernel is frozen.
    pub fn is_on(&self) -> bool {
        self.rank.is_some_and(|r| r > 0)
    }

    /// `kernel + alpha / rank · a · b`. Asks for the two matrices; Keras does so after all other weights.
    pub fn adapt(&self, cx: &mut Scope, kernel: Tensor) -> Result<Tensor> {
        let Some(rank) = self.rank.filter(|_| self.is_on()) else { return Ok(kernel) };
        if self.constraint.is_some() {
            return Err(Error::value("lora_rank").expected("no constraint of the kernel"));
        }
        let mut dims = kernel.check()?.shape().dims().to_vec();
        let last = dims.pop().unwrap_or(Dim::new(1));
        dims.push(rank.into());
        let mut ask = |i: usize, shape: Vec<Dim>, initializer: &str| {
            let weight = cx.weight(self.names[i], shape, &Initializer::from(initializer));
            weight.dtype(DType::F32).regularizer(self.regularizer).get()
        };
        let (a, b) = (ask(0, dims, "he_uniform"), ask(1, vec![rank.into(), last], "zeros"));
        let product = a.matmul(&b) * (self.alpha.unwrap_or(rank as f64) / rank as f64);
        Ok(&kernel + product.cast(kernel.dtype()))
    }
}

/// Keras writes the arguments of an adaptation only where there is one.
pub(super) fn written(config: &mut Config) {
    let Some(rank) = config.get("lora_rank").and_then(Json::as_u64).filter(|r| *r > 0) else {
        config.shift_remove("lora_rank");
        config.shift_remove("lora_alpha");
        return;
    };
    if let Some(alpha) = config.get_mut("lora_alpha").filter(|a| a.is_null()) {
        *alpha = Json::from(rank);
    }
}
