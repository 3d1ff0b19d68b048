//! Layers whose kernel is adapted (`lora_rank`): files hold the kernel with the adaptation added, and nothing of its two
//! matrices; a layer that is read begins with an adaptation of nothing.

use super::arrays::{Stored, bytes};
use super::limits::Limit;
use super::restore::{Placed, Target};
use crate::layers::LayerRef;
use crate::scope::Weight;
use addax_core::{Result, Tensor, Value, element_count};
use serde_json::Value as Json;
use std::borrow::Cow;
use std::sync::Arc;

fn is_adaptation(weight: &Weight) -> bool {
    weight.name.starts_with("lora_")
}

fn is_adapted(weight: &Weight) -> bool {
    weight.name == "kernel" || weight.name == "embeddings"
}

/// The weights of a layer that stand in files, in their order there.
pub(crate) fn kept(layer: &LayerRef) -> Vec<Arc<Weight>> {
    let mut weights = layer.own_weights();
    if weights.iter().any(|w| is_adaptation(w)) {
        weights.retain(|w| !is_adaptation(w));
        weights.sort_by_key(|w| !is_adapted(w));
    }
    weights
}

/// Their values.
pub(crate) fn values(layer: &LayerRef) -> Result<Vec<Value>> {
    let all = layer.own_weights();
    let adaptation: Vec<_> = all.iter().filter(|w| is_adaptation(w)).collect();
    let value = |weight: &Arc<Weight>| match adaptation[..] {
        [a, b] if is_adapted(weight) => {
            let rank = a.shape.last().copied().unwrap_or(1) as f64;
            let alpha = layer.layer().config().get("lora_alpha").and_then(Json::as_f64).unwrap_or(rank);
            let (kernel, a, b) = (weight.value()?, Tensor::from(a.value()?), Tensor::from(b.value()?));
            let more = (a.matmul(&b) * (alpha / rank)).cast(kernel.dtype());
            (Tensor::from(kernel) + more).to_value()
        }
        _ => weight.value(),
    };
    kept(layer).iter().map(value).collect()
}

/// What the matrices of an adaptation become when the layer is read: nothing. No file proves their sizes, so they are
/// bounded.
pub(crate) fn nothing(layer: &LayerRef) -> Result<Vec<Placed<'static>>> {
    let zeros = |weight: Arc<Weight>| {
        let size = element_count(&weight.shape).and_then(|n| n.checked_mul(weight.dtype.size()));
        Limit::INFLATED.check(size.unwrap_or(usize::MAX)).map_err(|e| e.at(&weight.name))?;
        let value = Value::zeros(weight.dtype, &weight.shape);
        let (dtype, numbers) = bytes(&value);
        let array = Stored { shape: weight.shape.clone(), dtype, bytes: Cow::Owned(numbers.to_vec()) };
        Ok(Placed { target: Target::Weight(weight), array })
    };
    layer.own_weights().into_iter().filter(|w| is_adaptation(w)).map(zeros).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layers::{Dense, LayerExt};
    use crate::models::Sequential;
    use crate::training::Model;

    #[test]
    fn the_adaptation_is_added_to_the_kernel_in_files() {
        let dense = Dense::new(2usize).lora_rank(1usize).lora_alpha(3.0).input_shape([2]);
        let model = Model::sequential(Sequential::new().add(dense)).unwrap();
        let layers = model.architecture().layers();
        let layer = &layers[0];
        for weight in layer.own_weights() {
            weight.set(Value::full(weight.dtype, &weight.shape, 2.0)).unwrap();
        }
        let names: Vec<String> = kept(layer).iter().map(|w| w.name.clone()).collect();
        assert_eq!(names, ["kernel", "bias"]);
        assert_eq!(values(layer).unwrap()[0].to_f64(), [14.0; 4]);
        assert_eq!(nothing(layer).unwrap().len(), 2);
    }
}
